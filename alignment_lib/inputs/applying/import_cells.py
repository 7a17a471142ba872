"""Columns of an export read by a mapping: days, figures, dimensions, and every cell that cannot be read."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import Problem, ProblemLog, counted
from alignment_lib.inputs.proposing.mapping_files import ImportMapping
from alignment_lib.inputs.reading.exports import Export
from alignment_lib.inputs.tables.distinct_words import distinct_words
from alignment_lib.inputs.words.export_dates import parse_days, read_moments
from alignment_lib.inputs.words.export_numbers import read_figures as read_numbers

__all__ = ["read_days", "read_dimensions", "read_figures", "read_latest", "read_times"]


def read_days(export: Export, column: str, form: str, log: ProblemLog, *, needed: bool) -> pd.Series:
    """Days of a column; what is no date in the form goes to the log, blanks too where a day is `needed`."""
    days = parse_days(export.table[column], form)
    bad = days.isna() if needed else days.isna() & (export.table[column] != "")
    _report(export, column, bad, f"a date written {form}", "correct it, or change `date` in the mapping", log)
    return days


def read_times(export: Export, column: str, form: str, log: ProblemLog, *, needed: bool) -> pd.Series:
    """Dates of a column as ISO text, with the time of day wherever one is written: durations need it."""
    found = read_moments(export.table[column], form)
    bad = pd.Series(found.values.isna() if needed else found.bad, index=export.table.index)
    _report(export, column, bad, f"a date written {form}", "correct it, or change `date` in the mapping", log)
    if found.zoned.any():
        text = f"{column}: times with an offset from universal time keep their own day and hour."
        log.note("offsets", text, int(found.zoned.sum()))
    days = pd.Series(found.values.strftime("%Y-%m-%d"), index=export.table.index)
    whole = pd.Series(found.values == found.values.normalize(), index=export.table.index)
    times = pd.Series(found.values.strftime("%Y-%m-%d %H:%M:%S"), index=export.table.index)
    return days.where(whole, times.str.removesuffix(":00")).fillna("")


def read_latest(
    export: Export, mapping: ImportMapping, role: str, log: ProblemLog, *, needed: bool
) -> pd.Series:
    """The times of a role, of several columns the latest that is filled: won and lost may have one each."""
    times = read_times(export, mapping.columns[role], mapping.date, log, needed=needed)
    for column in mapping.also.get(role, ()):
        other = read_times(export, column, mapping.date, log, needed=False)
        both = int(((times != "") & (other != "") & (times != other)).sum())
        if both:
            text = (
                f"{counted(both, 'row')} with days in {mapping.columns[role]} and {column}: the later counts."
            )
            log.note(f"both_{role}", text, both)
        times = times.where(times >= other, other)
    return times


def read_figures(export: Export, column: str, mapping: ImportMapping, log: ProblemLog) -> pd.Series:
    """Figures of a column, NaN where blank; what is no number goes to the log."""
    found = read_numbers(export.table[column], mapping.decimal, mapping.thousands)
    values = pd.Series(found.values, index=export.table.index)
    bad = pd.Series(found.bad, index=export.table.index)
    _report(export, column, bad, "a number", "correct it, or change `decimal` in the mapping", log)
    return values


def _report(
    export: Export,
    column: str,
    bad: pd.Series,
    expected: str,
    mend: str,
    log: ProblemLog,
) -> None:
    places = np.flatnonzero(bad.to_numpy())
    if len(places):
        first = int(places[0])
        found = repr(export.table[column].iloc[first])[:60]
        row = export.row_of(first)
        log.add(Problem(export.file, found, expected, mend, row=row, column=column, count=len(places)))


def read_dimensions(export: Export, mapping: ImportMapping) -> pd.DataFrame:
    """The dimensions by their names, a blank cell named so."""
    frame = {}
    for name, column in mapping.dimensions.items():
        codes, words = distinct_words(export.table[column])
        frame[name] = np.where(words == "", "(blank)", words)[codes]
    return pd.DataFrame(frame, index=export.table.index, dtype=object)
