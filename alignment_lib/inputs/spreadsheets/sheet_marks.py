"""What the XML of an ``.xlsx`` sheet says beside the values: formats, hidden rows, merges, formulas, errors.

The sheet is searched as bytes, for rare things first: a full parse of nine million cells takes minutes.
A sheet that is not written the way office programs write it (cells without references, prefixed names,
comments) is first rewritten in that way by a parser, so that the searches can trust their patterns.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from defusedxml.ElementTree import fromstring, iterparse

from alignment_lib.inputs.spreadsheets.number_formats import currency_of
from alignment_lib.inputs.spreadsheets.sheets import Place, SheetMarks, Span
from alignment_lib.inputs.tables.headers import column_letter

__all__ = [
    "MAX_COLUMNS",
    "FarCells",
    "SheetXml",
    "canonical_sheet",
    "check_extent",
    "read_formats",
    "scan_sheet",
]

MAX_COLUMNS = 1_000
_MAX_CELLS = 50_000_000
"""Cells of the block from A1 to the last cell: readers fill in what lies between."""
_MAX_ROW = 1_048_576
_SUSPECT = re.compile(rb'<c r="(?:[A-Z]{3}|[A-Z]{2}[0-9]{6}|[A-Z][0-9]{8})')
_FILLED = re.compile(rb'<c r="([A-Z]+)([0-9]+)"(?![^>]*/>)')
_ROW = re.compile(rb"<row\b([^>]*)>")
_COLUMN = re.compile(rb"<col\b([^>]*)>")
_MERGED = re.compile(rb'<mergeCell\b[^>]*\bref="([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)"')
_EMPTY_FORMULA = re.compile(rb"<f\b[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>(0?)</v>)?\s*</c>")
_ERROR = re.compile(rb' t="e"[^>]*>(?:<f\b[^>]*(?:/>|>[^<]*</f>))?<v>([^<]*)</v>')
_REFERENCE = re.compile(rb'<c r="([A-Z]+)([0-9]+)"([^>]*)>')
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_BUILT_IN = {9: "0%", 10: "0.00%"}
"""Built-in formats that scale; those that show a currency show the one of the reader's own country."""


class FarCells(ValueError):
    """Cells so far from A1 that every reader would fill memory with what lies between.

    Its arguments are what was found, what is expected and how to mend it.
    """


@dataclass(frozen=True)
class SheetXml:
    """What the XML of one sheet says.

    Attributes
    ----------
    marks : SheetMarks
        All but what formats say of single cells.
    formats : mapping of str to ndarray, shape (n, 2)
        Places of cells by number format, for formats that may scale or show a currency.
    """

    marks: SheetMarks
    formats: Mapping[str, np.ndarray]


def read_formats(styles: bytes) -> dict[int, str]:
    """Number formats by style, for styles whose format may scale or show a currency."""
    if not styles:
        return {}
    root = fromstring(styles)
    codes = dict(_BUILT_IN)
    for entry in root.iter():
        if _local(entry.tag) == "numFmt":
            codes[int(entry.get("numFmtId", "0"))] = entry.get("formatCode", "")
    cells = next((child for child in root if _local(child.tag) == "cellXfs"), ())
    found = {style: codes.get(int(entry.get("numFmtId", "0")), "") for style, entry in enumerate(cells)}
    return {style: code for style, code in found.items() if "%" in code or currency_of(code)}


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]


def canonical_sheet(part: bytes) -> bytes:
    """The sheet as the searches expect it, its extent checked: what else reads it may do so now.

    Raises
    ------
    FarCells
        Cells too far from the first.
    """
    if not _is_canonical(part):
        part = _rewrite(part)
    _check_extent(part)
    return part


def scan_sheet(part: bytes, styles: Mapping[int, str], uncalculated: bool) -> SheetXml:
    """Search one sheet's XML.

    Parameters
    ----------
    part : bytes
        The sheet's XML, as `canonical_sheet` gives it.
    styles : mapping of int to str
        Number formats by style, as `read_formats` gives them.
    uncalculated : bool
        Whether the workbook asks to be calculated when it is opened: programs that cannot calculate
        write so, with nothing or 0 as the result of every formula.

    """
    formulas = len(re.findall(rb"<f[ />]", part)) if b"<f" in part else 0
    marks = SheetMarks(
        hidden_rows=_hidden_rows(part),
        hidden_columns=_hidden_columns(part),
        merged=tuple(_span(match.groups()) for match in _MERGED.finditer(part)),
        formulas=formulas,
        unworked=tuple(_find_unworked(part, uncalculated)) if formulas else (),
        errors=tuple(_find_errors(part)) if b't="e"' in part else (),
    )
    return SheetXml(marks, _find_formats(part, styles))


def _is_canonical(part: bytes) -> bool:
    """Whether every cell is written ``<c r="A1" …>``, without prefixes, comments and other wrappings."""
    first, last = part.find(b"<sheetData"), part.rfind(b"</sheetData>")
    if first < 0 or b"<!" in part:
        return False
    return last < 0 or part.count(b"<c", first, last) == part.count(b'<c r="', first, last)


def _rewrite(part: bytes) -> bytes:
    """The same sheet as office programs write it, with only what is searched for."""
    out = io.BytesIO()
    row = column = 0
    for event, element in iterparse(io.BytesIO(part), events=("start", "end")):
        name = _local(element.tag)
        if event == "start" and name == "row":
            row = int(element.get("r") or row + 1)
            column = 0
            out.write(f'<row r="{row}"{_kept(element, "hidden")}>'.encode())
        elif event == "end" and name == "row":
            out.write(b"</row>")
            element.clear()
        elif event == "end" and name == "c":
            place = element.get("r") or f"{column_letter(column)}{row}"
            letters = place.rstrip("0123456789")
            column = _number(letters.encode()) + 1
            content = _content(element)
            head = f'<c r="{place}"{_kept(element, "s", "t")}'
            out.write(f"{head}>{content}</c>".encode() if content else f"{head}/>".encode())
            element.clear()
        elif event == "end" and name in ("col", "mergeCell"):
            out.write(f"<{name}{_kept(element, 'ref', 'min', 'max', 'hidden')}/>".encode())
    return out.getvalue()


