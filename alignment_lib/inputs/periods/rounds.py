"""Planning rounds: their names, their periods, and the wall of the as-of date."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from alignment_lib.inputs.configuration.settings import Settings
from alignment_lib.inputs.periods.calendar import Calendar, Cycle
from alignment_lib.inputs.periods.round_days import begins_elsewhere, say_round_days
from alignment_lib.inputs.periods.round_names import CYCLE_MONTHS, is_round_name, split_round_name
from alignment_lib.inputs.periods.wall import cut_table, planned_rows
from alignment_lib.inputs.problems import InputError, Notice, Problem, counted
from alignment_lib.inputs.workspace import Workspace

__all__ = [
    "Round",
    "apply_wall",
    "coming_round",
    "is_round_name",
    "next_round",
    "parse_round",
    "say_under_way",
    "split_round_name",
]


@dataclass(frozen=True)
class Round:
    """One planned month, quarter or year, as seen from a day.

    Attributes
    ----------
    name : str
        ``2026Q1``, ``2026-03`` or ``2026``; safe as a folder's name.
    cycle : {"month", "quarter", "year"}
        What the name stands for.
    as_of : Timestamp
        The day from which it is planned; nothing later is known.
    start : Timestamp
        First day of its first period.
    cycle_periods : DatetimeIndex
        First days of its own periods.
    horizon : DatetimeIndex
        From its first period to the end of the horizon, at least one cycle.
    first_open : Timestamp
        First day of the first period not known at the as-of date.
    """

    name: str
    cycle: Cycle
    as_of: pd.Timestamp
    start: pd.Timestamp
    cycle_periods: pd.DatetimeIndex
    horizon: pd.DatetimeIndex
    first_open: pd.Timestamp


def parse_round(
    name: str, settings: Settings, calendar: Calendar, as_of: pd.Timestamp | None = None
) -> Round:
    """Work out a round from its name.

    Parameters
    ----------
    name : str
        ``2026Q1``, ``2026-03`` or ``2026``, in fiscal years.
    settings : Settings
        Gives the horizon in quarters.
    calendar : Calendar
        The business's periods.
    as_of : Timestamp, optional
        The day from which it is planned; by default the first day of the round's first period.

    Raises
    ------
    InputError
        A name of another form, a cycle finer than the grain, or a round that ended before `as_of`.
    """
    cycle, month = split_round_name(name, calendar)
    if calendar.grain == "quarter" and cycle == "month":
        expected = "a round no finer than the grain `quarter`"
        raise InputError([Problem("round", f"the month {name}", expected, "plan a quarter or a year")])
    months = CYCLE_MONTHS[cycle]
    periods = calendar.months_span(month, months)
    horizon = calendar.months_span(month, max(months, 3 * settings.plan.quarters))
    start = periods[0]
    as_of = start if as_of is None else _checked_day(as_of)
    first_open = calendar.floor(pd.DatetimeIndex([as_of]))[0]
    if first_open > periods[-1]:
        end = calendar.ends(periods[-1:])[0]
        found = f"{as_of:%Y-%m-%d}, when round {name} had ended"
        mend = "choose a later round, or an earlier as-of date"
        raise InputError([Problem("as-of date", found, f"a day before {end:%Y-%m-%d}", mend)])
    return Round(name, cycle, as_of, start, periods, horizon, first_open)


def _checked_day(as_of: pd.Timestamp) -> pd.Timestamp:
    if pd.isna(as_of) or not 1900 <= as_of.year < 2200:
        raise InputError(
            [Problem("as-of date", str(as_of), "a day from 1900 to 2199", "write it as 2026-01-31")]
        )
    return as_of.tz_localize(None).normalize()


def next_round(calendar: Calendar, settings: Settings, last_period: pd.Timestamp) -> str:
    """Name of the round that holds the first period after `last_period`, the last one sold in."""
    following = calendar.shift(last_period, 1)
    return str(calendar.label(pd.DatetimeIndex([following]), settings.plan.cycle)[0])


def coming_round(
    settings: Settings, calendar: Calendar, last_period: pd.Timestamp, as_of: pd.Timestamp | None = None
) -> Round:
    """The round to plan where none is named: it holds the first period after the last one sold in.

    Where its cycle is under way it is seen from the end of what is known: known periods stand as sold and the
    rest is planned, so that nothing known is thrown away.

    Parameters
    ----------
    settings, calendar
        As for `parse_round`.
    last_period : Timestamp
        First day of the last period sold in.
    as_of : Timestamp, optional
        The day from which it is planned, where somebody says so.
    """
    planned = parse_round(next_round(calendar, settings, last_period), settings, calendar, as_of)
    if as_of is not None or last_period < planned.start:
        return planned
    day = calendar.ends(pd.DatetimeIndex([last_period]))[0]
    return parse_round(planned.name, settings, calendar, day)


def say_under_way(planned: Round, calendar: Calendar) -> list[Notice]:
    """How much of the round's own cycle is known and stands as sold; nothing where it has not begun."""
    known = int((planned.cycle_periods < planned.first_open).sum())
    if not known:
        return []
    counted = f"{known} of {len(planned.cycle_periods)} {calendar.grain}s"
    text = f"{planned.name} is under way: {counted} are known and stand as sold, the rest is planned."
    return [Notice("round_under_way", text, known)]


def apply_wall(workspace: Workspace, plan_round: Round) -> Workspace:
    """Return the workspace as it stood on the round's as-of date.

    Sales periods not ended, events dated later and assumptions recorded later are left out; what a
    lead became later is blank; market drivers are blank past the wall unless declared known. Prices,
    promotions and capacity are intentions and stay. What was left out is counted in notices.

    Raises
    ------
    InputError
        Where no sales period had ended at the as-of date.
    """
    notices: list[Notice] = []
    tables = {
        name: cut_table(name, frame, workspace.settings, workspace.calendar, plan_round.as_of, notices)
        for name, frame in workspace.tables.items()
    }
    if "spend" in tables:
        tables["planned_spend"] = planned_rows(
            workspace.tables["spend"], workspace.calendar, plan_round.as_of
        )
    sales = tables["sales"]
    if sales.empty:
        first = workspace.tables["sales"]["period"].min()
        ends = workspace.calendar.ends(pd.DatetimeIndex([first]))[0]
        found = f"{plan_round.as_of:%Y-%m-%d}, before the history"
        expected = f"{ends:%Y-%m-%d} or later, when the first period, {first:%Y-%m-%d}, has ended"
        raise InputError([Problem("as-of date", found, expected, "choose a later round or as-of date")])
    if begins_elsewhere(workspace.calendar):
        notices.append(_note_days(workspace, plan_round))
    late = workspace.calendar.count(sales["period"].max(), plan_round.first_open) - 1
    if late:
        text = f"sales: the table ends {counted(late, 'period')} before the as-of date; they are planned too."
        notices.append(Notice("sales_end_early", text, late))
    return replace(workspace, tables=tables, notices=(*workspace.notices, *notices))


def _note_days(workspace: Workspace, planned: Round) -> Notice:
    """Which days the round is, in a year that does not begin in January; and how such years are named."""
    text = f"Round {planned.name} is {say_round_days(workspace.calendar, planned.name)}."
    if workspace.settings.calendar.fiscal_year_name is None:
        text += (
            " Fiscal years bear the calendar year they end in; [calendar] fiscal_year_name = "
            '"start" names them by the one they begin in, "end" keeps this and says no more of it.'
        )
    return Notice("round_days", text, 1)
