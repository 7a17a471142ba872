"""The chart of each item on a meeting's agenda: band, evidence, funnel, bridge, or what is at stake."""

from __future__ import annotations

from typing import Any

import pandas as pd

from alignment_lib.answers.charts.claim_evidence import ClaimPicture, draw_claims, picture_claim
from alignment_lib.answers.charts.funnel_sides import draw_funnel
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.charts.odds_strip import draw_odds_strip
from alignment_lib.answers.charts.stakes import draw_stakes
from alignment_lib.answers.charts.waterfall import Step, draw_waterfall
from alignment_lib.answers.tables import list_rows
from alignment_lib.funnel.weak_points import funnel_courses
from alignment_lib.rounds.closed.meeting_facts import MeetingFacts
from alignment_lib.rounds.preparing.measured_funnel import MeasuredFunnel

__all__ = ["draw_items"]

_YEAR = pd.Timedelta(days=364)


def draw_items(facts: MeetingFacts, items: pd.DataFrame) -> dict[int, Chart]:
    """A chart for each item, by its place.

    Parameters
    ----------
    facts : MeetingFacts
        `gather_meeting`.
    items : DataFrame
        `list_agenda`.
    """
    return {int(row["place"]): _draw(facts, row, items) for row in list_rows(items)}


def _draw(facts: MeetingFacts, row: dict[str, Any], items: pd.DataFrame) -> Chart:
    name = f"m-{row['place']}"
    period = facts.look.seen.round.name
    if row["chart"] == "fan":
        title = "Plan, band and target"
        return draw_odds_strip(facts.odds, name=name, title=title, unit=facts.unit, period=period)
    if row["chart"] == "evidence":
        return _claim_chart(facts, str(row["ids"]), name)
    found = facts.look.funnel
    if row["chart"] == "funnel" and found is not None and _has_source(found, row["source"]):
        return _funnel_chart(facts, found, str(row["source"]), name)
    if row["chart"] == "bridge":
        change = facts.changes[facts.changes["assumption"] == row["ids"]].iloc[0]
        steps = [
            Step("In the last round's plan", float(change["before"]), "plan"),
            Step("Difference", float(change["after"] - change["before"]), "change"),
            Step("Now", float(change["after"]), "plan"),
        ]
        title = "The same periods in both plans"
        return draw_waterfall(steps, name=name, title=title, unit=facts.unit, period=period)
    told = _told(facts, str(row["ids"]), name)
    if told is not None:
        return told
    return draw_stakes(items, int(row["place"]), name=name, title="At stake", unit=facts.currency)


def _has_source(found: MeasuredFunnel, source: str) -> bool:
    return bool((found.leads.table["source"].astype(str) == source).any())


def _claim_chart(facts: MeetingFacts, name_of: str, name: str) -> Chart:
    claim = next(row for row in facts.live.register if row.id == name_of)
    lines = facts.live.evidence
    line = lines[lines["assumption"] == name_of].iloc[0].to_dict() | {"name": f"{claim.id} {claim.title}"}
    title = f"What is claimed, and what history supports: {claim.id} {claim.title}"
    return draw_claims([picture_claim(line)], name=name, title=title, period=facts.look.seen.round.name)


def _funnel_chart(facts: MeetingFacts, found: MeasuredFunnel, source: str, name: str) -> Chart:
    until = facts.look.seen.round.as_of
    calendar = facts.look.seen.workspace.calendar
    stages = funnel_courses(found.leads, found.lag, calendar, until - _YEAR, until, [source])
    return draw_funnel(stages, name=name, title=f"Leads of {source}", period="the last year")


def _told(facts: MeetingFacts, ids: str, name: str) -> Chart | None:
    """A chart of the first claim among the ids that has been scored."""
    claims = None if facts.look.record is None else facts.look.record.table
    wanted = [part.strip() for part in ids.split(";")]
    scored = pd.DataFrame() if claims is None else claims[claims["assumption"].isin(wanted)]
    if not len(scored):
        return None
    first = next(one for one in wanted if (scored["assumption"] == one).any())
    row = scored[scored["assumption"] == first].iloc[-1]
    picture = ClaimPicture(
        f"{first} {row['title']}",
        "",
        "%" if row["unit"] == "percent" else str(row["unit"]),
        float(row["claim_low"]),
        float(row["claim"]),
        float(row["claim_high"]),
        came_true=float(row["actual"]),
    )
    title = f"{first}: claimed, and what came true"
    return draw_claims([picture], name=name, title=title, period=str(row["round"]))
