"""Scenarios set side by side: each with its plan and its band on one scale, and the target across all."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from alignment_lib.answers.charts.canvas import Canvas, shorten, text_width
from alignment_lib.answers.charts.notation import BAND, FORECAST, INK, MUTED, TARGET, Chart
from alignment_lib.answers.wording import Scale, choose_scale, write_odds

__all__ = ["draw_scenario_ranges"]


def draw_scenario_ranges(
    rows: pd.DataFrame, *, name: str, title: str, unit: str, period: str, target: float | None = None
) -> Chart:
    r"""One row per scenario.

    Parameters
    ----------
    rows : DataFrame
        ``label, plan, p10, p90, probability``; NaN where there is none.

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
    alt = f"{title}, {period}, in {scale.unit}. {'; '.join(_describe(row, scale) for row in records)}."
    if target is not None:
        alt += f" Target {scale.write(target)}."
    bounds = (min(finite, default=0.0), max(finite, default=1.0))
    drawings = []
    for width, variant, height in ((960.0, "wide", 34.0), (350.0, "narrow", 50.0)):
        canvas = Canvas(width, len(records) * height + 26, f"{name}-{variant}")
        _draw(canvas, records, scale, height, bounds, target)
        drawings.append(canvas.render(alt))
    legend = "Bar: plan; band: eight outcomes in ten (P10 to P90). The scale does not begin at zero."
    return Chart(title, f"in {scale.unit}, {period}", alt, drawings[0], drawings[1], legend)


def _describe(row: dict[Any, Any], scale: Scale) -> str:
    text = f"{row['label']}: plan {scale.write(row['plan'])}"
    if math.isfinite(row["p10"]):
        text += f", from {scale.write(row['p10'])} to {scale.write(row['p90'])} eight times in ten"
    if math.isfinite(row["probability"]):
        text += f", target reached {write_odds(row['probability'])}"
    return text


def _draw(
    canvas: Canvas,
    rows: list[dict[Any, Any]],
    scale: Scale,
    height: float,
    bounds: tuple[float, float],
    target: float | None,
) -> None:
    narrow = canvas.width < 500
    left, right = (28.0, canvas.width - 78.0) if narrow else (276.0, canvas.width - 110.0)
    per = (right - left) / ((bounds[1] - bounds[0]) or 1.0)
    foot = 20 + len(rows) * height
    for number, row in enumerate(rows):
        y = 20 + number * height
        middle = y + (32.0 if narrow else height / 2)
        if narrow:
            canvas.text(2, y + 14, shorten(str(row["label"]), 330), size=12)
        else:
            canvas.text(242, middle + 4, shorten(str(row["label"]), 236, 12.5), size=12.5, anchor="end")
        if math.isfinite(row["p10"]):
            low, high = left + (row["p10"] - bounds[0]) * per, left + (row["p90"] - bounds[0]) * per
            canvas.rect(low, middle - 7, high - low, 14, BAND, hint=_describe(row, scale))
            canvas.rect(low, middle - 7, 1.5, 14, FORECAST)
            canvas.rect(high - 1.5, middle - 7, 1.5, 14, FORECAST)
        x = left + (row["plan"] - bounds[0]) * per
        canvas.line(x, middle - 10, x, middle + 10, INK, 3)
        canvas.text(canvas.width - 2, middle + 1, scale.write(row["plan"]), size=12, anchor="end", bold=True)
        odds = write_odds(row["probability"]) if math.isfinite(row["probability"]) else ""
        canvas.text(canvas.width - 2, middle + 14, odds, size=11, anchor="end", ink=MUTED)
    if target is not None:
        x = left + (target - bounds[0]) * per
        canvas.line(x, 16, x, foot, TARGET, 1.2, "4 3")
        words = f"target {scale.write(target)}"
        half = text_width(words, 11) / 2 + 2
        place = min(max(x, half), canvas.width - half)
        canvas.text(place, 11, words, ink=TARGET, size=11, anchor="middle")
