"""What a plan needs span by span, set against what can be handled: the excess stands out in colour."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from alignment_lib.answers.charts.canvas import Canvas
from alignment_lib.answers.charts.notation import BAD, INK, MUTED, PAPER, TARGET, Chart
from alignment_lib.answers.wording import Scale, choose_short_scale, say_span

__all__ = ["draw_required_bars"]

_LABEL = 42.0


def draw_required_bars(table: pd.DataFrame, *, name: str, title: str, unit: str) -> Chart:
    """One column per span.

    Parameters
    ----------
    table : DataFrame
        ``label, required, available, capacity`` in time order; NaN where one is not known.

    Examples
    --------
    >>> table = pd.DataFrame({"label": ["2026-01"], "required": [120.0], "available": [90.0],
    ...                       "capacity": [100.0]})
    >>> draw_required_bars(table, name="doc", title="Leads", unit="leads").alt
    'Leads, in leads. Jan 2026: required 120, to be expected 90, capacity 100, 20 more than can be handled.'
    """
    rows = table.to_dict("records")
    scale = choose_short_scale(table[["required", "available", "capacity"]].to_numpy().ravel().tolist(), unit)
    alt = f"{title}, in {scale.unit}. {'; '.join(_describe(row, scale) for row in rows)}."
    drawings = []
    for width, variant in ((960.0, "wide"), (350.0, "narrow")):
        canvas = Canvas(width, 230, f"{name}-{variant}")
        _draw(canvas, rows, scale)
        drawings.append(canvas.render(alt))
    span = " to ".join(say_span(str(row["label"])) for row in (rows[0], rows[-1])) if rows else ""
    legend = "Outlined: required by the plan; hatched: to be expected"
    if table["capacity"].notna().any():
        legend += "; line: what can be handled; orange with its figure: more than can be handled"
    legend += "."
    return Chart(title, f"in {scale.unit}, {span}", alt, drawings[0], drawings[1], legend)


def _short(label: str) -> str:
    """``Jan 26`` for a month, other spans as they are."""
    said = say_span(label)
    return f"{said[:3]} {said[-2:]}" if said != label else label


def _excess(row: dict[Any, Any], scale: Scale) -> float:
    """What cannot be handled; nothing where it would be written as zero."""
    excess = float(row["required"] - row["capacity"]) if math.isfinite(row["capacity"]) else 0.0
    return excess if scale.write(excess) != scale.write(0.0) else 0.0


def _describe(row: dict[Any, Any], scale: Scale) -> str:
    text = f"{say_span(str(row['label']))}: required {scale.write(row['required'])}"
    if math.isfinite(row["available"]):
        text += f", to be expected {scale.write(row['available'])}"
    if math.isfinite(row["capacity"]):
        text += f", capacity {scale.write(row['capacity'])}"
    if _excess(row, scale) > 0:
        text += f", {scale.write(_excess(row, scale))} more than can be handled"
    return text


def _draw(canvas: Canvas, rows: list[dict[Any, Any]], scale: Scale) -> None:
    amounts = [row[key] for row in rows for key in ("required", "available", "capacity")]
    largest = max((amount for amount in amounts if math.isfinite(amount)), default=0.0)
    ground, rise = canvas.height - 22, (canvas.height - 56) / (largest if largest > 0 else 1.0)
    slot = canvas.width / max(len(rows), 1)
    every = math.ceil(_LABEL / slot)
    for number, row in enumerate(rows):
        x, width = number * slot + slot * 0.16, slot * 0.66
        _draw_span(canvas, row, x, width, ground, rise, scale)
        if number % every == 0:
            label = _short(str(row["label"]))
            middle = max(number * slot + slot / 2, _LABEL / 2 - 2)
            canvas.text(middle, ground + 15, label, size=10.5, anchor="middle", ink=MUTED)
    canvas.line(0, ground, canvas.width, ground, INK, 1)


def _draw_span(
    canvas: Canvas, row: dict[Any, Any], x: float, width: float, ground: float, rise: float, scale: Scale
) -> None:
    top = row["required"] * rise
    if math.isfinite(row["available"]):
        tall = row["available"] * rise
        canvas.hatched(x + width * 0.2, ground - tall, width * 0.6, tall)
    excess = _excess(row, scale)
    if excess > 0:
        canvas.rect(x, ground - top, width, excess * rise, PAPER)
        canvas.rect(x, ground - top, width, excess * rise, BAD)
    canvas.outline(x, ground - top, width, top, hint=_describe(row, scale))
    level = max(top, row["available"] * rise if math.isfinite(row["available"]) else 0.0)
    if math.isfinite(row["capacity"]):
        y = ground - row["capacity"] * rise
        canvas.line(x - width * 0.16, y, x + width * 1.16, y, TARGET, 2)
        level = max(level, row["capacity"] * rise)
    ink = BAD if excess > 0 else INK
    text = f"+{scale.write(excess)}" if excess > 0 else scale.write(row["required"])
    canvas.text(x + width / 2, ground - level - 5, text, size=10.5, anchor="middle", ink=ink)
