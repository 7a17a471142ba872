"""The funnel with its two sides: what marketing hands over, what sales makes of it, and what was agreed."""

from __future__ import annotations

from typing import Any

import pandas as pd

from alignment_lib.answers.charts.ink.lettering import shorten
from alignment_lib.answers.charts.ink.palette import ACTUAL, BAD, INK, MUTED, PRIOR, RULE, TARGET
from alignment_lib.answers.charts.ink.paper import Paper
from alignment_lib.answers.charts.ink.placing import room_for
from alignment_lib.answers.charts.notation import Chart, two_sheets
from alignment_lib.answers.wording import write_number, write_share

__all__ = ["draw_funnel"]


def draw_funnel(stages: pd.DataFrame, *, name: str, title: str, period: str) -> Chart:
    r"""One bar a stage, top to bottom, with the share that passed and what it was measured against.

    Parameters
    ----------
    stages : DataFrame
        ``stage, count``, ``side`` (whose step leads into the stage: marketing, sales or blank), ``rate``
        (share of the stage before, NaN for the first) and ``reference_rate`` (promise or usual rate, NaN
        where there is none). A first stage that dwarfs the rest is drawn broken.

    Examples
    --------
    >>> stages = pd.DataFrame({"stage": ["leads", "accepted"], "count": [200, 150]})
    >>> none = float("nan")
    >>> stages = stages.assign(side=["", "marketing"], rate=[none, 0.75], reference_rate=[none, 0.9])
    >>> draw_funnel(stages, name="doc", title="Funnel", period="2025Q4").alt.replace("\u202f", " ")
    'Funnel, 2025Q4. leads 200; accepted 150, 75 % of the stage before (marketing; against 90 %).'
    """
    rows = stages.to_dict("records")
    alt = f"{title}, {period}. {'; '.join(_in_words(row) for row in rows)}."
    legend = (
        "Dark: marketing's steps; light: sales' steps. Diamond: where the promise, or the usual rate, would "
        "have brought it."
    )
    return Chart(
        title=title,
        subtitle=f"counts, {period}",
        alt=alt,
        name=name,
        lay_out=lambda paper: _draw(paper, rows),
        sheets=two_sheets(len(rows) * 36 + 14, len(rows) * 52 + 14),
        legend=legend,
    )


def _in_words(row: dict[Any, Any]) -> str:
    text = f"{row['stage']} {write_number(row['count'])}"
    if row["rate"] != row["rate"]:
        return text
    against = row["reference_rate"]
    beside = f"; against {write_share(against, 0)}" if against == against else ""
    return f"{text}, {write_share(row['rate'], 0)} of the stage before ({row['side']}{beside})"


def _draw(paper: Paper, rows: list[dict[Any, Any]]) -> None:
    narrow = paper.is_narrow
    height = (paper.height - 14.0) / max(len(rows), 1)
    words = [_words_of(row, narrow) for row in rows]
    counts = [float(row["count"]) for row in rows]
    numbers = room_for([write_number(count) for count in counts], 12.5, bold=True)
    beside = 0.0 if narrow else min(room_for(words), 0.4 * paper.width) + 14.0
    left = 2.0 if narrow else min(150.0, 0.25 * paper.width)
    right = paper.width - numbers - beside - 22.0
    # Visitors outnumber leads by far: the first bar is cut so that the steps behind it can be read.
    cut = len(counts) > 2 and counts[0] > 4 * max(counts[1:])
    largest = max(counts[1:] if cut else counts, default=1.0) * (1.15 if cut else 1.0)
    per = (right - left) / (largest if largest > 0 else 1.0)
    paper.count_in((left, 6 + height / 2), (per, height))
    for number, row in enumerate(rows):
        y = number * height + 6
        bar, thick = (y + 18, height - 30) if narrow else (y + 4, height - 12)
        width = min(counts[number], largest) * per
        ink = ACTUAL if row["side"] != "sales" else PRIOR
        paper.rect(left, bar, width, thick, ink, hint=_in_words(row))
        if cut and number == 0:
            for shift in (24.0, 18.0):
                paper.line(right - shift, bar + thick + 2, right - shift + 6, bar - 2, RULE, 2.4)
        aim = row["reference_rate"] * counts[number - 1] if number else float("nan")
        reach = width
        if aim == aim:
            at = min(aim, largest) * per
            paper.diamond(left + at, bar + thick / 2, 5.0, TARGET)
            reach = max(width, at)
        _label(paper, row, (left, bar, reach, thick), words[number])
    for number in range(len(rows)):
        top = number * height + (22.0 if narrow else 4.0)
        paper.line(left, top, left, (number + 1) * height + (-2.0 if narrow else 4.0), INK, 1)


def _is_behind(row: dict[Any, Any]) -> bool:
    return bool(row["rate"] == row["rate"] and row["reference_rate"] > row["rate"] + 0.005)


def _words_of(row: dict[Any, Any], narrow: bool) -> str:
    """What stands beside a stage: the share that passed and what it is measured against."""
    if row["rate"] != row["rate"]:
        return str(row["stage"]) if narrow else ""
    words = f"{write_share(row['rate'], 0)} passed"
    if narrow:
        side = f" · {row['side']}" if row["side"] else ""
        aim = f", {write_share(row['reference_rate'], 0)} to be had" if _is_behind(row) else ""
        return f"{row['stage']}{side}: {words}{aim}"
    if _is_behind(row):
        against = str(row.get("reference") or "") or "to be had"
        number = "" if "%" in against else f" {write_share(row['reference_rate'], 0)}"
        words += f"; {against}{number}"
    return f"{row['side']!s}: {words}"


def _label(paper: Paper, row: dict[Any, Any], box: tuple[float, float, float, float], words: str) -> None:
    left, bar, reach, thick = box
    middle = bar + thick / 2 + 4
    count = write_number(row["count"])
    paper.text(left + reach + 12, middle, count, size=12.5, bold=True)
    if paper.is_narrow:
        paper.text(2, bar - 5, shorten(words, paper.width - 4))
        return
    paper.text(left - 8, middle, shorten(str(row["stage"]), left - 10, 12.5), size=12.5, anchor="end")
    ink = BAD if _is_behind(row) else MUTED
    paper.text(paper.width - 2, middle, shorten(words, 0.4 * paper.width), anchor="end", ink=ink)
