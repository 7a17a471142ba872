"""Header rows: every column named once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow.compute as pc

from alignment_lib.inputs.problems import Problem, ProblemLog
from alignment_lib.inputs.tables.raw import Column, clip

__all__ = ["column_letter", "name_columns"]


def name_columns(
    header: Sequence[str], columns: Sequence[Column], file: str, sheet: str, log: ProblemLog
) -> dict[str, Column]:
    """Pair names with columns; unnamed columns without content fall away, other faults are logged."""
    named: dict[str, Column] = {}
    for at, (given, column) in enumerate(zip(header, columns, strict=True)):
        name = given.strip()
        if not name:
            if _has_content(column):
                letter = column_letter(at)
                expected = "a name in the header row"
                mend = "name the column, or clear it"
                log.add(
                    Problem(
                        file, f"no name above column {letter}", expected, mend, sheet, row=1, column=letter
                    )
                )
        elif name in named:
            mend = "rename or remove one of the two"
            log.add(
                Problem(file, f"{clip(name)} twice in the header", "each name once", mend, sheet, 1, name)
            )
        else:
            named[name] = column
    return named


def column_letter(position: int) -> str:
    """The spreadsheet's letter of a column counted from 0.

    >>> column_letter(0), column_letter(27)
    ('A', 'AB')
    """
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _has_content(column: Column) -> bool:
    if isinstance(column, np.ndarray):
        return any(cell is not None and cell != "" for cell in column)
    return bool(pc.any(pc.not_equal(column, "")).as_py())
