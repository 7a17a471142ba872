"""Use case: the meeting pack of a round, from its plan, its review and what was decided before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.answers.charts.claim_evidence import ClaimPicture, draw_claims, picture_claim
from alignment_lib.answers.charts.funnel_sides import draw_funnel
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.charts.odds_strip import draw_odds_strip
from alignment_lib.answers.charts.stakes import draw_stakes
from alignment_lib.answers.charts.waterfall import Step, draw_waterfall
from alignment_lib.answers.claims.coverage import cover
from alignment_lib.answers.claims.next_tests import say_test
from alignment_lib.answers.markup import Html
from alignment_lib.funnel.weak_points import funnel_course
from alignment_lib.inputs.periods.round_days import round_title
from alignment_lib.planning.plan.plan import Plan, plan_revenue
from alignment_lib.publishing.meeting_pack import MeetingPack
from alignment_lib.review.agenda import meeting_agenda
from alignment_lib.review.closed_story import say_reconciled
from alignment_lib.review.meeting import HOUSE_RULES, decision_sheet, what_became
from alignment_lib.rounds.closed.look_back import LookBack
from alignment_lib.rounds.closed.plan_changes import changes_since
from alignment_lib.rounds.closed.review_tables import Groups, follow_groups, list_weak_points
from alignment_lib.rounds.live.choices import Choices, set_value, switch
from alignment_lib.rounds.live.consequences import consequences
from alignment_lib.rounds.live.figures import Figures
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.live.next_tests import next_tests
from alignment_lib.rounds.preparing.measured_funnel import MeasuredFunnel
from alignment_lib.rounds.preparing.prepared_round import PreparedRound, cover_factors

__all__ = ["prepare_meeting"]

_YEAR = pd.Timedelta(days=364)
_MATERIAL = 0.001
_CALENDAR = "driver:*"
_PROPOSED, _CONSENSUS = "as_proposed", "consensus"


@dataclass(frozen=True)
class _Facts:
    """What the agenda and its charts are drawn from."""

    live: LiveRound
    look: LookBack
    proposed: Figures
    agreed: Figures
    odds: dict[str, float]
    price: float
    changes: pd.DataFrame

    @property
    def unit(self) -> str:
        return self.look.seen.history.measure

    @property
    def currency(self) -> str:
        return self.look.seen.workspace.settings.business.currency


def prepare_meeting(
    ready: PreparedRound, look: LookBack, minutes: int = 90, most: int = 10, groups: Groups | None = None
) -> MeetingPack:
    """The pack of the round's planning meeting.

    Parameters
    ----------
    ready : PreparedRound
        The round to be decided on.
    look : LookBack
        What the round before it came to.
    minutes, most : int
        Length of the meeting, and the most items on its agenda.
    groups : Groups, optional
        Where they have been followed already.
    """
    facts = _gather(ready, look)
    workspace, planned = ready.workspace, ready.round
    decisions = workspace.tables.get("decisions")
    agenda, notices = meeting_agenda(
        gaps=_gaps(facts),
        contested=_contested(facts),
        weak_points=list_weak_points(look),
        decisions=decisions,
        changes=facts.changes,
        as_of=planned.as_of,
        minutes=minutes,
        most=most,
        currency=facts.currency,
        consequences=consequences(facts.live),
        span=planned.name,
        unit=facts.currency if facts.unit == "revenue" else facts.unit,
        year_share=len(planned.cycle_periods) / workspace.calendar.season,
        tests=_tests(facts),
    )
    groups = groups or follow_groups(look)
    sheet = decision_sheet(decisions, planned.name, planned.as_of)
    claims = None if look.record is None else look.record.table
    return MeetingPack(
        business=workspace.settings.business.name,
        unit=workspace.name,
        round=planned.name,
        currency=facts.currency,
        as_of=planned.as_of,
        minutes=minutes,
        agenda=agenda,
        charts={int(row["place"]): _chart(facts, row, agenda) for row in agenda.to_dict("records")},
        rules=HOUSE_RULES,
        decisions=sheet.assign(became=what_became(sheet, claims, planned.as_of)),
        groups=groups.status,
        proposed=groups.proposed,
        notices=(*_closed_round(look), *(notice.sentence for notice in (*notices, *groups.notices))),
        factors=_factors(facts, ready),
        title=round_title(workspace.calendar, planned.name),
    )


def _tests(facts: _Facts) -> dict[str, str]:
    """By id of a disputed claim, the test that could settle it."""
    grain = facts.look.seen.workspace.calendar.grain
    return {str(row["assumption"]): say_test(row, grain) for row in next_tests(facts.live).to_dict("records")}


def _closed_round(look: LookBack) -> list[str]:
    """The closed round against its plan, in the words of the look back."""
    planned = next((one for one in look.variances if one.reference_name == "plan"), None)
    story = "" if planned is None else say_reconciled(planned.table, look.unit)
    return [f"{look.label} against its plan. {story}"] if story else []


def _factors(facts: _Facts, ready: PreparedRound) -> Html:
    """The six factors: what nobody has spoken to is a question for the meeting."""
    table = cover_factors(ready, facts.proposed.plan, facts.live.evidence)
    unit, currency = (facts.currency, "") if facts.unit == "revenue" else (facts.unit, facts.currency)
    return cover(table, unit, currency).to_html(("sentence", "table"))


def _gather(ready: PreparedRound, look: LookBack) -> _Facts:
    live = LiveRound(ready)
    proposed = live.evaluate(live.start_from(_PROPOSED), _PROPOSED)
    agreed = live.evaluate(live.start_from(_CONSENSUS), _CONSENSUS)
    price = proposed.revenue / proposed.total if proposed.total > 0 else float("nan")
    known = price if price == price and ready.history.measure == "units" else 1.0
    odds = dict(live.simulate(agreed).round) | {"plan": agreed.total}
    return _Facts(live, look, proposed, agreed, odds, known, _changes(ready, look, agreed.plan))


def _gaps(facts: _Facts) -> pd.DataFrame | None:
    target = facts.odds.get("target", float("nan"))
    if target != target:
        return None
    planned = facts.look.seen.round
    row = {"span": planned.cycle, "start": planned.start, "level": "all sales", "unit": facts.unit}
    return pd.DataFrame([{**facts.odds, **row, "money_short": _money_short(facts)}])


def _money_short(facts: _Facts) -> float:
    """What the plan is short of a target in money; NaN where none stands for the round and all sales."""
    if facts.unit == "revenue":
        return facts.odds["target"] - facts.agreed.total
    table = facts.look.seen.workspace.tables.get("targets")
    if table is None or "measure" not in table:
        return float("nan")
    named = [name for name in facts.live.ready.dimensions if name in table]
    whole = (table["round"].astype(str) == facts.look.seen.round.name) & (table["measure"] == "revenue")
    whole &= (table[named].fillna("").astype(str) == "").all(axis=1)
    found = table.loc[whole, "target"]
    return float(found.iloc[0]) - facts.agreed.revenue if len(found) else float("nan")


def _contested(facts: _Facts) -> pd.DataFrame | None:
    """Claims that history contradicts or that one side has not accepted, with the money they stand for.

    Money is the difference of two plans: everything proposed, with the claim as it is or at what history
    supports, less everything but the claim.
    """
    effects, choices = dict(facts.proposed.effects), facts.live.start_from(_PROPOSED)
    evidence = {str(line["assumption"]): line for line in facts.live.evidence.to_dict("records")}
    lines = []
    for row in facts.live.register:
        if row.id not in effects:
            continue
        verdict = str(evidence[row.id]["verdict"])
        waits = row.status == "proposed"
        if not (waits or verdict in ("optimistic", "pessimistic")):
            continue
        supported = float(evidence[row.id]["supported"])
        without = _worth(facts, switch(choices, row.id, on=False))
        known = supported == supported
        said = _worth(facts, set_value(choices, row.id, supported)) if known else float("nan")
        lines.append(
            {
                "assumption": row.id,
                "title": row.title,
                "owner": row.owner,
                "verdict": f"{verdict}, and not accepted by both" if waits else verdict,
                "claim": row.expected,
                "supported": supported,
                "unit": row.unit,
                "money_claimed": _worth(facts, choices) - without,
                "money_supported": said - without,
            }
        )
    return pd.DataFrame(lines) if lines else None


def _worth(facts: _Facts, choices: Choices) -> float:
    figures = facts.live.evaluate(choices)
    return figures.revenue if figures.revenue == figures.revenue else figures.total * facts.price


def _changes(ready: PreparedRound, look: LookBack, plan: Plan) -> pd.DataFrame:
    """What moved the plan of the periods that the last published round planned too, claim by claim."""
    columns = ["assumption", "title", "before", "after", "unit", "money", "details", "owner"]
    measure, revenue = ready.history.measure, plan_revenue(plan)
    found = changes_since(ready, look.earlier, plan)
    if found is None:
        return pd.DataFrame(columns=columns)
    table = found.table
    in_money = measure == "units" and revenue is not None
    money = table["money"] if in_money else table["difference"]
    whole = revenue if in_money and revenue is not None else plan.plan
    moved = _folded(table.assign(money=money))
    moved = moved[moved["money"].abs() > _MATERIAL * float(np.nansum(whole))]
    owners = {row.id: row.owner for row in ready.register}
    return moved.assign(unit=measure, owner=moved["assumption"].map(owners).fillna(""))[columns]


def _folded(table: pd.DataFrame) -> pd.DataFrame:
    """Claims that somebody changed, and the forecast and the driver calendar as one row each."""
    drivers = table["assumption"].str.startswith("driver:")
    forecast = table["assumption"] == "baseline"
    changed = ~drivers & ~forecast & table["change"].isin(["revised", "status", "dropped"])
    whole = table.loc[drivers, ["before", "after", "money"]].sum()
    calendar = pd.DataFrame(
        [
            {
                "assumption": _CALENDAR,
                "title": "The driver calendar",
                "details": "prices and promotions",
                **whole,
            }
        ]
    )
    base = table[forecast].assign(title="The forecast itself", details="a quarter more of history")
    parts = [base, calendar if drivers.any() else calendar.iloc[:0], table[changed]]
    return pd.concat([part for part in parts if len(part)] or [table.iloc[:0]], ignore_index=True)


def _chart(facts: _Facts, row: dict[Any, Any], agenda: pd.DataFrame) -> Chart:
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
    return draw_stakes(agenda, int(row["place"]), name=name, title="At stake", unit=facts.currency)


def _has_source(found: MeasuredFunnel, source: str) -> bool:
    return bool((found.leads.table["source"].astype(str) == source).any())


def _claim_chart(facts: _Facts, name_of: str, name: str) -> Chart:
    claim = next(row for row in facts.live.register if row.id == name_of)
    lines = facts.live.evidence
    line = lines[lines["assumption"] == name_of].iloc[0].to_dict() | {"name": f"{claim.id} {claim.title}"}
    title = f"What is claimed, and what history supports: {claim.id} {claim.title}"
    return draw_claims([picture_claim(line)], name=name, title=title, period=facts.look.seen.round.name)


def _funnel_chart(facts: _Facts, found: MeasuredFunnel, source: str, name: str) -> Chart:
    until = facts.look.seen.round.as_of
    calendar = facts.look.seen.workspace.calendar
    stages = funnel_course(found.leads, found.lag, calendar, until - _YEAR, until, source)
    return draw_funnel(stages, name=name, title=f"Leads of {source}", period="the last year")


def _told(facts: _Facts, ids: str, name: str) -> Chart | None:
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
