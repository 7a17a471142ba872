"""A paper as SVG: written by matplotlib's own backend, then made small, and its inks given their names."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

from alignment_lib.answers.charts.ink.lettering import FACE
from alignment_lib.answers.charts.ink.painting import HINT, house_style, shapes_of, texts_of
from alignment_lib.answers.charts.ink.palette import INK, INKS
from alignment_lib.answers.charts.ink.paper import Paper
from alignment_lib.answers.markup import escape

__all__ = ["inline_svg"]

_SVG, _LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
_SIZE, _WEIGHT = "12", "400"
_COMMAND = re.compile(r"([MLQCz])([^MLQCz]*)")
_STYLE = re.compile(r"([\w-]+): ([^;]+)")
_NAMED = {ink: f"var(--{name},{ink})" for name, ink in INKS.items()}
_LOOKS = (
    "fill",
    "fill-opacity",
    "stroke",
    "stroke-width",
    "stroke-dasharray",
    "opacity",
    "font-size",
    "font-weight",
    "text-anchor",
)
_SAME = {"font-size": f"{_SIZE}px", "font-weight": _WEIGHT, "text-anchor": "start", "fill": INK}
"""What the whole drawing is unless told otherwise."""


@dataclass(frozen=True)
class _Piece:
    """One shape or text of a drawing: how it looks, where it is, and what it says."""

    look: tuple[tuple[str, str], ...]
    path: str = ""
    text: str = ""
    place: str = ""
    hint: str = ""


def inline_svg(paper: Paper, name: str, alt: str, *, fixed: bool = False) -> str:
    """The drawing as one ``<svg>`` element for a page.

    Texts stay texts, inks are variables of the page's style sheet (colours where `fixed`), hints are titles,
    coordinates are rounded to a tenth of a point, and there is neither a date nor a maker's name.

    Parameters
    ----------
    paper : Paper
        As laid out.
    name : str
        Unique in the page: patterns are named after it.
    alt : str
        The drawing in words.
    """
    root = ET.fromstring(_draw(paper))  # noqa: S314 - written by matplotlib a line ago
    hatches = list(root.iter(f"{_SVG}pattern"))
    names = {one.get("id", ""): f"{name}-{number}" for number, one in enumerate(hatches)}
    parts = [_hatch(one, names) for one in hatches]
    for look, pieces in groupby(_pieces(root, names), key=lambda piece: piece.look):
        told = "".join(f' {key}="{value}"' for key, value in look)
        parts.append(f"<g{told}>{_written(list(pieces))}</g>")
    body = "".join(parts)
    if not fixed:
        body = re.sub('#[0-9a-f]{6}(?=")', lambda found: _NAMED.get(found[0], found[0]), body)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {paper.width:g} {paper.height:g}" '
        f'width="{paper.width:g}" height="{paper.height:g}" aria-label="{escape(alt)}" '
        f'fill="{INK if fixed else _NAMED[INK]}" font-family="{FACE}, sans-serif" font-size="{_SIZE}" '
        f'text-rendering="geometricPrecision">'
        f"{body}</svg>"
    )


def _draw(paper: Paper) -> str:
    """What matplotlib's backend writes."""
    from matplotlib.figure import Figure
    from matplotlib.transforms import Affine2D

    place = Affine2D().scale(*paper.scale).translate(*paper.origin).scale(1, -1).translate(0, paper.height)
    sheet, written = Figure(dpi=72), io.StringIO()
    silent = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with house_style(for_pages=True):
        renderer = _backend()(paper.width, paper.height, written, metadata=silent)
        for shape in shapes_of(paper, place):
            shape.set_figure(sheet)
            shape.draw(renderer)
        for text in texts_of(paper, place):
            # What `Text.draw` comes to, without measuring what the lettering has measured.
            look = renderer.new_gc()
            look.set_foreground(text.get_color())
            x, y = place.transform(text.get_position())
            renderer.draw_text(
                look,
                x,
                paper.height - y,
                text.get_text(),
                text.get_fontproperties(),
                text.get_rotation(),
                False,
                mtext=text,
            )
        renderer.finalize()
    return written.getvalue()


@cache
def _backend() -> Any:
    from matplotlib.backends.backend_svg import RendererSVG

    return RendererSVG


