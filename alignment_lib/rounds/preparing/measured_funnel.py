"""Use case: what the leads of a workspace say, and what a plan's new sales need of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from alignment_lib.funnel.briefs import brief_status
from alignment_lib.funnel.cohorts import LagDistribution, fit_lag
from alignment_lib.funnel.lead_sales import NEW, size_wins, types_from_leads
from alignment_lib.funnel.leads import FunnelLeads, prepare_leads
from alignment_lib.funnel.rates import measure_rates
from alignment_lib.funnel.requirements import Requirements, required_leads
from alignment_lib.funnel.win_model import WinModel, fit_wins
from alignment_lib.inputs.periods.calendar import Calendar, Cycle
from alignment_lib.planning.plan.plan import Plan, plan_revenue
from alignment_lib.rounds.preparing.known_round import KnownRound

if TYPE_CHECKING:
    from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = [
    "MeasuredFunnel",
    "measure_funnel",
    "new_sales_of",
    "repeat_sales_of",
    "require_leads",
    "sum_requirements",
]


@dataclass(frozen=True)
class MeasuredFunnel:
    """What was measured once from the leads, whatever the plan.

    Attributes
    ----------
    leads : FunnelLeads
        One row a lead.
    lag : LagDistribution
        From lead to sale.
    model : WinModel or None
        Chance to win a reached lead; None where too few outcomes are known.
    rates : DataFrame
        `measure_rates`.
    briefs : DataFrame
        `brief_status`.
    sold : DataFrame
        ``period, value``: new sales made.
    is_money : bool
        Whether `sold` and the plan's new sales are in money.
    types : tuple of str
        Types of sale that leads bring: those that *new sales* here means.
    """

    leads: FunnelLeads
    lag: LagDistribution
    model: WinModel | None
    rates: pd.DataFrame
    briefs: pd.DataFrame
    sold: pd.DataFrame
    is_money: bool
    types: tuple[str, ...] = (NEW,)


def measure_funnel(ready: KnownRound) -> MeasuredFunnel | None:
    """Measure leads, their lag, their quality and the rates; None where the workspace has no leads."""
    workspace, planned = ready.workspace, ready.round
    table = workspace.table("leads")
    if not len(table):
        return None
    leads = prepare_leads(
        table,
        planned.as_of,
        workspace.tables.get("contacts"),
        workspace.settings.funnel,
        ready.dimensions,
        workspace.tables.get("transactions"),
    )
    leads, types = _with_types(ready, leads)
    sold, is_money = _sold(ready, types)
    leads = size_wins(leads, sold)
    lag = fit_lag(leads)
    model = fit_wins(leads, lag, workspace.settings.plan.seed)
    rates = measure_rates(leads, lag, model, workspace.calendar, workspace.tables.get("funnel"))
    briefs, _ = brief_status(
        workspace.tables.get("briefs"), workspace.table("assumptions"), planned.as_of, leads
    )
    return MeasuredFunnel(leads, lag, model, rates, briefs, sold, is_money, types)


def new_sales_of(ready: PreparedRound, plan: Plan, types: Collection[str] = (NEW,)) -> pd.DataFrame:
    """``period, value``: the plan's sales of `types`, in money where a price is known."""
    revenue = plan_revenue(plan)
    values = plan.plan if revenue is None else np.nan_to_num(revenue)
    column = ready.workspace.settings.sales.sale_type
    keys = plan.grid.keys
    rows = (
        keys[column].astype(str).isin(list(types)).to_numpy() if column in keys else np.ones(len(keys), bool)
    )
    return pd.DataFrame({"period": plan.grid.periods, "value": values[rows].sum(axis=0)})


