"""Checks of ``[calendar]`` against the rest: the country's column, the year's start, the countries in it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from alignment_lib.inputs.configuration.calendar_settings import CalendarSettings, HolidayColumn
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.periods.holiday_codes import find_code, nearest_codes
from alignment_lib.inputs.periods.year_starts import parse_year_start
from alignment_lib.inputs.problems import Notice, Problem, ProblemLog, counted

__all__ = [
    "Fault",
    "ask_week_days",
    "check_calendar",
    "check_countries",
    "check_week_start",
    "note_retail_years",
]

Fault = tuple[str, str, str, str]
"""A key of ``[calendar]``, what was found, what was expected, and how to mend it."""
_OFTEN_LAST = (4, 5, 6)
"""Fridays, Saturdays and Sundays often close the weeks they name."""
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def check_calendar(given: CalendarSettings, dimensions: tuple[str, ...]) -> Iterator[Fault]:
    """Faults of the section that no single value shows."""
    holidays = given.holidays
    if isinstance(holidays, HolidayColumn) and holidays.column not in dimensions:
        near = difflib.get_close_matches(holidays.column.casefold(), dimensions, n=1, cutoff=0.6)
        mend = f"did you mean `{near[0]}`?" if near else "name the country's column among the dimensions"
        names = ", ".join(f"`{known}`" for known in dimensions)
        yield "holidays", f"the column '{holidays.column}'", f"one of the dimensions {names}", mend
    if given.fiscal_year_begins is None:
        return
    if given.grain != "week" or given.weeks == "gregorian":
        found = f'grain = "{given.grain}" and weeks = "{given.weeks}" beside it'
        expected = 'grain = "week" and weeks = "4-5-4", "5-4-4" or "4-4-5": a year counted in weeks'
        mend = "state the weeks, or the month of the year's start as fiscal_year_start"
        yield "fiscal_year_begins", found, expected, mend
    stated = "fiscal_year_start" in given.model_fields_set
    if stated and given.fiscal_year_start != given.first_month:
        found = f"fiscal_year_start = {given.fiscal_year_start} beside fiscal_year_begins"
        expected = f"{given.first_month}, the month that the rule's first fiscal month stands for"
        yield "fiscal_year_start", found, expected, "leave the line out"


def check_week_start(given: CalendarSettings, calendar: Calendar) -> Iterator[Fault]:
    """Years that begin on another weekday than the weeks of the sales table."""
    rule = parse_year_start(given.fiscal_year_begins) if given.fiscal_year_begins else None
    if rule is not None and given.grain == "week" and rule.weekday != calendar.week_start:
        found = f"a year that begins on a {_WEEKDAYS[rule.weekday]}"
        day = _WEEKDAYS[calendar.week_start]
        mend = f"name the {day} in the rule, or date the weeks of the sales table by their first day"
        yield "fiscal_year_begins", found, f"a {day}, on which most weeks of the sales table start", mend


def ask_week_days(periods: pd.Series, given: CalendarSettings, log: ProblemLog) -> None:
    """Say how weeks named by a day that often closes them were read, until the settings say it."""
    days = pd.DatetimeIndex(periods.dropna().unique())
    if given.grain != "week" or given.weeks_named_by is not None or not len(days):
        return
    weekday = int(np.bincount(days.weekday, minlength=7).argmax())
    if weekday not in _OFTEN_LAST:
        return
    first, last, week = days.min(), days.max(), pd.Timedelta(days=6)
    spans = [f"{day:%Y-%m-%d} to {day + week:%Y-%m-%d}" for day in (first, last, first - week)]
    text = (
        f"Weeks are named by {_WEEKDAYS[weekday]}s and read as beginning on them: the first is {spans[0]}, "
        f"the last {spans[1]}. If they end on them (the first being {spans[2]}), write "
        'weeks_named_by = "last day" under [calendar]; else "first day".'
    )
    log.note("weeks_named_by", text, 1)


def note_retail_years(given: CalendarSettings, periods: pd.Series) -> Iterator[Notice]:
    """Years in which the Sunday nearest 31 January is not the first day of the trade's own retail year.

    That year ends on the Saturday nearest 31 January: where this day is a Wednesday the two lie a week apart.
    """
    rule, days = parse_year_start(given.fiscal_year_begins or ""), periods.dropna()
    if rule != parse_year_start("Sunday nearest 31 January") or rule is None or not len(days):
        return
    trade = replace(rule, month=2, day=1)
    years = range(days.min().year, days.max().year + 2)
    apart = [year for year in years if rule.first_day(year) != trade.first_day(year)]
    if apart:
        ours, theirs = rule.first_day(apart[0]), trade.first_day(apart[0])
        text = (
            f'fiscal_year_begins = "{given.fiscal_year_begins}" lets {apart[0]} begin on {ours.day} '
            f"{ours:%B}; the retail calendar of the NRF begins it on {theirs.day} {theirs:%B}, the Sunday "
            "nearest 1 February. Write that where its year is meant."
        )
        yield Notice("retail_year", text, len(apart))


def check_countries(sales: pd.DataFrame, column: str, file: str) -> tuple[list[Problem], list[Notice]]:
    """Values of the country's column that are no country: a problem where none is known, else a note."""
    counts = sales[column].astype(str).value_counts()
    unknown = {str(text): int(number) for text, number in counts.items() if find_code(str(text)) is None}
    if not unknown:
        return [], []
    named = [_with_nearest(text) for text in sorted(unknown)][:8]
    said = ", ".join(named) + (", …" if len(unknown) > len(named) else "")
    if len(unknown) == len(counts):
        expected = 'codes such as "DE" or "GB-ENG", or English names of countries'
        mend = "write the codes, or name one country as holidays"
        return [Problem(file, f"no country among {said}", expected, mend, column=column)], []
    text = (
        f"{counted(len(unknown), 'value')} of `{column}` with no country of that name ({said}): "
        "planned without holidays."
    )
    return [], [Notice("countries_unknown", text, sum(unknown.values()))]


def _with_nearest(text: str) -> str:
    near = nearest_codes(text, 1)
    return f"'{text}' (nearest: {near[0]})" if near else f"'{text}'"
