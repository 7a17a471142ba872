"""Notebook 5: what leads are worth, what is made of them, and what the plan needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from alignment_lib.answers.charts.cohort_map import draw_cohort_map
from alignment_lib.answers.charts.funnel_sides import draw_funnel
from alignment_lib.answers.charts.line_band import draw_calibration, draw_waiting
from alignment_lib.answers.markup import Html, tag
from alignment_lib.answers.tables import Column
from alignment_lib.answers.wording import join_words, write_share
from alignment_lib.app.notebook_pages.frame import plain_table, remark, show
from alignment_lib.funnel.cohorts import conversion_by_cohort
from alignment_lib.funnel.estimates import compare_estimates, retention_needed
from alignment_lib.funnel.handling import lead_handling
from alignment_lib.funnel.quality import lead_quality
from alignment_lib.funnel.stages import STAGES, funnel_summary
from alignment_lib.funnel.weak_points import funnel_course
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.preparing.measured_funnel import (
    MeasuredFunnel,
    measure_funnel,
    repeat_sales_of,
    require_leads,
)
from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = [
    "RoundFunnel",
    "open_funnel",
    "show_briefs",
    "show_cohorts",
    "show_estimates",
    "show_funnel",
    "show_handling",
    "show_quality",
    "show_reasons",
    "show_stages",
]

_SIDES = {"leads": "marketing", "accepted": "marketing"}
_SIDES |= dict.fromkeys(("contacted", "opportunities", "customers", "repeat"), "sales")
_YEAR = pd.Timedelta(days=364)
_MISSING = "This needs a leads table; docs/bring-your-own-data.md says which columns it may have."


@dataclass(frozen=True)
class RoundFunnel:
    """A round with what was measured of its leads.

    Attributes
    ----------
    ready : PreparedRound
        The round.
    found : MeasuredFunnel or None
        None where the workspace has no leads.
    """

    ready: PreparedRound
    found: MeasuredFunnel | None


def open_funnel(ready: PreparedRound) -> RoundFunnel:
    """Measure the leads once for all cells of the notebook."""
    return RoundFunnel(ready, measure_funnel(ready))


def show_funnel(funnel: RoundFunnel) -> Html:
    """The funnel of the last year with its two sides, beside the promise or the usual rate."""
    if funnel.found is None:
        return _show_counts(funnel)
    found, until = funnel.found, funnel.ready.round.as_of
    calendar = funnel.ready.workspace.calendar
    stages = funnel_course(found.leads, found.lag, calendar, until - _YEAR, until)
    visitors = _visitors(funnel, until - _YEAR)
    if visitors > 0:
        first = pd.DataFrame([{**stages.iloc[0].to_dict(), "stage": "visitors", "count": visitors}])
        stages = pd.concat([first, stages], ignore_index=True)
    period = f"leads created in the year to {until:%Y-%m-%d}"
    chart = draw_funnel(stages, name="f-funnel", title="From visit to customer", period=period)
    said = [remark(notice.text) for notice in found.leads.notices]
    return show(chart, *said)


def _show_counts(funnel: RoundFunnel) -> Html:
    """The funnel of the last year from counts alone: no promise and no usual rate can be told."""
    counts, until = funnel.ready.workspace.tables.get("funnel"), funnel.ready.round.as_of
    if counts is None:
        return show(_MISSING)
    sums = counts.loc[counts["period"] >= until - _YEAR, [name for name in STAGES if name in counts]].sum()
    stages = pd.DataFrame({"stage": sums.index, "count": sums.to_numpy(dtype=float)})
    stages = stages[stages["count"] > 0].reset_index(drop=True)
    if stages.empty:
        return show("The funnel table counts nothing in the last year.")
    stages["side"] = [_SIDES.get(name, "") for name in stages["stage"]]
    stages["rate"] = stages["count"] / stages["count"].shift()
    stages["reference_rate"] = float("nan")
    chart = draw_funnel(stages, name="f-funnel", title="From visit to customer", period="the last year")
    return show(chart, remark("From counts alone; a leads table would add quality, handling and the lag."))


def _visitors(funnel: RoundFunnel, since: pd.Timestamp) -> float:
    counts = funnel.ready.workspace.tables.get("funnel")
    if counts is None or "visitors" not in counts:
        return 0.0
    return float(counts.loc[counts["period"] >= since, "visitors"].sum())


def show_cohorts(funnel: RoundFunnel, cohorts: int = 8) -> Html:
    """Eventual conversion by source and quarter of creation; young quarters are estimates, not failures."""
    if funnel.found is None:
        return show(_MISSING)
    found = funnel.found
    table = conversion_by_cohort(found.leads, found.lag, funnel.ready.workspace.calendar)
    last = sorted(set(table["cohort"]))[-cohorts:]
    chart = draw_cohort_map(
        table[table["cohort"].isin(last)], name="f-cohorts", title="Won in the end, by quarter of creation",
        period=f"{last[0]} to {last[-1]}",
    )  # fmt: skip
    lag = found.lag
    text = (
        f"Of the leads that are won, half are won within {lag.quantile(0.5):.0f} days and nine in ten within "
        f"{lag.quantile(0.9):.0f}; leads that had no time for it yet are not counted as lost."
    )
    return show(chart, remark(text))


def show_stages(funnel: RoundFunnel, cohorts: int = 4) -> Html:
    """How far the leads of each source came, by quarter of creation."""
    tables = funnel.ready.workspace.tables
    leads = funnel.found.leads if funnel.found else None
    if leads is None and "funnel" not in tables:
        return show(_MISSING)
    counts, spend = tables.get("funnel"), tables.get("spend")
    table, notices = funnel_summary(leads, funnel.ready.workspace.calendar, counts=counts, spend=spend)
    last = table["cohort"].unique()[-cohorts:]
    frame = table[table["cohort"].isin(last)].sort_values(["source", "cohort"], kind="stable")
    rates = [name for name in frame.columns if name.endswith("_rate") and frame[name].notna().any()]
    columns = [Column("source", "source", below="cohort"), Column("leads", "leads", "number")]
    columns += [
        Column(name, f"{name.removesuffix('_rate').replace('_', ' ')} rate", "share", decimals=0)
        for name in rates
        if name != "repeat_rate"
    ]
    columns.append(Column("customers", "customers", "number"))
    said = [remark(notice.text) for notice in notices]
    return show(plain_table(frame, "The funnel by source and quarter of creation", columns), *said)


def show_quality(funnel: RoundFunnel) -> Html:
    """Marketing's side: which leads sales accept, and what a lead of each source is worth well handled."""
    if funnel.found is None:
        return show(_MISSING)
    found, ready = funnel.found, funnel.ready
    quality = lead_quality(
        found.leads,
        found.lag,
        found.model,
        ready.workspace.calendar,
        ready.workspace.settings.plan.seed,
        spend=ready.workspace.tables.get("spend"),
    )
    frame = quality.table.sort_values("quality", ascending=False, kind="stable")
    frame = frame.assign(promise=frame["keeps_promise"].map({True: "kept", False: "not kept"}))
    columns = [
        Column("source", "source"),
        Column("leads", "leads", "number"),
        Column("accepted_share", "accepted", "share"),
        Column("promise", "promise", "mark"),
        Column("untargeted_share", "outside the audience", "share"),
        Column("quality", "worth of a lead", "share", "chance of a sale if handled as promised"),
        Column("cost_per_accepted", "cost", "number", ready.workspace.settings.business.currency, 2),
    ]
    said = [remark(notice.text) for notice in quality.notices]
    chart = None
    if len(quality.calibration):
        period = "leads kept out of the fit"
        title = "Does the estimated chance mean what it says?"
        chart = draw_calibration(quality.calibration, name="f-calibration", title=title, period=period)
        text = f"Predicted and observed shares differ by {write_share(quality.calibration_error)} on average."
        said.insert(0, remark(text))
    return show(plain_table(frame, "Lead quality by source", columns), chart, *said)


