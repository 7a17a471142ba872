"""Columns of longer periods and totals among periods across: set beside the sum of what they hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import Notice, counted
from alignment_lib.inputs.proposing.mapping_files import ImportMapping
from alignment_lib.inputs.reading.exports import Export
from alignment_lib.inputs.reading.table_totals import says_total
from alignment_lib.inputs.words.export_numbers import read_figures
from alignment_lib.inputs.words.period_headings import Across
from alignment_lib.inputs.written_numbers import Said

__all__ = ["find_run", "tell_wider"]


def tell_wider(export: Export, mapping: ImportMapping, across: Across, names: list[str]) -> Iterator[Notice]:
    """One sentence for each column that is a sum of periods, and whether it adds up."""
    days = pd.DatetimeIndex([across.periods[name] for name in names])
    for column in export.columns:
        if column in across.wider:
            first, after = across.wider[column]
            inside = np.asarray((days >= first) & (days < after))
        elif column not in across.periods and says_total(column):
            inside = _columns_of(export, mapping, column, names)
        else:
            continue
        held = read_figures(export.table[column], mapping.decimal, mapping.thousands).values
        parts = [
            read_figures(export.table[n], mapping.decimal, mapping.thousands).values
            for n, is_in in zip(names, inside, strict=True)
            if is_in
        ]
        total = float(np.nansum(held))
        if not parts:
            text = (
                f"Column {column!r} ({Said(total):,.2f}) covers periods that no other column holds; left out."
            )
            yield Notice("column_alone", text)
            continue
        apart = np.abs(np.nan_to_num(held) - np.nansum(np.column_stack(parts), axis=1)) > 0.005 * (
            len(parts) + 1
        )
        if apart.any():
            row = export.row_of(int(np.flatnonzero(apart)[0]))
            rows = int(apart.sum())
            text = (
                f"Column {column!r} is no sum of its periods in {counted(rows, 'row')} (first row {row}); "
                f"left out ({Said(total):,.2f})."
            )
            yield Notice("column_apart", text, rows)
        else:
            yield Notice("column_total", f"Column {column!r} is the sum of its periods; left out.")


def _columns_of(export: Export, mapping: ImportMapping, total: str, names: list[str]) -> np.ndarray:
    """The periods that a total without dates of its own sums up, else all."""
    run = find_run(export.table, total, names, (mapping.decimal, mapping.thousands))
    return np.isin(names, run) if run else np.ones(len(names), dtype=bool)


def find_run(table: pd.DataFrame, total: str, names: Sequence[str], form: tuple[str, str]) -> list[str]:
    """The periods just before a column, or just behind it, whose sum it is in every row; none else.

    >>> table = pd.DataFrame({"H1": ["3", "7"], "Jan": ["1", "3"], "Feb": ["2", "4"]})
    >>> find_run(table, "H1", ["Jan", "Feb"], (".", ""))
    ['Jan', 'Feb']
    """
    order, known = list(table.columns), set(names)
    held = _figures(table, total, form)
    before = [name for name in order[: order.index(total)] if name in known]
    behind = [name for name in order[order.index(total) + 1 :] if name in known]
    for run in (before[::-1], behind) if held.any() else ():
        so_far = np.zeros(len(held))
        for count, name in enumerate(run, start=1):
            so_far = so_far + _figures(table, name, form)
            if count > 1 and (np.abs(held - so_far) <= 0.005 * (count + 1)).all():
                return run[:count]
    return []


def _figures(table: pd.DataFrame, column: str, form: tuple[str, str]) -> np.ndarray:
    return np.asarray(np.nan_to_num(read_figures(table[column], *form).values))
