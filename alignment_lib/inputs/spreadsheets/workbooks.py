"""The one reader of workbooks, for the workspace's own tables and for exports alike.

``.xlsx``, ``.xlsm``, ``.ods`` and ``.xls``: `open_workbook` takes the bytes of a file, `Workbook.read` gives
one sheet as `SheetCells`: columns of text, numbers and dates as they are, with marks beside them (hidden rows
and columns, merged blocks, formulas without results, error values, percentages, currencies). Nothing else is
needed to read a sheet; `alignment_lib.inputs.spreadsheets.sheets` describes what comes back.
What the file says of its own extent is not believed, every filled cell is read.

>>> log = ProblemLog()
>>> open_workbook(b"no workbook", "plan.xlsx", log) is None, log.problems[0].found
(True, 'a file that is not an .xlsx workbook')
"""

from __future__ import annotations

import gc
import io
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from defusedxml.ElementTree import fromstring

from alignment_lib.inputs.problems import Problem, ProblemLog
from alignment_lib.inputs.spreadsheets.binary_workbooks import open_binary
from alignment_lib.inputs.spreadsheets.open_documents import scan_document
from alignment_lib.inputs.spreadsheets.sheet_marks import FarCells, canonical_sheet, read_formats, scan_sheet
from alignment_lib.inputs.spreadsheets.sheets import (
    SheetCells,
    SheetInfo,
    SheetMarks,
    finish_marks,
    make_columns,
)
from alignment_lib.inputs.spreadsheets.workbook_packages import Package, open_package

__all__ = ["WORKBOOK_SUFFIXES", "Workbook", "open_workbook"]

WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".ods", ".xls")
_OLD = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BOOK = "xl/workbook.xml"
_CONTENT = "content.xml"

_Read = Callable[[str], tuple[tuple[np.ndarray, ...], SheetMarks]]


@dataclass(frozen=True)
class Workbook:
    """An open workbook.

    Attributes
    ----------
    file : str
        Its name, for messages.
    sheets : tuple of SheetInfo
        Sheets that hold cells, in the order of the workbook.
    parts : mapping of str to str
        For ``.xlsx`` and ``.xlsm``: the part of the package that holds each sheet.
    """

    file: str
    sheets: tuple[SheetInfo, ...]
    _read: _Read
    parts: Mapping[str, str] = field(default_factory=dict)

    def read(self, name: str, log: ProblemLog) -> SheetCells | None:
        """One sheet; faults go to `log`, and None means it cannot be read."""
        hidden = next(sheet.hidden for sheet in self.sheets if sheet.name == name)
        try:
            with _without_collection():
                columns, marks = self._read(name)
        except FarCells as far:
            found, expected, mend = far.args
            log.add(Problem(self.file, found, expected, mend, name))
            return None
        except Exception:  # readers raise whatever their parsers do on a broken part
            log.add(_damaged(self.file))
            return None
        return SheetCells(self.file, name, hidden, columns, marks)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Millions of new cells would be walked by the collector again and again, and none forms a cycle."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def open_workbook(data: bytes, file: str, log: ProblemLog) -> Workbook | None:
    """Open a workbook by its content, whatever its name; faults go to `log`, and None means it is none."""
    if data.startswith(_OLD):
        return _open_old(data, file, log)
    package = open_package(data, file, log)
    if package is None:
        return None
    try:
        if _BOOK in package:
            return _open_office(package, file)
        if _CONTENT in package and "mimetype" in package:
            return _open_document(package, file, log)
    except Exception:  # the library raises whatever its parsers do on a broken part
        log.add(_damaged(file))
        return None
    if any(name.endswith("workbook.bin") for name in package.sizes):
        mend = "save it as .xlsx"
        log.add(Problem(file, "a binary workbook (.xlsb)", " ".join(WORKBOOK_SUFFIXES), mend))
    else:
        log.add(_damaged(file))
    return None


def _damaged(file: str) -> Problem:
    return Problem(file, "a damaged workbook", "an .xlsx file", "save it again from your spreadsheet")


