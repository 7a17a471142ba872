"""What a plan needs span by span, set against what can be handled: the excess stands out in colour."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from alignment_lib.answers.charts.ink.palette import BAD, INK, TARGET
from alignment_lib.answers.charts.ink.paper import Paper
from alignment_lib.answers.charts.ink.placing import room_for, turns, write_above, write_below
from alignment_lib.answers.charts.notation import Chart, two_sheets
from alignment_lib.answers.wording import Scale, choose_short_scale, say_span

__all__ = ["draw_required_bars"]


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
    span = " to ".join(say_span(str(row["label"])) for row in (rows[0], rows[-1])) if rows else ""
    legend = "Outlined: required by the plan; hatched: to be expected"
    if table["capacity"].notna().any():
        legend += "; line: what can be handled; orange with its figure: more than can be handled"
    legend += "."
    return Chart(
        title=title,
        subtitle=f"in {scale.unit}, {span}",
        alt=alt,
        name=name,
        lay_out=lambda paper: _draw(paper, rows, scale),
        sheets=two_sheets(230, 230),
        legend=legend,
    )


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


def _draw(paper: Paper, rows: list[dict[Any, Any]], scale: Scale) -> None:
    slot = paper.width / max(len(rows), 1)
    excesses = [_excess(row, scale) for row in rows]
    texts = [
        f"+{scale.write(excess)}" if excess > 0 else scale.write(row["required"])
        for row, excess in zip(rows, excesses, strict=True)
    ]
    amounts = [row[key] for row in rows for key in ("required", "available", "capacity")]
    largest = max((amount for amount in amounts if math.isfinite(amount)), default=0.0)
    tall = room_for(texts) if turns(texts, slot) else 12.0
    top, needed = 10.0 + tall, 10.0 + tall
    ground = paper.height - 22.0
    rise = (ground - top) / (largest if largest > 0 else 1.0)
    paper.count_in((slot / 2, ground), (slot, -rise))
    for number, row in enumerate(rows):
        _draw_span(paper, row, (number * slot, slot, ground, rise), excesses[number], _describe(row, scale))
    # What can be handled is drawn over all columns, and figures stand above it wherever they reach.
    for number, row in enumerate(rows):
        if math.isfinite(row["capacity"]):
            y = ground - row["capacity"] * rise
            paper.line(number * slot + slot * 0.06, y, (number + 1) * slot - slot * 0.06, y, TARGET, 2)
    paper.line(0, ground, paper.width, ground, INK, 1)
    inks = [BAD if excess > 0 else INK for excess in excesses]
    write_above(paper, slot, texts, [ground - _level(row, rise, needed) for row in rows], inks=inks)
    write_below(paper, slot, [_short(str(row["label"])) for row in rows], ground + 15)


def _level(row: dict[Any, Any], rise: float, needed: float) -> float:
    """How high a figure stands: on its column where it has room below the line of what can be handled."""
    known = (row[key] * rise for key in ("required", "available"))
    column = max([0.0, *(float(height) for height in known if math.isfinite(height))])
    line = row["capacity"] * rise + 1.0 if math.isfinite(row["capacity"]) else column
    return max(column, line) if line - column < needed else column


def _draw_span(
    paper: Paper, row: dict[Any, Any], place: tuple[float, float, float, float], excess: float, hint: str
) -> None:
    x, slot, ground, rise = place
    left, width = x + slot * 0.17, slot * 0.66
    top = row["required"] * rise
    if math.isfinite(row["available"]):
        tall = row["available"] * rise
        paper.hatched(left + width * 0.2, ground - tall, width * 0.6, tall)
    if excess > 0:
        paper.rect(left, ground - top, width, excess * rise, BAD)
    paper.outline(left, ground - top, width, top, hint=hint)