def _kept(element: object, *names: str) -> str:
    get = element.get  # type: ignore[attr-defined]
    return "".join(f" {name}={quoteattr(get(name))}" for name in names if get(name) is not None)


def _content(cell: object) -> str:
    """Formula, value and whether there is text, in the order office programs write them."""
    inner = {_local(child.tag): child.text or "" for child in cell}  # type: ignore[attr-defined]
    formula = f"<f>{escape(inner['f'])}</f>" if "f" in inner else ""
    value = f"<v>{escape(inner['v'])}</v>" if "v" in inner else ""
    return formula + value + ("<is></is>" if "is" in inner else "")


def _check_extent(part: bytes) -> None:
    if not _SUSPECT.search(part):
        return
    last_row = last_column = 0
    for match in _FILLED.finditer(part):
        last_row, last_column = max(last_row, int(match[2])), max(last_column, _number(match[1]))
    check_extent(last_row, last_column)


def check_extent(last_row: int, last_column: int) -> None:
    """Refuse a sheet whose last filled row (from 1) and column (from 0) lie too far from the first cell.

    Raises
    ------
    FarCells
        With what was found, what is expected and how to mend it.
    """
    if last_column >= MAX_COLUMNS:
        expected, mend = f"at most {MAX_COLUMNS:,} columns", "clear what stands to the right of the table"
        raise FarCells(f"cells beyond column {MAX_COLUMNS:,}", expected, mend)
    if last_row > _MAX_ROW or last_row * (last_column + 1) > _MAX_CELLS:
        found = f"cells as far as {column_letter(last_column)}{last_row}"
        mend = "clear what stands below the table, or save it as CSV or Parquet"
        raise FarCells(found, f"a table of at most {_MAX_CELLS:,} cells", mend)


def _number(letters: bytes) -> int:
    """Column counted from 0."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _place(letters: bytes, digits: bytes) -> Place:
    return int(digits), _number(letters)


def _span(groups: tuple[bytes, ...]) -> Span:
    first, last = _place(groups[0], groups[1]), _place(groups[2], groups[3])
    return Span(first[0], last[0], first[1], last[1])


def _attribute(text: bytes, name: bytes) -> int:
    found = re.search(rb"\b" + name + rb'="([0-9]+)"', text)
    return int(found[1]) if found else 0


def _hidden_rows(part: bytes) -> tuple[int, ...]:
    if b"hidden=" not in part:
        return ()
    return tuple(_attribute(row[1], b"r") for row in _ROW.finditer(part) if _HIDDEN.search(row[1]))


def _hidden_columns(part: bytes) -> tuple[int, ...]:
    head = part[: max(part.find(b"<sheetData"), 0)] or part
    hidden = [entry[1] for entry in _COLUMN.finditer(head) if _HIDDEN.search(entry[1])]
    spans = [(_attribute(entry, b"min") - 1, min(_attribute(entry, b"max"), MAX_COLUMNS)) for entry in hidden]
    return tuple(column for first, after in spans for column in range(first, after))


def _find_unworked(part: bytes, uncalculated: bool) -> list[Place]:
    """Formulas without a result; an empty text is a result."""
    found = []
    for match in _EMPTY_FORMULA.finditer(part):
        cell = _cell_before(part, match.start())
        if cell is None or (b't="str"' in cell[3] and b"<v" in match[0]):
            continue
        if match[1] != b"0" or uncalculated:
            found.append(_place(cell[1], cell[2]))
    return found


def _find_errors(part: bytes) -> list[tuple[int, int, str]]:
    found = []
    for match in _ERROR.finditer(part):
        cell = _cell_before(part, match.start() + 1)
        if cell is not None and b't="e"' in cell[3]:
            found.append((*_place(cell[1], cell[2]), match[1].decode("utf-8", "replace")))
    return found


def _cell_before(part: bytes, position: int) -> re.Match[bytes] | None:
    start = part.rfind(b"<c ", 0, position)
    return _REFERENCE.match(part, start) if start >= 0 else None


def _find_formats(part: bytes, styles: Mapping[int, str]) -> dict[str, np.ndarray]:
    """Places of cells by format; a cell without a value may be among them."""
    by_code: dict[str, list[np.ndarray]] = {}
    for style, code in styles.items():
        mark = b' s="%d"' % style
        if mark in part:
            by_code.setdefault(code, []).append(_places_before(part.split(mark)[:-1]))
    return {code: np.concatenate(places) for code, places in by_code.items()}


def _places_before(pieces: Sequence[bytes]) -> np.ndarray:
    """Places of the cells in whose opening tag each piece ends; rows, which have styles too, left out."""
    starts = [piece.rfind(b' r="') + 4 for piece in pieces]
    found = [
        piece[start : piece.find(b'"', start)]
        for piece, start in zip(pieces, starts, strict=True)
        if start > 3
    ]
    cells = [(place.rstrip(b"0123456789"), place) for place in found if place[:1].isalpha()]
    numbers = {letters: _number(letters) for letters in {letters for letters, _ in cells}}
    rows = np.array([int(place[len(letters) :]) for letters, place in cells], dtype=np.int64)
    columns = np.array([numbers[letters] for letters, _ in cells], dtype=np.int64)
    return np.column_stack([rows, columns])
