"""Rows that are the sum of other rows, told by arithmetic: a word alone makes no total, and needs none.

A row goes where its figures equal, to the cent, the sum of the rows above it (or below it) since the last
such row, of all rows that share its labels, or of all rows, and its label says so or is blank.
Where a row adds up but bears a name of its own, or says that it is a total and does not add up, the user is
asked.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import Notice, counted
from alignment_lib.inputs.tables.distinct_words import distinct_words
from alignment_lib.inputs.words.export_dates import best_date_form
from alignment_lib.inputs.words.export_numbers import best_number_form, read_figures
from alignment_lib.inputs.words.period_headings import find_across
from alignment_lib.inputs.words.row_words import total_pattern
from alignment_lib.inputs.written_numbers import Said

__all__ = ["Suspect", "Totals", "find_totals", "says_total"]

_SAMPLE = 2_000
_CLEAR = 0.8
"""Share of a column's different values that must be figures, or dates, for it to be one."""
_MOST_VALUES = 300
_MOST_WIDE = 50_000
_NEAR = 0.1
_CHANCE = 4.0
"""Decimal digits that must agree beyond the count of rows before a sum without a word is no chance."""


@dataclass(frozen=True)
class Suspect:
    """Rows that may be totals.

    Attributes
    ----------
    column, value : str
        The label they bear.
    rows : int
        How many there are.
    text : str
        What speaks for it, with the sums.
    proposal : {"take", "leave out"}
    """

    column: str
    value: str
    rows: int
    text: str
    proposal: str = "leave out"


