from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from promoted_histories import Case, common_case, promoted_case

from alignment_lib.forecasting.effects.engine import DriverEffects, forecast_with_drivers
from alignment_lib.forecasting.forecast import Forecast
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Calendar


def forecast_of(case: Case, **options: object) -> tuple[Forecast, DriverEffects]:
    settings: dict[str, object] = {"holidays": "US", "seed": 7, "draws": 40} | options
    return forecast_with_drivers(case.history, case.drivers, case.kinds, case.periods, **settings)  # type: ignore[arg-type]


@functools.cache
def usual() -> tuple[Forecast, DriverEffects]:
    """The forecast of the usual case, for all who only look at it."""
    return forecast_of(promoted_case(), draws=200)


@functools.cache
def usual_quiet() -> Forecast:
    """The same with nothing planned."""
    return forecast_of(quiet(promoted_case()), draws=200)[0]


def plan_of(forecast: Forecast) -> np.ndarray:
    return np.asarray(forecast.baseline + sum(forecast.driver_effects.values()))


def quiet(case: Case) -> Case:
    """The same case with nothing planned and prices at their regular level."""
    drivers = case.drivers.copy()
    ahead = drivers["period"].isin(case.periods)
    drivers.loc[ahead, "promo"], drivers.loc[ahead, "price"] = 0.0, 2.0
    return Case(case.history, drivers, case.kinds, case.periods)


def test_the_plan_follows_the_promotion_calendar() -> None:
    case = promoted_case(stores=5)
    forecast, _ = forecast_of(case)
    on = case.drivers["promo"].to_numpy().reshape(15, -1)[:, 120:] > 0
    gain = forecast.driver_effects["promo"] / forecast.baseline
    assert np.median(gain[on]) == pytest.approx(np.expm1(0.5), abs=0.15)
    assert abs(np.median(gain[~on])) < 0.05


def test_without_anything_planned_the_plan_is_the_baseline() -> None:
    forecast = usual_quiet()
    assert np.allclose(plan_of(forecast), forecast.baseline, atol=1e-9)


def test_the_baseline_is_the_same_whatever_is_planned() -> None:
    assert np.allclose(usual()[0].baseline, usual_quiet().baseline, rtol=1e-9)


def test_the_same_inputs_give_the_same_numbers_on_any_number_of_jobs() -> None:
    one, _ = usual()
    two, _ = forecast_of(promoted_case(), draws=200, jobs=2)
    assert np.array_equal(one.samples, two.samples)
    assert np.array_equal(plan_of(one), plan_of(two))


def test_samples_lie_around_the_baseline() -> None:
    forecast, _ = usual()
    assert forecast.samples.shape == (200, 9, 13)
    assert np.allclose(forecast.samples.mean(axis=0), forecast.baseline, rtol=1e-9)


def test_every_driver_has_its_effects_even_when_it_says_nothing() -> None:
    case = common_case({"a": np.zeros(68), "b": np.ones(68)}, {"a": "promotion", "b": "promotion"})
    forecast, past = forecast_of(case)
    assert set(forecast.driver_effects) == {"a", "b"}
    assert all((effect == 0).all() for effect in forecast.driver_effects.values())
    assert set(past.unused) == {"a", "b"}


@pytest.mark.parametrize(
    "change",
    [
        lambda values: values * 0,
        lambda values: np.where(values > 55, 1.0, 0.0),
        lambda values: np.where(np.arange(values.shape[1]) == 30, -values, values),
        lambda values: np.where(np.arange(values.shape[1]) < 50, np.nan, values),
        lambda values: np.where(np.arange(4)[:, None] == 0, np.nan, values),
    ],
    ids=["nothing sold", "seldom sold", "one return", "new", "one series without sales"],
)
def test_odd_sales_still_give_a_usable_plan(change: object) -> None:
    on = np.zeros(68)
    on[[5, 20, 33, 41, 52, 57, 62]] = 1.0
    case = common_case({"promo": on}, {"promo": "promotion"})
    values = change(case.history.values)  # type: ignore[operator]
    history = History(case.history.calendar, case.history.keys, case.history.periods, values, "units")
    forecast, _ = forecast_of(Case(history, case.drivers, case.kinds, case.periods))
    plan = plan_of(forecast)
    assert np.isfinite(plan).all()
    assert (plan >= -1e-9).all()
    assert np.isfinite(forecast.samples).all()


