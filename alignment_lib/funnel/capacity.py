"""Handling capacity against the leads the plan needs: where the bottleneck lies and what it costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.funnel.leads import FunnelLeads
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.problems import Notice

__all__ = ["Bottlenecks", "find_bottlenecks"]


@dataclass(frozen=True)
class Bottlenecks:
    """What binds, by period.

    Attributes
    ----------
    table : DataFrame
        ``period, source`` (blank: all), ``capacity, capacity_gap`` (accepted leads that nobody can handle),
        ``cost_of_leads, cost_of_capacity`` (new sales lost to too few leads, or too little capacity),
        ``bottleneck`` (``leads``, ``handling capacity`` or blank), ``sentence``.
    handlers : DataFrame
        ``period, handler, required, capacity, gap, use``.
    notices : tuple of Notice
        What is missing.
    """

    table: pd.DataFrame
    handlers: pd.DataFrame
    notices: tuple[Notice, ...] = ()


def find_bottlenecks(
    wide: pd.DataFrame, leads: FunnelLeads, capacity: pd.DataFrame | None, calendar: Calendar
) -> Bottlenecks:
    """Set required leads against leads to be expected and roles' capacity, period by period.

    Capacity counts accepted leads in the period of their creation. A role's need is its measured share of
    each source's accepted leads over the last year; what a role cannot handle is not passed to others.

    Parameters
    ----------
    wide : DataFrame
        Requirements by period and source, as `required_leads` builds them.
    capacity : DataFrame or None
        Canonical table ``period, handler, leads``.
    """
    total = wide[wide["source"] == ""].reset_index(drop=True)
    result = total[["period", "source"]].copy()
    value = total["sales_due"].sum() / max(total["customers_due"].sum(), 1e-12)
    load = total["accepted"].fillna(total["leads"])
    short = (total["customers"] - total["expected_customers"]).clip(lower=0.0)
    result["cost_of_leads"] = (short * value).fillna(0.0)
    notices: tuple[Notice, ...] = ()
    if capacity is None or not len(capacity):
        text = "Handling capacity is not given: only a lack of leads can be shown as a bottleneck."
        notices = (Notice("no_capacity", text),)
        handlers = pd.DataFrame(columns=["period", "handler", "required", "capacity", "gap", "use"])
        result["capacity"] = result["capacity_gap"] = np.nan
    else:
        handlers = _handler_loads(wide, leads, capacity)
        sums = handlers.groupby("period")[["capacity", "gap"]].sum(min_count=1)
        result["capacity"] = result["period"].map(sums["capacity"])
        result["capacity_gap"] = result["period"].map(sums["gap"])
        unknown = int((result["capacity"].isna() & ~total["is_past"]).sum())
        if unknown:
            notices = (
                Notice("capacity_missing", "Periods of the plan without any stated capacity.", unknown),
            )
    # What was to be handled in past periods has been, or has not.
    result[["capacity", "capacity_gap"]] = result[["capacity", "capacity_gap"]].where(~total["is_past"])
    per_accepted = (total["customers"] / load.where(load > 0)).fillna(0.0)
    result["cost_of_capacity"] = result["capacity_gap"] * per_accepted * value
    result["bottleneck"] = [
        _name(past, short, costly)
        for past, short, costly in zip(
            total["is_past"], result["cost_of_leads"], result["cost_of_capacity"].fillna(0.0), strict=True
        )
    ]
    result["sentence"] = _sentences(result, total, load)
    return Bottlenecks(result, handlers, notices)


def _name(is_past: bool, cost_of_leads: float, cost_of_capacity: float) -> str:
    """What costs more; the handling of past leads is no longer open."""
    if max(cost_of_leads, 0.0 if is_past else cost_of_capacity) <= 1e-9:
        return ""
    return "leads" if is_past or cost_of_leads >= cost_of_capacity else "handling capacity"


def _handler_loads(wide: pd.DataFrame, leads: FunnelLeads, capacity: pd.DataFrame) -> pd.DataFrame:
    """Each role's share of the accepted leads required, beside its capacity."""
    shares = _handler_shares(leads)
    rows = wide.loc[wide["source"] != "", ["period", "source", "accepted", "leads"]]
    needs = rows.assign(load=rows["accepted"].fillna(rows["leads"])).merge(shares, on="source", how="left")
    needs["handler"] = needs["handler"].fillna("")
    needs["required"] = needs["load"] * needs["share"].fillna(1.0)
    required = needs.groupby(["period", "handler"], sort=True)["required"].sum()
    given = capacity.assign(handler=_handler_names(capacity)).groupby(["period", "handler"])["leads"].sum()
    if (given.index.get_level_values("handler") == "").all():
        # Capacity stated for all roles together.
        required = required.groupby("period").sum()
        required.index = pd.MultiIndex.from_product([required.index, [""]], names=["period", "handler"])
    both = pd.concat([required, given.rename("capacity")], axis=1).sort_index()
    both = both[both.index.get_level_values("period").isin(wide["period"])].reset_index()
    both["required"] = both["required"].fillna(0.0)
    both["gap"] = (both["required"] - both["capacity"]).clip(lower=0.0)
    both["use"] = both["required"] / both["capacity"].where(both["capacity"] > 0)
    return both[["period", "handler", "required", "capacity", "gap", "use"]]


def _handler_names(capacity: pd.DataFrame) -> pd.Series:
    return (
        capacity["handler"].fillna("").astype(str) if "handler" in capacity else pd.Series("", capacity.index)
    )


def _handler_shares(leads: FunnelLeads) -> pd.DataFrame:
    table = leads.table
    recent = table["is_accepted"] & (table["age_days"] <= 364)
    chosen = table.loc[recent, ["source", "handler"]].astype(str)
    counts = chosen.groupby(["source", "handler"], sort=True).size().rename("share").reset_index()
    counts["share"] = counts["share"] / counts.groupby("source")["share"].transform("sum")
    return counts


def _sentences(result: pd.DataFrame, total: pd.DataFrame, load: pd.Series) -> list[str]:
    sentences = []
    for row, need in zip(result.itertuples(), total.itertuples(), strict=True):
        if row.bottleneck == "leads":
            text = f"about {need.customers:,.0f} new customers are needed from the leads of this period"
            verb = "that came" if need.is_past else "to be expected at the present rate"
            text += f", and those {verb} give about {need.expected_customers:,.0f}"
            sentences.append(f"{text}: {row.cost_of_leads:,.0f} of new sales at risk.")
        elif row.bottleneck:
            text = f"{load[row.Index]:,.0f} accepted leads are needed and {row.capacity:,.0f} can be handled"
            sentences.append(f"{text}: {row.cost_of_capacity:,.0f} of new sales at risk.")
        else:
            sentences.append("")
    return sentences
