"""Where labels go: beside one another without touching, above columns without standing on an edge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from alignment_lib.answers.charts.ink.lettering import text_width
from alignment_lib.answers.charts.ink.palette import INK, MUTED
from alignment_lib.answers.charts.ink.paper import Label, Paper

__all__ = ["keep_inside", "room_for", "spread", "turns", "write_above", "write_below"]

_GAP = 4.0
_LINE = 11.0
"""Least width of a column, in points, whose value is written upwards."""


def room_for(texts: Sequence[str], size: float = 12, *, bold: bool = False) -> float:
    """The width of the widest text."""
    return max((text_width(text, size, bold=bold) for text in texts), default=0.0)


def keep_inside(
    x: float, text: str, low: float, high: float, size: float = 12, *, bold: bool = False
) -> float:
    """Where the middle of a text goes that is wanted at `x`, so that it stays between two bounds."""
    half = text_width(text, size, bold=bold) / 2
    return min(max(x, low + half), max(high - half, low + half))


def spread(wanted: Sequence[tuple[float, float]], low: float, high: float, gap: float = 10.0) -> list[float]:
    """Middles of texts in a row: as near as they can be to where they are wanted without touching.

    Parameters
    ----------
    wanted : sequence of (float, float)
        Middle and width of each, from left to right.
    low, high : float
        Where the row begins and ends.

    Returns
    -------
    list of float
        Empty where they do not fit in one row.

    Examples
    --------
    >>> spread([(50, 40), (60, 40)], 0, 200)
    [50.0, 100.0]
    >>> spread([(50, 40), (60, 40)], 0, 80)
    []
    """
    if sum(width for _, width in wanted) + gap * (len(wanted) - 1) > high - low:
        return []
    middles: list[float] = []
    edge = low
    for middle, width in wanted:
        middles.append(max(float(middle), edge + width / 2))
        edge = middles[-1] + width / 2 + gap
    edge = high
    for number in reversed(range(len(wanted))):
        width = wanted[number][1]
        middles[number] = min(middles[number], edge - width / 2)
        edge = middles[number] - width / 2 - gap
    return middles


def turns(texts: Sequence[str], slot: float, size: float = 11) -> bool:
    """Whether values over columns have to be written upwards to stand beside one another."""
    return room_for(texts, size) + _GAP > slot


def write_above(
    paper: Paper,
    slot: float,
    texts: Sequence[str],
    tops: Sequence[float],
    *,
    inks: Sequence[str] | None = None,
    size: float = 11,
    shift: float = 0.0,
) -> None:
    """Values over columns, each within the width of its own or above all that it reaches across.

    Where columns are too narrow for that, values are written upwards; where they are too narrow even for
    it, only some are, the last among them.

    Parameters
    ----------
    slot : float
        Width of a column with its gap.
    texts : sequence of str
        One value a column; blank where there is none.
    tops : sequence of float
        The highest point of each column.
    shift : float
        How far the middle of a bar lies from that of its column.
    """
    upwards = turns(texts, slot, size)
    every = max(1, math.ceil(_LINE / slot)) if upwards else 1
    last = len(texts) - 1
    for number, text in enumerate(texts):
        if not text or (last - number) % every:
            continue
        begin, end = number * slot, (number + 1) * slot
        middle = (begin + end) / 2 + shift
        if upwards:
            # The baseline lies to the right of the middle.
            at = min(max(middle + 0.36 * size, begin + 0.8 * size), end - 0.25 * size)
        else:
            at = keep_inside(middle, text, begin + 1, end - 1, size)
        label = Label(
            at,
            0.0,
            text,
            inks[number] if inks else INK,
            size,
            "start" if upwards else "middle",
            False,
            upwards,
        )
        first, beyond = int((label.box.left + 0.4) // slot), int((label.box.right - 0.4) // slot)
        label = replace(label, y=min(tops[max(first, 0) : min(beyond, last) + 1]) - 5)
        paper.place([label], free_of_marks=every > 1)


def write_below(paper: Paper, slot: float, texts: Sequence[str], y: float, size: float = 10.5) -> None:
    """Names under columns: all of them, or as many as have room, the last among them."""
    every = max(1, math.ceil((room_for(texts, size) + _GAP) / slot))
    last = len(texts) - 1
    for number, text in enumerate(texts):
        if (last - number) % every == 0:
            at = keep_inside((number + 0.5) * slot, text, 0, paper.width, size)
            paper.place([Label(at, y, text, MUTED, size, "middle")], free_of_marks=False)
