from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from promoted_histories import WEEK, store_keys

from alignment_lib.forecasting.effects.drivers.under_way import growth_to_come
from alignment_lib.forecasting.effects.engine import forecast_with_drivers
from alignment_lib.forecasting.forecast import Forecast
from alignment_lib.forecasting.past.history import History

KNOWN, HORIZON, AGE = 130, 13, 4
LATEST = slice(3, None, 4)
"""The fourth product of each of three stores: four weeks old."""


def launched_sales(shape: np.ndarray | None, others: int) -> tuple[np.ndarray, np.ndarray]:
    """Three stores by four products; the last starts four weeks before the wall, `others` launches before.

    `shape` gives sales by age as a share of the later size; without it nothing happens after a launch.
    Returns sales with NaN before a start, and the mean over history and horizon.
    """
    rng = np.random.default_rng(5)
    mean = np.repeat(rng.uniform(80, 250, (12, 1)), KNOWN + HORIZON, axis=1)
    sales = rng.poisson(mean).astype(float)
    starts = {3: KNOWN - AGE} | {1 + place: 30 + 20 * place for place in range(others)}
    for product, start in starts.items():
        age = np.arange(KNOWN + HORIZON) - start
        its = np.ones(len(age)) if shape is None else shape[np.clip(age, 0, len(shape) - 1)]
        mean[product::4] *= its
        sales[product::4] = rng.poisson(mean[product::4])
        sales[product::4, :start] = np.nan
    return sales, mean


def forecast_of(sales: np.ndarray, draws: int = 10) -> Forecast:
    grid = WEEK.range(pd.Timestamp("2021-01-04"), KNOWN + HORIZON)
    on = (np.random.default_rng(8).random(len(grid)) < 0.1) & (grid < grid[KNOWN])
    drivers = pd.DataFrame({"period": grid, "promo": on.astype(float)})
    history = History(WEEK, store_keys(3, 4), grid[:KNOWN], sales[:, :KNOWN], "units")
    forecast, _ = forecast_with_drivers(
        history, drivers, {"promo": "promotion"}, grid[KNOWN:], holidays=None, seed=1, draws=draws
    )
    return forecast


def codes(forecast: Forecast) -> dict[str, int]:
    return {notice.code: notice.count for notice in forecast.notices}


CLIMB = np.clip((np.arange(30) + 4) / 24, 0, 1)
RUSH = 1 + 1.5 * np.exp(-np.arange(40) / 5)


def test_of_one_earlier_launch_a_third_of_what_it_did_is_taken_worked_by_hand() -> None:
    residual = np.zeros((3, 120))
    residual[1, :60], residual[2, :117] = np.nan, np.nan
    residual[1, 65:] = 0.9
    growth = growth_to_come(residual, np.zeros((3, 120)), np.arange(3), 52, 20)
    assert growth.young.tolist() == [False, False, True]
    assert growth.earlier.tolist() == [0, 0, 1]
    assert growth.values[2, 10] == pytest.approx(0.3)
    assert (growth.values[:2] == 0).all()


def test_a_start_is_carried_up_where_earlier_launches_climbed() -> None:
    sales, mean = launched_sales(CLIMB, others=2)
    forecast = forecast_of(sales)
    last = np.nanmean(sales[LATEST, KNOWN - AGE : KNOWN]) * 3 * HORIZON
    assert 1.3 * last < forecast.baseline[LATEST].sum() < mean[LATEST, KNOWN:].sum()
    assert codes(forecast)["launch_under_way"] == 3


def test_a_first_rush_is_not_carried_on_where_earlier_launches_fell_back() -> None:
    sales, mean = launched_sales(RUSH, others=2)
    forecast = forecast_of(sales)
    last = np.nanmean(sales[LATEST, KNOWN - AGE : KNOWN]) * 3 * HORIZON
    assert mean[LATEST, KNOWN:].sum() < 1.1 * forecast.baseline[LATEST].sum() < last


def test_where_earlier_launches_stayed_a_start_stays() -> None:
    sales, mean = launched_sales(None, others=2)
    planned = forecast_of(sales).baseline[LATEST].sum()
    assert planned == pytest.approx(mean[LATEST, KNOWN:].sum(), rel=0.08)


def test_a_first_launch_is_held_with_the_band_of_a_new_product_and_said_to_be_unknown() -> None:
    sales, mean = launched_sales(None, others=0)
    forecast = forecast_of(sales, draws=300)
    assert codes(forecast)["launch_unknown"] == 3
    assert forecast.baseline[LATEST].sum() == pytest.approx(mean[LATEST, KNOWN:].sum(), rel=0.08)
    spread = np.log(forecast.samples / forecast.baseline).std(axis=(0, 2))
    assert spread[LATEST].mean() > 0.3 > 2 * spread[0:1].mean()


def test_a_product_that_came_whole_is_not_set_beside_new_places_of_old_products() -> None:
    residual = np.zeros((4, 120))
    residual[1, :60], residual[3, :117] = np.nan, np.nan
    residual[1, 65:] = 0.9
    growth = growth_to_come(residual, np.zeros((4, 120)), np.array([0, 0, 1, 2]), 52, 20)
    assert growth.earlier.tolist() == [0, 0, 0, 0]
    assert (growth.values == 0).all()
