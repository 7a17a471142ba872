"""Exports of other systems, read as text: where the header is and which rows are data.

Nothing here knows what a column is for; `alignment_lib.inputs.import_mapping` proposes that. No row is dropped:
what is no data is laid aside with the reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from alignment_lib.inputs.export_text import MAX_COLUMNS, pad, read_columns, read_records, read_text
from alignment_lib.inputs.header_rows import Header, find_header
from alignment_lib.inputs.problems import InputError, Notice, Problem
from alignment_lib.inputs.table_totals import Suspect, find_totals

__all__ = ["Export", "read_export"]

_LARGE = 2_000_000
"""Characters from which a table is read column by column."""
_LOOKED_AT = 200
_BELOW = "lines below the table"
_TOTALS = "rows of totals"


@dataclass(frozen=True)
class Export:
    """A table as text.

    Attributes
    ----------
    file : str
        Its name, for messages.
    table : DataFrame
        Every cell as stripped text, ``""`` where empty; data rows only. The index counts rows from the first.
    first_row : int
        Row of the first data row as an editor counts it.
    title_texts : tuple of str
        Rows above the header that were left out.
    aside : DataFrame
        Rows of the same columns that are no data.
    reasons : Series
        For each of them why.
    suspects : tuple of Suspect
        Data rows that may be totals: the user decides.
    notices : tuple of Notice
        What was found while reading.
    lines : ndarray
        Line of the file for each value of the index, where lines and rows do not run in step.
    """

    file: str
    table: pd.DataFrame
    first_row: int
    title_texts: tuple[str, ...] = ()
    aside: pd.DataFrame = field(default_factory=pd.DataFrame)
    reasons: pd.Series = field(default_factory=lambda: pd.Series(dtype=object))
    suspects: tuple[Suspect, ...] = ()
    notices: tuple[Notice, ...] = ()
    lines: np.ndarray | None = None

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return [str(name) for name in self.table.columns]

    @property
    def titles(self) -> int:
        """Rows above the header."""
        return len(self.title_texts)

    @property
    def totals(self) -> int:
        """Rows of totals laid aside."""
        return int((self.reasons == _TOTALS).sum())

    def row_of(self, position: int) -> int:
        """The editor's row of a data row."""
        at = int(self.table.index[position])
        return self.first_row + at if self.lines is None else int(self.lines[at])


def read_export(path: Path) -> Export:
    """Read a ``.csv``, ``.txt``, ``.tsv`` or ``.xlsx`` whose form is not known.

    Raises
    ------
    InputError
        A file that is missing, empty, or not a table.
    """
    if not path.is_file():
        raise _fault(path.name, "no such file", "a .csv or .xlsx export", "check the name")
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        grid = _read_workbook(path)
        return _from_rows(path.name, grid, list(range(1, len(grid) + 1)), ())
    text, guessed = read_text(path.read_bytes(), path.name)
    notices = (Notice("encoding", guessed),) if guessed else ()
    if len(text) > _LARGE:
        head = read_records(text, path.name, _LOOKED_AT)
        header = find_header(head.rows)
        large = None if header is None else _from_columns(path.name, text, head.lines, header, notices)
        if large is not None:
            return large
    found = read_records(text, path.name)
    return _from_rows(path.name, found.rows, found.lines, notices)


def _fault(file: str, found: str, expected: str, mend: str) -> InputError:
    return InputError([Problem(file, found, expected, mend)])


def _from_columns(
    file: str, text: str, lines: list[int], header: Header, notices: tuple[Notice, ...]
) -> Export | None:
    last = lines[header.first - 1]
    columns = read_columns(text, file, len(header.names), last)
    if columns is None:
        return None
    named = {name: column for name, column in zip(header.names, columns, strict=True) if name}
    return _finish(file, pd.DataFrame(named), last + 1, header.titles, notices, None)


def _from_rows(
    file: str, grid: Sequence[Sequence[str]], lines: list[int], notices: tuple[Notice, ...]
) -> Export:
    header = find_header(grid)
    if header is None or header.first >= len(grid):
        raise _fault(file, "no table", "a header row and data", "export the table again")
    width = len(header.names)
    _check_widths(file, grid[header.first :], lines[header.first :], width)
    table = pd.DataFrame(pad(grid[header.first :], width), columns=range(width), dtype=object)
    named = [bool(name) for name in header.names]
    table = table.loc[:, named]
    table.columns = pd.Index([name for name in header.names if name], dtype=object)
    placed = np.array(lines[header.first :])
    return _finish(file, table, int(placed[0]), header.titles, notices, placed)


def _check_widths(file: str, rows: Sequence[Sequence[str]], lines: list[int], width: int) -> None:
    """Refuse rows with more cells than the header: a delimiter stands in a text, and cells would be lost."""
    if width > MAX_COLUMNS:
        found = f"{width:,} columns"
        raise _fault(file, found, f"at most {MAX_COLUMNS:,} columns", "export rows downwards, not across")
    long = [number for number, row in enumerate(rows) if len(row) > width and any(row[width:])]
    if long:
        found = f"{len(rows[long[0]])} cells"
        mend = "put text or figures that hold the delimiter in quotation marks"
        place = lines[long[0]]
        raise InputError(
            [Problem(file, found, f"{width}, as in the header", mend, row=place, count=len(long))]
        )


def _finish(
    file: str,
    table: pd.DataFrame,
    first_row: int,
    titles: tuple[str, ...],
    notices: tuple[Notice, ...],
    lines: np.ndarray | None,
) -> Export:
    blank = np.ones(len(table), dtype=bool)
    for name in table.columns:
        blank &= table[name].to_numpy() == ""
        if not blank.any():
            break
    reasons = pd.Series("", index=table.index, dtype=object)
    data = table[~blank]
    reasons[_footers(data)] = _BELOW
    totals = find_totals(table[~blank & (reasons == "").to_numpy()])
    reasons[totals.certain] = _TOTALS
    aside = (reasons != "").to_numpy()
    return Export(
        file,
        table[~blank & ~aside],
        first_row,
        titles,
        table[aside],
        reasons[aside],
        totals.suspects,
        (*notices, *totals.notices),
        lines,
    )


def _footers(table: pd.DataFrame) -> pd.Index:
    """The last rows, where they fill one cell of a table that usually fills three or more."""
    tail = table.iloc[-_LOOKED_AT:]
    counts = (tail != "").sum(axis=1).to_numpy()
    if table.shape[1] < 3 or not len(counts) or np.median(counts) < 3:
        return tail.index[:0]
    stop = len(counts)
    while stop and counts[stop - 1] == 1:
        stop -= 1
    return tail.index[stop:]


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
