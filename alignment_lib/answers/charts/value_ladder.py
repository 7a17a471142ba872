"""How far each step from naive to consensus was off, and what it added."""

from __future__ import annotations

from typing import Any

import pandas as pd

from alignment_lib.answers.charts.canvas import Canvas, shorten
from alignment_lib.answers.charts.notation import ACTUAL, BAD, FORECAST, GOOD, INK, MUTED, Chart
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
    drawings = []
    for width, variant, height in ((960.0, "wide", 32.0), (350.0, "narrow", 46.0)):
        canvas = Canvas(width, len(rows) * height + 10, f"{name}-{variant}")
        _draw(canvas, rows, height)
        drawings.append(canvas.render(alt))
    legend = (
        "Length: error as a share of sales, hatched for forecasts nobody has changed. Blue: nearer to what "
        "happened than the step before; orange: farther from it."
    )
    return Chart(title, f"error, {period}", alt, drawings[0], drawings[1], legend)


def _in_words(row: dict[Any, Any]) -> str:
    text = f"{humanise(str(row['stream']))} off by {write_share(row['wape'])}"
    added = row["value_added_share"]
    if not row["against"] or added != added:
        return text
    word = "better" if added >= 0 else "worse"
    return f"{text}, {write_share(abs(added))} {word} than {row['against']}"


def _draw(canvas: Canvas, rows: list[dict[Any, Any]], height: float) -> None:
    narrow = canvas.width < 500
    left, right = (2.0, canvas.width - 70.0) if narrow else (150.0, canvas.width - 330.0)
    largest = max([1e-9, *(float(row["wape"]) for row in rows if row["wape"] == row["wape"])])
    per = (right - left) / largest
    for number, row in enumerate(rows):
        y = number * height + 4
        bar, thick = (y + 18, height - 28) if narrow else (y + 4, height - 12)
        width = float(row["wape"]) * per
        if row["stream"] in ("naive", "baseline"):
            canvas.hatched(left, bar, width, thick, hint=_in_words(row))
        else:
            canvas.rect(left, bar, width, thick, ACTUAL, hint=_in_words(row))
        label = humanise(str(row["stream"]))
        canvas.text(left + width + 6, bar + thick / 2 + 4, write_share(row["wape"]), size=12, bold=True)
        added = row["value_added_share"]
        words = f"{write_share(added, signed=True)} against {row['against']}" if added == added else ""
        ink = MUTED if not words or abs(added) < 5e-4 else GOOD if added > 0 else BAD
        if narrow:
            canvas.text(2, y + 12, label, size=12)
            canvas.text(canvas.width - 2, y + 12, words, size=11.5, ink=ink, anchor="end")
        else:
            canvas.text(140, bar + thick / 2 + 4, shorten(label, 134, 12.5), size=12.5, anchor="end")
            canvas.text(canvas.width - 2, bar + thick / 2 + 4, words, size=12, ink=ink, anchor="end")
    canvas.line(left, 2, left, canvas.height - 6, INK if rows else FORECAST, 1)
