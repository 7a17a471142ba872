"""The report's frame: a part with its anchor, its heading, and what would fill it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from alignment_lib.answers.markup import Html, tag
from alignment_lib.rounds.view import RoundView

__all__ = ["Part", "section"]


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
    awaits : str
        One sentence for when there is not: what would appear, and when.
    """

    anchor: str
    name: str
    draw: Callable[[RoundView], Html]
    has_content: Callable[[RoundView], bool] = lambda data: True
    awaits: str = ""


def section(anchor: str, title: str, *content: Html | str | None) -> Html:
    """A section with its heading."""
    heading = tag("h2", title, id=f"{anchor}-title")
    return tag("section", heading, *content, id=anchor, aria_labelledby=f"{anchor}-title")
