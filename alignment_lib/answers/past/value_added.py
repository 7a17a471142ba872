"""Which step from naive forecast to consensus brought the plan nearer to what was sold."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.charts.value_ladder import draw_value_ladder
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import humanise, join_words, write_share
from alignment_lib.inputs.words.nearest import check_word
from alignment_lib.review.value_added import LADDER
from alignment_lib.rounds.view import RoundView

__all__ = ["STREAMS", "rounds_table", "value_added"]

Level = Literal["total", "series"]
_LEVELS: tuple[Level, ...] = ("total", "series")
STREAMS = (*LADDER[:-1], "finance", "combined", LADDER[-1])
"""Every stream, in the order in which they are made."""
_WORSE = -5e-4


@of_the_whole
def value_added(view: RoundView, *, level: str = "total") -> Answer:
    """Error of each step over all closed rounds, each set against the step before it.

    Parameters
    ----------
    view : RoundView
        The round; every round closed before it counts.
    span, part, scenario
        Refused: the error is told over all closed rounds together.
    level : str
        ``total``: sums of a round over all sales. ``series``: every series and period by itself. What
        cancels out in the first stays in the second, so a step may help in one and harm in the other.
    """
    chosen = check_word(level, list(_LEVELS), "level")
    table = view.table("value_added")
    title = f"Error of each step, {_say_level(view, chosen)}"
    rows = _pooled(view, table, chosen) if len(table) else table
    if rows.empty:
        text = "No round has closed yet: value added appears when the first round's actuals are in."
        return nothing_yet("value_added", title, text)
    period = _say_rounds(table)
    chart = draw_value_ladder(rows, name=f"value-added-{chosen}", title=title, period=period)
    columns = [
        Column("name", "Step"),
        Column("wape", "Error", "share", decimals=1),
        Column("bias_share", "Bias", "share", decimals=1, signed=True),
        Column("value_added_share", "Error taken away", "share", decimals=1, signed=True),
    ]
    note = (
        "Error is the sum of absolute misses over what was sold; each step is set against the one before it."
    )
    note += _say_small(rows, view.unit)
    named = rows.assign(name=rows["stream"].map(lambda name: humanise(str(name))))
    shown = Table(f"{title}, {period}", columns, named, note=note)
    return Answer("value_added", title, _say_ladder(view, rows, chosen), rows, chart, shown)


def _pooled(view: RoundView, table: pd.DataFrame, level: str) -> pd.DataFrame:
    """All closed rounds together at the shortest distance, in the order of the steps."""
    span = view.cycle if level == "total" else "period"
    pooled = table[(table["round"].fillna("") == "") & (table["level"] == level) & (table["span"] == span)]
    pooled = pooled[pooled["lag"] == pooled["lag"].min()]
    place = pooled["stream"].map({name: at for at, name in enumerate(STREAMS)})
    ordered: pd.DataFrame = pooled.loc[place.sort_values(kind="stable").index].reset_index(drop=True)
    return ordered


def _say_level(view: RoundView, level: str) -> str:
    if level == "total":
        return f"all sales, {view.cycle} by {view.cycle}"
    return f"series by series, {view.calendar.grain} by {view.calendar.grain}"


def _say_rounds(table: pd.DataFrame) -> str:
    rounds = sorted(set(table["round"].dropna().astype(str)) - {""})
    if not rounds:
        return "closed rounds"
    return f"closed rounds {rounds[0]} to {rounds[-1]}" if len(rounds) > 1 else f"closed round {rounds[0]}"


def _say_ladder(view: RoundView, rows: pd.DataFrame, level: str) -> str:
    best = rows.sort_values("wape", kind="stable").iloc[0]
    text = f"{humanise(str(best['stream']))} came nearest, {write_share(float(best['wape']))} off"
    text += f", {_say_level(view, level)}."
    worse = [str(name) for name in rows.loc[rows["value_added_share"] < _WORSE, "stream"]]
    return f"{text} Farther away than the step before: {join_words(worse)}." if worse else text


def _say_small(rows: pd.DataFrame, measure: str) -> str:
    """Changes below the materiality share, and what they cost."""
    if "small_changes" not in rows:
        return ""
    count, cost = int(rows["small_changes"].sum()), float(rows["small_cost"].sum())
    if not count:
        return ""
    word = "added" if cost > 0 else "took off"
    subject = "1 change was" if count == 1 else f"{count:,} changes were"
    whole = f"{'it' if count == 1 else 'together they'} {word} {abs(cost):,.0f} {measure} of error"
    return f" {subject} smaller than the materiality share; {whole}."


def rounds_table(view: RoundView) -> Table | None:
    """How far over or under each step lay in each closed round; None before one has closed."""
    table = view.table("value_added")
    if table.empty:
        return None
    rows = table[(table["level"] == "total") & (table["span"] == view.cycle) & (table["lag"] == 1)]
    rows = rows[rows["round"].fillna("") != ""]
    if rows.empty:
        return None
    wide = rows.pivot_table(index="round", columns="stream", values="bias_share", sort=False).reset_index()
    columns = [Column("round", "round")]
    columns += [
        Column(step, humanise(step), "share", "over or under", signed=True)
        for step in STREAMS
        if step in wide
    ]
    caption = f"All sales of a {view.cycle}: over (+) or under (−) what came"
    return Table(caption, columns, wide)
