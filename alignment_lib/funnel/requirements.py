"""From plan to leads: which leads must come in by when, and whether anyone can handle them.

New sales of a period are spread back over the periods in which their leads must be created, by the
measured lag; each stage follows by measured rates. A rate the plan would need but no quarter ever reached
is said to be so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.funnel.capacity import Bottlenecks, find_bottlenecks
from alignment_lib.funnel.cohorts import LagDistribution, period_weights
from alignment_lib.funnel.leads import FunnelLeads
from alignment_lib.funnel.shifts import shift_notices
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.written_numbers import Said

__all__ = [
    "DAYS",
    "FUNNEL_STAGES",
    "Requirements",
    "reference_factors",
    "required_leads",
    "sales_per_customer",
]

FUNNEL_STAGES = ("visitors", "leads", "accepted", "contacted", "opportunities", "customers")
DAYS = {"week": 7, "month": 30, "quarter": 91}
"""Days of a period of each grain."""
_STEP = {
    "visitors": "lead_rate",
    "leads": "accepted_rate",
    "accepted": "contacted_rate",
    "contacted": "opportunity_rate",
    "opportunities": "win_rate",
}


@dataclass(frozen=True)
class Requirements:
    """What the plan's new sales need.

    Attributes
    ----------
    table : DataFrame
        ``funnel.parquet``: ``period, source, stage, required, capacity, rate`` and, on the rows of stage
        ``leads`` only, what is described under `wide`. Source blank is all sources together.
    wide : DataFrame
        One row per period of creation and source: the stages required; ``is_past`` (before the plan
        begins), ``available`` (leads created, or the run rate), ``expected_customers`` (those times the
        conversion), ``leads_gap, needed_rate`` (conversion needed if no more leads come than
        available), ``best_rate, beyond_best, assumed_share`` (share of the
        need for sales beyond the horizon, taken at the level of its last quarter); of the sales due in the
        period: ``sales_due, customers_due``, and the factors ``quality, contact, speed, win, order_size``.
        On the rows of all sources: ``lead_share`` and those of `find_bottlenecks`.
    handlers : DataFrame
        ``period, handler, required, capacity, gap, use`` (required over capacity).
    rates : DataFrame
        The measured rates used.
    lag_periods : ndarray, shape (periods,)
        Share of sales made 0, 1, 2 … periods after the lead.
    notices : tuple of Notice
        What was assumed or is missing.
    """

    table: pd.DataFrame
    wide: pd.DataFrame
    handlers: pd.DataFrame
    rates: pd.DataFrame
    lag_periods: np.ndarray
    notices: tuple[Notice, ...] = ()


def required_leads(
    new_sales: pd.DataFrame,
    leads: FunnelLeads,
    lag: LagDistribution,
    rates: pd.DataFrame,
    calendar: Calendar,
    history: pd.DataFrame | None = None,
    capacity: pd.DataFrame | None = None,
    is_money: bool = True,
) -> Requirements:
    """Turn the plan's new sales back into leads by period and source.

    Parameters
    ----------
    new_sales : DataFrame
        ``period, value``: the plan's new sales, in money where known; rows of a period are added up.
    leads, lag, rates
        Prepared leads, their lag, and `measure_rates`.
    calendar : Calendar
        The business's periods.
    history : DataFrame, optional
        ``period, value``: new sales made, in the same measure, to tell how many come with a lead at all.
    capacity : DataFrame, optional
        Canonical table of leads each role can handle.
    is_money : bool
        False where `value` is in units; the units of an order are then taken from `history`.
    """
    notices: list[Notice] = []
    plan = new_sales.groupby("period", sort=True)["value"].sum()
    rates = rates[rates["conversion_rate"] > 0].reset_index(drop=True)
    if not len(plan) or not len(rates):
        text = (
            "There are no new sales in the plan, or no lead has been won: leads required are not worked out."
        )
        return _nothing((Notice("no_requirements", text),))
    notices += shift_notices(rates)
    lead_share, order_factor = _share_with_lead(leads, history, is_money, notices)
    if not (rates["order_size"] * order_factor > 0).any():
        text = "Neither wins nor new sales say what an order brings: leads required are not worked out."
        return _nothing((*notices, Notice("order_size_unknown", text)))
    weights = period_weights(lag, DAYS[calendar.grain])
    due = _customers_due(plan, rates, lead_share, order_factor)
    needs, assumed = _spread_back(due, weights, calendar)
    wide = _stage_needs(needs, rates, calendar, plan.index[0])
    wide = _with_due(wide, due, order_factor)
    wide["assumed_share"] = wide["period"].map(assumed)
    wide = _with_available(wide, leads, weights, calendar)
    wide = _with_total(wide, lead_share)
    found = find_bottlenecks(wide, leads, capacity, calendar)
    notices += found.notices
    wide = wide.merge(found.table, on=["period", "source"], how="left")
    for name in ("bottleneck", "sentence"):
        wide[name] = wide[name].fillna("")
    return Requirements(_long(wide, found), wide, found.handlers, rates, weights, tuple(notices))


def _nothing(notices: tuple[Notice, ...]) -> Requirements:
    table = pd.DataFrame(columns=["period", "source", "stage", "required", "capacity", "rate"])
    handlers = pd.DataFrame(columns=["period", "handler", "required", "capacity", "gap", "use"])
    return Requirements(table, pd.DataFrame(), handlers, pd.DataFrame(), np.ones(1), notices)


def _share_with_lead(
    leads: FunnelLeads, history: pd.DataFrame | None, is_money: bool, notices: list[Notice]
) -> tuple[float, float]:
    """Share of new sales that come with a lead, and what turns an order's money into the measure."""
    if history is None or not len(history):
        text = "New sales made are not given: all planned new sales are taken to need a lead."
        notices.append(Notice("lead_share_unknown", text))
        return 1.0, 1.0
    recent = history[history["period"] >= leads.now - pd.Timedelta(days=364)]
    table = leads.table
    first = recent["period"].min()
    closed = table["is_won"] & (table["closed_at"] >= first) & (table["closed_at"] < leads.now)
    money, sold = float(table.loc[closed, "value"].sum()), float(recent["value"].sum())
    if sold <= 0 or money <= 0:
        notices.append(
            Notice("lead_share_unknown", "Past new sales or won amounts are zero: the share is 1.")
        )
        return 1.0, 1.0
    if not is_money:
        text = (
            "The plan is in units without a price: orders are sized by units sold per win, all with a lead."
        )
        notices.append(Notice("units_per_win", text))
        return 1.0, sold / money
    if money > sold * (1.0 + 1e-9):
        text = f"Won leads are worth {Said(money / sold):.0%} of new sales booked: all are taken to have one."
        notices.append(Notice("leads_above_sales", text))
    return min(money / sold, 1.0), 1.0


