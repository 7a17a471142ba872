"""Notebook 5: what leads are worth, what is made of them, and what the plan needs."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from alignment_lib.app.explorer.recompute import LiveRound
from alignment_lib.app.measured_funnel import (
    MeasuredFunnel,
    measure_funnel,
    require_leads,
    sum_requirements,
)
from alignment_lib.app.notebook_pages.frame import plain_table, remark, show
from alignment_lib.app.prepared_round import PreparedRound
from alignment_lib.funnel.handling import lead_handling
from alignment_lib.funnel.quality import lead_quality
from alignment_lib.funnel.stages import funnel_summary
from alignment_lib.funnel.weak_points import weak_points
from alignment_lib.publishing.charts.required_bars import draw_required_bars
from alignment_lib.publishing.markup import Html
from alignment_lib.publishing.tables import Column
from alignment_lib.publishing.wording import join_words

__all__ = [
    "RoundFunnel",
    "open_funnel",
    "show_briefs",
    "show_handling",
    "show_quality",
    "show_requirements",
    "show_stages",
    "show_weak_points",
]

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
    return show(plain_table(frame, "Lead quality by source", columns), *said)


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
    return show(plain_table(frame, "Lead handling by role", columns), *said)


def show_requirements(funnel: RoundFunnel, scenario: str = "consensus") -> Html:
    """Leads that the plan's new sales need, month by month, against those to be expected and capacity."""
    if funnel.found is None:
        return show(_MISSING)
    live = LiveRound(funnel.ready)
    plan = live.evaluate(live.start_from(scenario), scenario).plan
    needs = require_leads(funnel.ready, funnel.found, plan)
    table = sum_requirements(needs, funnel.ready.workspace.calendar)
    if table.empty:
        return show(*[notice.text for notice in needs.notices])
    chart = draw_required_bars(
        table, name="f-required", title="Accepted leads the plan needs", unit="accepted leads"
    )
    whole = needs.wide[(needs.wide["source"] == "") & (needs.wide["sentence"] != "")]
    whole = whole[~whole["is_past"].astype(bool)]
    sentences = list(dict.fromkeys(whole["sentence"]))[:5]
    columns = [
        Column("label", "month of creation"),
        Column("leads", "leads required", "number"),
        Column("required", "accepted required", "number"),
        Column("available", "accepted to be expected", "number"),
        Column("capacity", "can be handled", "number"),
    ]
    caption = "Leads required, to be expected and to be handled"
    return show(chart, plain_table(table, caption, columns), *[remark(text) for text in sentences])


def show_weak_points(funnel: RoundFunnel, most: int = 10) -> Html:
    """What each step would give at its own best quarter or its promise, over the last year's leads."""
    if funnel.found is None:
        return show(_MISSING)
    found, until = funnel.found, funnel.ready.round.as_of
    calendar = funnel.ready.workspace.calendar
    frame = weak_points(found.leads, found.lag, found.model, calendar, until - _YEAR, until, found.briefs)
    if frame.empty:
        return show("No step stands below its own best quarter or its promise.")
    columns = [
        Column("side", "side"),
        Column("stage", "step"),
        Column("source", "source"),
        Column("customers", "customers to be had", "number", "a year", 1),
        Column("value", "worth", "number", funnel.ready.workspace.settings.business.currency),
        Column("sentence", "in words"),
    ]
    left = len(frame) - most
    note = f"{left} smaller ones are not listed." if left > 0 else ""
    return show(plain_table(frame.head(most), "Weak points, the largest first", columns, note))


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
        Column("sentence", "in words"),
    ]
    missing = frame.loc[frame["status"] == "no brief", "campaign"].astype(str).tolist()
    said = remark(f"Without a brief: {join_words(missing)}.") if missing else None
    return show(plain_table(frame, "Campaign briefs", columns), said)
