"""The money at stake of every item, one of them in full ink: where it stands among the others."""

from __future__ import annotations

from typing import Any

import pandas as pd

from alignment_lib.answers.charts.ink.lettering import shorten
from alignment_lib.answers.charts.ink.palette import ACTUAL, INK, MUTED, PRIOR
from alignment_lib.answers.charts.ink.paper import Paper
from alignment_lib.answers.charts.ink.placing import room_for
from alignment_lib.answers.charts.notation import Chart, two_sheets
from alignment_lib.answers.wording import Scale, choose_scale

__all__ = ["draw_stakes"]


def draw_stakes(items: pd.DataFrame, place: int, *, name: str, title: str, unit: str) -> Chart:
    """One thin bar an item, in the order given.

    Parameters
    ----------
    items : DataFrame
        ``place, title, money``.
    place : int
        The item in full ink.

    Examples
    --------
    >>> items = pd.DataFrame({"place": [1, 2], "title": ["Gap", "Action"], "money": [300.0, 120.0]})
    >>> draw_stakes(items, 2, name="doc", title="At stake", unit="EUR").alt
    'At stake: Action, 120 EUR; item 2 of 2 by money, the first is worth 300 EUR.'
    """
    items = items.assign(money=items["money"].fillna(0.0))
    scale = choose_scale(items["money"], unit)
    own = items[items["place"] == place].iloc[0]
    ranked = items.sort_values("money", key=abs, ascending=False, kind="stable")
    first, rank = (
        float(ranked["money"].abs().iloc[0]),
        int((ranked["place"] == place).to_numpy().argmax()) + 1,
    )
    alt = (
        f"{title}: {own['title']}, {scale.say(abs(float(own['money'])))}; item {rank} of {len(items)} by "
        f"money, the first is worth {scale.say(first)}."
    )
    rows: list[dict[Any, Any]] = items.to_dict("records")
    return Chart(
        title=title,
        subtitle=f"in {scale.unit}",
        alt=alt,
        name=name,
        lay_out=lambda paper: _draw(paper, rows, place, scale),
        sheets=two_sheets(17.0 * len(items) + 8, 17.0 * len(items) + 8),
    )


def _draw(paper: Paper, rows: list[dict[Any, Any]], place: int, scale: Scale) -> None:
    height = (paper.height - 8.0) / max(len(rows), 1)
    places = [str(row["place"]) for row in rows]
    left = room_for(places, 11.5, bold=True) + 14.0 if paper.is_narrow else min(312.0, 0.4 * paper.width)
    own = scale.write(max((abs(float(row["money"])) for row in rows if row["place"] == place), default=0.0))
    right = paper.width - room_for([own], 11.5, bold=True) - 10.0
    per = (right - left) / (max((abs(float(row["money"])) for row in rows), default=0.0) or 1.0)
    paper.count_in((left, 3 + height / 2), (per, height))
    for number, row in enumerate(rows):
        y, money = height * number + 3, abs(float(row["money"]))
        chosen = row["place"] == place
        label = places[number]
        if not paper.is_narrow:
            label = shorten(f"{label}. {row['title']}", left - 14, 11.5, bold=chosen)
        ink = INK if chosen else MUTED
        paper.text(left - 10, y + height / 2 + 2.5, label, size=11.5, anchor="end", bold=chosen, ink=ink)
        paper.rect(left, y + 2, max(money * per, 1.0), height - 6, ACTUAL if chosen else PRIOR)
        if chosen:
            paper.text(left + money * per + 6, y + height / 2 + 2.5, own, size=11.5, bold=True)
