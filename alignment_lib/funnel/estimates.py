"""Two estimates of new sales side by side, plan and funnel; and what repeat sales ask of retention."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.funnel.leads import label_periods
from alignment_lib.funnel.requirements import Requirements
from alignment_lib.inputs.periods.calendar import Calendar, Cycle
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.written_numbers import Said

__all__ = ["compare_estimates", "retention_needed"]


def compare_estimates(needs: Requirements, calendar: Calendar, cycle: Cycle = "quarter") -> pd.DataFrame:
    """New sales with a lead by the plan, and by the leads there are or will be at the present rate.

    Both use the same measured rates and order sizes, so the whole gap is one of leads, source by source;
    what share comes without a lead is the same on both sides.

    Returns
    -------
    DataFrame
        ``span`` (fiscal cycle of the sale), ``source`` (blank: all), ``plan, funnel, gap`` (plan less
        funnel) in the plan's measure, ``assumed_leads_share`` (of the funnel's estimate, from leads not
        created yet), ``sentence``.
    """
    columns = ["span", "source", "plan", "funnel", "gap", "assumed_leads_share", "sentence"]
    wide = needs.wide[needs.wide["source"] != ""] if len(needs.wide) else needs.wide
    if not len(wide):
        return pd.DataFrame(columns=columns)
    periods = np.sort(wide["period"].unique())
    sources = np.sort(wide["source"].unique())
    shape = (len(periods), len(sources))
    table = wide.sort_values(["period", "source"])
    whole = _whole_leads(table, needs.lag_periods).reshape(shape)
    is_past = table["is_past"].to_numpy().reshape(shape)
    money = (table["conversion_rate"] * table["order_size"]).to_numpy().reshape(shape)
    made, future = np.zeros(shape), np.zeros(shape)
    for later, weight in enumerate(needs.lag_periods):
        moved = weight * (whole * money)[: len(periods) - later]
        made[later:] += moved
        future[later:] += np.where(is_past[: len(periods) - later], 0.0, moved)
    flat = table[["period", "source"]].copy()
    flat["plan"] = table["sales_due"].to_numpy()
    flat["funnel"], flat["ahead"] = made.ravel(), future.ravel()
    flat = flat[flat["plan"].notna()]
    flat["span"] = label_periods(flat["period"].reset_index(drop=True), calendar, cycle).astype(str)
    return _summed(flat)[columns]


def _whole_leads(table: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
    """Leads of each period in full: of past ones only the share still to come was counted as available."""
    past = np.sort(table.loc[table["is_past"], "period"].unique())[::-1]
    later = {period: float(weights[number + 1 :].sum()) for number, period in enumerate(past)}
    return np.asarray(table["available"] / table["period"].map(later).fillna(1.0))


def _summed(flat: pd.DataFrame) -> pd.DataFrame:
    parts = [flat, flat.assign(source="")]
    both = (
        pd.concat(parts)
        .groupby(["span", "source"], sort=True)[["plan", "funnel", "ahead"]]
        .sum()
        .reset_index()
    )
    both["gap"] = both["plan"] - both["funnel"]
    both["assumed_leads_share"] = both["ahead"] / both["funnel"].where(both["funnel"] > 0)
    both["sentence"] = [
        _sentence(source, plan, funnel)
        for source, plan, funnel in zip(both["source"], both["plan"], both["funnel"], strict=True)
    ]
    return both


def _sentence(source: object, plan: float, funnel: float) -> str:
    name = f"From {source}, the" if source else "The"
    lead = f"{name} plan counts on {plan:,.0f} of new sales with a lead"
    if plan <= funnel:
        return f"{lead}; the leads there are and the present inflow give {funnel:,.0f}: enough."
    return (
        f"{lead}; the leads there are and the present inflow give {funnel:,.0f}: {plan - funnel:,.0f} short."
    )


def retention_needed(
    repeat_sales: pd.DataFrame,
    transactions: pd.DataFrame | None,
    calendar: Calendar,
    now: pd.Timestamp,
    cycle: Cycle = "quarter",
) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """What the plan's repeat sales ask: active customers, and how many of the present ones must stay.

    A customer is active in a cycle with a purchase in it; retention is the share of one cycle's active
    customers active again in the next. Money per active repeat customer is the last cycle's.

    Parameters
    ----------
    repeat_sales : DataFrame
        ``period, value``: the plan's repeat sales in money.
    transactions : DataFrame or None
        Canonical table. Without it nothing is guessed.
    now : Timestamp
        End of what is known; the cycle under way is left out.

    Returns
    -------
    DataFrame
        ``span, repeat_plan, money_per_active, active_needed, active_now, retention_needed,
        retention_last, retention_best, beyond_best, sentence``; one row for the plan's first whole cycle
        and those after, all against the last known cycle.
    """
    columns = ["span", "repeat_plan", "money_per_active", "active_needed", "active_now", "retention_needed"]
    columns += ["retention_last", "retention_best", "beyond_best", "sentence"]
    if transactions is None or not len(transactions) or not len(repeat_sales):
        text = "Transactions by customer are not given: the retention that repeat sales need is not shown."
        return pd.DataFrame(columns=columns), (Notice("no_transactions", text),)
    history = _active_customers(transactions, calendar, now, cycle)
    if len(history) < 2:
        text = "Fewer than two whole cycles of transactions are known: retention cannot be measured yet."
        return pd.DataFrame(columns=columns), (Notice("short_transactions", text, len(history)),)
    last = history.iloc[-1]
    spans = label_periods(repeat_sales["period"].reset_index(drop=True), calendar, cycle).astype(str)
    plan = pd.DataFrame({"span": spans, "repeat_plan": repeat_sales["value"].to_numpy(dtype=float)})
    table = plan.groupby("span", sort=True).sum().reset_index()
    per_active = last["repeat_money"] / last["returning"] if last["returning"] else np.nan
    table["money_per_active"] = per_active
    table["active_needed"] = table["repeat_plan"] / per_active
    table["active_now"] = int(last["active"])
    table["retention_needed"] = table["active_needed"] / last["active"]
    table["retention_last"] = last["retention"]
    table["retention_best"] = history["retention"].max()
    table["beyond_best"] = table["retention_needed"] > table["retention_best"] + 1e-12
    table["sentence"] = [_retention_sentence(row) for row in table.to_dict("records")]
    return table[columns], ()


def _active_customers(
    transactions: pd.DataFrame, calendar: Calendar, now: pd.Timestamp, cycle: Cycle
) -> pd.DataFrame:
    """By whole cycle: active customers, those active in the cycle before too, their money, retention."""
    bought = transactions[transactions["amount"] > 0]
    span = label_periods(bought["date"].reset_index(drop=True), calendar, cycle).astype(str)
    current = calendar.label(calendar.floor(pd.DatetimeIndex([now])), cycle)[0]
    frame = pd.DataFrame({"span": span, "customer": bought["customer"].to_numpy()})
    frame["money"] = bought["amount"].to_numpy(dtype=float)
    frame = (
        frame[frame["span"] < current].groupby(["span", "customer"], sort=True)["money"].sum().reset_index()
    )
    rows: list[dict[str, float]] = []
    before: set[object] = set()
    for _, part in frame.groupby("span", sort=True):
        active = set(part["customer"])
        again = part["customer"].isin(before)
        retention = float(again.sum()) / len(before) if before else float("nan")
        money = float(part.loc[again, "money"].sum())
        rows.append({"active": len(active), "returning": float(again.sum()), "repeat_money": money,
                     "retention": retention})  # fmt: skip
        before = active
    return pd.DataFrame(rows)


def _retention_sentence(row: dict[Any, Any]) -> str:
    need, best, last = row["retention_needed"], row["retention_best"], row["retention_last"]
    text = (
        f"Repeat sales need {Said(row['active_needed']):,.0f} returning customers, {Said(need):.0%} of those "
    )
    text += f"active now; last cycle {Said(last):.0%} returned, at best {Said(best):.0%}"
    return text + (": more than was ever reached." if row["beyond_best"] else ".")
