"""The sheet of the workbook that is typed into by month and part: a row for all series of a part."""

from __future__ import annotations

from typing import Any

import pandas as pd

from alignment_lib.inputs.periods.calendar import Cycle
from alignment_lib.publishing.workbook_cells import write_table
from alignment_lib.rounds.view import RoundView

__all__ = ["FIRST", "LAST", "MONTHS", "list_months", "write_months"]

MONTHS = "Plan by month"
FIRST, LAST = "from", "until"
"""Columns that say which open days a row speaks of."""

_MOST_ROWS = 2_000


def list_months(view: RoundView) -> pd.DataFrame:
    """The open part of the plan by month and member of the broadest dimension.

    Returns
    -------
    DataFrame
        ``month, from, until``, the dimension, ``baseline, plan``; a row for every month with an open
        period. Empty where there would be more rows than anybody types into, or no fewer than the plan's own.
    """
    plan = view.scenario("plan")
    stated = view.manifest["parameters"].get("first_open")
    if stated:
        plan = plan[plan["period"] >= pd.Timestamp(str(stated))]
    if plan.empty:
        return pd.DataFrame()
    cycle: Cycle = "quarter" if view.calendar.grain == "quarter" else "month"
    lead = view.dimensions[:1]
    rows = plan.assign(month=view.labels(plan["period"], cycle))
    days = rows.groupby("month", as_index=False)["period"].agg(["min", "max"])
    ends = view.calendar.ends(pd.DatetimeIndex(days["max"])) - pd.Timedelta(days=1)
    bounds = pd.DataFrame({"month": days["month"], FIRST: days["min"], LAST: ends})
    sums = rows.groupby(["month", *lead], as_index=False, observed=True)[["baseline", "plan"]].sum()
    found = bounds.merge(sums, on="month").sort_values([FIRST, *lead], kind="stable", ignore_index=True)
    # Where a period of a series is a month of a part already, the sheet of the plan asks the same.
    is_same = len(found) == len(plan)
    return found.iloc[:0] if is_same or len(found) > _MOST_ROWS else found


def write_months(sheet: Any, frame: pd.DataFrame, styles: dict[str, Any], caption: str) -> None:
    """The sheet, with its marked columns."""
    write_table(sheet, frame, styles, caption, marked=True)
