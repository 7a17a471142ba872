"""The figures the report is written from: sums over the snapshot's tables, nothing estimated anew."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
import pandas as pd

from alignment_lib.answers.wording import say_value
from alignment_lib.inputs.periods.calendar import Cycle
from alignment_lib.rounds.view import RoundView

__all__ = [
    "Answer",
    "Members",
    "compare_scenarios",
    "find_answer",
    "find_awaiting",
    "has_ended",
    "list_scenarios",
    "name_contributor",
    "name_contributors",
    "recall_previous",
    "shift_history",
    "sum_effects",
    "sum_spans",
]

_Asked = ParamSpec("_Asked")
_Figure = TypeVar("_Figure")


def _work_out_once(
    function: Callable[Concatenate[RoundView, _Asked], _Figure],
) -> Callable[Concatenate[RoundView, _Asked], _Figure]:
    """Keep what a function found with the data it was found in; callers leave results as they are."""

    @wraps(function)
    def ask(data: RoundView, /, *args: _Asked.args, **kwargs: _Asked.kwargs) -> _Figure:
        key = (function.__name__, args, tuple(sorted(kwargs.items())))
        if key not in data.known:
            data.known[key] = function(data, *args, **kwargs)
        found: _Figure = data.known[key]
        return found

    return ask


Members = tuple[tuple[str, str], ...]
"""Dimensions with the member meant of each; empty for the whole."""
_QUANTILES = ("p2_5", "p10", "p50", "p90", "p97_5")
_ORDER = ("consensus", "evidence_weighted", "as_proposed")


@dataclass(frozen=True)
class Answer:
    """Will we make the number: the plan of the round set beside its target and odds. NaN where unknown."""

    plan: float
    baseline: float
    target: float
    probability: float
    p10: float
    p50: float
    p90: float
    p2_5: float
    p97_5: float
    prior: float
    revenue: float

    @property
    def gap(self) -> float:
        """Plan less target."""
        return self.plan - self.target


@_work_out_once
def find_answer(data: RoundView, scenario: str | None = None) -> Answer:
    """The round's total in one scenario (default: the headline)."""
    plan = data.in_round(data.scenario("plan", scenario))
    odds = _find_odds(data, scenario)
    before = _sum_prior(data, plan["period"].unique())
    return Answer(
        plan=float(plan["plan"].sum()),
        baseline=float(plan["baseline"].sum()),
        revenue=float(plan["revenue"].sum(min_count=1)) if "revenue" in plan else math.nan,
        prior=before,
        **{key: float(odds.get(key, math.nan)) for key in ("target", "probability", *_QUANTILES)},
    )


def _sum_prior(data: RoundView, periods: np.ndarray) -> float:
    """Sales a year before these periods; NaN unless every one of them is known."""
    prior = shift_history(data)
    prior = prior[prior["period"].isin(periods)] if len(prior) else prior
    if prior.empty or prior["period"].nunique() < len(periods):
        return math.nan
    return float(prior["value"].sum())


def list_scenarios(data: RoundView) -> list[str]:
    """Scenarios of the plan: the three of the contract first, then the named ones in order."""
    present = sorted(data.table("plan")["scenario"].unique())
    return [name for name in _ORDER if name in present] + [name for name in present if name not in _ORDER]


def compare_scenarios(data: RoundView) -> pd.DataFrame:
    """Each scenario's round: ``scenario, plan, target, gap, p10, p90, probability``."""
    rows = []
    for scenario in list_scenarios(data):
        answer = find_answer(data, scenario)
        rows.append(
            {
                "scenario": scenario,
                "plan": answer.plan,
                "target": answer.target,
                "gap": answer.gap,
                "p10": answer.p10,
                "p90": answer.p90,
                "probability": answer.probability,
            }
        )
    return pd.DataFrame(rows)


@_work_out_once
def sum_spans(
    data: RoundView, cycle: Cycle, member: Members = (), scenario: str | None = None
) -> pd.DataFrame:
    """History and plan summed by month, quarter or year, for all or one member of a dimension.

    Returns
    -------
    DataFrame
        ``label, start, actual, prior, baseline, plan, p10, p90, target, probability`` in time order, and
        ``periods, compared_periods, compared, prior_known``: how many periods a span has, how many of them
        have a year before, and what both years come to in those. ``prior`` stands only where all have. Spans
        of which the history holds only a part are left out. A span that holds planned periods counts as
        planned; the plan table itself holds the actuals of its closed periods.
    """
    plan = _choose(data.scenario("plan", scenario), member).groupby("period")[["baseline", "plan"]].sum()
    history = _choose(data.table("history"), member)
    actual = history.groupby("period")["value"].sum() if len(history) else pd.Series(dtype=float)
    prior = shift_history(data, member).groupby("period")["value"].sum() if len(history) else actual
    frame = pd.DataFrame({"actual": actual, "prior": prior}).join(plan, how="outer").sort_index()
    frame = frame[frame["actual"].notna() | frame["plan"].notna()]
    frame["compared"] = frame["plan"].fillna(frame["actual"]).where(frame["prior"].notna())
    frame["label"] = data.calendar.label(pd.DatetimeIndex(frame.index), cycle)
    grouped = frame.reset_index(names="start").groupby("label", sort=False)
    spans = grouped[["actual", "baseline", "plan", "compared"]].sum(min_count=1)
    spans["prior_known"], spans["compared_periods"] = (
        grouped["prior"].sum(min_count=1),
        grouped["prior"].count(),
    )
    spans["periods"] = grouped.size()
    spans["prior"] = spans["prior_known"].where(spans["compared_periods"] == spans["periods"])
    spans.insert(0, "start", grouped["start"].min())
    spans = spans[_is_whole(data, frame, spans, cycle)]
    spans.loc[spans["plan"].notna(), "actual"] = np.nan
    return _join_odds(data, spans.reset_index(), cycle, member, scenario)


