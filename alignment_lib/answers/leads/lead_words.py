"""What the answers about leads have in common: where nothing is known of them, and what is said beside."""

from __future__ import annotations

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.rounds.view import RoundView

__all__ = ["no_leads", "notes_on"]

_MISSING = "This needs a leads table; docs/bring-your-own-data.md says which columns it may have."
_EARLIER = "This round was published without it; open its workspace with al.open_round to see it."


def no_leads(view: RoundView, question: str, title: str) -> Answer:
    """The answer where nothing is known of leads: what would fill it."""
    return nothing_yet(question, title, _EARLIER if view.has_rows("funnel") else _MISSING)


def notes_on(view: RoundView, question: str) -> str:
    """What was assumed for a question, or is no proof, in sentences."""
    notes = view.table("lead_notes")
    return "" if notes.empty else " ".join(notes.loc[notes["question"] == question, "text"])