def _pieces(root: ET.Element, names: dict[str, str]) -> Iterator[_Piece]:
    """Shapes and texts in the order of drawing, each with the hint that stood around it."""
    shared = {one.get("id", ""): one.get("d", "") for one in root.iter(f"{_SVG}path") if one.get("id")}
    hint = ""
    for one in root.iter():
        kind, told = one.tag.removeprefix(_SVG), one.get("style", "")
        if kind == "pattern":
            return
        if kind == "a":
            hint = one.get(_LINK, "").removeprefix(HINT)
        elif kind == "text":
            yield _Piece(_look(told, names), text=one.text or "", place=_place(one))
        elif told and kind in ("path", "use") and not one.get("id"):
            drawn = shared[one.get(_LINK, "")[1:]] if kind == "use" else one.get("d", "")
            moved = (float(one.get("x", 0)), float(one.get("y", 0)))
            if drawn:
                yield _Piece(_look(told, names), path=_compact(drawn, moved), hint=hint)
            hint = ""


def _look(told: str, names: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """The style as attributes that differ from those of the whole drawing."""
    look = dict(_STYLE.findall(told))
    fill = look.get("fill", "")
    if fill.startswith("url(#"):
        look["fill"] = f"url(#{names[fill[5:-1]]})"
    kept = [(key, look[key]) for key in _LOOKS if key in look and look[key] != _SAME.get(key)]
    return tuple((key, value.removesuffix("px").replace(", ", " ")) for key, value in kept)


def _place(one: ET.Element) -> str:
    x, y = _short(float(one.get("x", 0))), _short(float(one.get("y", 0)))
    turn = one.get("transform", "").startswith("rotate(-90")
    return f'x="{x}" y="{y}"' + (f' transform="rotate(-90 {x} {y})"' if turn else "")


def _written(pieces: list[_Piece]) -> str:
    """Pieces of one look; shapes without a hint become one path."""
    parts = []
    for is_plain, some in groupby(pieces, key=lambda piece: bool(piece.path) and not piece.hint):
        if is_plain:
            parts.append(f'<path d="{"".join(piece.path for piece in some)}"/>')
            continue
        for piece in some:
            if piece.path:
                parts.append(f'<path d="{piece.path}"><title>{escape(piece.hint)}</title></path>')
            else:
                parts.append(f"<text {piece.place}>{escape(piece.text)}</text>")
    return "".join(parts)


def _hatch(one: ET.Element, names: dict[str, str]) -> str:
    paper, lines = one[0], one[1]
    side, look = one.get("width", ""), dict(_STYLE.findall(lines.get("style", "")))
    return (
        f'<defs><pattern id="{names[one.get("id", "")]}" width="{side}" height="{side}" '
        f'patternUnits="userSpaceOnUse"><path fill="{paper.get("fill")}" d="M0 0h{side}v{side}H0z"/>'
        f'<path stroke="{look["stroke"]}" stroke-width="{look["stroke-width"]}" '
        f'd="{_compact(lines.get("d", ""), (0.0, 0.0))}"/></pattern></defs>'
    )


def _compact(drawn: str, moved: tuple[float, float]) -> str:
    """A path with steps from point to point, rounded to tenths."""
    parts: list[str] = []
    here = (0, 0)
    for command, told in _COMMAND.findall(drawn):
        if command == "z":
            parts.append("z")
            continue
        numbers = [float(number) for number in told.split()]
        points = [
            (round((numbers[at] + moved[0]) * 10), round((numbers[at + 1] + moved[1]) * 10))
            for at in range(0, len(numbers), 2)
        ]
        parts.append(_step(command, here, points))
        here = points[-1]
    return "".join(parts)


def _step(command: str, here: tuple[int, int], points: list[tuple[int, int]]) -> str:
    if command == "M":
        return "M" + _pairs(points)
    steps = [(x - here[0], y - here[1]) for x, y in points]
    if command == "L" and steps[0][1] == 0:
        return f"h{_short(steps[0][0] / 10)}"
    if command == "L" and steps[0][0] == 0:
        return f"v{_short(steps[0][1] / 10)}"
    return command.lower() + _pairs(steps)


def _pairs(points: list[tuple[int, int]]) -> str:
    numbers = " ".join(_short(part / 10) for point in points for part in point)
    return numbers.replace(" -", "-")


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0").replace("-0.", "-.") if round(number, 1) else "0"
