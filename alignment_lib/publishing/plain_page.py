"""A page of our own beside the report: one file, no outside address, the report's style and navigation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alignment_lib.answers.charts.ink.lettering import font_of_page
from alignment_lib.answers.markup import Html, escape, join, tag
from alignment_lib.inputs.problems import Notice
from alignment_lib.publishing.report.report import read_asset, script_policy
from alignment_lib.publishing.report.report_frame import section

__all__ = ["PagePart", "render_notices", "render_page", "render_part"]

_STYLE = """\
.scroll + .scroll, .note + .scroll { margin-top: 1.6rem; } .scroll + p:not(.note) { margin-top: 1.6rem; }
"""


@dataclass(frozen=True)
class PagePart:
    """A section of a page.

    Attributes
    ----------
    anchor, title : str
        Its id, and its name in heading and navigation.
    content : sequence of Html
        What stands in it.
    """

    anchor: str
    title: str
    content: Sequence[Html | str | None]


def render_notices(notices: Sequence[Notice]) -> Html:
    """What was treated on the way, each in its sentence with its count, once."""
    return join([tag("p", notice.sentence, class_="note") for notice in dict.fromkeys(notices)])


def render_part(part: PagePart) -> Html:
    """A section with its heading."""
    return section(part.anchor, part.title, *part.content)


def render_page(
    title: str,
    business: str,
    facts: Sequence[tuple[str, str]],
    lead: Sequence[Html | str],
    parts: Sequence[PagePart],
    style: str = "",
) -> bytes:
    """The whole page as UTF-8.

    Parameters
    ----------
    title : str
        Heading of the page.
    business : str
        Whose it is; blank where it is of several.
    facts : sequence of (str, str)
        Terms and texts of the header: round, as of.
    lead : sequence
        What stands under the heading, before the first section.
    parts : sequence of PagePart
        The sections in order.
    style : str
        Rules added to the report's style sheet.
    """
    script = read_asset("report.js")
    pairs = [piece for term, text in facts for piece in (tag("dt", term), tag("dd", text))]
    inner = tag("div", tag("p", business, class_="business"), tag("dl", *pairs), class_="inner")
    header = tag("header", inner if business else None)
    links = (tag("li", tag("a", part.title, href=f"#{part.anchor}")) for part in parts)
    nav = tag("nav", tag("ul", *links), aria_label="Sections")
    main = tag("main", tag("h1", title), *lead, join(render_part(part) for part in parts))
    skip = tag("a", "Skip to the content", href=f"#{parts[0].anchor}", class_="skip") if parts else None
    body = join([skip, header, nav, main])
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(script_policy([script]))}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(title)}</title>\n<style>\n{read_asset('report.css')}\n{_STYLE}{style}\n{font_of_page(str(body))}</style>\n</head>\n"
        f"<body>\n{body}\n<script>{script}</script>\n</body>\n</html>\n"
    ).encode()
