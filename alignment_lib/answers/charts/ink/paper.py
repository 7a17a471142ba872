"""A sheet of paper that charts are laid out on: marks and labels at points from its upper left corner.

Nothing is drawn here: `painting` hands the marks to matplotlib. So where a label goes is decided, and
tested, without drawing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from alignment_lib.answers.charts.ink.lettering import text_width
from alignment_lib.answers.charts.ink.palette import FORECAST, INK, PAPER
from alignment_lib.answers.markup import clean

__all__ = ["Box", "Label", "Mark", "Paper", "Style"]

_NARROW_BELOW = 500.0
_ASCENT, _DESCENT = 0.76, 0.21
"""How far figures and letters with tails reach above and below their baseline, in ems."""
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the paper, ``y`` growing downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether the two share more than an edge."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def holds(self, other: Box) -> bool:
        """Whether the other lies wholly inside."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and self.right >= other.right
            and self.bottom >= other.bottom
        )


@dataclass(frozen=True, slots=True)
class Style:
    """How a mark looks: the fill and its shade, the line around or along it."""

    kind: str
    fill: str = ""
    edge: str = ""
    width: float = 0.0
    dash: tuple[float, ...] = ()
    opacity: float = 1.0
    is_hatched: bool = False
    radius: float = 0.0


@dataclass(frozen=True)
class Mark:
    """One shape: a polygon, a line through points, or a dot."""

    style: Style
    points: tuple[Point, ...]
    hint: str = ""

    @cached_property
    def box(self) -> Box:
        """The rectangle it fills."""
        reach = self.style.radius
        across, down = [x for x, _ in self.points], [y for _, y in self.points]
        return Box(min(across) - reach, min(down) - reach, max(across) + reach, max(down) + reach)

    def crosses(self, box: Box) -> bool:
        """Whether its edge runs through a box; plain paper has none."""
        if self.style.fill == PAPER and not self.style.edge:
            return False
        if self.style.kind == "line":
            pairs = zip(self.points, self.points[1:], strict=False)
            return any(_segment_meets(first, second, box) for first, second in pairs)
        is_plain = self.style.fill and not self.style.edge
        return self.box.meets(box) and not (is_plain and self.box.holds(box))


@dataclass(frozen=True)
class Label:
    """A text with its baseline at a point."""

    x: float
    y: float
    text: str
    ink: str
    size: float
    anchor: str
    is_bold: bool = False
    is_turned: bool = False

    @cached_property
    def box(self) -> Box:
        """The rectangle it needs."""
        wide = text_width(self.text, self.size, bold=self.is_bold)
        before = {"start": 0.0, "middle": wide / 2, "end": wide}[self.anchor]
        up, down = _ASCENT * self.size, _DESCENT * self.size
        if self.is_turned:
            return Box(self.x - up, self.y + before - wide, self.x + down, self.y + before)
        return Box(self.x - before, self.y - up, self.x - before + wide, self.y + down)


