"""What came true where the effect methods have no estimate: actual less the plan without the claim."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.review.outcomes import measure_outcomes, outcomes_from_events, outcomes_from_prices

MONTHS = Calendar("month")
JULY, AUGUST = pd.Timestamp("2025-07-01"), pd.Timestamp("2025-08-01")


def _claim(claim_id: str, expected: float = 30.0, unit: str = "percent", **values: Any) -> Assumption:
    fields = {
        "id": claim_id,
        "kind": "promotion",
        "title": "",
        "owner": "brand marketing",
        "function": "marketing",
    }
    fields |= {"start": JULY, "end": pd.Timestamp("2025-07-31"), "unit": unit, "expected": expected}
    return Assumption(**(fields | values))  # type: ignore[arg-type]


def _plan() -> pd.DataFrame:
    """Two series and months; the plan is the baseline of 100 and, in July, the claims' effects on A."""
    rows = [("A", JULY, 130.0), ("A", AUGUST, 100.0), ("B", JULY, 100.0), ("B", AUGUST, 100.0)]
    frame = pd.DataFrame(rows, columns=["brand", "period", "plan"])
    return frame.assign(
        scenario="as_proposed", baseline=100.0, p10=frame["plan"] - 12.816, p90=frame["plan"] + 12.816
    )


def _bridge(*effects: tuple[str, float]) -> pd.DataFrame:
    rows = [("as_proposed", name, JULY, "A", effect) for name, effect in effects]
    return pd.DataFrame(rows, columns=["scenario", "assumption", "period", "brand", "effect"])


def _actual(july_a: float) -> pd.DataFrame:
    rows = [("A", JULY, july_a), ("A", AUGUST, 100.0), ("B", JULY, 100.0), ("B", AUGUST, 100.0)]
    return pd.DataFrame(rows, columns=["brand", "period", "value"])


def _measure(
    claims: list[Assumption], bridge: pd.DataFrame, july_a: float = 110.0
) -> tuple[pd.DataFrame, Any]:
    return measure_outcomes("2025Q3", claims, _plan(), bridge, _actual(july_a), ["brand"], MONTHS)


def test_the_outcome_by_hand() -> None:
    # Planned 130 of which 30 are the claim's; 110 sold: 110 - (130 - 30) = 10, a tenth of the baseline.
    # The band from 10 % to 90 % is 25.63 wide: a standard deviation of 10, ten points of the baseline.
    table, notices = _measure([_claim("A1", scope={"brand": "A"})], _bridge(("A1", 30.0)))
    row = table.iloc[0]
    assert row["actual"] == pytest.approx(10.0)
    assert row["standard_error"] == pytest.approx(10.0, rel=1e-4)
    assert row["sales_per_unit"] == pytest.approx(1.0)
    assert (row["method"], row["shared_with"]) == ("plan without the claim", "")
    assert notices == ()


def test_a_claim_that_shares_its_cells_says_so_and_is_less_sure() -> None:
    # The other claim's 20 may be half wrong: sqrt(10^2 + 10^2).
    table, _ = _measure(
        [_claim("A1", scope={"brand": "A"})], _bridge(("A1", 10.0), ("A2", 20.0), ("driver:deal", 5.0))
    )
    assert table.iloc[0]["shared_with"] == "A2"
    assert table.iloc[0]["standard_error"] == pytest.approx(2**0.5 * 10, rel=1e-4)


def test_a_claim_in_units_comes_out_in_units() -> None:
    table, _ = _measure([_claim("A1", 30.0, "units", scope={"brand": "A"})], _bridge(("A1", 30.0)))
    assert table.iloc[0]["actual"] == pytest.approx(10.0)


@pytest.mark.parametrize(("unit", "expected"), [("spend", 6000.0), ("percent", 50.0)])
def test_a_budget_comes_out_as_the_money_that_would_have_brought_it(unit: str, expected: float) -> None:
    # 30 were to come of it and 10 came: a third of the money, whatever share of sales that is.
    claim = _claim("B1", expected, unit, kind="budget", scope={"brand": "A"})
    table, _ = _measure([claim], _bridge(("B1", 30.0)))
    assert table.iloc[0]["actual"] == pytest.approx(expected / 3.0)


