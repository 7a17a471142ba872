"""The same small chart for each member of a dimension, all on one scale."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from alignment_lib.answers.charts.ink.lettering import shorten, text_width
from alignment_lib.answers.charts.ink.palette import ACTUAL, INK, MUTED, PAPER
from alignment_lib.answers.charts.ink.paper import Label, Paper
from alignment_lib.answers.charts.ink.placing import room_for
from alignment_lib.answers.charts.notation import Chart, Sheet
from alignment_lib.answers.wording import Scale, choose_short_scale, write_change

__all__ = ["draw_small_multiples"]

_PANEL, _BETWEEN = 126.0, 18.0
_READABLE = 0.2
"""The least height of a panel's tallest column, as a share of the largest, that can still be read."""


def draw_small_multiples(table: pd.DataFrame, *, name: str, title: str, unit: str) -> Chart:
    """One panel per member: actual spans solid, planned spans outlined over the hatched forecast.

    Parameters
    ----------
    table : DataFrame
        ``member, label, actual, baseline, plan`` in the order wanted; every member has the same labels.

    Examples
    --------
    >>> table = pd.DataFrame({"member": "Tea", "label": ["2025Q4", "2026Q1"], "actual": [90.0, None],
    ...                       "baseline": [None, 95.0], "plan": [None, 99.0]})
    >>> chart = draw_small_multiples(table, name="doc", title="By product", unit="units")
    >>> chart.subtitle
    'in units, 2025Q4 to 2026Q1'
    """
    members = list(dict.fromkeys(table["member"]))
    frame = table.astype({"actual": float, "baseline": float, "plan": float})
    scale = choose_short_scale(frame[["actual", "plan"]].to_numpy().ravel().tolist(), unit)
    alt = _describe(frame, members, title, scale)
    rows: dict[str, list[dict[str, Any]]] = {
        str(member): frame[frame["member"] == member].to_dict("records") for member in members
    }
    enlarged = _enlarge(rows)
    span = f"{frame['label'].iloc[0]} to {frame['label'].iloc[-1]}" if len(frame) else ""
    legend = "Solid: actual; hatched: forecast; outlined: plan. "
    if any(times > 1 for times in enlarged.values()):
        legend += "×5: columns of the panel are drawn 5 times as tall as those without such a mark."
    else:
        legend += "One scale for all panels."
    across = min(4, max(len(members), 1))
    return Chart(
        title=title,
        subtitle=f"in {scale.unit}, {span}",
        alt=alt,
        name=name,
        lay_out=lambda paper: _draw(paper, rows, enlarged, scale),
        sheets=(Sheet(960, math.ceil(len(members) / across) * _PANEL), Sheet(350, len(members) * _PANEL)),
        legend=legend,
    )


def _tallest(rows: list[dict[str, Any]]) -> float:
    known = [float(row[key]) for row in rows for key in ("actual", "baseline", "plan")]
    return max([0.0, *(amount for amount in known if math.isfinite(amount))])


def _enlarge(rows: Mapping[str, list[dict[str, Any]]]) -> dict[str, int]:
    """By how much each panel is enlarged: not at all where all can be read on one scale.

    A panel that could not be read beside the largest is drawn at the roundest number of times its size that
    fits, so that columns of different panels can still be compared.
    """
    tallest = {member: _tallest(own) for member, own in rows.items()}
    largest = max(tallest.values(), default=0.0)
    if all(own == 0 or own >= _READABLE * largest for own in tallest.values()):
        return dict.fromkeys(rows, 1)
    return {member: _round_times(largest / own) if own > 0 else 1 for member, own in tallest.items()}


def _round_times(most: float) -> int:
    """The largest of 1, 2, 5, 10, 20, … that is not more."""
    power = 10 ** math.floor(math.log10(most) + 1e-12)
    return int(next(power * step for step in (5, 2, 1) if power * step <= most * (1 + 1e-12)))


