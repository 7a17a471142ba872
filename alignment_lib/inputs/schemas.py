"""One pandera schema per table, built from the data dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from alignment_lib.inputs.dictionary import Field
from alignment_lib.inputs.parsing import ParsedTable, cell_text
from alignment_lib.inputs.problems import Problem, ProblemLog
from alignment_lib.inputs.raw import clip

if TYPE_CHECKING:
    import pandera.pandas as pa

__all__ = ["build_schema", "check_schema"]


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
    types: dict[str, Any] = {"date": "datetime64[ns]", "datetime": "datetime64[ns]", "text": object, "choice": object}
    dtype = None if category else types.get(entry.type, float)
    return pa.Column(dtype, checks, nullable=True, required=entry.required)


def check_schema(table: str, parsed: ParsedTable, fields: Sequence[Field], log: ProblemLog) -> None:
    """Validate a parsed table; add one problem per column and rule broken, and one for duplicate keys.

    Words outside a choice and missing values were reported by the parser and are not repeated.
    """
    import pandera.errors

    frame = parsed.frame
    present = [entry for entry in fields if entry.column in parsed.raw.columns]
    category = [name for name in frame if isinstance(frame[name].dtype, pd.CategoricalDtype)]
    schema = build_schema(table, present, category)
    try:
        schema.validate(frame, lazy=True)
        return
    except pandera.errors.SchemaErrors as errors:
        failed = {(error.schema.name, str(error.check)) for error in errors.schema_errors}
    for entry in present:
        if any(name == entry.column for name, _ in failed):
            _report_range(parsed, entry, log)
    if any("unique" in check for _, check in failed):
        _report_duplicates(parsed, [entry for entry in present if entry.key], log)


def _report_range(parsed: ParsedTable, entry: Field, log: ProblemLog) -> None:
    if entry.minimum is None and entry.maximum is None:
        return
    values = parsed.frame[entry.column].to_numpy(dtype=float)
    low = -np.inf if entry.minimum is None else entry.minimum
    high = np.inf if entry.maximum is None else entry.maximum
    places = np.flatnonzero((values < low) | (values > high))
    if not len(places):
        return
    raw, at = parsed.raw, int(places[0])
    found = clip(cell_text(raw.columns[entry.column], at))
    expected = f"{low:g} to {high:g}" if np.isfinite([low, high]).all() else (f"{low:g} or more" if np.isfinite(low) else f"{high:g} or less")
    mend = "write a decimal share: 0.9 for 90 %" if entry.unit == "share" else "correct the value"
    log.add(Problem(raw.file, found, expected, mend, raw.sheet, raw.row_of(at), entry.column, len(places)))


def _report_duplicates(parsed: ParsedTable, keys: Sequence[Field], log: ProblemLog) -> None:
    names = [entry.column for entry in keys]
    twice = parsed.frame.duplicated(names, keep=False).to_numpy()
    places = np.flatnonzero(twice)
    groups = parsed.frame.loc[twice, names].groupby(names, sort=False, observed=True, dropna=False).ngroup().to_numpy()
    first = places[groups == 0]
    raw = parsed.raw
    rows = [raw.row_of(int(at)) for at in first[:10]]
    listed = ", ".join(map(str, rows[:-1])) + f" and {rows[-1]}" + (" and others" if len(first) > 10 else "")
    values = ", ".join(f"{name} {cell_text(raw.columns[name], int(first[0]))}" for name in names)
    more = int(groups.max())
    found = f"rows {listed} all for {clip_words(values)}" + (f", and {more} more such groups" if more else "")
    expected = "one row for each " + ", ".join(names)
    mend = "add the rows up, or remove those that stand there by mistake"
    log.add(Problem(raw.file, found, expected, mend, raw.sheet, rows[0], names[-1], len(places)))


def clip_words(text: str) -> str:
    """Keep a list of values short."""
    return text if len(text) <= 120 else text[:117] + "..."