def test_open_claims_drafts_and_empty_scopes_are_counted_apart() -> None:
    claims = [
        _claim("A1", scope={"brand": "A"}, end=pd.Timestamp("2025-12-31")),
        _claim("A2", scope={"brand": "Z"}),
        _claim("A3", status="draft"),
    ]
    table, notices = _measure(claims, _bridge(("A1", 30.0)))
    assert len(table) == 0
    assert [(notice.code, notice.count) for notice in notices] == [
        ("claims_still_open", 1),
        ("claims_without_sales", 1),
    ]


def test_estimated_events_in_scope_and_dates_are_added_up() -> None:
    # Two events of A in July: 30 and 10 on baselines of 50 and 50: +40 %, error sqrt(3^2 + 4^2) = 5 points.
    rows = [("A", JULY, 30.0, 50.0, 3.0), ("A", pd.Timestamp("2025-07-15"), 10.0, 50.0, 4.0)]
    rows += [("A", AUGUST, 99.0, 50.0, 1.0), ("B", JULY, 99.0, 50.0, 1.0)]
    events = pd.DataFrame(rows, columns=["brand", "start", "effect", "baseline", "standard_error"])
    claims = [
        _claim("A1", scope={"brand": "A"}),
        _claim("A2", kind="one_off"),
        _claim("A3", scope={"brand": "Z"}),
    ]
    table = outcomes_from_events("2025Q3", claims, events, ["brand"])
    assert table[["assumption", "actual", "standard_error", "method"]].to_numpy().tolist() == [
        ["A1", 40.0, 5.0, "estimated event"]
    ]


def test_a_claim_meets_the_events_of_its_own_mechanic_only() -> None:
    rows = [("A", JULY, 30.0, 100.0, 3.0, "coupon"), ("A", JULY, 50.0, 100.0, 4.0, "feature")]
    events = pd.DataFrame(rows, columns=["brand", "start", "effect", "baseline", "standard_error", "driver"])
    claims = [_claim("A1", scope={"brand": "A"}), _claim("A2", scope={"brand": "A"})]
    table = outcomes_from_events("2025Q3", claims, events, ["brand"], {"A1": "coupon", "A2": "flyer"})
    # A2's mechanic is no driver: both events are taken, 80 on 200.
    assert table["actual"].tolist() == [30.0, 40.0]


def test_a_price_change_comes_true_by_the_measured_elasticity() -> None:
    effects = pd.DataFrame({"brand": ["", "A"], "estimate": [-1.0, -2.0], "standard_error": [0.1, 0.5]})
    claim = _claim("A1", -15.0, kind="price_change", scope={"brand": "A"})
    own = _claim("A2", 5.0, kind="price_change", scope={"brand": "A"}, elasticity=-1.3)
    changes = pd.DataFrame({"assumption": ["A1", "A2"], "ratio": [1.05, 1.05]})
    table = outcomes_from_prices("2025Q3", [claim, own], _plan(), effects, changes, ["brand"])
    # 1.05^-2 = 0.907: 9.30 % less; error 90.7 x ln 1.05 x 0.5 = 2.21 points. A2 claims a price, not a volume.
    assert table["assumption"].tolist() == ["A1"]
    row = table.iloc[0]
    assert row["actual"] == pytest.approx(-9.297, abs=1e-3)
    assert row["standard_error"] == pytest.approx(2.2126, abs=1e-3)
    assert (row["sales_per_unit"], row["method"]) == (1.0, "measured elasticity")


def test_a_price_that_did_not_change_or_has_no_elasticity_tells_nothing() -> None:
    claim = _claim("A1", -15.0, kind="price_change", scope={"brand": "A"})
    effects = pd.DataFrame({"brand": ["B"], "estimate": [-2.0], "standard_error": [0.5]})
    for ratio, found in ((1.05, effects), (1.0, effects.assign(brand="A"))):
        changes = pd.DataFrame({"assumption": ["A1"], "ratio": [ratio]})
        assert outcomes_from_prices("2025Q3", [claim], _plan(), found, changes, ["brand"]).empty
