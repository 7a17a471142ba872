"""Generated promotion data of two kinds the engine must hold on: a grocery chain and a drugstore chain.

Nothing here is copied from any data set: both are drawn from seeds, with the traits that make such data
hard. Groceries: store by product, price and base price, features, displays and plain price cuts, products
that come and go. Drugstores: one dimension, promotion and school-holiday shares, opening days that fall to
zero, months of refurbishment, German public holidays, no price.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Calendar

__all__ = ["Lookalike", "draw_drugstores", "draw_groceries"]


@dataclass(frozen=True)
class Lookalike:
    """Sales to a wall, drivers past it, and what was sold after it.

    Attributes
    ----------
    history : History
    drivers : DataFrame
    kinds : dict of str to str
    periods : DatetimeIndex
        The horizon.
    actual : ndarray, shape (series, horizon)
        NaN where there is no row.
    holidays : str
    """

    history: History
    drivers: pd.DataFrame
    kinds: dict[str, str]
    periods: pd.DatetimeIndex
    actual: np.ndarray
    holidays: str


def draw_groceries(
    seed: int, *, stores: int = 20, products: int = 15, known: int = 130, horizon: int = 13
) -> Lookalike:
    """Store by product, with prices, base prices, feature, display and plain price cuts."""
    rng = np.random.default_rng(seed)
    calendar = Calendar("week", week_start=2)
    grid = calendar.range(pd.Timestamp("2009-01-14"), known + horizon)
    keys = pd.DataFrame(
        [(f"{s:03}", f"P{p:02}") for s in range(stores) for p in range(products)],
        columns=["store", "product"],
        dtype=object,
    )
    shape = (stores, products, len(grid))
    base = (
        np.exp(rng.normal(1.0, 0.4, products))[None, :, None]
        * np.exp(rng.normal(0, 0.05, shape[:2]))[:, :, None]
    )
    steps = 1 + 0.06 * (np.arange(len(grid)) > rng.integers(20, len(grid), (1, products, 1)))
    base = np.round(base * steps, 2)
    deal = _runs(rng, (1, products, len(grid)), 0.08, 3) & (rng.random(shape) < 0.9)
    depth = np.where(deal, rng.choice([0.1, 0.2, 0.3, 0.4], (1, products, len(grid))), 0.0)
    price = np.round(base * (1 - depth), 2)
    feature = deal & (rng.random((1, products, len(grid))) < 0.4)
    display = deal & (rng.random(shape) < 0.35)
    plain = deal & ~feature & ~display
    size = rng.normal(3.0, 0.8, (1, products, 1)) + rng.normal(0, 0.5, (stores, 1, 1))
    angle = 2 * np.pi * grid.dayofyear.to_numpy() / 365.25
    season = rng.normal(0, 0.15, (1, products, 1)) * np.sin(angle) + rng.normal(
        0, 0.1, (1, products, 1)
    ) * np.cos(angle)
    elasticity = rng.normal(-2.2, 0.5, (1, products, 1))
    gain = {
        "feature": rng.normal(0.5, 0.15, (1, products, 1)),
        "display": rng.normal(0.6, 0.2, (1, products, 1)),
    }
    lift = (
        elasticity * np.log(price / base)
        + 0.6 * elasticity * np.log(base / base.mean(axis=2, keepdims=True))
        + gain["feature"] * feature
        + gain["display"] * display
        - 0.2 * feature * display
    )
    rivals = (lift.sum(axis=1, keepdims=True) - lift) / (products - 1)
    dip = -0.15 * np.roll(lift, 1, axis=2)
    walk = np.cumsum(rng.normal(0, 0.03, shape), axis=2) * 0.5 + np.cumsum(
        rng.normal(0, 0.01, (1, products, len(grid))), axis=2
    )
    noise = rng.normal(0, 0.2, shape) + rng.normal(0, 0.05, (stores, 1, len(grid)))
    mean = np.exp(size + season + lift + dip - 0.4 * rivals + walk + noise)
    sales = rng.poisson(mean).astype(float)
    born = np.where(rng.random((1, products)) < 0.15, rng.integers(30, known - 10, (1, products)), 0)
    died = np.where(rng.random((stores, products)) < 0.03, rng.integers(known // 2, known, shape[:2]), 10**6)
    time = np.arange(len(grid))
    alive = (time >= born[:, :, None]) & (time < died[:, :, None]) & (rng.random(shape) > 0.01)
    sales = np.where(alive, sales, np.nan).reshape(len(keys), -1)
    columns = {"price": price, "base_price": base, "feature": feature, "display": display, "price_cut": plain}
    table = _table(keys, grid, columns, np.isfinite(sales))
    kinds = {"price": "price", "base_price": "price", "feature": "promotion", "display": "promotion",
             "price_cut": "promotion"}  # fmt: skip
    return _cut(calendar, keys, grid, sales, table, kinds, known, "US")


def draw_drugstores(seed: int, *, stores: int = 1115, known: int = 122, horizon: int = 13) -> Lookalike:
    """One dimension; promotion share, school-holiday share and opening days; closed weeks and months."""
    rng = np.random.default_rng(seed)
    calendar = Calendar("week")
    grid = calendar.range(pd.Timestamp("2012-12-31"), known + horizon)
    keys = pd.DataFrame({"store": [f"{s:04}" for s in range(1, stores + 1)]}, dtype=object)
    count = len(grid)
    region = rng.integers(0, 12, stores)
    holiday = _holiday_days(grid)
    open_days = np.repeat(6.0 - holiday[None, :], stores, axis=0)
    sunday = rng.random(stores) < 0.03
    open_days[sunday] += 1
    long_shut = rng.random(stores) < 0.16
    start = rng.integers(60, known, stores)
    time = np.arange(count)
    shut = (
        long_shut[:, None]
        & (time >= start[:, None])
        & (time < start[:, None] + rng.integers(4, 26, stores)[:, None])
    )
    open_days = np.where(shut, 0.0, open_days)
    promotion = np.repeat(((time % 2 == 0) & (rng.random(count) > 0.05))[None, :] * 5.0, stores, axis=0)
    promotion = np.where(open_days > 0, np.minimum(promotion, open_days) / np.maximum(open_days, 1), 0.0)
    schools = np.stack([_school_weeks(rng, grid) for _ in range(12)])[region]
    schools = np.where(open_days > 0, schools, 0.0)
    size = rng.normal(8.6, 0.4, (stores, 1))
    lift = rng.normal(0.42, 0.12, (stores, 1)) * promotion + rng.normal(0.03, 0.03, (stores, 1)) * schools
    angle = 2 * np.pi * grid.dayofyear.to_numpy() / 365.25
    december = np.exp(-0.5 * ((grid.dayofyear.to_numpy() - 352) / 9.0) ** 2)
    season = 0.03 * np.sin(angle) + rng.normal(0.3, 0.12, (stores, 1)) * december
    before = np.append(holiday[1:], 0.0)
    walk = np.cumsum(rng.normal(0, 0.012, (stores, count)), axis=1) + np.cumsum(rng.normal(0, 0.004, count))
    after = rng.normal(0.1, 0.1, (stores, 1)) * (np.cumsum(shut, axis=1) > 0) * ~shut
    log_mean = size + lift + season + 0.05 * before + walk + after + rng.normal(0, 0.06, (stores, count))
    mean = np.exp(log_mean + rng.normal(0, 0.02, count)) * (open_days / 6.0) ** 0.9
    sales = np.round(np.where(open_days > 0, mean, 0.0))
    gone = (rng.random(stores) < 0.1)[:, None] & (time >= 78) & (time < 104)
    sales[gone] = np.nan
    columns = {"promotion": promotion, "school": schools, "open_days": open_days}
    table = _table(keys, grid, columns, np.isfinite(sales))
    kinds = {"promotion": "promotion", "school": "market", "open_days": "market"}
    return _cut(calendar, keys, grid, sales, table, kinds, known, "DE")


def _runs(rng: np.random.Generator, shape: tuple[int, ...], rate: float, length: int) -> np.ndarray:
    """Promotions that start at a rate and last up to `length` periods."""
    start = rng.random(shape) < rate
    on = start.copy()
    for step in range(1, length):
        on[..., step:] |= start[..., :-step] & (rng.random(shape)[..., step:] < 0.5)
    return on


def _holiday_days(grid: pd.DatetimeIndex) -> np.ndarray:
    """Public holidays on a working day or Saturday in each week."""
    import holidays

    days = [day for day in holidays.country_holidays("DE", years=range(2012, 2017)) if day.weekday() < 6]
    place = grid.searchsorted(pd.DatetimeIndex(days), side="right") - 1
    inside = (place >= 0) & (pd.DatetimeIndex(days) < grid[-1] + pd.Timedelta(days=7))
    return np.bincount(place[inside], minlength=len(grid)).astype(float)


def _school_weeks(rng: np.random.Generator, grid: pd.DatetimeIndex) -> np.ndarray:
    """Share of school-free days: summer, autumn, Christmas and Easter, a few weeks apart by region."""
    day = grid.dayofyear.to_numpy()
    shift = int(rng.integers(-20, 20))
    free = (
        (abs(day - 205 - shift) < 21)
        | (abs(day - 290 - shift // 2) < 7)
        | (day > 355)
        | (day < 5)
        | (abs(day - 97) < 8)
    )
    return np.where(free, rng.choice([0.6, 1.0], len(grid)), 0.0)


def _table(
    keys: pd.DataFrame, grid: pd.DatetimeIndex, columns: dict[str, np.ndarray], kept: np.ndarray
) -> pd.DataFrame:
    rows = np.repeat(np.arange(len(keys)), len(grid))
    table = keys.iloc[rows].reset_index(drop=True)
    table.insert(0, "period", np.tile(grid.to_numpy(), len(keys)))
    for name, values in columns.items():
        table[name] = (
            np.broadcast_to(values.reshape(-1, len(grid)), (len(keys), len(grid))).ravel().astype(float)
        )
    return table[kept.ravel()].reset_index(drop=True)


def _cut(
    calendar: Calendar, keys: pd.DataFrame, grid: pd.DatetimeIndex, sales: np.ndarray, table: pd.DataFrame,
    kinds: dict[str, str], known: int, holidays: str,
) -> Lookalike:  # fmt: skip
    some = np.isfinite(sales[:, :known]).any(axis=1)
    history = History(calendar, keys[some].reset_index(drop=True), grid[:known], sales[some, :known], "units")
    return Lookalike(history, table, kinds, grid[known:], sales[some, known:], holidays)
