"""Reading ``.xlsx``: real numbers and dates as they are, faults of the sheet named by cell."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from defusedxml.ElementTree import fromstring

from alignment_lib.inputs.headers import column_letter, name_columns
from alignment_lib.inputs.problems import Problem, ProblemLog
from alignment_lib.inputs.raw import PercentCell, RawTable, clip

__all__ = ["MAX_COLUMNS", "read_workbook"]

_MAX_UNPACKED = 500_000_000
_MAX_RATIO = 200
MAX_COLUMNS = 1_000
_LAST_COLUMN = b"ALL"
"""Letters of column 1,000."""
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*\bref=\"([A-Z]+)(\d+):([A-Z]+)(\d+)\"")
_UNCOUNTED = re.compile(
    rb"<c\b[^>]*\br=\"([A-Z]+)(\d+)\"[^>]*><f\b[^>]*?(?:/>|>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>"
)
_FAR = re.compile(rb"<c\b[^>]*\br=\"([A-Z]{3})\d+\"[^/>]*>")
_NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def read_workbook(path: Path, file: str, table: str, sheet: str, log: ProblemLog) -> RawTable | None:
    """Read one sheet; faults go to `log` and the result is None where nothing can be read.

    The sheet is the one declared, else the one named as the table, else the only one.
    """
    from openpyxl import load_workbook

    if not _check_package(path, file, log):
        return None
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except Exception:  # openpyxl raises whatever its parsers do on a broken part
        log.add(_damaged(file))
        return None
    try:
        chosen = _choose_sheet(book.sheetnames, file, table, sheet, log)
        if chosen is None:
            return None
        before = len(log.problems)
        if not _check_cells(path, file, chosen, log):
            return None
        merged_header = any(problem.row == 1 for problem in log.problems[before:])
        rows = _read_rows(book[chosen], file, chosen, log)
    except Exception:  # the sheet's own part is parsed only now
        log.add(_damaged(file))
        return None
    finally:
        book.close()
    return _assemble(rows, file, chosen, merged_header, log)


def _damaged(file: str) -> Problem:
    return Problem(file, "a damaged workbook", "an .xlsx file", "save it again from your spreadsheet")


def _check_package(path: Path, file: str, log: ProblemLog) -> bool:
    """Refuse what is no workbook, or would unpack to something absurd."""
    try:
        with zipfile.ZipFile(path) as package:
            infos = package.infolist()
            heads = [
                package.open(info).read(2048) for info in infos if info.filename.endswith((".xml", ".rels"))
            ]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error):
        mend = 'save it as "Excel workbook (.xlsx)" without a password'
        log.add(Problem(file, "a file that is not an .xlsx workbook", "an .xlsx file", mend))
        return False
    unpacked = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    if unpacked > _MAX_UNPACKED or (unpacked > 50_000_000 and unpacked > _MAX_RATIO * packed):
        found = f"a workbook that unpacks to {unpacked / 1e6:,.0f} MB"
        log.add(Problem(file, found, "at most 500 MB", "save the table as CSV or Parquet"))
        return False
    if any(b"<!DOCTYPE" in head or b"<!ENTITY" in head for head in heads):
        log.add(Problem(file, "XML entities", "a workbook as a spreadsheet saves it", "save it again"))
        return False
    return True


def _choose_sheet(names: Sequence[str], file: str, table: str, sheet: str, log: ProblemLog) -> str | None:
    listed = ", ".join(clip(name) for name in names)
    if sheet:
        if sheet in names:
            return sheet
        mend = "correct the sheet in planning.toml, or name the sheet so"
        log.add(Problem(file, f"the sheets {listed}", f"a sheet {clip(sheet)}", mend, sheet=sheet))
        return None
    if table in names:
        return table
    if len(names) == 1:
        return names[0]
    mend = f'rename one sheet to {table}, or write {{ file = "{file}", sheet = "…" }} in planning.toml'
    log.add(Problem(file, f"the sheets {listed}", f"a sheet {clip(table)}, or one sheet only", mend))
    return None


def _check_cells(path: Path, file: str, sheet: str, log: ProblemLog) -> bool:
    """Name what would read as empty: merged cells, formulas that no program has worked out.

    Whether the sheet may be read at all is returned: a cell in a far corner makes every reader fill
    in the cells before it.
    """
    part = _sheet_bytes(path, sheet)
    if any(match[1] > _LAST_COLUMN for match in _FAR.finditer(part)):
        found = f"cells beyond column {MAX_COLUMNS:,}"
        mend = "clear what stands to the right of the table"
        log.add(Problem(file, found, f"at most {MAX_COLUMNS:,} columns", mend, sheet))
        return False
    merged = sorted(
        (int(m[2]), m[1].decode(), f"{(m[1] + m[2]).decode()}:{(m[3] + m[4]).decode()}")
        for m in _MERGED.finditer(part)
    )
    if merged:
        row, letter, span = merged[0]
        where = "in the header" if row == 1 else "among the data"
        found = f"merged cells {span} {where}"
        mend = "unmerge them and write a value into each cell"
        log.add(Problem(file, found, "every cell on its own", mend, sheet, row, letter, count=len(merged)))
    formulas = [(int(m[2]), m[1].decode()) for m in _UNCOUNTED.finditer(part)]
    if formulas:
        row, letter = formulas[0]
        mend = "open the workbook in a spreadsheet and save it, or paste the values"
        found = "a formula without a result"
        log.add(Problem(file, found, "a value", mend, sheet, row, letter, count=len(formulas)))
    return True


def _sheet_bytes(path: Path, sheet: str) -> bytes:
    """The sheet's own XML, found through the workbook's relations."""
    with zipfile.ZipFile(path) as package:
        book = fromstring(package.read("xl/workbook.xml"))
        relations = fromstring(package.read("xl/_rels/workbook.xml.rels"))
        targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
        for entry in book.iter(f"{_NAMESPACE}sheet"):
            if entry.get("name") == sheet:
                target = targets.get(entry.get(_RELATION), "")
                return package.read(target.lstrip("/") if target.startswith("/") else f"xl/{target}")
    return b""


def _read_rows(worksheet: Any, file: str, sheet: str, log: ProblemLog) -> list[list[Any]]:
    """Cell values row by row; percentages as `PercentCell`; no row longer than its last value."""
    worksheet.reset_dimensions()
    rows: list[list[Any]] = []
    errors: list[tuple[int, str, str]] = []
    for number, row in enumerate(worksheet.iter_rows(), start=1):
        values = [_value(cell) for cell in row]
        for at, cell in enumerate(row):
            if cell.data_type == "e":
                errors.append((number, column_letter(at), str(cell.value)))
                values[at] = None
        while values and values[-1] is None:
            values.pop()
        rows.append(values)
    while rows and not rows[-1]:
        rows.pop()
    if errors:
        number, letter, value = errors[0]
        found, mend = f"the error value {value}", "mend the formula, or write the value"
        log.add(Problem(file, found, "a value", mend, sheet, number, letter, count=len(errors)))
    return rows


def _value(cell: Any) -> Any:
    value = cell.value
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, int | float) and not isinstance(value, bool) and "%" in (cell.number_format or ""):
        return PercentCell(value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime(value.year, value.month, value.day)
    return value


def _assemble(
    rows: list[list[Any]], file: str, sheet: str, merged_header: bool, log: ProblemLog
) -> RawTable | None:
    if not rows:
        log.add(Problem(file, "an empty sheet", "a header row and data", "fill in the table", sheet))
        return None
    if merged_header:
        return None
    if not rows[0]:
        log.add(
            Problem(file, "an empty first row", "the header in row 1", "delete the rows above it", sheet, 1)
        )
        return None
    header = ["" if value is None else str(value) for value in rows[0]]
    width = max(len(row) for row in rows)
    header += [""] * (width - len(header))
    kept = [at for at, row in enumerate(rows) if at and row]
    cells = [
        _object_array(rows[at][column] if column < len(rows[at]) else None for at in kept)
        for column in range(width)
    ]
    named = name_columns(header, cells, file, sheet, log)
    return RawTable(
        file, sheet, named, len(kept), lambda position: kept[position] + 1, len(rows) - 1 - len(kept)
    )


def _object_array(values: Iterable[Any]) -> np.ndarray:
    listed = list(values)
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array
