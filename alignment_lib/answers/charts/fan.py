"""History and plan over time, one column per span, with the band the plan will fall in."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from alignment_lib.answers.charts.canvas import Canvas
from alignment_lib.answers.charts.notation import ACTUAL, BAND, INK, MUTED, PRIOR, RULE, TARGET, Chart
from alignment_lib.answers.wording import Scale, choose_short_scale

__all__ = ["draw_fan"]

_NARROW_SPANS = 16
_TURNED_BELOW = 26
"""Width of a span, in pixels, below which its value is written upwards."""
_AMOUNTS = ("actual", "prior", "baseline", "plan", "p10", "p90", "target")


def draw_fan(table: pd.DataFrame, *, name: str, title: str, unit: str) -> Chart:
    """History, prior year, forecast and plan, left to right in time.

    Parameters
    ----------
    table : DataFrame
        One row per span in time order: ``label, actual, prior, baseline, plan, p10, p90`` and optionally
        ``target``; NaN where there is none. A row has an actual or a plan.
    name : str
        Unique in the page.
    title, unit : str
        What is shown, and what it is counted in.

    Examples
    --------
    >>> spans = pd.DataFrame({"label": ["2025Q4", "2026Q1"], "actual": [90.0, None], "prior": [80.0, 85.0],
    ...                       "baseline": [None, 95.0], "plan": [None, 99.0], "p10": [None, 88.0],
    ...                       "p90": [None, 110.0]})
    >>> draw_fan(spans, name="doc", title="Sales", unit="units").alt
    'Sales. Actual: 2025Q4 90.0. Plan: 2026Q1 99.0, from 88.0 to 110.0 eight times in ten.'
    """
    frame = table.reset_index(drop=True).reindex(columns=["label", *_AMOUNTS])
    frame = frame.astype(dict.fromkeys(_AMOUNTS, float))
    scale = choose_short_scale(frame[["actual", "plan"]].to_numpy().ravel(), unit)
    alt = _describe(frame, title, scale)
    known = frame["actual"].notna()
    cut = max(0, int(known.sum()) - max(_NARROW_SPANS - int((~known).sum()), 3))
    span = f"{frame['label'].iloc[0]} to {frame['label'].iloc[-1]}" if len(frame) else ""
    return Chart(
        title=title,
        subtitle=f"in {scale.unit}, {span}",
        alt=alt,
        wide=_draw(frame, Canvas(960, 320, f"{name}-wide"), scale, alt),
        narrow=_draw(frame.iloc[cut:].reset_index(drop=True), Canvas(350, 290, f"{name}-narrow"), scale, alt),
        legend=_legend(frame),
    )


def _legend(frame: pd.DataFrame) -> str:
    parts = [
        "solid: actual",
        "light: the year before",
        "hatched: forecast without new action",
        "outlined: plan",
    ]
    if frame["p10"].notna().any():
        parts.append("band: eight outcomes in ten (P10 to P90)")
    if frame["target"].notna().any():
        parts.append("diamond: target")
    text = "; ".join(parts) + "."
    return text[:1].upper() + text[1:]


def _draw(frame: pd.DataFrame, canvas: Canvas, scale: Scale, alt: str) -> str:
    slot = canvas.width / max(len(frame), 1)
    # Values that read upwards need room below the words that divide actual from plan.
    top, bottom = (62.0 if slot < _TURNED_BELOW else 34.0), (44.0 if canvas.width < 500 else 38.0)
    columns = ["actual", "prior", "baseline", "plan", "p90", "target"]
    largest = float(frame[columns].max(skipna=True).max())
    ground = canvas.height - bottom
    rise = (ground - top) / (largest if largest > 0 else 1.0)
    _draw_divide(frame, canvas, slot, ground)
    for number, row in enumerate(_rows(frame)):
        _draw_span(canvas, row, number * slot, slot, ground, rise, scale)
    canvas.line(0, ground, canvas.width, ground, INK, 1)
    _draw_labels(frame, canvas, slot, ground)
    return canvas.render(alt)


def _draw_divide(frame: pd.DataFrame, canvas: Canvas, slot: float, ground: float) -> None:
    first = int(frame["actual"].notna().sum())
    if 0 < first < len(frame):
        x = first * slot
        canvas.line(x, 2, x, ground + 30, RULE, 1)
        canvas.text(x - 6, 11, "actual", ink=MUTED, size=11, anchor="end")
        canvas.text(x + 6, 11, "plan", ink=MUTED, size=11)


def _draw_span(
    canvas: Canvas, row: dict[str, float], x: float, slot: float, ground: float, rise: float, scale: Scale
) -> None:
    width = slot * 0.62
    left = x + (slot - width) / 2 + slot * 0.06
    actual, prior, plan, baseline = (row[key] for key in ("actual", "prior", "plan", "baseline"))
    hint = f"{row['label']}: {scale.say(plan if math.isnan(actual) else actual)}"
    if not math.isnan(row["p10"]):
        canvas.rect(x, ground - row["p90"] * rise, slot, (row["p90"] - row["p10"]) * rise, BAND)
    if not math.isnan(prior):
        canvas.rect(left - slot * 0.14, ground - prior * rise, width * 0.8, prior * rise, PRIOR)
        hint += f"; the year before {scale.write(prior)}"
    if not math.isnan(actual):
        canvas.rect(left, ground - actual * rise, width, actual * rise, ACTUAL, hint=hint)
    if not math.isnan(baseline):
        canvas.rect(
            left,
            ground - max(plan, baseline) * rise,
            width,
            max(plan, baseline) * rise,
            "var(--paper,#fffefb)",
        )
        canvas.hatched(left, ground - baseline * rise, width, baseline * rise)
    if not math.isnan(plan):
        canvas.outline(left, ground - plan * rise, width, plan * rise, hint=hint)
    if not math.isnan(row["target"]):
        canvas.diamond(left + width / 2, ground - row["target"] * rise, 5, TARGET)
    value = plan if math.isnan(actual) else actual
    tops = [v for v in (value, baseline, prior, row["p90"], row["target"]) if not math.isnan(v)]
    _draw_value(canvas, left + width / 2, ground - max(tops, default=0.0) * rise, value, slot, scale)


def _draw_value(canvas: Canvas, x: float, y: float, value: float, slot: float, scale: Scale) -> None:
    text = scale.write(value)
    if slot < _TURNED_BELOW:
        canvas.text(x + 3.5, y - 4, text, size=10, turned=True)
    else:
        canvas.text(x, y - 5, text, size=11 if slot > 32 else 10, anchor="middle")


def _draw_labels(frame: pd.DataFrame, canvas: Canvas, slot: float, ground: float) -> None:
    """Years once under their first span, the part of the year under each."""
    labels = [_split_label(str(label)) for label in frame["label"]]
    for number, (year, part) in enumerate(labels):
        x = (number + 0.5) * slot
        if part and (slot >= 22 or number % 2 == 0):
            canvas.text(x, ground + 15, part, size=10.5, anchor="middle", ink=MUTED)
        if number == 0 or labels[number - 1][0] != year:
            canvas.text(number * slot + 2, ground + 31, year, size=11, bold=True)
            if number:
                canvas.line(number * slot, ground, number * slot, ground + 8, RULE)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _split_label(label: str) -> tuple[str, str]:
    if len(label) == 7 and label[4] == "-":
        return label[:4], _MONTHS[int(label[5:]) - 1]
    return label[:4], label[4:]


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return frame.to_dict("records")  # type: ignore[return-value]


def _describe(frame: pd.DataFrame, title: str, scale: Scale) -> str:
    actual = frame[frame["actual"].notna()]
    plan = frame[frame["actual"].isna() & frame["plan"].notna()]
    parts = [f"{title}."]
    if len(actual):
        pairs = zip(actual["label"], actual["actual"], strict=True)
        parts.append("Actual: " + "; ".join(f"{label} {scale.write(value)}" for label, value in pairs) + ".")
    if len(plan):
        parts.append("Plan: " + "; ".join(_describe_plan(row, scale) for row in _rows(plan)) + ".")
    return " ".join(parts)


def _describe_plan(row: dict[str, float], scale: Scale) -> str:
    text = f"{row['label']} {scale.write(row['plan'])}"
    if math.isnan(row["p10"]):
        return text
    return f"{text}, from {scale.write(row['p10'])} to {scale.write(row['p90'])} eight times in ten"
