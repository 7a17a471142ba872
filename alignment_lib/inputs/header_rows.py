"""Where the header of a grid of texts is, and what its columns are called: titles above, one row or two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from alignment_lib.inputs.export_numbers import find_number_forms
from alignment_lib.inputs.headers import column_letter
from alignment_lib.inputs.period_headings import find_across

__all__ = ["Header", "find_header"]

_LOOKED_AT = 80
_USUAL = 0.6
"""Share of the usual number of cells that a header fills: titles fill one or two."""


@dataclass(frozen=True)
class Header:
    """A header found.

    Attributes
    ----------
    names : tuple of str
        One for each column, all different; ``""`` for columns without a name and without a value.
    first : int
        Row of the grid with the first data.
    titles : tuple of str
        What stands above, row by row.
    """

    names: tuple[str, ...]
    first: int
    titles: tuple[str, ...] = ()


def find_header(grid: Sequence[Sequence[str]]) -> Header | None:
    """Find the header in the first rows of a grid; None where there is no table.

    A row of years above months, or of periods above measures, belongs to the header: its cells speak for
    the columns to their right as well.

    >>> found = find_header([["Sales"], ["", "2024", "", "2025"], ["Item", "Nov", "Dec", "Jan"], ["Tea", "1", "2", "3"]])
    >>> found.names, found.first, found.titles
    (('Item', '2024 Nov', '2024 Dec', '2025 Jan'), 3, ('Sales',))
    """
    filled = [sum(bool(cell) for cell in row) for row in grid[:_LOOKED_AT]]
    if not filled or max(filled) < 2:
        return None
    usual = float(np.median([count for count in filled if count > 1]))
    at = next((number for number, count in enumerate(filled) if count >= max(2, _USUAL * usual)), None)
    if at is None:
        return None
    lower = at + 1 if _is_second_header(grid, at) else at
    upper = at if lower > at else at - 1
    row = list(grid[lower])
    if upper >= 0 and _belongs(grid[upper], row):
        row = _join(grid[upper], row)
    else:
        upper = lower
    width = max(len(line) for line in grid[lower : lower + _LOOKED_AT])
    row += [""] * (width - len(row))
    has_values = [
        any(at < len(line) and line[at] for line in grid[lower + 1 : lower + _LOOKED_AT])
        for at in range(width)
    ]
    named = [
        name or (f"(column {column_letter(at)})" if has_values[at] else "") for at, name in enumerate(row)
    ]
    titles = tuple(" ".join(cell for cell in line if cell) for line in grid[:upper])
    return Header(tuple(_make_distinct(named)), lower + 1, tuple(title for title in titles if title))


def _is_second_header(grid: Sequence[Sequence[str]], at: int) -> bool:
    """Whether the row below is header too: only words or periods, where the rows after it hold figures."""
    if at + 2 >= len(grid):
        return False
    below, after = list(grid[at + 1]), list(grid[at + 2])
    if not find_across(below).periods and len({cell for cell in grid[at] if cell}) == sum(
        map(bool, grid[at])
    ):
        return False
    figures = [bool(find_number_forms(_series([cell]))) for cell in after]
    looks = [
        bool(find_number_forms(_series([cell]))) and not find_across([cell, cell]).periods for cell in below
    ]
    return sum(figures) >= 2 and sum(looks) == 0 and sum(map(bool, below)) >= 2


def _series(cells: list[str]):  # type: ignore[no-untyped-def]
    import pandas as pd

    return pd.Series(cells, dtype=object)


def _belongs(above: Sequence[str], row: Sequence[str]) -> bool:
    """Whether the row above completes a header: months without a year below it, or names that stand twice."""
    cells = [cell for cell in above if cell]
    if not cells or not any(above[1:]):
        return False
    named = [name for name in row if name]
    joined = find_across([name for name in _join(above, row) if name])
    plain = find_across(named)
    return bool(joined.periods) and (plain.yearless or not plain.periods or len(set(named)) < len(named))


def _join(above: Sequence[str], row: Sequence[str]) -> list[str]:
    """Both rows as one, cells of the upper one carried to the right over what they stand above."""
    joined, carried = [], ""
    for at, name in enumerate(row):
        carried = (above[at] if at < len(above) else "") or carried
        joined.append(" ".join(part for part in (carried, name) if part) if name else "")
    return joined


def _make_distinct(names: Sequence[str]) -> list[str]:
    """Names made different from each other by a count behind them."""
    seen: dict[str, int] = {}
    made = []
    for cell in names:
        name = " ".join(cell.split())
        if name:
            seen[name] = seen.get(name, 0) + 1
            name = name if seen[name] == 1 else f"{name} ({seen[name]})"
        made.append(name)
    return made
