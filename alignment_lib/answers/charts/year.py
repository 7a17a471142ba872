"""Two charts along the year: how it adds up against target and last year, and which promotion runs when."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from alignment_lib.answers.charts.ink.lettering import shorten
from alignment_lib.answers.charts.ink.palette import BAND, GOOD, INK, MUTED, PRIOR, RULE, TARGET
from alignment_lib.answers.charts.ink.paper import Label, Paper
from alignment_lib.answers.charts.ink.placing import room_for, write_below
from alignment_lib.answers.charts.notation import Chart, two_sheets
from alignment_lib.answers.wording import Scale, choose_short_scale

__all__ = ["draw_calendar", "draw_year"]

_MOST_ROWS = 14
_SMALL = 11.0
_LINES = {"plan": "plan", "prior": "before"}
_ROW, _HEAD = 24.0, 26.0
_DAY = pd.Timedelta(days=1)


def draw_year(sums: pd.DataFrame, *, name: str, title: str, unit: str, period: str) -> Chart:
    """Running sums of a year: sold and planned, the year before, and targets where they are reached.

    Parameters
    ----------
    sums : DataFrame
        ``name, plan, prior, target`` in time order, as `add_up` gives them; NaN where there is none.

    Examples
    --------
    >>> sums = pd.DataFrame({"name": ["Jan", "Feb"], "plan": [90.0, 180.0], "prior": [80.0, 170.0]})
    >>> sums = sums.assign(target=[math.nan, 200.0])
    >>> draw_year(sums, name="doc", title="Year", unit="units", period="2026").alt
    'Year, 2026. Jan 90, year before 80; Feb 180, year before 170, target 200.'
    """
    rows = sums.reset_index(drop=True)
    scale = choose_short_scale(rows[["plan", "target"]].to_numpy().ravel(), unit)
    return Chart(
        title=title,
        subtitle=f"in {scale.unit}, {period}",
        alt=_describe_year(rows, title, period, scale),
        name=name,
        lay_out=lambda paper: _lay_year(paper, rows, scale),
        sheets=two_sheets(220, 138),
        legend="Dark line: sold and planned; light line: the year before; diamonds: targets.",
    )


def _describe_year(rows: pd.DataFrame, title: str, period: str, scale: Scale) -> str:
    said = []
    for row in rows.to_dict("records"):
        words = [f"{row['name']} {scale.write(row['plan'])}"]
        for key, word in (("prior", "year before"), ("target", "target")):
            if math.isfinite(row[key]):
                words.append(f"{word} {scale.write(row[key])}")
        said.append(", ".join(words))
    return f"{title}, {period}. {'; '.join(said)}."


def _lay_year(paper: Paper, rows: pd.DataFrame, scale: Scale) -> None:
    if rows.empty:
        return
    ends = {key: f"{word} {scale.write(rows[key].iloc[-1])}" for key, word in _LINES.items()}
    right = paper.width - room_for(list(ends.values()), _SMALL, bold=True) - 10
    top, foot = 22.0, paper.height - 20.0
    figures = rows[["plan", "prior", "target"]]
    most, least = float(figures.max().max()), min(float(figures.min().min()), 0.0)
    step, rise = right / len(rows), (foot - top) / ((most - least) or 1.0)
    paper.count_in((0.0, foot + least * rise), (step, -rise))

    def y(value: float) -> float:
        return foot - (value - least) * rise if math.isfinite(value) else math.nan

    paper.line(0, y(0), right, y(0), RULE, 1)
    heights = {}
    for key, ink, width in (("prior", PRIOR, 3), ("plan", INK, 2)):
        points = [(0.0, y(0))] + [(place * step, y(value)) for place, value in enumerate(rows[key], start=1)]
        paper.path(points, ink, width)
        heights[key] = points[-1][1]
    write_below(paper, step, [str(word).split(" ")[0] for word in rows["name"]], paper.height - 5)
    floor = -math.inf
    for key in sorted((key for key in heights if math.isfinite(heights[key])), key=lambda key: heights[key]):
        at = max(min(heights[key] + 4, paper.height - 18), floor)
        ink, is_bold = (INK, True) if key == "plan" else (MUTED, False)
        paper.place([Label(right + 6, at, ends[key], ink, _SMALL, "start", is_bold=is_bold)])
        floor = at + 15
    targets = [
        (place, target) for place, target in enumerate(rows["target"], start=1) if math.isfinite(target)
    ]
    for place, target in targets:
        paper.diamond(place * step, y(target), 6, TARGET)
    for place, target in targets:
        _write_target(paper, (place * step, y(target)), f"target {scale.write(target)}")


def _write_target(paper: Paper, at: tuple[float, float], text: str) -> None:
    """A target's figure beside its diamond, on that side of the lines where it has room."""
    x, y = at
    sides = [
        (x - 10, y - 7, "end"),
        (x + 10, y + 16, "start"),
        (x - 10, y + 16, "end"),
        (x + 10, y - 7, "start"),
    ]
    paper.place([Label(left, low, text, TARGET, _SMALL, anchor, is_bold=True) for left, low, anchor in sides])


