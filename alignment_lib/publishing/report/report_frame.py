"""The report's frame: a part with its anchor, its heading, and what would fill it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from alignment_lib.answers.answer import Answer
from alignment_lib.answers.answer import Part as Shown
from alignment_lib.answers.markup import Html, join, tag
from alignment_lib.rounds.view import RoundView

__all__ = ["Part", "folded", "section", "show_answers"]


_ALL: tuple[Shown, ...] = ("sentence", "chart", "table")


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


def section(anchor: str, title: str, *content: Html | str | None) -> Html:
    """A section with its heading."""
    heading = tag("h2", title, id=f"{anchor}-title")
    return tag("section", heading, *content, id=anchor, aria_labelledby=f"{anchor}-title")


def show_answers(anchor: str, title: str, answers: Iterable[Answer]) -> Html:
    """Answers below one heading, each with all it has; those after the first under a heading of their own.

    An answer without figures is left out: the page says once, at its end, what would fill each part.
    """
    found = [answer for answer in answers if answer.is_answered]
    parts = [answer.to_html(_ALL) if at == 0 else _under_heading(answer) for at, answer in enumerate(found)]
    return section(anchor, title, *parts)


def _under_heading(answer: Answer) -> Html:
    return join([tag("h3", answer.title), answer.to_html(_ALL)])


def folded(summary: str, *content: Html | str | None, on_paper: bool = False) -> Html:
    """Content behind one line; on paper only where it is asked for."""
    return tag("details", tag("summary", summary), *content, class_=None if on_paper else "screen-only")
