from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from promoted_histories import WEEK, Case, promoted_case

from alignment_lib.forecasting.effects.drivers.lives import (
    find_closed,
    find_ended,
    grown_up,
    launch_terms,
    wave_stiffness,
)
from alignment_lib.forecasting.effects.drivers.screening import steady_promotions
from alignment_lib.forecasting.effects.engine import DriverEffects, forecast_with_drivers
from alignment_lib.forecasting.forecast import Forecast
from alignment_lib.forecasting.past.history import History


def forecast_of(case: Case) -> tuple[Forecast, DriverEffects]:
    return forecast_with_drivers(
        case.history, case.drivers, case.kinds, case.periods, holidays="DE", seed=3, draws=20
    )


def texts(forecast: Forecast, code: str) -> list[str]:
    return [notice.text for notice in forecast.notices if notice.code == code]


def shop_case(*, kind: str = "market", known: int = 110, rows_when_shut: bool = True) -> Case:
    """Eight shops with opening days; one shut for weeks in the history, another in the first four to come."""
    rng = np.random.default_rng(6)
    grid = WEEK.range(pd.Timestamp("2022-01-03"), known + 13)
    days = np.where(rng.random((8, len(grid))) < 0.1, 5.0, 6.0)
    days[0, 60:75] = 0.0
    days[1, known : known + 4] = 0.0
    sales = np.round(rng.uniform(800, 2000, (8, 1)) * days / 6 * np.exp(rng.normal(0, 0.05, days.shape)))
    if not rows_when_shut:
        sales[days == 0] = np.nan
    keys = pd.DataFrame({"shop": [f"S{place}" for place in range(8)]}, dtype=object)
    table = pd.DataFrame(
        {
            "period": np.tile(grid.to_numpy(), 8),
            "shop": np.repeat(keys["shop"].to_numpy(), len(grid)),
            "open_days": days.ravel(),
            "promo": np.tile((rng.random(len(grid)) < 0.4) * 1.0, 8),
        }
    )
    history = History(WEEK, keys, grid[:known], sales[:, :known], "units")
    return Case(history, table, {"open_days": kind, "promo": "promotion"}, grid[known:])


@pytest.mark.parametrize("kind", ["market", "promotion"])
@pytest.mark.parametrize("rows_when_shut", [True, False])
def test_a_closed_shop_sells_nothing_and_its_closing_is_told_as_the_drivers_effect(
    kind: str, rows_when_shut: bool
) -> None:
    forecast, past = forecast_of(shop_case(kind=kind, rows_when_shut=rows_when_shut))
    plan = forecast.baseline + sum(forecast.driver_effects.values())
    assert np.abs(plan[1, :4]).max() < 1e-9
    assert np.allclose(forecast.driver_effects["open_days"][1, :4], -forecast.baseline[1, :4], rtol=0.05)
    assert (forecast.baseline[1] > 500).all()
    assert 0.8 < plan[1, 4:].mean() / plan[1, 4:].max() <= 1.0
    assert texts(forecast, "driver_closes") == [
        "Driver 'open_days' at zero means closed: nothing was sold in such periods (15 in the history). They "
        "are left out of the estimates, and planned at zero."
    ]
    assert (past.cleansed[0, 60:75] == 0).all()


def test_weeks_closed_in_the_past_do_not_lower_the_plan() -> None:
    case = shop_case()
    forecast, _ = forecast_of(case)
    usual = np.median(case.history.values[0, 80:])
    assert forecast.baseline[0].mean() == pytest.approx(usual, rel=0.05)


def test_opening_days_declared_a_promotion_are_read_as_a_market_driver_and_said_so() -> None:
    forecast, _ = forecast_of(shop_case(kind="promotion"))
    assert texts(forecast, "driver_steady") == [
        "Driver 'open_days' is declared a promotion but is on in 98\u202f% of the history, so there is no "
        "time without it to compare with; it is read as a market driver, and its usual value is taken as the "
        "reference."
    ]


def test_a_promotion_that_is_off_often_enough_stays_one() -> None:
    values = np.tile([0.0, 0.5, 1.0, 1.0], (2, 10))
    kinds, notices = steady_promotions({"promo": values}, {"promo": "promotion"}, 40)
    assert kinds == {"promo": "promotion"}
    assert notices == []


