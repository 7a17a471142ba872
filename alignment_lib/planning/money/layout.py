"""Costs and running promotions laid out on the plan's grid."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.drivers.panel import grid_drivers
from alignment_lib.inputs.workspace import Workspace
from alignment_lib.planning.money.costs import MoneyGrid, lay_out_costs

__all__ = ["lay_out_money", "promotion_columns"]


def promotion_columns(workspace: Workspace) -> list[str]:
    """Columns of the driver calendar that are promotions."""
    drivers = workspace.settings.drivers_by_name
    return [name for name, driver in drivers.items() if driver.kind == "promotion"]


def lay_out_money(workspace: Workspace, keys: pd.DataFrame, periods: pd.DatetimeIndex) -> MoneyGrid | None:
    """What the plan's sales cost, and when the calendar's promotions run; None without costs.

    Parameters
    ----------
    workspace : Workspace
        Cut at the wall: costs and the promotion calendar are intentions and are read past it.
    keys : DataFrame, shape (series, dimensions)
    periods : DatetimeIndex, shape (periods,)
        First days of the open periods.
    """
    table = workspace.tables.get("costs")
    if table is None or not len(table) or not len(periods):
        return None
    calendar = workspace.calendar
    costs = lay_out_costs(table, keys, periods, calendar, workspace.settings.profit)
    drivers, names = workspace.tables.get("drivers"), promotion_columns(workspace)
    paid = [name for name in names if any(one.pays_for == name for one in costs.funding)]
    if drivers is None or not paid:
        return MoneyGrid(costs)
    season = calendar.season
    whole = calendar.between(calendar.shift(periods[0], -season), periods[-1])
    values, _ = grid_drivers(keys, drivers, paid, whole)
    on = {name: np.nan_to_num(values[name]) > 0 for name in paid}
    return MoneyGrid(
        costs,
        {name: runs[:, season:] for name, runs in on.items()},
        {name: runs[:, :season] for name, runs in on.items()},
    )
