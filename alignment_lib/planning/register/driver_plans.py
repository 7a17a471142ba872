"""What the driver calendar holds in the scope and dates of a claim, and what stood before."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.register.assumptions import Assumption

__all__ = ["calendar_change", "calendar_strength", "last_level"]

_REGULAR_PERIODS = 13
_REGULAR_SHARE = 0.9


def _inside(table: pd.DataFrame, row: Assumption) -> pd.DataFrame:
    """Rows of the calendar that speak of the claim's scope; a blank dimension speaks of everything."""
    match = np.ones(len(table), dtype=bool)
    for name in (name for name in row.scope if name in table):
        values = table[name].astype(object)
        match &= (values.isna() | values.isin([row.scope[name], ""])).to_numpy()
    return table[match]


def _dated(grid: PlanGrid, table: pd.DataFrame, row: Assumption) -> np.ndarray:
    first = grid.calendar.floor(pd.DatetimeIndex([row.start]))[0]
    return np.asarray((table["period"] >= first) & (table["period"] <= row.end))


def calendar_strength(grid: PlanGrid, row: Assumption, drivers: pd.DataFrame | None, name: str) -> float:
    """Mean strength of a promotion where the calendar has it on in scope and dates; NaN where it is not."""
    if drivers is None or name not in drivers:
        return float("nan")
    table = _inside(drivers, row)
    values = table.loc[_dated(grid, table, row), name].to_numpy(dtype=float)
    on = values[np.isfinite(values) & (values > 0)]
    return float(on.mean()) if len(on) else float("nan")


def calendar_change(grid: PlanGrid, row: Assumption, drivers: pd.DataFrame | None, name: str) -> float:
    """Log change of the regular price in the claim's dates against before; NaN where unknown.

    The regular price is the 90 % point, before the claim of the last thirteen known periods, so that cuts of
    a few weeks do not count; the change is the mean over the products the calendar prices.
    """
    if drivers is None or name not in drivers:
        return float("nan")
    table = _inside(drivers, row)
    table = table[(table[name] > 0).to_numpy()]
    names = [dimension for dimension in grid.dimensions if dimension in table]
    keys = table[names].astype(str).agg("\x1f".join, axis=1) if names else pd.Series("", index=table.index)
    first = grid.calendar.floor(pd.DatetimeIndex([row.start]))[0]
    changes = []
    for _, part in table.groupby(keys.to_numpy(), sort=True):
        before = part[(part["period"] < first).to_numpy()].sort_values("period")[name].tail(_REGULAR_PERIODS)
        during = part.loc[_dated(grid, part, row), name]
        if len(before) and len(during):
            regular, now = float(before.quantile(_REGULAR_SHARE)), float(during.quantile(_REGULAR_SHARE))
            changes.append(float(np.log(now / regular)))
    return float(np.mean(changes)) if changes else float("nan")


def last_level(drivers: pd.DataFrame | None, name: str, periods: int) -> float:
    """Mean of an indicator over its last known year."""
    if drivers is None or name not in drivers:
        return float("nan")
    by_period = drivers.groupby("period")[name].mean().dropna()
    return float(by_period.tail(periods).mean()) if len(by_period) else float("nan")
