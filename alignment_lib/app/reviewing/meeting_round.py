"""Use case: the meeting pack of a round, from its plan, its review and what was decided before."""

from __future__ import annotations

from alignment_lib.answers.claims.coverage import cover
from alignment_lib.answers.claims.next_tests import say_test
from alignment_lib.answers.leads.pipeline import say_pipeline
from alignment_lib.answers.leads.spend_review import planned_money, tell_spend
from alignment_lib.answers.markup import Html, join
from alignment_lib.answers.plan.agenda_charts import draw_items
from alignment_lib.answers.tables import render_table
from alignment_lib.answers.wording import choose_scale, say_span
from alignment_lib.inputs.periods.round_days import round_title
from alignment_lib.publishing.meeting_pack import MeetingPack
from alignment_lib.review.closed_story import say_reconciled
from alignment_lib.review.meeting import HOUSE_RULES, decision_sheet, what_became
from alignment_lib.rounds.closed.look_back import LookBack
from alignment_lib.rounds.closed.meeting_facts import MeetingFacts, gather_meeting, list_agenda
from alignment_lib.rounds.closed.review_tables import follow_groups
from alignment_lib.rounds.closed.spend_review import list_spend_review
from alignment_lib.rounds.round_work import RoundWork
from alignment_lib.rounds.spending.spend_plan import spend_plan_table

__all__ = ["prepare_meeting"]


def prepare_meeting(work: RoundWork, minutes: int = 90, most: int = 10) -> MeetingPack:
    """The pack of the round's planning meeting.

    Parameters
    ----------
    work : RoundWork
        The round to be decided on, with what the round before it came to.
    minutes, most : int
        Length of the meeting, and the most items on its agenda.
    """
    facts, look = gather_meeting(work), work.look
    workspace, planned = work.ready.workspace, work.ready.round
    items, notices = list_agenda(facts, _tests(work), minutes, most)
    groups = follow_groups(look)
    sheet = decision_sheet(workspace.tables.get("decisions"), planned.name, planned.as_of)
    claims = None if look.record is None else look.record.table
    return MeetingPack(
        business=workspace.settings.business.name,
        unit=workspace.name,
        round=planned.name,
        currency=facts.currency,
        as_of=planned.as_of,
        minutes=minutes,
        agenda=items,
        charts=draw_items(facts, items),
        rules=HOUSE_RULES,
        decisions=sheet.assign(became=what_became(sheet, claims, planned.as_of)),
        groups=groups.status,
        proposed=groups.proposed,
        notices=(
            *_closed_round(look),
            *_deals(work, facts.currency),
            *(notice.sentence for notice in (*notices, *groups.notices)),
        ),
        factors=_factors(work),
        spend=_spend(facts, work),
        title=round_title(workspace.calendar, planned.name),
    )


def _tests(work: RoundWork) -> dict[str, str]:
    """By id of a disputed claim, the test that could settle it."""
    grain, rows = work.ready.workspace.calendar.grain, work.tables["next_tests"].to_dict("records")
    return {str(row["assumption"]): say_test(row, grain) for row in rows}


def _closed_round(look: LookBack) -> list[str]:
    """The closed round against its plan, in the words of the look back."""
    planned = next((one for one in look.variances if one.reference_name == "plan"), None)
    story = "" if planned is None else say_reconciled(planned.table, look.unit)
    return [f"{look.label} against its plan. {story}"] if story else []


def _deals(work: RoundWork, currency: str) -> list[str]:
    """What opportunities bring in the round beside what the plan needs of them."""
    if "pipeline" not in work.tables:
        told = work.open_deals.notices
        return [notice.text for notice in told if notice.code == "no_deal_odds"]
    row = work.tables["pipeline"].iloc[0]
    scale = choose_scale([float(row["total"])], currency)
    return [say_pipeline(row.to_dict(), say_span(work.ready.round.name), scale)]


def _spend(facts: MeetingFacts, work: RoundWork) -> Html:
    """Marketing's money: what became of the last round's, and what is planned for this one."""
    ready = work.ready
    came, ahead = list_spend_review(work.look), spend_plan_table(ready, facts.agreed.plan)
    parts = [tell_spend(came, facts.currency).to_html()] if len(came) else []
    if len(ahead):
        inside = ahead[ahead["period"].isin(ready.round.cycle_periods)]
        label = say_span(ready.round.name)
        parts.append(render_table(planned_money(inside, facts.currency, label)))
    return join(parts)


def _factors(work: RoundWork) -> Html:
    """The six factors: what nobody has spoken to is a question for the meeting."""
    measure, currency = work.ready.history.measure, work.ready.workspace.settings.business.currency
    unit, currency = (currency, "") if measure == "revenue" else (measure, currency)
    return cover(work.tables["coverage"], unit, currency).to_html(("sentence", "table"))
