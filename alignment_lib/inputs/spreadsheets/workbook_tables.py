"""A table of the workspace in a workbook: real numbers and dates as they are, faults named by cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from alignment_lib.inputs.problems import Problem, ProblemLog, counted
from alignment_lib.inputs.spreadsheets.sheets import Place, SheetCells, SheetInfo, SheetMarks
from alignment_lib.inputs.spreadsheets.workbooks import open_workbook
from alignment_lib.inputs.tables.headers import column_letter, name_columns
from alignment_lib.inputs.tables.raw import RawTable, clip, show_cell

__all__ = ["choose_sheet", "note_hidden", "read_workbook", "report_marks"]


def read_workbook(data: bytes, file: str, table: str, sheet: str, log: ProblemLog) -> RawTable | None:
    """Read one sheet of a workbook; faults go to `log`, and None means nothing can be read.

    The sheet is the one declared, else the one named as the table, else the only one that is shown.

    Parameters
    ----------
    data : bytes
        The file's content.
    file : str
        Its name, for messages.
    table : str
        Name of the table.
    sheet : str
        The declared sheet; blank where none is.
    log : ProblemLog
        Receives what is wrong.
    """
    book = open_workbook(data, file, log)
    if book is None:
        return None
    chosen = choose_sheet(book.sheets, file, table, sheet, log)
    cells = None if chosen is None else book.read(chosen, log)
    if cells is None:
        return None
    _report_merged(cells, log)
    report_marks(cells, log)
    note_hidden(cells, log)
    return _assemble(cells, log)


def choose_sheet(
    sheets: Sequence[SheetInfo], file: str, table: str, sheet: str, log: ProblemLog
) -> str | None:
    """The sheet declared, else the one named as the table, else the only one that is shown."""
    names = {info.name.casefold(): info.name for info in sheets}
    shown = [info.name for info in sheets if not info.hidden]
    listed = ", ".join(clip(info.name) for info in sheets)
    if sheet:
        if sheet.casefold() in names:
            return names[sheet.casefold()]
        mend = "correct the sheet in planning.toml, or name the sheet so"
        log.add(Problem(file, f"the sheets {listed}", f"a sheet {clip(sheet)}", mend, sheet=sheet))
        return None
    if table in names:
        return names[table]
    if len(shown) == 1:
        return shown[0]
    mend = f'rename one sheet to {table}, or write {{ file = "{file}", sheet = "…" }} in planning.toml'
    log.add(Problem(file, f"the sheets {listed}", f"a sheet {clip(table)}, or one sheet only", mend))
    return None


def _report_merged(cells: SheetCells, log: ProblemLog) -> None:
    merged = sorted(cells.marks.merged, key=lambda span: (span.first_row, span.first_column))
    if not merged:
        return
    first = merged[0]
    letter = column_letter(first.first_column)
    span = f"{letter}{first.first_row}:{column_letter(first.last_column)}{first.last_row}"
    where = "in the header" if first.first_row == 1 else "among the data"
    mend = "unmerge them and write a value into each cell"
    found = f"merged cells {span} {where}"
    row, count = first.first_row, len(merged)
    log.add(Problem(cells.file, found, "every cell on its own", mend, cells.sheet, row, letter, count))


def report_marks(cells: SheetCells, log: ProblemLog) -> None:
    """Name what would read as empty: formulas that no program has worked out, and error values."""
    unworked, errors = sorted(cells.marks.unworked), sorted(cells.marks.errors)
    if unworked:
        mend = "open the workbook in a spreadsheet and save it, or paste the values"
        _report(cells, unworked[0], len(unworked), "a formula without a result", mend, log)
    if errors:
        row, column, word = errors[0]
        found, mend = f"the error value {word}", "mend the formula, or write the value"
        _report(cells, (row, column), len(errors), found, mend, log)


def _report(cells: SheetCells, place: Place, count: int, found: str, mend: str, log: ProblemLog) -> None:
    row, letter = place[0], column_letter(place[1])
    log.add(Problem(cells.file, found, "a value", mend, cells.sheet, row, letter, count))


def note_hidden(cells: SheetCells, log: ProblemLog) -> None:
    """Say what is read though the office program does not show it."""
    marks = cells.marks
    rows = [row for row in marks.hidden_rows if _holds_values(cells, row)]
    columns = [at for at in marks.hidden_columns if at < len(cells.columns)]
    where = f"{cells.file}, sheet {cells.sheet}"
    if cells.hidden:
        log.note("hidden_sheet", f"{where}: a hidden sheet was read.", 1)
    if rows:
        text = f"{where}: {counted(len(rows), 'hidden row')} read as well ({_listed(map(str, rows))})."
        log.note("hidden_rows", text, len(rows))
    if columns:
        letters = _listed(column_letter(at) for at in columns)
        text = f"{where}: {counted(len(columns), 'hidden column')} read as well ({letters})."
        log.note("hidden_columns", text, len(columns))


def _holds_values(cells: SheetCells, row: int) -> bool:
    return row <= cells.height and any(column[row - 1] is not None for column in cells.columns)


def _listed(words: Iterable[str], most: int = 5) -> str:
    listed = list(words)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


def _assemble(cells: SheetCells, log: ProblemLog) -> RawTable | None:
    file, sheet, columns = cells.file, cells.sheet, cells.columns
    if not columns:
        log.add(Problem(file, "an empty sheet", "a header row and data", "fill in the table", sheet))
        return None
    if any(span.first_row == 1 for span in cells.marks.merged):
        return None
    header = [show_cell(column[0]) for column in columns]
    if not any(header):
        log.add(
            Problem(file, "an empty first row", "the header in row 1", "delete the rows above it", sheet, 1)
        )
        return None
    filled = _filled_rows(columns, cells.marks)
    kept = np.flatnonzero(filled[1:]) + 1
    last = int(kept[-1]) if len(kept) else 0
    named = name_columns(header, [column[kept] for column in columns], file, sheet, log)
    return RawTable(file, sheet, named, len(kept), lambda position: int(kept[position]) + 1, last - len(kept))


def _filled_rows(columns: Sequence[np.ndarray], marks: SheetMarks) -> np.ndarray:
    filled = np.zeros(len(columns[0]), dtype=bool)
    for column in columns:
        filled |= np.array([cell is not None for cell in column], dtype=bool)
    return filled
