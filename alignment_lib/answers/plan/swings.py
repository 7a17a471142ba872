"""What moves the plan most: the plan worked out anew at both ends of every counted claim's range."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Unpack

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, Question, ask, refuse
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.charts.tornado import draw_tornado
from alignment_lib.answers.facts import name_contributors
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import choose_scale, humanise, say_share
from alignment_lib.rounds.view import RoundView

__all__ = ["draw_swings", "draw_widest", "pick_swings", "say_widest", "swings"]

_LEAST = 0.005
_MOST = 10


def swings(view: RoundView, **asked: Unpack[Asked]) -> Answer:
    """How far each counted claim moves a span between its low and its high value, all else as planned.

    Parameters
    ----------
    view : RoundView
        The round.
    span, scenario
        As `ask` takes them.
    part
        Refused: swings are worked out for all sales.

    Returns
    -------
    Answer
        Its frame is the published table ``sensitivity`` of the scenario and the span.
    """
    span, part, scenario = asked.get("span"), asked.get("part"), asked.get("scenario")
    refuse("swings", part=part)
    question = ask(view, span=span, scenario=scenario)
    title = f"What moves the plan most, {question.words}, {humanise(question.scenario).lower()}"
    table = view.table("sensitivity")
    if view.has_rows("sensitivity", "label", "at_low", "at_high"):
        table = table[(table["scenario"] == question.scenario) & (table["label"] == question.span)]
    shown = pick_swings(table, question.span, name_contributors(view))
    if shown.empty:
        return nothing_yet(
            "swings", title, "No counted assumption states a range that moves this plan: give low and high."
        )
    columns = [Column("label", "assumption"), Column("low", "at its low", "amount", signed=True)]
    columns.append(Column("high", "at its high", "amount", signed=True))
    scale = choose_scale([*shown["low"], *shown["high"]], view.unit)
    return Answer(
        "swings",
        title,
        f"{say_widest(shown, view.unit)} {_say_noise(table, question)}".rstrip(),
        table.reset_index(drop=True),
        draw_swings(shown, view.unit, question.span, question.scenario),
        Table(title, columns, shown, scale, note="One assumption at a time, all else as planned."),
    )


def draw_widest(view: RoundView, most: int) -> Chart | None:
    """So many of the widest swings of the round; None where nothing states a range."""
    found = pick_swings(view.scenario("sensitivity"), view.round, name_contributors(view))
    if found.empty:
        return None
    name, title = f"tornado-{most}", "The widest swings"
    return draw_tornado(found.head(most), name=name, title=title, unit=view.unit, period=view.round)


def _say_noise(table: pd.DataFrame, question: Question) -> str:
    """How much of what may come differently is the assumptions', and how much the forecast's own."""
    share = float(table["variance_share"].sum()) if "variance_share" in table else math.nan
    if not 0 < share < 1:
        return ""
    return (
        f"Of the spread of outcomes of {question.words} about {say_share(share)} comes from the ranges of "
        f"the assumptions and {say_share(1 - share)} from the error of the forecast itself."
    )


def pick_swings(table: pd.DataFrame, label: str, name: Callable[[str], str]) -> pd.DataFrame:
    """How far each counted assumption moves a span, the widest first: ``label, low, high``.

    Parameters
    ----------
    table : DataFrame
        `sensitivity_table` of one scenario.
    label : str
        The span, such as ``2026Q1``.
    name : callable
        An assumption's id in words.

    Returns
    -------
    DataFrame
        ``low`` and ``high`` are the change of the plan when the assumption comes out at its low and at its
        high value; rows that move next to nothing are left out.
    """
    # A round published long ago tells of swings without their spans and ends.
    is_known = {"label", "at_low", "at_high", "plan"} <= set(table.columns)
    rows = table[table["label"] == label] if is_known else table.iloc[:0]
    if rows.empty or not rows["swing"].max() > 0:
        return pd.DataFrame(columns=["label", "low", "high"])
    rows = rows[rows["swing"] > _LEAST * rows["swing"].max()]
    rows = rows.sort_values(["swing", "assumption"], ascending=[False, True])
    return pd.DataFrame(
        {
            "label": [name(str(one)) for one in rows["assumption"]],
            "low": (rows["at_low"] - rows["plan"]).to_numpy(dtype=float),
            "high": (rows["at_high"] - rows["plan"]).to_numpy(dtype=float),
        }
    )


def draw_swings(swings: pd.DataFrame, unit: str, label: str, scenario: str) -> Chart:
    """The widest of them as a chart that says of which span and which scenario it speaks."""
    return draw_tornado(
        swings.head(_MOST),
        name="tornado",
        title="What moves the plan most",
        unit=unit,
        period=f"{label}, {humanise(scenario).lower()}",
    )


def say_widest(swings: pd.DataFrame, unit: str) -> str:
    """The widest of them in words.

    Examples
    --------
    >>> swings = pd.DataFrame({"label": ["Coupon"], "low": [-30.0], "high": [20.0]})
    >>> say_widest(swings, "units")
    'Coupon moves the plan most: between its low and its high value lie 50 units.'
    """
    widest = swings.iloc[0]
    scale = choose_scale([widest["high"], widest["low"]], unit)
    width = abs(widest["high"] - widest["low"])
    return (
        f"{widest['label']} moves the plan most: between its low and its high value lie {scale.say(width)}."
    )
