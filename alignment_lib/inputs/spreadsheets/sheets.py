"""A sheet of a workbook as values and marks, whatever office program saved it.

`SheetCells` is all that anything beyond the readers needs to know of a workbook: columns of plain values
and, beside them, what the program knows of the cells (`SheetMarks`). Rows count from 1 as the editor shows
them; columns count from 0.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from alignment_lib.inputs.spreadsheets.number_formats import currency_of, scales_by_hundred
from alignment_lib.inputs.tables.raw import PercentCell

__all__ = ["Place", "SheetCells", "SheetInfo", "SheetMarks", "Span", "finish_marks", "make_columns"]

_HEAD = 100
Place: TypeAlias = tuple[int, int]
"""Row (from 1) and column (from 0) of a cell."""


@dataclass(frozen=True)
class SheetInfo:
    """A sheet that a workbook holds: its name, and whether the program hides it."""

    name: str
    hidden: bool = False


@dataclass(frozen=True)
class Span:
    """A block of cells, ends included: merged cells show the value of the first."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass(frozen=True)
class SheetMarks:
    """What the office program knows of the cells beside their values.

    Attributes
    ----------
    hidden_rows, hidden_columns : tuple of int
        Rows (from 1) and columns (from 0) that are not shown, whether hidden by hand, filter or outline.
    merged : tuple of Span
        Merged blocks.
    formulas : int
        Cells that hold a formula.
    unworked : tuple of Place
        Formulas without a result: no program has worked them out.
    errors : tuple of (int, int, str)
        Row, column and word of every error value, such as ``#DIV/0!``; the cell's value is None.
    percents : ndarray, shape (n, 2)
        Places of numbers that are shown multiplied by a hundred; their values are `PercentCell`.
    currencies : mapping of str to ndarray, shape (n, 2)
        Places of numbers shown with a currency, by the currency as shown: ``€``, ``CHF``.
    broken : tuple of (int, int, str)
        Row, column and words of texts with a tab or line break, which their reader would run together.
    """

    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    merged: tuple[Span, ...] = ()
    formulas: int = 0
    unworked: tuple[Place, ...] = ()
    errors: tuple[tuple[int, int, str], ...] = ()
    percents: np.ndarray = field(default_factory=lambda: np.empty((0, 2), dtype=np.int64))
    currencies: Mapping[str, np.ndarray] = field(default_factory=dict)
    broken: tuple[tuple[int, int, str], ...] = ()


@dataclass(frozen=True)
class SheetCells:
    """The values and marks of one sheet.

    Attributes
    ----------
    file, sheet : str
        Where it stands.
    hidden : bool
        Whether the program hides the sheet.
    columns : tuple of ndarray of object
        From column A and row 1 on, all of one length. A cell is None where empty, ``str`` without blanks
        around it, ``float`` or ``int``, `PercentCell`, ``bool``, ``datetime`` (a day is its first moment),
        ``time`` or ``timedelta``.
    marks : SheetMarks
        What is known of the cells.
    """

    file: str
    sheet: str
    hidden: bool
    columns: tuple[np.ndarray, ...]
    marks: SheetMarks

    @property
    def height(self) -> int:
        """Number of rows, the last that holds a value included."""
        return len(self.columns[0]) if self.columns else 0

    def cell(self, row: int, column: int) -> object:
        """The value at an editor's row and a column counted from 0; None beyond the sheet."""
        inside = 0 <= column < len(self.columns) and 1 <= row <= self.height
        return self.columns[column][row - 1] if inside else None


def make_columns(rows: Iterable[Iterable[object]]) -> tuple[np.ndarray, ...]:
    """Columns of tidy values from rows of equal length.

    >>> [list(column) for column in make_columns([[" a ", 1.0], ["", dt.date(2025, 1, 6)]])]
    [['a', None], [1.0, datetime.datetime(2025, 1, 6, 0, 0)]]
    """
    columns = [_tidy(values) for values in zip(*rows, strict=True)]
    while columns and all(cell is None for cell in columns[-1]):
        columns.pop()
    return tuple(columns)


def _tidy(values: tuple[object, ...]) -> np.ndarray:
    """A column tidied; its head apart, for below a heading most columns hold figures alone."""
    made = np.empty(len(values), dtype=object)
    made[:_HEAD] = _tidy_part(values[:_HEAD])
    made[_HEAD:] = _tidy_part(values[_HEAD:])
    return made


def _tidy_part(values: tuple[object, ...]) -> np.ndarray:
    kinds = set(map(type, values))
    made = np.empty(len(values), dtype=object)
    if kinds <= {str, dt.date, dt.datetime}:
        # Words and days repeat: each is tidied once.
        tidied = {value: _tidy_cell(value) for value in set(values)}
        made[:] = [tidied[value] for value in values]
    elif kinds & {str, dt.date}:
        made[:] = [_tidy_cell(value) if type(value) in (str, dt.date) else value for value in values]
    else:
        made[:] = values
    return made


def _tidy_cell(value: object) -> object:
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime(value.year, value.month, value.day)
    return value


def finish_marks(
    columns: tuple[np.ndarray, ...], marks: SheetMarks, formats: Mapping[str, np.ndarray]
) -> SheetMarks:
    """Marks with what number formats say of the cells; numbers shown scaled become `PercentCell`.

    Parameters
    ----------
    columns : tuple of ndarray of object
        The values, changed in place.
    marks : SheetMarks
        What is known otherwise.
    formats : mapping of str to ndarray, shape (n, 2)
        Places by number format, for the formats that may scale or show a currency.
    """
    percents: list[np.ndarray] = [marks.percents]
    currencies: dict[str, list[np.ndarray]] = {}
    for code, places in formats.items():
        numbers = _numbers_at(columns, places)
        shown = currency_of(code)
        if shown:
            currencies.setdefault(shown, []).append(numbers)
        if "%" in code:
            percents.append(_scaled(columns, numbers, code))
    places = np.concatenate(percents)
    for column, rows in _by_column(places):
        cells = np.empty(len(rows), dtype=object)
        cells[:] = [PercentCell(value) for value in columns[column][rows - 1]]
        columns[column][rows - 1] = cells
    joined = {shown: np.concatenate(parts) for shown, parts in currencies.items()}
    return replace(marks, percents=places, currencies={**marks.currencies, **joined})


def _by_column(places: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Rows by column."""
    return [(column, places[places[:, 1] == column, 0]) for column in np.unique(places[:, 1]).tolist()]


def _numbers_at(columns: tuple[np.ndarray, ...], places: np.ndarray) -> np.ndarray:
    """Those of the places that hold a number."""
    kept = [np.empty((0, 2), dtype=np.int64)]
    for column, rows in _by_column(places):
        if column < len(columns):
            inside = rows[rows <= len(columns[column])]
            cells = columns[column][inside - 1]
            numeric = np.array([type(cell) in (float, int) for cell in cells], dtype=bool)
            kept.append(np.column_stack([inside[numeric], np.full(int(numeric.sum()), column)]))
    return np.concatenate(kept)


def _scaled(columns: tuple[np.ndarray, ...], numbers: np.ndarray, code: str) -> np.ndarray:
    """Those of the numbers that the format scales; it may scale one sign and not the other."""
    signs = {scales_by_hundred(code, value) for value in (1.0, -1.0, 0.0)}
    if len(signs) == 1:
        return numbers if signs.pop() else numbers[:0]
    values = [float(columns[column][row - 1]) for row, column in numbers.tolist()]
    scaled = np.array([scales_by_hundred(code, value) for value in values], dtype=bool)
    return np.asarray(numbers[scaled])
