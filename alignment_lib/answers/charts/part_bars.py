"""Parts of a whole side by side: forecast hatched, plan outlined, the change written beside."""

from __future__ import annotations

from typing import Any

import pandas as pd

from alignment_lib.answers.charts.ink.lettering import shorten
from alignment_lib.answers.charts.ink.palette import BAD, GOOD, INK, MUTED, PAPER
from alignment_lib.answers.charts.ink.paper import Paper
from alignment_lib.answers.charts.ink.placing import room_for
from alignment_lib.answers.charts.notation import Chart, two_sheets
from alignment_lib.answers.wording import Scale, choose_scale, write_change

__all__ = ["draw_part_bars"]


def draw_part_bars(parts: pd.DataFrame, *, name: str, title: str, unit: str, period: str) -> Chart:
    r"""One row per part, all on one scale that begins at zero.

    Parameters
    ----------
    parts : DataFrame
        ``label, baseline, plan`` in the order wanted.

    Examples
    --------
    >>> parts = pd.DataFrame({"label": ["new"], "baseline": [100.0], "plan": [110.0]})
    >>> chart = draw_part_bars(parts, name="doc", title="Types", unit="units", period="2026Q1")
    >>> chart.alt.replace("\u202f", " ")
    'Types, 2026Q1, in units. new: forecast 100, plan 110 (+10.0 %).'
    """
    rows = parts.to_dict("records")
    scale = choose_scale([*parts["baseline"], *parts["plan"]], unit)
    words = "; ".join(
        f"{row['label']}: forecast {scale.write(row['baseline'])}, plan {scale.write(row['plan'])} "
        f"({write_change(row['plan'], row['baseline'])})"
        for row in rows
    )
    alt = f"{title}, {period}, in {scale.unit}. {words}."
    legend = (
        "Hatched: forecast without new action; outlined: plan. Blue with plus: more; orange with minus: less."
    )
    return Chart(
        title=title,
        subtitle=f"in {scale.unit}, {period}",
        alt=alt,
        name=name,
        lay_out=lambda paper: _draw(paper, rows, scale),
        sheets=two_sheets(len(rows) * 30 + 8, len(rows) * 44 + 8),
        legend=legend,
    )


def _draw(paper: Paper, rows: list[dict[Any, Any]], scale: Scale) -> None:
    narrow = paper.is_narrow
    height = (paper.height - 8.0) / max(len(rows), 1)
    changes = [write_change(row["plan"], row["baseline"]) for row in rows]
    values = [scale.write(row["plan"]) for row in rows]
    left = 2.0 if narrow else min(252.0, 0.36 * paper.width)
    right = paper.width - room_for(values) - room_for(changes, 11.5) - 24.0
    largest = max((max(row["baseline"], row["plan"]) for row in rows), default=0.0)
    per = (right - left) / (largest if largest > 0 else 1.0)
    paper.count_in((left, height / 2), (per, height))
    paper.line(left, 0, left, paper.height - 6, INK, 1)
    for number, row in enumerate(rows):
        y = number * height
        bar, thick = (y + 19.0, height - 26.0) if narrow else (y + 6.0, height - 12.0)
        label, middle = str(row["label"]), bar + thick / 2 + 4
        if narrow:
            paper.text(2, y + 13, shorten(label, paper.width - 4), halo=True)
        else:
            paper.text(left - 10, middle, shorten(label, left - 14, 12.5), size=12.5, anchor="end")
        end = max(row["baseline"], row["plan"], 0.0) * per
        hint = f"{row['label']}: plan {scale.say(row['plan'])}, forecast {scale.write(row['baseline'])}"
        paper.rect(left, bar, end, thick, PAPER)
        paper.hatched(left, bar + 2, max(row["baseline"], 0.0) * per, thick - 4)
        paper.outline(left, bar, max(row["plan"], 0.0) * per, thick, hint=hint)
        change = row["plan"] - row["baseline"]
        ink = MUTED if abs(change) < 1e-9 else GOOD if change > 0 else BAD
        paper.text(left + end + 6, middle, values[number])
        paper.text(paper.width - 2, middle, changes[number], size=11.5, ink=ink, anchor="end")