def sales_per_customer(
    leads: FunnelLeads, rates: pd.DataFrame, history: pd.DataFrame | None, is_money: bool
) -> np.ndarray:
    """What an order of each source's customers brings, in money or in the measure of `history`.

    Returns
    -------
    ndarray, shape (sources,)
        As required leads are worked out; of sources without a known order the mean of the others.
    """
    _, order_factor = _share_with_lead(leads, history, is_money, [])
    known = rates["order_size"].where(rates["order_size"] > 0).astype(float)
    return known.fillna(known.mean()).to_numpy() * order_factor


def _customers_due(
    plan: pd.Series, rates: pd.DataFrame, lead_share: float, order_factor: float
) -> pd.DataFrame:
    """Customers needed by period (rows) and source (columns), in the sources' measured shares."""
    won = (rates["leads"] * rates["conversion_rate"]).to_numpy()
    known = rates["order_size"].where(rates["order_size"] > 0)
    order = known.fillna(known.mean()).to_numpy() * order_factor
    per_customer = float((won * order).sum() / won.sum())
    mix = won / won.sum()
    customers = plan.to_numpy() * lead_share / per_customer if per_customer > 0 else np.zeros(len(plan))
    return pd.DataFrame(customers[:, None] * mix[None, :], index=plan.index, columns=rates["source"])


