"""Weak-point map: every step x source x side that fell below its usual rate or promise, with its worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.funnel.cohorts import LagDistribution
from alignment_lib.funnel.leads import FunnelLeads, label_periods
from alignment_lib.funnel.usual_rates import LONGEST, find_falls, smallest_fall
from alignment_lib.funnel.win_model import WinModel, predict_wins
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.written_numbers import Said

__all__ = ["WEAK_POINT_COLUMNS", "funnel_courses", "say_nothing_stands_out", "weak_points"]

_SIDES = {"accepted": "marketing", "contacted": "sales", "opportunities": "sales", "customers": "sales"}
_PASSED = {
    "accepted": "accepted",
    "contacted": "reached",
    "opportunities": "turned into opportunities",
    "customers": "won",
}
_STAGE_NUMBER = {"leads": 0, "accepted": 1, "contacted": 2, "opportunities": 3, "customers": 4}
_Z80 = 1.2815516
_SURE = 1.645
"""Standard errors by which waiting must cost wins before waits are a weak point."""
WEAK_POINT_COLUMNS = [
    *("side", "stage", "source", "entering", "rate", "reference_rate", "reference_error", "reference"),
    *("customers", "customers_low", "customers_high", "value", "value_low", "value_high", "sentence"),
]
"""Columns of the weak points, whatever they are measured on."""


@dataclass(frozen=True)
class _Step:
    """One step of the funnel by source: counts of the span, its present rate, and what stands out of it."""

    stage: str
    entering: pd.Series
    passed: pd.Series
    rate: pd.Series
    falls: pd.DataFrame

    @property
    def reference(self) -> pd.Series:
        """The usual rate or the promise by source."""
        return self.falls["reference_rate"].reindex(self.rate.index)

    @property
    def label(self) -> pd.Series:
        """Which of the two it is, in words."""
        pairs = zip(self.falls["is_promise"], self.falls["reference_rate"], strict=True)
        texts = [f"promise {Said(rate):.0%}" if agreed else "usual rate" for agreed, rate in pairs]
        return pd.Series(texts, index=self.falls.index, dtype=object)


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
    """What each step would give at its usual rate or its promise, where it fell below by more than chance.

    Of leads created from `start` up to but not including `end` the last quarters are set against what is
    usual for the source, or for acceptance against the promise where that is higher (`find_falls`); only
    what stands out is there. Customers to be had = leads that entered the step in the quarters of the fall
    x the expected shortfall of the true rate x the present rates of the steps behind it, with an 80 %
    range; value = that times the source's money per win. Speed is valued by the win model, where waiting
    costs wins beyond doubt: reached leads called later than promised, as if called at the promise.

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
        customers, brief``), ``source, entering, rate, reference_rate, reference_error, reference, customers,
        customers_low, customers_high, value, value_low, value_high, sentence``, largest first; empty where
        nothing stands out (`say_nothing_stands_out`).
    """
    leads = leads.whole
    order = _order_sizes(leads)
    steps = _steps(leads, lag, calendar, start, end)
    parts = [_step_rows(step, steps[number + 1 :], order, currency) for number, step in enumerate(steps)]
    parts.append(_speed_rows(leads, model, start, end, order, currency))
    if briefs is not None:
        parts.append(_brief_rows(briefs))
    kept = [part for part in parts if len(part)]
    if not kept:
        return pd.DataFrame(columns=WEAK_POINT_COLUMNS)
    table = pd.concat(kept, ignore_index=True)[WEAK_POINT_COLUMNS]
    return table.sort_values(["value", "side", "stage", "source"], ascending=[False, True, True, True],
                             ignore_index=True)  # fmt: skip


def funnel_courses(
    leads: FunnelLeads,
    lag: LagDistribution,
    calendar: Calendar,
    start: pd.Timestamp,
    end: pd.Timestamp,
    sources: Sequence[str] = ("",),
) -> pd.DataFrame:
    """The funnel of leads created in a span, stage by stage, beside its references.

    Parameters
    ----------
    sources : sequence of str
        Whose funnels; blank for all together, references then weighted by the leads that enter.

    Returns
    -------
    DataFrame
        ``stage, count, side, rate, reference_rate, reference, source``; the first stage has no rate. Rates
        are of leads old enough for the step, as in `weak_points`.
    """
    steps = _steps(leads.whole, lag, calendar, start, end)
    created = leads.table["created"]
    inside = leads.table.loc[(created >= start) & (created < end), "source"]
    counts = {**inside.value_counts(), "": len(inside)}
    parts = [_course(steps, source, float(counts.get(source, 0))) for source in sources]
    return pd.concat(parts, ignore_index=True)


def _course(steps: Sequence[_Step], source: str, count: float) -> pd.DataFrame:
    nothing = {"side": "", "rate": np.nan, "reference_rate": np.nan, "reference": ""}
    rows: list[dict[str, Any]] = [{"stage": "leads", "count": count, **nothing}]
    for step in steps:
        chosen = [source] if source else list(step.rate.index)
        weight = step.entering.reindex(chosen).where(step.rate.reindex(chosen).notna(), 0.0).fillna(0.0)
        total = max(float(weight.sum()), 1e-300)
        own = step.rate.reindex(chosen).astype(float)
        reference = step.reference.reindex(chosen).astype(float).fillna(own)
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
    return pd.DataFrame(rows).assign(source=source)


def say_nothing_stands_out(
    leads: FunnelLeads, lag: LagDistribution, calendar: Calendar, start: pd.Timestamp, end: pd.Timestamp
) -> str:
    """That nothing stands out, and how large a fall the leads of a quarter would have shown."""
    text = (
        "Nothing stands out: no step of any source fell below its usual rate or promise by more than chance."
    )
    steps = _steps(leads.whole, lag, calendar, start, end)
    sizes = [
        (step.stage, float(step.entering.sum()) / LONGEST, float(step.passed.sum() / step.entering.sum()))
        for step in steps
        if step.entering.sum() > 0
    ]
    if not sizes:
        return text
    shown = [
        f"{100 * smallest_fall(count, rate):.0f} of {_PASSED[stage]} with {count:,.0f}"
        for stage, count, rate in sizes
    ]
    return (
        f"{text} Four times in five it would show, in percentage points a quarter: {', '.join(shown)} leads."
    )


def _steps(
    leads: FunnelLeads, lag: LagDistribution, calendar: Calendar, start: pd.Timestamp, end: pd.Timestamp
) -> list[_Step]:
    """Recorded steps in order, each from the recorded stage before it; rates over leads old enough."""
    table = leads.table
    before_end = (table["created"] < end).to_numpy()
    inside = before_end & (table["created"] >= start).to_numpy()
    old_enough = {"accepted": 0.0, "contacted": leads.promise.attempts_within_days}
    names = ["leads", *(stage for stage in _SIDES if stage == "customers" or stage in leads.recorded)]
    cohort = pd.Series(label_periods(table["created"], calendar, "quarter"), index=table.index).astype(object)
    latest = min(len(set(cohort[inside])), LONGEST)
    steps = []
    for before, after in pairwise(names):
        old = (table["age_days"] >= old_enough.get(after, lag.horizon_days)).to_numpy()
        entering, passed = _count_span(leads, inside, before, after)
        base, top = _count_span(leads, inside & old, before, after)
        rate = (top / base.where(base > 0)).reindex(entering.index)
        counts = _count_cohorts(leads, before_end & old, cohort, before, after)
        # A source without leads of the last quarter old enough is judged by the quarters it has.
        counts = counts[counts["source"].isin(entering.index[entering > 0])]
        promise = leads.promise.accepted_share if after == "accepted" else float("nan")
        falls = find_falls(counts, latest, promise).set_index("source")
        steps.append(_Step(after, entering, passed, rate, falls))
    return steps


def _count_cohorts(
    leads: FunnelLeads, chosen: np.ndarray, cohort: pd.Series, before: str, after: str
) -> pd.DataFrame:
    """``source, cohort, base, passed``: who entered the step and who passed it, by quarter of creation."""
    frame = _entered(leads.table[chosen], before, after).assign(cohort=cohort[chosen])
    return frame.groupby(["source", "cohort"], sort=True)[["base", "passed"]].sum().reset_index()


def _count_span(
    leads: FunnelLeads, chosen: np.ndarray, before: str, after: str
) -> tuple[pd.Series, pd.Series]:
    """By source: leads that entered the step, and those that passed it."""
    sums = _entered(leads.table[chosen], before, after).groupby("source", sort=True)[["base", "passed"]].sum()
    return sums["base"], sums["passed"]


def _entered(table: pd.DataFrame, before: str, after: str) -> pd.DataFrame:
    """``source, base, passed`` of each lead: whether it entered the step, and whether it passed it."""
    stage = table["stage"].to_numpy()
    entered = stage >= _STAGE_NUMBER[before]
    if after == "accepted":
        entered = entered & table["is_decided"].to_numpy()
    flags = {"base": entered.astype(float), "passed": (stage >= _STAGE_NUMBER[after]).astype(float)}
    return pd.DataFrame(flags, index=table.index).assign(source=table["source"].astype(str))


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
    rows = step.falls[step.falls["is_named"].astype(bool)].copy()
    through = pd.Series(1.0, index=rows.index)
    for later in behind:
        through = through * later.rate.reindex(rows.index).fillna(0.0)
    rows["source"], rows["reference"] = rows.index, step.label.reindex(rows.index)
    for name, gap in (("", "gap"), ("_low", "gap_low"), ("_high", "gap_high")):
        rows[f"customers{name}"] = rows["entering"] * rows[gap] * through
        rows[f"value{name}"] = rows[f"customers{name}"] * order.reindex(rows.index)
    rows["side"], rows["stage"] = _SIDES[step.stage], step.stage
    rows = rows[rows["customers"] > 1e-9]
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
    against = row["reference"]
    if not row["is_promise"]:
        error = f"{Said(100 * row['reference_error']):.1f} percentage points"
        against = f"usually {Said(row['reference_rate']):.0%} (give or take {error})"
    rate = f"{Said(row['rate']):.0%} {_PASSED[row['stage']]} of the leads since {row['since']}"
    return f"{row['source']}: {rate}, {against}: {_gain(row, currency)}."


def _gain(row: dict[Any, Any], currency: str) -> str:
    low, high = (Said(row[f"customers{end}"]) for end in ("_low", "_high"))
    worth = _money(row["value"], currency)
    return f"{_more_customers(row['customers'])} ({low:,.0f} to {high:,.0f}), {worth}"


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
        return pd.DataFrame(columns=WEAK_POINT_COLUMNS)
    table = leads.table
    inside = (
        (table["created"] >= start) & (table["created"] < end) & table["is_accepted"] & table["is_contacted"]
    )
    chosen = table[inside & table["wait_hours"].notna()]
    wait = chosen["wait_hours"].to_numpy()
    promised = leads.promise.first_contact_hours
    slope, error = model.coefficient("wait")
    gain = predict_wins(model, chosen, np.minimum(wait, promised)) - predict_wins(model, chosen, wait)
    frame = pd.DataFrame({"source": chosen["source"].astype(str), "gain": gain, "in_time": wait <= promised})
    groups = frame.groupby("source", sort=True)
    rows = pd.DataFrame({"entering": groups.size().astype(float), "rate": groups["in_time"].mean()})
    # The gain follows the slope nearly in proportion, and the slope is one for all sources.
    rows["customers"] = groups["gain"].sum() if slope < -_SURE * error else 0.0
    for name, sign in (("_low", 1.0), ("_high", -1.0)):
        rows[f"customers{name}"] = rows["customers"] * max(1.0 + sign * _Z80 * error / slope, 0.0)
    rows["source"], rows["reference_rate"] = rows.index, 1.0
    rows["reference"], rows["reference_error"] = f"promise {promised:g} hours", 0.0
    for name in ("", "_low", "_high"):
        rows[f"value{name}"] = rows[f"customers{name}"] * order.reindex(rows.index)
    rows["side"], rows["stage"] = "sales", "first contact"
    rows = rows[rows["customers"] > 1e-9]
    rows["sentence"] = [_speed_sentence(row, promised, currency) for row in rows.to_dict("records")]
    return rows.reset_index(drop=True)


def _speed_sentence(row: dict[Any, Any], promised: float, currency: str) -> str:
    text = f"{row['source']}: {Said(row['rate']):.0%} of reached leads called within {Said(promised):g} hours"
    return f"{text}; all of them would give {_gain(row, currency)} (not proof of cause)."


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
    return rows.reindex(columns=WEAK_POINT_COLUMNS)
