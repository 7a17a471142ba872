"""Use case: what funnel counts say where a workspace has no leads."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import pandas as pd

from alignment_lib.funnel.counted import counted_requirements, counted_weak_points, lived_through
from alignment_lib.funnel.lead_sales import NEW
from alignment_lib.funnel.weak_points import WEAK_POINT_COLUMNS
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.workspace import Workspace
from alignment_lib.planning.budget.spend_book import LeadWorth
from alignment_lib.planning.plan.plan import Plan, plan_revenue
from alignment_lib.rounds.preparing.known_round import KnownRound
from alignment_lib.rounds.preparing.measured_funnel import new_sales_of

if TYPE_CHECKING:
    from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = ["require_by_counts", "sales_per_lead_counted", "weak_points_by_counts"]


def require_by_counts(ready: PreparedRound, plan: Plan) -> tuple[dict[str, pd.DataFrame], tuple[Notice, ...]]:
    """The table ``funnel`` from counts, and what stays closed; nothing without counts."""
    counts = ready.workspace.table("funnel")
    if not len(counts):
        return {}, ()
    size = _order_size(ready.workspace, counts, ready.round.as_of, in_money=plan_revenue(plan) is not None)
    table, notices = counted_requirements(new_sales_of(ready, plan), counts, size, ready.round.as_of)
    return ({"funnel": table} if len(table) else {}), tuple(notices)


def weak_points_by_counts(seen: KnownRound) -> pd.DataFrame:
    """Weak points from counts; empty without counts."""
    workspace, counts = seen.workspace, seen.workspace.table("funnel")
    if not len(counts):
        return pd.DataFrame()
    until, currency = seen.round.as_of, workspace.settings.business.currency
    size = _order_size(workspace, counts, until, in_money=True)
    return counted_weak_points(counts, workspace.calendar, until, size, currency, WEAK_POINT_COLUMNS)


def sales_per_lead_counted(seen: KnownRound, outcome: str) -> tuple[dict[str, LeadWorth], bool]:
    """Sales a lead or a visit brings by source, from counts, in the period of the lead; and whether in money.

    How long a lead takes is not told by counts.
    """
    workspace, counts = seen.workspace, seen.workspace.table("funnel")
    column = "visitors" if outcome == "visits" else "leads"
    if not len(counts) or "customers" not in counts or column not in counts:
        return {}, False
    in_money = "revenue" in workspace.tables["sales"]
    size = _order_size(workspace, counts, seen.round.as_of, in_money=in_money)
    lived = lived_through(counts, seen.round.as_of)
    both = lived[lived["customers"].notna() & lived[column].notna()]
    sums = both.groupby(both["source"].astype(str))[["customers", column]].sum()
    sums.loc[""] = sums.sum()
    rate = (sums["customers"] / sums[column].where(sums[column] > 0) * size).dropna()
    return {str(name): LeadWorth(float(value)) for name, value in rate.items()}, in_money


def _order_size(workspace: Workspace, counts: pd.DataFrame, until: pd.Timestamp, *, in_money: bool) -> float:
    """New sales for each customer counted, over the periods lived through; NaN where not known."""
    sales, column = workspace.tables["sales"], workspace.settings.sales.sale_type or "sale_type"
    measure = "revenue" if in_money else workspace.settings.sales.measure
    if measure not in sales or "customers" not in counts:
        return float("nan")
    new: Collection[str] = (NEW,)
    rows = sales[sales[column].astype(str).isin(new)] if column in sales else sales
    known = lived_through(counts[counts["customers"].notna()], until)
    sold = float(rows.loc[rows["period"].isin(known["period"]), measure].sum())
    bought = float(known["customers"].sum())
    return sold / bought if bought > 0 and sold > 0 else float("nan")
