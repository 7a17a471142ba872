"""What the XML of an ``.ods`` sheet says beside the values: percentages, hidden rows, merges, formulas.

An OpenDocument cell names its own kind (ODF 1.3 part 3, 19.389): ``percentage`` stands only where the
program scales by a hundred, ``currency`` names the currency. Rows and cells that repeat are written once with
a count.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from defusedxml.ElementTree import iterparse

from alignment_lib.inputs.spreadsheets.sheet_marks import check_extent
from alignment_lib.inputs.spreadsheets.sheets import SheetInfo, SheetMarks, Span

__all__ = ["scan_document"]

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_WORDS = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TEXT = f"{_WORDS}p"
_BREAKS = {f"{_WORDS}tab": "\t", f"{_WORDS}line-break": "\n"}
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")


@dataclass(frozen=True)
class _Block:
    """Equal cells: rows from 1 and columns from 0, ends left out."""

    rows: tuple[int, int]
    columns: tuple[int, int]


@dataclass
class _Scan:
    """Where the pass over one sheet stands, and what it has found."""

    row: int = 1
    row_count: int = 1
    column: int = 0
    last_row: int = 0
    last_column: int = 0
    hidden_rows: list[tuple[int, int]] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    merged: list[Span] = field(default_factory=list)
    formulas: int = 0
    unworked: list[_Block] = field(default_factory=list)
    errors: list[tuple[_Block, str]] = field(default_factory=list)
    broken: list[tuple[_Block, str]] = field(default_factory=list)
    percents: list[_Block] = field(default_factory=list)
    currencies: dict[str, list[_Block]] = field(default_factory=dict)


@dataclass
class _Book:
    """Where the pass over the document stands, and the sheets it has found."""

    depth: int = 0
    style: str = ""
    unshown: set[str] = field(default_factory=set)
    sheets: list[SheetInfo] = field(default_factory=list)
    marks: dict[str, SheetMarks] = field(default_factory=dict)
    scan: _Scan = field(default_factory=_Scan)


def scan_document(content: bytes) -> tuple[tuple[SheetInfo, ...], dict[str, SheetMarks]]:
    """The sheets of ``content.xml``, and the marks of each by name.

    Raises
    ------
    FarCells
        Cells too far from the first, in any sheet: the reader of the values unpacks them all.
    """
    book = _Book()
    for event, element in iterparse(io.BytesIO(content), events=("start", "end")):
        if element.tag == f"{_TABLE}table":
            _turn(book, event, element)
        elif book.depth == 1:
            _take(book.scan, event, element)
        elif book.depth == 0:
            _take_style(book, element)
        if event == "end" and element.tag == f"{_TABLE}table-row":
            element.clear()
    return tuple(book.sheets), book.marks


def _take_style(book: _Book, element: Any) -> None:
    """Styles stand before the sheets; one of them may hide a sheet."""
    if element.tag == f"{_STYLE}style":
        book.style = element.get(f"{_STYLE}name", "")
    elif element.tag == f"{_STYLE}table-properties" and element.get(f"{_TABLE}display") == "false":
        book.unshown.add(book.style)


def _turn(book: _Book, event: str, element: Any) -> None:
    """A sheet begins or ends; a table within a cell is no sheet."""
    book.depth += 1 if event == "start" else -1
    if event == "start" and book.depth == 1:
        book.scan = _Scan()
        hidden = element.get(f"{_TABLE}style-name") in book.unshown
        book.sheets.append(SheetInfo(element.get(f"{_TABLE}name", ""), hidden))
    elif event == "end" and book.depth == 0:
        check_extent(book.scan.last_row, book.scan.last_column)
        book.marks[book.sheets[-1].name] = _marks(book.scan)


def _take(scan: _Scan, event: str, element: Any) -> None:
    if element.tag == f"{_TABLE}table-column" and event == "start":
        count = int(element.get(f"{_TABLE}number-columns-repeated", "1"))
        if element.get(f"{_TABLE}visibility") in ("collapse", "filter"):
            scan.hidden_columns.append((scan.column, scan.column + count))
        scan.column += count
    elif element.tag == f"{_TABLE}table-row" and event == "start":
        scan.column = 0
        scan.row_count = int(element.get(f"{_TABLE}number-rows-repeated", "1"))
        if element.get(f"{_TABLE}visibility") in ("collapse", "filter"):
            scan.hidden_rows.append((scan.row, scan.row + scan.row_count))
    elif element.tag == f"{_TABLE}table-row":
        scan.row += scan.row_count
    elif element.tag in _CELLS and event == "end":
        _take_cell(scan, element)


def _take_cell(scan: _Scan, cell: Any) -> None:
    count = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
    kind = cell.get(f"{_OFFICE}value-type", "")
    block = _Block((scan.row, scan.row + scan.row_count), (scan.column, scan.column + count))
    scan.column += count
    if cell.get(f"{_TABLE}formula") is not None:
        scan.formulas += 1
        if not kind:
            scan.unworked.append(block)
            scan.last_row = max(scan.last_row, block.rows[1] - 1)
            scan.last_column = max(scan.last_column, block.columns[1] - 1)
    rows = int(cell.get(f"{_TABLE}number-rows-spanned", "1"))
    columns = int(cell.get(f"{_TABLE}number-columns-spanned", "1"))
    if rows > 1 or columns > 1:
        first, at = block.rows[0], block.columns[0]
        scan.merged.append(Span(first, first + rows - 1, at, at + columns - 1))
    if kind:
        scan.last_row = max(scan.last_row, block.rows[1] - 1)
        scan.last_column = max(scan.last_column, block.columns[1] - 1)
        _take_kind(scan, cell, kind, block)


def _take_kind(scan: _Scan, cell: Any, kind: str, block: _Block) -> None:
    if kind == "percentage":
        scan.percents.append(block)
    elif kind == "currency":
        scan.currencies.setdefault(cell.get(f"{_OFFICE}currency", ""), []).append(block)
    if cell.get(f"{_CALC}value-type") == "error":
        text = "".join("".join(part.itertext()) for part in cell.iter(_TEXT))
        scan.errors.append((block, text))
    elif kind == "string" and f"{_OFFICE}string-value" not in cell.attrib and _is_broken(cell):
        scan.broken.append((block, "\n".join("".join(_said(part)) for part in cell.findall(_TEXT)).strip()))


def _is_broken(cell: Any) -> bool:
    return any(True for mark in _BREAKS for _ in cell.iter(mark))


def _said(part: Any) -> Iterator[str]:
    """The words of a paragraph; tabs, breaks and runs of spaces are elements of their own (ODF 1.3, 6.1)."""
    yield part.text or ""
    for child in part:
        if child.tag == f"{_WORDS}s":
            yield " " * int(child.get(f"{_WORDS}c", "1"))
        elif child.tag in _BREAKS:
            yield _BREAKS[child.tag]
        elif child.tag != f"{_OFFICE}annotation":
            yield from _said(child)
        yield child.tail or ""


def _marks(scan: _Scan) -> SheetMarks:
    rows = _within(scan.hidden_rows, scan.last_row + 1)
    columns = _within(scan.hidden_columns, scan.last_column + 1)
    currencies: Mapping[str, np.ndarray] = {
        name: _places(blocks) for name, blocks in scan.currencies.items() if name
    }
    return SheetMarks(
        tuple(rows),
        tuple(columns),
        tuple(scan.merged),
        scan.formulas,
        tuple((row, column) for row, column in _places(scan.unworked).tolist()),
        _each(scan.errors),
        _places(scan.percents),
        currencies,
        _each(scan.broken),
    )


def _each(found: Iterable[tuple[_Block, str]]) -> tuple[tuple[int, int, str], ...]:
    return tuple((row, column, text) for block, text in found for row, column in _places([block]).tolist())


def _within(spans: Iterable[tuple[int, int]], end: int) -> list[int]:
    return [number for first, after in spans for number in range(first, min(after, end))]


def _places(blocks: Iterable[_Block]) -> np.ndarray:
    places = [
        (row, column) for block in blocks for row in range(*block.rows) for column in range(*block.columns)
    ]
    return np.array(places, dtype=np.int64).reshape(-1, 2)
