"""Notebook 7: the agenda, the questions to decide, and the sheet for the decisions."""

from __future__ import annotations

from pathlib import Path

from alignment_lib.answers.markup import Html, tag
from alignment_lib.app.meeting_round import prepare_meeting
from alignment_lib.app.notebook_pages.frame import remark, show
from alignment_lib.publishing.meeting_pack import (
    MeetingPack,
    render_decisions,
    render_groups,
    render_items,
    render_pack,
    render_rules,
    render_sheet,
)
from alignment_lib.rounds.closed.look_back import LookBack
from alignment_lib.rounds.files.atomic_files import replace_file
from alignment_lib.rounds.files.saving import hold_saves
from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = [
    "open_meeting",
    "save_pack",
    "show_agenda",
    "show_decisions",
    "show_factors",
    "show_rules",
    "show_workgroups",
]


def open_meeting(ready: PreparedRound, review: LookBack, minutes: int = 90) -> MeetingPack:
    """Prepare the pack once for all cells of the notebook."""
    return prepare_meeting(ready, review, minutes)


def show_rules(pack: MeetingPack) -> Html:
    """The rules of the house, read out by the moderator at the opening."""
    return show(render_rules(pack.rules))


def show_agenda(pack: MeetingPack) -> Html:
    """First the gap, then decisions, then risks, each with its chart, question and options in numbers."""
    items = render_items(pack)
    heading = tag("p", f"Agenda for {pack.round}: {len(items)} items in {pack.minutes} minutes.")
    return show(heading, *items, *[remark(text) for text in pack.notices])


def show_factors(pack: MeetingPack) -> Html:
    """The six factors a plan from statistics leaves out, with whom to ask about those nobody spoke to."""
    return show(pack.factors)


def show_decisions(pack: MeetingPack) -> Html:
    """Earlier decisions with what became of them, then rows to fill in."""
    return show(render_decisions(pack.decisions, pack.currency))


def show_workgroups(pack: MeetingPack) -> Html:
    """Working groups with the light their own figure gives them, and charters the review proposes."""
    return show(render_groups(pack.groups, pack.proposed))


def save_pack(pack: MeetingPack, folder: str = "") -> Html:
    """Write the printable page and the sheet to fill in, where a folder is named."""
    if not folder:
        return show(remark("Name a folder to write meeting.html and decisions.xlsx for the table."))
    place = Path(folder)
    with hold_saves(place):
        for name, content in (("meeting.html", render_pack(pack)), ("decisions.xlsx", render_sheet(pack))):
            replace_file(place / name, content)
    return show(f"meeting.html and decisions.xlsx stand in {place.name}.")
