"""Natural scales of drivers, and the reach of planned values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from promoted_histories import common_case

from alignment_lib.forecasting.effects.drivers.panel import build_panel
from alignment_lib.forecasting.effects.drivers.scales import hold_within_reach, natural_scale
from alignment_lib.forecasting.effects.engine import forecast_with_drivers

WEEKS = pd.date_range("2024-01-01", periods=6, freq="7D")


def scaled(values: list[float], kind: str = "promotion") -> list[float]:
    table = pd.DataFrame({"period": WEEKS[: len(values)], "x": values})
    later = WEEKS[-1] + pd.Timedelta(days=7)
    return natural_scale(table, {"x": kind}, later)[0]["x"].tolist()


@pytest.mark.parametrize("values", [[0.0, 1.0, 1.0], [0.1, 0.5, 0.0], [0.01, 0.9, 0.01], [10.0, 20.0, 30.0]])
def test_flags_depths_and_sizes_that_are_alike_keep_their_scale(values: list[float]) -> None:
    assert scaled(values) == values


def test_money_of_very_different_sizes_counts_by_its_logarithm_whatever_the_currency() -> None:
    dollars = scaled([0.0, 100.0, 200.0, 50_000.0])
    assert dollars == pytest.approx(np.log1p([0.0, 0.5, 1.0, 250.0]).tolist())
    assert scaled([0.0, 1e5, 2e5, 5e7]) == pytest.approx(dollars)


def test_other_kinds_and_blank_cells_are_left_alone() -> None:
    assert scaled([1.0, 1e6], "market") == [1.0, 1e6]
    assert np.isnan(scaled([1.0, 1.0, 1e6, float("nan")])[3])


def test_scales_come_from_the_past_alone() -> None:
    table = pd.DataFrame({"period": WEEKS[:4], "x": [1.0, 1.0, 1.0, 1e9]})
    assert natural_scale(table, {"x": "promotion"}, WEEKS[3])[0] is table


@given(
    past=st.lists(st.floats(0, 1e9), min_size=1, max_size=8),
    ahead=st.lists(st.floats(0, 1e300), min_size=1, max_size=8),
)
def test_what_is_planned_stays_within_reach_and_what_is_within_it_unchanged(
    past: list[float], ahead: list[float]
) -> None:
    values = np.array([[*past, *ahead]])
    held, notices = hold_within_reach("x", "promotion", values, len(past))
    low, high = 2 * min(past) - max(past), 2 * max(past) - min(past)
    assert held[0, : len(past)].tolist() == past
    for given_value, result in zip(ahead, held[0, len(past) :], strict=True):
        assert result == pytest.approx(min(max(given_value, low), high), abs=1e-6, rel=1e-6)
    assert bool(notices) == bool((held != values).any())


def test_a_price_of_one_cent_in_the_calendar_is_no_hundredfold_sale() -> None:
    prices = np.full(68, 2.0)
    prices[5::9] = 1.6
    prices[61:] = 0.02
    case = common_case({"price": prices}, {"price": "price"})
    panel = build_panel(case.history, case.drivers, case.kinds, case.periods)
    assert "driver_beyond" in {notice.code for notice in panel.notices}
    assert panel.drivers["price"][:, 60:].min() > 1.2


@pytest.mark.parametrize("wild", [1e6, 1e30, 1e300])
def test_no_driver_however_wild_brings_more_than_a_hundredfold(wild: float) -> None:
    spend = np.tile([1.0, 3.0, 2.0, 5.0], 17)
    spend[60:] = wild
    case = common_case({"spend": spend}, {"spend": "market"})
    forecast, _ = forecast_with_drivers(
        case.history, case.drivers, case.kinds, case.periods, holidays=None, seed=1, draws=10
    )
    plan = forecast.baseline + forecast.driver_effects["spend"]
    assert np.isfinite(plan).all()
    assert (plan <= 100 * (forecast.baseline + 1)).all()
