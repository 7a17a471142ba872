"""The sections of a review, for the page and for the notebook."""

from __future__ import annotations

from alignment_lib.answers.leads.handled import handled, say_kept
from alignment_lib.answers.markup import Html, join, tag
from alignment_lib.answers.past.payout import gaming, payout, results_table
from alignment_lib.answers.past.record import cuts_table, record, roles_table
from alignment_lib.answers.past.value_added import rounds_table, value_added
from alignment_lib.answers.past.variance import new_by_cause, references, variance
from alignment_lib.answers.tables import render_tables
from alignment_lib.publishing.meeting_pack import render_decisions, render_groups
from alignment_lib.publishing.plain_page import PagePart, render_notices
from alignment_lib.review.meeting import decision_sheet, what_became
from alignment_lib.rounds.closed.look_back import LookBack
from alignment_lib.rounds.closed.look_view import view_look_back
from alignment_lib.rounds.closed.review_tables import follow_groups, list_value_added
from alignment_lib.rounds.view import RoundView

__all__ = [
    "causes_part",
    "decisions_part",
    "groups_part",
    "handled_part",
    "payout_part",
    "record_part",
    "result_part",
    "review_parts",
    "value_added_part",
]

_READ = (
    "Behind each bar stands the function that can act on it. Measured: counted. Estimated: by a model, "
    "with its error. Remainder: what nothing else explains; not to be argued over."
)


def review_parts(look: LookBack, view: RoundView) -> list[PagePart]:
    """Every section of the review, in the order of its page."""
    return [
        PagePart("result", "Against plan and last year", [result_part(look, view)]),
        PagePart("handling", "Leads: quality and handling", [handled_part(look)]),
        PagePart("causes", "New sales by cause", [causes_part(look, view)]),
        PagePart("added", "Value added", [value_added_part(look, view)]),
        PagePart("record", "Claims and record", [record_part(look, view)]),
        PagePart("payout", "Payout", [payout_part(look, view)]),
        PagePart("groups", "Working groups", [groups_part(look)]),
        PagePart("decisions", "Decisions", [decisions_part(look)]),
    ]


def _first_round(look: LookBack) -> str:
    closes = f"{look.seen.workspace.calendar.ends(look.seen.round.cycle_periods[-1:])[0]:%Y-%m-%d}"
    return (
        f"No earlier round of {look.seen.workspace.name} has been published, so nothing can be scored yet. "
        f"Publish {look.seen.round.name} with alignment plan: when it closes on {closes}, each of its claims "
        "appears here with what came true, and each step of its forecast with what it added."
    )


def result_part(look: LookBack, view: RoundView | None = None) -> Html:
    """Actual against plan and against the year before, taken apart by type, funnel stage and cause."""
    view = view or view_look_back(look)
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


def causes_part(look: LookBack, view: RoundView | None = None) -> Html:
    """New sales by cause: the second page."""
    view = view or view_look_back(look)
    found = [new_by_cause(view, reference) for reference in references(view)]
    told = [answer for answer in found if answer.is_answered]
    if not told:
        return tag("p", "New sales are not seen by funnel here, so there is no second view of them.")
    return join([answer.to_html(("chart", "sentence")) for answer in told])


def handled_part(look: LookBack) -> Html:
    """Quality against handling, and what would have been."""
    found, currency = look.handled, look.seen.workspace.settings.business.currency
    kept = say_kept(found.kept, found.quality, currency, look.label)
    splits = [
        handled(split, look.label, reference) for reference, split in found.splits.items() if len(split)
    ]
    if not kept and not splits:
        return tag("p", "There are no leads with outcomes to tell quality and handling apart.")
    parts = [tag("p", text, class_="lead") for text in kept]
    if kept:
        said = "Both rest on the win model of the company's own leads, and are no proof of cause."
        parts.append(tag("p", said, class_="note"))
    return join([*parts, *(split.to_html() for split in splits), render_notices(found.notices)])


def value_added_part(look: LookBack, view: RoundView | None = None) -> Html:
    """Which step from naive to consensus brought the plan nearer: for the whole, and series by series."""
    view = view or view_look_back(look)
    whole = value_added(view)
    if not whole.is_answered:
        return tag("p", _first_round(look))
    each = value_added(view, level="series").to_html()
    return join(
        [whole.to_html(), *render_tables(rounds_table(view)), each, render_notices(list_value_added(look)[1])]
    )


def record_part(look: LookBack, view: RoundView | None = None) -> Html:
    """What came true of each claim; a role's record, never a person's."""
    answer = record(view or view_look_back(look))
    if not answer.is_answered or look.record is None:
        return tag("p", _first_round(look))
    tables = render_tables(roles_table(answer), cuts_table(answer))
    return join([answer.to_html(), *tables, render_notices(look.record.notices)])


def payout_part(look: LookBack, view: RoundView | None = None) -> Html:
    """The scheme after the quarter, before the next, and gamed."""
    view = view or view_look_back(look)
    played, before = gaming(view), render_tables(results_table(view))
    return join([payout(view).to_html(), *before, played.to_html() if played.is_answered else None])


def groups_part(look: LookBack) -> Html:
    """Working groups with their lights, and those the review proposes."""
    groups = follow_groups(look)
    return join([render_groups(groups.status, groups.proposed), render_notices(groups.notices)])


def decisions_part(look: LookBack) -> Html:
    """What was decided, and what became of it."""
    workspace, planned = look.seen.workspace, look.seen.round
    sheet = decision_sheet(workspace.tables.get("decisions"), planned.name, planned.as_of, blank_rows=0)
    if sheet.empty:
        return tag("p", "No decision has been recorded yet.")
    claims = None if look.record is None else look.record.table
    sheet = sheet.assign(became=what_became(sheet, claims, planned.as_of))
    return render_decisions(sheet, workspace.settings.business.currency)