def show_reasons(funnel: RoundFunnel) -> Html:
    """Why sales turned leads away: at once, and later."""
    if funnel.found is None:
        return show(_MISSING)
    found, ready = funnel.found, funnel.ready
    quality = lead_quality(
        found.leads, found.lag, None, ready.workspace.calendar, ready.workspace.settings.plan.seed
    )
    if quality.reasons.empty:
        return show("No lead was rejected or disqualified.")
    columns = [
        Column("source", "source"),
        Column("step", "when", "mark"),
        Column("reason", "reason"),
        Column("leads", "leads", "number"),
        Column("share", "of decided leads", "share"),
    ]
    return show(plain_table(quality.reasons, "Reasons for turning leads away", columns))


def show_handling(funnel: RoundFunnel) -> Html:
    """Sales' side: how fast and how often accepted leads are called, by role."""
    if funnel.found is None:
        return show(_MISSING)
    handling = lead_handling(funnel.found.leads, funnel.found.model, funnel.ready.workspace.calendar)
    frame = handling.table.assign(
        promise=handling.table["keeps_promise"].map({True: "kept", False: "not kept"})
    )
    columns = [
        Column("handler", "role"),
        Column("accepted", "accepted leads", "number"),
        Column("contacted_share", "reached", "share"),
        Column("unworked_share", "never tried", "share"),
        Column("median_hours", "first call", "number", "median, hours", 1),
        Column("in_time_share", "in time", "share"),
        Column("promise", "promise", "mark"),
    ]
    said = [remark(notice.text) for notice in handling.notices]
    chart = None
    if len(handling.waiting):
        promise = funnel.found.leads.promise.first_contact_hours
        title = "What waiting goes with"
        chart = draw_waiting(
            handling.waiting, promise, name="f-waiting", title=title, period="an average lead"
        )
    return show(plain_table(frame, "Lead handling by role", columns), chart, *said)