def repeat_sales_of(ready: PreparedRound, plan: Plan) -> pd.DataFrame:
    """``period, value``: the plan's repeat sales in money; empty without a price or a type of sale."""
    revenue = plan_revenue(plan)
    column = ready.workspace.settings.sales.sale_type or "sale_type"
    keys = plan.grid.keys
    if column not in keys or revenue is None:
        return pd.DataFrame({"period": [], "value": []})
    rows = (keys[column].astype(str) == "repeat").to_numpy()
    return pd.DataFrame({"period": plan.grid.periods, "value": np.nan_to_num(revenue)[rows].sum(axis=0)})


def require_leads(ready: PreparedRound, found: MeasuredFunnel, plan: Plan) -> Requirements:
    """Leads that the plan's new sales need, against those to be expected and what can be handled."""
    return required_leads(
        new_sales_of(ready, plan, found.types),
        found.leads,
        found.lag,
        found.rates,
        ready.workspace.calendar,
        found.sold,
        ready.workspace.tables.get("capacity"),
        found.is_money,
    )


def sum_requirements(funnel: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Requirements by fiscal month of creation, from the plan's begin on, as the published funnel has them.

    Parameters
    ----------
    funnel : DataFrame
        The table of `Requirements`.
    calendar : Calendar
        The business's periods.

    Returns
    -------
    DataFrame
        ``label, leads, required, available, capacity``; the last three in accepted leads.
    """
    columns = ["label", "leads", "required", "available", "capacity"]
    if funnel.empty:
        return pd.DataFrame(columns=columns)
    blank = funnel["source"].fillna("") == ""
    whole = funnel[blank] if blank.any() else funnel
    first = whole[whole["stage"] == "leads"]
    if "is_past" in first:
        whole = whole[~whole["period"].isin(first.loc[first["is_past"].astype(bool), "period"])]
    wide = whole.pivot_table(
        index="period", columns="stage", values="required", aggfunc=lambda part: part.sum(min_count=1)
    ).reindex(columns=["leads", "accepted"])
    # Where nobody records acceptance every lead counts as accepted, which a notice says.
    wide["required"] = wide["accepted"] if wide["accepted"].notna().any() else wide["leads"]
    share = wide["required"] / wide["leads"].where(wide["leads"] > 0)
    for name, rows in (("available", whole[whole["stage"] == "leads"]), ("capacity", whole)):
        known = rows.reindex(columns=["period", name]).groupby("period")[name].sum(min_count=1)
        wide[name] = known.reindex(wide.index).astype(float)
    wide["available"] *= share
    cycle: Cycle = "month" if calendar.grain != "quarter" else "quarter"
    frame = wide.assign(label=calendar.label(pd.DatetimeIndex(wide.index), cycle))
    return frame.groupby("label", sort=False)[columns[1:]].sum(min_count=1).reset_index()


def _with_types(ready: KnownRound, leads: FunnelLeads) -> tuple[FunnelLeads, tuple[str, ...]]:
    """Types of sale that leads bring, and what is to be said of them."""
    sales, settings = ready.workspace.tables["sales"], ready.workspace.settings
    column = settings.sales.sale_type
    if column is None or column not in sales:
        return leads, (NEW,)
    value = sales["revenue"] if "revenue" in sales else pd.Series(np.nan, index=sales.index)
    sold = sales[["period", column]].assign(value=value.astype(float))
    types, said = types_from_leads(leads, sold, column, settings.funnel.from_leads)
    return replace(leads, notices=(*leads.notices, *said)), types


def _sold(ready: KnownRound, types: Collection[str]) -> tuple[pd.DataFrame, bool]:
    sales = ready.workspace.tables["sales"]
    column = ready.workspace.settings.sales.sale_type
    rows = sales[sales[column].astype(str).isin(list(types))] if column in sales else sales
    is_money = "revenue" in rows and rows["revenue"].notna().any()
    value = rows["revenue"] if is_money else rows[ready.history.measure]
    sums = value.astype(float).groupby(rows["period"]).sum()
    return pd.DataFrame({"period": sums.index, "value": sums.to_numpy()}), bool(is_money)
