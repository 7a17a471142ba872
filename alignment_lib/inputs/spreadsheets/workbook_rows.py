"""Rows added below a table in a workbook, everything else kept byte for byte.

Libraries that load and save a workbook lose what they do not know: results of formulas, lists and rules kept
in extensions, macros. Here only the sheet's own rows and, where a new cell needs a look that no cell has, the
list of styles are changed, as text inside the package (ECMA-376 part 1, 18.3.1.73 and 18.8.10).
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from alignment_lib.inputs.spreadsheets.sheets import SheetCells
from alignment_lib.inputs.tables.headers import column_letter
from alignment_lib.inputs.tables.inert_text import would_run
from alignment_lib.inputs.tables.raw import show_cell

__all__ = ["append_rows", "header_of"]

_EPOCH = dt.date(1899, 12, 30)
_BODY = re.compile(rb"<sheetData\s*/>|</sheetData>")
_EXTENT = re.compile(rb'(<dimension ref="[A-Z]+[0-9]+:[A-Z]+)([0-9]+)"')
_FORMS = re.compile(rb'<cellXfs(?: count="([0-9]+)")?[^>]*>(.*?)</cellXfs>', re.DOTALL)
_LOOKS = {
    "date": '<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"{}',
    "number": '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"{}',
    "text": '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"{}',
    "quoted": '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1"'
    ' applyNumberFormat="1"{}',
}
_UNLOCKED = ' applyProtection="1"><protection locked="0"/></xf>'


def header_of(cells: SheetCells) -> list[str]:
    """The texts of the first row."""
    return [show_cell(column[0]) for column in cells.columns]


def append_rows(
    data: bytes, part: str, cells: SheetCells, rows: Sequence[Mapping[str, object]]
) -> bytes | None:
    """The workbook with rows below the last filled one; None where its sheet is written in no usual way.

    Parameters
    ----------
    data : bytes
        The workbook, ``.xlsx`` or ``.xlsm``.
    part : str
        Name of the sheet's part in the package.
    cells : SheetCells
        The sheet, as read from `data`: its first row names the columns.
    rows : sequence of mapping
        Values by column; text, numbers and days.
    """
    header = header_of(cells)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        sheet = package.read(part)
        styles = package.read("xl/styles.xml") if "xl/styles.xml" in package.namelist() else b""
        first_row, looks = cells.height + 1, _add_looks(styles)
        if looks is None or len(_BODY.findall(sheet)) != 1 or b"<sheetData" not in sheet:
            return None
        styles, ids = looks
        made = "".join(
            _row(number, [row.get(name) for name in header], ids)
            for number, row in enumerate(rows, start=first_row)
        )
        changed = _put(sheet, made.encode("utf-8"), range(first_row, first_row + len(rows)))
        if changed is None:
            return None
        return _pack(package, {part: changed, "xl/styles.xml": styles})


def _put(sheet: bytes, made: bytes, numbers: range) -> bytes | None:
    """The sheet with the rows made, in the place of prepared rows of the same numbers."""
    after = None
    for match in re.finditer(rb'<row\b[^>]*?\br="([0-9]+)"[^>]*?(?:/>|>.*?</row>)', sheet, re.DOTALL):
        number = int(match[1])
        if (number in numbers and after is None) or (number >= numbers.stop and after is None):
            after = match.start()
    prepared = re.compile(
        rb'<row\b(?=[^>]*\br="(?:' + b"|".join(b"%d" % number for number in numbers) + rb')")'
        rb"[^>]*?(?:/>|>.*?</row>)",
        re.DOTALL,
    )
    place = _BODY.search(sheet)
    if place is None:
        return None
    if place[0] != b"</sheetData>":
        changed = sheet[: place.start()] + b"<sheetData>" + made + b"</sheetData>" + sheet[place.end() :]
    else:
        at = place.start() if after is None else after
        tail = prepared.sub(b"", sheet[at : place.start()])
        changed = sheet[:at] + made + tail + sheet[place.start() :]
    last = numbers.stop - 1
    return _EXTENT.sub(lambda match: match[1] + b'%d"' % max(last, int(match[2])), changed, count=1)


def _row(number: int, values: Sequence[object], ids: Mapping[str, int]) -> str:
    cells = [
        _cell(f"{column_letter(at)}{number}", value, ids)
        for at, value in enumerate(values)
        if value is not None and value != ""
    ]
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell(place: str, value: object, ids: Mapping[str, int]) -> str:
    if isinstance(value, dt.date):
        return f'<c r="{place}" s="{ids["date"]}"><v>{(value - _EPOCH).days}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}" s="{ids["number"]}"><v>{value!r}</v></c>'
    text = str(value)
    look = "quoted" if would_run(text) else "text"
    shown = escape("".join(mark for mark in text if mark >= " " or mark in "\t\n"))
    return f'<c r="{place}" s="{ids[look]}" t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'


def _add_looks(styles: bytes) -> tuple[bytes, dict[str, int]] | None:
    """The styles with the looks that new cells take, and their numbers."""
    found = _FORMS.search(styles)
    if found is None or b":cellXfs" in styles:
        return None
    count = len(re.findall(rb"<xf\b", found[2]))
    looks = "".join(look.format(_UNLOCKED) for look in _LOOKS.values()).encode()
    known = found[2].endswith(looks)
    first = count - len(_LOOKS) if known else count
    ids = {name: first + at for at, name in enumerate(_LOOKS)}
    if known:
        return styles, ids
    head = b'<cellXfs count="%d">' % (count + len(_LOOKS))
    changed = styles[: found.start()] + head + found[2] + looks + b"</cellXfs>" + styles[found.end() :]
    return changed, ids


def _pack(package: zipfile.ZipFile, changed: Mapping[str, bytes]) -> bytes:
    """The package with some parts changed; every other part as it was."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for info in package.infolist():
            made.writestr(info, changed.get(info.filename, package.read(info)))
    return out.getvalue()
