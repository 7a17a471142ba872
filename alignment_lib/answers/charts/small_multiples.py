"""The same small chart for each member of a dimension, all on one scale."""

from __future__ import annotations

import math

import pandas as pd

from alignment_lib.answers.charts.canvas import Canvas, shorten
from alignment_lib.answers.charts.notation import ACTUAL, INK, MUTED, PAPER, Chart
from alignment_lib.answers.wording import Scale, choose_short_scale, write_change

__all__ = ["draw_small_multiples"]


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
    largest = float(frame[["actual", "baseline", "plan"]].max().max())
    alt = _describe(frame, members, title, scale)
    drawings = []
    for width, variant, across in ((960.0, "wide", min(4, max(len(members), 1))), (350.0, "narrow", 1)):
        down = math.ceil(len(members) / across)
        panel = (width - 18 * (across - 1)) / across
        canvas = Canvas(width, down * 126, f"{name}-{variant}")
        for number, member in enumerate(members):
            origin = ((number % across) * (panel + 18), (number // across) * 126.0)
            rows = frame[frame["member"] == member].to_dict("records")
            _draw_panel(canvas, str(member), rows, origin, panel, largest, scale)
        drawings.append(canvas.render(alt))
    span = f"{frame['label'].iloc[0]} to {frame['label'].iloc[-1]}" if len(frame) else ""
    legend = "Solid: actual; hatched: forecast; outlined: plan. One scale for all panels."
    return Chart(title, f"in {scale.unit}, {span}", alt, drawings[0], drawings[1], legend)


def _draw_panel(
    canvas: Canvas,
    member: str,
    rows: list[dict[str, float]],
    origin: tuple[float, float],
    width: float,
    largest: float,
    scale: Scale,
) -> None:
    x0, y0 = origin
    canvas.text(x0, y0 + 14, shorten(member, width - 4, 12.5), size=12.5, bold=True)
    ground, slot = y0 + 104, width / max(len(rows), 1)
    rise = 62.0 / (largest if largest > 0 else 1.0)
    for number, row in enumerate(rows):
        x, thick = x0 + number * slot + slot * 0.14, slot * 0.72
        value = row["plan"] if math.isnan(row["actual"]) else row["actual"]
        hint = f"{member}, {row['label']}: {scale.say(value)}"
        if not math.isnan(row["actual"]):
            canvas.rect(x, ground - value * rise, thick, value * rise, ACTUAL, hint=hint)
        elif not math.isnan(value):
            canvas.rect(x, ground - value * rise, thick, value * rise, PAPER)
            canvas.hatched(x, ground - row["baseline"] * rise, thick, row["baseline"] * rise)
            canvas.outline(x, ground - value * rise, thick, value * rise, hint=hint)
        if slot > 24 and math.isfinite(value):
            canvas.text(
                x + thick / 2,
                ground - max(value, row["baseline"] if math.isfinite(row["baseline"]) else 0) * rise - 4,
                scale.write(value),
                size=10,
                anchor="middle",
            )
    canvas.line(x0, ground, x0 + width, ground, INK, 1)
    if rows:
        canvas.text(x0, ground + 14, str(rows[0]["label"]), size=10, ink=MUTED)
        canvas.text(x0 + width, ground + 14, str(rows[-1]["label"]), size=10, ink=MUTED, anchor="end")


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
