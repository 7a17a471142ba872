"""Overrides from above: a total of the baseline that somebody states, spread pro rata over what it covers.

Narrow statements hold inside broad ones: the override that covers the fewest cells is met first and its
cells then stand; a broader one is met by what is left of its cells. So every stated total is met exactly,
nested or crossing, or the statements contradict each other and are refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pandas as pd

from alignment_lib.forecasting.forecast import Forecast
from alignment_lib.forecasting.large_arrays import new_draws, parts_of, release
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Cycle
from alignment_lib.inputs.problems import InputError, Notice, Problem

__all__ = ["StatedTotal", "apply_overrides", "spread_totals"]

_CLOSE = 1e-9


class StatedTotal(Protocol):
    """What is read of one ``[[override]]`` of ``planning.toml``."""

    @property
    def span(self) -> str:
        """A fiscal quarter, month or year (``2026Q1``), or the first day of one period."""
        ...

    @property
    def value(self) -> float:
        """The total, in the measure."""
        ...

    @property
    def reason(self) -> str:
        """Why, in the words of whoever states it."""
        ...

    @property
    def scope(self) -> Mapping[str, Sequence[str]]:
        """Members by dimension; a dimension left out is not limited."""
        ...


@dataclass(frozen=True)
class _Placed:
    """An override on the grid: its cells, what they must come to, and how it is called in messages."""

    cells: np.ndarray
    target: float
    name: str
    reason: str


def apply_overrides(forecast: Forecast, history: History, stated: Sequence[StatedTotal]) -> Forecast:
    """Set totals of the baseline from above.

    Within an override the profile over periods and series is kept; draws and driver effects of its cells
    are scaled by the same factor. Of a span that has begun, the sales known so far are taken off the
    total. A span outside the horizon, or reaching beyond it, changes nothing and is reported.

    Raises
    ------
    InputError
        Every override whose scope fits no series, or that contradicts narrower ones.
    """
    if not stated:
        return forecast
    problems: list[Problem] = []
    notices: list[Notice] = []
    placed: list[_Placed] = []
    for one in stated:
        found = _place(one, forecast, history, problems, notices)
        placed += [] if found is None else [found]
    baseline, unmet = spread_totals(forecast.baseline, [(one.cells, one.target) for one in placed])
    for number in unmet:
        problems.append(_contradiction(placed[number], baseline))
    if problems:
        raise InputError(problems)
    if not placed:
        return replace(forecast, notices=(*forecast.notices, *notices))
    return _carried(forecast, baseline, placed, notices)


def spread_totals(
    values: np.ndarray, totals: Sequence[tuple[np.ndarray, float]]
) -> tuple[np.ndarray, list[int]]:
    """Meet every total, the narrowest first, each pro rata over the cells that no narrower one has set.

    Parameters
    ----------
    values : ndarray, shape (series, periods)
    totals : sequence of (cells, target)
        Boolean cells of the shape of `values`, and their sum to be.

    Returns
    -------
    values : ndarray
        Where cells without any value must come to something, they share it evenly.
    unmet : list of int
        Places in `totals` that contradict narrower ones; empty where every total is met to 1e-9.

    Examples
    --------
    >>> made, unmet = spread_totals(np.array([[1.0], [3.0]]), [(np.array([[True], [True]]), 8.0)])
    >>> (made.ravel().tolist(), unmet)
    ([2.0, 6.0], [])
    """
    out = np.array(values, dtype=np.float64)
    free = np.ones(out.shape, dtype=bool)
    order = sorted(range(len(totals)), key=lambda number: (int(totals[number][0].sum()), number))
    for number in order:
        cells, target = totals[number]
        open_cells = cells & free
        rest = target - float(out[cells & ~free].sum())
        now = float(out[open_cells].sum())
        if now != 0 and rest / now >= 0:
            out[open_cells] *= rest / now
        elif open_cells.any() and now == 0:
            out[open_cells] = rest / int(open_cells.sum())
        free &= ~cells
    size = [max(abs(target), float(np.abs(out[cells]).sum()), 1e-300) for cells, target in totals]
    gaps = [abs(float(out[cells].sum()) - target) for cells, target in totals]
    return out, [number for number, gap in enumerate(gaps) if gap > _CLOSE * size[number]]


def _place(
    one: StatedTotal,
    forecast: Forecast,
    history: History,
    problems: list[Problem],
    notices: list[Notice],
) -> _Placed | None:
    rows = np.ones(len(forecast.keys), dtype=bool)
    for dimension, members in one.scope.items():
        rows &= forecast.keys[dimension].astype(str).isin(list(members)).to_numpy()
    where = ", ".join(f"{name} {' or '.join(members)}" for name, members in one.scope.items()) or "everything"
    name = f"{one.span}, {where}"
    if not rows.any():
        problems.append(_no_series(name))
        return None
    ahead, past = _in_span(one.span, forecast.periods, history), _in_span(one.span, history.periods, history)
    after = history.calendar.shift(forecast.periods[-1], 1)
    if not ahead.any() or _in_span(one.span, pd.DatetimeIndex([after]), history).any():
        where_now = "outside the horizon" if not ahead.any() else "reaching beyond the horizon"
        notices.append(Notice("override_unused", f"Override of {name}: {where_now}, nothing was changed.", 1))
        return None
    sold = float(np.nansum(history.values[_rows_of(forecast, history, rows)][:, past]))
    if past.any():
        text = f"Override of {name}: {sold:,.6g} sold in its ended periods were taken off its total."
        notices.append(Notice("override_begun", text, int(past.sum())))
    return _Placed(rows[:, None] & ahead[None, :], one.value - sold, name, one.reason)


def _rows_of(forecast: Forecast, history: History, rows: np.ndarray) -> np.ndarray:
    """The same series in the history, whose order may differ."""
    wanted = pd.MultiIndex.from_frame(forecast.keys[rows].astype(str))
    return np.asarray(pd.MultiIndex.from_frame(history.keys.astype(str)).isin(wanted))


def _in_span(span: str, periods: pd.DatetimeIndex, history: History) -> np.ndarray:
    if len(span) == 10:
        return np.asarray(periods.strftime("%Y-%m-%d") == span)
    cycle: Cycle = "quarter" if "Q" in span else "month" if "-" in span else "year"
    return np.asarray(history.calendar.label(periods, cycle) == span)


def _no_series(name: str) -> Problem:
    return Problem(
        "planning.toml",
        f"an override of {name}, which fits no series",
        "members that occur in the sales table",
        "correct the scope, or remove the override",
        column="override.scope",
    )


def _contradiction(one: _Placed, baseline: np.ndarray) -> Problem:
    reached = float(baseline[one.cells].sum())
    return Problem(
        "planning.toml",
        f"an override of {one.name} to {one.target:,.6g}, where narrower ones leave {reached:,.6g}",
        "overrides that can all hold",
        "change one of them: each part plus the rest must come to the total",
        column="override.value",
    )


def _carried(
    forecast: Forecast, baseline: np.ndarray, placed: list[_Placed], notices: list[Notice]
) -> Forecast:
    """Draws, driver effects and reasons follow the baseline."""
    before = forecast.baseline
    factor = np.where(before != 0, baseline / np.where(before != 0, before, 1.0), 1.0)
    added = np.where(before != 0, 0.0, baseline)
    effects = {name: effect * factor for name, effect in forecast.driver_effects.items()}
    why = _explained(forecast, placed)
    for one in placed:
        text = f"Baseline set from above: {one.name} to {one.target:,.6g} ({one.reason})."
        notices.append(Notice("override", text, int(one.cells.any(axis=1).sum())))
    return replace(
        forecast,
        baseline=baseline,
        samples=_moved(forecast.samples, factor, added),
        driver_effects=effects,
        why=why,
        notices=(*forecast.notices, *notices),
    )


def _moved(samples: np.ndarray, factor: np.ndarray, added: np.ndarray) -> np.ndarray:
    """Draws times a factor plus an amount for each cell, a part of the series at a time."""
    moved = new_draws(*samples.shape)
    for part in parts_of(samples.shape[1]):
        moved[:, part] = samples[:, part] * factor[part] + added[part]
        release(moved)
        release(samples)
    return moved


def _explained(forecast: Forecast, placed: list[_Placed]) -> pd.DataFrame:
    dimensions = list(forecast.keys.columns)
    if forecast.why.empty or "reason" not in forecast.why:
        return forecast.why
    said = [""] * len(forecast.keys)
    for one in placed:
        for row in np.flatnonzero(one.cells.any(axis=1)):
            said[row] += f"; set from above for {one.name}: {one.reason}"
    table = dict(zip(forecast.keys.astype(str).itertuples(index=False, name=None), said, strict=True))
    rows = forecast.why[dimensions].astype(str).itertuples(index=False, name=None)
    return forecast.why.assign(reason=forecast.why["reason"] + [table.get(row, "") for row in rows])
