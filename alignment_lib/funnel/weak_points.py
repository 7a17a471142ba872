"""Weak-point map: every stage x source x side, with the money to be had at its own best or its promise."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.funnel.cohorts import LagDistribution
from alignment_lib.funnel.leads import FunnelLeads
from alignment_lib.funnel.stages import count_stages
from alignment_lib.funnel.win_model import WinModel, predict_wins
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.written_numbers import Said

__all__ = ["funnel_course", "weak_points"]

_SIDES = {"accepted": "marketing", "contacted": "sales", "opportunities": "sales", "customers": "sales"}
_PASSED = {
    "accepted": "accepted",
    "contacted": "reached",
    "opportunities": "turned into opportunities",
    "customers": "won",
}
_STAGE_NUMBER = {"leads": 0, "accepted": 1, "contacted": 2, "opportunities": 3, "customers": 4}
_FEWEST = 30
_PRIOR = 20.0
_COLUMNS = [
    *("side", "stage", "source", "entering", "rate", "reference_rate", "reference", "customers", "value"),
    *("sentence",),
]


@dataclass(frozen=True)
class _Step:
    """One step of the funnel by source."""

    stage: str
    entering: pd.Series
    passed: pd.Series
    rate: pd.Series
    reference: pd.Series
    label: pd.Series


def weak_points(
    leads: FunnelLeads,
    lag: LagDistribution,
    model: WinModel | None,
    calendar: Calendar,
    start: pd.Timestamp,
    end: pd.Timestamp,
    briefs: pd.DataFrame | None = None,
    currency: str = "",
) -> pd.DataFrame:
    """What each step would give at its own best quarter or its promise, largest first.

    For leads created from `start` up to but not including `end`: customers to be had = leads entering the
    step x (reference - rate) x the present rates of the steps behind it; value = that times the source's
    money per win. The reference of acceptance is the promise where the best quarter is lower; that of the
    other steps is the source's best quarter. A quarter's rate is drawn toward the source's mean by the
    weight of 20 leads, and needs 30, so that the best is not merely the luckiest. Speed is valued by the
    win model: reached leads called later than promised, as if called at the promise.

    Parameters
    ----------
    briefs : DataFrame, optional
        `brief_status`; each campaign with weak points adds a row without a value of its own.
    currency : str
        Code written behind amounts.

    Returns
    -------
    DataFrame
        ``side`` (marketing, sales), ``stage`` (``accepted, contacted, first contact, opportunities,
        customers, brief``), ``source, entering, rate, reference_rate, reference, customers, value,
        sentence``; rows without anything to recover are left out.
    """
    counts = count_stages(leads, calendar, "quarter")
    order = _order_sizes(leads)
    steps = _steps(leads, lag, counts, start, end)
    parts = [_step_rows(step, steps[number + 1 :], order, currency) for number, step in enumerate(steps)]
    parts.append(_speed_rows(leads, model, start, end, order, currency))
    if briefs is not None:
        parts.append(_brief_rows(briefs))
    kept = [part for part in parts if len(part)]
    if not kept:
        return pd.DataFrame(columns=_COLUMNS)
    table = pd.concat(kept, ignore_index=True)[_COLUMNS]
    return table.sort_values(["value", "side", "stage", "source"], ascending=[False, True, True, True],
                             ignore_index=True)  # fmt: skip


def funnel_course(
    leads: FunnelLeads,
    lag: LagDistribution,
    calendar: Calendar,
    start: pd.Timestamp,
    end: pd.Timestamp,
    source: str = "",
) -> pd.DataFrame:
    """The funnel of leads created in a span, stage by stage, beside its references.

    Parameters
    ----------
    source : str
        One source; blank for all, references then weighted by the leads that enter.

    Returns
    -------
    DataFrame
        ``stage, count, side, rate, reference_rate, reference``; the first stage has no rate. Rates are of
        leads old enough for the step, as in `weak_points`.
    """
    steps = _steps(leads, lag, count_stages(leads, calendar, "quarter"), start, end)
    inside = ((leads.table["created"] >= start) & (leads.table["created"] < end)).to_numpy()
    nothing = {"side": "", "rate": np.nan, "reference_rate": np.nan, "reference": ""}
    rows: list[dict[str, Any]] = [{"stage": "leads", "count": float(inside.sum()), **nothing}]
    if source:
        rows[0]["count"] = float((inside & (leads.table["source"] == source).to_numpy()).sum())
    for step in steps:
        chosen = [source] if source else list(step.rate.index)
        weight = step.entering.reindex(chosen).where(step.rate.reindex(chosen).notna(), 0.0).fillna(0.0)
        total = max(float(weight.sum()), 1e-300)
        reference = step.reference.reindex(chosen).fillna(step.rate.reindex(chosen))
        rows.append(
            {
                "stage": step.stage,
                "count": float(step.passed.reindex(chosen).sum()),
                "side": _SIDES[step.stage],
                "rate": float((weight * step.rate.reindex(chosen).fillna(0.0)).sum() / total),
                "reference_rate": float((weight * reference.fillna(0.0)).sum() / total),
                "reference": str(step.label.get(source, "")) if source else "",
            }
        )
    return pd.DataFrame(rows)


def _steps(
    leads: FunnelLeads, lag: LagDistribution, counts: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp
) -> list[_Step]:
    """Recorded steps in order, each from the recorded stage before it; rates over leads old enough."""
    table = leads.table
    inside = ((table["created"] >= start) & (table["created"] < end)).to_numpy()
    old_enough = {"accepted": 0.0, "contacted": leads.promise.attempts_within_days}
    names = ["leads", *(stage for stage in _SIDES if stage == "customers" or stage in leads.recorded)]
    steps = []
    for before, after in pairwise(names):
        old = inside & (table["age_days"] >= old_enough.get(after, lag.horizon_days)).to_numpy()
        entering, passed = _count_span(leads, inside, before, after)
        base, top = _count_span(leads, old, before, after)
        rate = (top / base.where(base > 0)).reindex(entering.index)
        rates, labels = _best_rates(counts, before, after)
        reference, label = rates.reindex(rate.index), labels.reindex(rate.index)
        if after == "accepted":
            promise = leads.promise.accepted_share
            lower = ~(reference > promise)
            reference, label = (
                reference.where(~lower, promise),
                label.where(~lower, f"promise {Said(promise):.0%}"),
            )
        steps.append(_Step(after, entering, passed, rate, reference, label))
    return steps


def _count_span(
    leads: FunnelLeads, chosen: np.ndarray, before: str, after: str
) -> tuple[pd.Series, pd.Series]:
    """By source: leads that entered the step, and those that passed it."""
    table = leads.table[chosen]
    stage = table["stage"].to_numpy()
    entered = stage >= _STAGE_NUMBER[before]
    if after == "accepted":
        entered = entered & table["is_decided"].to_numpy()
    frame = pd.DataFrame({"base": entered, "top": stage >= _STAGE_NUMBER[after]}, index=table.index)
    sums = frame.astype(float).groupby(table["source"].astype(str), sort=True).sum()
    return sums["base"], sums["top"]


def _best_rates(counts: pd.DataFrame, before: str, after: str) -> tuple[pd.Series, pd.Series]:
    """Best shrunken quarterly rate of each source and the quarter it was reached in."""
    base = counts[before] - (counts["undecided"] if after == "accepted" else 0)
    rows = pd.DataFrame(
        {"source": counts["source"], "cohort": counts["cohort"], "base": base, "top": counts[after]}
    )
    rows = rows[rows["base"] > 0]
    sums = rows.groupby("source")[["base", "top"]].transform("sum")
    rows["rate"] = (rows["top"] + _PRIOR * sums["top"] / sums["base"]) / (rows["base"] + _PRIOR)
    best = rows[rows["base"] >= _FEWEST].sort_values(["source", "rate", "cohort"])
    best = best.drop_duplicates("source", keep="last").set_index("source")
    return best["rate"], "best quarter " + best["cohort"].astype(str)


def _order_sizes(leads: FunnelLeads) -> pd.Series:
    """Money per win by source, all sources together where one has none."""
    won = leads.table[leads.table["is_won"] & leads.table["value"].notna()]
    overall = float(won["value"].mean()) if len(won) else 0.0
    means = won.groupby(won["source"].astype(str))["value"].mean()
    names = sorted(leads.table["source"].astype(str).unique())
    return means.reindex(names).fillna(overall)


def _money(amount: float, currency: str) -> str:
    return f"{amount:,.0f} {currency}".strip()


def _step_rows(step: _Step, behind: list[_Step], order: pd.Series, currency: str) -> pd.DataFrame:
    through = pd.Series(1.0, index=step.rate.index)
    for later in behind:
        through = through * later.rate.reindex(through.index).fillna(0.0)
    gain = (step.reference - step.rate).clip(lower=0.0).fillna(0.0)
    rows = pd.DataFrame({"source": step.rate.index, "entering": step.entering, "rate": step.rate})
    rows["reference_rate"], rows["reference"] = step.reference, step.label
    rows["customers"] = step.entering * gain * through
    rows["value"] = rows["customers"] * order.reindex(rows.index)
    rows["side"], rows["stage"] = _SIDES[step.stage], step.stage
    rows = rows[(rows["customers"] > 1e-9) & rows["rate"].notna()]
    rows["sentence"] = [_step_sentence(row, currency) for row in rows.to_dict("records")]
    return rows.reset_index(drop=True)


def _more_customers(count: float) -> str:
    """Customers in whole numbers: nobody can count on a tenth of one.

    >>> _more_customers(30.9), _more_customers(1.2), _more_customers(0.4)
    ('about 31 more customers', 'about 1 more customer', 'less than 1 more customer')
    """
    if count < 0.5:
        return "less than 1 more customer"
    return f"about {Said(count):,.0f} more customer{'s' if round(count) != 1 else ''}"


def _step_sentence(row: dict[Any, Any], currency: str) -> str:
    label = row["reference"]
    against = label if "%" in label else f"{label} {Said(row['reference_rate']):.0%}"
    gain = f"{_more_customers(row['customers'])}, {_money(row['value'], currency)}"
    return f"{row['source']}: {Said(row['rate']):.0%} {_PASSED[row['stage']]}, {against}: {gain}."


def _speed_rows(
    leads: FunnelLeads,
    model: WinModel | None,
    start: pd.Timestamp,
    end: pd.Timestamp,
    order: pd.Series,
    currency: str,
) -> pd.DataFrame:
    """Wins to be had if every reached lead had been called within the promise, by the win model."""
    if model is None or "wait" not in model.names:
        return pd.DataFrame(columns=_COLUMNS)
    table = leads.table
    inside = (
        (table["created"] >= start) & (table["created"] < end) & table["is_accepted"] & table["is_contacted"]
    )
    chosen = table[inside & table["wait_hours"].notna()]
    wait = chosen["wait_hours"].to_numpy()
    promised = leads.promise.first_contact_hours
    slope, _ = model.coefficient("wait")
    gain = predict_wins(model, chosen, np.minimum(wait, promised)) - predict_wins(model, chosen, wait)
    frame = pd.DataFrame({"source": chosen["source"].astype(str), "gain": gain, "in_time": wait <= promised})
    groups = frame.groupby("source", sort=True)
    rows = pd.DataFrame({"entering": groups.size().astype(float), "rate": groups["in_time"].mean()})
    rows["customers"] = groups["gain"].sum() if slope < 0 else 0.0
    rows["source"], rows["reference_rate"] = rows.index, 1.0
    rows["reference"] = f"promise {promised:g} hours"
    rows["value"] = rows["customers"] * order.reindex(rows.index)
    rows["side"], rows["stage"] = "sales", "first contact"
    rows = rows[rows["customers"] > 1e-9]
    rows["sentence"] = [_speed_sentence(row, promised, currency) for row in rows.to_dict("records")]
    return rows.reset_index(drop=True)


def _speed_sentence(row: dict[Any, Any], promised: float, currency: str) -> str:
    gain = f"{_more_customers(row['customers'])}, {_money(row['value'], currency)}"
    text = f"{row['source']}: {Said(row['rate']):.0%} of reached leads called within {Said(promised):g} hours"
    return f"{text}; all of them would give {gain} (not proof of cause)."


def _brief_rows(briefs: pd.DataFrame) -> pd.DataFrame:
    """Campaigns whose brief has gaps; `side` is who must act."""
    weak = briefs[briefs["weak_points"] != ""]
    rows = pd.DataFrame({"source": weak["campaign"], "sentence": weak["sentence"]})
    marketing = weak["weak_points"].str.contains("no brief|incomplete|customers", regex=True)
    rows["side"] = np.where(marketing, "marketing", "sales")
    rows["stage"], rows["reference"] = "brief", weak["weak_points"]
    rows["entering"] = weak["leads"].astype(float)
    rows["rate"] = 1.0 - weak["before_share"].astype(float)
    rows["reference_rate"], rows["customers"], rows["value"] = 1.0, np.nan, 0.0
    return rows[_COLUMNS]
