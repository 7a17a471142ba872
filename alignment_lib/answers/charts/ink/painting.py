"""Marks and labels of a paper handed to matplotlib: a collection for each ink, a text for each label."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from alignment_lib.answers.charts.ink.lettering import FACE
from alignment_lib.answers.charts.ink.palette import INKS
from alignment_lib.answers.charts.ink.paper import Box, Mark, Paper, Style

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.collections import Collection
    from matplotlib.text import Text
    from matplotlib.transforms import Transform

__all__ = ["HINT", "house_style", "paint", "shapes_of", "texts_of"]

HINT = "#hint:"
"""What the address of a shape begins with where it is a hint for the pointer."""
_HATCH = "//"
_OF_PAGES = (
    "hatch.linewidth",
    "lines.scale_dashes",
    "path.effects",
    "path.simplify",
    "path.sketch",
    "svg.fonttype",
    "svg.hashsalt",
)
_one_at_a_time = threading.RLock()
_ANCHORS: Mapping[str, Literal["left", "center", "right"]] = {
    "start": "left",
    "middle": "center",
    "end": "right",
}
_WORDS = {
    INKS["actual"]: "actual",
    INKS["prior"]: "year before",
    INKS["band"]: "range",
    INKS["target"]: "target",
    INKS["good"]: "more",
    INKS["bad"]: "less",
}


@contextmanager
def house_style(*, for_pages: bool = False) -> Iterator[None]:
    """The style sheet of the charts, whatever a notebook has set for its own drawings.

    One thread at a time: matplotlib has one set of settings for all of them. What pages are drawn with
    changes as few of them as it can, since that may happen beside a person's own drawing.
    """
    import matplotlib as mpl

    own, present = _settings(), cast(MutableMapping[str, Any], mpl.rcParams)
    if for_pages:
        own = {name: own[name] for name in _OF_PAGES}
    with _one_at_a_time:
        yield from _changed(present, own)


def _changed(present: MutableMapping[str, Any], own: Mapping[str, Any]) -> Iterator[None]:
    # What `rc_context` does, without copying the 300 settings that stay as they are.
    before = {name: present[name] for name in own}
    present.update(own)
    try:
        yield
    finally:
        present.update(before)


@cache
def _settings() -> Mapping[str, Any]:
    import matplotlib as mpl

    sheet = Path(__file__).with_name("alignment.mplstyle")
    own = mpl.rc_params_from_file(str(sheet), use_default_template=False)
    return dict(own.items()) | {"path.effects": []}


def paint(paper: Paper, ax: Axes, inks: Mapping[str, str] | None = None, size: float = 1.0) -> None:
    """Draw what stands on a paper over the whole of an Axes.

    The Axes counts in what the chart shows: in values and in numbers of rows or spans, not in points, so
    that notes can be set at a value. Neither ticks nor spines are drawn.

    Parameters
    ----------
    paper : Paper
        As laid out.
    ax : Axes
        Its limits are set.
    inks : mapping, optional
        Other colours, by name of the ink.
    size : float
        How many points of the drawing one point of the paper is.
    """
    far = paper.values_at(paper.width, paper.height)
    near = paper.values_at(0.0, 0.0)
    ax.set_xlim(near[0], far[0])
    ax.set_ylim(far[1], near[1])
    ax.set_axis_off()
    for drawn in shapes_of(paper, ax.transData, inks, size):
        ax.add_collection(drawn, autolim=False)
        drawn.set_clip_on(False)
    for text in texts_of(paper, ax.transData, inks, size):
        ax.add_artist(text)
        text.set_clip_on(False)


def shapes_of(
    paper: Paper, place: Transform, inks: Mapping[str, str] | None = None, size: float = 1.0
) -> list[Collection]:
    """The marks as collections, one for each look; each ink bears its meaning once as a label."""
    import numpy as np

    other = {INKS[name]: colour for name, colour in (inks or {}).items()}
    origin, per = np.array(paper.origin), np.array(paper.scale)
    made: list[Collection] = []
    told: set[str] = set()
    for style, marks in _gather(paper.marks):
        shapes = [(np.array(mark.points) - origin) / per for mark in marks]
        drawn = _collect(place, style, shapes, other, size)
        word = _word_of(style)
        drawn.set_label("_" if word in told else word)
        told.add(word)
        if any(mark.hint for mark in marks):
            drawn.set_urls([HINT + mark.hint if mark.hint else None for mark in marks])
        drawn.set_zorder(2 + len(made) / 1000)
        made.append(drawn)
    return made


def texts_of(
    paper: Paper, place: Transform, inks: Mapping[str, str] | None = None, size: float = 1.0
) -> list[Text]:
    """The labels as texts."""
    from matplotlib.text import Text

    other = {INKS[name]: colour for name, colour in (inks or {}).items()}
    made = []
    for label in paper.labels:
        x, y = paper.values_at(label.x, label.y)
        text = Text(
            x,
            y,
            label.text,
            color=other.get(label.ink, label.ink),
            fontfamily=FACE,
            fontsize=label.size * size,
            fontweight="bold" if label.is_bold else "normal",
            horizontalalignment=_ANCHORS[label.anchor],
            verticalalignment="baseline",
            rotation=90.0 if label.is_turned else 0.0,
            rotation_mode="anchor",
            parse_math=False,
            transform=place,
            zorder=3,
        )
        made.append(text)
    return made


def _gather(marks: list[Mark]) -> list[tuple[Style, list[Mark]]]:
    """Marks of one look together, wherever nothing between them would then be covered or uncovered."""
    groups: list[tuple[Style, list[Mark], list[Box]]] = []
    for mark in marks:
        box = mark.box
        for style, members, boxes in reversed(groups):
            if style == mark.style:
                members.append(mark)
                boxes.append(box)
                break
            if any(box.meets(other) for other in boxes):
                groups.append((mark.style, [mark], [box]))
                break
        else:
            groups.append((mark.style, [mark], [box]))
    return [(style, members) for style, members, _ in groups]


def _word_of(style: Style) -> str:
    if style.is_hatched:
        return "forecast"
    if style.kind == "area" and not style.fill:
        return "plan"
    return _WORDS.get(style.fill or style.edge, "_")


def _collect(
    place: Transform, style: Style, shapes: list[np.ndarray], other: Mapping[str, str], size: float
) -> Collection:
    """One collection of matplotlib for shapes of one look."""
    from matplotlib.collections import CircleCollection, LineCollection, PolyCollection

    fill, edge = (other.get(ink, ink) for ink in (style.fill, style.edge))
    if style.kind == "line":
        dash: Any = (0.0, tuple(part * size for part in style.dash)) if style.dash else "solid"
        return LineCollection(
            shapes, colors=edge, linewidths=style.width * size, linestyles=[dash], transform=place
        )
    look: dict[str, Any] = {
        "facecolors": fill or "none",
        "edgecolors": edge or "none",
        "linewidths": style.width * size,
        "alpha": style.opacity if style.opacity < 1 else None,
    }
    if style.kind == "dot":
        area = math.pi * (style.radius * size) ** 2
        offsets = [tuple(shape[0]) for shape in shapes]
        return CircleCollection([area], offsets=offsets, offset_transform=place, **look)
    return PolyCollection(shapes, hatch=_HATCH if style.is_hatched else None, transform=place, **look)
