"""A round with actions dropped or moved: claims and calendar together, planned as if the inputs said so.

The forecast's own model is asked about the calendar without the action. Baseline and error paths stay: only
what drivers add to them changes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from alignment_lib.forecasting.combining.parts import whole_history
from alignment_lib.forecasting.effects.calendars import CalendarModel
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.checking.sales_checks import SALE_TYPE
from alignment_lib.inputs.words.nearest import say_unknown
from alignment_lib.planning.plan.grid import PlanGrid, say_unsold
from alignment_lib.planning.plan.paid_prices import Discounts, measure_discounts
from alignment_lib.planning.register.action_scope import as_members, moved_scope, say_members
from alignment_lib.planning.register.actions import (
    NOBODYS,
    ActionRefused,
    CalendarGrid,
    Move,
    action_cells,
    change_actions,
    claim_cells,
    grid_calendar,
    moved_end,
    moved_row,
    series_of,
)
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.launch_paths import launch_shares
from alignment_lib.planning.register.register_checks import check_values
from alignment_lib.rounds.preparing.prepared_round import PreparedRound
from alignment_lib.rounds.preparing.typed_sales import are_told_by_transactions

__all__ = ["ActionChange", "ActionRefused", "Calendars"]


_MOST_KEPT = 200
"""Calendars remembered at once."""
_OPENS = ("new_product", "new_channel")


@dataclass(frozen=True)
class ActionChange:
    """What is done to the actions of a round.

    Attributes
    ----------
    dropped : frozenset of str
        Ids of claims whose actions do not run.
    moves : tuple of Move
        One an action.
    """

    dropped: frozenset[str] = frozenset()
    moves: tuple[Move, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is changed."""
        return bool(self.dropped or self.moves)

    @property
    def names(self) -> frozenset[str]:
        """Ids of the claims whose actions are changed."""
        return self.dropped | {move.assumption for move in self.moves}


