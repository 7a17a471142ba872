"""The notation every chart shares: which ink means what.

Actual is solid and dark, prior year lighter, forecast hatched, plan outlined; favourable and
unfavourable differ in colour and in sign. Colours are a blue and a vermilion that colour-blind readers
tell apart (Okabe and Ito 2008, "Color Universal Design"), named as style sheet variables with a fixed
value behind each, so that one drawing serves light, dark and print.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from alignment_lib.answers.markup import Html, tag

__all__ = [
    "ACTUAL",
    "BAD",
    "BAND",
    "FORECAST",
    "GOOD",
    "INK",
    "MUTED",
    "PAPER",
    "PRIOR",
    "RULE",
    "TARGET",
    "Chart",
]

INK = "var(--ink,#1b1f24)"
MUTED = "var(--muted,#585e66)"
PAPER = "var(--paper,#fffefb)"
RULE = "var(--rule,#d8d4cb)"
ACTUAL = "var(--actual,#33383e)"
PRIOR = "var(--prior,#b9b6af)"
FORECAST = "var(--forecast,#7b8087)"
BAND = "var(--band,#d3dfe9)"
GOOD = "var(--good,#0b62a8)"
BAD = "var(--bad,#b54708)"
TARGET = "var(--target,#8a1c4a)"

_VARIABLE = re.compile(r"var\(--[a-z]+,(#[0-9a-f]{6})\)")


@dataclass(frozen=True)
class Chart:
    """A finished drawing in two widths with its words.

    Attributes
    ----------
    title : str
        What is shown.
    subtitle : str
        Unit and period.
    alt : str
        The drawing in words, written from the same numbers.
    wide, narrow : str
        SVG markup for a page and for a phone.
    legend : str
        How to read it, one line.
    """

    title: str
    subtitle: str
    alt: str
    wide: str
    narrow: str
    legend: str = ""

    @property
    def svg(self) -> bytes:
        """The wide drawing as a file of its own, with fixed colours."""
        return _VARIABLE.sub(r"\1", self.wide).encode("utf-8")

    def to_html(self) -> Html:
        """The drawing as a figure; the style sheet shows the one that fits."""
        caption = tag("figcaption", tag("strong", self.title), " ", tag("span", self.subtitle))
        key = tag("p", self.legend, class_="legend") if self.legend else None
        wide = tag("div", Html(self.wide), class_="wide")
        narrow = tag("div", Html(self.narrow), class_="narrow") if self.narrow else None
        return tag("figure", caption, wide, narrow, key, class_="chart" if narrow else "chart one-width")

    def _repr_html_(self) -> str:
        # Without the report's style sheet only one width should be seen.
        return f"<figure><figcaption><b>{tag('span', self.title)}</b></figcaption>{self.wide}</figure>"

    def __repr__(self) -> str:
        return f"<Chart: {self.title}>"
