"""The funnel with its two sides: what marketing hands over, what sales makes of it, and what was agreed."""

from __future__ import annotations

from typing import Any

import pandas as pd

from alignment_lib.answers.charts.canvas import Canvas, shorten
from alignment_lib.answers.charts.notation import ACTUAL, BAD, INK, MUTED, PRIOR, RULE, TARGET, Chart
from alignment_lib.answers.wording import write_number, write_share

__all__ = ["draw_funnel"]


def draw_funnel(stages: pd.DataFrame, *, name: str, title: str, period: str) -> Chart:
    r"""One bar a stage, top to bottom, with the share that passed and what it was measured against.

    Parameters
    ----------
    stages : DataFrame
        ``stage, count``, ``side`` (whose step leads into the stage: marketing, sales or blank), ``rate``
        (share of the stage before, NaN for the first) and ``reference_rate`` (promise or best quarter, NaN
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
    drawings = []
    for width, variant, height in ((960.0, "wide", 36.0), (350.0, "narrow", 52.0)):
        canvas = Canvas(width, len(rows) * height + 14, f"{name}-{variant}")
        _draw(canvas, rows, height)
        drawings.append(canvas.render(alt))
    legend = (
        "Dark: marketing's steps; light: sales' steps. Diamond: where the promise, or the source's own best "
        "quarter, would have brought it."
    )
    return Chart(title, f"counts, {period}", alt, drawings[0], drawings[1], legend)


def _in_words(row: dict[Any, Any]) -> str:
    text = f"{row['stage']} {write_number(row['count'])}"
    if row["rate"] != row["rate"]:
        return text
    against = row["reference_rate"]
    beside = f"; against {write_share(against, 0)}" if against == against else ""
    return f"{text}, {write_share(row['rate'], 0)} of the stage before ({row['side']}{beside})"


def _draw(canvas: Canvas, rows: list[dict[Any, Any]], height: float) -> None:
    narrow = canvas.width < 500
    left, right = (2.0, canvas.width - 60.0) if narrow else (150.0, canvas.width - 390.0)
    counts = [float(row["count"]) for row in rows]
    # Visitors outnumber leads by far: the first bar is cut so that the steps behind it can be read.
    cut = len(counts) > 2 and counts[0] > 4 * max(counts[1:])
    largest = max(counts[1:] if cut else counts, default=1.0) * (1.15 if cut else 1.0)
    per = (right - left) / (largest if largest > 0 else 1.0)
    for number, row in enumerate(rows):
        y = number * height + 6
        bar, thick = (y + 18, height - 30) if narrow else (y + 4, height - 12)
        width = min(counts[number], largest) * per
        ink = ACTUAL if row["side"] != "sales" else PRIOR
        canvas.rect(left, bar, width, thick, ink, hint=_in_words(row))
        if cut and number == 0:
            for shift in (24.0, 18.0):
                canvas.line(right - shift, bar + thick + 2, right - shift + 6, bar - 2, RULE, 2.4)
        aim = row["reference_rate"] * counts[number - 1] if number else float("nan")
        reach = width if aim != aim else max(width, min(aim, largest) * per)
        _label(canvas, row, (left, bar, reach, thick), narrow)
        if aim == aim:
            canvas.diamond(left + min(aim, largest) * per, bar + thick / 2, 5.0, TARGET)
    canvas.line(left, 4, left, canvas.height - 10, INK, 1)


def _label(canvas: Canvas, row: dict[Any, Any], box: tuple[float, float, float, float], narrow: bool) -> None:
    left, bar, width, thick = box
    side = f" · {row['side']}" if row["side"] else ""
    share = "" if row["rate"] != row["rate"] else write_share(row["rate"], 0)
    behind = row["rate"] == row["rate"] and row["reference_rate"] > row["rate"] + 0.005
    words = f"{share} passed" if share else ""
    if behind:
        against = str(row.get("reference") or "") or "to be had"
        number = "" if "%" in against else f" {write_share(row['reference_rate'], 0)}"
        words += f"; {against}{number}"
    if narrow:
        aim = f", {write_share(row['reference_rate'], 0)} to be had" if behind else ""
        short = f"{share} passed{aim}"
        label = f"{row['stage']}{side}: {short}" if share else str(row["stage"])
        canvas.text(2, bar - 5, shorten(label, 340), size=12)
        canvas.text(canvas.width - 2, bar + thick / 2 + 4, write_number(row["count"]), size=12, anchor="end")
        return
    canvas.text(142, bar + thick / 2 + 4, str(row["stage"]), size=12.5, anchor="end")
    canvas.text(left + width + 14, bar + thick / 2 + 4, write_number(row["count"]), size=12.5, bold=True)
    ink = BAD if behind else MUTED
    canvas.text(
        canvas.width - 2,
        bar + thick / 2 + 4,
        shorten(f"{row['side']!s}: {words}" if words else "", 380),
        size=12,
        anchor="end",
        ink=ink,
    )
