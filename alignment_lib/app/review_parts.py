"""The sections of a review, for the page and for the notebook."""

from __future__ import annotations

from alignment_lib.answers.markup import Html, join, tag
from alignment_lib.publishing.meeting_pack import render_decisions, render_groups
from alignment_lib.publishing.plain_page import PagePart
from alignment_lib.publishing.review_page import (
    show_causes_of_new,
    show_comparison,
    show_gaming,
    show_handled,
    show_kept,
    show_notices,
    show_payout_function,
    show_record,
    show_statement,
    show_tree,
    show_value_added,
)
from alignment_lib.review.meeting import decision_sheet, what_became
from alignment_lib.rounds.closed.look_back import LookBack
from alignment_lib.rounds.closed.review_tables import (
    follow_groups,
    list_value_added,
    state_payout,
)

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


def review_parts(look: LookBack) -> list[PagePart]:
    """Every section of the review, in the order of its page."""
    return [
        PagePart("result", "Against plan and last year", [result_part(look)]),
        PagePart("handling", "Leads: quality and handling", [handled_part(look)]),
        PagePart("causes", "New sales by cause", [causes_part(look)]),
        PagePart("added", "Value added", [value_added_part(look)]),
        PagePart("record", "Claims and record", [record_part(look)]),
        PagePart("payout", "Payout", [payout_part(look)]),
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


def result_part(look: LookBack) -> Html:
    """Actual against plan and against the year before, taken apart by type, funnel stage and cause."""
    if not look.variances:
        text = f"There is neither a plan of {look.label} nor a year before it: nothing to compare with yet."
        return tag("p", text)
    parts: list[Html] = []
    for number, variance in enumerate(look.variances):
        name = f"r{number}"
        if number:
            parts.append(tag("h3", f"Against {variance.reference_name}"))
        parts += [
            show_comparison(variance, look.label, look.unit, f"{name}-types"),
            show_tree(variance, look.label, look.unit, f"{name}-tree"),
            show_notices(variance.notices),
        ]
    return join([*parts, show_notices(look.notices)])


def causes_part(look: LookBack) -> Html:
    """New sales by cause: the second page."""
    shown = [
        show_causes_of_new(variance, look.label, look.unit, f"r{number}-new")
        for number, variance in enumerate(look.variances)
    ]
    found = [part for part in shown if part is not None]
    if not found:
        return tag("p", "New sales are not seen by funnel here, so there is no second view of them.")
    return join(found)


def handled_part(look: LookBack) -> Html:
    """Quality against handling, and what would have been."""
    handled = look.handled
    currency = look.seen.workspace.settings.business.currency
    parts = [
        show_kept(handled.kept, handled.quality, currency, look.label),
        show_handled(handled.splits, look.label),
    ]
    found = [part for part in parts if part is not None]
    if not found:
        return tag("p", "There are no leads with outcomes to tell quality and handling apart.")
    return join([*found, show_notices(handled.notices)])


def value_added_part(look: LookBack) -> Html:
    """Which step from naive to consensus brought the plan nearer."""
    table, notices = list_value_added(look)
    shown = show_value_added(table, "r-added", look.seen.history.measure) if len(table) else None
    if shown is None:
        return tag("p", _first_round(look))
    return join([shown, show_notices(notices)])


def record_part(look: LookBack) -> Html:
    """What came true of each claim; a role's record, never a person's."""
    found = look.record
    if found is None or found.table.empty:
        return tag("p", _first_round(look))
    return join([show_record(found.table, found.owners), show_notices(found.notices)])


def payout_part(look: LookBack) -> Html:
    """The scheme after the quarter, before the next, and gamed."""
    payout = state_payout(look)
    if payout is None:
        text = "No scheme is set: a section [incentives] in planning.toml, with a pool, shows what it pays."
        return tag("p", text)
    currency = look.seen.workspace.settings.business.currency
    return join(
        [
            show_statement(payout.statement, look.label, currency),
            show_payout_function(payout.function, look.seen.round.name, currency),
            show_gaming(payout.gaming, currency),
        ]
    )


def groups_part(look: LookBack) -> Html:
    """Working groups with their lights, and those the review proposes."""
    groups = follow_groups(look)
    return join([render_groups(groups.status, groups.proposed), show_notices(groups.notices)])


def decisions_part(look: LookBack) -> Html:
    """What was decided, and what became of it."""
    workspace, planned = look.seen.workspace, look.seen.round
    sheet = decision_sheet(workspace.tables.get("decisions"), planned.name, planned.as_of, blank_rows=0)
    if sheet.empty:
        return tag("p", "No decision has been recorded yet.")
    claims = None if look.record is None else look.record.table
    sheet = sheet.assign(became=what_became(sheet, claims, planned.as_of))
    return render_decisions(sheet, workspace.settings.business.currency)
