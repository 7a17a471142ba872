"""The Excel template in which marketing fills in assumptions.

Headers, drop-downs, comments and the help sheet all come from the data dictionary. A template that
exists is never written again: it may be filled in.
"""

from __future__ import annotations

import datetime as dt
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alignment_lib.inputs import starter
from alignment_lib.inputs.dictionary import Field, allowed_range, fields_of
from alignment_lib.inputs.problems import InputError, Problem
from alignment_lib.inputs.tables.headers import column_letter
from alignment_lib.inputs.tables.inert_text import would_run

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

__all__ = ["build_template", "write_template", "write_whole"]

_ROWS = 500
"""Rows prepared with drop-downs and checks."""
_CREATED = dt.datetime(2026, 1, 1)
"""Stated in the file instead of the clock, so that the same content gives the same bytes."""
_SHEET = "assumptions"
_FIRST = ("id", "title", "kind")
_THEN = (
    *("start", "end", "unit", "expected", "low", "high", "owner", "function", "mechanic", "depth"),
    *("rationale", "evidence", "status", "recorded", "accepted_marketing", "accepted_sales"),
)
"""Columns of the sheet around the dimensions; the others follow as the dictionary has them."""
_ALLOWED = (
    "format_cells",
    "format_columns",
    "format_rows",
    "insert_rows",
    "delete_rows",
    "sort",
    "autofilter",
)


def write_template(
    path: Path, dimensions: Mapping[str, Sequence[str]], rows: Sequence[Mapping[str, object]] = ()
) -> Path:
    """Write a template of the assumptions table for one business.

    Parameters
    ----------
    path : Path
        The ``.xlsx`` to write; its folder must exist.
    dimensions : mapping of str to sequence of str
        Each dimension with its values, which become drop-downs.
    rows : sequence of mapping
        Assumptions to fill in, by column.

    Raises
    ------
    InputError
        Where the file exists already.
    """
    if path.exists():
        found, mend = "a file that is there already", "move it away, or name another file"
        raise InputError([Problem(str(path), found, "a new file: a template is never overwritten", mend)])
    part = path.with_name(f".{path.name}.part")
    write_whole(part, build_template(dimensions, rows))
    part.rename(path)
    return path


def build_template(
    dimensions: Mapping[str, Sequence[str]], rows: Sequence[Mapping[str, object]] = ()
) -> bytes:
    """Return the template's bytes; see `write_template`."""
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    book = Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": "Assumptions", "created": _CREATED})
    fields = _in_order(fields_of(_SHEET, tuple(dimensions)), tuple(dimensions))
    sheet = book.add_worksheet(_SHEET)
    examples = book.add_worksheet("examples")
    helping = book.add_worksheet("help")
    lists = book.add_worksheet("lists")
    ranges = _write_lists(book, lists, fields, dimensions)
    _write_table(book, sheet, fields, rows)
    _add_checks(sheet, fields, ranges, dimensions)
    sheet.protect("", dict.fromkeys(_ALLOWED, True))
    _write_table(book, examples, fields, starter.example_rows(dimensions))
    examples.protect("")
    _write_help(book, helping, fields)
    sheet.activate()
    book.close()
    return buffer.getvalue()


def _in_order(fields: Sequence[Field], dimensions: Sequence[str]) -> list[Field]:
    """Columns as a claim is thought of: what, where, when, how much, who, why; rarely filled ones last."""
    first = [*_FIRST, *dimensions, *_THEN]
    rank = {name: at for at, name in enumerate(first)}
    return sorted(fields, key=lambda entry: rank.get(entry.column, len(first)))


def _formats(book: Workbook) -> dict[str, Any]:
    return {
        "required": book.add_format({"bold": True, "bg_color": "#D9E2EC", "bottom": 1, "locked": True}),
        "optional": book.add_format({"bg_color": "#F0F4F8", "bottom": 1, "locked": True}),
        "date": book.add_format({"num_format": "yyyy-mm-dd", "locked": False}),
        "number": book.add_format({"num_format": "General", "locked": False}),
        "text": book.add_format({"num_format": "@", "locked": False}),
        "quoted": book.add_format({"num_format": "@", "locked": False, "quote_prefix": True}),
    }


