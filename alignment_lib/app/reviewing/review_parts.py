"""The sections of a review, arranged of answers."""

from __future__ import annotations

from alignment_lib.answers.claims.decided import decided
from alignment_lib.answers.earnings.profit_variance import profit_variance
from alignment_lib.answers.leads.handled import handled
from alignment_lib.answers.leads.spend_review import spend_review
from alignment_lib.answers.markup import Html, join, tag
from alignment_lib.answers.past.payout import gaming, payout, results_table
from alignment_lib.answers.past.record import cuts_table, record, roles_table
from alignment_lib.answers.past.value_added import rounds_table, value_added
from alignment_lib.answers.past.variance import new_by_cause, references, variance
from alignment_lib.answers.tables import render_tables
from alignment_lib.publishing.meeting_pack import render_groups
from alignment_lib.publishing.plain_page import PagePart, render_notices
from alignment_lib.rounds.closed.look_back import LookBack
from alignment_lib.rounds.closed.review_tables import follow_groups, list_value_added
from alignment_lib.rounds.view import RoundView

__all__ = ["review_parts"]

_READ = (
    "Behind each bar stands the function that can act on it. Measured: counted. Estimated: by a model, "
    "with its error. Remainder: what nothing else explains; not to be argued over."
)


def review_parts(look: LookBack, view: RoundView) -> list[PagePart]:
    """Every section of the review, in the order of its page."""
    return [
        PagePart("result", "Against plan and last year", [_result(look, view)]),
        PagePart("handling", "Leads: quality and handling", [_handled(look, view)]),
        PagePart("causes", "New sales by cause", [_causes(view)]),
        *([PagePart("spend", "Marketing's money", [_spend(view)])] if _spends(view) else []),
        PagePart("added", "Value added", [_value_added(look, view)]),
        PagePart("record", "Claims and record", [_record(look, view)]),
        PagePart("payout", "Payout", [_payout(view)]),
        PagePart("groups", "Working groups", [_groups(look)]),
        PagePart("decisions", "Decisions", [decided(view).to_html()]),
    ]


def _first_round(look: LookBack) -> str:
    closes = f"{look.seen.workspace.calendar.ends(look.seen.round.cycle_periods[-1:])[0]:%Y-%m-%d}"
    return (
        f"No earlier round of {look.seen.workspace.name} has been published, so nothing can be scored yet. "
        f"Publish {look.seen.round.name} with alignment plan: when it closes on {closes}, each of its claims "
        "appears here with what came true, and each step of its forecast with what it added."
    )


def _result(look: LookBack, view: RoundView) -> Html:
    """Actual against plan and against the year before, taken apart by type, funnel stage and cause."""
    parts: list[Html] = []
    for number, reference in enumerate(references(view)):
        answer = variance(view, against=reference)
        if number:
            parts.append(tag("h3", f"Against {reference}"))
        parts += [answer.to_html(), tag("p", _READ, class_="note"), *_notices_of(look, reference)]
    if not parts:
        text = f"There is neither a plan of {look.label} nor a year before it: nothing to compare with yet."
        return tag("p", text)
    return join([*parts, render_notices(look.notices)])


def _notices_of(look: LookBack, reference: str) -> list[Html]:
    return [render_notices(one.notices) for one in look.variances if one.reference_name == reference]


def _causes(view: RoundView) -> Html:
    """New sales by cause: the second page."""
    found = [new_by_cause(view, reference) for reference in references(view)]
    told = [answer for answer in found if answer.is_answered]
    if not told:
        return tag("p", "New sales are not seen by funnel here, so there is no second view of them.")
    return join([answer.to_html(("chart", "sentence")) for answer in told])


def _handled(look: LookBack, view: RoundView) -> Html:
    """Quality against handling, and what would have been."""
    first = handled(view)
    known = list(dict.fromkeys(view.table("handled").get("against", [])))
    others = [handled(view, against=reference) for reference in known[1:]]
    return join([*(one.to_html() for one in (first, *others)), render_notices(look.handled.notices)])


def _spends(view: RoundView) -> bool:
    return spend_review(view).is_answered


def _spend(view: RoundView) -> Html:
    """Planned against spent, the leads it came with, and what moved profit."""
    earned = profit_variance(view)
    return join([spend_review(view).to_html(), earned.to_html() if earned.is_answered else None])


def _value_added(look: LookBack, view: RoundView) -> Html:
    """Which step from naive to consensus brought the plan nearer: for the whole, and series by series."""
    whole = value_added(view)
    if not whole.is_answered:
        return tag("p", _first_round(look))
    each = value_added(view, level="series").to_html()
    return join(
        [whole.to_html(), *render_tables(rounds_table(view)), each, render_notices(list_value_added(look)[1])]
    )


def _record(look: LookBack, view: RoundView) -> Html:
    """What came true of each claim; a role's record, never a person's."""
    answer = record(view)
    if not answer.is_answered or look.record is None:
        return tag("p", _first_round(look))
    tables = render_tables(roles_table(answer), cuts_table(answer))
    return join([answer.to_html(), *tables, render_notices(look.record.notices)])


def _payout(view: RoundView) -> Html:
    """The scheme after the quarter, before the next, and gamed."""
    played, before = gaming(view), render_tables(results_table(view))
    return join([payout(view).to_html(), *before, played.to_html() if played.is_answered else None])


def _groups(look: LookBack) -> Html:
    """Working groups with their lights, and those the review proposes."""
    found = follow_groups(look)
    return join([render_groups(found.status, found.proposed), render_notices(found.notices)])