def _draw(
    paper: Paper, rows: Mapping[str, list[dict[str, Any]]], enlarged: Mapping[str, int], scale: Scale
) -> None:
    across = 1 if paper.is_narrow else min(4, max(len(rows), 1))
    tall = paper.height / max(math.ceil(len(rows) / across), 1)
    panel = (paper.width - _BETWEEN * (across - 1)) / across
    largest = max((_tallest(own) for own in rows.values()), default=0.0)
    rise = (tall - 64.0) / (largest if largest > 0 else 1.0)
    for number, (member, own) in enumerate(rows.items()):
        box = ((number % across) * (panel + _BETWEEN), (number // across) * tall, panel, tall)
        _draw_panel(paper, member, own, box, rise, enlarged[member], scale)


def _draw_panel(
    paper: Paper,
    member: str,
    rows: list[dict[str, Any]],
    box: tuple[float, float, float, float],
    rise: float,
    times: int,
    scale: Scale,
) -> None:
    x0, y0, width, tall = box
    mark = f"×{times:,}" if times > 1 else ""
    room = text_width(mark, 11, bold=True) + 8 if mark else 0.0
    paper.text(x0, y0 + 14, shorten(member, width - 4 - room, 12.5, bold=True), size=12.5, bold=True)
    paper.text(x0 + width, y0 + 14, mark, size=11, bold=True, anchor="end", ink=MUTED)
    # What is drawn larger is also written finer.
    scale = replace(scale, decimals=scale.decimals + int(math.log10(times)))
    ground, slot = y0 + tall - 22, width / max(len(rows), 1)
    tops = []
    for number, row in enumerate(rows):
        x, thick = x0 + number * slot + slot * 0.14, slot * 0.72
        value = row["plan"] if math.isnan(row["actual"]) else row["actual"]
        hint = f"{member}, {row['label']}: {scale.say(value)}"
        amounts = [max(row[key], 0.0) * rise * times for key in ("actual", "baseline", "plan")]
        actual, baseline, plan = (amount if math.isfinite(amount) else 0.0 for amount in amounts)
        if not math.isnan(row["actual"]):
            paper.rect(x, ground - actual, thick, actual, ACTUAL, hint=hint)
        elif not math.isnan(value):
            paper.rect(x, ground - plan, thick, plan, PAPER)
            paper.hatched(x, ground - baseline, thick, baseline)
            paper.outline(x, ground - plan, thick, plan, hint=hint)
        tops.append(ground - (max(baseline, plan) if math.isnan(row["actual"]) else actual))
    paper.line(x0, ground, x0 + width, ground, INK, 1)
    _write_values(paper, rows, (x0, width, slot), tops, scale)
    if rows:
        first, last = str(rows[0]["label"]), str(rows[-1]["label"])
        paper.text(x0, ground + 14, first, size=10, ink=MUTED)
        paper.place([Label(x0 + width, ground + 14, last, MUTED, 10, "end")], free_of_marks=False)


def _write_values(
    paper: Paper,
    rows: list[dict[str, Any]],
    place: tuple[float, float, float],
    tops: list[float],
    scale: Scale,
) -> None:
    """The last plan, the last actual and the first value; all of them where columns are wide enough."""
    x0, width, slot = place
    values = [row["plan"] if math.isnan(row["actual"]) else row["actual"] for row in rows]
    texts = [scale.write(value) if math.isfinite(value) else "" for value in values]
    actual = [number for number, row in enumerate(rows) if not math.isnan(row["actual"])]
    order = [len(rows) - 1, *actual[-1:], 0] if rows else []
    if room_for(texts, 10) + 3 <= slot:
        order = list(range(len(rows)))
    for number in dict.fromkeys(order):
        half = text_width(texts[number], 10) / 2
        middle = min(max(x0 + (number + 0.5) * slot, x0 + half), x0 + width - half)
        first, beyond = int((middle - half - x0) // slot), int((middle + half - x0 - 0.01) // slot)
        level = min(tops[max(first, 0) : beyond + 1], default=0.0)
        if texts[number]:
            label = Label(middle, level - 4, texts[number], INK, 10, "middle")
            paper.place([label], free_of_marks=False)


def _describe(frame: pd.DataFrame, members: list[str], title: str, scale: Scale) -> str:
    words = []
    for member in members:
        rows = frame[frame["member"] == member]
        actual, plan = rows["actual"].dropna(), rows.loc[rows["actual"].isna(), "plan"].dropna()
        if len(actual) and len(plan):
            change = write_change(float(plan.iloc[-1]), float(actual.iloc[-1]))
            words.append(
                f"{member}: last actual {scale.write(actual.iloc[-1])}, plan at the end "
                f"{scale.write(plan.iloc[-1])} ({change})"
            )
        elif len(plan):
            words.append(f"{member}: plan at the end {scale.write(plan.iloc[-1])}")
    return f"{title}, in {scale.unit}. {'; '.join(words)}."
