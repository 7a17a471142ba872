"""A table as it stands in its file, before anything is interpreted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from alignment_lib.inputs.problems import Problem, ProblemLog

__all__ = ["Column", "PercentCell", "RawTable", "clip", "show_cell"]

Column: TypeAlias = pa.ChunkedArray | np.ndarray
"""Arrow values (text from CSV, any type from Parquet) or an object array of workbook cells."""

_MOST_WORDS = 10
"""Distinct faulty words of one column that are named; the last names the rest with a count."""


class PercentCell(float):
    """A number in a workbook cell formatted as a percentage: 0.9 stored, 90 % shown.

    >>> show_cell(PercentCell(0.9))
    '90 %'
    """


@dataclass(frozen=True)
class RawTable:
    """Columns as written, with the way back to the user's row numbers.

    Attributes
    ----------
    file, sheet : str
        Where the table stands; `file` is relative to the workspace.
    columns : mapping of str to Column
        By header name, in the order of the file.
    rows : int
        Number of data rows.
    row_of : callable
        From a position (0 for the first data row) to the row the user's editor shows. The header
        is row 1. In a CSV file that is the line on which the record starts, blank lines and quoted
        line breaks counted; in Parquet, which no editor shows, the record number plus one.
    blank_rows : int
        Rows without any value inside the table, which were left out.
    digest : str
        Hash of the content, for a table that no file holds.
    """

    file: str
    sheet: str
    columns: Mapping[str, Column]
    rows: int
    row_of: Callable[[int], int] = field(default=lambda position: position + 2, repr=False)
    blank_rows: int = 0
    digest: str = ""

    def cell(self, column: str, position: int) -> str:
        """The cell as the user sees it, ``""`` where the column is not there."""
        values = self.columns.get(column)
        if values is None:
            return ""
        if isinstance(values, np.ndarray):
            return show_cell(values[position])
        value = values[position].as_py()
        return "" if value is None else str(value).strip()

    def report(
        self, log: ProblemLog, column: str, places: np.ndarray, expected: str, mend: str, found: str = ""
    ) -> None:
        """Add one problem for all rows at `places` (positions), or none where there are none.

        What was found is the first cell's text unless `found` says it.
        """
        if len(places):
            first = int(places[0])
            shown = found or clip(self.cell(column, first))
            row = self.row_of(first)
            log.add(Problem(self.file, shown, expected, mend, self.sheet, row, column, len(places)))

    def report_words(
        self,
        log: ProblemLog,
        column: str,
        words: np.ndarray,
        places: np.ndarray,
        expected: str,
        mend: Callable[[str], str],
    ) -> None:
        """Add one problem per distinct word among ``words[places]``, ten at most, the rest counted."""
        if not len(places):
            return
        faulty, firsts, groups = np.unique(words[places].astype(str), return_index=True, return_inverse=True)
        order = np.argsort(firsts)
        for at in order[: _MOST_WORDS - 1]:
            self.report(log, column, places[groups == at], expected, mend(faulty[at]), clip(faulty[at]))
        rest = order[_MOST_WORDS - 1 :]
        if len(rest):
            more = f" and {len(rest) - 1} other words" if len(rest) > 1 else ""
            word = faulty[rest[0]]
            self.report(log, column, places[np.isin(groups, rest)], expected, mend(word), clip(word) + more)


def clip(value: object, width: int = 60) -> str:
    r"""Show a value in a message: quoted if text, on one line, never longer than `width`.

    >>> clip("a\nb"), clip(3.5)
    ("'a\\nb'", '3.5')
    """
    text = repr(str(value)) if isinstance(value, str) else str(value)
    return text if len(text) <= width else text[: width - 3] + "..."


def show_cell(cell: object) -> str:
    """A workbook cell as text: whole numbers without a point, dates in ISO form.

    >>> show_cell(2.0), show_cell(None), show_cell(True)
    ('2', '', 'TRUE')
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, PercentCell):
        return f"{float(cell) * 100:.15g} %"
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell).removesuffix(" 00:00:00")