def test_where_returns_usually_exceed_sales_the_plan_is_finite_and_never_above_what_is_sold() -> None:
    on = np.zeros(68)
    on[[5, 20, 33, 41, 52, 57, 62]] = 1.0
    case = common_case({"promo": on}, {"promo": "promotion"})
    history = replace(case.history, values=case.history.values - 60)
    forecast, _ = forecast_of(replace(case, history=history))
    assert np.isfinite(forecast.samples).all()
    assert plan_of(forecast).max() < 15


@pytest.mark.parametrize(
    ("grain", "known", "horizon"), [("month", 36, 12), ("quarter", 12, 4), ("week", 9, 13)]
)
def test_other_grains_and_short_histories_work(grain: str, known: int, horizon: int) -> None:
    case = promoted_case(known=known, horizon=horizon, calendar=Calendar(grain))  # type: ignore[arg-type]
    forecast, past = forecast_of(case)
    assert plan_of(forecast).shape == (9, horizon)
    assert np.isfinite(plan_of(forecast)).all()
    assert len(past.effects) > 0


def test_one_series_alone_can_be_planned() -> None:
    case = promoted_case(stores=1, products=1)
    keys = case.history.keys[["product"]]
    history = History(case.history.calendar, keys, case.history.periods, case.history.values, "units")
    forecast, past = forecast_of(Case(history, case.drivers.drop(columns="store"), case.kinds, case.periods))
    assert plan_of(forecast).shape == (1, 13)
    assert "cannibalisation_share" not in set(past.effects["effect"])


def test_many_shops_without_products_are_measured_as_one_scope() -> None:
    case = promoted_case(stores=45, products=1, known=70)
    keys = case.history.keys[["store"]]
    history = History(case.history.calendar, keys, case.history.periods, case.history.values, "units")
    _, past = forecast_of(Case(history, case.drivers.drop(columns="product"), case.kinds, case.periods))
    uplift = past.effects[past.effects["effect"] == "uplift"]
    assert uplift["store"].tolist() == [""]
    assert uplift["low"].iloc[0] < 0.5 < uplift["high"].iloc[0]


def test_the_choice_of_model_is_told_with_its_backtest_error() -> None:
    forecast, past = usual()
    texts = [notice.text for notice in forecast.notices if notice.code == "driver_model"]
    assert len(texts) == 1
    assert texts[0].startswith("Model with drivers: ")
    chosen = past.backtest.groupby("stage")["chosen"].sum()
    assert chosen.to_dict() == {
        "explained member": 1, "level": 1, "level beside": 1, "mixture": 1, "yardstick": 0,
    }  # fmt: skip
    assert "(seasonal naive " in texts[0]
    assert forecast.why["backtest_error"].notna().all()
    assert (forecast.why["backtest_error"] < forecast.why["naive_error"]).mean() > 0.9
    weights = forecast.why.groupby(["store", "product"])["weight"].sum()
    assert np.allclose(weights, 1.0)


def test_a_driver_without_a_future_keeps_the_plan_at_its_reference() -> None:
    case = promoted_case()
    drivers = case.drivers[~case.drivers["period"].isin(case.periods)]
    forecast, _ = forecast_of(Case(case.history, pd.DataFrame(drivers), case.kinds, case.periods))
    assert np.allclose(plan_of(forecast), forecast.baseline)
    assert sum(notice.code == "driver_future" for notice in forecast.notices) == 2