def show_estimates(funnel: RoundFunnel, scenario: str = "consensus") -> Html:
    """New sales by the plan and by the leads there are; and what repeat sales ask of retention."""
    if funnel.found is None:
        return show(_MISSING)
    ready = funnel.ready
    live = LiveRound(ready)
    plan = live.evaluate(live.start_from(scenario), scenario).plan
    calendar, cycle = ready.workspace.calendar, ready.round.cycle
    table = compare_estimates(require_leads(ready, funnel.found, plan), calendar, cycle)
    unit = ready.workspace.settings.business.currency if funnel.found.is_money else ready.history.measure
    frame = table.assign(who=table["source"].replace("", "all sources"))
    columns = [
        Column("span", "quarter of the sale"),
        Column("who", "source"),
        Column("plan", "the plan counts on", "number", unit),
        Column("funnel", "the leads give", "number", unit),
        Column("gap", "gap", "number", unit, signed=True),
        Column("assumed_leads_share", "from leads to come", "share"),
    ]
    whole = table[table["source"] == ""]
    said = [f"{span}, in {unit}: {text}" for span, text in zip(whole["span"], whole["sentence"], strict=True)]
    repeat = repeat_sales_of(ready, plan)
    kept, notices = retention_needed(
        repeat, ready.workspace.tables.get("transactions"), calendar, funnel.found.leads.now, cycle
    )
    return show(
        plain_table(frame, "New sales with a lead, by plan and by funnel", columns),
        *[remark(text) for text in (*said, *kept["sentence"], *(notice.text for notice in notices))],
    )


def show_briefs(funnel: RoundFunnel) -> Html:
    """What sales knows of each campaign: agreed, read, regular customers told."""
    if funnel.found is None or funnel.found.briefs.empty:
        return show(
            "There is no campaign and no brief to show; a briefs table would say what sales must know."
        )
    frame = funnel.found.briefs
    columns = [
        Column("campaign", "campaign", below="assumption"),
        Column("start", "starts", "date"),
        Column("status", "brief", "mark"),
        Column("weak_points", "what is missing"),
        Column("leads", "leads", "number"),
        Column("before_share", "handled before it was read", "share"),
        Column("call_quality_before", "talk before", "number", "score", 2),
        Column("call_quality_after", "talk after", "number", "score", 2),
        Column("win_difference", "won before less after", "share", signed=True),
    ]
    pages = [_brief_page(row) for row in frame.to_dict("records") if row["audience"] or row["offer"]]
    missing = frame.loc[frame["status"] == "no brief", "campaign"].astype(str).tolist()
    said = remark(f"Without a brief: {join_words(missing)}.") if missing else None
    return show(plain_table(frame, "Campaign briefs", columns), said, *pages)


def _brief_page(row: dict[Any, Any]) -> Html:
    """One brief as the sales floor reads it, closed until asked for."""
    words = {"audience": "For", "aim": "Aim", "offer": "Offer", "conditions": "Conditions"}
    lines = [tag("p", f"{title}: {row[name]}") for name, title in words.items() if row[name]]
    talk = tag("p", f"Talking points: {row['script']}") if row["script"] else None
    agreed = f"Agreed by {row['agreed_by']}" if row["is_agreed"] else "Not agreed by sales"
    if row["sales_comment"]:
        agreed += f". Sales says: {row['sales_comment']}"
    return tag("details", tag("summary", f"Brief: {row['campaign']}"), *lines, talk, tag("p", f"{agreed}."))