@dataclass
class Paper:
    """What stands on a sheet, in the order in which it was put there.

    Attributes
    ----------
    width, height : float
        In points.
    marks, labels : list
        What was put on it; labels stand above all marks.
    origin, scale : tuple of float
        Where the value 0 of each axis lies, and how far from it 1 does, so that the axes of a drawing count
        in what it shows.
    """

    width: float
    height: float
    marks: list[Mark] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    origin: Point = (0.0, 0.0)
    scale: Point = (1.0, 1.0)

    @property
    def is_narrow(self) -> bool:
        """Whether the sheet is a phone's."""
        return self.width < _NARROW_BELOW

    def count_in(self, origin: Point, scale: Point) -> None:
        """Say where nothing lies on either axis and how far from it one does."""
        self.origin = origin
        self.scale = (scale[0] or 1.0, scale[1] or 1.0)

    def values_at(self, x: float, y: float) -> Point:
        """What lies at a point, counted on both axes."""
        return (x - self.origin[0]) / self.scale[0], (y - self.origin[1]) / self.scale[1]

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
        self._put(Style("area", fill, opacity=round(opacity, 2)), _corners(x, y, width, height), hint)

    def outline(
        self, x: float, y: float, width: float, height: float, ink: str = INK, *, hint: str = ""
    ) -> None:
        """An outlined rectangle on paper: the sign of a plan."""
        inner = _corners(x + 0.75, y + 0.75, max(width - 1.5, 0), max(height - 1.5, 0))
        self._put(Style("area", "", ink, 1.5), inner, hint)

    def hatched(self, x: float, y: float, width: float, height: float, *, hint: str = "") -> None:
        """A hatched rectangle: the sign of a forecast."""
        inner = _corners(x + 0.4, y + 0.4, max(width - 0.8, 0), max(height - 0.8, 0))
        self._put(Style("area", PAPER, FORECAST, 0.8, is_hatched=True), inner, hint)

    def area(self, points: Iterable[Point], fill: str, *, opacity: float = 1.0) -> None:
        """A filled polygon, for bands."""
        self._put(Style("area", fill, opacity=round(opacity, 2)), tuple(points))

    def line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        ink: str = INK,
        width: float = 1,
        dash: tuple[float, ...] = (),
    ) -> None:
        """A straight line."""
        self._put(Style("line", "", ink, width, dash), ((x1, y1), (x2, y2)))

    def path(self, points: Iterable[Point], ink: str, width: float = 1, dash: tuple[float, ...] = ()) -> None:
        """A line through points, broken where one is not known."""
        run: list[Point] = []
        for point in [*points, (math.nan, math.nan)]:
            if math.isfinite(point[1]):
                run.append(point)
                continue
            if len(run) > 1:
                self._put(Style("line", "", ink, width, dash), tuple(run))
            run = []

    def diamond(self, x: float, y: float, size: float, ink: str) -> None:
        """A small diamond: the sign of a target."""
        points = ((x, y - size), (x + size, y), (x, y + size), (x - size, y))
        self._put(Style("area", ink, PAPER, 1.0), points)

    def dot(
        self, x: float, y: float, radius: float, ink: str, *, hollow: bool = False, hint: str = ""
    ) -> None:
        """A small circle: one past event; hollow where it is in doubt."""
        fill, edge = (PAPER, ink) if hollow else (ink, PAPER)
        self._put(Style("dot", fill, edge, 1.0, radius=radius), ((x, y),), hint)

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
    ) -> Label:
        """Text with its baseline at `y`; `turned` reads upwards, `halo` keeps marks behind it off."""
        label = Label(x, y, _one_line(text), ink, size, anchor, bold, turned)
        if label.text.strip():
            if halo:
                box = label.box
                self.rect(box.left - 2, box.top, box.right - box.left + 4, box.bottom - box.top, PAPER)
            self.labels.append(label)
        return label

    def place(self, candidates: Sequence[Label], *, free_of_marks: bool = True) -> bool:
        """Put the first of the labels that is whole and free of other labels, and of marks where asked.

        Where none is free of marks, one that keeps clear of labels is put on paper of its own; where even
        that does not exist nothing is written, and the drawing's words and hints still hold the value.
        """
        fitting = [one for one in candidates if self._has_room(one)]
        clear = [one for one in fitting if not self._crosses(one.box)] if free_of_marks else fitting
        if not fitting:
            return False
        label = (clear or fitting)[0]
        self.text(
            label.x,
            label.y,
            label.text,
            ink=label.ink,
            size=label.size,
            anchor=label.anchor,
            bold=label.is_bold,
            turned=label.is_turned,
            halo=not clear,
        )
        return True

    def _has_room(self, label: Label) -> bool:
        """Whether a label would be whole and clear of all others."""
        box = label.box
        near = Box(box.left - 2, box.top, box.right + 2, box.bottom)
        sheet = Box(0, 0, self.width, self.height)
        return sheet.holds(box) and not any(near.meets(other.box) for other in self.labels)

    def _crosses(self, box: Box) -> bool:
        """Whether the box lies across the edge of a mark."""
        return any(mark.crosses(box) for mark in self.marks)

    def _put(self, style: Style, points: tuple[Point, ...], hint: str = "") -> None:
        if all(math.isfinite(part) for point in points for part in point):
            self.marks.append(Mark(style, points, _one_line(hint)))


def _one_line(text: str) -> str:
    return clean(" ".join(text.splitlines())).replace("\t", " ")


def _segment_meets(first: Point, second: Point, box: Box) -> bool:
    """Whether a straight line passes through a box (Liang and Barsky 1984)."""
    start, end = 0.0, 1.0
    for at, step, low, high in (
        (first[0], second[0] - first[0], box.left, box.right),
        (first[1], second[1] - first[1], box.top, box.bottom),
    ):
        if step == 0:
            if not low < at < high:
                return False
            continue
        near, far = sorted(((low - at) / step, (high - at) / step))
        start, end = max(start, near), min(end, far)
    return start < end


def _corners(x: float, y: float, width: float, height: float) -> tuple[Point, ...]:
    wide, tall = max(width, 0.0), max(height, 0.0)
    return ((x, y), (x + wide, y), (x + wide, y + tall), (x, y + tall))
