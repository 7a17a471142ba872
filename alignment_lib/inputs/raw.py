"""A table as it stands in its file, before anything is interpreted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import pyarrow as pa

__all__ = ["Column", "PercentCell", "RawTable", "clip"]

Column: TypeAlias = pa.ChunkedArray | np.ndarray
"""Arrow values (text from CSV, any type from Parquet) or an object array of workbook cells."""


class PercentCell(float):
    """A number in a workbook cell formatted as a percentage: 0.9 stored, 90 % shown.

    >>> PercentCell(0.9) * 1
    0.9
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
    """

    file: str
    sheet: str
    columns: Mapping[str, Column]
    rows: int
    row_of: Callable[[int], int] = field(default=lambda position: position + 2, repr=False)
    blank_rows: int = 0


def clip(value: object, width: int = 60) -> str:
    """Show a value in a message: quoted if text, on one line, never longer than `width`.

    >>> clip("a\\nb"), clip(3.5)
    ("'a\\\\nb'", '3.5')
    """
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= width else text[: width - 3] + "..."
