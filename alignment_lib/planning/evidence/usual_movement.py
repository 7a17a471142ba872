"""How far a figure has moved by itself: the yardstick where no driver, launch or study speaks."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.planning.evidence.past import Past, Reading
from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.register.assumptions import Assumption

__all__ = ["counted_visits", "read_usual_movement", "yearly_changes"]

_FEWEST = 4
_SMALL = 1e-9


def read_usual_movement(grid: PlanGrid, row: Assumption, past: Past) -> Reading:
    """Spread of year-on-year changes, around their mean, of what the row is about.

    A claim of more visits is set beside the visits of the `funnel` table, one of conversion beside leads
    per visit, every other beside sales in its scope without past promotions. The mean of the changes is in
    the baseline already, so the estimate is no change. The error is that of one more quarter: the standard
    deviation s of n changes gives s sqrt(1 + 1 / n), times Student's 95 % point over the normal's where n is
    small (the prediction interval of a normal sample; Hahn and Meeker 1991, Statistical Intervals, ch. 4).
    """
    found = _visits(row, past) if row.kind == "digital" and row.lever in ("visits", "conversion") else None
    what = row.lever if found is not None else "sales"
    if found is None:
        found = _sales(row, past)
    span = max(1, grid.calendar.season // 4)
    changes = yearly_changes(found, grid.calendar, span)
    if len(changes) < _FEWEST:
        return Reading()
    count = len(changes)
    few = float(special.stdtrit(count - 1, 0.95) / special.ndtri(0.95))
    spread = 100.0 * float(np.std(changes, ddof=1)) * np.sqrt(1.0 + 1.0 / count) * few
    words = f"the year-on-year changes of {what} in {count} past quarters"
    return Reading(0.0, float(spread), count, "usual movement", words)


def yearly_changes(values: pd.Series, calendar: Calendar, span: int) -> np.ndarray:
    """Log change of every whole span of periods against the same span a year before.

    Parameters
    ----------
    values : Series
        By first day of period, consecutive.
    calendar : Calendar
        Gives the length of a year.
    span : int
        Periods summed.
    """
    year = calendar.season
    amounts = values.to_numpy(dtype=float)
    last = len(amounts)
    changes = []
    while last - span - year >= 0:
        now, before = amounts[last - span : last], amounts[last - span - year : last - year]
        if now.sum() > _SMALL and before.sum() > _SMALL and np.isfinite(now.sum() + before.sum()):
            changes.append(float(np.log(now.sum() / before.sum())))
        last -= span
    return np.array(changes[::-1])


def _visits(row: Assumption, past: Past) -> pd.Series | None:
    sums = counted_visits(row, past.funnel)
    if sums is None:
        return None
    if row.lever == "visits":
        return sums["visitors"]
    return (sums["leads"] / sums["visitors"].where(sums["visitors"] > 0)).fillna(0.0)


def counted_visits(row: Assumption, table: pd.DataFrame | None) -> pd.DataFrame | None:
    """``visitors, leads`` in a claim's scope by period, from the `funnel` table; None where it has none."""
    if table is None or "visitors" not in table or not table["visitors"].notna().any():
        return None
    match = np.ones(len(table), dtype=bool)
    for name in (name for name in row.scope if name in table):
        values = table[name].astype(object)
        match &= (values.isna() | values.isin([row.scope[name], ""])).to_numpy()
    return table[match].groupby("period")[["visitors", "leads"]].sum().sort_index()


def _sales(row: Assumption, past: Past) -> pd.Series:
    history = past.history
    match = np.ones(len(history.keys), dtype=bool)
    for name, value in row.scope.items():
        match &= (history.keys[name] == value).to_numpy()
    values = history.values if past.cleansed is None else past.cleansed
    return pd.Series(np.nansum(values[match], axis=0), index=history.periods)
