"""Reports of ad platforms by a mapping: money spent, added up by period, source and campaign."""

from __future__ import annotations

import pandas as pd

from alignment_lib.inputs.applying.crm_rows import read_column
from alignment_lib.inputs.applying.import_cells import read_days, read_figures
from alignment_lib.inputs.applying.list_accounts import ListLog
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.problems import Problem, counted
from alignment_lib.inputs.proposing.mapping_files import ImportMapping
from alignment_lib.inputs.reading.exports import Export

__all__ = ["take_spend"]

_KEYS = ("source", "campaign")


def take_spend(export: Export, mapping: ImportMapping, log: ListLog) -> dict[str, pd.DataFrame]:
    """The spend table: one row for each period, source and campaign."""
    days = read_days(export, mapping.columns["period"], mapping.date, log, needed=True)
    amounts = read_figures(export, mapping.columns["amount"], mapping, log)
    if log.problems:
        return {}
    calendar = Calendar("week" if mapping.grain == "week" else "month")
    keys = [name for name in _KEYS if mapping.columns.get(name) or name in mapping.values]
    frame = pd.DataFrame(
        {name: read_column(export, mapping, name) for name in keys}, index=export.table.index
    )
    frame["period"] = calendar.floor(pd.DatetimeIndex(days))
    frame["amount"] = amounts.fillna(0.0)
    blank = int(amounts.isna().sum())
    if blank:
        log.note("blank_spend", f"{counted(blank, 'row')} without an amount: nothing was spent.", blank)
    sums = frame.groupby(["period", *keys], sort=True)["amount"].sum().round(6).reset_index()
    _check_credits(export, mapping, sums, log)
    log.note("added_up", f"{counted(len(frame), 'row')} added up to {counted(len(sums), 'row')}.", len(frame))
    return {"spend": sums.assign(period=sums["period"].dt.strftime("%Y-%m-%d"))}


def _check_credits(export: Export, mapping: ImportMapping, sums: pd.DataFrame, log: ListLog) -> None:
    """More credited than spent in a period is no spend of that period."""
    below = sums[sums["amount"] < 0]
    if len(below):
        first = below.iloc[0]
        found = f"credits above the spend of {first['period']:%Y-%m-%d}, {first['amount']:,.2f}"
        mend = "book the credit in the period it belongs to"
        column = mapping.columns["amount"]
        log.add(Problem(export.file, found, "0 or more", mend, column=column, count=len(below)))
