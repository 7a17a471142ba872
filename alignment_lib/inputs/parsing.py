"""From a raw table to a typed frame: every column by its dictionary type, nothing guessed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa

from alignment_lib.inputs.dates import Dates, explain_dates, parse_date, parse_dates, parse_datetimes
from alignment_lib.inputs.dictionary import Field
from alignment_lib.inputs.numbers import explain_number, parse_numbers
from alignment_lib.inputs.problems import Problem, ProblemLog
from alignment_lib.inputs.raw import Column, PercentCell, RawTable, clip
from alignment_lib.inputs.settings import FormatSettings
from alignment_lib.inputs.settings_reader import nearest

__all__ = ["ParsedTable", "empty_table", "parse_table"]

_FLAGS = {"yes": 1.0, "true": 1.0, "1": 1.0, "no": 0.0, "false": 0.0, "0": 0.0}
_PERCENT_UNITS = ("percent", "by unit")
_SIGNATURE = re.compile(r"(.*\S)\s+(\S+)")


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
    """

    raw: RawTable
    frame: pd.DataFrame
    percent: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class _Context:
    """What the column parsers share."""

    raw: RawTable
    form: FormatSettings
    log: ProblemLog
    category: frozenset[str]
    percent: dict[str, np.ndarray]

    def problem(self, column: str, at: int, count: int, found: str, expected: str, mend: str) -> None:
        row = self.raw.row_of(at)
        self.log.add(Problem(self.raw.file, found, expected, mend, self.raw.sheet, row, column, count))


