"""Actions: what a claim's owner does, beside what is claimed of it: rows of the driver calendar.

A claim says what an action brings; the calendar says that it runs. To doubt the claim leaves the calendar as
it is; to drop the action takes its cells of the calendar too, and to move it moves them.

A cell of the calendar often serves several claims. It goes only with the last of them: as long as one that
counts still speaks of it, it stays.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.drivers.panel import grid_drivers
from alignment_lib.forecasting.effects.drivers.references import regular_price
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.planning.register.action_scope import Members, carry_over, moved_scope
from alignment_lib.planning.register.assumptions import ASSUMED_DEPTH, Assumption
from alignment_lib.planning.register.driver_cover import covered_drivers, is_unseen_mechanic, named_drivers

__all__ = [
    "NOBODYS",
    "ActionRefused",
    "CalendarGrid",
    "Move",
    "action_cells",
    "action_drivers",
    "change_actions",
    "claim_cells",
    "grid_calendar",
    "moved_end",
    "moved_row",
    "scaled_row",
    "series_of",
]

NOBODYS = ("market_shift", "consumer_shift")
"""Kinds that are nobody's action: they can be doubted, not dropped or moved."""
_SAME_PRICE = 0.001
"""Prices closer than this share are the same price."""
_OF_KIND = {"promotion": "promotion", "price_change": "price"}


class ActionRefused(AlignmentError):
    """An action that cannot be dropped or moved, and why."""

    exit_code = 2


@dataclass(frozen=True)
class Move:
    """Where an action is moved, and how strong it is there.

    Attributes
    ----------
    assumption : str
        Id of the claim.
    start : Timestamp
        Its new first day, what it covers keeps its length; None for its own.
    scale : float
        Times which calendar, depth and claim are made, above zero: .5 halves each of them.
    scope : tuple of (dimension, member)
        Members in place of its own; a blank one means all of the dimension's.
    """

    assumption: str
    start: pd.Timestamp | None = None
    scale: float = 1.0
    scope: Members = ()

    @property
    def is_idle(self) -> bool:
        """Whether it leaves the action where and as it is."""
        return self.start is None and self.scale == 1.0 and not self.scope

    def at(self, row: Assumption) -> Move:
        """The same with the row's own first day where none is given."""
        return replace(self, start=row.start) if self.start is None else self


@dataclass(frozen=True)
class CalendarGrid:
    """The driver calendar on the grid of the forecast.

    Attributes
    ----------
    keys : DataFrame, shape (series, dimensions)
    periods : DatetimeIndex
        Periods to be planned.
    calendar : Calendar
    kinds : dict of str to {"price", "promotion", "market"}
        By column.
    held : dict of str to ndarray, shape (series, periods)
        What the calendar says, as typed; NaN where it is silent.
    rest : dict of str to ndarray, shape (series, periods)
        What stands without action: nothing promoted, the last regular price (NaN where none is known).
    """

    keys: pd.DataFrame
    periods: pd.DatetimeIndex
    calendar: Calendar
    kinds: Mapping[str, str]
    held: Mapping[str, np.ndarray]
    rest: Mapping[str, np.ndarray]

    def with_columns(self, changed: Mapping[str, np.ndarray]) -> CalendarGrid:
        """The same with some columns replaced."""
        return replace(self, held={**self.held, **changed})

    def acts(self, name: str) -> np.ndarray:
        """Where a column departs from what stands without action, shape (series, periods)."""
        held, rest = self.held[name], self.rest[name]
        if self.kinds[name] == "price":
            return np.asarray(np.abs(held - rest) > _SAME_PRICE * np.abs(rest))
        return np.asarray(np.abs(np.nan_to_num(held)) > 0)


def grid_calendar(
    keys: pd.DataFrame,
    drivers: pd.DataFrame,
    kinds: Mapping[str, str],
    periods: pd.DatetimeIndex,
    past: pd.DatetimeIndex,
    calendar: Calendar,
) -> CalendarGrid:
    """Lay the driver table out on the grid.

    Parameters
    ----------
    keys : DataFrame, shape (series, dimensions)
    drivers : DataFrame
        The canonical table: ``period``, any of the dimensions, one float column per driver.
    kinds : mapping of str to {"price", "promotion", "market"}
    periods, past : DatetimeIndex
        Periods to be planned, and those of the history.
    calendar : Calendar
    """
    names = [name for name in kinds if name in drivers]
    recent = past[-max(3, round(calendar.season / 4)) :]
    held = grid_drivers(keys, drivers, names, periods)[0]
    before = grid_drivers(keys, drivers, names, recent)[0]
    shape = (len(keys), len(periods))
    rest = {
        name: _last_regular(before[name], calendar.season, shape)
        if kinds[name] == "price"
        else np.zeros(shape)
        for name in names
    }
    return CalendarGrid(keys, periods, calendar, {name: kinds[name] for name in names}, held, rest)


