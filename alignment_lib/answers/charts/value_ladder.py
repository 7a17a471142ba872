"""How far each step from naive to consensus was off, and what it added."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from alignment_lib.answers.charts.ink.lettering import shorten
from alignment_lib.answers.charts.ink.palette import ACTUAL, BAD, FORECAST, GOOD, INK, MUTED
from alignment_lib.answers.charts.ink.paper import Paper
from alignment_lib.answers.charts.ink.placing import room_for
from alignment_lib.answers.charts.notation import Chart, two_sheets
from alignment_lib.answers.wording import humanise, write_share

__all__ = ["draw_value_ladder"]


def draw_value_ladder(steps: pd.DataFrame, *, name: str, title: str, period: str) -> Chart:
    r"""One bar a step: its error; the shorter the better.

    Parameters
    ----------
    steps : DataFrame
        ``stream, against, wape, value_added_share`` in order (`value_added`).

    Examples
    --------
    >>> steps = pd.DataFrame({"stream": ["naive", "baseline"], "against": ["", "naive"], "wape": [0.2, 0.15],
    ...                       "value_added_share": [float("nan"), 0.05]})
    >>> draw_value_ladder(steps, name="doc", title="Value added", period="2025").alt.replace("\u202f", " ")
    'Value added, 2025. Naive off by 20.0 %; Baseline off by 15.0 %, 5.0 % better than naive.'
    """
    rows = steps.to_dict("records")
    alt = f"{title}, {period}. {'; '.join(_in_words(row) for row in rows)}."
    legend = (
        "Length: error as a share of sales, hatched for forecasts nobody has changed. Blue: nearer to what "
        "happened than the step before; orange: farther from it."
    )
    return Chart(
        title=title,
        subtitle=f"error, {period}",
        alt=alt,
        name=name,
        lay_out=lambda paper: _draw(paper, rows),
        sheets=two_sheets(len(rows) * 32 + 10, len(rows) * 46 + 10),
        legend=legend,
    )


def _in_words(row: dict[Any, Any]) -> str:
    text = f"{humanise(str(row['stream']))} off by {write_share(row['wape'])}"
    added = row["value_added_share"]
    if not row["against"] or added != added:
        return text
    word = "better" if added >= 0 else "worse"
    return f"{text}, {write_share(abs(added))} {word} than {row['against']}"


def _added(row: dict[Any, Any]) -> tuple[str, str]:
    """What a step added, in words and ink; blank where nothing is known of it."""
    added = row["value_added_share"]
    if added != added:
        return "", MUTED
    ink = MUTED if abs(added) < 5e-4 else GOOD if added > 0 else BAD
    return f"{write_share(added, signed=True)} against {row['against']}", ink


def _draw(paper: Paper, rows: list[dict[Any, Any]]) -> None:
    narrow = paper.is_narrow
    height = (paper.height - 10.0) / max(len(rows), 1)
    errors = room_for([write_share(row["wape"]) for row in rows], bold=True)
    added = [_added(row) for row in rows]
    beside = 0.0 if narrow else min(room_for([words for words, _ in added]), 0.4 * paper.width) + 18.0
    left = 2.0 if narrow else min(150.0, 0.3 * paper.width)
    right = paper.width - errors - 12.0 - beside
    largest = max([1e-9, *(float(row["wape"]) for row in rows if row["wape"] == row["wape"])])
    per = (right - left) / largest
    paper.count_in((left, 4 + height / 2), (per, height))
    paper.line(left, 2, left, paper.height - 6, INK if rows else FORECAST, 1)
    for number, row in enumerate(rows):
        y = number * height + 4
        bar, thick = (y + 18, height - 28) if narrow else (y + 4, height - 12)
        middle, width = bar + thick / 2 + 4, float(row["wape"]) * per
        if row["stream"] in ("naive", "baseline"):
            paper.hatched(left, bar, width, thick, hint=_in_words(row))
        else:
            paper.rect(left, bar, width, thick, ACTUAL, hint=_in_words(row))
        label, (words, ink) = humanise(str(row["stream"])), added[number]
        if math.isfinite(width):
            paper.text(left + width + 6, middle, write_share(row["wape"]), bold=True)
        if narrow:
            words = shorten(words, 0.62 * paper.width, 11.5)
            paper.text(paper.width - 2, y + 12, words, size=11.5, ink=ink, anchor="end")
            name = shorten(label, paper.width - room_for([words], 11.5) - 14)
            paper.text(2, y + 12, name, halo=True)
        else:
            paper.text(left - 10, middle, shorten(label, left - 14, 12.5), size=12.5, anchor="end")
            paper.text(paper.width - 2, middle, shorten(words, beside - 18), ink=ink, anchor="end")
