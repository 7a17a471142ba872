"""How far each assumption moves the plan between its low and its high value."""

from __future__ import annotations

from typing import Any

import pandas as pd

from alignment_lib.answers.charts.canvas import Canvas, shorten
from alignment_lib.answers.charts.notation import BAD, GOOD, INK, Chart
from alignment_lib.answers.wording import Scale, choose_scale

__all__ = ["draw_tornado"]


def draw_tornado(swings: pd.DataFrame, *, name: str, title: str, unit: str, period: str) -> Chart:
    """One row per assumption, the widest first.

    Parameters
    ----------
    swings : DataFrame
        ``label``, and ``low`` and ``high``: the change of the plan, against the expected value, when the
        assumption comes out at its low and at its high value.

    Examples
    --------
    >>> swings = pd.DataFrame({"label": ["Coupon"], "low": [-30.0], "high": [20.0]})
    >>> draw_tornado(swings, name="doc", title="Risks", unit="units", period="2026Q1").alt
    'Risks, 2026Q1, in units. Coupon from −30.0 to +20.0.'
    """
    order = (swings["high"] - swings["low"]).abs().sort_values(ascending=False, kind="stable").index
    rows: list[dict[str, Any]] = swings.loc[order].to_dict("records")  # type: ignore[assignment]
    scale = choose_scale([*swings["low"], *swings["high"]], unit)
    ends = [[scale.write(row[end], signed=True) for end in ("low", "high")] for row in rows]
    words = "; ".join(f"{row['label']} from {a} to {b}" for row, (a, b) in zip(rows, ends, strict=True))
    alt = f"{title}, {period}, in {scale.unit}. {words}."
    drawings = []
    for width, variant, height in ((960.0, "wide", 30.0), (350.0, "narrow", 44.0)):
        canvas = Canvas(width, len(rows) * height + 10, f"{name}-{variant}")
        _draw(canvas, rows, scale, height)
        drawings.append(canvas.render(alt))
    legend = "Orange: at the low value; blue: at the high value; the line is the plan at expected values."
    return Chart(
        title, f"change of the plan in {scale.unit}, {period}", alt, drawings[0], drawings[1], legend
    )


def _draw(canvas: Canvas, rows: list[dict[str, Any]], scale: Scale, height: float) -> None:
    narrow = canvas.width < 500
    left, right = (64.0, canvas.width - 64.0) if narrow else (380.0, canvas.width - 80.0)
    low = min([0.0, *(min(row["low"], row["high"]) for row in rows)])
    high = max([0.0, *(max(row["low"], row["high"]) for row in rows)])
    per = (right - left) / ((high - low) or 1.0)
    zero = left - low * per
    for number, row in enumerate(rows):
        y = number * height + (19.0 if narrow else 6.0)
        thick = height - (26.0 if narrow else 12.0)
        label = str(row["label"])
        if narrow:
            canvas.text(2, y - 5, shorten(label, 340), size=12)
        else:
            canvas.text(302, y + thick / 2 + 4, shorten(label, 298, 12.5), size=12.5, anchor="end")
        _draw_sides(canvas, row, zero, per, y, thick, scale)
    canvas.line(zero, 2, zero, canvas.height - 4, INK, 1)


def _draw_sides(
    canvas: Canvas, row: dict[str, float], zero: float, per: float, y: float, thick: float, scale: Scale
) -> None:
    for amount, ink in ((row["low"], BAD), (row["high"], GOOD)):
        x = zero + amount * per
        hint = f"{row['label']}: {scale.say(amount, signed=True)}"
        canvas.rect(min(x, zero), y, abs(x - zero), thick, ink, hint=hint)
        anchor, shift = (
            ("end", -5.0) if x < zero or (x == zero and amount <= 0 and row["high"] > 0) else ("start", 5.0)
        )
        canvas.text(
            x + shift, y + thick / 2 + 4, scale.write(amount, signed=True), size=11.5, anchor=anchor, ink=ink
        )
