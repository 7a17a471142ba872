"""The funnel: visitors, leads, accepted, contacted, opportunities, customers, repeat, by any cut."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from alignment_lib.funnel.lead_faults import find_idle_sources
from alignment_lib.funnel.leads import FunnelLeads, label_periods
from alignment_lib.inputs.periods.calendar import Calendar, Cycle
from alignment_lib.inputs.problems import Notice

__all__ = ["RATES", "STAGES", "count_stages", "funnel_summary", "stage_rates"]

STAGES = ("visitors", "leads", "accepted", "contacted", "opportunities", "customers", "repeat")
RATES = {
    "lead_rate": ("visitors", "leads"),
    "accepted_rate": ("leads", "accepted"),
    "contacted_rate": ("accepted", "contacted"),
    "opportunity_rate": ("contacted", "opportunities"),
    "win_rate": ("opportunities", "customers"),
    "repeat_rate": ("customers", "repeat"),
}
"""Each rate with the stage it leaves and the stage it enters."""


def count_stages(
    leads: FunnelLeads, calendar: Calendar, cycle: Cycle = "quarter", by: Sequence[str] = ("source",)
) -> pd.DataFrame:
    """Count leads by stage reached, by cohort of creation and `by`.

    A stage that the data do not record is missing, not zero. ``undecided`` leads are neither accepted nor
    rejected yet; acceptance is measured on the others.

    Returns
    -------
    DataFrame
        ``cohort``, `by`, ``leads, undecided, accepted, contacted, opportunities, customers, repeat``.
    """
    table = leads.table
    keys = pd.DataFrame({"cohort": label_periods(table["created"], calendar, cycle)})
    for name in by:
        keys[name] = table[name].to_numpy()
    stage = table["stage"].to_numpy()
    numbers = {
        "leads": np.ones(len(table), dtype=np.int64),
        "undecided": (~table["is_decided"]).to_numpy().astype(np.int64),
        "accepted": (stage >= 1).astype(np.int64),
        "contacted": (stage >= 2).astype(np.int64),
        "opportunities": (stage >= 3).astype(np.int64),
        "customers": (stage >= 4).astype(np.int64),
        "repeat": table["is_repeat"].to_numpy().astype(np.int64),
    }
    frame = keys.assign(**numbers)
    counts = frame.groupby(["cohort", *by], observed=True, sort=True)[list(numbers)].sum().reset_index()
    for name in ("cohort", *by):
        counts[name] = counts[name].astype(str)
    for stage_name in ("accepted", "contacted", "opportunities"):
        if stage_name not in leads.recorded:
            counts[stage_name] = np.nan
    return counts.sort_values(["cohort", *by], ignore_index=True)


def stage_rates(counts: pd.DataFrame) -> pd.DataFrame:
    """Add a rate for each step between stages; a step over an unrecorded stage starts before it.

    >>> row = pd.DataFrame({"leads": [200], "accepted": [np.nan], "contacted": [100], "customers": [10]})
    >>> stage_rates(row)[["contacted_rate", "win_rate"]].to_numpy().tolist()
    [[0.5, 0.1]]
    """
    result = counts.copy()
    before = pd.Series(np.nan, index=counts.index)
    for rate, (start, end) in RATES.items():
        given = counts[start].astype(float) if start in counts else pd.Series(np.nan, index=counts.index)
        before = given.where(given.notna(), before)
        base = before
        if rate == "accepted_rate" and "undecided" in counts:
            base = before - counts["undecided"]
        after = counts[end].astype(float) if end in counts else pd.Series(np.nan, index=counts.index)
        result[rate] = (after / base.where(base > 0)).where(base > 0)
    return result


def funnel_summary(
    leads: FunnelLeads | None,
    calendar: Calendar,
    cycle: Cycle = "quarter",
    by: Sequence[str] = ("source",),
    counts: pd.DataFrame | None = None,
    spend: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """The funnel by cohort and cut, from leads, from counts, or visitors from counts and the rest from leads.

    Parameters
    ----------
    leads : FunnelLeads or None
        Prepared leads.
    counts : DataFrame, optional
        Canonical ``funnel`` table. Its visitors are added where leads exist; all of it is used where not.
    spend : DataFrame, optional
        Sources that cost money but brought no lead are shown with zeros.

    Returns
    -------
    table : DataFrame
        ``cohort``, `by`, the `STAGES`, ``undecided`` and the `RATES`.
    notices : tuple of Notice
        Sources without leads, what is not recorded.
    """
    notices: list[Notice] = []
    parts = [] if counts is None else [_sum_counts(counts, calendar, cycle, by)]
    if leads is None and not parts:
        text = "No leads and no counts are given: the funnel stays empty."
        return stage_rates(pd.DataFrame(columns=["cohort", *by, *STAGES, "undecided"])), (
            Notice("no_leads", text),
        )
    if leads is None:
        table = parts[0].assign(undecided=0)
    else:
        table = count_stages(leads, calendar, cycle, by)
        idle, found = find_idle_sources(leads.table["source"], spend, counts)
        notices += found
        table = _with_visitors(table, parts, by)
        if "source" in by:
            table = pd.concat([table, _zero_rows(idle, table, by)], ignore_index=True)
    columns = ["cohort", *by, *STAGES, "undecided"]
    table = table.reindex(columns=columns).sort_values(["cohort", *by], ignore_index=True)
    return stage_rates(table), tuple(notices)


def _zero_rows(idle: Sequence[str], table: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    here = set(table["source"])
    last = str(table["cohort"].max()) if len(table) else ""
    zeros = {
        "leads": 0,
        "undecided": 0,
        "accepted": 0,
        "contacted": 0,
        "opportunities": 0,
        "customers": 0,
        "repeat": 0,
    }
    blank = dict.fromkeys(by, "")
    rows = [{"cohort": last, **blank, "source": name, **zeros} for name in idle if name not in here]
    return (
        pd.DataFrame(rows, columns=table.columns).astype(table.dtypes.to_dict()) if rows else table.iloc[:0]
    )


def _sum_counts(counts: pd.DataFrame, calendar: Calendar, cycle: Cycle, by: Sequence[str]) -> pd.DataFrame:
    keys = pd.DataFrame({"cohort": label_periods(counts["period"], calendar, cycle).astype(str)})
    for name in by:
        keys[name] = counts[name].fillna("").astype(str).to_numpy() if name in counts else ""
    stages = [name for name in STAGES if name in counts]
    values = counts[stages].reset_index(drop=True)
    frame = pd.concat([keys, values], axis=1)
    return frame.groupby(["cohort", *by], sort=True)[stages].sum(min_count=1).reset_index()


def _with_visitors(table: pd.DataFrame, parts: Sequence[pd.DataFrame], by: Sequence[str]) -> pd.DataFrame:
    if not parts or "visitors" not in parts[0]:
        return table.assign(visitors=np.nan)
    return table.merge(parts[0][["cohort", *by, "visitors"]], on=["cohort", *by], how="outer")
