"""Histories with drivers for the tests of effects, drawn from fixed seeds with known effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Calendar

WEEK = Calendar("week")


@dataclass(frozen=True)
class Case:
    """A history, its drivers and the horizon."""

    history: History
    drivers: pd.DataFrame
    kinds: dict[str, str]
    periods: pd.DatetimeIndex


def store_keys(stores: int, products: int) -> pd.DataFrame:
    """Every product in every store, in sorted order."""
    names = [(f"S{store}", f"P{product}") for store in range(stores) for product in range(products)]
    return pd.DataFrame(names, columns=["store", "product"], dtype=object)


def promoted_case(
    stores: int = 3, products: int = 3, known: int = 120, horizon: int = 13, seed: int = 1,
    *, uplift: float = 0.5, elasticity: float = -2.0, calendar: Calendar = WEEK,
) -> Case:  # fmt: skip
    """Sales with a promotion of known uplift and a price of known elasticity, both drawn per series."""
    rng = np.random.default_rng(seed)
    keys = store_keys(stores, products)
    grid = calendar.range(calendar.floor(pd.DatetimeIndex(["2022-01-05"]))[0], known + horizon)
    shape = (len(keys), len(grid))
    on = (rng.random(shape) < 0.12).astype(float)
    price = np.where(rng.random(shape) < 0.1, 1.6, 2.0)
    size = rng.uniform(60, 300, (len(keys), 1))
    mean = size * np.exp(uplift * on + elasticity * np.log(price / 2.0) + rng.normal(0, 0.05, shape))
    sales = rng.poisson(mean).astype(float)
    table = pd.DataFrame(
        {
            "period": np.tile(grid.to_numpy(), len(keys)),
            "store": np.repeat(keys["store"].to_numpy(), len(grid)),
            "product": np.repeat(keys["product"].to_numpy(), len(grid)),
            "price": price.ravel(),
            "promo": on.ravel(),
        }
    )
    history = History(calendar, keys, grid[:known], sales[:, :known], "units")
    return Case(history, table, {"price": "price", "promo": "promotion"}, grid[known:])


def common_case(
    columns: dict[str, np.ndarray], kinds: dict[str, str], known: int = 60, horizon: int = 8
) -> Case:
    """Four series without any effect, and drivers that hold for all of them."""
    rng = np.random.default_rng(3)
    keys = store_keys(2, 2)
    grid = WEEK.range(pd.Timestamp("2022-01-03"), known + horizon)
    sales = rng.poisson(50, (4, known)).astype(float)
    table = pd.DataFrame({"period": grid, **columns})
    return Case(History(WEEK, keys, grid[:known], sales, "units"), table, kinds, grid[known:])
