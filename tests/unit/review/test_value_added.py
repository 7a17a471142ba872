"""Value added by hand: each step against the one before, by level and lag, small changes apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.review.value_added import value_added

MONTHS = Calendar("month")
PERIODS = pd.to_datetime(["2025-01-01", "2025-02-01", "2025-04-01"])


def _streams(**values: list[float]) -> pd.DataFrame:
    """One series, two months of the first quarter and one of the second."""
    parts = [
        pd.DataFrame({"round": "2025Q1", "stream": name, "period": PERIODS, "brand": "A", "value": numbers})
        for name, numbers in values.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _actual(*values: float) -> pd.DataFrame:
    return pd.DataFrame({"period": PERIODS, "brand": "A", "value": values})


def _row(table: pd.DataFrame, **wanted: object) -> pd.Series:
    chosen = table
    for name, value in wanted.items():
        chosen = chosen[chosen[name] == value]
    assert len(chosen) == 1
    return chosen.iloc[0]


def test_the_ladder_by_hand() -> None:
    # Actual 100, 100. Naive 80, 130: errors 20 + 30. Baseline 90, 105: 10 + 5. Consensus 100, 120: 0 + 20.
    streams = _streams(naive=[80, 130, 0], baseline=[90, 105, 0], consensus=[100, 120, 0])
    table, notices = value_added(streams, _actual(100, 100, 50), ["brand"], MONTHS)
    where = {"round": "2025Q1", "level": "total", "span": "period", "lag": 1}
    naive, baseline = _row(table, stream="naive", **where), _row(table, stream="baseline", **where)
    consensus = _row(table, stream="consensus", **where)
    assert (naive["error"], naive["wape"], naive["against"]) == (50, 0.25, "")
    assert (baseline["error"], baseline["against"], baseline["value_added"]) == (15, "naive", 35)
    assert (consensus["against"], consensus["value_added"], consensus["bias"]) == ("baseline", -5, 20)
    assert (
        consensus["sentence"]
        == "Consensus was off by 10.0\u202f%, 2.5 percentage points worse than baseline."
    )
    assert notices == ()


def test_a_quarter_s_sum_forgives_what_its_months_do_not() -> None:
    streams = _streams(naive=[80, 130, 0])
    table, _ = value_added(streams, _actual(100, 100, 50), ["brand"], MONTHS)
    row = _row(table, stream="naive", round="2025Q1", level="total", span="quarter", lag=1)
    assert row["error"] == 10


def test_the_lag_counts_quarters_from_the_round_s_first() -> None:
    table, _ = value_added(_streams(naive=[80, 130, 40]), _actual(100, 100, 50), ["brand"], MONTHS)
    assert _row(table, round="2025Q1", level="series", span="period", lag=2)["error"] == 10


def test_rounds_are_pooled_under_a_blank_name() -> None:
    one = _streams(naive=[90, 100, 0])
    two = one.assign(round="2025Q2", value=[110.0, 100.0, 0.0], period=PERIODS)
    table, _ = value_added(pd.concat([one, two]), _actual(100, 100, 50), ["brand"], MONTHS)
    assert _row(table, round="", level="total", span="period", lag=1)["error"] == 20


def test_a_function_that_wrote_nothing_in_one_round_is_no_step_there() -> None:
    # Actual 100, 100. First: baseline off by 20, marketing by 10, consensus by 0. Second, where marketing
    # wrote nothing: baseline off by 30, consensus by 5.
    one = _streams(baseline=[90, 90, 0], marketing=[95, 95, 0], consensus=[100, 100, 0])
    two = _streams(baseline=[70, 100, 0], consensus=[95, 100, 0]).assign(round="2025Q2")
    table, _ = value_added(pd.concat([one, two]), _actual(100, 100, 50), ["brand"], MONTHS)
    where = {"level": "total", "span": "period", "lag": 1}
    alone = _row(table, stream="consensus", round="2025Q2", **where)
    assert (alone["against"], alone["value_added"]) == ("baseline", 25)
    assert table[(table["round"] == "2025Q2") & (table["stream"] == "marketing")].empty
    pooled = {name: _row(table, stream=name, round="", **where) for name in ("marketing", "consensus")}
    assert (pooled["marketing"]["against"], pooled["marketing"]["value_added"]) == ("baseline", 10)
    assert pooled["consensus"]["against"] == "marketing or baseline"
    assert pooled["consensus"]["value_added"] == 10 + 25


def test_small_changes_are_counted_and_costed() -> None:
    # Materiality 5 %: 100 to 102 is small and moves away from 95 by 2; 100 to 120 is not small.
    streams = _streams(baseline=[100, 100, 0], marketing=[102, 120, 0])
    table, _ = value_added(streams, _actual(95, 95, 0), ["brand"], MONTHS, materiality_share=0.05)
    row = _row(table, stream="marketing", round="2025Q1", level="series", span="period", lag=1)
    assert (row["small_changes"], row["small_cost"]) == (1, 2)
    assert np.isnan(
        _row(table, stream="marketing", round="2025Q1", level="total", span="period", lag=1)["small_cost"]
    )


def test_finance_is_set_against_the_baseline() -> None:
    streams = _streams(baseline=[90, 100, 0], marketing=[50, 100, 0], finance=[95, 100, 0])
    table, _ = value_added(streams, _actual(100, 100, 50), ["brand"], MONTHS)
    row = _row(table, stream="finance", round="2025Q1", level="total", span="period", lag=1)
    assert (row["against"], row["value_added"]) == ("baseline", 5)


def test_levels_are_each_their_own_sum() -> None:
    base = _streams(naive=[90, 100, 0])
    other = base.assign(brand="B", value=[110.0, 100.0, 0.0])
    actual = pd.concat([_actual(100, 100, 0), _actual(100, 100, 0).assign(brand="B")])
    table, _ = value_added(
        pd.concat([base, other]).assign(shop="S"), actual.assign(shop="S"), ["shop", "brand"], MONTHS
    )
    where = {"round": "2025Q1", "span": "period", "lag": 1}
    errors = {
        level: _row(table, level=level, **where)["error"] for level in ("total", "shop", "brand", "series")
    }
    assert errors == {"total": 0, "shop": 0, "brand": 20, "series": 20}


@pytest.mark.parametrize("empty", [True, False])
def test_before_any_actual_is_in_it_says_when_the_table_appears(empty: bool) -> None:
    streams = _streams(naive=[1, 2, 3])
    streams = streams.iloc[:0] if empty else streams
    table, notices = value_added(streams, _actual(1, 1, 1).iloc[:0], ["brand"], MONTHS)
    assert len(table) == 0
    assert notices[0].code == "no_closed_round"
    assert "value added appears when" in notices[0].text
