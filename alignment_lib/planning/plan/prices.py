"""Prices over the horizon: from the price calendar where it speaks, else what is expected."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.drivers.panel import grid_drivers
from alignment_lib.forecasting.effects.drivers.references import regular_price
from alignment_lib.planning.plan.grid import PlanGrid

__all__ = ["price_grid", "regular_prices"]


def regular_prices(
    grid: PlanGrid, drivers: pd.DataFrame | None, kinds: Mapping[str, str], past: pd.DatetimeIndex
) -> np.ndarray | None:
    """What each series cost without a deal when its price was last known, shape (series,).

    The same reference as the forecast's: the high quantile of the last quarter's list prices, which steps
    over deals.

    Parameters
    ----------
    grid : PlanGrid
        Gives series and calendar.
    drivers, kinds
        As for `price_grid`.
    past : DatetimeIndex
        Periods of the history.

    Returns
    -------
    ndarray or None
        NaN where the calendar named no price in the history's last quarter; None without a price calendar.
    """
    column = next((name for name, kind in kinds.items() if kind == "price"), None)
    if drivers is None or column is None:
        return None
    season = grid.calendar.season
    recent = past[-max(3, round(season / 4)) :]
    values = grid_drivers(grid.keys, drivers, [column], recent)[0][column]
    prices = pd.DataFrame(np.where(values > 0, values, np.nan).T).ffill().bfill().to_numpy().T
    known = np.isfinite(prices).all(axis=1) & (prices.shape[1] > 0)
    result = np.full(len(prices), np.nan)
    if known.any():
        result[known] = regular_price(np.ascontiguousarray(prices[known]), season)[:, -1]
    return result


def price_grid(
    grid: PlanGrid, drivers: pd.DataFrame | None, kinds: Mapping[str, str], held: np.ndarray | None
) -> np.ndarray | None:
    """Price of every cell.

    Parameters
    ----------
    grid : PlanGrid
        Gives series and periods.
    drivers : DataFrame or None
        Canonical `drivers` table; dimensions may be absent or blank, meaning all.
    kinds : mapping of str to str
        Kind of every driver column; the first of kind ``price`` is the price.
    held : ndarray or None, shape (series, periods)
        What to use where the calendar is silent.
    """
    column = next((name for name, kind in kinds.items() if kind == "price"), None)
    if drivers is None or column is None:
        return held
    result = np.full(grid.baseline.shape, np.nan) if held is None else held.copy()
    here = drivers[drivers["period"].isin(grid.periods) & drivers[column].notna()]
    named = [name for name in grid.dimensions if name in here.columns]
    for blank, part in _by_blank(here, named):
        keys = [name for name in named if name not in blank]
        left = grid.keys[keys].astype(str).assign(series=np.arange(len(grid.keys)), one=1)
        right = part[[*keys, "period", column]].astype(dict.fromkeys(keys, str)).assign(one=1)
        match = left.merge(right, on=[*keys, "one"])
        result[match["series"], grid.periods.get_indexer(pd.DatetimeIndex(match["period"]))] = match[column]
    return result


def _by_blank(rows: pd.DataFrame, names: list[str]) -> list[tuple[tuple[str, ...], pd.DataFrame]]:
    """Rows grouped by which dimensions they leave blank, broadest statement first."""
    if not len(rows):
        return []
    blank = pd.Series([()] * len(rows), index=rows.index, dtype=object)
    for name in names:
        empty = rows[name].astype(str).isin(["", "nan"])
        blank = pd.Series(
            [(*found, name) if flag else found for found, flag in zip(blank, empty, strict=True)],
            index=rows.index,
            dtype=object,
        )
    return [(key, rows[blank == key]) for key in sorted(set(blank), key=lambda key: (-len(key), key))]