def _spread_back(
    due: pd.DataFrame, weights: np.ndarray, calendar: Calendar
) -> tuple[pd.DataFrame, pd.Series]:
    """Customers by the period in which their leads are created; the tail beyond the plan continues flat."""
    ahead = len(weights) - 1
    level = due.tail(max(calendar.season // 4, 1)).mean().to_numpy()
    values = np.vstack([due.to_numpy(), np.repeat(level[None, :], ahead, axis=0)])
    count, total = len(due), len(due) + ahead
    matrix = np.zeros((total, total))
    # Row s, column t: share of the customers due in t whose leads are created in s - ahead.
    for later, weight in enumerate(weights):
        starts = np.arange(total) + ahead - later
        inside = starts < total
        matrix[starts[inside], np.arange(total)[inside]] = weight
    needs = matrix @ values
    sure = (matrix[:, :count] @ values[:count]).sum(axis=1)
    periods = calendar.range(calendar.shift(due.index[0], -ahead), total)
    with np.errstate(invalid="ignore", divide="ignore"):
        assumed = 1.0 - np.where(needs.sum(axis=1) > 0, sure / needs.sum(axis=1), 1.0)
    return pd.DataFrame(needs, index=periods, columns=due.columns), pd.Series(assumed, index=periods)


def _melted(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Period and source as columns, periods first."""
    named = frame.rename_axis(index="period", columns="source").reset_index()
    return named.melt("period", value_name=name).sort_values(["period", "source"], ignore_index=True)


def _stage_needs(
    needs: pd.DataFrame, rates: pd.DataFrame, calendar: Calendar, first: pd.Timestamp
) -> pd.DataFrame:
    """Counts at every stage behind the customers, stage rates folded over those not recorded."""
    wide = _melted(needs, "customers")
    wide = wide.merge(rates.drop(columns=["leads"]), on="source", how="left")
    wide["leads"] = wide["customers"] / wide["conversion_rate"]
    wide["accepted"] = wide["leads"] * wide["accepted_rate"]
    base = wide["accepted"].fillna(wide["leads"])
    wide["contacted"] = base * wide["contacted_rate"]
    wide["opportunities"] = wide["contacted"].fillna(base) * wide["opportunity_rate"]
    wide["visitors"] = wide["leads"] / wide["lead_rate"]
    wide["is_past"] = wide["period"] < first
    return wide


def _with_due(wide: pd.DataFrame, due: pd.DataFrame, order_factor: float) -> pd.DataFrame:
    merged = wide.merge(_melted(due, "customers_due"), on=["period", "source"], how="left")
    merged["order_size"] = merged["order_size"] * order_factor
    merged["sales_due"] = merged["customers_due"] * merged["order_size"]
    return merged


def _with_available(
    wide: pd.DataFrame, leads: FunnelLeads, weights: np.ndarray, calendar: Calendar
) -> pd.DataFrame:
    """Leads already created in past periods, the run rate in coming ones, and what the gap asks of rates.

    Of a past period's leads only the share counts whose sale is still to fall into the plan.
    """
    table = leads.table
    days = pd.DatetimeIndex(table["created"].dropna())
    created = pd.DataFrame({"period": calendar.floor(days)})
    created["source"] = table.loc[table["created"].notna(), "source"].astype(str).to_numpy()
    counts = created.groupby(["period", "source"]).size().rename("created").reset_index()
    merged = wide.merge(counts, on=["period", "source"], how="left")
    length = (calendar.ends(pd.DatetimeIndex(merged["period"])) - pd.DatetimeIndex(merged["period"])).days
    known = calendar.ends(pd.DatetimeIndex(merged["period"])) <= leads.now
    merged["available"] = np.where(known, merged["created"].fillna(0.0), merged["run_rate"] * length)
    past = np.sort(merged.loc[merged["is_past"], "period"].unique())[::-1]
    later = {period: float(weights[number + 1 :].sum()) for number, period in enumerate(past)}
    merged["available"] *= merged["period"].map(later).fillna(1.0)
    merged["expected_customers"] = merged["available"] * merged["conversion_rate"]
    merged["leads_gap"] = (merged["leads"] - merged["available"]).clip(lower=0.0)
    merged["needed_rate"] = merged["customers"] / merged["available"].where(merged["available"] > 0)
    merged["beyond_best"] = merged["needed_rate"] > merged["best_rate"]
    return merged.drop(columns="created")


def _with_total(wide: pd.DataFrame, lead_share: float) -> pd.DataFrame:
    """Rows of all sources together, source blank."""
    summed = ["visitors", "leads", "accepted", "contacted", "opportunities", "customers", "available"]
    summed.append("expected_customers")
    groups = wide.groupby("period", sort=True)
    total = groups[[*summed, "customers_due", "sales_due"]].sum(min_count=1).reset_index()
    total["source"] = ""
    total["leads_gap"] = (total["leads"] - total["available"]).clip(lower=0.0)
    total["is_past"] = groups["is_past"].first().to_numpy()
    total["assumed_share"] = groups["assumed_share"].first().to_numpy()
    total["needed_rate"] = total["customers"] / total["available"].where(total["available"] > 0)
    total["conversion_rate"] = total["customers"] / total["leads"].where(total["leads"] > 0)
    total["beyond_best"] = groups["beyond_best"].any().to_numpy()
    total["lead_share"] = lead_share
    both = pd.concat([total, wide], ignore_index=True)
    return both.sort_values(["period", "source"], ignore_index=True)


_EXTRA = (
    *("is_past", "available", "expected_customers", "leads_gap", "needed_rate", "best_rate", "beyond_best"),
    *("assumed_share", "sales_due", "customers_due", "quality", "contact", "speed", "win", "order_size"),
    *("conversion_rate", "lead_share", "capacity_gap", "cost_of_leads", "cost_of_capacity"),
    *("bottleneck", "sentence"),
)


def _long(wide: pd.DataFrame, found: Bottlenecks) -> pd.DataFrame:
    """The published form: one row per period, source and stage."""
    parts = []
    for number, stage in enumerate(FUNNEL_STAGES):
        part = wide[["period", "source"]].copy()
        part["stage"], part["order"] = stage, number
        part["required"] = wide.get(stage, np.nan)
        part["capacity"] = wide["capacity"] if stage == "accepted" and "capacity" in wide else np.nan
        part["rate"] = wide.get(_STEP.get(stage, ""), np.nan)
        if stage == "leads":
            part = pd.concat([part, wide.reindex(columns=_EXTRA)], axis=1)
        parts.append(part)
    table = pd.concat(parts, ignore_index=True).sort_values(["period", "source", "order"], ignore_index=True)
    for name in ("bottleneck", "sentence"):
        table[name] = table[name].fillna("")
    for name in ("is_past", "beyond_best"):
        table[name] = table[name].eq(True)
    return table.drop(columns="order")


def reference_factors(
    funnel: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp, by: Sequence[str] = ("source",)
) -> pd.DataFrame:
    """Planned factors of a span out of an earlier ``funnel.parquet``, in the form of `funnel_factors`.

    Leads due are the customers due over the planned conversion, so that the product of the factors is the
    planned sales with a lead.
    """
    rows = funnel[(funnel["stage"] == "leads") & (funnel["source"] != "") & funnel["customers_due"].notna()]
    rows = rows[(rows["period"] >= start) & (rows["period"] < end)]
    groups = rows.groupby(list(by), sort=True)
    sums = groups[["customers_due", "sales_due"]].sum().reset_index()
    for name in ("quality", "contact", "speed", "win"):
        sums[name] = groups[name].first().to_numpy(dtype=float)
    sums["leads"] = sums["customers_due"] / (sums["quality"] * sums["contact"] * sums["speed"] * sums["win"])
    sums["order_size"] = sums["sales_due"] / sums["customers_due"].where(sums["customers_due"] > 0)
    renamed = sums.rename(columns={"customers_due": "customers", "sales_due": "value"})
    return renamed[[*by, "leads", "quality", "contact", "speed", "win", "order_size", "customers", "value"]]
