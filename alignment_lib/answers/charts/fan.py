"""History and plan over time, one column per span, with the band the plan will fall in."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.answers.charts.ink.lettering import text_width
from alignment_lib.answers.charts.ink.palette import ACTUAL, BAND, INK, MUTED, PAPER, PRIOR, RULE, TARGET
from alignment_lib.answers.charts.ink.paper import Label, Paper
from alignment_lib.answers.charts.ink.placing import room_for, turns, write_above, write_below
from alignment_lib.answers.charts.notation import Chart, two_sheets
from alignment_lib.answers.wording import Scale, choose_short_scale

__all__ = ["draw_fan"]

_NARROW_SPANS = 16
_DIAMOND = 5.0
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
    late = frame.iloc[cut:].reset_index(drop=True)
    span = f"{frame['label'].iloc[0]} to {frame['label'].iloc[-1]}" if len(frame) else ""
    return Chart(
        title=title,
        subtitle=f"in {scale.unit}, {span}",
        alt=alt,
        name=name,
        lay_out=lambda paper: _draw(paper, late if paper.is_narrow else frame, scale),
        sheets=two_sheets(320, 290),
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


def _draw(paper: Paper, frame: pd.DataFrame, scale: Scale) -> None:
    slot = paper.width / max(len(frame), 1)
    value = frame["actual"].fillna(frame["plan"])
    texts = [scale.write(amount) if math.isfinite(amount) else "" for amount in value]
    # Values that read upwards need room below the words that divide actual from plan.
    top = 24.0 + (room_for(texts) if turns(texts, slot) else 12.0)
    ground = paper.height - 38.0
    amounts = frame[list(_AMOUNTS)].to_numpy()
    known = amounts[np.isfinite(amounts)]
    largest, least = float(known.max(initial=0.0)), float(known.min(initial=0.0))
    rise = (ground - top) / ((largest - least) or 1.0)
    zero = ground + least * rise
    paper.count_in((slot / 2, zero), (slot, -rise))
    _draw_divide(paper, frame, slot, ground)
    for number, row in enumerate(_rows(frame)):
        _draw_span(paper, row, number * slot, slot, (zero, rise), scale)
    paper.line(0, zero, paper.width, zero, INK, 1)
    write_above(paper, slot, texts, [_top(row, zero, rise) for row in _rows(frame)], shift=slot * 0.06)
    _draw_labels(paper, frame, slot, ground)


def _top(row: dict[str, float], zero: float, rise: float) -> float:
    """The highest point of anything drawn for a span."""
    heights = [row[key] * rise for key in _AMOUNTS if math.isfinite(row[key])]
    if math.isfinite(row["target"]):
        heights.append(row["target"] * rise + _DIAMOND + 1)
    return zero - max([0.0, *heights])


def _draw_divide(paper: Paper, frame: pd.DataFrame, slot: float, ground: float) -> None:
    first = int(frame["actual"].notna().sum())
    if 0 < first < len(frame):
        x = first * slot
        paper.line(x, 2, x, ground, RULE, 1)
        paper.place([Label(x - 6, 11, "actual", MUTED, 11, "end")])
        paper.place([Label(x + 6, 11, "plan", MUTED, 11, "start")])


def _draw_span(
    paper: Paper, row: dict[str, float], x: float, slot: float, place: tuple[float, float], scale: Scale
) -> None:
    zero, rise = place
    width = slot * 0.62
    left = x + (slot - width) / 2 + slot * 0.06
    hint = f"{row['label']}: {scale.say(row['plan'] if math.isnan(row['actual']) else row['actual'])}"

    def column(key: str, put: Callable[..., None], *ink: str, told: str = "", shift: float = 0.0) -> None:
        amount, wide = row[key], width * (0.8 if shift else 1.0)
        if math.isfinite(amount):
            said = {"hint": told} if told else {}
            put(left + shift, zero - max(amount, 0.0) * rise, wide, abs(amount) * rise, *ink, **said)

    if math.isfinite(row["p10"]):
        paper.rect(x, zero - row["p90"] * rise, slot, (row["p90"] - row["p10"]) * rise, BAND)
    column("prior", paper.rect, PRIOR, shift=-slot * 0.14)
    if math.isfinite(row["prior"]):
        hint += f"; the year before {scale.write(row['prior'])}"
    column("actual", paper.rect, ACTUAL, told=hint)
    if math.isfinite(row["baseline"]):
        column("plan", paper.rect, PAPER)
        column("baseline", paper.rect, PAPER)
        column("baseline", paper.hatched)
    column("plan", paper.outline, told=hint)
    if math.isfinite(row["target"]):
        paper.diamond(left + width / 2, zero - row["target"] * rise, _DIAMOND, TARGET)


def _draw_labels(paper: Paper, frame: pd.DataFrame, slot: float, ground: float) -> None:
    """Years once under their first span, the part of the year under each."""
    labels = [_split_label(str(label)) for label in frame["label"]]
    write_below(paper, slot, [part for _, part in labels], ground + 15)
    firsts = [n for n, label in enumerate(labels) if n == 0 or labels[n - 1][0] != label[0]]
    for number, beyond in zip(firsts, [*firsts[1:], len(labels)], strict=False):
        year, x = labels[number][0], number * slot
        if number:
            paper.line(x, ground, x, ground + 5, RULE)
        for text in (year, f"’{year[2:]}"):
            if text_width(text, 11, bold=True) + 4 <= (beyond - number) * slot:
                paper.place([Label(x + 2, ground + 31, text, INK, 11, "start", is_bold=True)])
                break


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
