"""A chart: its words, and what it puts on paper of any width.

The same marks and labels become a drawing of matplotlib (`Chart.plot`), markup of a page
(`Chart.to_html`), or a file (`Chart.svg`, `Chart.png`). What ink means is said in `ink.palette`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any

from alignment_lib.answers.charts.ink.in_notebook import picture_of, show_in_notebooks
from alignment_lib.answers.charts.ink.lettering import FACE, embedded_font, set_lines
from alignment_lib.answers.charts.ink.palette import INKS, MUTED
from alignment_lib.answers.charts.ink.paper import Paper
from alignment_lib.answers.markup import Html, escape, tag

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Chart", "Sheet", "two_sheets"]

_LEAST = 350.0
_MARGIN = 14.0
_LINE = 16.0
_TITLE, _REMARK = 14.0, 11.0

show_in_notebooks()


@dataclass(frozen=True)
class Sheet:
    """A size of paper, in points: a page's or a phone's."""

    width: float
    height: float


def two_sheets(wide: float, narrow: float) -> tuple[Sheet, Sheet]:
    """A page's and a phone's sheet of these heights."""
    return Sheet(960.0, wide), Sheet(_LEAST, narrow)


@dataclass(frozen=True)
class Chart:
    """A drawing with its words.

    Attributes
    ----------
    title : str
        What is shown.
    subtitle : str
        Unit and period.
    alt : str
        The drawing in words, written from the same numbers.
    legend : str
        How to read it, one line.
    name : str
        Unique in a page.
    lay_out : callable
        Puts marks and labels on a `Paper` of any width.
    sheets : tuple of Sheet
        The sizes it is shown at: for a page and, where one is needed, for a phone.
    """

    title: str
    subtitle: str
    alt: str
    name: str
    lay_out: Callable[[Paper], None] = field(compare=False)
    sheets: tuple[Sheet, ...]
    legend: str = ""

    def plot(
        self, ax: Axes | None = None, *, figsize: tuple[float, float] | None = None, **inks: str
    ) -> Axes:
        """Draw it with matplotlib, and return the Axes to restyle, annotate and save.

        Each ink is one collection of the Axes (``ax.get_legend_handles_labels()`` names them), each label
        a text. The Axes counts in the chart's own values, so ``ax.annotate`` takes them.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; without it a figure of its own is made, outside of pyplot, which a notebook shows.
        figsize : tuple of float, optional
            Width and height of that figure in inches.
        **inks : str
            Other colours by the ink's name: ``actual, prior, forecast, band, good, bad, target, ink, muted,
            paper, rule``.

        Raises
        ------
        TypeError
            On an ink that does not exist, with the nearest that does.
        """
        _check_inks(inks)
        if ax is None:
            own = self._figure(figsize).axes[0]
            self._draw_on(own, inks)
            return own
        size = self._draw_on(ax, inks)
        title = f"{self.title}\n{self.subtitle}" if self.subtitle else self.title
        ax.set_title(title, loc="left", fontsize=12 * size, fontfamily=FACE, parse_math=False)
        return ax

    @cached_property
    def wide(self) -> str:
        """SVG markup for a page."""
        return self._inline(self.sheets[0], "wide")

    @cached_property
    def narrow(self) -> str:
        """SVG markup for a phone; blank where one width serves both."""
        return self._inline(self.sheets[1], "narrow") if len(self.sheets) > 1 else ""

    @property
    def svg(self) -> bytes:
        """A file of its own: fixed colours, and the face its texts are set in."""
        from alignment_lib.answers.charts.ink.vector import inline_svg

        paper = self.paper(self.sheets[0])
        drawn = inline_svg(paper, f"{self.name}-file", self.alt, fixed=True)
        font = embedded_font([label.text for label in paper.labels])
        start = drawn.index(">") + 1
        return f"{drawn[:start]}<style>{font}</style>{drawn[start:]}".encode()

    def png(self, dpi: float = 144) -> bytes:
        """A picture with title and legend, for a slide or a sheet.

        Parameters
        ----------
        dpi : float
            Dots an inch; 72 make one dot a point.
        """
        figure = self._figure(None)
        self._draw_on(figure.axes[0], {})
        return picture_of(figure, dpi)

    def paper(self, sheet: Sheet) -> Paper:
        """The sheet with everything laid out on it."""
        return self._filled(Paper(sheet.width, sheet.height))

    def fit(self, width: float, height: float) -> tuple[Paper, float]:
        """Paper laid out for an Axes of this size in points, and how many of them one of its own is.

        Where there is less room than the chart needs, everything is smaller.
        """
        size = min(1.0, width / _LEAST)
        for _ in range(3):
            paper = Paper(width / size, height / size)
            sheet = self.sheets[-1 if paper.is_narrow else 0]
            if paper.height >= sheet.height - 0.5:
                break
            size *= paper.height / sheet.height
        return self._filled(Paper(width / size, height / size)), size

    def to_html(self) -> Html:
        """The drawing as a figure; the style sheet shows the one that fits."""
        caption = tag("figcaption", tag("strong", self.title), " ", tag("span", self.subtitle))
        key = tag("p", self.legend, class_="legend") if self.legend else None
        wide = tag("div", Html(self.wide), class_="wide")
        # Hidden where no style sheet of ours says which of the two fits.
        narrow = tag("div", Html(self.narrow), class_="narrow", hidden=True) if self.narrow else None
        return tag("figure", caption, wide, narrow, key, class_="chart" if narrow else "chart one-width")

    def _inline(self, sheet: Sheet, variant: str) -> str:
        from alignment_lib.answers.charts.ink.vector import inline_svg

        return inline_svg(self.paper(sheet), f"hatch-{self.name}-{variant}", self.alt)

    def _filled(self, paper: Paper) -> Paper:
        self.lay_out(paper)
        if paper.labels:
            return paper
        empty = Paper(paper.width, max(paper.height, 2 * _LINE))
        empty.text(0, _LINE, "Nothing to show.", ink=MUTED)
        return empty

    def _draw_on(self, ax: Axes, inks: Mapping[str, str]) -> float:
        """Fill an Axes, and say by how much the drawing had to be made smaller for it."""
        from alignment_lib.answers.charts.ink.painting import house_style, paint

        sheet = ax.get_window_extent().transformed(ax.figure.dpi_scale_trans.inverted())
        paper, size = self.fit(sheet.width * 72, sheet.height * 72)
        with house_style():
            paint(paper, ax, inks, size)
        return size

    def _figure(self, figsize: tuple[float, float] | None) -> Figure:
        """A figure with title, legend and an empty Axes between them."""
        from matplotlib.figure import Figure

        sheet = self.sheets[0]
        width = figsize[0] * 72 if figsize else sheet.width + 2 * _MARGIN
        inner = width - 2 * _MARGIN
        lines = set_lines(self.legend, inner, _REMARK)
        heads = set_lines(self.title, inner, _TITLE * 1.12)
        above = _MARGIN + 20.0 * len(heads) + (_LINE + 4 if self.subtitle else 6)
        below = _MARGIN + _LINE * len(lines)
        height = figsize[1] * 72 if figsize else sheet.height + above + below
        figure = Figure(figsize=(width / 72, height / 72), dpi=72, facecolor=INKS["paper"])
        room = max(height - above - below, 0.2 * height) / height
        figure.add_axes((_MARGIN / width, below / height, inner / width, room))
        style: dict[str, Any] = {"parse_math": False, "va": "top", "ha": "left", "fontfamily": FACE}
        at, top = _MARGIN / width, 1 - _MARGIN / height
        figure.text(at, top, "\n".join(heads), fontsize=_TITLE, fontweight="bold", color=INKS["ink"], **style)
        under = top - 20.0 * len(heads) / height
        figure.text(at, under, self.subtitle, fontsize=12, color=MUTED, **style)
        foot = (below - 4) / height
        figure.text(at, foot, "\n".join(lines), fontsize=_REMARK, color=MUTED, **style)
        return figure

    def _repr_html_(self) -> str:
        # Without a style sheet of ours only one width is seen, on paper as light as its ink is dark.
        caption = f"<figcaption><b>{escape(self.title)}</b> {escape(self.subtitle)}</figcaption>"
        sheet = f"margin:0;padding:12px;background:{INKS['paper']};color:{INKS['ink']}"
        legend = f"<small>{escape(self.legend)}</small>"
        return f'<figure style="{sheet}">{caption}{self.wide}{legend}</figure>'

    def __repr__(self) -> str:
        return f"<Chart: {self.title}>"


def _check_inks(inks: Mapping[str, str]) -> None:
    unknown = [name for name in inks if name not in INKS]
    if unknown:
        near = get_close_matches(unknown[0], INKS, 1, 0.0)[0]
        raise TypeError(
            f"No ink is named {unknown[0]!r}; the nearest is {near!r}. Inks: {', '.join(INKS)}. "
            "All else can be changed on the Axes that is returned."
        )
