"""Order lines added up to periods."""

from __future__ import annotations

import pandas as pd

from alignment_lib.inputs.calendar import Calendar
from alignment_lib.inputs.export_numbers import parse_figures
from alignment_lib.inputs.exports import Export
from alignment_lib.inputs.import_cells import iso_days, read_days, read_dimensions
from alignment_lib.inputs.line_measures import read_measures
from alignment_lib.inputs.mapping_files import ImportMapping
from alignment_lib.inputs.problems import ProblemLog, counted

__all__ = ["take_lines"]

_SHORT = {"week": 2, "month": 5}
"""Days that may lack at the end of the last period: weekends and holidays without orders."""


def take_lines(export: Export, mapping: ImportMapping, log: ProblemLog) -> dict[str, pd.DataFrame]:
    """Sales by period and dimensions, and transactions where customers have keys."""
    frame = read_dimensions(export, mapping)
    days = read_days(export, mapping.columns["date"], mapping.date, log, needed=True)
    figures = read_measures(export, mapping, log)
    measures = [str(name) for name in figures]
    frame[measures] = figures
    if log.problems:
        return {}
    calendar = Calendar("week" if mapping.grain == "week" else "month")
    frame["period"] = calendar.floor(pd.DatetimeIndex(days))
    frame = _leave_out_begun(frame, days, calendar, mapping.grain, log)
    keys = list(mapping.dimensions)
    sums = frame.groupby(["period", *keys], sort=True, observed=True)[measures].sum().reset_index()
    log.note(
        "added_up", f"{counted(len(frame), 'line')} added up to {counted(len(sums), 'row')}.", len(frame)
    )
    filled = _fill_zeros(sums, keys, measures, calendar)
    # Adding decimals leaves traces in the sixteenth digit that nobody's money has.
    filled[measures] = filled[measures].round(6)
    if len(filled) > len(sums):
        added = len(filled) - len(sums)
        life = "without a line inside a series' life are zero: order lines list every sale."
        text = f"{counted(added, 'period')} {life}"
        log.note("zeros", text, added)
    return {
        "sales": iso_days(filled[["period", *keys, *measures]], "period"),
        **_transactions(export, mapping, days, log),
    }


def _leave_out_begun(
    frame: pd.DataFrame,
    days: pd.Series,
    calendar: Calendar,
    grain: str,
    log: ProblemLog,
) -> pd.DataFrame:
    """The last period is left out where the export ends clearly before it does."""
    last = pd.DatetimeIndex([frame["period"].max()])
    lacking = int((calendar.ends(last)[0] - days.max()).days) - 1
    if lacking <= _SHORT[grain] or frame["period"].nunique() < 2:
        return frame
    begun = frame["period"] == last[0]
    count = int(begun.sum())
    which = f"The last {grain}, from {last[0]:%Y-%m-%d}, is not complete"
    log.note("begun", f"{which} and was left out: {counted(count, 'line')}.", count)
    return frame[~begun]


def _fill_zeros(sums: pd.DataFrame, keys: list[str], measures: list[str], calendar: Calendar) -> pd.DataFrame:
    parts = []
    for _, part in sums.groupby(keys, sort=True, observed=True):
        whole = calendar.between(part["period"].iloc[0], part["period"].iloc[-1])
        filled = part.set_index("period").reindex(whole)
        filled[measures] = filled[measures].fillna(0.0)
        filled[keys] = filled[keys].ffill()
        parts.append(filled.rename_axis("period").reset_index())
    return pd.concat(parts, ignore_index=True) if parts else sums


def _transactions(
    export: Export,
    mapping: ImportMapping,
    days: pd.Series,
    log: ProblemLog,
) -> dict[str, pd.DataFrame]:
    """Sales by customer, from which new and repeat are told apart; keys only, no names."""
    if not {"customer", "revenue"} <= set(mapping.columns):
        return {}
    customer = export.table[mapping.columns["customer"]]
    personal = customer.str.contains(r"@|[A-Za-z]+\s+[A-Za-z]+", regex=True)
    if personal.any():
        text = "The customer column holds names or addresses, not keys: no transactions table was written."
        log.note("names", text, int(personal.sum()))
        return {}
    amount = parse_figures(export.table[mapping.columns["revenue"]], mapping.decimal, mapping.thousands)
    frame = pd.DataFrame({"date": days, "customer": customer, "amount": amount}).join(
        read_dimensions(export, mapping)
    )
    return {"transactions": iso_days(frame[frame["customer"] != ""].dropna(subset=["amount"]), "date")}