@dataclass
class Calendars:
    """A prepared round under other calendars; each worked out once.

    Attributes
    ----------
    ready : PreparedRound
        As given.
    """

    ready: PreparedRound
    _known: dict[tuple[ActionChange, frozenset[str]], PreparedRound] = field(default_factory=dict, repr=False)
    _known_cells: dict[str, dict[str, np.ndarray]] = field(default_factory=dict, repr=False)

    def under(self, change: ActionChange, counted: Collection[str]) -> PreparedRound:
        """The round with actions dropped or moved.

        Parameters
        ----------
        change : ActionChange
        counted : collection of str
            Ids that count beside: a cell of the calendar that serves one of them stays.

        Raises
        ------
        ActionRefused
            Where a claim names nobody's action, or has no place to go.
        """
        if not change:
            return self.ready
        self._check(change, self._rows)
        key = (change, self.keepers(change.names, counted))
        if key not in self._known:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            in_calendar = any(self._cells(name) for name in change.dropped)
            # An action of which the calendar holds nothing goes with its claim.
            self._known[key] = self._change(change, key[1]) if in_calendar or change.moves else self.ready
        return self._known[key]

    def keepers(self, changed: Collection[str], counted: Collection[str]) -> frozenset[str]:
        """Claims that count and speak of cells which an action that is dropped or moved served as well."""
        gone = [self._cells(name) for name in changed if name in self._rows]
        return frozenset(
            name
            for name in counted
            if name not in changed
            and any(
                (cells & own[column]).any()
                for own in gone
                for column, cells in self._cells(name).items()
                if column in own
            )
        )

    def holds(self, name: str) -> bool:
        """Whether the driver calendar holds the action of a claim."""
        return bool(self._cells(name))

    def _cells(self, name: str) -> dict[str, np.ndarray]:
        if self._grid is None:
            return {}
        if name not in self._known_cells:
            self._known_cells[name] = action_cells(self._rows[name], self._grid)
        return self._known_cells[name]

    @cached_property
    def _rows(self) -> dict[str, Assumption]:
        return {row.id: row for row in self.ready.register}

    def moved(self, row: Assumption, moves: Sequence[Move]) -> Assumption:
        """The row at the dates and strength a move gives it; as it is where none concerns it."""
        move = next((move for move in moves if move.assumption == row.id), None)
        if move is None:
            return row
        return moved_row(row, move, self._volume(row, move))

    def _change(self, change: ActionChange, kept: Collection[str]) -> PreparedRound:
        ready, grid, rows = self.ready, self._grid, self._rows
        changed: dict[str, np.ndarray] = {}
        if grid is not None:
            dropped = [rows[name] for name in sorted(change.dropped)]
            moves = [(rows[move.assumption], move) for move in change.moves]
            others = [row for row in ready.register if row.id not in change.names]
            changed = change_actions(grid, dropped, moves, others, kept)
        register = tuple(self.moved(row, change.moves) for row in ready.register)
        horizon = ready.horizon
        if grid is not None and changed:
            horizon = replace(horizon, grid=self._planned(grid, changed))
        if any(rows[move.assumption].kind in _OPENS for move in change.moves):
            shares = launch_shares(register, ready.history, horizon.grid.periods)
            horizon = replace(horizon, grid=replace(horizon.grid, launch_shares=shares))
        return replace(ready, register=register, horizon=horizon)

    def _planned(self, grid: CalendarGrid, changed: Mapping[str, np.ndarray]) -> PlanGrid:
        """The plan's grid with other driver effects, and with the prices that go with them."""
        plan = self.ready.horizon.grid
        take = grid.periods.get_indexer(plan.periods)
        new = len(plan.keys) - len(grid.keys)
        effects = plan.driver_effects
        if self._model is not None:
            effects = {
                name: np.pad(effect[:, take], ((0, new), (0, 0)))
                for name, effect in self._effects(changed).items()
            }
        if plan.money is not None:
            on = {
                name: np.pad(np.nan_to_num(values)[:, take] > 0, ((0, new), (0, 0)))
                for name, values in changed.items()
                if name in plan.money.running
            }
            plan = replace(plan, money=plan.money.with_calendar(on))
        other = grid.with_columns(changed)
        list_ratio = np.pad(self._listed(other, grid)[:, take], ((0, new), (0, 0)), constant_values=1.0)
        share_ratio = np.pad(self._paid(other, grid)[:, take], ((0, new), (0, 0)), constant_values=1.0)
        paid = {
            name: np.pad(logs[:, take], ((0, new), (0, 0)))
            for name, logs in self._discounts.logs_of(other.held).items()
        }
        if plan.measure == "revenue":
            # A plan in money has the price column's own departure from the regular price there as well.
            listed = (name for name, kind in grid.kinds.items() if kind == "price")
            paid |= {
                name: plan.price_logs[name] + np.log(list_ratio) for name in listed if name in plan.price_logs
            }
        logs = {**plan.price_logs, **paid}
        if plan.price is None:
            return replace(plan, driver_effects=effects, price_logs=logs)
        return replace(
            plan,
            driver_effects=effects,
            price_logs=logs,
            price=plan.price * list_ratio * share_ratio,
            last_price=None if plan.last_price is None else plan.last_price * share_ratio,
        )

    @staticmethod
    def _listed(other: CalendarGrid, own: CalendarGrid) -> np.ndarray:
        """Listed price over that of the round's own calendar; 1 where it is silent."""
        name = next((name for name, kind in own.kinds.items() if kind == "price"), None)
        if name is None:
            return np.ones((len(own.keys), len(own.periods)))
        ratio = other.held[name] / np.where(own.held[name] > 0, own.held[name], np.nan)
        return np.where(np.isfinite(ratio), ratio, 1.0)

    def _paid(self, other: CalendarGrid, own: CalendarGrid) -> np.ndarray:
        """Share of the listed price that is paid, over that under the round's own calendar."""
        return np.asarray(self._discounts.paid_of(other.held) / self._discounts.paid_of(own.held))

    @cached_property
    def _discounts(self) -> Discounts:
        ready = self.ready
        return measure_discounts(ready.history, ready.workspace.tables.get("drivers"), self._kinds)

    @cached_property
    def _grid(self) -> CalendarGrid | None:
        ready = self.ready
        drivers = ready.workspace.tables.get("drivers")
        if drivers is None or not self._kinds:
            return None
        periods = ready.forecast.periods
        calendar = ready.workspace.calendar
        return grid_calendar(
            ready.history.keys, drivers, self._kinds, periods, ready.history.periods, calendar
        )

    @cached_property
    def _kinds(self) -> dict[str, str]:
        settings = self.ready.workspace.settings
        columns = settings.drivers.columns if settings.drivers else {}
        return {name: column.kind for name, column in columns.items()}

    def _volume(self, row: Assumption, move: Move) -> float:
        """Baseline in scope at the new dates over that at the old; 1 where either is nothing."""
        ready = self.ready
        if row.unit == "percent":
            return 1.0
        keys, periods, calendar = ready.forecast.keys, ready.forecast.periods, ready.workspace.calendar
        start, scope = move.start or row.start, moved_scope(row.scope, move.scope)
        there = replace(row, start=start, end=moved_end(row, start), scope=scope)
        sums = [
            float(ready.forecast.baseline[claim_cells(one, keys, periods, calendar)].sum())
            for one in (row, there)
        ]
        return sums[1] / sums[0] if min(sums) > 0 else 1.0

    @cached_property
    def _parts(self) -> tuple[History, np.ndarray]:
        """The history the model was fitted to, and the row in it of every series of the forecast."""
        ready = self.ready
        if are_told_by_transactions(ready.workspace):
            return whole_history(ready.history, SALE_TYPE)
        return ready.history, np.arange(len(ready.history.keys))

    @cached_property
    def _model(self) -> CalendarModel | None:
        ready = self.ready
        effects = ready.effects
        chosen = effects.chosen if effects is not None else None
        drivers = ready.workspace.tables.get("drivers")
        if effects is None or chosen is None or drivers is None:
            return None
        history, periods = self._parts[0], ready.forecast.periods
        holidays = ready.workspace.settings.calendar.holidays
        return CalendarModel(
            history, drivers, self._kinds, periods, holidays=holidays, chosen=chosen, kept=effects.fitted
        )

    def _effects(self, changed: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Driver effects of each series: its part of the model's, scaled as the baseline was."""
        model, (_, group) = self._model, self._parts
        if model is None:
            return dict(self.ready.forecast.driver_effects)
        # The whole's calendar is that of its first part: a calendar does not tell types of sale apart there.
        first = np.unique(group, return_index=True)[1]
        whole, own = model.baseline[group], self.ready.forecast.baseline
        share = np.divide(own, whole, out=np.ones_like(own), where=whole > 0)
        effects = model.effects_under({name: values[first] for name, values in changed.items()})
        return {name: effect[group] * share for name, effect in effects.items()}

    def _check(self, change: ActionChange, rows: dict[str, Assumption]) -> None:
        for name in [*change.dropped, *(move.assumption for move in change.moves)]:
            row = rows.get(name)
            if row is None:
                known = ", ".join(sorted(rows)[:12])
                raise ActionRefused(f"no assumption is called {name!r}; there are: {known}")
            if row.kind in NOBODYS:
                kind = row.kind.replace("_", " ")
                raise ActionRefused(f"{name} is a {kind}: nobody's action, it can only be doubted.")
        for move in change.moves:
            self._check_move(change, rows[move.assumption], move)

    def _check_move(self, change: ActionChange, row: Assumption, move: Move) -> None:
        first, start = self.ready.horizon.grid.periods[0], move.start or row.start
        if not (np.isfinite(move.scale) and move.scale > 0):
            raise ActionRefused(
                f"{row.id} cannot be scaled by {move.scale:g}: write a number above zero, or drop it."
            )
        if row.start < first:
            raise ActionRefused(
                f"{row.id} has begun on {row.start:%Y-%m-%d}: what has begun cannot be moved."
            )
        if start < first:
            raise ActionRefused(
                f"{row.id} cannot start on {start:%Y-%m-%d}: the first day that is planned is "
                f"{first:%Y-%m-%d}."
            )
        self._check_scope(row, move)
        moved = [self.moved(one, change.moves) for one in self.ready.register]
        placed = next(one for one in moved if one.id == row.id)
        unsold = say_unsold(self.ready.horizon.grid, moved, placed)
        problems = [f"{problem.found}, expected {problem.expected}" for problem in check_values([placed])]
        if unsold or problems:
            raise ActionRefused(unsold or f"{row.id} cannot be so: {problems[0]}")

    def _check_scope(self, row: Assumption, move: Move) -> None:
        """Refuse members nobody knows, a launch elsewhere than its product, and what sells nothing there."""
        if not move.scope:
            return
        keys, dimensions = self.ready.forecast.keys, self.ready.dimensions
        for name, member in move.scope:
            known = sorted(keys[name].astype(str).unique()) if name in dimensions else [*dimensions]
            word, noun = (member, name.replace("_", " ")) if name in dimensions else (name, "dimension")
            if word and word not in known:
                raise ActionRefused(f"{row.id} cannot be moved there: {say_unknown(word, known, noun)}")
        if row.kind in _OPENS:
            raise ActionRefused(f"{row.id} opens what is not sold yet: move it in time, not elsewhere.")
        scope = moved_scope(row.scope, move.scope)
        if not self.ready.forecast.baseline[series_of(scope, keys)].any():
            words = say_members(as_members(scope))
            raise ActionRefused(f"{row.id} cannot run in {words}: nothing is planned to be sold there.")
