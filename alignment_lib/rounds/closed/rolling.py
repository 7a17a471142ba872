"""The fiscal year as it rolls on: what closed, what runs, what is open, each against the plan made for it."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from alignment_lib.inputs.periods.calendar import Cycle
from alignment_lib.inputs.periods.round_names import CYCLE_MONTHS, split_round_name
from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.rounds.preparing.earlier_plans import plans_before
from alignment_lib.rounds.preparing.prepared_round import PlanRequest, PreparedRound
from alignment_lib.rounds.preparing.round_money import money_of_sold

__all__ = ["rolling_year"]

_FOUND = ["measure", "label", "start", "state", "actual", "open_plan", "estimate"]


def rolling_year(
    ready: PreparedRound, request: PlanRequest, tables: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Every span of the round's fiscal year, and the year, in every measure that can be told.

    Parameters
    ----------
    ready : PreparedRound
        The round.
    request : PlanRequest
        Its headline, and where earlier plans lie.
    tables : mapping of str to DataFrame
        The round's ``plan`` and ``money``.

    Returns
    -------
    dict of str to DataFrame
        ``rolling``: see the published table. The estimate is what was sold and what is planned now. The plan
        is the one made for the span before this as-of date: that of its own round, signed before unsigned,
        else the latest that reached so far. Planning a running round again moves estimates, never that plan.
    """
    calendar, planned = ready.workspace.calendar, ready.round
    year = str(calendar.label(planned.cycle_periods[:1], "year")[0])
    _, month = split_round_name(year, calendar)
    periods = calendar.months_span(month, CYCLE_MONTHS["year"])
    cycle: Cycle = "quarter" if planned.cycle == "year" else planned.cycle
    labels = calendar.label(periods, cycle)
    headline = {name: _headline(tables.get(name), request.scenario) for name in ("plan", "money")}
    ahead = _by_period(headline, ready.history.measure)
    sold = _sold(ready, periods, [str(name) for name in ahead.columns])
    ahead = ahead[ahead.index >= planned.first_open].reindex(periods[~periods.isin(sold.index)])
    now = pd.concat([one for one in (sold, ahead) if len(one)])
    plans = plans_before(ready.workspace, planned, [request.rounds, request.output], ready.history.measure)
    parts = []
    for label in dict.fromkeys(labels.tolist()):
        inside = periods[labels == label]
        parts.append(
            _span(str(label), inside, now, sold.index).merge(_made_for(str(label), inside, plans), how="left")
        )
    spans = pd.concat(parts, ignore_index=True)
    whole = _whole_year(spans, year, periods[0])
    frame = pd.concat([spans, whole], ignore_index=True)
    frame["gap"] = frame["estimate"] - frame["plan"]
    frame["plan_round"] = frame["plan_round"].fillna("")
    frame["is_signed"] = frame["is_signed"].eq(True)
    order = frame["measure"].map({name: at for at, name in enumerate(now.columns)})
    return {"rolling": frame.iloc[np.argsort(order.to_numpy(), kind="stable")].reset_index(drop=True)}


def _headline(table: pd.DataFrame | None, scenario: str) -> pd.DataFrame:
    if table is None or table.empty:
        return pd.DataFrame()
    found: pd.DataFrame = table[table["scenario"] == scenario]
    return found


def _by_period(tables: Mapping[str, pd.DataFrame], measure: str) -> pd.DataFrame:
    """A plan's sums by period, one column for each measure that it tells."""
    plan, money = tables["plan"].groupby("period"), tables["money"]
    sums = {measure: plan["plan"].sum()}
    if measure != "revenue" and "revenue" in tables["plan"]:
        sums["revenue"] = plan["revenue"].sum(min_count=1)
    for name in ("margin", "profit"):
        if name in money and money[name].notna().any():
            sums[name] = money.groupby("period")[name].sum(min_count=1)
    return pd.DataFrame(sums)


