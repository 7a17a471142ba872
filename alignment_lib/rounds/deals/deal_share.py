"""What a plan needs of opportunities: the part of its sales that came through them in the last year."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from alignment_lib.funnel.deals.deals import Deals
from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = ["deal_needs"]

_NEW, _CLEARLY = "new", 1.1


def deal_needs(ready: PreparedRound, deals: Deals, money: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
    """The headline plan and target in money, and what of them must come through opportunities.

    For each cell of the dimensions that deals bear: the plan of the span × what was won in the last year over
    what was sold in it. Members and the whole are sums of cells, the whole's target is shared as its plan.

    Returns
    -------
    dict of str to DataFrame
        By dimension, blank for the whole: ``member, span, plan, needed, target``; NaN where money is not
        known.
    """
    names = list(deals.dimensions)
    sales, type_name = ready.workspace.tables["sales"], ready.workspace.settings.sales.sale_type
    calendar, until = ready.workspace.calendar, ready.round.first_open
    since = calendar.shift(until, -calendar.season)
    sold = sales[sales["period"] >= since] if "revenue" in sales else sales[:0]
    won = deals.table[deals.table["closed_at"].between(since, until, inclusive="left")]
    won = won[won["outcome"] == "won"]
    whole = part = _planned(ready, sales, money)
    if type_name and type_name not in names and len(sold):
        new = sold[type_name].astype(str) == _NEW
        if won["amount"].sum() <= _CLEARLY * sold.loc[new, "revenue"].sum():
            sold, part = sold[new], whole[whole[type_name].astype(str) == _NEW]
    cells = _summed(part, [*names, "span"], "revenue", "plan")
    shares = _summed(sold, names, "revenue", "sold") if len(sold) else pd.DataFrame(columns=[*names, "sold"])
    brought = _summed(won, names, "amount", "won")
    if names:
        shares = shares.merge(brought, how="outer", on=names)
        cells = cells.merge(shares, how="left", on=names)
    else:
        cells = cells.assign(sold=shares["sold"].sum(), won=brought["won"].sum())
    share = cells["won"].fillna(0.0) / cells["sold"].where(cells["sold"] > 0)
    # A cell in which nothing was sold in the last year has no share; its plan needs no deals that are known.
    cells["needed"] = cells["plan"] * share.fillna(0.0) if len(sold) else np.nan
    return {name: _of_members(ready, cells, whole, name) for name in ("", *names)}


def _planned(ready: PreparedRound, sales: pd.DataFrame, money: pd.DataFrame) -> pd.DataFrame:
    """Money of the horizon by span: as sold in closed periods, as planned in open ones."""
    first, start = ready.round.first_open, ready.round.horizon[0]
    closed = sales[(sales["period"] >= start) & (sales["period"] < first)]
    columns = ["period", *ready.dimensions, "revenue"]
    parts = [closed.reindex(columns=columns), money[money["period"] >= first].reindex(columns=columns)]
    texts = [part.astype(dict.fromkeys(ready.dimensions, str)) for part in parts if len(part)]
    whole = pd.concat(texts, ignore_index=True)
    span = ready.workspace.calendar.label(pd.DatetimeIndex(whole["period"]), ready.round.cycle)
    return whole.assign(span=span.astype(str))


def _summed(table: pd.DataFrame, names: list[str], column: str, title: str) -> pd.DataFrame:
    if not names:
        return pd.DataFrame({title: [table[column].sum(min_count=1)]})
    keyed = table.assign(**{name: table[name].astype(str) for name in names})
    return keyed.groupby(names)[column].sum(min_count=1).rename(title).reset_index()


def _of_members(
    ready: PreparedRound, cells: pd.DataFrame, whole: pd.DataFrame, dimension: str
) -> pd.DataFrame:
    """Sums by member and span, with the target's part: the target × needed over all that is planned there."""
    keys = ["member", "span"]
    found = _with_member(cells, dimension).groupby(keys)[["plan", "needed"]].sum(min_count=1).reset_index()
    planned = _with_member(whole, dimension).groupby(keys)["revenue"].sum(min_count=1)
    named = pd.MultiIndex.from_frame(found[keys])
    whole_plan = planned.reindex(named)
    share = found["needed"].to_numpy() / whole_plan.where(whole_plan > 0).to_numpy()
    targets = [_target(ready, dimension, member, span) for member, span in named]
    return found.assign(target=np.asarray(targets, dtype=float) * share)


def _with_member(table: pd.DataFrame, dimension: str) -> pd.DataFrame:
    return table.assign(member=table[dimension].astype(str) if dimension else "")


def _target(ready: PreparedRound, dimension: str, member: str, span: str) -> float:
    """The target in money of a member, or of the whole; NaN where none is set."""
    table = ready.workspace.tables.get("targets")
    if table is None or not len(table):
        return float("nan")
    chosen = (table["round"].astype(str) == span) & (table["measure"].astype(str) == "revenue")
    for name in ready.dimensions:
        chosen &= table[name].astype(str) == (member if name == dimension else "")
    found = table.loc[chosen, "target"]
    return float(found.iloc[0]) if len(found) else float("nan")
