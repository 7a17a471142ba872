"""A past event as a small chart: sold, and what would have been sold without it, with its band."""

from __future__ import annotations

from typing import Any

import pandas as pd

from alignment_lib.answers.charts.ink.lettering import shorten
from alignment_lib.answers.charts.ink.palette import ACTUAL, BAND, INK, MUTED, PAPER
from alignment_lib.answers.charts.ink.paper import Paper
from alignment_lib.answers.charts.ink.placing import keep_inside
from alignment_lib.answers.charts.notation import Chart, Sheet
from alignment_lib.answers.wording import choose_short_scale, write_date

__all__ = ["draw_event_study"]

_TOP, _BOTTOM = 20.0, 30.0


def draw_event_study(table: pd.DataFrame, *, name: str, title: str, unit: str, remark: str = "") -> Chart:
    """Actual sales by period as bars, those of the event dark, over the line of what would have been.

    Parameters
    ----------
    table : DataFrame
        ``period, actual, without, low, high, is_event``, in time order.
    remark : str
        What it came to, said below the title.

    Examples
    --------
    >>> weeks = pd.DataFrame({"period": pd.date_range("2026-01-05", periods=3, freq="7D"),
    ...     "actual": [10.0, 16.0, 9.0], "without": [10.0, 11.0, 10.0], "low": [9.0, 10.0, 9.0],
    ...     "high": [11.0, 12.0, 11.0], "is_event": [False, True, False]})
    >>> draw_event_study(weeks, name="doc", title="Feature", unit="units").alt
    'Feature. In the event 16.0 sold, 11.0 without it (10.0 to 12.0 by period summed), units.'
    """
    frame = table.reset_index(drop=True)
    scale = choose_short_scale(frame[["actual", "without"]].to_numpy().ravel(), unit)
    inside = frame[frame["is_event"]]
    alt = (
        f"{title}. In the event {scale.write(float(inside['actual'].sum()))} sold, "
        f"{scale.write(float(inside['without'].sum()))} without it "
        f"({scale.write(float(inside['low'].sum()))} to {scale.write(float(inside['high'].sum()))} "
        f"by period summed), {scale.unit}."
    )
    legend = f"{remark} Counted in {scale.unit}." if remark else ""
    return Chart(
        title=title,
        subtitle="",
        alt=alt,
        name=name,
        lay_out=lambda paper: _draw(paper, frame),
        sheets=(Sheet(450, 190),),
        legend=legend,
    )


def _draw(paper: Paper, frame: pd.DataFrame) -> None:
    slot = paper.width / max(len(frame), 1)
    ground = paper.height - _BOTTOM
    largest = float(frame[["actual", "high"]].to_numpy().max(initial=0.0))
    rise = (ground - _TOP) / (largest or 1.0)
    paper.count_in((slot / 2, ground), (slot, -rise))
    rows: list[dict[str, Any]] = frame.to_dict("records")  # type: ignore[assignment]
    for number, row in enumerate(rows):
        x = number * slot
        paper.rect(x, ground - row["high"] * rise, slot, (row["high"] - row["low"]) * rise, BAND)
    for number, row in enumerate(rows):
        shade = 1.0 if row["is_event"] else 0.5
        hint = f"{write_date(row['period'])}: sold {row['actual']:,.0f}, without it {row['without']:,.0f}"
        height = max(row["actual"], 0.0) * rise
        left = number * slot + slot * 0.2
        paper.rect(left, ground - height, slot * 0.6, height, ACTUAL, hint=hint, opacity=shade)
    levels = [ground - row["without"] * rise for row in rows]
    steps = [(number * slot + side * slot, y) for number, y in enumerate(levels) for side in (0, 1)]
    for ink, width in ((PAPER, 4.5), (INK, 1.8)):
        paper.path(steps, ink, width)
    paper.line(0, ground, paper.width, ground, INK, 1)
    _label(paper, rows, slot, ground)


def _label(paper: Paper, rows: list[dict[str, Any]], slot: float, ground: float) -> None:
    events = [number for number, row in enumerate(rows) if row["is_event"]]
    if not events:
        return
    first, last = events[0], events[-1]
    paper.line(first * slot, ground + 5, (last + 1) * slot, ground + 5, INK, 2)
    words = write_date(rows[first]["period"])
    middle = keep_inside((first + last + 1) * slot / 2, words, 0, paper.width, 11)
    paper.text(middle, ground + 20, words, size=11, anchor="middle")
    key = "bars: sold; line and band: without the event"
    paper.text(0, 12, shorten(key, paper.width, 10.5), size=10.5, ink=MUTED)
