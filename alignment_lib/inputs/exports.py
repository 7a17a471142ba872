"""Exports of other systems, read as text: where the header is and which rows are data.

Nothing here knows what a column is for; `alignment_lib.inputs.import_mapping` proposes that.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import InputError, Problem

__all__ = ["Export", "read_export"]

_TOTALS = re.compile(r"(grand |sub)?total|sum|summe|gesamt(summe|ergebnis)?|insgesamt", re.IGNORECASE)
_SAMPLE = 40


@dataclass(frozen=True)
class Export:
    """A table as text.

    Attributes
    ----------
    file : str
        Its name, for messages.
    table : DataFrame
        Every cell as stripped text, ``""`` where empty.
    first_row : int
        Row of the first data row as an editor counts it.
    titles, totals : int
        Rows above the header, and rows of totals, that were left out.
    """

    file: str
    table: pd.DataFrame
    first_row: int
    titles: int = 0
    totals: int = 0

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return [str(name) for name in self.table.columns]

    def row_of(self, position: int) -> int:
        """The editor's row of a data row."""
        return self.first_row + int(self.table.index[position])


def read_export(path: Path) -> Export:
    """Read a ``.csv``, ``.txt``, ``.tsv`` or ``.xlsx`` whose form is not known.

    Raises
    ------
    InputError
        A file that is missing, empty, or not a table.
    """
    if not path.is_file():
        raise _fault(path.name, "no such file", "a .csv or .xlsx export", "check the name")
    grid = _read_workbook(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _read_text(path)
    header = _find_header(grid)
    if header is None or header + 1 >= len(grid):
        raise _fault(path.name, "no table", "a header row and data", "export the table again")
    names = _name_columns(grid[header])
    body = [(row + [""] * len(names))[: len(names)] for row in grid[header + 1 :]]
    table = pd.DataFrame(body, columns=names, dtype=object)
    table = table.loc[:, [bool(name) for name in names]]
    blank = (table == "").all(axis=1)
    total = table.apply(lambda row: any(_TOTALS.fullmatch(cell) for cell in row if cell), axis=1)
    kept = table[~blank & ~total.astype(bool)]
    return Export(path.name, kept, header + 2, header, int((total & ~blank).sum()))


def _fault(file: str, found: str, expected: str, mend: str) -> InputError:
    return InputError([Problem(file, found, expected, mend)])


def _read_workbook(path: Path) -> list[list[str]]:
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except Exception:
        # The library raises whatever its parsers do; to the user it is one thing.
        raise _fault(
            path.name, "a file that is no workbook", "an .xlsx file", "save it as .xlsx again"
        ) from None
    sheet = book.worksheets[0]
    grid = [[_show(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    book.close()
    return grid


def _show(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return f"{cell:%Y-%m-%d}" if cell.time() == dt.time(0) else f"{cell:%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, float):
        return f"{cell:.15g}"
    return str(cell).strip()


def _read_text(path: Path) -> list[list[str]]:
    data = path.read_bytes()
    text = None
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if text is None or not text.strip() or "\x00" in text:
        raise _fault(path.name, "no text", "a text table", "export it as .csv in UTF-8")
    head = text[:20_000]
    lines = [line for line in head.splitlines() if line.strip()][:_SAMPLE]
    delimiter = max(
        ",;\t|", key=lambda mark: (float(np.median([line.count(mark) for line in lines])), mark == ";")
    )
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [[cell.strip() for cell in row] for row in rows]


def _find_header(grid: Sequence[Sequence[str]]) -> int | None:
    """The first row that fills as many cells as the rows below it do: titles fill one or two."""
    filled = [sum(bool(cell) for cell in row) for row in grid[: _SAMPLE * 2]]
    if not filled or max(filled) < 2:
        return None
    usual = float(np.median([count for count in filled if count > 1]))
    return next((number for number, count in enumerate(filled) if count >= max(2, 0.6 * usual)), None)


def _name_columns(row: Sequence[str]) -> list[str]:
    """Header names made distinct; a column without a name keeps a blank one and is left out."""
    seen: dict[str, int] = {}
    names = []
    for cell in row:
        name = " ".join(cell.split())
        if name:
            seen[name] = seen.get(name, 0) + 1
            name = name if seen[name] == 1 else f"{name} ({seen[name]})"
        names.append(name)
    return names
