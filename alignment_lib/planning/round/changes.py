"""What changed since the last round, assumption by assumption, and where a running year stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.planning.plan.horizon import Horizon
from alignment_lib.planning.plan.plan import Plan

__all__ = ["PublishedPlan", "latest_estimate", "what_changed"]

_WATCHED = (
    *("expected", "low", "high", "start", "end", "status", "unit", "moved_share", "pull_forward_share"),
    *("spend_source", "spend_from", "leads_per_money"),
)
_COLUMNS = ["assumption", "title", "change", "before", "after", "difference", "money", "details"]


@dataclass(frozen=True)
class PublishedPlan:
    """One scenario of one round, as its files hold it.

    Attributes
    ----------
    register : DataFrame
        ``assumptions`` table.
    plan, bridge : DataFrame
        Rows of that scenario in the ``plan`` and ``bridge`` tables.
    """

    register: pd.DataFrame
    plan: pd.DataFrame
    bridge: pd.DataFrame


def what_changed(before: PublishedPlan, after: PublishedPlan, dimensions: Sequence[str]) -> pd.DataFrame:
    """From the earlier plan to this one, over the periods that both plan.

    Parameters
    ----------
    before, after : PublishedPlan
        The same scenario of two rounds.
    dimensions : sequence of str
        The workspace's.

    Returns
    -------
    DataFrame
        One row a contributor, ``baseline`` first, then by the size of the difference: ``assumption,
        title, change`` (new, dropped, revised, status, same), ``before, after`` (effect in the
        measure), ``difference, money`` (at this round's prices; NaN where none is known), ``details``
        in words. Differences add up to the difference of the plans.
    """
    periods = _common_periods(before, after)
    price = _prices(after.plan, dimensions)
    parts = []
    for published in (before, after):
        cells = published.plan[published.plan["period"].isin(periods)]
        base = cells[["period", *dimensions]].assign(assumption="baseline", effect=cells["baseline"])
        steps = published.bridge[published.bridge["period"].isin(periods)]
        whole = pd.concat([base, steps[["period", *dimensions, "assumption", "effect"]]], ignore_index=True)
        parts.append(_valued(whole, price, dimensions))
    joined = parts[0].join(parts[1], how="outer", lsuffix="_before", rsuffix="_after").fillna(0.0)
    first, second = _by_id(before.register), _by_id(after.register)
    rows = [
        _row(str(name), {str(key): float(value) for key, value in values.items()}, first, second)
        for name, values in joined.to_dict("index").items()
    ]
    for name in sorted((set(first) | set(second)) - set(joined.index)):
        rows.append(_row(name, dict.fromkeys(joined.columns, 0.0), first, second))
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    if not len(price):
        frame["money"] = np.nan
    rank = frame["difference"].abs().where(frame["assumption"] != "baseline", np.inf)
    order = np.lexsort((frame["assumption"], -rank.to_numpy(dtype=float)))
    return frame.iloc[order].reset_index(drop=True)


def _common_periods(before: PublishedPlan, after: PublishedPlan) -> pd.Index:
    return pd.Index(before.plan["period"].unique()).intersection(pd.Index(after.plan["period"].unique()))


def _prices(plan: pd.DataFrame, dimensions: Sequence[str]) -> pd.Series:
    """Revenue per unit by period and series, where the plan holds both."""
    if "revenue" not in plan.columns:
        return pd.Series(dtype=float)
    priced = plan[(plan["plan"] > 0) & plan["revenue"].notna()]
    keyed = priced.set_index(["period", *dimensions])
    return keyed["revenue"] / keyed["plan"]


def _valued(cells: pd.DataFrame, price: pd.Series, dimensions: Sequence[str]) -> pd.DataFrame:
    value = np.full(len(cells), np.nan)
    if len(price):
        found = price.reindex(pd.MultiIndex.from_frame(cells[["period", *dimensions]]))
        value = cells["effect"].to_numpy(dtype=float) * found.fillna(price.mean()).to_numpy(dtype=float)
    return cells.assign(money=value).groupby("assumption")[["effect", "money"]].sum()


def _by_id(register: pd.DataFrame) -> dict[str, dict[str, object]]:
    if not len(register):
        return {}
    records = register.set_index("id").to_dict("index")
    return {str(name): {str(key): value for key, value in row.items()} for name, row in records.items()}


def _row(
    name: str,
    values: dict[str, float],
    first: dict[str, dict[str, object]],
    second: dict[str, dict[str, object]],
) -> dict[str, object]:
    old, new = first.get(name), second.get(name)
    change, details = _change(name, old, new)
    title = (new or old or {}).get("title", "")
    return {
        "assumption": name,
        "title": title,
        "change": change,
        "before": values["effect_before"],
        "after": values["effect_after"],
        "difference": values["effect_after"] - values["effect_before"],
        "money": values["money_after"] - values["money_before"],
        "details": details,
    }


def _change(name: str, old: dict[str, object] | None, new: dict[str, object] | None) -> tuple[str, str]:
    if old is None and new is None:
        return "same", "the forecast" if name == "baseline" else "the driver calendar"
    if old is None:
        return "new", "not in the last round"
    if new is None:
        return "dropped", "no longer in the register"
    altered = [
        f"{column} {_shown(old.get(column))} → {_shown(new.get(column))}"
        for column in _WATCHED
        if _shown(old.get(column)) != _shown(new.get(column))
    ]
    if not altered:
        return "same", "the claim is unchanged"
    only_status = len(altered) == 1 and altered[0].startswith("status")
    return "status" if only_status else "revised", "; ".join(altered)


def _shown(value: object) -> str:
    if value is None or value != value or value == "":
        return "none"
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def latest_estimate(
    horizon: Horizon, plan: Plan, signed: pd.DataFrame | None = None, by: Sequence[str] = ()
) -> pd.DataFrame:
    """Closed periods as they came out, open ones as planned now, and the gap to the plan once signed.

    Parameters
    ----------
    horizon : Horizon
        Of the current round: the whole cycle, closed periods with their actual sales.
    plan : Plan
        Of the open periods.
    signed : DataFrame, optional
        ``period``, the dimensions, ``plan``: the plan the year was signed on.
    by : sequence of str
        Dimensions kept; none gives the whole business.

    Returns
    -------
    DataFrame
        ``span, label, start``, the dimensions kept, ``actual`` (of closed periods), ``open_plan``,
        ``estimate`` (their sum), ``signed_plan, gap`` (estimate less signed plan; NaN without one).
    """
    labels = horizon.labels
    zero = np.zeros_like(plan.plan)
    cells = labels.assign(
        actual=horizon.with_closed(zero).ravel(), open_plan=horizon.with_nothing_closed(plan.plan).ravel()
    )
    cells["estimate"] = cells["actual"] + cells["open_plan"]
    names = list(plan.grid.dimensions)
    if signed is not None:
        keyed = signed[["period", *names, "plan"]].rename(columns={"plan": "signed_plan"})
        cells = cells.merge(keyed, on=["period", *names], how="left")
    else:
        cells["signed_plan"] = np.nan
    periods = horizon.closed_periods.append(horizon.grid.periods)
    parts = []
    for at, span in enumerate(horizon.spans.table.to_dict("records")):
        inside = cells[cells["period"].isin(periods[horizon.spans.matrix[at] > 0])]
        figures = ["actual", "open_plan", "estimate", "signed_plan"]
        if by:
            part = inside.groupby(list(by), observed=True)[figures].sum(min_count=1).reset_index()
        else:
            part = inside[figures].sum(min_count=1).to_frame().T
        part = part.assign(span=span["span"], label=span["label"], start=span["start"])
        parts.append(part[["span", "label", "start", *by, *figures]])
    result = pd.concat(parts, ignore_index=True)
    return result.assign(gap=result["estimate"] - result["signed_plan"])
