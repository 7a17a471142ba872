"""Scenarios set side by side: each with its plan and its band on one scale, and the target across all."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from alignment_lib.answers.charts.ink.lettering import shorten
from alignment_lib.answers.charts.ink.palette import BAND, FORECAST, INK, MUTED, TARGET
from alignment_lib.answers.charts.ink.paper import Paper
from alignment_lib.answers.charts.ink.placing import keep_inside, room_for
from alignment_lib.answers.charts.notation import Chart, two_sheets
from alignment_lib.answers.wording import Scale, choose_scale, write_odds

__all__ = ["draw_scenario_ranges"]


def draw_scenario_ranges(
    rows: pd.DataFrame,
    *,
    name: str,
    title: str,
    unit: str,
    period: str,
    target: float | None = None,
    word: str = "plan",
) -> Chart:
    r"""One row per scenario.

    Parameters
    ----------
    rows : DataFrame
        ``label, plan, p10, p90, probability``; NaN where there is none.
    word : str
        What the bar is.

    Examples
    --------
    >>> rows = pd.DataFrame({"label": ["bold"], "plan": [110.0], "p10": [100.0], "p90": [120.0],
    ...                      "probability": [0.4]})
    >>> chart = draw_scenario_ranges(rows, name="doc", title="Scenarios", unit="units", period="2026Q1",
    ...                              target=115.0)
    >>> print(chart.alt.replace("\u202f", " "))
    Scenarios, 2026Q1, in units. bold: plan 110, from 100 to 120 eight times in ten,
    target reached 40 %. Target 115.
    """
    records = rows.to_dict("records")
    amounts = [*rows["plan"], *rows["p10"], *rows["p90"], *([] if target is None else [target])]
    finite = [float(amount) for amount in amounts if math.isfinite(amount)]
    scale = choose_scale(finite, unit)
    alt = f"{title}, {period}, in {scale.unit}. {'; '.join(_describe(row, scale, word) for row in records)}."
    if target is not None:
        alt += f" Target {scale.write(target)}."
    bounds = (min(finite, default=0.0), max(finite, default=1.0))
    legend = f"Bar: {word}; band: eight outcomes in ten (P10 to P90). The scale does not begin at zero."
    return Chart(
        title=title,
        subtitle=f"in {scale.unit}, {period}",
        alt=alt,
        name=name,
        lay_out=lambda paper: _draw(paper, records, scale, bounds, target, word),
        sheets=two_sheets(len(records) * 34 + 26, len(records) * 50 + 26),
        legend=legend,
    )


def _describe(row: dict[Any, Any], scale: Scale, word: str) -> str:
    text = f"{row['label']}: {word} {scale.write(row['plan'])}"
    if math.isfinite(row["p10"]):
        text += f", from {scale.write(row['p10'])} to {scale.write(row['p90'])} eight times in ten"
    if math.isfinite(row["probability"]):
        text += f", target reached {write_odds(row['probability'])}"
    return text


def _draw(
    paper: Paper,
    rows: list[dict[Any, Any]],
    scale: Scale,
    bounds: tuple[float, float],
    target: float | None,
    word: str,
) -> None:
    narrow = paper.is_narrow
    height = (paper.height - 26.0) / max(len(rows), 1)
    values = room_for([scale.write(row["plan"]) for row in rows], bold=True)
    odds = room_for([write_odds(row["probability"]) for row in rows], 11)
    names = min(252.0, 0.36 * paper.width)
    left, right = 8.0 if narrow else names + 24.0, paper.width - max(values, odds) - 20.0
    per = (right - left) / ((bounds[1] - bounds[0]) or 1.0)
    paper.count_in((left - bounds[0] * per, 20 + height / 2), (per, height))
    if target is not None:
        x, words = left + (target - bounds[0]) * per, f"target {scale.write(target)}"
        pieces = [(16.0, 20 + len(rows) * height)]
        if narrow:
            pieces = [(20 + n * height + 18.0, 20 + (n + 1) * height) for n in range(len(rows))]
        for top, foot in pieces:
            paper.line(x, top, x, foot, TARGET, 1.2, (4, 3))
        at = keep_inside(x, words, 0, paper.width, 11)
        paper.text(at, 11, words, ink=TARGET, size=11, anchor="middle")
    for number, row in enumerate(rows):
        y = 20 + number * height
        middle = y + (height - 18.0 if narrow else height / 2)
        if narrow:
            paper.text(2, y + 14, shorten(str(row["label"]), paper.width - 4))
        else:
            name = shorten(str(row["label"]), names - 14, 12.5)
            paper.text(names - 10, middle + 4, name, size=12.5, anchor="end")
        if math.isfinite(row["p10"]):
            low, high = left + (row["p10"] - bounds[0]) * per, left + (row["p90"] - bounds[0]) * per
            paper.rect(low, middle - 7, high - low, 14, BAND, hint=_describe(row, scale, word))
            paper.rect(low, middle - 7, 1.5, 14, FORECAST)
            paper.rect(high - 1.5, middle - 7, 1.5, 14, FORECAST)
        x = left + (row["plan"] - bounds[0]) * per
        paper.line(x, middle - 10, x, middle + 10, INK, 3)
        known = write_odds(row["probability"]) if math.isfinite(row["probability"]) else ""
        paper.text(
            paper.width - 2, middle + (0 if known else 4), scale.write(row["plan"]), anchor="end", bold=True
        )
        paper.text(paper.width - 2, middle + 14, known, size=11, anchor="end", ink=MUTED)