def action_drivers(row: Assumption, kinds: Mapping[str, str]) -> tuple[str, ...]:
    """Columns of the calendar in which the action of a claim stands; empty where the calendar holds none.

    Those the claim names; a promotion or price change that names none means every column of its kind, but for
    a promotion by a mechanic that no column is about.
    """
    if row.kind in NOBODYS:
        return ()
    covered = named_drivers(row, kinds) or covered_drivers(row, kinds)
    if covered or row.kind not in _OF_KIND or is_unseen_mechanic(row, kinds):
        return covered
    return tuple(name for name, kind in kinds.items() if kind == _OF_KIND[row.kind])


def action_cells(row: Assumption, grid: CalendarGrid) -> dict[str, np.ndarray]:
    """Cells of the calendar that belong to an action, shape (series, periods) by column.

    Where a promotion is on and the price lies below the regular one, the cut is the promotion's too.
    """
    inside = claim_cells(row, grid.keys, grid.periods, grid.calendar)
    names = action_drivers(row, grid.kinds)
    found = {name: inside & grid.acts(name) for name in names}
    promoted = [found[name] for name in names if grid.kinds[name] == "promotion"]
    if promoted:
        on = np.any(promoted, axis=0)
        for name in (name for name, kind in grid.kinds.items() if kind == "price" and name not in found):
            found[name] = on & grid.acts(name) & (grid.held[name] < grid.rest[name])
    return {name: cells for name, cells in found.items() if cells.any()}


def claim_cells(
    row: Assumption, keys: pd.DataFrame, periods: pd.DatetimeIndex, calendar: Calendar
) -> np.ndarray:
    """Series and periods of which a claim speaks, shape (series, periods)."""
    inside = series_of(row.scope, keys)
    first = calendar.floor(pd.DatetimeIndex([row.start]))[0]
    return inside[:, None] & np.asarray((periods >= first) & (periods <= row.end))[None, :]


def series_of(scope: Mapping[str, str], keys: pd.DataFrame) -> np.ndarray:
    """Series of a scope, shape (series,)."""
    inside = np.ones(len(keys), dtype=bool)
    for name, value in scope.items():
        inside &= (keys[name].astype(str) == value).to_numpy() if name in keys else True
    return inside


def change_actions(
    grid: CalendarGrid,
    dropped: Sequence[Assumption],
    moves: Sequence[tuple[Assumption, Move]],
    others: Sequence[Assumption],
    kept: Collection[str],
) -> dict[str, np.ndarray]:
    """The calendar without the cells of some actions, and with those of others elsewhere.

    All of them are taken out before any is put in its new place, so that two may change places. A promotion
    finds its place free or is refused; a price keeps its change from the regular one, times the scale, on
    whatever price stands there. What leaves the grid is gone.

    Parameters
    ----------
    grid : CalendarGrid
    dropped : sequence of Assumption
        Claims whose actions go.
    moves : sequence of (Assumption, Move)
        Claims whose actions run at other dates or strength.
    others : sequence of Assumption
        All other claims of the register.
    kept : collection of str
        Ids of those that still count: what they speak of stays.

    Returns
    -------
    dict of str to ndarray, shape (series, periods)
        Columns that are no longer what they were.

    Raises
    ------
    ActionRefused
        Where another action runs already.
    """
    theirs = [action_cells(row, grid) for row in others if row.id in kept]
    changed: dict[str, np.ndarray] = {}
    for row in (*dropped, *(row for row, _ in moves)):
        for name, cells in action_cells(row, grid).items():
            none = np.zeros_like(cells)
            stays = np.any([held.get(name, none) for held in theirs] or [none], axis=0)
            changed[name] = np.where(cells & ~stays, grid.rest[name], changed.get(name, grid.held[name]))
    bare = grid.with_columns(changed)
    placed: dict[str, np.ndarray] = {}
    for row, move in moves:
        _place(grid, bare, row, move, placed, others)
    for name, values in placed.items():
        there = bare.held[name]
        if grid.kinds[name] == "price":
            values = values * np.where(np.isfinite(there), there, grid.rest[name])
        changed[name] = np.where(np.isfinite(values), values, there)
    return changed


def _place(
    grid: CalendarGrid,
    bare: CalendarGrid,
    row: Assumption,
    move: Move,
    placed: dict[str, np.ndarray],
    others: Sequence[Assumption],
) -> None:
    """Note an action's cells at their new dates: values of a promotion, ratios of a price."""
    first = grid.calendar.floor(pd.DatetimeIndex([row.start, move.at(row).start]))
    shift = grid.calendar.count(first[0], first[1])
    for name, cells in action_cells(row, grid).items():
        held, is_price = grid.held[name], grid.kinds[name] == "price"
        # Of what only grows or shrinks, cells that serve a claim which stays are left as they are.
        at, before = np.nonzero(cells if shift or move.scope else cells & ~bare.acts(name))
        within = (before + shift >= 0) & (before + shift < len(grid.periods))
        at, before, after = at[within], before[within], before[within] + shift
        values = held[at, before] * move.scale
        if is_price:
            values = 1.0 + (held[at, before] / grid.rest[name][at, before] - 1.0) * move.scale
            if (values <= 0).any():
                raise ActionRefused(
                    f"{row.id} × {move.scale:g} would cut a price by the whole of it or more."
                )
        if move.scope:
            at, after, values = _in_scope(grid, row, move, (at, after, values))
        into = placed.setdefault(name, np.full(held.shape, np.nan))
        there = into[at, after]
        taken = np.isfinite(there) & (np.abs(there - values) > 1e-12)
        taken |= bare.acts(name)[at, after] & (not is_price)
        if taken.any():
            _refuse_place(bare, row, move, name, (at[taken][0], after[taken][0]), others)
        into[at, after] = values


