from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from promoted_histories import WEEK, store_keys

from alignment_lib.forecasting.effects.engine import forecast_with_drivers
from alignment_lib.forecasting.forecast import Forecast
from alignment_lib.forecasting.past.history import History

HORIZON = 13


def seasonal_sales(known: int, weeks: int, *, seed: int = 4, ramp: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """Three stores by four products with one season; the last product starts `weeks` before the wall.

    Returns sales with NaN before the start, and expected sales over history and horizon.
    """
    rng = np.random.default_rng(seed)
    grid = WEEK.range(pd.Timestamp("2021-01-04"), known + HORIZON)
    season = 0.35 * np.sin(2 * np.pi * (grid.dayofyear.to_numpy() - 20) / 365.25)
    size = rng.uniform(80, 250, (12, 1))
    mean = size * np.exp(season)[None, :]
    age = np.arange(len(grid)) - (known - weeks)
    mean[3::4] *= np.clip((age + 1) / ramp, 0, 1)
    sales = rng.poisson(mean).astype(float)
    sales[3::4, : known - weeks] = np.nan
    return sales, mean


def forecast_of(sales: np.ndarray, known: int) -> Forecast:
    rng = np.random.default_rng(8)
    grid = WEEK.range(pd.Timestamp("2021-01-04"), known + HORIZON)
    keys = store_keys(3, 4)
    drivers = pd.DataFrame({"period": grid, "promo": (rng.random(len(grid)) < 0.1).astype(float)})
    drivers.loc[drivers["period"] >= grid[known], "promo"] = 0.0
    history = History(WEEK, keys, grid[:known], sales[:, :known], "units")
    forecast, _ = forecast_with_drivers(
        history, drivers, {"promo": "promotion"}, grid[known:], holidays=None, seed=1, draws=10
    )
    return forecast


@pytest.mark.parametrize(
    ("weeks", "known"), [(16, 130), (16, 156), (30, 143), (51, 130), (51, 156), (70, 143)]
)
def test_a_new_product_keeps_its_level_and_takes_its_siblings_season(weeks: int, known: int) -> None:
    sales, mean = seasonal_sales(known, weeks)
    forecast = forecast_of(sales, known)
    ratio = forecast.baseline[3::4].sum() / mean[3::4, known:].sum()
    room = 0.22 if weeks < 20 else 0.12
    assert 1 - room < ratio < 1 + room


@pytest.mark.parametrize("weeks", [4, 8])
def test_a_product_still_growing_is_planned_between_its_last_weeks_and_its_later_size(weeks: int) -> None:
    sales, mean = seasonal_sales(143, weeks)
    forecast = forecast_of(sales, 143)
    last = np.nanmean(sales[3::4, 143 - min(weeks, 4) : 143]) * HORIZON * 3
    planned = forecast.baseline[3::4].sum()
    assert 0.7 * last < planned < 1.2 * mean[3::4, 143:].sum()


def test_forty_weeks_of_everything_hold_the_level_and_make_up_no_season() -> None:
    sales, _ = seasonal_sales(40, 40, ramp=1)
    forecast = forecast_of(sales[:, : 40 + HORIZON], 40)
    recent = np.nansum(sales[:, 36:40]) / 4 * HORIZON
    assert 0.9 < forecast.baseline.sum() / recent < 1.1
    path = forecast.baseline.sum(axis=0)
    assert path.max() / path.min() < 1.1


def test_the_season_of_old_products_is_not_bent_by_a_launch_beside_them() -> None:
    sales, mean = seasonal_sales(143, 30)
    with_launch = forecast_of(sales, 143).baseline[:3].sum()
    assert with_launch == pytest.approx(mean[:3, 143:].sum(), rel=0.06)
