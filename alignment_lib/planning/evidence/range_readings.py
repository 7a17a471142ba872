"""What earlier launches and delistings say of claims about what is sold at all."""

from __future__ import annotations

import numpy as np

from alignment_lib.forecasting.launches import launch_log_error
from alignment_lib.planning.evidence.past import Past, PastEvent, Reading
from alignment_lib.planning.plan.grid import PlanGrid, scope_rows, value_rows
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.launch_bands import launch_type
from alignment_lib.planning.register.launch_paths import trace_launch
from alignment_lib.planning.register.timing import period_weights

__all__ = ["in_unit", "read_delisting", "read_launch"]

_ENDED = 4


def read_launch(grid: PlanGrid, row: Assumption, past: Past) -> Reading:
    """What a launch may sell over its own span, by earlier launches or what it replaces."""
    if row.unit == "percent":
        return Reading()
    path = trace_launch(row, past.history)
    if path is None:
        return _read_predecessor(grid, row)
    one = in_unit(grid, row, 1.0)
    volume = float(path.volume.sum())
    if not np.isfinite(one):
        return Reading(words=f"{path.words}, but no price to count it in {row.unit} (0 past events)")
    if volume <= 0:
        return Reading()
    events = tuple(PastEvent(name, sold * one, 0.0) for name, sold in path.sold if sold > 0)
    return Reading(
        estimate=volume * one,
        error=volume * one * path.log_error,
        events=path.analogs,
        source="earlier launches",
        words=path.words,
        past=events,
    )


def _read_predecessor(grid: PlanGrid, row: Assumption) -> Reading:
    """A successor without analog: what the product it replaces would sell, as it is phased over."""
    name = str(row.fields.get("replaces") or "")
    rows = value_rows(grid, [name], row.scope) if name else np.array([], dtype=int)
    weights = period_weights(grid.calendar, grid.periods, row.start, row.end, row.ramp)
    volume = float((grid.baseline[rows] * weights).sum()) * in_unit(grid, row, 1.0)
    if not np.isfinite(volume) or volume <= 0:
        return Reading()
    error = volume * launch_log_error(launch_type(row))
    words = f"1 predecessor ({name}, at what it would sell as it is phased over)"
    return Reading(volume, error, 1, "earlier launches", words)


def in_unit(grid: PlanGrid, row: Assumption, amount: float) -> float:
    """An amount of the plan's measure in the row's unit, at the mean price of its scope, else of all.

    NaN where no price is known.
    """
    if row.unit == grid.measure:
        return amount
    if grid.price is None:
        return float("nan")
    for price in (grid.price[scope_rows(grid, row.scope)], grid.price):
        known = price[np.isfinite(price) & (price > 0)]
        if len(known):
            mean = float(known.mean())
            return amount * mean if row.unit == "revenue" else amount / mean
    return float("nan")


def read_delisting(row: Assumption, past: Past) -> Reading:
    """What became of products that left before: their sales ended, as the claim says."""
    if row.unit != "percent":
        return Reading()
    history = past.history
    names = [name for name in row.scope if name in history.keys] or history.dimensions[:1]
    sold = np.nan_to_num(history.values) > 0
    ended = []
    for value, rows in history.keys.groupby(names[0], sort=True).indices.items():
        last = np.flatnonzero(sold[rows].any(axis=0))
        if len(last) and last[-1] < sold.shape[1] - _ENDED:
            ended.append(str(value))
    if not ended:
        return Reading()
    count = "1 past delisting" if len(ended) == 1 else f"{len(ended)} past delistings"
    return Reading(-100.0, float("nan"), len(ended), words=f"{count} ({', '.join(ended)}: sales ended)")
