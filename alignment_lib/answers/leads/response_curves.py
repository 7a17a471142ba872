"""What money brings by channel: the curve with its range, where we are, and where nobody has been."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from alignment_lib.answers.charts.ink.lettering import shorten
from alignment_lib.answers.charts.ink.palette import ACTUAL, BAND, INK, MUTED, RULE
from alignment_lib.answers.charts.ink.paper import Paper
from alignment_lib.answers.charts.notation import Chart, Sheet
from alignment_lib.answers.wording import choose_short_scale, write_number

__all__ = ["draw_response_curves"]

_PANEL, _BETWEEN, _ACROSS = 190.0, 24.0, 3
_HEAD, _FOOT = 40.0, 26.0
_Box = tuple[float, float, float, float]


def draw_response_curves(table: pd.DataFrame, *, name: str, title: str, outcome: str, currency: str) -> Chart:
    """One panel for each channel, each on scales of its own.

    Parameters
    ----------
    table : DataFrame
        ``source, money, brought, p10, p90, is_now, is_seen`` in order of money.

    Examples
    --------
    >>> table = pd.DataFrame({"source": "radio", "money": [0.0, 50.0, 200.0], "brought": [0.0, 4.0, 9.0],
    ...     "p10": [0.0, 3.0, 5.0], "p90": [0.0, 5.0, 14.0], "is_now": [False, True, False],
    ...     "is_seen": [False, True, False]})
    >>> draw_response_curves(table, name="doc", title="Response", outcome="leads", currency="EUR").alt
    'Response. radio: 50 EUR a period bring 4 leads (3 to 5); tried from 50 to 50.'
    """
    panels = {str(source): rows.to_dict("records") for source, rows in table.groupby("source", sort=False)}
    down = math.ceil(len(panels) / _ACROSS)
    words = " ".join(_describe(source, rows, outcome, currency) for source, rows in panels.items())
    return Chart(
        title=title,
        subtitle=f"{outcome} by {currency} a period, the same in every period",
        alt=f"{title}. {words}",
        name=name,
        lay_out=lambda paper: _draw(paper, panels, outcome, currency),
        sheets=(Sheet(960, max(down, 1) * _PANEL), Sheet(350, max(len(panels), 1) * _PANEL)),
        legend="Line: middle of the draws; band: eight in ten of them; dot: where we are; hatched: nobody "
        "has ever spent so much, or so little. Every panel has scales of its own.",
    )


def _describe(source: str, rows: list[dict[Any, Any]], outcome: str, currency: str) -> str:
    now = next(row for row in rows if row["is_now"])
    seen = [row["money"] for row in rows if row["is_seen"]]
    tried = f"; tried from {write_number(min(seen))} to {write_number(max(seen))}" if seen else ""
    places = _places(now["brought"])
    low, middle, high = (write_number(now[key], places) for key in ("p10", "brought", "p90"))
    money = f"{write_number(now['money'])} {currency}"
    return f"{source}: {money} a period bring {middle} {outcome} ({low} to {high}){tried}."


def _places(amount: float) -> int:
    """Decimals that leave two figures of a small amount."""
    return 0 if amount >= 3.0 or amount <= 0.0 else min(1 - math.floor(math.log10(amount)), 4)


def _draw(paper: Paper, panels: dict[str, list[dict[Any, Any]]], outcome: str, currency: str) -> None:
    across = 1 if paper.is_narrow else _ACROSS
    width = (paper.width - _BETWEEN * (across - 1)) / across
    for number, (source, rows) in enumerate(panels.items()):
        box = ((number % across) * (width + _BETWEEN), (number // across) * _PANEL, width, _PANEL)
        _draw_panel(paper, source, rows, box, (outcome, currency))


def _draw_panel(
    paper: Paper, source: str, rows: list[dict[Any, Any]], box: _Box, words: tuple[str, str]
) -> None:
    left, top, width, tall = box
    most = max(float(row["money"]) for row in rows) or 1.0
    highest = max(float(row["p90"]) for row in rows) or 1.0
    ground, rise = top + tall - _FOOT, (tall - _HEAD - _FOOT) / highest
    points = [(left + width * float(row["money"]) / most, row) for row in rows]
    paper.text(left, top + 14, shorten(source, width - 4, 12.5, bold=True), size=12.5, bold=True)
    label = f"{write_number(highest, _places(highest))} {words[0]}"
    paper.text(left, top + 31, shorten(label, width, 10.5), size=10.5, ink=MUTED)
    paper.line(left, ground - highest * rise, left + width, ground - highest * rise, RULE, 0.8)
    _draw_unseen(paper, points, box, ground)
    low = [(x, ground - float(row["p10"]) * rise) for x, row in points]
    high = [(x, ground - float(row["p90"]) * rise) for x, row in points]
    paper.area([*low, *reversed(high)], BAND)
    paper.path([(x, ground - float(row["brought"]) * rise) for x, row in points], ACTUAL, 2)
    paper.line(left, ground, left + width, ground, INK, 1)
    for x, row in points:
        if row["is_now"]:
            hint = f"{source}, where we are: {write_number(row['money'])} {words[1]} a period"
            paper.dot(x, ground - float(row["brought"]) * rise, 5, ACTUAL, hint=hint)
    scale = choose_short_scale([most], words[1])
    paper.text(left, ground + 15, "0", size=10.5, ink=MUTED)
    paper.text(left + width, ground + 15, scale.say(most), size=10.5, ink=MUTED, anchor="end")


def _draw_unseen(paper: Paper, points: list[tuple[float, dict[Any, Any]]], box: _Box, ground: float) -> None:
    """Hatching left and right of where money has ever been."""
    left, top, width, _ = box
    seen = [x for x, row in points if row["is_seen"]]
    if not seen:
        return
    height = ground - top - _HEAD
    for start, end in ((left, min(seen)), (max(seen), left + width)):
        if end - start > 1:
            paper.hatched(start, top + _HEAD, end - start, height, hint="never tried")
