"""One pandera schema per table, built from the data dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from alignment_lib.inputs.dictionary import Field, allowed_range
from alignment_lib.inputs.problems import ProblemLog, counted
from alignment_lib.inputs.tables.parsing import ParsedTable

if TYPE_CHECKING:
    import pandera.pandas as pa

__all__ = ["build_schema", "check_keys", "check_schema"]

_TYPES: dict[str, Any] = {
    "date": "datetime64[ns]",
    "datetime": "datetime64[ns]",
    "text": object,
    "choice": object,
}
_MOST_ROWS = 10
_MOST_LETTERS = 120


def build_schema(table: str, fields: Sequence[Field], category: Sequence[str] = ()) -> pa.DataFrameSchema:
    """Return the schema of one table: types, ranges, choices and the key.

    >>> from alignment_lib.inputs.dictionary import fields_of
    >>> build_schema("capacity", fields_of("capacity")).unique
    ['period', 'handler']
    """
    import pandera.pandas as pa

    columns = {entry.column: _column(entry, entry.column in category) for entry in fields}
    keys = [entry.column for entry in fields if entry.key]
    return pa.DataFrameSchema(columns, name=table, unique=keys or None, strict=False)


def _column(entry: Field, category: bool) -> pa.Column:
    import pandera.pandas as pa

    checks: list[Any] = []
    if entry.minimum is not None:
        checks.append(pa.Check.ge(entry.minimum))
    if entry.maximum is not None:
        checks.append(pa.Check.le(entry.maximum))
    if entry.choices:
        checks.append(pa.Check.isin(["", *entry.choices]))
    dtype = None if category else _TYPES.get(entry.type, float)
    return pa.Column(dtype, checks, nullable=True, required=entry.required)


def check_schema(table: str, parsed: ParsedTable, fields: Sequence[Field], log: ProblemLog) -> None:
    """Hold a parsed table to its schema; one problem per column out of range, one for duplicate keys.

    Words outside a choice and missing values were reported by the parser and are not repeated. The
    schema's own checks are asked row by row, because pandera's collected errors take minutes and
    gigabytes where every row of a large table is at fault; a table without problems is validated whole.
    """
    frame = parsed.frame
    before = len(log.problems)
    present = [entry for entry in fields if entry.column in parsed.raw.columns]
    category = [str(name) for name in frame if isinstance(frame[name].dtype, pd.CategoricalDtype)]
    schema = build_schema(table, present, category)
    for entry in present:
        if not entry.choices:
            _report_range(parsed, entry, schema.columns[entry.column], log)
    check_keys(parsed, fields, log)
    faulty = any(problem.file == parsed.raw.file for problem in log.problems)
    if not faulty and len(log.problems) == before:
        schema.validate(frame)


def _report_range(parsed: ParsedTable, entry: Field, column: pa.Column, log: ProblemLog) -> None:
    mend = "write a decimal share, 0.9 for 90 %" if entry.unit == "share" else "correct the value"
    values = parsed.frame[entry.column]
    outside = np.zeros(len(values), dtype=bool)
    for check in column.checks:
        # pandera leaves missing values out of what it returns.
        passed = check(values).check_output.reindex(values.index, fill_value=True)
        outside |= ~passed.to_numpy(dtype=bool)
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
