"""Past events, a panel each: sold, and what would have been sold without it, with its band."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from alignment_lib.answers.charts.ink.lettering import shorten
from alignment_lib.answers.charts.ink.palette import ACTUAL, BAND, INK, MUTED, PAPER
from alignment_lib.answers.charts.ink.paper import Paper
from alignment_lib.answers.charts.ink.placing import keep_inside
from alignment_lib.answers.charts.notation import Chart, two_sheets
from alignment_lib.answers.wording import Scale, choose_short_scale, write_date

__all__ = ["EventPicture", "draw_event_study"]

_HEAD, _FOOT, _TALL, _BETWEEN = 44.0, 30.0, 214.0, 26.0


@dataclass(frozen=True)
class EventPicture:
    """One event to be drawn.

    Attributes
    ----------
    title : str
        What was done, where and when.
    remark : str
        What it came to; blank for nothing.
    course : DataFrame
        ``period, actual, without, low, high, is_event``, in time order.
    """

    title: str
    remark: str
    course: pd.DataFrame


def draw_event_study(events: Sequence[EventPicture], *, name: str, title: str, unit: str) -> Chart:
    """Actual sales by period as bars, those of the event dark, over the line of what would have been.

    Panels have scales of their own: events of different size are looked at one by one.

    Examples
    --------
    >>> weeks = pd.DataFrame({"period": pd.date_range("2026-01-05", periods=3, freq="7D"),
    ...     "actual": [10.0, 16.0, 9.0], "without": [10.0, 11.0, 10.0], "low": [9.0, 10.0, 9.0],
    ...     "high": [11.0, 12.0, 11.0], "is_event": [False, True, False]})
    >>> draw_event_study([EventPicture("Feature", "", weeks)], name="doc", title="Tea", unit="units").alt
    'Tea. Feature: in the event 16.0 sold, 11.0 without it (10.0 to 12.0 by period summed). In units.'
    """
    figures = [part for one in events for part in one.course[["actual", "without"]].to_numpy().ravel()]
    scale = choose_short_scale(figures, unit)
    said = "; ".join(_in_words(one, scale) for one in events)
    across = min(2, max(len(events), 1))
    return Chart(
        title=title,
        subtitle=f"in {scale.unit}, each on its own scale" if len(events) > 1 else f"in {scale.unit}",
        alt=f"{title}. {said}. In {scale.unit}.",
        name=name,
        lay_out=lambda paper: _draw(paper, events),
        sheets=two_sheets(math.ceil(len(events) / across) * _TALL, len(events) * _TALL),
        legend="Bars: sold, those of the event in full; line and band: without the event.",
    )


def _in_words(event: EventPicture, scale: Scale) -> str:
    inside = event.course[event.course["is_event"]]
    sums = {name: scale.write(float(inside[name].sum())) for name in ("actual", "without", "low", "high")}
    return (
        f"{event.title}: in the event {sums['actual']} sold, {sums['without']} without it "
        f"({sums['low']} to {sums['high']} by period summed)"
    )


def _draw(paper: Paper, events: Sequence[EventPicture]) -> None:
    across = 1 if paper.is_narrow else min(2, max(len(events), 1))
    width = (paper.width - _BETWEEN * (across - 1)) / across
    for number, event in enumerate(events):
        _panel(paper, event, ((number % across) * (width + _BETWEEN), (number // across) * _TALL, width))


def _panel(paper: Paper, event: EventPicture, place: tuple[float, float, float]) -> None:
    left, top, width = place
    rows: list[dict[str, Any]] = event.course.to_dict("records")  # type: ignore[assignment]
    slot, ground = width / max(len(rows), 1), top + _TALL - _FOOT
    largest = float(event.course[["actual", "high"]].to_numpy().max(initial=0.0))
    rise = (_TALL - _HEAD - _FOOT) / (largest or 1.0)
    paper.count_in((left + slot / 2, ground), (slot, -rise))
    paper.text(left, top + 14, shorten(event.title, width, 12.5, bold=True), size=12.5, bold=True)
    paper.text(left, top + 30, shorten(event.remark, width, 11), size=11, ink=MUTED)
    for number, row in enumerate(rows):
        x = left + number * slot
        paper.rect(x, ground - row["high"] * rise, slot, (row["high"] - row["low"]) * rise, BAND)
    for number, row in enumerate(rows):
        shade = 1.0 if row["is_event"] else 0.5
        hint = f"{write_date(row['period'])}: sold {row['actual']:,.0f}, without it {row['without']:,.0f}"
        height, x = max(row["actual"], 0.0) * rise, left + number * slot + slot * 0.2
        paper.rect(x, ground - height, slot * 0.6, height, ACTUAL, hint=hint, opacity=shade)
    levels = [ground - row["without"] * rise for row in rows]
    steps = [(left + (number + side) * slot, y) for number, y in enumerate(levels) for side in (0, 1)]
    for ink, thick in ((PAPER, 4.5), (INK, 1.8)):
        paper.path(steps, ink, thick)
    paper.line(left, ground, left + width, ground, INK, 1)
    inside = [number for number, row in enumerate(rows) if row["is_event"]]
    if inside:
        first, last = left + inside[0] * slot, left + (inside[-1] + 1) * slot
        paper.line(first, ground + 5, last, ground + 5, INK, 2)
        words = write_date(rows[inside[0]]["period"])
        middle = keep_inside((first + last) / 2, words, left, left + width, 11)
        paper.text(middle, ground + 20, words, size=11, anchor="middle")
