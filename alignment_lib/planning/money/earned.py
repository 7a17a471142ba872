"""What sold units cost: goods by the costs table, and funding of the actions that ran."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.planning.money.costs import MoneyGrid
from alignment_lib.planning.money.plan_money import spread_runs
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.timing import period_weights

__all__ = ["cost_of_sold"]


def cost_of_sold(
    money: MoneyGrid,
    keys: pd.DataFrame,
    periods: pd.DatetimeIndex,
    calendar: Calendar,
    units: np.ndarray,
    register: Iterable[Assumption],
) -> tuple[np.ndarray, np.ndarray]:
    """Cost of the goods and our funding, shape (series, periods) each; NaN where no cost is known.

    Parameters
    ----------
    money : MoneyGrid
        Costs of these series and periods, and which promotions ran.
    keys, periods, calendar
        What `units` are of.
    units : ndarray, shape (series, periods)
        As sold.
    register : iterable of Assumption
        Accepted rows ran; what others would have been funded with was not spent.
    """
    funding = np.zeros(units.shape)
    for one in (one for one in money.costs.funding if one.is_ours):
        if one.pays_for in money.running:
            on = money.running[one.pays_for] & (one.amount > 0)
            funding += one.amount * (on * units if one.per_unit else spread_runs(on, units))
        for row in register:
            if row.id == one.pays_for and row.status == "accepted":
                paid = _paid_for(row, keys, periods, calendar, units, per_unit=one.per_unit)
                funding += one.amount * paid
    cost = np.where(units == 0, 0.0, units * money.costs.unit_cost)
    return cost, np.where(np.isfinite(cost), funding, np.nan)


def _paid_for(
    row: Assumption,
    keys: pd.DataFrame,
    periods: pd.DatetimeIndex,
    calendar: Calendar,
    units: np.ndarray,
    *,
    per_unit: bool,
) -> np.ndarray:
    """Units, or shares of one action, that a funding of a claim paid for."""
    inside = np.ones(len(keys), dtype=bool)
    for name, value in row.scope.items():
        inside &= (keys[name].astype(str) == value).to_numpy()
    cover = period_weights(calendar, periods, row.start, row.end, "step")
    if per_unit:
        return np.where(inside[:, None], units * cover, 0.0)
    days = (calendar.ends(periods) - periods).days.to_numpy() * cover
    size = np.where(inside[:, None], np.maximum(units, 0.0), 0.0)
    size = np.where(size.sum(axis=0) > 0, size, inside[:, None])
    total = np.maximum(size.sum(axis=0), 1e-12)
    return np.asarray(size / total * days / ((row.end - row.start).days + 1))
