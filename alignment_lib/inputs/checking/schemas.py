"""Ranges and keys of a parsed table, held to the data dictionary."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from alignment_lib.inputs.dictionary import Field, allowed_range
from alignment_lib.inputs.problems import ProblemLog, counted
from alignment_lib.inputs.tables.parsing import ParsedTable

__all__ = ["check_keys", "check_schema"]

_MOST_ROWS = 10
_MOST_LETTERS = 120


def check_schema(parsed: ParsedTable, fields: Sequence[Field], log: ProblemLog) -> None:
    """Hold a parsed table to the dictionary: one problem a column out of range, one for duplicate keys.

    Types, words outside a choice and missing values were settled and reported by the parser.
    """
    for entry in fields:
        if entry.column in parsed.raw.columns and (entry.minimum is not None or entry.maximum is not None):
            _report_range(parsed, entry, log)
    check_keys(parsed, fields, log)


def _report_range(parsed: ParsedTable, entry: Field, log: ProblemLog) -> None:
    mend = "write a decimal share, 0.9 for 90 %" if entry.unit == "share" else "correct the value"
    values = parsed.frame[entry.column].to_numpy()
    low = -np.inf if entry.minimum is None else entry.minimum
    high = np.inf if entry.maximum is None else entry.maximum
    # A missing value is outside no range: NaN compares as false.
    outside = (values < low) | (values > high)
    parsed.raw.report(log, entry.column, np.flatnonzero(outside), allowed_range(entry), mend)


def check_keys(parsed: ParsedTable, fields: Sequence[Field], log: ProblemLog) -> None:
    """One problem for all rows that share their key with another."""
    fields = [entry for entry in fields if entry.key]
    frame = parsed.frame
    keys = [entry.column for entry in fields]
    # A missing or unreadable part of the key was reported already; such rows are not alike for it.
    if not keys:
        return
    whole = np.ones(len(frame), dtype=bool)
    for entry in fields:
        if entry.required:
            whole &= (frame[entry.column].notna() & (frame[entry.column] != "")).to_numpy()
    places = np.flatnonzero(frame.duplicated(list(keys), keep=False).to_numpy() & whole)
    if not len(places):
        return
    grouped = frame.iloc[places].groupby(list(keys), sort=False, observed=True, dropna=False)
    groups = grouped.ngroup().to_numpy()
    first = places[groups == 0]
    raw = parsed.raw
    rows = [str(raw.row_of(int(at))) for at in first[:_MOST_ROWS]]
    listed = ", ".join(rows[:-1]) + f" and {rows[-1]}" + (" and others" if len(first) > _MOST_ROWS else "")
    values = ", ".join(
        f"{name} {raw.cell(name, int(first[0])) or '(blank)'}" for name in keys if name in raw.columns
    )
    values = values if len(values) <= _MOST_LETTERS else values[: _MOST_LETTERS - 3] + "..."
    more = f", and {counted(int(groups.max()), 'more such group')}" if groups.max() else ""
    found = f"rows {listed} with the same {values}{more}"
    expected = "one row for each " + ", ".join(keys)
    mend = "add the rows up, or remove those that stand there by mistake"
    raw.report(log, "", places, expected, mend, found)
