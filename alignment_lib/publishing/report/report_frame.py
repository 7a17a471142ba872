"""The report's frame: a part with its anchor, its heading, and what would fill it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from alignment_lib.answers.answer import Answer
from alignment_lib.answers.markup import Html, tag
from alignment_lib.rounds.view import RoundView

__all__ = ["Part", "Question", "folded", "found", "section"]

Question = Callable[[RoundView], Answer]


@dataclass(frozen=True)
class Part:
    """One part of the report.

    Attributes
    ----------
    anchor : str
        Where links lead.
    name : str
        In the navigation.
    draw : callable
        Takes the data and returns the finished section.
    has_content : callable
        Takes the data and says whether there is anything to show.
    awaits : callable
        Takes the data and says in one sentence, for when there is nothing, what would appear, and when.
    is_front : bool
        Whether it stands on the two pages that answer; the others stand in the appendix.
    """

    anchor: str
    name: str
    draw: Callable[[RoundView], Html]
    has_content: Callable[[RoundView], bool] = lambda data: True
    awaits: Callable[[RoundView], str] = lambda data: ""
    is_front: bool = False


def found(view: RoundView, question: Question) -> Answer:
    """An answer, worked out once however often the page asks for it."""
    key = ("answer", question)
    if key not in view.known:
        view.known[key] = question(view)
    answer: Answer = view.known[key]
    return answer


def section(anchor: str, title: str, *content: Html | str | None) -> Html:
    """A section with its heading."""
    heading = tag("h2", title, id=f"{anchor}-title")
    return tag("section", heading, *content, id=anchor, aria_labelledby=f"{anchor}-title")


def folded(summary: str, *content: Html | str | None) -> Html:
    """Content behind one line, on screens only."""
    return tag("details", tag("summary", summary), *content, class_="screen-only")