def _sold(ready: PreparedRound, periods: pd.DatetimeIndex, measures: list[str]) -> pd.DataFrame:
    """What was sold in the year's known periods; missing where a measure is not known of it."""
    history, keys, book = ready.history, ready.horizon.grid.keys, ready.money
    known = periods[(periods < ready.round.first_open)]
    here = known.intersection(history.periods)
    sold = np.zeros((len(keys), len(here)))
    sold[: len(history.keys)] = np.nan_to_num(history.values[:, history.periods.get_indexer(here)])
    money = money_of_sold(ready.workspace, history, keys, here, sold, ready.register)
    margin = money["revenue"] - money["cost"] - money["funding"]
    sums = {"revenue": _sum(money["revenue"]), "margin": _sum(margin), history.measure: sold.sum(axis=0)}
    spend = ready.workspace.table("spend")
    if book is not None and len(spend):
        spent = spend.groupby(ready.workspace.calendar.floor(pd.DatetimeIndex(spend["period"])))[
            "amount"
        ].sum()
        told = _sum(np.where(np.isfinite(margin), money["revenue"], math.nan))
        overhead = book.overhead_share * told
        sums["profit"] = sums["margin"] - overhead - spent.reindex(here, fill_value=0.0).to_numpy()
    return pd.DataFrame(sums, index=here).reindex(index=known, columns=measures)


def _sum(amounts: np.ndarray) -> np.ndarray:
    """Sums over series of what is known; missing where nothing is."""
    return np.where(np.isfinite(amounts).any(axis=0), np.nansum(amounts, axis=0), math.nan)


def _span(
    label: str, periods: pd.DatetimeIndex, now: pd.DataFrame, known: pd.Index[pd.Timestamp]
) -> pd.DataFrame:
    """One span, a row a measure."""
    closed = periods.isin(known)
    state = "closed" if closed.all() else "running" if closed.any() else "open"
    sums = {
        name: now.loc[periods[inside]].sum(skipna=False).reindex(now.columns, fill_value=0.0)
        for name, inside in (("actual", closed), ("open_plan", ~closed))
    }
    frame = pd.DataFrame(sums).rename_axis("measure").reset_index()
    frame = frame.assign(label=label, start=periods[0], state=state)
    return frame.assign(estimate=frame["actual"] + frame["open_plan"])[_FOUND]


def _made_for(label: str, periods: pd.DatetimeIndex, plans: list[tuple[bool, Snapshot]]) -> pd.DataFrame:
    """The plan made for a span: of its own round, signed, the latest, in this order; none without rows."""
    ordered = sorted(
        plans,
        key=lambda one: (one[1].round == label, one[0], pd.Timestamp(one[1].manifest["as_of"])),
        reverse=True,
    )
    for is_signed, snapshot in ordered:
        # A round that cannot be read is passed over: it must not stop this one.
        with contextlib.suppress(InputError):
            scenario = str(snapshot.manifest["scenario"])
            tables = {
                name: _headline(snapshot.read(name) if snapshot.has(name) else None, scenario)
                for name in ("plan", "money")
            }
            made = _by_period(tables, str(snapshot.manifest["measure"]))
            if periods.isin(made.index).all():
                sums = made.loc[periods].sum(skipna=False).rename("plan").rename_axis("measure").reset_index()
                return sums.assign(plan_round=snapshot.round, is_signed=is_signed)
    return pd.DataFrame(
        {"measure": pd.Series(dtype=object), "plan": 0.0, "plan_round": "", "is_signed": False}
    )


def _sum_of_all(parts: pd.Series[float]) -> float:
    return float(parts.sum(skipna=False))


def _state_of_all(states: pd.Series[str]) -> str:
    return str(states.iloc[0]) if states.eq(states.iloc[0]).all() else "running"


def _all_signed(flags: pd.Series[bool]) -> bool:
    return bool(flags.eq(True).all())


def _whole_year(spans: pd.DataFrame, year: str, start: pd.Timestamp) -> pd.DataFrame:
    """The year, a row a measure; a sum is missing where a part of it is."""
    grouped = spans.groupby("measure", sort=False)
    sums = grouped[["actual", "open_plan", "estimate", "plan"]].agg(_sum_of_all)
    states = grouped["state"].agg(_state_of_all)
    signed = grouped["is_signed"].agg(_all_signed)
    return sums.assign(state=states, is_signed=signed, label=year, start=start, plan_round="").reset_index()