@_work_out_once
def sum_effects(data: RoundView, scenario: str | None = None, *, whole: bool = False) -> pd.DataFrame:
    """Bridge of the round (or the whole horizon) by contributor: ``assumption, title, effect, money``.

    Money is the effect at the plan's own price per unit in each cell. It is NaN where a cell the effect
    falls in has no price, as where a product is delisted and nothing is planned: a part is not the whole.
    """
    bridge = data.scenario("bridge", scenario)
    bridge = bridge if whole else data.in_round(bridge)
    columns = ["assumption", "title", "effect", "money"]
    if bridge.empty:
        return pd.DataFrame(columns=columns)
    money = np.where(bridge["effect"] == 0, 0.0, bridge["effect"] * _find_price(data, bridge, scenario))
    priced = bridge.assign(money=money, unpriced=np.isnan(money))
    sums = priced.groupby("assumption", as_index=False).agg(
        effect=("effect", "sum"), money=("money", "sum"), unpriced=("unpriced", "any")
    )
    sums["money"] = sums["money"].mask(sums["unpriced"])
    titles = _find_titles(data)
    sums["title"] = [name_contributor(name, titles) for name in sums["assumption"]]
    order = sums["effect"].abs().sort_values(ascending=False, kind="stable").index
    return sums.loc[order, columns].reset_index(drop=True)


@_work_out_once
def find_awaiting(data: RoundView) -> pd.DataFrame:
    """Proposed assumptions, which await a decision: not those over before the round that leave nothing in it.

    Returns
    -------
    DataFrame
        The register's columns, ``effect`` and ``money`` in the round, ``horizon`` (the effect over the
        whole horizon); the largest effect first.
    """
    register = data.table("assumptions")
    if register.empty or "status" not in register:
        return pd.DataFrame(columns=["id", "title", "owner", "effect", "money", "horizon"])
    waiting = register[register["status"] == "proposed"]
    effects = sum_effects(data, "as_proposed").rename(columns={"assumption": "id"})
    whole = sum_effects(data, "as_proposed", whole=True)
    whole = whole.rename(columns={"assumption": "id", "effect": "horizon"})
    joined = waiting.merge(effects[["id", "effect", "money"]], on="id", how="left")
    joined = joined.merge(whole[["id", "horizon"]], on="id", how="left")
    order = joined["effect"].astype(float).abs().fillna(0.0).sort_values(ascending=False, kind="stable").index
    ordered = joined.loc[order].astype({"effect": float, "money": float, "horizon": float})
    ordered = ordered.fillna({"effect": 0.0, "horizon": 0.0})
    over = has_ended(data, ordered) & (ordered["effect"] == 0) & (ordered["horizon"] == 0)
    ordered = ordered[~over].reset_index(drop=True)
    return ordered.assign(money=ordered["money"].where(ordered["effect"] != 0, 0.0))


def has_ended(data: RoundView, rows: pd.DataFrame) -> pd.Series[bool]:
    """Whether an assumption's last day lies before the round."""
    if "end" not in rows or not pd.api.types.is_datetime64_any_dtype(rows["end"]):
        return pd.Series(False, index=rows.index)
    ended: pd.Series[bool] = rows["end"] < data.in_round(data.scenario("plan"))["period"].min()
    return ended


def recall_previous(data: RoundView) -> dict[str, float] | None:
    """What the earlier round planned for this one, and how it did in its own; None without one.

    Returns
    -------
    dict or None
        ``plan_then, baseline_then`` for the present round's periods; ``actual, planned`` for the periods
        that have become known since.
    """
    before = data.table("previous")
    note = data.manifest.get("previous")
    if before.empty or not note or not note.get("comparable"):
        return None
    now = data.in_round(data.scenario("plan"))["period"].unique()
    then = before[before["period"].isin(now)]
    history = data.table("history")
    actual = history.groupby("period")["value"].sum() if len(history) else pd.Series(dtype=float)
    known = before[before["period"].isin(actual.index)]
    whole = len(then) == len(now)
    return {
        "plan_then": float(then["plan"].sum()) if whole else math.nan,
        "baseline_then": float(then["baseline"].sum()) if whole else math.nan,
        "periods_known": float(len(known)),
        "planned": float(known["plan"].sum()),
        "actual": float(actual.reindex(known["period"]).sum()),
    }


