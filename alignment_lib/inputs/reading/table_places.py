"""Where a table stands in a sheet or text: title rows, one or two heading rows, labels of an outline.

Sheets that people keep are not tables yet: a title stands above, months span two columns of units and
revenue, a region is written once for all its rows. What is read into them here is read by a stated rule and
said; where no rule holds it becomes a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["SAMPLE", "Carried", "Heading", "carry_labels", "find_heading", "is_figure"]

SAMPLE = 80
"""Rows looked at to find the heading."""
_FIGURE = re.compile(r"[(+\-\u2212]?\s*[^\w\s]?\s*\d[\d.,'\u2019\u00a0\u202f ]*\s*[^\w\s]?\)?\s*[-\u2212]?")
_YEAR = re.compile(r"(FY\s?)?(19|20)\d\d([/-]\d\d(\d\d)?)?")
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}([ T].*)?")
_TOTAL = re.compile(
    r"\b(grand |sub)?totals?\b|\bsum(me)?\b|zwischensumme|gesamt(summe|ergebnis)?\b|\binsgesamt\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Heading:
    """The heading of a table.

    Attributes
    ----------
    first, last : int
        Its rows, counted from 0.
    names : tuple of str
        Of the columns; blank where a column has none. Two heading rows are joined by a space.
    levels : tuple of (str, str)
        For two heading rows: what stands above and below, the upper one carried to the right.
    """

    first: int
    last: int
    names: tuple[str, ...]
    levels: tuple[tuple[str, str], ...] = ()


def is_figure(text: str) -> bool:
    """Whether a cell holds a number or a date rather than a word.

    >>> is_figure("1.234,50"), is_figure("2025-01-06"), is_figure("Jan 2025"), is_figure("-")
    (True, True, False, False)
    """
    return bool(_FIGURE.fullmatch(text) or _DATE.fullmatch(text))


def find_heading(grid: Sequence[Sequence[str]]) -> Heading | None:
    """The heading among the first rows: the first row that fills as many cells as the rows below it do.

    Parameters
    ----------
    grid : sequence of sequence of str
        The first rows as text.
    """
    filled = [sum(bool(cell) for cell in row) for row in grid[:SAMPLE]]
    if not filled or max(filled) < 2:
        return None
    usual = float(np.median([count for count in filled if count > 1]))
    at = next((number for number, count in enumerate(filled) if count >= max(2, 0.6 * usual)), None)
    if at is None:
        return None
    for first in (at, at - 1):
        if first >= 0 and first + 2 < len(grid) and _are_two(grid[first], grid[first + 1], grid[first + 2 :]):
            return _join(grid[first], grid[first + 1], first)
    return Heading(at, at, tuple(" ".join(cell.split()) for cell in grid[at]))


def _are_two(upper: Sequence[str], lower: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether two rows are one heading, above figures: a title over a whole heading is none.

    The upper row names columns that the lower leaves blank, or tells columns of one name apart, or gives
    the years of the months below.
    """
    below = [at for at, cell in enumerate(lower) if cell]
    spanned = [upper[at] for at in below if at < len(upper) and upper[at]]
    if len(below) < 2 or not spanned or any(is_figure(lower[at]) for at in below):
        return False
    alone = any(cell and not (at < len(lower) and lower[at]) for at, cell in enumerate(upper))
    repeated = len(spanned) > 1 and len({lower[at] for at in below}) < len(below)
    if not (alone or repeated or all(map(_YEAR.fullmatch, spanned))):
        return False
    cells = [row[at] for row in body[:SAMPLE] for at in below if at < len(row) and row[at]]
    return bool(cells) and sum(map(is_figure, cells)) >= 0.5 * len(cells)


def _join(upper: Sequence[str], lower: Sequence[str], first: int) -> Heading:
    width = max(len(upper), len(lower))
    levels: list[tuple[str, str]] = []
    label = ""
    for at in range(width):
        above = " ".join(upper[at].split()) if at < len(upper) else ""
        below = " ".join(lower[at].split()) if at < len(lower) else ""
        label = above or (label if below else "")
        levels.append((label, below))
    names = tuple(" ".join(part for part in pair if part) for pair in levels)
    return Heading(first, first + 1, names, tuple(levels))


@dataclass(frozen=True)
class Carried:
    """Labels that were carried down, and columns in which blanks follow no outline.

    Attributes
    ----------
    filled : dict of int to int
        By column: how many blanks took the label above.
    loose : dict of int to int
        By column: blanks of a label column that were left.
    """

    filled: dict[int, int]
    loose: dict[int, int]


def carry_labels(columns: list[np.ndarray], numeric: Sequence[bool]) -> Carried:
    """Write the labels of an outline into the blanks below them, in place.

    Blanks follow an outline where the table begins with a label, every label of the column stands once in
    one block, and a row that names the outer label names all inner ones as well. Rows of totals are left as
    they are.

    Parameters
    ----------
    columns : list of ndarray of str
        The columns of the data; outline columns are replaced.
    numeric : sequence of bool
        Which columns hold figures.
    """
    labels = next((at for at, is_number in enumerate(numeric) if is_number), len(columns))
    carried = Carried({}, {})
    if not labels:
        return carried
    totals = np.zeros(len(columns[0]), dtype=bool)
    for column in columns[:labels]:
        totals |= _matches(column, _TOTAL)
    blank = [(column == "") for column in columns[:labels]]
    empty = np.logical_and.reduce([column == "" for column in columns])
    for at in range(labels):
        holes = blank[at] & ~totals & ~empty
        count = int(holes.sum())
        if not count:
            continue
        inner = [blank[deeper] for deeper in range(at + 1, labels)]
        if _is_outline(columns[at], blank[at], inner, totals | empty):
            columns[at] = _fill_down(columns[at], holes)
            carried.filled[at] = count
        else:
            carried.loose[at] = count
    return carried


def _matches(column: np.ndarray, pattern: re.Pattern[str]) -> np.ndarray:
    words = {word for word in set(column) if pattern.search(word)}
    return np.array([cell in words for cell in column], dtype=bool) if words else np.zeros(len(column), bool)


def _is_outline(column: np.ndarray, blank: np.ndarray, inner: list[np.ndarray], aside: np.ndarray) -> bool:
    kept = ~aside
    named = column[kept & ~blank]
    if not inner or not kept.any() or blank[np.flatnonzero(kept)[0]] or len(set(named)) < len(named):
        return False
    opens = kept & ~blank
    return not any((opens & hole).any() for hole in inner) and not (inner[-1] & kept).any()


def _fill_down(column: np.ndarray, holes: np.ndarray) -> np.ndarray:
    """The column with the last label that is no total written into the holes."""
    sources = np.where((column != "") & ~_matches(column, _TOTAL), np.arange(len(column)), -1)
    last = np.maximum.accumulate(sources)
    return np.where(holes & (last >= 0), column[last], column)
