"""Scenarios side by side over time or over parts: one line each, or one dot in every part's row."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from alignment_lib.answers.charts.ink.lettering import shorten
from alignment_lib.answers.charts.ink.palette import BAD, GOOD, INK, MUTED, RULE, TARGET
from alignment_lib.answers.charts.ink.paper import Label, Paper
from alignment_lib.answers.charts.ink.placing import room_for
from alignment_lib.answers.charts.notation import Chart, two_sheets
from alignment_lib.answers.wording import Scale, choose_short_scale

__all__ = ["draw_scenario_lines"]

_INKS = ((INK, "dark"), (GOOD, "blue"), (BAD, "vermilion"), (TARGET, "red"), (MUTED, "grey"))
_ROW = 26.0
_MOST = 24
_CUT = " The scale does not begin at zero."


def draw_scenario_lines(
    table: pd.DataFrame, *, name: str, title: str, unit: str, period: str, over_time: bool
) -> Chart:
    r"""Plans of several scenarios on one scale.

    Parameters
    ----------
    table : DataFrame
        One row per span in time order, or per part; one column per scenario, named as it is shown.
    name, title, unit, period : str
        Unique in the page; the heading; what is counted; of when.
    over_time : bool
        Whether the rows are spans, drawn left to right; else they are parts, drawn top to bottom.

    Examples
    --------
    >>> plans = pd.DataFrame({"Consensus": [10.0, 12.0], "Bold": [11.0, 15.0]}, index=["Jan", "Feb"])
    >>> draw_scenario_lines(plans, name="doc", title="Plans", unit="units", period="2026Q1",
    ...                     over_time=True).alt
    'Plans, 2026Q1, in units. Consensus: Jan 10.0, Feb 12.0. Bold: Jan 11.0, Feb 15.0.'
    """
    shown = table if over_time else table.head(_MOST)
    scale = choose_short_scale(table.to_numpy().ravel(), unit)
    said = [
        f"{column}: " + ", ".join(f"{label} {scale.write(value)}" for label, value in shown[column].items())
        for column in table
    ]
    inks = "; ".join(f"{_INKS[place % len(_INKS)][1]}: {column}" for place, column in enumerate(table))
    rest = len(table) - len(shown)
    more = f" {rest} smaller parts stand in the table." if rest else ""
    tall = len(shown) * _ROW + 40.0
    return Chart(
        title=title,
        subtitle=f"in {scale.unit}, {period}",
        alt=f"{title}, {period}, in {scale.unit}. {'. '.join(said)}.{more}",
        name=name,
        lay_out=lambda paper: (_draw_lines if over_time else _draw_rows)(paper, shown, scale),
        sheets=two_sheets(*((300.0, 280.0) if over_time else (tall, tall))),
        legend=f"{inks[:1].upper()}{inks[1:]}.{more}" + (_CUT if over_time else ""),
    )


def _draw_lines(paper: Paper, table: pd.DataFrame, scale: Scale) -> None:
    if table.empty:
        paper.text(8, 20, "Nothing is planned here.", ink=MUTED)
        return
    low, high = _bounds(table)
    levels = [low + share * (high - low) for share in (0.0, 0.5, 1.0)]
    left, right, top = room_for([scale.write(one) for one in levels]) + 14.0, 14.0, 16.0
    ground = paper.height - 40.0
    slot = (paper.width - left - right) / max(len(table), 1)
    rise = (ground - top) / (high - low)
    paper.count_in((left + slot / 2, ground + low * rise), (slot, -rise))
    for level in levels:
        y = ground - (level - low) * rise
        paper.line(left, y, paper.width - right, y, RULE)
        paper.text(left - 6, y + 4, scale.write(level), size=10.5, anchor="end", ink=MUTED)
    for place, column in reversed(list(enumerate(table))):
        ink = _INKS[place % len(_INKS)][0]
        points = [
            (left + (at + 0.5) * slot, ground - (value - low) * rise)
            for at, value in enumerate(table[column])
        ]
        paper.path(points, ink, 2.2 if place == 0 else 1.6)
        for (x, y), label, value in zip(points, table.index, table[column], strict=True):
            if math.isfinite(value):
                paper.dot(x, y, 3.0, ink, hint=f"{column}, {label}: {scale.say(value)}")
    _write_labels(paper, [str(label) for label in table.index], left, slot, ground)


def _write_labels(paper: Paper, labels: Sequence[str], left: float, slot: float, ground: float) -> None:
    """Names of the spans below the lines; every second, third … where they do not fit."""
    wide = room_for(labels, 11) + 6.0
    step = max(1, math.ceil(wide / slot))
    for at in range(0, len(labels), step):
        label = Label(left + (at + 0.5) * slot, ground + 18, labels[at], MUTED, 11, "middle")
        paper.place([label], free_of_marks=False)


def _draw_rows(paper: Paper, table: pd.DataFrame, scale: Scale) -> None:
    low, high = _bounds(table, from_zero=True)
    names = min(room_for([str(label) for label in table.index]), 0.36 * paper.width)
    ends = [scale.write(low), scale.write(high)]
    left, right = names + 24.0, paper.width - 20.0
    if table.empty:
        paper.text(8, 20, "Nothing is planned here.", ink=MUTED)
    per = (right - left) / (high - low)
    paper.count_in((left - low * per, _ROW / 2), (per, _ROW))
    for at, label in enumerate(table.index):
        y = at * _ROW + _ROW / 2 + 4
        paper.text(names + 8, y + 4, shorten(str(label), names), anchor="end")
        paper.line(left, y, right, y, RULE)
        for place, column in reversed(list(enumerate(table))):
            value = float(table[column].iloc[at])
            ink = _INKS[place % len(_INKS)][0]
            hint = f"{column}, {label}: {scale.say(value)}"
            paper.dot(left + (value - low) * per, y, 5.0, ink, hollow=place > 0, hint=hint)
    ground = len(table) * _ROW + 20.0
    paper.text(left, ground, ends[0], size=10.5, ink=MUTED)
    paper.text(right, ground, ends[1], size=10.5, anchor="end", ink=MUTED)


def _bounds(table: pd.DataFrame, *, from_zero: bool = False) -> tuple[float, float]:
    known = table.to_numpy(dtype=float)
    known = known[np.isfinite(known)]
    low, high = float(known.min(initial=math.inf)), float(known.max(initial=-math.inf))
    if low > high:
        return 0.0, 1.0
    if from_zero:
        return min(low, 0.0), max(high, 0.0) if max(high, 0.0) > min(low, 0.0) else 1.0
    margin = 0.06 * (high - low) or 0.5 * abs(high) or 1.0
    return low - margin, high + margin
