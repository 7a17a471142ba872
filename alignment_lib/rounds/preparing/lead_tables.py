"""What the leads of a workspace say, as the tables a round publishes."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from alignment_lib.funnel.cohorts import conversion_by_cohort
from alignment_lib.funnel.estimates import compare_estimates, retention_needed
from alignment_lib.funnel.handling import lead_handling
from alignment_lib.funnel.quality import lead_quality
from alignment_lib.funnel.requirements import Requirements
from alignment_lib.funnel.stages import STAGES, funnel_summary
from alignment_lib.funnel.weak_points import funnel_courses
from alignment_lib.inputs.problems import Notice
from alignment_lib.planning.plan.plan import Plan
from alignment_lib.rounds.preparing.known_round import KnownRound
from alignment_lib.rounds.preparing.measured_funnel import MeasuredFunnel, repeat_sales_of
from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = ["FUNNEL_TABLES", "LEAD_TABLES", "funnel_tables", "lead_tables"]

LEAD_TABLES = (
    *("lead_course", "lead_stages", "lead_cohorts", "lead_quality", "lead_calibration", "lead_reasons"),
    *("lead_handling", "lead_waiting", "lead_notes", "briefs"),
)
FUNNEL_TABLES = ("funnel_gap", "retention")
_YEAR = pd.Timedelta(days=364)
_SIDES = {"leads": "marketing", "accepted": "marketing"}
_SIDES |= dict.fromkeys(("contacted", "opportunities", "customers", "repeat"), "sales")
_KEPT = {True: "kept", False: "not kept"}


def lead_tables(ready: KnownRound, found: MeasuredFunnel | None) -> dict[str, pd.DataFrame]:
    """The tables of `LEAD_TABLES`, as far as leads or counts of the funnel are given.

    ``lead_notes`` (``question, text``) says what must be known beside: what was assumed, what is no proof.
    """
    workspace, until = ready.workspace, ready.round.as_of
    counts, spend = workspace.tables.get("funnel"), workspace.tables.get("spend")
    if found is None and counts is None:
        return {}
    leads = found.leads if found else None
    stages, notices = funnel_summary(leads, workspace.calendar, counts=counts, spend=spend)
    notes = _notes("lead_cohorts", notices)
    if found is None:
        known = {"lead_course": _course_of_counts(counts, until), "lead_stages": stages}
        return known | {"lead_notes": pd.DataFrame(notes, columns=["question", "text"])}
    seed, calendar = workspace.settings.plan.seed, workspace.calendar
    quality = lead_quality(found.leads, found.lag, found.model, calendar, seed, spend=spend)
    # By source: who handles leads is written nowhere, even where a name stands for a role.
    handling = lead_handling(found.leads, found.model, calendar, by=("source",))
    told = _with_promise(handling.table)
    busiest = told.sort_values("accepted", ascending=False, kind="stable", ignore_index=True)
    notes += [("lead_lag", _say_lag(found))]
    notes += _notes("lead_funnel", found.leads.notices) + _notes("lead_quality", quality.notices)
    notes += _notes("lead_handling", handling.notices)
    return {
        "lead_course": _courses(found, ready, counts),
        "lead_stages": stages,
        "lead_cohorts": conversion_by_cohort(found.leads, found.lag, calendar),
        "lead_quality": _with_promise(quality.table),
        "lead_calibration": quality.calibration,
        "lead_reasons": quality.reasons,
        "lead_handling": busiest,
        "lead_waiting": handling.waiting.assign(promise_hours=found.leads.promise.first_contact_hours),
        "lead_notes": pd.DataFrame(notes, columns=["question", "text"]),
        "briefs": found.briefs,
    }


def funnel_tables(
    ready: PreparedRound, found: MeasuredFunnel, plan: Plan, needs: Requirements
) -> dict[str, pd.DataFrame]:
    """The tables of `FUNNEL_TABLES`: a plan's new sales beside the leads, repeat sales beside customers."""
    calendar, cycle = ready.workspace.calendar, ready.round.cycle
    gap = compare_estimates(needs, calendar, cycle)
    unit = ready.workspace.settings.business.currency if found.is_money else ready.history.measure
    sold = ready.workspace.tables.get("transactions")
    kept, notices = retention_needed(repeat_sales_of(ready, plan), sold, calendar, found.leads.now, cycle)
    if kept.empty:
        kept = pd.DataFrame({"span": "", "sentence": [notice.text for notice in notices]})
    return {"funnel_gap": gap.assign(unit=unit), "retention": kept}


def _notes(question: str, notices: Iterable[Notice]) -> list[tuple[str, str]]:
    return [(question, notice.text) for notice in dict.fromkeys(notices)]


def _say_lag(found: MeasuredFunnel) -> str:
    if not found.lag.won:
        return "No lead has been won yet."
    half, most = (found.lag.quantile(share) for share in (0.5, 0.9))
    return (
        f"Of the leads that are won, half are won within {half:.0f} days and nine in ten within {most:.0f}; "
        "leads that had no time for it yet are not counted as lost."
    )


def _with_promise(table: pd.DataFrame) -> pd.DataFrame:
    """Whether the promise is kept, in a word; blank where it cannot be told."""
    return table.assign(keeps_promise=[_KEPT.get(value, "") for value in table.get("keeps_promise", [])])


def _courses(found: MeasuredFunnel, ready: KnownRound, counts: pd.DataFrame | None) -> pd.DataFrame:
    """The funnel of the last year, of all sources (blank) and of each; visitors first where counted."""
    calendar, until = ready.workspace.calendar, ready.round.as_of
    inside = found.leads.table["created"].between(until - _YEAR, until, inclusive="left")
    sources = ["", *sorted(found.leads.table.loc[inside, "source"].astype(str).unique())]
    courses = funnel_courses(found.leads, found.lag, calendar, until - _YEAR, until, sources)
    seen = pd.Series(dtype=float) if counts is None else _counted(counts, until)
    if "visitors" not in seen:
        return courses
    first = {**courses.iloc[0].to_dict(), "stage": "visitors", "count": float(seen["visitors"])}
    return pd.concat([pd.DataFrame([first]), courses], ignore_index=True)


def _course_of_counts(counts: pd.DataFrame | None, until: pd.Timestamp) -> pd.DataFrame:
    """The funnel of the last year from counts alone: no promise and no usual rate can be told."""
    seen = pd.Series(dtype=float) if counts is None else _counted(counts, until)
    course = pd.DataFrame({"stage": seen.index, "count": seen.to_numpy(dtype=float)})
    side, rate = course["stage"].map(_SIDES).fillna(""), course["count"] / course["count"].shift()
    return course.assign(side=side, rate=rate, reference_rate=float("nan"), reference="", source="")


def _counted(counts: pd.DataFrame, until: pd.Timestamp) -> pd.Series:
    """Counts of the last year by stage, those above zero."""
    inside = counts["period"] >= until - _YEAR
    sums = counts.loc[inside, [name for name in STAGES if name in counts]].sum()
    return sums[sums > 0]
