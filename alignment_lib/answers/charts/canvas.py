"""A small SVG drawing surface: rectangles, lines and text at rounded coordinates."""

from __future__ import annotations

from alignment_lib.answers.charts.notation import FORECAST, INK, PAPER
from alignment_lib.answers.markup import escape

__all__ = ["Canvas", "shorten", "text_width"]

_NARROW = frozenset("ijlI.,:;'|!()[]ft ")
_BROAD = frozenset("MWmw%@—")


class Canvas:
    """Collects shapes and returns one ``<svg>`` element.

    Parameters
    ----------
    width, height : float
        In pixels.
    name : str
        Unique in the page: the hatch pattern is named after it.
    """

    def __init__(self, width: float, height: float, name: str) -> None:
        self.width = width
        self.height = height
        self._hatch = f"hatch-{name}"
        self._parts: list[str] = []

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str,
        *,
        hint: str = "",
        opacity: float = 1.0,
    ) -> None:
        """A filled rectangle; `opacity` below 1 lets the paper through, for the shades of a map."""
        shade = f' fill-opacity="{opacity:.2f}"' if opacity < 1 else ""
        self._shape(f'<rect {_box(x, y, width, height)} fill="{fill}"{shade}', "rect", hint)

    def outline(
        self, x: float, y: float, width: float, height: float, ink: str = INK, *, hint: str = ""
    ) -> None:
        """An outlined rectangle on paper: the sign of a plan."""
        inner = _box(x + 0.75, y + 0.75, max(width - 1.5, 0), max(height - 1.5, 0))
        self._shape(f'<rect {inner} fill="none" stroke="{ink}" stroke-width="1.5"', "rect", hint)

    def hatched(self, x: float, y: float, width: float, height: float, *, hint: str = "") -> None:
        """A hatched rectangle: the sign of a forecast."""
        box = _box(x + 0.4, y + 0.4, max(width - 0.8, 0), max(height - 0.8, 0))
        self._shape(
            f'<rect {box} fill="url(#{self._hatch})" stroke="{FORECAST}" stroke-width="0.8"', "rect", hint
        )

    def line(
        self, x1: float, y1: float, x2: float, y2: float, ink: str = INK, width: float = 1, dash: str = ""
    ) -> None:
        """A straight line."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'stroke="{ink}" stroke-width="{width:g}"{dashed}/>'
        )

    def diamond(self, x: float, y: float, size: float, ink: str) -> None:
        """A small diamond: the sign of a target."""
        points = (
            f"{x:.1f},{y - size:.1f} {x + size:.1f},{y:.1f} {x:.1f},{y + size:.1f} {x - size:.1f},{y:.1f}"
        )
        self._parts.append(f'<polygon points="{points}" fill="{ink}" stroke="{PAPER}" stroke-width="1"/>')

    def dot(
        self, x: float, y: float, radius: float, ink: str, *, hollow: bool = False, hint: str = ""
    ) -> None:
        """A small circle: one past event; hollow where it is in doubt."""
        fill = f'fill="{PAPER}" stroke="{ink}"' if hollow else f'fill="{ink}" stroke="{PAPER}"'
        opening = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" {fill} stroke-width="1"'
        self._shape(opening, "circle", hint)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        ink: str = INK,
        size: float = 12,
        anchor: str = "start",
        bold: bool = False,
        turned: bool = False,
        halo: bool = False,
    ) -> None:
        """Text with its baseline at `y`; `turned` reads upwards, `halo` keeps lines behind it off."""
        weight = ' font-weight="600"' if bold else ""
        weight += f' stroke="{PAPER}" stroke-width="4" paint-order="stroke"' if halo else ""
        turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
        self._parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{ink}" '
            f'text-anchor="{anchor}"{weight}{turn}>{escape(text)}</text>'
        )

    def render(self, alt: str) -> str:
        """The finished element with `alt` as its label."""
        body = "".join(self._parts)
        pattern = ""
        if f"#{self._hatch})" in body:
            pattern = (
                f'<defs><pattern id="{self._hatch}" width="5" height="5" patternUnits="userSpaceOnUse" '
                f'patternTransform="rotate(45)"><rect width="5" height="5" fill="{PAPER}"/>'
                f'<rect width="1.6" height="5" fill="{FORECAST}"/></pattern></defs>'
            )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" '
            f'viewBox="0 0 {self.width:g} {self.height:g}" '
            f'width="{self.width:g}" height="{self.height:g}" aria-label="{escape(alt)}" '
            f'font-family="system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif">'
            f"{pattern}{body}</svg>"
        )

    def _shape(self, opening: str, element: str, hint: str) -> None:
        closing = f"><title>{escape(hint)}</title></{element}>" if hint else "/>"
        self._parts.append(opening + closing)


def text_width(text: str, size: float = 12) -> float:
    """Width of a text in pixels, near enough to decide what fits in a sans-serif face."""
    ems = sum(0.36 if mark in _NARROW else 0.95 if mark in _BROAD else 0.62 for mark in text)
    return ems * size


def shorten(text: str, width: float, size: float = 12) -> str:
    """The text cut with an ellipsis to fit `width` pixels."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def _box(x: float, y: float, width: float, height: float) -> str:
    return f'x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}"'