def _write_table(
    book: Workbook, sheet: Worksheet, fields: Sequence[Field], rows: Sequence[Mapping[str, object]]
) -> None:
    formats = _formats(book)
    for at, entry in enumerate(fields):
        kind = entry.type if entry.type in ("date", "number") else "text"
        sheet.set_column(at, at, max(12, min(28, len(entry.example) + 4)), formats[kind])
        sheet.write_string(0, at, entry.column, formats["required" if entry.required else "optional"])
        sheet.write_comment(0, at, _comment(entry), {"x_scale": 2, "y_scale": 1.2, "author": ""})
        for line, row in enumerate(rows, start=1):
            value = row.get(entry.column)
            quoted = isinstance(value, str) and would_run(value)
            _write_cell(sheet, line, at, value, formats["quoted" if quoted else kind])
    sheet.freeze_panes(1, 2)
    sheet.set_landscape()
    sheet.repeat_rows(0)


def _write_cell(sheet: Worksheet, line: int, at: int, value: object, form: Any) -> None:
    if value is None or value == "":
        sheet.write_blank(line, at, None, form)
    elif isinstance(value, dt.date):
        sheet.write_datetime(line, at, dt.datetime(value.year, value.month, value.day), form)
    elif isinstance(value, int | float):
        sheet.write_number(line, at, value, form)
    else:
        sheet.write_string(line, at, str(value), form)


def _comment(entry: Field) -> str:
    parts = [entry.description]
    if entry.unit:
        parts.append(f"Unit: {entry.unit}.")
    if entry.choices:
        parts.append("One of: " + ", ".join(entry.choices) + ".")
    if allowed_range(entry):
        parts.append(f"Allowed: {allowed_range(entry)}.")
    parts.append(f"Example: {entry.example}")
    parts.append("Required." if entry.required else "May stay empty.")
    return "\n".join(parts)


def _write_lists(
    book: Workbook, sheet: Worksheet, fields: Sequence[Field], dimensions: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """Write the words of every drop-down; return each column's range."""
    bold, formats = book.add_format({"bold": True}), _formats(book)
    ranges: dict[str, str] = {}
    lists = {entry.column: entry.choices for entry in fields if entry.choices}
    lists |= {name: tuple(values) for name, values in dimensions.items() if values}
    for at, (name, words) in enumerate(lists.items()):
        sheet.write_string(0, at, name, bold)
        sheet.set_column(at, at, 20)
        for line, word in enumerate(words, start=1):
            sheet.write_string(line, at, word, formats["quoted" if would_run(word) else "text"])
        letter = column_letter(at)
        ranges[name] = f"=lists!${letter}$2:${letter}${len(words) + 1}"
    sheet.protect("")
    return ranges


def _add_checks(
    sheet: Worksheet,
    fields: Sequence[Field],
    ranges: Mapping[str, str],
    dimensions: Mapping[str, Sequence[str]],
) -> None:
    for at, entry in enumerate(fields):
        rule = _rule(entry, ranges)
        if rule:
            # A launch may name a product that is not sold yet, so a scope only warns.
            rule["error_type"] = "warning" if entry.column in dimensions else "stop"
            rule["error_title"] = entry.column
            rule["error_message"] = _short(entry.description)
            sheet.data_validation(1, at, _ROWS, at, rule)


def _rule(entry: Field, ranges: Mapping[str, str]) -> dict[str, Any]:
    if entry.column in ranges:
        return {"validate": "list", "source": ranges[entry.column]}
    if entry.type == "date":
        first, last = dt.date(1900, 1, 1), dt.date(2199, 12, 31)
        return {"validate": "date", "criteria": "between", "minimum": first, "maximum": last}
    if entry.type == "number":
        low = -1e15 if entry.minimum is None else entry.minimum
        high = 1e15 if entry.maximum is None else entry.maximum
        return {"validate": "decimal", "criteria": "between", "minimum": low, "maximum": high}
    return {}


def _short(text: str) -> str:
    """A spreadsheet shows at most 255 letters of an error message."""
    return text if len(text) <= 250 else text[:247] + "..."


def _write_help(book: Workbook, sheet: Worksheet, fields: Sequence[Field]) -> None:
    bold = book.add_format({"bold": True, "bottom": 1})
    wrap = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    headers = ("column", "needed", "type", "unit", "allowed", "example", "meaning")
    for at, (name, width) in enumerate(zip(headers, (22, 9, 9, 15, 30, 30, 80), strict=True)):
        sheet.write_string(0, at, name, bold)
        sheet.set_column(at, at, width, wrap)
    for line, entry in enumerate(fields, start=1):
        allowed = ", ".join(entry.choices) or allowed_range(entry)
        needed = "yes" if entry.required else ""
        cells = (entry.column, needed, entry.type, entry.unit, allowed, entry.example, entry.description)
        for at, text in enumerate(cells):
            sheet.write_string(line, at, text, wrap)
    sheet.freeze_panes(1, 1)
    sheet.protect("")


def write_whole(path: Path, data: bytes) -> None:
    """Write a file and see it to the disk."""
    with path.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
