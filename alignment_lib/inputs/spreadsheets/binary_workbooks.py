"""Reading ``.xls``, the binary workbooks of before 2007: values and marks from one well-kept reader.

Readers that are faster do not tell number formats, without which 0.15 shown as 15 % cannot be told from 0.15;
a sheet of this kind holds at most 65,536 rows, so that speed matters less.
"""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from typing import Any

import numpy as np

from alignment_lib.inputs.spreadsheets.number_formats import currency_of
from alignment_lib.inputs.spreadsheets.sheets import SheetInfo, SheetMarks, Span, finish_marks, make_columns

__all__ = ["BinaryBook", "open_binary"]


@dataclass(frozen=True)
class BinaryBook:
    """An open ``.xls``."""

    sheets: tuple[SheetInfo, ...]
    book: Any

    def read(self, name: str) -> tuple[tuple[np.ndarray, ...], SheetMarks]:
        """Values and marks of one sheet."""
        import xlrd

        sheet = self.book.sheet_by_name(name)
        errors: list[tuple[int, int, str]] = []
        formats: dict[str, list[tuple[int, int]]] = {}
        rows = []
        for at in range(sheet.nrows):
            cells = sheet.row(at)
            rows.append(
                [_value(cell, self.book.datemode) for cell in cells] + [None] * (sheet.ncols - len(cells))
            )
            for column, cell in enumerate(cells):
                if cell.ctype == xlrd.XL_CELL_ERROR:
                    word = xlrd.error_text_from_code.get(cell.value, "#ERROR")
                    errors.append((at + 1, column, word))
                elif cell.ctype == xlrd.XL_CELL_NUMBER:
                    code = self.book.format_map[self.book.xf_list[cell.xf_index].format_key].format_str
                    if "%" in code or currency_of(code):
                        formats.setdefault(code, []).append((at + 1, column))
        columns = make_columns(rows)
        marks = SheetMarks(
            hidden_rows=tuple(sorted(at + 1 for at, row in sheet.rowinfo_map.items() if row.hidden)),
            hidden_columns=tuple(sorted(at for at, column in sheet.colinfo_map.items() if column.hidden)),
            merged=tuple(
                Span(low + 1, high, left, right - 1) for low, high, left, right in sheet.merged_cells
            ),
            errors=tuple(errors),
        )
        arrays = {code: np.array(places, dtype=np.int64) for code, places in formats.items()}
        return columns, finish_marks(columns, marks, arrays)


def open_binary(data: bytes) -> BinaryBook:
    """Open an ``.xls``; a file that is none raises whatever the reader raises."""
    import xlrd

    book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO())
    sheets = tuple(SheetInfo(sheet.name, sheet.visibility != 0) for sheet in book.sheets())
    return BinaryBook(sheets, book)


def _value(cell: Any, datemode: int) -> object:
    import xlrd

    if cell.ctype == xlrd.XL_CELL_TEXT:
        return cell.value
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        return cell.value
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    if cell.ctype == xlrd.XL_CELL_DATE:
        return _moment(cell.value, datemode)
    return None


def _moment(value: float, datemode: int) -> object:
    """The moment of a day number, a time of day where there is no day; the number where it is no date."""
    import xlrd

    try:
        moment: dt.datetime = xlrd.xldate.xldate_as_datetime(value, datemode)
    except (ValueError, OverflowError):
        return value
    return moment.time() if value < 1 else moment