@dataclass(frozen=True)
class Totals:
    """Rows that are totals for certain, by index, and those to ask about.

    `carried` names labels that stood on a total above its rows and belong to them: column, label, rows.
    """

    certain: pd.Index
    carried: tuple[tuple[str, str, pd.Index], ...] = ()
    suspects: tuple[Suspect, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class _Grid:
    """Labels, dates and figures of a table; `words` marks cells that say they are a total."""

    table: pd.DataFrame
    names: tuple[str, ...]
    dates: tuple[str, ...]
    figures: np.ndarray
    wide: bool
    words: pd.DataFrame


def says_total(text: str) -> bool:
    """Whether a label or a heading says that it is a total.

    >>> [says_total(text) for text in ("North Total", "Gesamtergebnis", "Totally", "Summer")]
    [True, True, False, False]
    """
    return bool(total_pattern().search(text))


def find_totals(table: pd.DataFrame) -> Totals:
    """Find the rows of a table of texts that are totals.

    >>> rows = [["North", "Tea", "10", "12"], ["North", "Cake", "20", "21"], ["North Total", "", "30", "33"]]
    >>> table = pd.DataFrame(rows, columns=["Region", "Item", "2025-01", "2025-02"])
    >>> list(find_totals(table).certain)
    [2]
    """
    grid = _lay_out(table) if len(table) > 1 else None
    if grid is None:
        return Totals(table.index[:0])
    saying = grid.words.any(axis=1).to_numpy()
    unnamed = _without_label(grid)
    certain = np.zeros(len(table), dtype=bool)
    named = np.zeros(len(table), dtype=bool)
    heads: dict[int, list[int]] = {}
    if grid.wide and len(table) <= _MOST_WIDE:
        heads = _find_heads(grid)
        certain[list(heads)] = True
        above, named = _find_runs(grid.figures, saying, unnamed, certain)
        certain |= above
    left = (saying | unnamed) & ~certain
    near = np.full(len(table), np.nan)
    if left.any():
        added, near = _compare_with_parts(grid, left, certain | named)
        certain |= added
    suspects = [*_ask_named(grid, named & ~certain), *_ask_members(grid, ~certain & ~named & ~left)]
    asked, notices = _ask_said(grid, left & ~certain & saying, near)
    return Totals(table.index[certain], _labels_of(grid, heads), (*suspects, *asked), notices)


def _lay_out(table: pd.DataFrame) -> _Grid | None:
    across = find_across([str(name) for name in table.columns])
    sample = table.iloc[:_SAMPLE]
    if len(across.periods) > 1:
        figures, dates = list(across.periods), []
    else:
        dates = [name for name in table.columns if best_date_form(sample[name])[1] >= _CLEAR]
        figures = [
            name
            for name in table.columns
            if name not in dates and best_number_form(sample[name])[1] >= _CLEAR and not _is_key(sample[name])
        ]
    labels = [
        name for name in table.columns if name not in figures and not _is_figure(table, across.periods, name)
    ]
    if not figures or not labels:
        return None
    words = pd.DataFrame({name: _says(table[name]) for name in labels}, index=table.index)
    return _Grid(
        table,
        tuple(labels),
        tuple(dates),
        _read(table, figures, bool(across.periods)),
        len(figures) > 2,
        words,
    )


def _is_key(values: pd.Series) -> bool:
    """Whether figures are the numbers of rows: every one another, and none with decimals."""
    known = values[values != ""]
    return len(known) > 20 and known.nunique() == len(known) and bool(known.str.fullmatch(r"\d+").all())


def _is_figure(table: pd.DataFrame, periods: object, name: str) -> bool:
    return bool(periods) and says_total(str(name)) and best_number_form(table[name])[1] >= _CLEAR


def _says(values: pd.Series) -> np.ndarray:
    codes, words = distinct_words(values)
    said = np.array([not word.isdigit() and says_total(word) for word in words], dtype=bool)
    return np.asarray(said[codes])


def _read(table: pd.DataFrame, figures: list[str], together: bool) -> np.ndarray:
    if together:
        form, _ = best_number_form(pd.concat([table[name] for name in figures], ignore_index=True))
        return np.column_stack([read_figures(table[name], *form).values for name in figures])
    forms = {name: best_number_form(table[name].iloc[:_SAMPLE])[0] for name in figures}
    return np.column_stack([read_figures(table[name], *forms[name]).values for name in figures])


def _without_label(grid: _Grid) -> np.ndarray:
    """Rows in which every label is blank, and in a list of dated rows the date."""
    blank = np.ones(len(grid.table), dtype=bool)
    for name in grid.names:
        codes, words = distinct_words(grid.table[name])
        blank &= (words == "")[codes]
        if not blank.any():
            break
    return blank


def _find_heads(grid: _Grid) -> dict[int, list[int]]:
    """Rows of an outline that bear the sum of the rows below, whose outer label only they name."""
    values = np.round(np.nan_to_num(grid.figures), 2)
    blank = np.column_stack([(grid.table[name] == "").to_numpy() for name in grid.names])
    heads: dict[int, list[int]] = {}
    for at in range(len(values) - 1):
        column = int(np.argmax(~blank[at])) if not blank[at].all() else -1
        if column < 0 or column + 1 >= blank.shape[1] or not blank[at, column + 1 :].all():
            continue
        below = at + 1
        while below < len(values) and blank[below, column] and not blank[below, column + 1 :].all():
            below += 1
        parts = list(range(at + 1, below))
        if parts and values[at].any() and (np.abs(values[parts].sum(axis=0) - values[at]) < 0.011).all():
            heads[at] = parts
    return heads


def _labels_of(grid: _Grid, heads: dict[int, list[int]]) -> tuple[tuple[str, str, pd.Index], ...]:
    named = []
    for at, parts in heads.items():
        column = next(name for name in grid.names if grid.table[name].iloc[at])
        named.append((column, str(grid.table[column].iloc[at]), grid.table.index[parts]))
    return tuple(named)


def _find_runs(
    figures: np.ndarray, saying: np.ndarray, unnamed: np.ndarray, known: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rows that equal the sum of those just above, or just below: certain ones, and ones with other names."""
    values = np.round(np.nan_to_num(figures), 2) + 0.0
    certain = known.copy()
    named = np.zeros(len(values), dtype=bool)
    for order in (range(len(values)), range(len(values) - 1, -1, -1)):
        sums = {np.zeros(values.shape[1]).tobytes(): 0}
        total, count = np.zeros(values.shape[1]), 0
        for at in order:
            if certain[at] or named[at]:
                continue
            found = sums.get((np.round(total - values[at], 2) + 0.0).tobytes())
            if found is not None and values[at].any():
                parts = count - found
                if saying[at] or (unnamed[at] and parts > 1):
                    certain[at] = True
                    continue
                if parts > 1 and _is_no_chance(values[at], len(values)):
                    named[at] = True
                    continue
            total, count = total + values[at], count + 1
            sums[(np.round(total, 2) + 0.0).tobytes()] = count
    return certain, named


def _is_no_chance(row: np.ndarray, rows: int) -> bool:
    held = row[row != 0]
    digits = float(np.log10(1 + np.abs(held)).sum())
    return len(held) > 2 and len(np.unique(held)) > 1 and digits >= _CHANCE + math.log10(rows)


def _compare_with_parts(grid: _Grid, left: np.ndarray, out: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Set rows beside the sum of the rows that share their labels: which add up, and the ratio to it."""
    leaf = ~left & ~out
    figures = np.nan_to_num(grid.figures)
    labels = [name for name in grid.names if grid.table[name][leaf].nunique() <= 0.9 * leaf.sum() + 1]
    sums: dict[tuple[str, ...], dict[tuple[str, ...], tuple[np.ndarray, int]]] = {}
    added = np.zeros(len(left), dtype=bool)
    ratio = np.full(len(left), np.nan)
    running = {
        at: figures[leaf & (np.arange(len(left)) < at)].sum(axis=0) for at in np.flatnonzero(left)[:50]
    }
    for at in np.flatnonzero(left):
        shared = dict(_constraints(grid, int(at), labels, leaf))
        columns = tuple(shared)
        if columns not in sums:
            sums[columns] = _sum_by(grid.table[leaf], figures[leaf], columns)
        found = sums[columns].get(tuple(shared.values()))
        for parts in [found, (running.get(at, np.zeros(0)), int(leaf[:at].sum()))]:
            if parts is not None and len(parts[0]) and parts[1]:
                same, near = _equal(grid.figures[at], parts[0], parts[1])
                added[at] |= same
                ratio[at] = near if math.isnan(ratio[at]) else ratio[at]
    return added, ratio


def _constraints(grid: _Grid, at: int, labels: list[str], leaf: np.ndarray) -> Iterator[tuple[str, str]]:
    """What the parts of a total share with it: its other labels, and what its name says beside the word."""
    for name in labels:
        cell = str(grid.table[name].iloc[at])
        if not cell:
            continue
        if not grid.words[name].iloc[at]:
            yield name, cell
            continue
        rest = total_pattern().sub(" ", cell).strip(" :-–—()")
        same = next(
            (value for value in grid.table[name][leaf].unique() if str(value).casefold() == rest.casefold()),
            "",
        )
        if same and rest:
            yield name, str(same)


def _sum_by(
    labels: pd.DataFrame, figures: np.ndarray, columns: tuple[str, ...]
) -> dict[tuple[str, ...], tuple[np.ndarray, int]]:
    if not columns:
        return {(): (figures.sum(axis=0), len(figures))}
    keys = [labels[name].to_numpy() for name in columns]
    groups = pd.DataFrame(figures).groupby(keys, sort=False)
    sums, counts = groups.sum(), groups.size()
    listed = [key if isinstance(key, tuple) else (key,) for key in sums.index]
    return {
        key: (row, int(count))
        for key, row, count in zip(listed, sums.to_numpy(), counts.to_numpy(), strict=True)
    }


def _equal(row: np.ndarray, sums: np.ndarray, parts: int) -> tuple[bool, float]:
    """Whether the figures a row holds equal the sums, each part rounded to the cent; and their ratio."""
    held = np.isfinite(row) & ((row != 0) | (sums != 0))
    if not held.any():
        return False, math.nan
    room = np.minimum(0.005 * (parts + 1), 0.005 + 1e-3 * np.abs(sums))
    same = np.abs(row - sums)[held] <= room[held]
    base = np.abs(sums[held]).sum()
    return bool(same.all()), float(np.abs(row[held]).sum() / base) if base else math.nan


def _ask_named(grid: _Grid, named: np.ndarray) -> Iterator[Suspect]:
    """Rows that add up and have names of their own, told from the rest by a label."""
    for at in np.flatnonzero(named):
        for column in grid.names:
            value = str(grid.table[column].iloc[at])
            same = (grid.table[column] == value).to_numpy()
            if value and not (same & ~named).any():
                total = Said(np.nansum(grid.figures[same]))
                text = f"the rows of {column} {value!r} ({total:,.2f}) equal the sum of the rows beside them"
                yield Suspect(column, value, int(same.sum()), f"{text}: a total?")
                break


def _ask_members(grid: _Grid, leaf: np.ndarray) -> Iterator[Suspect]:
    """Members of a label that equal the sum of all other members in every period, such as ``All``."""
    figures = np.nan_to_num(grid.figures)
    whole = figures[leaf].sum(axis=0)
    if not leaf.any() or not whole.any():
        return
    for column in grid.names:
        codes, words = distinct_words(grid.table[column])
        if column in grid.dates or not 3 <= len(words) <= _MOST_VALUES:
            continue
        sums = np.column_stack(
            [np.bincount(codes[leaf], figures[leaf, at], len(words)) for at in range(figures.shape[1])]
        )
        held = whole != 0
        halves = (np.abs(2 * sums - whole)[:, held] <= 0.01).all(axis=1)
        # Two members of equal size each equal the other: no total.
        for member in np.flatnonzero(halves) if halves.sum() == 1 else ():
            mine = leaf & (codes == member)
            if words[member] and _holds_in_every_period(grid, figures, mine, leaf & ~mine):
                total = f"{Said(sums[member, held][0]):,.2f}"
                text = f"{column} {str(words[member])!r} ({total}) equals the sum of all others at every date"
                yield Suspect(column, str(words[member]), int(mine.sum()), f"{text}: a total?")


def _holds_in_every_period(grid: _Grid, figures: np.ndarray, mine: np.ndarray, rest: np.ndarray) -> bool:
    if grid.wide:
        return len(np.unique(figures[rest].sum(axis=0))) > 1
    if not grid.dates:
        return False
    codes, days = distinct_words(grid.table[grid.dates[0]])
    one = np.bincount(codes[mine], figures[mine, 0], len(days))
    other = np.bincount(codes[rest], figures[rest, 0], len(days))
    return len(days) > 2 and bool((np.abs(one - other) <= 0.01).all())


def _ask_said(
    grid: _Grid, said: np.ndarray, ratio: np.ndarray
) -> tuple[tuple[Suspect, ...], tuple[Notice, ...]]:
    """Rows that say they are a total and do not add up: asked where they come near or bear no other label."""
    asked: dict[tuple[str, str], Suspect] = {}
    kept: dict[tuple[str, str], int] = {}
    for at in np.flatnonzero(said):
        row = grid.table.iloc[at]
        column = next(name for name in grid.names if grid.words[name].iloc[at])
        key = (column, str(row[column]))
        others = [name for name in grid.names if name != column and not grid.words[name].iloc[at]]
        alone = not any(row[name] for name in others) and bool(others)
        near = abs(ratio[at] - 1) <= _NEAR
        if alone or near:
            share = "" if math.isnan(ratio[at]) else f" (it holds {Said(ratio[at]):.1%} of them)"
            rows = int((grid.table[column] == row[column]).sum())
            text = (
                f"{column} {row[column]!r} says it is a total and does not equal the sum of its rows{share}"
            )
            asked.setdefault(key, Suspect(*key, rows, text))
        else:
            kept[key] = kept.get(key, 0) + 1
    notices = [
        Notice(
            "named_total", f"{counted(rows, 'row')} of {column} {value!r} kept: no sum of other rows.", rows
        )
        for (column, value), rows in kept.items()
        if (column, value) not in asked
    ]
    return tuple(asked.values()), tuple(notices)
