"""The report's frame: sections with anchors, and the navigation over them."""

from __future__ import annotations

from alignment_lib.publishing.markup import Html, tag

__all__ = ["SECTIONS", "draw_navigation", "empty", "section"]

SECTIONS = (
    ("answer", "The answer"),
    ("time", "Over time"),
    ("members", "By part"),
    ("bridge", "Bridge"),
    ("assumptions", "Assumptions"),
    ("drivers", "Drivers"),
    ("risks", "Odds and risks"),
    ("funnel", "Leads"),
    ("streams", "Who changed it"),
    ("record", "Track record"),
    ("notes", "Method and data"),
)
"""Anchors and their names in the navigation, in the order of the report."""


def section(anchor: str, title: str, *content: Html | str | None) -> Html:
    """A section with its heading."""
    heading = tag("h2", title, id=f"{anchor}-title")
    return tag("section", heading, *content, id=anchor, aria_labelledby=f"{anchor}-title")


def empty(anchor: str, title: str, why: str) -> Html:
    """A section that has nothing to show yet and says what would fill it."""
    return section(anchor, title, tag("p", why, class_="hint"))


def draw_navigation() -> Html:
    """Links to every section."""
    links = (tag("li", tag("a", name, href=f"#{anchor}")) for anchor, name in SECTIONS)
    return tag("nav", tag("ul", *links), aria_label="Sections")
