"""Use case: marketing's money of the last closed round: planned against spent, and the leads it came with."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.rounds.closed.look_back import LookBack
from alignment_lib.rounds.preparing.planned_spend import ELSEWHERE

__all__ = ["list_spend_review"]

_COLUMNS = ["round", "against", "source", "reference", "actual", "leads_reference", "leads", "money_per_lead"]


def list_spend_review(look: LookBack) -> pd.DataFrame:
    """Spend and leads by source beside the round's plan; beside the year before where it published none.

    Returns
    -------
    DataFrame
        ``round, against, source`` (blank: all together), ``reference, actual`` (money), ``leads_reference,
        leads`` (expected of the plan, and created), ``money_per_lead, money_per_lead_reference``; NaN where
        not known. Empty without a spend table.
    """
    table = look.seen.workspace.table("spend")
    if not len(table) or not len(look.periods):
        return pd.DataFrame()
    actual, leads = _spent(look, look.periods), _leads(look, *look.span)
    against, reference, expected = _planned(look)
    if reference is None:
        against, reference, expected = _year_before(look)
    names = sorted(set(actual.index) | set(() if reference is None else reference.index))
    frame = pd.DataFrame({"source": names})
    for column, known in (
        ("reference", reference), ("actual", actual), ("leads_reference", expected), ("leads", leads),
    ):  # fmt: skip
        nothing = 0.0 if column in ("reference", "actual") and known is not None else np.nan
        frame[column] = np.nan if known is None else frame["source"].map(known).fillna(nothing).astype(float)
    sums = frame.drop(columns="source").sum(min_count=1)
    frame = pd.concat([frame, sums.to_frame().T.assign(source="")], ignore_index=True)
    for money, count, ratio in (
        ("actual", "leads", "money_per_lead"), ("reference", "leads_reference", "money_per_lead_reference"),
    ):  # fmt: skip
        counts = frame[count].astype(float)
        frame[ratio] = frame[money].astype(float) / counts.where(counts > 0)
    frame = frame.assign(round=look.label, against=against)
    return frame[[*_COLUMNS, "money_per_lead_reference"]]


def _spent(look: LookBack, periods: pd.DatetimeIndex) -> pd.Series:
    table, calendar = look.seen.workspace.table("spend"), look.seen.workspace.calendar
    inside = table[calendar.floor(pd.DatetimeIndex(table["period"])).isin(periods)]
    names = inside["source"].fillna("").astype(str) if "source" in inside else pd.Series("", inside.index)
    return inside["amount"].astype(float).groupby(names.where(names != "", ELSEWHERE)).sum()


def _leads(look: LookBack, first: pd.Timestamp, last: pd.Timestamp) -> pd.Series | None:
    """Leads created by source in some days; None where no leads are known."""
    if look.funnel is not None:
        table = look.funnel.leads.whole.table
        inside = table[(table["created"] >= first) & (table["created"] < last)]
        return inside.groupby(inside["source"].astype(str)).size().astype(float)
    counts = look.seen.workspace.table("funnel")
    if not len(counts) or "leads" not in counts or not counts["leads"].notna().any():
        return None
    inside = counts[(counts["period"] >= first) & (counts["period"] < last)]
    return inside.groupby(inside["source"].astype(str))["leads"].sum().astype(float)


def _planned(look: LookBack) -> tuple[str, pd.Series | None, pd.Series | None]:
    """Money as the plan of the round had it, budgets that counted included, and the leads it expected."""
    published = look.published
    if published is None or not published.has("spend_plan"):
        return "plan", None, None
    rows = published.read("spend_plan")
    rows = rows[rows["period"].isin(look.periods)]
    money = rows.assign(money=rows["planned"] + rows["shifted"]).groupby("source")["money"].sum()
    expected = None
    if published.has("funnel"):
        funnel = published.read("funnel")
        chosen = (funnel["stage"] == "leads") & (funnel["source"] != "") & funnel["period"].isin(look.periods)
        if "available" in funnel and chosen.any():
            expected = funnel[chosen].groupby("source")["available"].sum(min_count=1)
    return "plan", money, expected


def _year_before(look: LookBack) -> tuple[str, pd.Series | None, pd.Series | None]:
    calendar = look.seen.workspace.calendar
    before = pd.DatetimeIndex([calendar.shift(day, -calendar.season) for day in look.periods])
    money = _spent(look, before)
    if not len(money):
        return "the year before", None, None
    return "the year before", money, _leads(look, before[0], calendar.ends(before[-1:])[0])
