"""Lists in which a row stands for one thing: where every row and its money went, by reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from alignment_lib.inputs.applying.reconciliation import Entry, Reconciliation
from alignment_lib.inputs.applying.sales_money import sum_columns
from alignment_lib.inputs.problems import ProblemLog
from alignment_lib.inputs.proposing.mapping_files import ImportMapping
from alignment_lib.inputs.reading.exports import Export
from alignment_lib.inputs.words.export_numbers import read_figures

__all__ = ["FIGURES", "ListLog", "account_for_list"]

FIGURES = {
    "leads": "amount",
    "opportunities": "amount",
    "spend": "amount",
    "costs": "unit_cost",
    "prices": "price",
}
"""The figure of each kind of list, as a role."""


@dataclass
class ListLog(ProblemLog):
    """Problems and notices, and what of a list was left out.

    Attributes
    ----------
    left : list of (str, int, float)
        Reason, rows, and the sum of their figure.
    """

    left: list[tuple[str, int, float]] = field(default_factory=list)

    def leave_out(self, reason: str, rows: int, amount: float) -> None:
        """Record rows that were left out or joined with others, or money alone where rows stay."""
        if rows or amount:
            self.left.append((reason, rows, float(amount)))


def account_for_list(
    export: Export, mapping: ImportMapping, log: ListLog, tables: Mapping[str, pd.DataFrame]
) -> Reconciliation:
    """Rows and money read, written and left out; the parts add up to the source.

    Raises
    ------
    AlignmentError
        Where they do not.
    """
    figure = FIGURES.get(mapping.kind, "")
    column = mapping.columns.get(figure, "")
    left = [*_aside(export, column, mapping), *log.left]
    rows = len(export.table) + len(export.aside)
    read = _sum(export.table, column, mapping) + _sum(export.aside, column, mapping)
    made = next(iter(tables.values()), pd.DataFrame())
    written = float(pd.to_numeric(made[figure], errors="coerce").sum()) if column and figure in made else 0.0
    name = figure.replace("_", " ") if column else "rows"
    entries = [
        Entry(name, "read", "", rows, read),
        Entry(name, "written", "", rows - sum(count for _, count, _ in left), written),
        *(Entry(name, "left out", reason, count, amount) for reason, count, amount in left),
    ]
    return Reconciliation(tuple(entries), sum_columns(export, set(mapping.used), mapping)).check()


def _aside(export: Export, column: str, mapping: ImportMapping) -> list[tuple[str, int, float]]:
    """Rows that reading the file laid aside: totals by arithmetic, and remarks below."""
    return [
        (str(reason), len(rows), _sum(rows, column, mapping))
        for reason, rows in export.aside.groupby(export.reasons, sort=False)
    ]


def _sum(table: pd.DataFrame, column: str, mapping: ImportMapping) -> float:
    if not len(table) or column not in table.columns:
        return 0.0
    return float(np.nansum(read_figures(table[column], mapping.decimal, mapping.thousands).values))
