from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sales_histories import MONTH

from alignment_lib.forecasting.forecast import Forecast
from alignment_lib.forecasting.overrides import apply_overrides, spread_totals
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.problems import InputError


@dataclass(frozen=True)
class Stated:
    span: str
    value: float
    reason: str = "agreed with the board"
    scope: dict[str, tuple[str, ...]] = field(default_factory=dict)


KEYS = pd.DataFrame({"shop": ["x", "x", "y", "y"], "brand": ["m", "n", "m", "n"]}, dtype=object)
PAST = MONTH.range(pd.Timestamp("2025-01-01"), 13)  # January 2026 has ended
AHEAD = MONTH.range(pd.Timestamp("2026-02-01"), 5)  # to June 2026


@pytest.fixture
def history() -> History:
    return History(MONTH, KEYS, PAST, np.full((4, 13), 10.0), "units")


@pytest.fixture
def forecast() -> Forecast:
    baseline = np.arange(1.0, 21.0).reshape(4, 5)
    samples = np.stack([baseline * 0.5, baseline * 1.5])
    why = KEYS.assign(member="theta", weight=1.0, backtest_error=1.0, naive_error=1.0, reason="default")
    return Forecast(KEYS, AHEAD, baseline, samples, baseline, {"deal": baseline / 10}, why)


def test_a_month_is_set_pro_rata_and_draws_and_drivers_follow(forecast: Forecast, history: History) -> None:
    made = apply_overrides(forecast, history, [Stated("2026-03", 80.0)])
    assert made.baseline[:, 1].tolist() == pytest.approx([80 * v / 38 for v in (2, 7, 12, 17)])
    assert made.samples[:, :, 1].mean(axis=0) == pytest.approx(made.baseline[:, 1])
    assert made.driver_effects["deal"][:, 1] == pytest.approx(made.baseline[:, 1] / 10)
    kept = [0, 2, 3, 4]
    assert np.array_equal(made.baseline[:, kept], forecast.baseline[:, kept])


def test_a_quarter_keeps_the_profile_within_it(forecast: Forecast, history: History) -> None:
    made = apply_overrides(forecast, history, [Stated("2026Q2", 100.0, scope={"shop": ("x",)})])
    inside = made.baseline[:2, 2:]
    assert inside.sum() == pytest.approx(100.0, rel=1e-12)
    assert inside / forecast.baseline[:2, 2:] == pytest.approx(np.full((2, 3), 100 / 39))


def test_what_was_sold_in_a_begun_quarter_is_taken_off_its_total(
    forecast: Forecast, history: History
) -> None:
    made = apply_overrides(forecast, history, [Stated("2026Q1", 100.0)])
    assert made.baseline[:, :2].sum() == pytest.approx(60.0)  # January brought 4 times 10
    notice = next(notice for notice in made.notices if notice.code == "override_begun")
    assert "40 sold" in notice.text


def test_one_period_can_be_named_by_its_first_day(forecast: Forecast, history: History) -> None:
    made = apply_overrides(forecast, history, [Stated("2026-05-01", 8.0, scope={"brand": ("n",)})])
    assert made.baseline[[1, 3], 3].sum() == pytest.approx(8.0)


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(3)), st.floats(20, 1e6), st.floats(1, 10))
def test_nested_and_crossing_overrides_all_hold_in_any_order(
    order: list[int], total: float, part: float
) -> None:
    values = np.arange(1.0, 21.0).reshape(4, 5)
    history = History(MONTH, KEYS, PAST, np.full((4, 13), 10.0), "units")
    forecast = Forecast(KEYS, AHEAD, values, values[None], values)
    stated = [
        Stated("2026Q2", total),
        Stated("2026Q2", part, scope={"shop": ("x",)}),
        Stated("2026-04", part / 4, scope={"brand": ("m",), "shop": ("x",)}),
    ]
    made = apply_overrides(forecast, history, [stated[place] for place in order]).baseline
    assert made[:, 2:].sum() == pytest.approx(total, rel=1e-9)
    assert made[:2, 2:].sum() == pytest.approx(part, rel=1e-9)
    assert made[0, 2] == pytest.approx(part / 4, rel=1e-9)
    assert (made >= 0).all()


def test_overrides_that_contradict_each_other_are_refused(forecast: Forecast, history: History) -> None:
    stated = [
        Stated("2026-03", 80.0),
        Stated("2026-03", 50.0, scope={"shop": ("x",)}),
        Stated("2026-03", 50.0, scope={"shop": ("y",)}),
    ]
    with pytest.raises(InputError, match="an override of 2026-03, everything to 80"):
        apply_overrides(forecast, history, stated)


def test_every_scope_that_fits_no_series_is_named(forecast: Forecast, history: History) -> None:
    stated = [Stated("2026-03", 1.0, scope={"shop": ("z",)}), Stated("2026-03", 1.0, scope={"brand": ("q",)})]
    with pytest.raises(InputError) as caught:
        apply_overrides(forecast, history, stated)
    assert "shop z" in str(caught.value)
    assert "brand q" in str(caught.value)


@pytest.mark.parametrize("span", ["2026", "2027Q1", "2024-01"])
def test_a_span_that_the_horizon_does_not_hold_changes_nothing_and_is_said(
    forecast: Forecast, history: History, span: str
) -> None:
    made = apply_overrides(forecast, history, [Stated(span, 1.0)])
    assert np.array_equal(made.baseline, forecast.baseline)
    assert [notice.code for notice in made.notices] == ["override_unused"]


def test_the_forecast_says_what_was_set_and_why(forecast: Forecast, history: History) -> None:
    made = apply_overrides(forecast, history, [Stated("2026-03", 9.0, scope={"shop": ("y",)})])
    assert made.why["reason"].str.contains("agreed with the board").tolist() == [False, False, True, True]
    assert any("shop y to 9 (agreed with the board)" in notice.text for notice in made.notices)


def test_nothing_is_spread_evenly() -> None:
    everything = np.ones((2, 2), dtype=bool)
    made, unmet = spread_totals(np.zeros((2, 2)), [(everything, 8.0)])
    assert (made.tolist(), unmet) == ([[2.0, 2.0], [2.0, 2.0]], [])
