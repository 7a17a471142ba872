"""Rows of a report that are no data: remarks at its foot, and totals where a day should stand."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd

from alignment_lib.inputs.applying.list_accounts import ListLog
from alignment_lib.inputs.problems import counted
from alignment_lib.inputs.proposing.mapping_files import ImportMapping
from alignment_lib.inputs.reading.exports import Export
from alignment_lib.inputs.words.export_numbers import parse_figures

__all__ = ["leave_out_foot", "name_rows"]

_TOTAL = re.compile(
    r"(grand |sub|report |overall )?"
    r"(totals?|sum|summe|gesamt\w*|insgesamt|somme|totale?|suma|totaal|ergebnis)\b.*",
    re.IGNORECASE | re.DOTALL,
)
_DAYS = {
    "order_lines": "date",
    "leads": "created",
    "opportunities": "opened",
    "spend": "period",
    "contacts": "at",
}
_FIGURES = ("amount", "revenue", "units", "unit_price", "unit_cost", "price")
_CENT = 0.005
_LOOKED_AT = 400
_FEWEST_FILLED = 3
_MOST_NAMED = 3
_LONGEST = 60


def leave_out_foot(export: Export, mapping: ImportMapping, log: ListLog) -> Export:
    """The export without remarks below its data and without rows that name a total in place of a day.

    Both are counted and named. A row that bears a figure or a day of its own is never taken for a remark.
    """
    table = export.table
    remarks = _find_remarks(table, mapping)
    if remarks.any():
        said = name_rows(table[remarks])
        text = f"{counted(int(remarks.sum()), 'row')} below the data left out: {said}."
        log.note("foot", text, int(remarks.sum()))
        log.leave_out("rows below the table", int(remarks.sum()), 0.0)
    totals = _find_totals(table, mapping) & ~remarks
    if totals.any():
        said = name_rows(table[totals])
        said += _sum_of(table[~remarks], totals[~remarks], mapping)
        text = f"{counted(int(totals.sum()), 'row')} of totals left out: {said}."
        log.note("day_totals", text, int(totals.sum()))
        figures = _figures(table[totals], mapping)
        log.leave_out(
            "rows of totals", int(totals.sum()), float(figures.sum()) if figures is not None else 0.0
        )
    left = remarks | totals
    return replace(export, table=table[~left]) if left.any() else export


def _find_remarks(table: pd.DataFrame, mapping: ImportMapping) -> pd.Series:
    """The last rows with one or two filled cells, where rows of data fill more and most of what is taken."""
    few = pd.Series(False, index=table.index)
    tail = table.iloc[-_LOOKED_AT:]
    filled = (tail != "").sum(axis=1).to_numpy()
    usual = float(np.median(filled)) if len(filled) else 0.0
    columns = [name for name in dict.fromkeys(mapping.columns.values()) if name in table.columns]
    if usual < _FEWEST_FILLED or not columns:
        return few
    taken = (tail[columns] != "").sum(axis=1).to_numpy()
    sparse = (filled <= min(2, usual / 2)) & (taken <= 1) & ~_holds_figures(tail, mapping)
    count = len(tail) if sparse.all() else int(np.argmin(sparse[::-1]))
    few.iloc[len(table) - count :] = True
    return few


def _holds_figures(table: pd.DataFrame, mapping: ImportMapping) -> np.ndarray:
    """Rows that bear something under a column of money or pieces."""
    names = [mapping.columns[role] for role in _FIGURES if mapping.columns.get(role) in table.columns]
    return (table[names] != "").any(axis=1).to_numpy() if names else np.zeros(len(table), dtype=bool)


def _find_totals(table: pd.DataFrame, mapping: ImportMapping) -> pd.Series:
    column = mapping.columns.get(_DAYS.get(mapping.kind, ""), "")
    if column not in table.columns:
        return pd.Series(False, index=table.index)
    days = table[column]
    words = {str(word): bool(_TOTAL.fullmatch(str(word))) for word in days.unique()}
    named = days.map(words).astype(bool)
    undated = table.loc[(days == "") & ~named, table.columns != column]
    for at, cells in zip(undated.index, undated.to_numpy(dtype=object), strict=True):
        named[at] = any(_TOTAL.fullmatch(cell) for cell in cells)
    return named | _unnamed_total(table, mapping)


def _unnamed_total(table: pd.DataFrame, mapping: ImportMapping) -> pd.Series:
    """The row of a spend report that names no campaign and holds the sum of all the others."""
    found = pd.Series(False, index=table.index)
    campaign = mapping.columns.get("campaign", "") if mapping.kind == "spend" else ""
    figures = _figures(table, mapping)
    if campaign not in table.columns or figures is None:
        return found
    unnamed = table[campaign] == ""
    if int(unnamed.sum()) == 1 and len(table) > _FEWEST_FILLED - 1:
        gap = abs(float(figures[unnamed].sum()) - float(figures[~unnamed].sum()))
        found[unnamed] = gap < _CENT and float(figures[unnamed].sum()) != 0
    return found


def _figures(table: pd.DataFrame, mapping: ImportMapping) -> pd.Series | None:
    """The figures that are added up; None where the mapping has none."""
    column = next((mapping.columns[role] for role in _FIGURES if mapping.columns.get(role)), "")
    if column not in table.columns:
        return None
    return parse_figures(table[column], mapping.decimal, mapping.thousands).rename(column)


def _sum_of(table: pd.DataFrame, totals: pd.Series, mapping: ImportMapping) -> str:
    """The figure of the totals, and what the rows add up to where a single total says otherwise."""
    figures = _figures(table, mapping)
    said = figures[totals].sum() if figures is not None else 0.0
    if figures is None or not said:
        return ""
    rows = figures[~totals].sum()
    text = f" ({figures.name} {_write(said)})"
    if int(totals.sum()) == 1 and abs(said - rows) > _CENT:
        text += f", though the rows add up to {_write(rows)}: the export may not be whole"
    return text


def _write(figure: float) -> str:
    return f"{figure:,.2f}".replace("-", "−")


def name_rows(rows: pd.DataFrame) -> str:
    """Rows in their own words, the first few of them."""
    texts = [
        " ".join(cell for cell in row if cell)[:_LONGEST] for row in rows.to_numpy(dtype=object)[:_MOST_NAMED]
    ]
    more = f" and {len(rows) - _MOST_NAMED} more" if len(rows) > _MOST_NAMED else ""
    return "; ".join(f"“{text}”" for text in texts) + more
