"""Levels without drivers beside the model's own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from promoted_histories import promoted_case

from alignment_lib.forecasting.effects.drivers.panel import build_panel
from alignment_lib.forecasting.effects.engine import forecast_with_drivers
from alignment_lib.forecasting.effects.model import build_design, fit_explained
from alignment_lib.forecasting.effects.pooled import PooledSettings
from alignment_lib.forecasting.effects.standing import Standing, at_reference, last_year, stand_on
from alignment_lib.forecasting.forecast import Forecast
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Calendar

WEEK, KNOWN, AHEAD = Calendar("week"), 130, 13


def jagged_case(seed: int = 1) -> tuple[History, pd.DataFrame, np.ndarray]:
    """A season of single weeks that only last year tells, and a promotion of +50 % beside it."""
    rng = np.random.default_rng(seed)
    grid = WEEK.range(pd.Timestamp("2021-01-04"), KNOWN + AHEAD)
    keys = pd.DataFrame({"product": [f"P{number:02}" for number in range(15)]}, dtype=object)
    profile = np.tile(rng.normal(0, 0.45, (15, 52)), 3)[:, : len(grid)]
    on = (rng.random((15, len(grid))) < 0.1) * 1.0
    mean = rng.uniform(80, 300, (15, 1)) * np.exp(profile + 0.4 * on + rng.normal(0, 0.03, profile.shape))
    drivers = pd.DataFrame(
        {
            "period": np.tile(grid.to_numpy(), 15),
            "product": np.repeat(keys["product"].to_numpy(), len(grid)),
            "deal": on.ravel(),
        }
    )
    sales = np.round(mean)
    return History(WEEK, keys, grid[:KNOWN], sales[:, :KNOWN], "units"), drivers, sales[:, KNOWN:]


def plan_of(history: History, drivers: pd.DataFrame, seed: int = 1) -> Forecast:
    ahead = history.calendar.range(history.periods[-1] + pd.Timedelta(days=7), AHEAD)
    forecast, _ = forecast_with_drivers(
        history, drivers, {"deal": "promotion"}, ahead, holidays=None, seed=seed, draws=20
    )
    return forecast


def test_where_plain_methods_know_the_level_better_they_are_taken_and_effects_stay() -> None:
    history, drivers, actual = jagged_case()
    forecast = plan_of(history, drivers)
    plan = forecast.baseline + forecast.driver_effects["deal"]
    naive = history.values[:, KNOWN - 52 : KNOWN - 52 + AHEAD]
    assert np.abs(plan - actual).sum() < 1.05 * np.abs(naive - actual).sum()
    text = next(notice.text for notice in forecast.notices if notice.code == "driver_model")
    assert "which the backtest found better than its own alone" in text
    beside = forecast.why.groupby("member")["weight"].first()
    assert beside.sum() == pytest.approx(1.0)
    on = drivers["deal"].to_numpy().reshape(15, -1)[:, KNOWN:] > 0
    lift = np.log(plan[on].sum() / forecast.baseline[on].sum())
    assert lift == pytest.approx(0.4, abs=0.12)


def test_the_plan_is_the_same_for_any_seed() -> None:
    history, drivers, _ = jagged_case()
    one, other = (plan_of(history, drivers, seed) for seed in (1, 2027))
    assert np.array_equal(one.baseline, other.baseline)
    assert np.array_equal(one.driver_effects["deal"], other.driver_effects["deal"])


def test_the_history_at_reference_drivers_has_no_promotions_left() -> None:
    case = promoted_case(stores=2, products=2, elasticity=0.0, uplift=0.8)
    design = build_design(build_panel(case.history, case.drivers, case.kinds, case.periods), None)
    clean = at_reference(design, fit_explained(design, PooledSettings())).values
    on = case.drivers["promo"].to_numpy().reshape(4, -1)[:, :120] > 0
    for row in range(4):
        assert np.median(clean[row, on[row]]) == pytest.approx(np.median(clean[row, ~on[row]]), rel=0.12)


def test_last_year_grows_with_the_whole_unit_and_says_nothing_of_what_it_never_saw() -> None:
    year = np.array([[10.0, 20.0, 30.0, 40.0], [np.nan, 5.0, 5.0, 5.0]])
    values = np.concatenate([year, 1.1 * year], axis=1)
    ahead = last_year(values, 5, 4, grown=True)
    assert ahead[0, :4] == pytest.approx(1.1 * year[0] * 1.1**0.75)
    assert ahead[0, 4] == pytest.approx(11.0 * 1.1**1.5)
    assert np.isnan(ahead[1, 0])
    assert np.isnan(last_year(values[:, :3], 2, 4, grown=False)).all()


def test_an_unknown_level_and_a_share_of_nothing_change_nothing() -> None:
    case = promoted_case(stores=2, products=1, horizon=3)
    design = build_design(build_panel(case.history, case.drivers, case.kinds, case.periods), None)
    own, closed = np.full((2, 3), 2.0), np.zeros((2, 3), dtype=bool)
    level = np.array([[np.nan] * 3, [50.0] * 3])
    assert not stand_on(own, level, 0.0, design, closed).any()
    moved = stand_on(own, level, 1.0, design, closed)
    assert not moved[0].any()
    assert np.allclose(own[1] + moved[1], np.log1p(50.0))
    assert str(Standing()) == "own level"
