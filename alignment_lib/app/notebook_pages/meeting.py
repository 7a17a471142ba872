"""Notebook 7: the agenda by money, the questions to decide, and the sheet for the decisions."""

from __future__ import annotations

import pandas as pd

from alignment_lib.app.explorer.recompute import Figures, LiveRound
from alignment_lib.app.notebook_pages.frame import plain_table, remark, show
from alignment_lib.app.notebook_pages.funnel import RoundFunnel
from alignment_lib.app.prepared_round import PreparedRound
from alignment_lib.funnel.weak_points import weak_points
from alignment_lib.publishing.markup import Html, tag
from alignment_lib.publishing.tables import Column
from alignment_lib.publishing.wording import write_date
from alignment_lib.review.meeting import HOUSE_RULES, decision_sheet, meeting_agenda
from alignment_lib.review.workgroups import workgroup_status

__all__ = ["show_agenda", "show_decisions", "show_rules", "show_workgroups"]

_YEAR = pd.Timedelta(days=364)


def show_agenda(funnel: RoundFunnel, minutes: int = 90) -> Html:
    """Items by the money that hangs on them, each with its question and the options in numbers."""
    ready = funnel.ready
    live = LiveRound(ready)
    proposed = live.evaluate(live.start_from("as_proposed"), "as_proposed")
    price = proposed.revenue / proposed.total if proposed.total > 0 else float("nan")
    price = price if price == price else 1.0
    agenda, notices = meeting_agenda(
        gaps=_gaps(live, price),
        contested=_contested(live, proposed, price),
        weak_points=_weak(funnel),
        decisions=ready.workspace.tables.get("decisions"),
        as_of=ready.round.as_of,
        minutes=minutes,
    )
    columns = [
        Column("place", "no.", "number"),
        Column("title", "item", below="topic"),
        Column("money", "at stake", "number", ready.workspace.settings.business.currency),
        Column("question", "question"),
        Column("options", "options"),
        Column("minutes", "minutes", "number"),
        Column("owner", "owner"),
    ]
    said = [remark(notice.text) for notice in notices]
    return show(plain_table(agenda, f"Agenda for {ready.round.name}, {minutes} minutes", columns), *said)


def show_rules() -> Html:
    """The rules of the house, read out by the moderator at the opening."""
    return show(tag("ul", *(tag("li", str(rule)) for rule in HOUSE_RULES)))


def show_decisions(ready: PreparedRound) -> Html:
    """Earlier decisions with what became of them, then empty rows to fill in."""
    sheet = decision_sheet(ready.workspace.tables.get("decisions"), ready.round.name, ready.round.as_of)
    sheet = sheet.assign(due=[write_date(day) if pd.notna(day) else "" for day in sheet["due"]])
    columns = [
        Column("decision", "no.", below="round"),
        Column("text", "decision"),
        Column("owner", "owner"),
        Column("due", "due"),
        Column("state", "state", "mark"),
        Column("outcome", "what came of it"),
    ]
    return show(plain_table(sheet, "Decisions", columns))


def show_workgroups(ready: PreparedRound) -> Html:
    """Working groups of both functions, with the light their own figure gives them."""
    groups = ready.workspace.table("workgroups")
    if groups.empty:
        return show(
            "There is no working group. Propose one where the review shows the same weak point twice."
        )
    values = pd.DataFrame({"group": [], "date": pd.to_datetime([]), "value": []})
    status, notices = workgroup_status(groups, values, ready.round.as_of)
    columns = [
        Column("group", "group"),
        Column("light", "light", "mark"),
        Column("checklist", "stages"),
        Column("sentence", "in words"),
    ]
    return show(plain_table(status, "Working groups", columns), *[remark(notice.text) for notice in notices])


def _gaps(live: LiveRound, price: float) -> pd.DataFrame | None:
    if live.target != live.target:
        return None
    figures = live.evaluate(live.start_from("consensus"), "consensus")
    odds = live.simulate(figures).round
    line = {key: odds[key] for key in ("p10", "p50", "p90", "target", "probability")}
    extra = {"span": live.ready.round.cycle, "start": live.ready.round.start, "plan": figures.total}
    return pd.DataFrame([{**line, **extra, "level": "all sales", "money_per_unit": price}])


def _contested(live: LiveRound, proposed: Figures, price: float) -> pd.DataFrame | None:
    """Claims that history contradicts or that one side has not accepted, with the money they stand for."""
    effects = dict(proposed.effects)
    evidence = {str(line["assumption"]): line for line in live.evidence.to_dict("records")}
    lines = []
    for row in live.register:
        verdict = str(evidence[row.id]["verdict"])
        waits = row.status == "proposed"
        if row.id not in effects or not (waits or verdict in ("optimistic", "pessimistic")):
            continue
        supported = float(evidence[row.id]["supported"])
        claimed = effects[row.id] * price
        share = supported / row.expected if row.expected and supported == supported else float("nan")
        lines.append(
            {
                "assumption": row.id,
                "title": row.title,
                "owner": row.owner,
                "verdict": verdict,
                "claim": row.expected,
                "supported": supported,
                "unit": row.unit,
                "money_claimed": claimed,
                "money_supported": claimed * share,
            }
        )
    return pd.DataFrame(lines) if lines else None


def _weak(funnel: RoundFunnel) -> pd.DataFrame | None:
    if funnel.found is None:
        return None
    found, until = funnel.found, funnel.ready.round.as_of
    calendar = funnel.ready.workspace.calendar
    return weak_points(found.leads, found.lag, found.model, calendar, until - _YEAR, until, found.briefs)
