"""The sheet of a workbook that holds an export's table, as columns of text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import Problem, ProblemLog, counted
from alignment_lib.inputs.reading.table_places import SAMPLE, find_heading
from alignment_lib.inputs.spreadsheets.sheets import SheetCells
from alignment_lib.inputs.spreadsheets.workbook_tables import note_hidden, report_marks
from alignment_lib.inputs.spreadsheets.workbooks import Workbook, open_workbook
from alignment_lib.inputs.tables.headers import column_letter
from alignment_lib.inputs.tables.raw import PercentCell, clip

__all__ = ["read_sheet_columns"]

_FIGURES = (float, int, PercentCell)
_EXACT = 2**53
"""Whole numbers up to here are held exactly."""


@dataclass(frozen=True)
class _Candidate:
    """A sheet, and how much of a table it holds."""

    cells: SheetCells
    rows: int
    width: int

    @property
    def size(self) -> int:
        return self.rows * self.width


def read_sheet_columns(
    data: bytes, file: str, sheet: str, log: ProblemLog, doubts: list[str]
) -> tuple[str, list[np.ndarray]]:
    """The columns of one sheet as text, and its name; faults go to `log`.

    Parameters
    ----------
    data : bytes
        The file's content.
    file : str
        Its name, for messages.
    sheet : str
        The sheet asked for; where blank, the shown sheet with the largest table.
    log : ProblemLog
        Receives faults, and notices of what was read or left out.
    doubts : list of str
        Receives the names of other sheets that hold tables.
    """
    book = open_workbook(data, file, log)
    if book is None:
        return "", []
    cells = _named(book, file, sheet, log) if sheet else _largest(book, file, log, doubts)
    if cells is None:
        return "", []
    report_marks(cells, log)
    note_hidden(cells, log)
    columns = [_as_text(column) for column in cells.columns]
    _carry_merged(cells, columns, log, doubts)
    return cells.sheet, columns


def _named(book: Workbook, file: str, sheet: str, log: ProblemLog) -> SheetCells | None:
    names = {info.name.casefold(): info.name for info in book.sheets}
    if sheet.casefold() in names:
        return book.read(names[sheet.casefold()], log)
    listed = ", ".join(clip(info.name) for info in book.sheets)
    mend = "give one of these names to --sheet"
    log.add(Problem(file, f"the sheets {listed}", f"a sheet {clip(sheet)}", mend, sheet=sheet))
    return None


def _largest(book: Workbook, file: str, log: ProblemLog, doubts: list[str]) -> SheetCells | None:
    """The shown sheet with the largest table; a hidden one only where no other holds a table."""
    found = [_measure(cells) for info in book.sheets if (cells := book.read(info.name, log)) is not None]
    shown = [one for one in found if not one.cells.hidden and one.size]
    pool = shown or [one for one in found if one.size]
    if not pool:
        if not log.problems:
            listed = ", ".join(clip(info.name) for info in book.sheets)
            log.add(
                Problem(file, f"no table in the sheets {listed}", "a header row and data", "name the sheet")
            )
        return None
    chosen = max(pool, key=lambda one: one.size)
    others = [one for one in pool if one is not chosen and one.rows > 1 and one.width > 2]
    if len(book.sheets) > 1:
        log.note("sheet", f"The table was found in sheet {clip(chosen.cells.sheet)}.", 1)
    if others:
        listed = ", ".join(f"{clip(one.cells.sheet)} ({counted(one.rows, 'row')})" for one in others)
        doubts.append(
            f"sheet {clip(chosen.cells.sheet)} was read; tables stand in {listed} as well and were not: "
            "import them too with --sheet, or leave them"
        )
    hidden = [one for one in found if one.cells.hidden and one.size and one is not chosen]
    if hidden:
        listed = ", ".join(clip(one.cells.sheet) for one in hidden)
        log.note("hidden_sheets", f"Hidden sheets left out: {listed} (--sheet reads one).", len(hidden))
    return chosen.cells


def _measure(cells: SheetCells) -> _Candidate:
    """How many rows and columns of a table a sheet holds."""
    grid = [[_show(column[row]) for column in cells.columns] for row in range(min(cells.height, SAMPLE + 3))]
    heading = find_heading(grid)
    if heading is None:
        return _Candidate(cells, 0, 0)
    width = sum(bool(name) for name in heading.names)
    return _Candidate(cells, cells.height - heading.last - 1, width)


def _carry_merged(
    cells: SheetCells, columns: Sequence[np.ndarray], log: ProblemLog, doubts: list[str]
) -> None:
    """Write the label of merged cells into every row they span; a merged figure is not multiplied."""
    carried = 0
    for span in cells.marks.merged:
        if span.last_row == span.first_row or span.first_column >= len(columns):
            continue
        value = cells.cell(span.first_row, span.first_column)
        last = min(span.last_row, cells.height)
        if isinstance(value, str | dt.datetime):
            column = columns[span.first_column]
            column[span.first_row : last] = column[span.first_row - 1]
            carried += last - span.first_row
        elif value is not None:
            place = f"{column_letter(span.first_column)}{span.first_row}"
            doubts.append(
                f"{place} is one figure over {counted(last - span.first_row + 1, 'row')} of merged cells: it "
                "was counted once, in the first of them"
            )
    if carried:
        text = f"{counted(carried, 'cell')} below the first of merged cells took its label."
        log.note("merged_labels", text, carried)


def _as_text(column: np.ndarray) -> np.ndarray:
    """Every cell as text, ``""`` where empty; each distinct value is written once."""
    made = np.empty(len(column), dtype=object)
    figures = np.array([type(cell) in _FIGURES for cell in column], dtype=bool)
    rest = column[~figures].tolist()
    known = {cell: cell if type(cell) is str else _show(cell) for cell in set(rest)}
    words = np.empty(len(rest), dtype=object)
    words[:] = [known[cell] for cell in rest]
    made[~figures] = words
    codes, values = pd.factorize(column[figures].astype(float))
    made[figures] = _figures_as_text(values)[codes]
    return made


def _figures_as_text(values: np.ndarray) -> np.ndarray:
    """As `_show` writes them, many at once."""
    made = np.empty(len(values), dtype=object)
    whole = (values == np.floor(values)) & (np.abs(values) <= _EXACT)
    made[whole] = list(map(str, values[whole].astype(np.int64).tolist()))
    made[~whole] = [f"{value:.15g}" for value in values[~whole].tolist()]
    return made


def _show(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, dt.datetime):
        return f"{cell:%Y-%m-%d}" if cell.time() == dt.time(0) else f"{cell:%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, float | int):
        whole = float(cell).is_integer() and abs(cell) <= _EXACT
        return str(int(cell)) if whole else f"{cell:.15g}"
    return str(cell).strip()
