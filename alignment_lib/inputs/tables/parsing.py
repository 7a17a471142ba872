"""From a raw table to a typed frame: every column by its dictionary type, nothing guessed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa

from alignment_lib.inputs.checking.heading_hints import hint_heading, looks_like_export
from alignment_lib.inputs.configuration.format_settings import FormatSettings
from alignment_lib.inputs.configuration.settings_reader import nearest
from alignment_lib.inputs.dictionary import Field
from alignment_lib.inputs.problems import Problem, ProblemLog, counted
from alignment_lib.inputs.tables.choice_words import choice_of
from alignment_lib.inputs.tables.dates import explain_dates, parse_date, parse_dates, parse_datetimes
from alignment_lib.inputs.tables.numbers import explain_number, parse_numbers
from alignment_lib.inputs.tables.raw import Column, RawTable, clip, show_cell

__all__ = ["ParsedTable", "empty_table", "parse_table"]

_FLAGS = {"yes": 1.0, "true": 1.0, "1": 1.0, "no": 0.0, "false": 0.0, "0": 0.0}
_PERCENT_UNITS = ("percent", "by unit")
_SIGNATURE = re.compile(r"(.*\S)\s+(\S+)")
_EXPLAINED = 1_000
"""Faulty cells of a column that are looked at to explain the fault."""


@dataclass(frozen=True)
class ParsedTable:
    """A typed frame with the way back to its file.

    Attributes
    ----------
    raw : RawTable
        Where it came from; ``raw.row_of`` turns a frame position into the user's row.
    frame : DataFrame
        Canonical columns; positions run as in `raw`.
    percent : mapping of str to ndarray of bool
        For number columns of a workbook: which cells were formatted as percentages.
    offsets : mapping of str to ndarray of float
        For columns of moments: minutes by which the written clock runs before UTC, NaN where none is written.
    """

    raw: RawTable
    frame: pd.DataFrame
    percent: Mapping[str, np.ndarray] = field(default_factory=dict)
    offsets: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class _Context:
    """What the column parsers share."""

    raw: RawTable
    form: FormatSettings
    log: ProblemLog
    category: frozenset[str]
    percent: dict[str, np.ndarray]
    offsets: dict[str, np.ndarray]


def parse_table(
    raw: RawTable,
    fields: Sequence[Field],
    form: FormatSettings,
    log: ProblemLog,
    category: Sequence[str] = (),
    needed: Collection[str] = (),
    spare: bool = False,
) -> ParsedTable:
    """Parse every column of a raw table.

    Parameters
    ----------
    raw : RawTable
        The table as it stands.
    fields : sequence of Field
        Its dictionary entries, dimensions and drivers written out.
    form : FormatSettings
        How numbers and dates are written.
    log : ProblemLog
        Receives unknown and missing columns, and one problem per kind of fault and column.
    category : sequence of str
        Text columns to hold as categories, sorted.
    needed : collection of str
        Columns that must be there though their cells may be empty.
    spare : bool
        Whether columns that nothing names are left out with a note, unless they look like one misspelt.
    """
    _check_columns(raw, fields, log, needed, spare)
    context = _Context(raw, form, log, frozenset(category), {}, {})
    columns: dict[str, object] = {}
    for entry in fields:
        if entry.column in raw.columns:
            columns.update(_PARSERS[entry.type](raw.columns[entry.column], entry, context))
        else:
            columns.update(_absent(entry, raw.rows, entry.column in context.category))
    return ParsedTable(raw, pd.DataFrame(columns), context.percent, context.offsets)


def empty_table(fields: Sequence[Field], category: Sequence[str] = ()) -> pd.DataFrame:
    """A table without rows, with the columns and types it would have."""
    columns: dict[str, object] = {}
    for entry in fields:
        columns.update(_absent(entry, 0, entry.column in category))
    return pd.DataFrame(columns)


def _check_columns(
    raw: RawTable, fields: Sequence[Field], log: ProblemLog, needed: Collection[str], spare: bool
) -> None:
    known = [entry.column for entry in fields]
    table = fields[0].table if fields else ""
    if looks_like_export(list(raw.columns), table, known):
        log.add(_export_problem(raw, table))
        return
    absent = [name for name in known if name not in raw.columns]
    offered: set[str] = set()
    left_out = []
    for name in raw.columns:
        if name not in known:
            free = [*absent, *(("units", "revenue") if table == "sales" else ())]
            lacking = [column for column in free if column not in offered and column not in raw.columns]
            hint = hint_heading(name, table, lacking)
            guess = f"call it `{hint}`" if hint else nearest(name, absent)
            if spare and not guess:
                left_out.append(name)
                continue
            offered |= {column for column in absent if f"`{column}`" in guess}
            mend = guess or "remove the column, or declare it in planning.toml if it is a dimension or driver"
            expected = "one of " + ", ".join(known)
            log.add(Problem(raw.file, f"the unknown column {clip(name)}", expected, mend, raw.sheet, 1, name))
    _note_left_out(raw, left_out, log)
    for entry in fields:
        required = entry.required or entry.column in needed
        if required and entry.column in absent and entry.column not in offered:
            found = f"no column `{entry.column}`"
            meaning = entry.description[0].lower() + entry.description[1:].rstrip(".")
            expected = f"a column `{entry.column}`: {meaning}"
            log.add(Problem(raw.file, found, expected, "add the column", raw.sheet, 1, entry.column))


def _note_left_out(raw: RawTable, names: Sequence[str], log: ProblemLog) -> None:
    if names:
        shown = ", ".join(clip(name) for name in names)
        text = (
            f"{raw.file}: {counted(len(names), 'column')} left out, since [drivers] columns in planning.toml "
            f"does not name {'it' if len(names) == 1 else 'them'}: {shown}. Declare a column there, with its "
            "kind, to use it."
        )
        log.note("driver_columns_unread", text, len(names))


def _export_problem(raw: RawTable, table: str) -> Problem:
    found = f"the headings {', '.join(map(clip, list(raw.columns)[:6]))}, which look like an export"
    mend = "move it out of the folder, then run: alignment import FILE FOLDER"
    return Problem(raw.file, found, f"the {table} table of the data dictionary", mend, raw.sheet, 1)


def _absent(entry: Field, rows: int, category: bool) -> dict[str, object]:
    """A column that the file lacks: missing throughout."""
    if entry.type in ("date", "datetime"):
        return {entry.column: np.full(rows, np.datetime64("NaT", "ns"))}
    if entry.type in ("number", "integer", "flag"):
        return {entry.column: np.full(rows, np.nan)}
    blank = np.full(rows, "", dtype=object)
    columns: dict[str, object] = {entry.column: pd.Categorical(blank) if category else blank}
    return columns | _signature_columns(entry, blank, None)


def _number_column(column: Column, entry: Field, context: _Context) -> dict[str, object]:
    numbers = parse_numbers(column, context.form)
    values = numbers.values
    if entry.unit in _PERCENT_UNITS:
        # 0.29 shown as 29 % is 29, not the 28.999999999999996 that a product of doubles gives.
        values = np.where(numbers.percent, np.round(values * 100, 10), values)
    if numbers.percent.any():
        context.percent[entry.column] = numbers.percent
    raw, log = context.raw, context.log
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    bad = np.flatnonzero(numbers.bad)
    for at in bad[:_EXPLAINED].tolist():
        groups[explain_number(raw.cell(entry.column, at), context.form)].append(at)
    for (expected, mend), places in groups.items():
        # Beyond the cells looked at, one fault in a column stands for all.
        rest = bad[_EXPLAINED:] if len(groups) == 1 else bad[:0]
        raw.report(log, entry.column, np.concatenate([np.array(places), rest]), expected, mend)
    if entry.type == "integer":
        broken = np.flatnonzero(~np.isnan(values) & (values != np.round(values)))
        raw.report(log, entry.column, broken, "a whole number", "write a whole number")
    _check_required(np.isnan(values) & ~numbers.bad, entry, context)
    return {entry.column: values}


def _date_column(column: Column, entry: Field, context: _Context) -> dict[str, object]:
    with_time = entry.type == "datetime"
    dates = (parse_datetimes if with_time else parse_dates)(column, context.form.date)
    if dates.bad.any():
        places = np.flatnonzero(dates.bad)
        texts = [context.raw.cell(entry.column, at) for at in places[:_EXPLAINED].tolist()]
        good = np.flatnonzero(~np.isnat(dates.values))
        sample = context.raw.cell(entry.column, int(good[0])) if len(good) else ""
        found, expected, mend = explain_dates(texts, sample, context.form.date, with_time)
        context.raw.report(context.log, entry.column, places, expected, mend, found)
    if not np.isnan(dates.offsets).all():
        context.offsets[entry.column] = dates.offsets
    _check_required(np.isnat(dates.values) & ~dates.bad, entry, context)
    return {entry.column: dates.values}


def _flag_column(column: Column, entry: Field, context: _Context) -> dict[str, object]:
    codes, words = _words(column, context)
    table = np.array([_FLAGS.get(word.casefold(), np.nan) for word in words], dtype=float)
    wrong = np.array([bool(word) and word.casefold() not in _FLAGS for word in words], dtype=bool)[codes]
    _report(codes, words, wrong, entry, context, "yes or no", lambda word: "write yes or no")
    values = table[codes]
    _check_required(np.isnan(values) & ~wrong, entry, context)
    return {entry.column: values}


def _choice_column(column: Column, entry: Field, context: _Context) -> dict[str, object]:
    codes, given = _words(column, context)
    allowed = set(entry.choices)
    words = [choice_of(word, entry.column, entry.choices) for word in given]
    wrong = np.array([bool(word) and word not in allowed for word in words], dtype=bool)[codes]
    expected = "one of " + ", ".join(entry.choices)
    _report(
        codes,
        words,
        wrong,
        entry,
        context,
        expected,
        lambda word: nearest(word, allowed) or "use one of these words",
    )
    values = np.array(words, dtype=object)[codes]
    _check_required(values == "", entry, context)
    return {entry.column: values}


def _text_column(column: Column, entry: Field, context: _Context) -> dict[str, object]:
    codes, words = _words(column, context)
    blank = np.array([not word for word in words], dtype=bool)
    _check_required(blank[codes], entry, context)
    if entry.column in context.category:
        order = sorted(range(len(words)), key=words.__getitem__)
        rank = np.empty(len(words), dtype=codes.dtype)
        rank[order] = np.arange(len(words), dtype=codes.dtype)
        categories = pd.Index([words[at] for at in order], dtype=object)
        return {entry.column: pd.Categorical.from_codes(rank[codes], categories=categories)}
    values = np.array(words, dtype=object)[codes]
    return {entry.column: values} | _signature_columns(entry, values, context)


def _signature_columns(entry: Field, values: np.ndarray, context: _Context | None) -> dict[str, object]:
    """``role date`` and ``count date`` cells taken apart, beside the text itself."""
    if entry.unit not in ("role and date", "count and date"):
        return {}
    counted = entry.unit.startswith("count")
    first = np.full(len(values), "", dtype=object)
    days = np.full(len(values), np.datetime64("NaT", "ns"))
    bad = np.zeros(len(values), dtype=bool)
    for at in np.flatnonzero(values != ""):
        match = _SIGNATURE.fullmatch(values[at])
        day = parse_date(match[2], context.form.date if context else "iso") if match else None
        if match is None or day is None or (counted and not match[1].isdecimal()):
            bad[at] = True
        else:
            first[at], days[at] = match[1], np.datetime64(day, "ns")
    if context is not None:
        expected = f"{entry.unit}, like {clip(entry.example)}"
        context.raw.report(
            context.log, entry.column, np.flatnonzero(bad), expected, "write both, the date last"
        )
    if counted:
        counts = np.array([float(text) if text else np.nan for text in first], dtype=float)
        return {f"{entry.column}_count": counts, f"{entry.column}_on": days}
    return {f"{entry.column}_by": first, f"{entry.column}_on": days}


def _words(column: Column, context: _Context) -> tuple[np.ndarray, list[str]]:
    """Each row's position among the distinct texts, and these, without spaces around them."""
    if isinstance(column, np.ndarray):
        texts = pa.array([show_cell(cell) for cell in column], pa.string())
    else:
        texts = column.combine_chunks()
        if not pa.types.is_string(texts.type):
            texts = texts.cast(pa.string())
        texts = texts.fill_null("")
    encoded = texts.dictionary_encode()
    codes = np.asarray(encoded.indices.to_numpy())
    given = encoded.dictionary.to_pylist()
    trimmed = [word.strip() for word in given]
    if trimmed == given:
        return codes, given
    words = list(dict.fromkeys(trimmed))
    position = {word: at for at, word in enumerate(words)}
    changed = np.array(
        [new != old and bool(new) for new, old in zip(trimmed, given, strict=True)], dtype=bool
    )
    count = int(changed[codes].sum())
    if count:
        context.log.note(
            "spaces", f"{context.raw.file}: spaces around text left off in {counted(count, 'cell')}.", count
        )
    return np.array([position[word] for word in trimmed], dtype=codes.dtype)[codes], words


def _report(
    codes: np.ndarray,
    words: Sequence[str],
    wrong: np.ndarray,
    entry: Field,
    context: _Context,
    expected: str,
    mend: Callable[[str], str],
) -> None:
    if wrong.any():
        texts = np.array(words, dtype=object)[codes]
        context.raw.report_words(context.log, entry.column, texts, np.flatnonzero(wrong), expected, mend)


def _check_required(missing: np.ndarray, entry: Field, context: _Context) -> None:
    if entry.required and missing.any():
        mend = "fill it in, or remove the row"
        places = np.flatnonzero(missing)
        context.raw.report(context.log, entry.column, places, f"a {entry.type}", mend, "an empty cell")


_PARSERS: dict[str, Callable[[Column, Field, _Context], dict[str, object]]] = {
    "date": _date_column,
    "datetime": _date_column,
    "number": _number_column,
    "integer": _number_column,
    "flag": _flag_column,
    "text": _text_column,
    "choice": _choice_column,
}
