"""What an export leaves open about its periods: grain, which day names them, where the sales end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.problems import counted
from alignment_lib.inputs.proposing.import_questions import Question
from alignment_lib.inputs.proposing.mapping_files import ImportMapping
from alignment_lib.inputs.reading.exports import Export
from alignment_lib.inputs.reading.wider_columns import tell_wider
from alignment_lib.inputs.words.export_dates import MONTH_FORMS, WEEK_FORMS, best_date_form, parse_days
from alignment_lib.inputs.words.export_numbers import parse_figures
from alignment_lib.inputs.words.period_headings import find_across
from alignment_lib.inputs.written_numbers import Said

__all__ = ["ask_about_periods", "settle_grain"]

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_FEWEST = 3
_ENDING = re.compile(r"\b(w/e|week ?end(ing|s)?|ending|ends?|bis|endend|fin|period end)\b", re.IGNORECASE)
_OFTEN_LAST = (4, 5)
"""Fridays and Saturdays close weeks; Sundays close them in Europe and open them in America."""


def settle_grain(export: Export, mapping: ImportMapping) -> ImportMapping:
    """The mapping with the grain that the dates have: months or quarters where they name nothing finer."""
    if mapping.kind == "pivot":
        grain = find_across(export.columns).grain
        return replace(mapping, grain=grain if grain in ("week", "month", "quarter") else "week")
    days = _days(export, mapping)
    if mapping.kind != "order_lines" or days is None or not len(days):
        return mapping
    if mapping.date in MONTH_FORMS or _are_months(days):
        quarters = len(days) > 1 and bool((np.diff(days.year * 12 + days.month) % 3 == 0).all())
        return replace(mapping, grain="quarter" if quarters and len(days) >= _FEWEST else "month")
    return mapping


def _days(export: Export, mapping: ImportMapping) -> pd.DatetimeIndex | None:
    """The different days of the export, in order."""
    column = mapping.columns.get("date", "")
    if column not in export.columns:
        return None
    return pd.DatetimeIndex(parse_days(export.table[column], mapping.date).dropna().unique()).sort_values()


def _are_months(days: pd.DatetimeIndex) -> bool:
    return len(days) >= _FEWEST and bool((days.day == 1).all() or days.is_month_end.all())


def ask_about_periods(export: Export, mapping: ImportMapping, today: pd.Timestamp) -> Iterator[Question]:
    """Every question about the periods of order lines or of a pivot."""
    if mapping.kind == "pivot":
        yield from _ask_about_pivot(export, mapping, today)
    elif mapping.kind == "order_lines":
        found = _days(export, mapping)
        if found is None:
            return
        if mapping.grain == "week" and mapping.date not in WEEK_FORMS:
            yield from _ask_about_weekday(found, bool(_ENDING.search(mapping.columns["date"])))
        yield from _ask_about_other_dates(export, mapping)
    for name in ("first_period", "last_period", "after_today"):
        yield Question("import", name, {"": "leave out"})


def _ask_about_pivot(export: Export, mapping: ImportMapping, today: pd.Timestamp) -> Iterator[Question]:
    across = find_across(export.columns)
    for doubt in across.doubts:
        yield Question("once", "heading", {"": ""}, doubt)
    yield from _ask_about_year(across.yearless, today)
    if across.grain == "week":
        yield from _ask_about_weekday(pd.DatetimeIndex(sorted(set(across.periods.values()))), across.ends)
    yield from _ask_about_end(export, mapping, today)
    for notice in tell_wider(export, mapping, across, list(across.periods)):
        if notice.code in ("column_alone", "column_apart"):
            yield Question("once", "column", {"": ""}, notice.text)


def _ask_about_year(yearless: bool, today: pd.Timestamp) -> Iterator[Question]:
    if yearless:
        text = f"the headings name no year; the first was taken to lie in {today.year - 1} (year in [import])"
        yield Question("import", "year", {"": str(today.year - 1)}, text)


def _ask_about_weekday(days: pd.DatetimeIndex, ending: bool) -> Iterator[Question]:
    if len(days) < _FEWEST or len(set(days.weekday)) != 1:
        return
    weekday = int(days[0].weekday())
    if weekday == 0 and not ending:
        return
    last = ending or weekday in _OFTEN_LAST
    week = pd.Timedelta(days=6)
    spans = [
        f"{first:%Y-%m-%d} to {first + week:%Y-%m-%d}"
        for day in (days[0], days[-1])
        for first in (day, day - week)
    ]
    text = (
        f"the weeks are named by {_DAYS[weekday]}s: as first days the first week is {spans[0]} and the last "
        f"{spans[2]}; as last days {spans[1]} and {spans[3]}. Taken for {'last' if last else 'first'} days "
        "(named_by under [import])"
    )
    yield Question("import", "named_by", {"": "last day" if last else "first day"}, text)


def _ask_about_end(export: Export, mapping: ImportMapping, today: pd.Timestamp) -> Iterator[Question]:
    """Periods up to today in which every cell is zero: nothing was sold, or it is not known yet."""
    across = find_across(export.columns)
    if across.yearless:
        return
    past = sorted((day, name) for name, day in across.periods.items() if day <= today)
    sums = [
        float(parse_figures(export.table[n], mapping.decimal, mapping.thousands).abs().sum()) for _, n in past
    ]
    held = [at for at, total in enumerate(sums) if total]
    if not held or held[-1] == len(past) - 1:
        return
    last = past[held[-1]][0]
    count = len(past) - 1 - held[-1]
    text = (
        f"after {past[held[-1]][1]!r} {counted(count, mapping.grain)} up to today hold nothing but 0: taken "
        "as not known yet (until under [import]); name a later day there if nothing was sold"
    )
    first = last if mapping.grain == "week" else Calendar("month").floor(pd.DatetimeIndex([last]))[0]
    yield Question("import", "until", {"": f"{first:%Y-%m-%d}"}, text)


def _ask_about_other_dates(export: Export, mapping: ImportMapping) -> Iterator[Question]:
    """Another column of days that would put rows into other months."""
    taken = mapping.columns["date"]
    days = parse_days(export.table[taken], mapping.date)
    for name in export.columns:
        if name in mapping.columns.values() or name in mapping.dimensions.values():
            continue
        values = export.table[name]
        known = values[values != ""]
        if len(known) < 0.5 * len(values) or best_date_form(known.iloc[:500])[1] < 1.0:
            continue
        other = parse_days(values, best_date_form(known.iloc[:500])[0])
        apart = other.notna() & days.notna() & (other.dt.to_period("M") != days.dt.to_period("M"))
        if apart.any():
            text = (
                f"{name!r} is a date too, and puts {counted(int(apart.sum()), 'row')} "
                f"({Said(apart.mean()):.0%}) into another month; {taken!r} was taken (date under [columns])"
            )
            yield Question("once", name, {"": ""}, text)