def parse_table(
    raw: RawTable,
    fields: Sequence[Field],
    form: FormatSettings,
    log: ProblemLog,
    category: Sequence[str] = (),
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
    """
    _check_columns(raw, fields, log)
    context = _Context(raw, form, log, frozenset(category), {})
    columns: dict[str, object] = {}
    for entry in fields:
        if entry.column in raw.columns:
            columns.update(_parse_column(raw.columns[entry.column], entry, context))
        else:
            columns.update(_absent(entry, raw.rows, entry.column in context.category))
    return ParsedTable(raw, pd.DataFrame(columns), context.percent)


def empty_table(fields: Sequence[Field], category: Sequence[str] = ()) -> pd.DataFrame:
    """A table without rows, with the columns and types it would have."""
    columns: dict[str, object] = {}
    for entry in fields:
        columns.update(_absent(entry, 0, entry.column in category))
    return pd.DataFrame(columns)


def _check_columns(raw: RawTable, fields: Sequence[Field], log: ProblemLog) -> None:
    known = [entry.column for entry in fields]
    absent = [name for name in known if name not in raw.columns]
    offered: set[str] = set()
    for name in raw.columns:
        if name not in known:
            guess = nearest(name, absent)
            offered |= {column for column in absent if f"`{column}`" in guess}
            mend = guess or "remove the column, or declare it in planning.toml if it is a dimension or driver"
            expected = "one of " + ", ".join(known)
            log.add(Problem(raw.file, f"the unknown column {clip(name)}", expected, mend, raw.sheet, 1, name))
    for entry in fields:
        if entry.required and entry.column in absent and entry.column not in offered:
            found = f"no column `{entry.column}`"
            log.add(Problem(raw.file, found, entry.description, "add the column", raw.sheet, 1, entry.column))


def _absent(entry: Field, rows: int, category: bool) -> dict[str, object]:
    """An optional column that the file lacks: missing throughout."""
    if entry.type in ("date", "datetime"):
        return {entry.column: np.full(rows, np.datetime64("NaT", "ns"))}
    if entry.type in ("number", "integer", "flag"):
        return {entry.column: np.full(rows, np.nan)}
    blank = np.full(rows, "", dtype=object)
    columns: dict[str, object] = {entry.column: pd.Categorical(blank) if category else blank}
    return columns | _signature_columns(entry, blank, None)


def _parse_column(column: Column, entry: Field, context: _Context) -> dict[str, object]:
    kinds: dict[str, Callable[[Column, Field, _Context], dict[str, object]]] = {
        "date": _date_column,
        "datetime": _date_column,
        "number": _number_column,
        "integer": _number_column,
        "flag": _flag_column,
        "text": _text_column,
        "choice": _choice_column,
    }
    return kinds[entry.type](column, entry, context)


def _number_column(column: Column, entry: Field, context: _Context) -> dict[str, object]:
    numbers = parse_numbers(column, context.form)
    values = numbers.values
    if entry.unit in _PERCENT_UNITS:
        values = np.where(numbers.percent, values * 100, values)
    if numbers.percent.any():
        context.percent[entry.column] = numbers.percent
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at in np.flatnonzero(numbers.bad):
        groups[explain_number(cell_text(column, at), context.form)].append(int(at))
    for (expected, mend), places in groups.items():
        found = clip(cell_text(column, places[0]))
        context.problem(entry.column, places[0], len(places), found, expected, mend)
    if entry.type == "integer":
        broken = np.flatnonzero(~np.isnan(values) & (values != np.round(values)))
        if len(broken):
            found = clip(cell_text(column, broken[0]))
            context.problem(entry.column, broken[0], len(broken), found, "a whole number", "write a whole number")
    _check_required(np.isnan(values) & ~numbers.bad, entry, context)
    return {entry.column: values}


def _date_column(column: Column, entry: Field, context: _Context) -> dict[str, object]:
    with_time = entry.type == "datetime"
    parse = parse_datetimes if with_time else parse_dates
    dates = parse(column, context.form.date)
    if dates.bad.any():
        places = np.flatnonzero(dates.bad)
        texts = [cell_text(column, at) for at in places[:1000]]
        good = np.flatnonzero(~np.isnat(dates.values))
        sample = cell_text(column, good[0]) if len(good) else ""
        found, expected, mend = explain_dates(texts, sample, context.form.date, with_time)
        context.problem(entry.column, places[0], len(places), found, expected, mend)
    _note_zones(dates, entry, context)
    _check_required(np.isnat(dates.values) & ~dates.bad, entry, context)
    return {entry.column: dates.values}


def _note_zones(dates: Dates, entry: Field, context: _Context) -> None:
    zoned = int(dates.zoned.sum())
    plain = int((~np.isnat(dates.values)).sum()) - zoned
    if zoned and plain:
        text = (
            f"{context.raw.file}, column {entry.column}: {zoned} times bear a time zone and were turned to UTC; "
            f"{plain} bear none and were taken as UTC."
        )
        context.log.note("time_zones", text, plain)


def _flag_column(column: Column, entry: Field, context: _Context) -> dict[str, object]:
    codes, words = _words(column, context)
    table = np.array([_FLAGS.get(word.casefold(), np.nan) for word in words], dtype=float)
    wrong = np.array([bool(word) and word.casefold() not in _FLAGS for word in words], dtype=bool)
    _report_words(codes, words, wrong, entry, context, "yes or no", lambda word: "write yes or no")
    values = table[codes] if len(words) else np.full(len(codes), np.nan)
    _check_required(np.isnan(values) & ~wrong[codes], entry, context)
    return {entry.column: values}


def _choice_column(column: Column, entry: Field, context: _Context) -> dict[str, object]:
    codes, words = _words(column, context)
    allowed = set(entry.choices)
    wrong = np.array([bool(word) and word not in allowed for word in words], dtype=bool)
    expected = "one of " + ", ".join(entry.choices)
    _report_words(
        codes, words, wrong, entry, context, expected, lambda word: nearest(word, allowed) or "use one of these words"
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
        return {entry.column: pd.Categorical.from_codes(rank[codes], categories=[words[at] for at in order])}
    values = np.array(words, dtype=object)[codes]
    return {entry.column: values} | _signature_columns(entry, values, context)


def _signature_columns(entry: Field, values: np.ndarray, context: _Context | None) -> dict[str, object]:
    """``role date`` and ``count date`` cells taken apart, beside the text itself."""
    if entry.unit not in ("role and date", "count and date"):
        return {}
    first = np.full(len(values), "", dtype=object)
    days = np.full(len(values), np.datetime64("NaT", "ns"))
    bad: list[int] = []
    for at in np.flatnonzero(values != ""):
        match = _SIGNATURE.fullmatch(values[at])
        day = parse_date(match[2], context.form.date if context else "iso") if match else None
        if match is None or day is None or (entry.unit.startswith("count") and not match[1].isdecimal()):
            bad.append(int(at))
        else:
            first[at], days[at] = match[1], np.datetime64(day, "ns")
    if bad and context is not None:
        expected = f"{entry.unit}, like {clip(entry.example)}"
        context.problem(entry.column, bad[0], len(bad), clip(values[bad[0]]), expected, "write both, the date last")
    if entry.unit.startswith("count"):
        counts = np.array([float(text) if text else np.nan for text in first], dtype=float)
        return {f"{entry.column}_count": counts, f"{entry.column}_on": days}
    return {f"{entry.column}_by": first, f"{entry.column}_on": days}


def _words(column: Column, context: _Context) -> tuple[np.ndarray, list[str]]:
    """Distinct texts without spaces around them, and each row's position among them."""
    if isinstance(column, np.ndarray):
        texts = pa.array([show_cell(cell) for cell in column], pa.string())
    else:
        texts = column.combine_chunks()
        if not pa.types.is_string(texts.type):
            texts = texts.cast(pa.string())
        texts = texts.fill_null("")
    encoded = texts.dictionary_encode()
    codes = encoded.indices.to_numpy()
    given = encoded.dictionary.to_pylist()
    trimmed = [word.strip() for word in given]
    if trimmed == given:
        return codes, given
    words = list(dict.fromkeys(trimmed))
    position = {word: at for at, word in enumerate(words)}
    changed = np.array([new != old and bool(new) for new, old in zip(trimmed, given, strict=True)], dtype=bool)
    count = int(changed[codes].sum())
    if count:
        context.log.note("spaces", f"{context.raw.file}: spaces around text were left off in {count} cells.", count)
    return np.array([position[word] for word in trimmed], dtype=codes.dtype)[codes], words


def _report_words(
    codes: np.ndarray,
    words: Sequence[str],
    wrong: np.ndarray,
    entry: Field,
    context: _Context,
    expected: str,
    mend: Callable[[str], str],
) -> None:
    """One problem per wrong word, ten at most, the rest counted in the last."""
    if not wrong.any():
        return
    places = np.flatnonzero(wrong[codes])
    faulty, firsts, counts = np.unique(codes[places], return_index=True, return_counts=True)
    order = np.argsort(firsts)
    for number, at in enumerate(order):
        word = words[faulty[at]]
        count = int(counts[at]) if number < 9 else int(counts[order[number:]].sum())
        found = clip(word) if number < 9 or number + 1 == len(order) else f"{clip(word)} and other words"
        context.problem(entry.column, int(places[firsts[at]]), count, found, expected, mend(word))
        if number == 9:
            return


def _check_required(missing: np.ndarray, entry: Field, context: _Context) -> None:
    if entry.required and missing.any():
        places = np.flatnonzero(missing)
        mend = "fill it in, or remove the row"
        context.problem(entry.column, int(places[0]), len(places), "an empty cell", f"a {entry.type}", mend)


def cell_text(column: Column, position: int) -> str:
    """The cell as the user sees it, for messages."""
    if isinstance(column, np.ndarray):
        return show_cell(column[position])
    value = column[int(position)].as_py()
    return "" if value is None else str(value).strip()


def show_cell(cell: object) -> str:
    """A workbook cell as text: whole numbers without a point, dates in ISO form."""
    if cell is None:
        return ""
    if isinstance(cell, PercentCell):
        return f"{cell * 100:.15g} %"
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    text = str(cell).strip()
    return text.removesuffix(" 00:00:00") if not isinstance(cell, str) else text