def _choose(table: pd.DataFrame, member: Members) -> pd.DataFrame:
    for dimension, name in member:
        table = table[table[dimension] == name] if len(table) else table
    return table


def shift_history(data: RoundView, member: Members = ()) -> pd.DataFrame:
    """The history moved a year on, so that it stands beside the periods it is compared with."""
    history = _choose(data.table("history"), member)
    if history.empty:
        return history
    if data.calendar.grain == "week":
        # 52 weeks keep the weekday and the season; a 53rd week has no counterpart.
        return history.assign(period=history["period"] + pd.Timedelta(days=364))
    return history.assign(period=history["period"] + pd.DateOffset(years=1))


def _is_whole(data: RoundView, frame: pd.DataFrame, spans: pd.DataFrame, cycle: Cycle) -> pd.Series[Any]:
    """Whether a span's periods are all there: the first and the last of the history may be cut.

    A span of the plan is kept whatever the horizon holds of it, so that sums of spans are the plan's.
    """
    whole = pd.Series(True, index=spans.index)
    for label, edge in ((spans.index[0], -1), (spans.index[-1], 1)) if len(spans) else ():
        periods = pd.DatetimeIndex(frame.index[frame["label"] == label])
        outside = data.calendar.shift(periods[0] if edge < 0 else periods[-1], edge)
        goes_on = data.calendar.label(pd.DatetimeIndex([outside]), cycle)[0] == label
        whole[label] = not goes_on or pd.notna(spans.loc[label, "plan"])
    return whole


def _join_odds(
    data: RoundView,
    spans: pd.DataFrame,
    cycle: Cycle,
    member: Members,
    scenario: str | None = None,
) -> pd.DataFrame:
    odds = _level_odds(data, cycle, tuple(name for name, _ in member), scenario)
    odds = _choose(odds, member)
    wanted = ["p10", "p90", "target", "probability"]
    if odds.empty:
        return spans.assign(**dict.fromkeys(wanted, math.nan))
    odds = odds.assign(label=data.labels(odds["start"], cycle))
    return spans.merge(odds[["label", *wanted]], on="label", how="left")


@_work_out_once
def _level_odds(
    data: RoundView, cycle: Cycle, dimensions: tuple[str, ...], scenario: str | None = None
) -> pd.DataFrame:
    """Odds of a scenario for one span length: the total, or every member of one dimension.

    For members only the round's own span is kept when it is the round's length.
    """
    odds = data.scenario("odds", scenario)
    if odds.empty:
        return odds
    odds = odds[odds["span"] == cycle]
    for name in data.dimensions:
        blank = odds[name].isna() | (odds[name] == "")
        odds = odds[~blank] if name in dimensions else odds[blank]
    if dimensions and cycle == data.cycle and len(odds):
        odds = odds[data.labels(odds["start"], cycle) == data.round]
    return odds


def _find_odds(data: RoundView, scenario: str | None) -> dict[str, Any]:
    odds = data.scenario("odds", scenario)
    if odds.empty:
        return {}
    odds = odds[odds["span"] == data.cycle]
    for name in data.dimensions:
        odds = odds[odds[name].isna() | (odds[name] == "")]
    odds = odds[data.labels(odds["start"], data.cycle) == data.round] if len(odds) else odds
    return {} if odds.empty else {str(key): value for key, value in odds.iloc[0].items()}


def _find_price(data: RoundView, bridge: pd.DataFrame, scenario: str | None) -> np.ndarray:
    """Money per unit of the measure in each row of the bridge."""
    if data.measure == "revenue":
        return np.ones(len(bridge))
    plan = data.scenario("plan", scenario)
    if "revenue" not in plan:
        return np.full(len(bridge), np.nan)
    keys: Sequence[str] = ["period", *data.dimensions]
    price = plan["revenue"] / plan["plan"].where(plan["plan"] != 0)
    joined = bridge[keys].merge(plan[list(keys)].assign(price=price), on=list(keys), how="left")
    return joined["price"].to_numpy(dtype=float)


def name_contributors(data: RoundView) -> Callable[[str], str]:
    """Names of contributors in words: an assumption by id and title, a driver as its calendar."""
    titles = _find_titles(data)

    def say(name: str) -> str:
        found = name_contributor(name, titles)
        return found if name.startswith("driver:") or found == name else f"{name} {found}"

    return say


def _find_titles(data: RoundView) -> dict[str, str]:
    register = data.table("assumptions")
    if register.empty:
        return {}
    return dict(zip(register["id"].astype(str), register["title"].astype(str), strict=True))


def name_contributor(name: str, titles: Mapping[str, str]) -> str:
    """One contributor in words: a driver as its calendar, an assumption by what `titles` say of its id."""
    if name.startswith("driver:"):
        return f"Driver calendar: {say_value(name.removeprefix('driver:')).lower()}"
    return titles.get(name, name)
