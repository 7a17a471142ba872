"""Use case: what customers spend and how many are lost, from transactions, won leads or funnel counts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.funnel.lead_sales import NEW
from alignment_lib.inputs.periods.calendar import Cycle
from alignment_lib.inputs.periods.rounds import Round
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.workspace import Workspace
from alignment_lib.planning.money.customers import CustomerRates
from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.rounds.preparing.typed_sales import classify_transactions

__all__ = ["customer_rates"]

_MOST_SPANS = 8
_FEWEST = 3
"""Past spans used, and customers a span needs to say anything."""
_WON = "amounts of won leads"
_LOST = 0.9
"""Customers are lost once they have been away longer than so many of those who come back ever were."""


def customer_rates(
    workspace: Workspace, planned: Round, grid: PlanGrid
) -> tuple[CustomerRates | None, list[Notice]]:
    """What past spans of the round's length say of customers; None where nothing tells a customer.

    Transactions tell new, repeating and lost ones; won leads, or funnel counts of customers, only new ones.
    """
    column = workspace.settings.sales.sale_type or "sale_type"
    if column not in grid.keys or not (grid.keys[column].astype(str) == NEW).any():
        return None, []
    classified = classify_transactions(workspace)
    if classified is not None:
        return _of_transactions(classified.table, classified.censored_until, planned, workspace, column)
    won = _won(workspace)
    sizes, source, recent = _sizes_of_leads(won, workspace, planned.cycle)
    if not len(sizes):
        sizes, source = _sizes_of_counts(workspace, planned.cycle, column)
    if not len(sizes):
        return None, []
    text = (
        f"New customers of the plan are its new sales over what one spent in {len(sizes)} past spans "
        f"({source}). Customers who buy again or are lost need a transactions table."
    )
    by = _sizes_by(won, workspace, column) if source == _WON else {}
    rates = CustomerRates(column, (NEW,), sizes, by=by, mix=_mix_by(recent, by))
    return rates, [Notice("customers_new_only", text, len(sizes))]


def _of_transactions(
    table: pd.DataFrame, known_from: pd.Timestamp, planned: Round, workspace: Workspace, column: str
) -> tuple[CustomerRates | None, list[Notice]]:
    calendar = workspace.calendar
    days = pd.DatetimeIndex(table["date"])
    periods = calendar.floor(days)
    labels = pd.Series(calendar.label(periods, planned.cycle), index=table.index)
    gaps = table.groupby("customer")["date"].diff().dt.days
    away = pd.Timedelta(days=float(gaps[gaps > 0].quantile(_LOST)) if (gaps > 0).any() else 365.0)
    last_day = calendar.ends(periods.sort_values()[-1:])[0]
    spans: dict[str, dict[str, float]] = {}
    for label, rows in table.groupby(labels, sort=True):
        inside = periods[labels.to_numpy() == label]
        first, end = inside.min(), calendar.ends(pd.DatetimeIndex([inside.max()]))[0]
        if first < known_from or end > min(last_day, planned.as_of):
            continue
        spans[str(label)] = _count_span(table, rows, first, end, away)
    frame = pd.DataFrame.from_dict(spans, orient="index")
    if len(frame):
        frame = frame[(frame[["new", "again", "active"]] >= _FEWEST).all(axis=1)].iloc[-_MOST_SPANS:]
    if not len(frame):
        return None, []
    is_new = table["sale_type"] == NEW
    by = _sizes_by(table[is_new], workspace, column)
    last_seen = table.groupby("customer")["date"].max()
    active = float((last_seen >= planned.as_of - away).sum())
    rates = CustomerRates(
        column,
        (NEW,),
        (frame["new_money"] / frame["new"]).to_numpy(dtype=float),
        (frame["again_money"] / frame["again"]).to_numpy(dtype=float),
        (frame["lost"] / frame["active"]).to_numpy(dtype=float),
        active,
        by,
        _mix_by(table[is_new & labels.isin(frame.index)], by),
    )
    text = (
        f"Customers of the plan are its sales over what one spent in {len(frame)} past spans; who has been "
        f"away for more than {away.days} days, longer than nine in ten who came back, is lost."
    )
    return rates, [Notice("customers_told", text, len(frame))]


def _count_span(
    table: pd.DataFrame, rows: pd.DataFrame, first: pd.Timestamp, end: pd.Timestamp, away: pd.Timedelta
) -> dict[str, float]:
    """Customers of one span: new, again, active at its start, and lost within it."""
    is_new = rows["sale_type"] == NEW
    new = set(rows.loc[is_new, "customer"])
    again = set(rows.loc[~is_new, "customer"]) - new
    before = table[table["date"] < first].groupby("customer")["date"].max()
    active = before[before >= first - away]
    seen = table[(table["date"] >= first) & (table["date"] < end)].groupby("customer")["date"].max()
    last = active.to_frame("before").join(seen.rename("seen")).max(axis=1)
    return {
        "new": float(len(new)),
        "again": float(len(again)),
        "new_money": float(rows.loc[is_new, "amount"].sum()),
        "again_money": float(rows.loc[~is_new, "amount"].sum()),
        "active": float(len(active)),
        "lost": float((last < end - away).sum()),
    }


def _sizes_of_leads(
    won: pd.DataFrame, workspace: Workspace, cycle: Cycle
) -> tuple[np.ndarray, str, pd.DataFrame]:
    """Money of a won lead, span by span, and the leads of these spans."""
    if not len(won):
        return np.zeros(0), "", won
    days = workspace.calendar.floor(pd.DatetimeIndex(won["closed_at"]).normalize())
    labels = np.asarray(workspace.calendar.label(days, cycle))
    groups = won["amount"].groupby(labels)
    means = groups.mean()[groups.size() >= _FEWEST].iloc[-_MOST_SPANS:]
    return means.to_numpy(dtype=float), _WON, won[np.isin(labels, means.index)]


def _won(workspace: Workspace) -> pd.DataFrame:
    leads = workspace.table("leads")
    return leads[(leads["outcome"] == "won") & leads["closed_at"].notna() & (leads["amount"] > 0)]


def _sizes_by(rows: pd.DataFrame, workspace: Workspace, column: str) -> dict[str, dict[str, float]]:
    """What one new customer spends by value of every dimension that the rows bear throughout."""
    found: dict[str, dict[str, float]] = {}
    for name in workspace.dimensions:
        if name == column or name not in rows or not len(rows):
            continue
        values = rows[name].astype(object).fillna("").astype(str)
        if not (values != "").all():
            continue
        groups = rows.groupby(values)
        is_named = "customer" in rows and (rows["customer"].astype(object).fillna("") != "").all()
        count = groups["customer"].nunique() if is_named else groups.size()
        sizes = groups["amount"].sum() / count
        found[name] = {str(value): float(size) for value, size in sizes[count >= _FEWEST].items() if size > 0}
    return found


def _mix_by(rows: pd.DataFrame, by: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """Shares of the values of some dimensions in the money of new customers."""
    if not float(rows["amount"].sum()) > 0:
        return {}
    sums = {name: rows["amount"].groupby(rows[name].astype(str)).sum() for name in by}
    return {
        name: {str(value): float(share) for value, share in (money / money.sum()).items()}
        for name, money in sums.items()
    }


def _sizes_of_counts(workspace: Workspace, cycle: Cycle, column: str) -> tuple[np.ndarray, str]:
    """New sales over the customers that funnel counts tell, span by span."""
    counts, sales = workspace.table("funnel"), workspace.tables["sales"]
    if not len(counts) or counts["customers"].isna().all() or "revenue" not in sales:
        return np.zeros(0), ""
    calendar = workspace.calendar
    new = sales[sales[column].astype(str) == NEW]
    both = [counts, new]
    sums = [
        frame[name].astype(float).groupby(calendar.label(pd.DatetimeIndex(frame["period"]), cycle)).sum()
        for frame, name in zip(both, ("customers", "revenue"), strict=True)
    ]
    joined = pd.concat(sums, axis=1, join="inner")
    joined = joined[(joined["customers"] >= _FEWEST) & (joined["revenue"] > 0)]
    sizes = (joined["revenue"] / joined["customers"]).to_numpy(dtype=float)
    return sizes[-_MOST_SPANS:], "funnel counts of customers"