def draw_calendar(
    rows: pd.DataFrame, days: Sequence[pd.Timestamp], *, name: str, title: str, period: str
) -> Chart:
    """Which promotion runs when: one bar a row, over the months of a span.

    Parameters
    ----------
    rows : DataFrame
        ``what, where, start, end, status``; `start` and `end` are the first and the last day.
    days : sequence of Timestamp
        First and last day of the span.

    Examples
    --------
    >>> rows = pd.DataFrame({"what": ["Coupon"], "where": ["Tea"], "start": [pd.Timestamp("2026-01-05")],
    ...                      "end": [pd.Timestamp("2026-01-18")], "status": ["accepted"]})
    >>> span = [pd.Timestamp("2025-12-29"), pd.Timestamp("2026-03-29")]
    >>> draw_calendar(rows, span, name="doc", title="Promotions", period="2026Q1").alt
    'Promotions, 2026Q1. Coupon (Tea) 5 Jan to 18 Jan, accepted.'
    """
    lines = rows.head(_MOST_ROWS).to_dict("records")
    left = len(rows) - len(lines)
    said = [
        f"{row['what']}{_in_brackets(row['where'])} {row['start'].day} {row['start']:%b} to {row['end'].day} "
        f"{row['end']:%b}, {row['status']}"
        for row in lines
    ]
    said += [f"{left} later ones are not drawn"] if left > 0 else []
    height = _HEAD + _ROW * len(lines) + 6
    return Chart(
        title=title,
        subtitle=period,
        alt=f"{title}, {period}. {'; '.join(said)}.",
        name=name,
        lay_out=lambda paper: _lay_calendar(paper, lines, (days[0], days[1])),
        sheets=two_sheets(height, height + 14 * len(lines)),
        legend="Blue: accepted; outlined: still to be decided; light: in the calendar of drivers."
        + (f" The first {_MOST_ROWS} of {len(rows)}." if left > 0 else ""),
    )


def _in_brackets(text: str) -> str:
    return f" ({text})" if text else ""


def _lay_calendar(paper: Paper, lines: list[dict[Any, Any]], days: tuple[pd.Timestamp, pd.Timestamp]) -> None:
    names = 0.0 if paper.is_narrow else 0.42 * paper.width
    row_height = _ROW + (14 if paper.is_narrow else 0)
    start, end = days
    per = (paper.width - names - 8) / max((end - start) / _DAY + 1, 1)
    foot = _HEAD + row_height * len(lines)
    # The last first: of two names too near to one another the later month's stands.
    for month in pd.date_range(start.normalize().replace(day=1), end, freq="MS")[::-1]:
        x = names + max((month - start) / _DAY, 0) * per
        paper.line(x, _HEAD - 4, x, foot, RULE, 1)
        paper.place([Label(x + 3, _HEAD - 8, f"{month:%b}", MUTED, _SMALL, "start")])
    for number, row in enumerate(lines):
        y = _HEAD + number * row_height
        text = f"{row['what']}{_in_brackets(row['where'])}"
        if paper.is_narrow:
            paper.text(0, y + 11, shorten(text, paper.width - 4, 11), size=11, halo=True)
            y += 14
        else:
            paper.text(0, y + 15, shorten(text, names - 10, 12), size=12)
        first = max((row["start"] - start) / _DAY, 0)
        last = min((row["end"] - start) / _DAY + 1, (end - start) / _DAY + 1)
        x, width = names + first * per, max((last - first) * per, 3.0)
        if row["status"] == "accepted":
            paper.rect(x, y + 4, width, 14, GOOD, hint=text)
        elif row["status"] == "proposed":
            paper.outline(x, y + 4, width, 14)
        else:
            paper.rect(x, y + 4, width, 14, BAND, hint=text)
