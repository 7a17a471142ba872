"""Columns of longer periods and totals among periods across: set beside the sum of what they hold."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from alignment_lib.inputs.export_numbers import read_figures
from alignment_lib.inputs.exports import Export
from alignment_lib.inputs.mapping_files import ImportMapping
from alignment_lib.inputs.period_headings import Across
from alignment_lib.inputs.problems import Notice, counted
from alignment_lib.inputs.table_totals import says_total
from alignment_lib.inputs.written_numbers import Said

__all__ = ["tell_wider"]


def tell_wider(export: Export, mapping: ImportMapping, across: Across, names: list[str]) -> Iterator[Notice]:
    """One sentence for each column that is a sum of periods, and whether it adds up."""
    days = pd.DatetimeIndex([across.periods[name] for name in names])
    for column in export.columns:
        if column in across.wider:
            first, after = across.wider[column]
            inside = np.asarray((days >= first) & (days < after))
        elif column not in across.periods and says_total(column):
            inside = np.ones(len(names), dtype=bool)
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