def _in_scope(
    grid: CalendarGrid, row: Assumption, move: Move, cells: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cells of an action and what stands in them, in its new scope instead."""
    at, after, values = cells
    whole = np.full((len(grid.keys), len(grid.periods)), np.nan)
    whole[at, after] = values
    inside = series_of(moved_scope(row.scope, move.scope), grid.keys)
    there = carry_over(whole, grid.keys, inside, [name for name, _ in move.scope])
    at, after = np.nonzero(np.isfinite(there))
    return at, after, there[at, after]


def _refuse_place(
    bare: CalendarGrid,
    row: Assumption,
    move: Move,
    name: str,
    cell: tuple[int, int],
    others: Sequence[Assumption],
) -> None:
    there = [one.id for one in others if name in (found := action_cells(one, bare)) and found[name][cell]]
    who = f"{there[0]} runs there" if there else f"the driver calendar holds {name} there"
    sales = ", ".join(str(value) for value in bare.keys.iloc[cell[0]])
    if not there and not bare.acts(name)[cell]:
        who = "another action is moved there"
    raise ActionRefused(
        f"{row.id} cannot run from {move.at(row).start:%Y-%m-%d}: {who} already ({name} of {sales}, "
        f"{bare.periods[cell[1]]:%Y-%m-%d}); move or drop that one first."
    )


def moved_end(row: Assumption, start: pd.Timestamp) -> pd.Timestamp:
    """Last day of a claim that begins on another day: whole months stay months, all else keeps its days.

    >>> from alignment_lib.planning.register.assumptions import example_assumption
    >>> march = example_assumption(start=pd.Timestamp("2026-03-01"), end=pd.Timestamp("2026-03-31"))
    >>> [f"{moved_end(march, pd.Timestamp(day)):%m-%d}" for day in ("2026-06-01", "2026-06-02")]
    ['06-30', '07-02']
    """
    if row.start.is_month_start and row.end.is_month_end and start.is_month_start:
        months = 12 * (row.end.year - row.start.year) + row.end.month - row.start.month + 1
        return pd.Timestamp(start + pd.DateOffset(months=months) - pd.Timedelta(days=1))
    return row.end + (start - row.start)


def moved_row(row: Assumption, move: Move, volume: float = 1.0) -> Assumption:
    """The claim at its new dates and strength.

    Parameters
    ----------
    row : Assumption
    move : Move
    volume : float
        Baseline in scope at the new dates over that at the old: a claim in units or money is of the sales it
        meets, as one in percent is by itself.

    Examples
    --------
    >>> from alignment_lib.planning.register.assumptions import example_assumption
    >>> row = example_assumption(
    ...     expected=44.0, start=pd.Timestamp("2026-02-02"), end=pd.Timestamp("2026-02-15")
    ... )
    >>> half = moved_row(row, Move(row.id, pd.Timestamp("2026-03-02"), 0.5))
    >>> half.end.date().isoformat(), round(half.expected, 6)
    ('2026-03-15', 22.0)
    """
    start = move.start or row.start
    scope = moved_scope(row.scope, move.scope)
    return replace(scaled_row(row, move.scale, volume), start=start, end=moved_end(row, start), scope=scope)


def scaled_row(row: Assumption, scale: float, volume: float = 1.0) -> Assumption:
    """The claim so many times as large: value, range and depth; in units or money also times `volume`."""
    times = scale if row.unit == "percent" else scale * volume
    fields = dict(row.fields)
    for name in ("depth", ASSUMED_DEPTH):
        value = fields.get(name)
        if isinstance(value, int | float) and np.isfinite(value):
            fields[name] = float(value) * scale
    return replace(
        row, expected=row.expected * times, low=row.low * times, high=row.high * times, fields=fields
    )


def _last_regular(values: np.ndarray, season: int, shape: tuple[int, int]) -> np.ndarray:
    """The regular price of each series when prices were last known; NaN where none was."""
    prices = pd.DataFrame(np.where(values > 0, values, np.nan).T).ffill().bfill().to_numpy().T
    known = np.isfinite(prices).all(axis=1) & (prices.shape[1] > 0)
    result = np.full(shape, np.nan)
    if known.any():
        result[known] = regular_price(np.ascontiguousarray(prices[known]), season)[:, -1:]
    return result
