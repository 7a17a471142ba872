"""Parts of a whole side by side: forecast hatched, plan outlined, the change written beside."""

from __future__ import annotations

from typing import Any

import pandas as pd

from alignment_lib.answers.charts.canvas import Canvas, shorten
from alignment_lib.answers.charts.notation import BAD, GOOD, INK, MUTED, PAPER, Chart
from alignment_lib.answers.wording import Scale, choose_scale, write_change

__all__ = ["draw_part_bars"]


def draw_part_bars(parts: pd.DataFrame, *, name: str, title: str, unit: str, period: str) -> Chart:
    r"""One row per part, all on one scale that begins at zero.

    Parameters
    ----------
    parts : DataFrame
        ``label, baseline, plan`` in the order wanted.

    Examples
    --------
    >>> parts = pd.DataFrame({"label": ["new"], "baseline": [100.0], "plan": [110.0]})
    >>> chart = draw_part_bars(parts, name="doc", title="Types", unit="units", period="2026Q1")
    >>> chart.alt.replace("\u202f", " ")
    'Types, 2026Q1, in units. new: forecast 100, plan 110 (+10.0 %).'
    """
    rows = parts.to_dict("records")
    scale = choose_scale([*parts["baseline"], *parts["plan"]], unit)
    words = "; ".join(
        f"{row['label']}: forecast {scale.write(row['baseline'])}, plan {scale.write(row['plan'])} "
        f"({write_change(row['plan'], row['baseline'])})"
        for row in rows
    )
    alt = f"{title}, {period}, in {scale.unit}. {words}."
    drawings = []
    for width, variant, height in ((960.0, "wide", 30.0), (350.0, "narrow", 44.0)):
        canvas = Canvas(width, len(rows) * height + 8, f"{name}-{variant}")
        _draw(canvas, rows, scale, height)
        drawings.append(canvas.render(alt))
    legend = (
        "Hatched: forecast without new action; outlined: plan. Blue with plus: more; orange with minus: less."
    )
    return Chart(title, f"in {scale.unit}, {period}", alt, drawings[0], drawings[1], legend)


def _draw(canvas: Canvas, rows: list[dict[Any, Any]], scale: Scale, height: float) -> None:
    narrow = canvas.width < 500
    left, right = (2.0, canvas.width - 118.0) if narrow else (252.0, canvas.width - 160.0)
    largest = max((max(row["baseline"], row["plan"]) for row in rows), default=0.0)
    per = (right - left) / (largest if largest > 0 else 1.0)
    for number, row in enumerate(rows):
        y = number * height
        bar, thick = (y + 19.0, height - 26.0) if narrow else (y + 6.0, height - 12.0)
        if narrow:
            canvas.text(2, y + 13, shorten(str(row["label"]), 330), size=12)
        else:
            canvas.text(
                242, bar + thick / 2 + 4, shorten(str(row["label"]), 236, 12.5), size=12.5, anchor="end"
            )
        end = max(row["baseline"], row["plan"], 0.0) * per
        hint = f"{row['label']}: plan {scale.say(row['plan'])}, forecast {scale.write(row['baseline'])}"
        canvas.rect(left, bar, end, thick, PAPER)
        canvas.hatched(left, bar + 2, max(row["baseline"], 0.0) * per, thick - 4)
        canvas.outline(left, bar, max(row["plan"], 0.0) * per, thick, hint=hint)
        change = row["plan"] - row["baseline"]
        ink = MUTED if abs(change) < 1e-9 else GOOD if change > 0 else BAD
        text = scale.write(row["plan"])
        canvas.text(left + end + 6, bar + thick / 2 + 4, text, size=12)
        words = write_change(row["plan"], row["baseline"])
        canvas.text(canvas.width - 2, bar + thick / 2 + 4, words, size=11.5, ink=ink, anchor="end")
    canvas.line(left, 0, left, canvas.height - 6, INK, 1)
