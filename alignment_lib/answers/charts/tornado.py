"""How far each assumption moves the plan between its low and its high value."""

from __future__ import annotations

from typing import Any

import pandas as pd

from alignment_lib.answers.charts.ink.lettering import shorten
from alignment_lib.answers.charts.ink.palette import BAD, GOOD, INK, PAPER
from alignment_lib.answers.charts.ink.paper import Paper
from alignment_lib.answers.charts.ink.placing import room_for
from alignment_lib.answers.charts.notation import Chart, two_sheets
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
    legend = (
        "Orange: less than the plan at expected values, which is the line; blue: more. Low and high are the "
        "assumption's own values."
    )
    return Chart(
        title=title,
        subtitle=f"change of the plan in {scale.unit}, {period}",
        alt=alt,
        name=name,
        lay_out=lambda paper: _draw(paper, rows, scale),
        sheets=two_sheets(len(rows) * 30 + 10, len(rows) * 44 + 10),
        legend=legend,
    )


def _draw(paper: Paper, rows: list[dict[str, Any]], scale: Scale) -> None:
    narrow = paper.is_narrow
    height = (paper.height - 10.0) / max(len(rows), 1)
    texts = [_say_end(row, end, scale) for row in rows for end in ("low", "high")]
    room, names = room_for(texts, 11.5) + 8.0, 0.0 if narrow else min(310.0, 0.36 * paper.width)
    left, right = names + room, paper.width - room
    low = min([0.0, *(min(row["low"], row["high"]) for row in rows)])
    high = max([0.0, *(max(row["low"], row["high"]) for row in rows)])
    per = (right - left) / ((high - low) or 1.0)
    zero = left - low * per
    paper.count_in((zero, height / 2), (per, height))
    for number, row in enumerate(rows):
        y = number * height + (19.0 if narrow else 6.0)
        thick = height - (26.0 if narrow else 12.0)
        if narrow:
            paper.text(2, y - 5, shorten(str(row["label"]), paper.width - 4))
        else:
            name = shorten(str(row["label"]), names - 14, 12.5)
            paper.text(names - 8, y + thick / 2 + 4, name, size=12.5, anchor="end")
        _draw_sides(paper, row, (zero, per, y, thick), scale)
    # In a phone's drawing names stand between the bars: the line of the plan is not drawn through them.
    pieces = [(2.0, paper.height - 4)]
    if narrow:
        pieces = [(n * height + 17.0, (n + 1) * height - 5.0) for n in range(len(rows))]
    for top, foot in pieces:
        paper.line(zero, top, zero, foot, INK, 1)


def _draw_sides(
    paper: Paper, row: dict[str, Any], place: tuple[float, float, float, float], scale: Scale
) -> None:
    zero, per, y, thick = place
    far, near = sorted(("low", "high"), key=lambda end: -abs(row[end]))
    far_is_right = row[far] > 0 or (row[far] == 0 and far == "high")
    for number, end in enumerate((far, near)):
        amount = row[end]
        x, ink = zero + amount * per, GOOD if amount > 0 else BAD if amount < 0 else INK
        hint = f"{row['label']} at its {end} value: {scale.say(amount, signed=True)}"
        paper.rect(min(x, zero), y, abs(x - zero), thick, ink, hint=hint)
        if number and amount * row[far] > 0:
            # Both ends on one side: the nearer bar lies on the farther one, in the same ink.
            paper.line(x, y, x, y + thick, PAPER, 1.5)
        # Two ends on one side of the plan: the nearer is written on the other, clear of the farther's bar.
        is_right = far_is_right == (number == 0)
        at = max(x, zero) + 5 if is_right else min(x, zero) - 5
        text = _say_end(row, end, scale)
        paper.text(at, y + thick / 2 + 4, text, size=11.5, anchor="start" if is_right else "end", ink=ink)


def _say_end(row: dict[str, Any], end: str, scale: Scale) -> str:
    """What stands beside a bar: which value of the assumption it is of, and what it changes."""
    return f"{end} {scale.write(row[end], signed=True)}"
