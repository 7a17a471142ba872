"""A round read but not forecast: what looking back, measuring leads and scoring claims need."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pandas as pd

from alignment_lib.forecasting.effects.drivers.panel import build_panel
from alignment_lib.forecasting.effects.engine import DriverEffects, measure_past
from alignment_lib.forecasting.past.history import History
from alignment_lib.forecasting.past.history_building import build_history
from alignment_lib.inputs.one_thread import use_one_thread
from alignment_lib.inputs.periods.rounds import Round, apply_wall, coming_round, parse_round
from alignment_lib.inputs.problems import InputError, Problem
from alignment_lib.inputs.workspace import Workspace, load_workspace
from alignment_lib.rounds.preparing.successors import join_successors
from alignment_lib.rounds.preparing.typed_sales import type_sales

__all__ = ["KnownRound", "SeenRound", "see_round"]


class KnownRound(Protocol):
    """What `PreparedRound` and `SeenRound` have in common."""

    @property
    def workspace(self) -> Workspace:
        """Tables cut at the wall."""

    @property
    def round(self) -> Round:
        """The round seen from it."""

    @property
    def history(self) -> History:
        """Sales on a regular grid."""

    @property
    def effects(self) -> DriverEffects | None:
        """What drivers did in the past."""

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the dimensions, broadest first."""


@dataclass(frozen=True)
class SeenRound:
    """A round with its history and what drivers did in it, and no forecast.

    Attributes
    ----------
    workspace : Workspace
        Its tables cut at the as-of wall.
    round : Round
        The round that follows what is looked back on.
    history : History
        Sales on a regular grid.
    effects : DriverEffects or None
        What drivers did in the past; None where the workspace has none.
    """

    workspace: Workspace
    round: Round
    history: History
    effects: DriverEffects | None

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the dimensions, broadest first."""
        return tuple(self.workspace.settings.sales.dimensions)


def see_round(folder: Path, closed: str = "", as_of: pd.Timestamp | None = None) -> SeenRound:
    """Read a workspace as it stood when a round had closed.

    Parameters
    ----------
    folder : Path
        The workspace.
    closed : str
        The round to look back on; blank for the last one whose sales are all known.
    as_of : Timestamp, optional
        The wall; by default the day after the closed round.

    Raises
    ------
    InputError
        Every problem of the workspace; a round that has not closed yet.
    """
    use_one_thread()
    whole = load_workspace(folder)
    planned = _following(whole, closed, as_of)
    workspace = type_sales(join_successors(apply_wall(whole, planned), planned))
    sales = workspace.tables["sales"]
    history = build_history(sales, workspace.settings, workspace.calendar, planned.as_of)
    return SeenRound(workspace, planned, history, _effects(workspace, planned, history))


def _following(whole: Workspace, closed: str, as_of: pd.Timestamp | None) -> Round:
    """The round after the closed one, seen from its first day."""
    calendar, settings = whole.calendar, whole.settings
    last = whole.tables["sales"]["period"].max()
    if not closed:
        return coming_round(settings, calendar, last, as_of)
    asked = parse_round(closed, settings, calendar)
    final = asked.cycle_periods[-1]
    if last < final:
        end = calendar.ends(pd.DatetimeIndex([final]))[0]
        found = f"round {closed}, with sales known to {calendar.ends(pd.DatetimeIndex([last]))[0]:%Y-%m-%d}"
        expected = f"a round that has closed; this one closes on {end:%Y-%m-%d}"
        mend = "leave out --round for the last closed one, or add the sales up to that day"
        raise InputError([Problem("round", found, expected, mend)])
    following = calendar.label(pd.DatetimeIndex([calendar.shift(final, 1)]), asked.cycle)[0]
    return parse_round(str(following), settings, calendar, as_of)


def _effects(workspace: Workspace, planned: Round, history: History) -> DriverEffects | None:
    drivers, settings = workspace.tables.get("drivers"), workspace.settings
    if drivers is None or settings.drivers is None or not len(drivers):
        return None
    kinds = {name: column.kind for name, column in settings.drivers.columns.items()}
    first = workspace.calendar.shift(history.periods[-1], 1)
    ahead = workspace.calendar.between(first, planned.horizon[-1])
    panel = build_panel(history, drivers, kinds, ahead)
    return measure_past(panel, settings.calendar.holidays)