def test_zero_is_no_closing_where_sales_go_on() -> None:
    sales = np.full((2, 40), 50.0)
    values = np.tile([0.0, 1.0], (2, 20))
    assert find_closed(sales, {"fair": values}, 40) == ({}, [])


def test_a_product_taken_off_the_driver_calendar_and_silent_for_a_quarter_is_planned_at_zero() -> None:
    case = promoted_case()
    values = case.history.values.copy()
    values[2, 100:] = np.nan
    gone = (case.drivers["store"] == "S0") & (case.drivers["product"] == "P2")
    drivers = case.drivers[~(gone & case.drivers["period"].ge(case.history.periods[100]))]
    history = History(WEEK, case.history.keys, case.history.periods, values, "units")
    forecast, _ = forecast_of(Case(history, pd.DataFrame(drivers), case.kinds, case.periods))
    assert (forecast.baseline[2] == 0).all()
    assert (forecast.baseline[[0, 1, 3]] > 0).all()
    assert texts(forecast, "series_ended") == [
        "1 series has sold nothing for at least 20 periods, and no drivers are given for the periods "
        "planned: it is taken as ended and planned at zero."
    ]
    assert not texts(forecast, "driver_future")
    reasons = forecast.why.loc[forecast.why["reason"] == "no longer sold: zero"]
    assert set(zip(reasons["store"], reasons["product"], strict=True)) == {("S0", "P2")}


def test_a_silent_series_with_drivers_ahead_is_still_planned() -> None:
    case = promoted_case()
    values = case.history.values.copy()
    values[2, 100:] = np.nan
    history = History(WEEK, case.history.keys, case.history.periods, values, "units")
    forecast, _ = forecast_of(Case(history, case.drivers, case.kinds, case.periods))
    assert forecast.baseline[2].mean() == pytest.approx(np.nanmean(values[2]), rel=0.25)


def test_where_drivers_hold_for_all_a_series_ends_after_a_silent_quarter_and_is_asked_about() -> None:
    sales = np.full((3, 80), 10.0)
    sales[0, 20:] = np.nan
    sales[1, 50:] = 0.0
    keys = pd.DataFrame({"shop": ["S0", "S1", "S2"]}, dtype=object)
    history = History(WEEK, keys, WEEK.range(pd.Timestamp("2022-01-03"), 80), sales, "units")
    ended, notices = find_ended(history, {"market": np.ones((3, 90))})
    assert ended.tolist() == [True, True, False]
    assert [(notice.code, notice.count) for notice in notices] == [("ask_ended", 1)]
    assert notices[0].text.startswith("'S1': nothing was sold since 2022-12-19")


def test_launch_terms_take_out_growth_and_leave_what_does_not_follow_age() -> None:
    seen = np.ones((2, 100), dtype=bool)
    seen[1, :60] = False
    terms = launch_terms(seen, 52)
    assert terms.rows.tolist() == [1]
    growth = np.where(seen[1], np.interp(np.arange(100) - 60, [0, 4, 13, 26], [-3, -2, -0.5, 0]), 0.0)
    left = terms.project_off(growth[None, :, None], seen[[1]].astype(float))
    assert np.abs(left).max() < 1e-3
    flags = (np.arange(100) % 7 == 0) * 1.0
    kept = terms.project_off(flags[None, :, None], seen[[1]].astype(float))[0, 60:, 0]
    assert kept @ flags[60:] > 0.7 * flags[60:].sum()


def test_only_the_first_half_year_of_late_starters_is_not_grown_up() -> None:
    seen = np.ones((2, 100), dtype=bool)
    seen[1, :60] = False
    grown = grown_up(seen, 52)
    assert grown[0].all()
    assert np.flatnonzero(grown[1]).tolist() == list(range(86, 100))


def test_waves_are_free_from_two_years_on_and_none_under_one() -> None:
    assert wave_stiffness(np.array([0.9, 2.0, 5.0])).tolist() == [1e6, 1.0, 1.0]
