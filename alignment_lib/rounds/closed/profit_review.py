"""Use case: why the last closed round's profit came out as it did, against its plan and the year before."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.funnel.lead_sales import NEW
from alignment_lib.planning.money.earned import cost_of_sold
from alignment_lib.planning.money.layout import lay_out_money
from alignment_lib.planning.register.assumptions import read_assumptions
from alignment_lib.review.profit_variance import split_profit
from alignment_lib.rounds.closed.look_back import LookBack
from alignment_lib.rounds.preparing.typed_sales import classify_transactions

__all__ = ["list_profit_variance", "new_customers_of"]

_SUMS = ["units", "revenue", "cost", "funding"]


def list_profit_variance(look: LookBack) -> pd.DataFrame:
    """The variance of profit of the last closed round, comparison by comparison.

    Returns
    -------
    DataFrame
        ``round, against, bar, effect, reference, actual, owner_function, left_out``: ``reference`` and
        ``actual`` are the profits compared, ``left_out`` the revenue of series whose cost is not known on
        both sides, as sold. Without a spend table profit is margin less overhead. Empty without costs, units
        and money of what was sold.
    """
    sales, periods = look.sales, look.periods
    has_costs = len(look.seen.workspace.table("costs")) > 0
    if not has_costs or not len(periods) or not {"units", "revenue"} <= set(sales):
        return pd.DataFrame()
    actual = _earned(look, periods)
    parts = []
    for against, reference, spend in (_planned(look), _year_before(look)):
        if reference is not None:
            parts.append(_compare(look, against, actual, reference, (spend, _spent(look, periods))))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def new_customers_of(look: LookBack) -> dict[str, float]:
    """New customers won in the round and those planned; nothing without transactions or such a plan."""
    published, classified = look.published, classify_transactions(look.seen.workspace)
    if published is None or classified is None or not published.has("money_odds"):
        return {}
    odds = published.read("money_odds")
    whole = (odds[list(look.seen.dimensions)].fillna("").astype(str) == "").all(axis=1)
    asked = (odds["measure"] == "new_customers") & (odds["scenario"] == published.manifest["scenario"])
    inside = (odds["span"] == look.seen.round.cycle) & (odds["start"] == look.periods[0])
    rows = odds[whole & asked & inside]
    if rows.empty:
        return {}
    table, (first, last) = classified.table, look.span
    bought = table[(table["sale_type"] == NEW) & (table["date"] >= first) & (table["date"] < last)]
    return {
        "new_customers": float(bought["customer"].nunique()),
        "new_customers_planned": float(rows["plan"].iloc[0]),
    }


def _compare(
    look: LookBack, against: str, actual: pd.DataFrame, reference: pd.DataFrame, spend: tuple[float, float]
) -> pd.DataFrame:
    names = list(look.seen.dimensions)
    sums = [side.groupby(names)[_SUMS].sum() for side in (reference, actual)]
    missing = pd.Series(False, index=sums[0].index.union(sums[1].index))
    for side in (reference, actual):
        unknown = side["cost"].isna().groupby([side[name] for name in names]).any()
        missing |= unknown.reindex(missing.index, fill_value=False)
    kept = [side[~missing.reindex(side.index)].reset_index() for side in sums]
    share = look.seen.workspace.settings.profit.overhead_share
    product = look.comparing.product
    table = split_profit(kept[1], kept[0], names, product, spend, share)
    profits = [
        float(side["revenue"].sum() * (1.0 - share) - side["cost"].sum() - side["funding"].sum()) - money
        for side, money in zip(kept, spend, strict=True)
    ]
    left_out = float(sums[1].loc[missing.reindex(sums[1].index), "revenue"].sum())
    return table.assign(
        round=look.label, against=against, reference=profits[0], actual=profits[1], left_out=left_out
    )


def _planned(look: LookBack) -> tuple[str, pd.DataFrame | None, float]:
    """What the plan of the round was to earn; None where it told no margin."""
    published = look.published
    if published is None or not published.has("money"):
        return "plan", None, 0.0
    scenario, names = str(published.manifest["scenario"]), list(look.seen.dimensions)
    money = published.read("money")
    money = money[(money["scenario"] == scenario) & money["period"].isin(look.periods)]
    plan = published.read("plan")
    plan = plan[plan["scenario"] == scenario]
    if look.seen.history.measure != "units":
        return "plan", None, 0.0
    rows = money.merge(plan[["period", *names, "plan"]], on=["period", *names], how="left")
    rows = rows.rename(columns={"plan": "units"}).astype(dict.fromkeys(names, str))
    return "plan", rows[[*names, *_SUMS]], float(rows["spend"].sum())


def _year_before(look: LookBack) -> tuple[str, pd.DataFrame | None, float]:
    calendar = look.seen.workspace.calendar
    before = pd.DatetimeIndex([calendar.shift(day, -calendar.season) for day in look.periods])
    if not before.isin(look.sales["period"]).all():
        return "the year before", None, 0.0
    return "the year before", _earned(look, before), _spent(look, before)


def _earned(look: LookBack, periods: pd.DatetimeIndex) -> pd.DataFrame:
    """What was sold in some periods, with its cost and funding; NaN where no cost is known."""
    workspace, names = look.seen.workspace, list(look.seen.dimensions)
    rows = look.sales[look.sales["period"].isin(periods)].astype(dict.fromkeys(names, str))
    keys = rows[names].drop_duplicates().sort_values(names).reset_index(drop=True)
    place = keys.assign(at=np.arange(len(keys)))
    at = rows[names].merge(place, on=names, how="left")["at"].to_numpy()
    column = periods.get_indexer(pd.DatetimeIndex(rows["period"]))
    units, revenue = (np.zeros((len(keys), len(periods))) for _ in range(2))
    np.add.at(units, (at, column), rows["units"].fillna(0.0).to_numpy(dtype=float))
    np.add.at(revenue, (at, column), rows["revenue"].fillna(0.0).to_numpy(dtype=float))
    money = lay_out_money(workspace, keys, periods)
    if money is None:
        return keys.assign(**dict.fromkeys(_SUMS, np.nan))
    register = read_assumptions(workspace.tables.get("assumptions"), names)
    cost, funding = cost_of_sold(money, keys, periods, workspace.calendar, units, register)
    return keys.assign(
        units=units.sum(axis=1),
        revenue=revenue.sum(axis=1),
        cost=cost.sum(axis=1),
        funding=funding.sum(axis=1),
    )


def _spent(look: LookBack, periods: pd.DatetimeIndex) -> float:
    table, calendar = look.seen.workspace.table("spend"), look.seen.workspace.calendar
    if not len(table):
        return 0.0
    inside = calendar.floor(pd.DatetimeIndex(table["period"])).isin(periods)
    return float(table.loc[inside, "amount"].sum())