def _locked(file: str) -> Problem:
    mend = 'save it as "Excel workbook (.xlsx)" without a password'
    return Problem(file, "a workbook locked with a password", "one that opens without", mend)


def _open_old(data: bytes, file: str, log: ProblemLog) -> Workbook | None:
    if _ENCRYPTED in data:
        log.add(_locked(file))
        return None
    try:
        book = open_binary(data)
    except Exception as error:  # the library raises whatever its parsers do
        log.add(_locked(file) if "encrypted" in str(error) else _damaged(file))
        return None
    return Workbook(file, book.sheets, book.read)


def _open_calamine(data: bytes) -> Any:
    from python_calamine import CalamineWorkbook

    return CalamineWorkbook.from_filelike(io.BytesIO(data))


def _values(book: Any, name: str) -> tuple[np.ndarray, ...]:
    return make_columns(book.get_sheet_by_name(name).to_python(skip_empty_area=False))


def _open_document(package: Package, file: str, log: ProblemLog) -> Workbook | None:
    if b"encryption-data" in package.part("META-INF/manifest.xml"):
        log.add(_locked(file))
        return None
    try:
        # Before the values are read: their reader unpacks every sheet, however often a cell repeats.
        sheets, marks = scan_document(package.part(_CONTENT))
    except FarCells as far:
        found, expected, mend = far.args
        log.add(Problem(file, found, expected, mend))
        return None
    opened = lru_cache(maxsize=1)(lambda: _open_calamine(package.data))

    def read(name: str) -> tuple[tuple[np.ndarray, ...], SheetMarks]:
        columns = _values(opened(), name)
        replaced = [(row, column, None) for row, column, _ in marks[name].errors]
        for row, column, value in [*replaced, *marks[name].broken]:
            if column < len(columns):
                columns[column][row - 1] = value
        return columns, finish_marks(columns, marks[name], {})

    return Workbook(file, sheets, read)


def _open_office(package: Package, file: str) -> Workbook:
    book = fromstring(package.part(_BOOK))
    parts = _sheet_parts(package, book)
    formats = read_formats(package.part("xl/styles.xml") if "xl/styles.xml" in package else b"")
    uncalculated = any(
        entry.get("fullCalcOnLoad") in ("1", "true") for entry in book.iter() if _local(entry.tag) == "calcPr"
    )
    opened = lru_cache(maxsize=1)(lambda: _open_calamine(package.data))
    sheets = tuple(
        SheetInfo(entry.get("name", ""), entry.get("state", "visible") != "visible")
        for entry in book.iter()
        if _local(entry.tag) == "sheet" and entry.get("name") in parts
    )

    def read(name: str) -> tuple[tuple[np.ndarray, ...], SheetMarks]:
        part = package.part(parts[name])
        if not part.rstrip().endswith(b"worksheet>"):
            raise ValueError("a sheet that is cut off")
        part = canonical_sheet(part)
        if "xl/sharedStrings.xml" in package:
            package.part("xl/sharedStrings.xml")  # whether it is of the size it states
        # The values are unpacked beside the search for marks: their reader needs no interpreter lock.
        with ThreadPoolExecutor(max_workers=1) as beside:
            unpacked = beside.submit(lambda: opened().get_sheet_by_name(name))
            found = scan_sheet(part, formats, uncalculated)
            del part
            columns = make_columns(unpacked.result().to_python(skip_empty_area=False))
        return columns, finish_marks(columns, found.marks, found.formats)

    return Workbook(file, sheets, read, parts)


def _sheet_parts(package: Package, book: Any) -> dict[str, str]:
    """The part of the package that holds each worksheet, by the sheet's name."""
    relations = fromstring(package.part("xl/_rels/workbook.xml.rels"))
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in relations
        if relation.get("Type", "").endswith("/worksheet")
    }
    found = {}
    for entry in book.iter():
        if _local(entry.tag) != "sheet":
            continue
        ids = [value for key, value in entry.items() if _local(key) == "id"]
        target = targets.get(ids[0], "") if ids else ""
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if target and part in package:
            found[entry.get("name", "")] = part
    return found


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]
