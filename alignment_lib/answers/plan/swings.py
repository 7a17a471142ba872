"""What moves the plan most: the plan worked out anew at both ends of every counted claim's range."""

from __future__ import annotations

import math
from typing import Unpack

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, Question, ask, refuse
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.charts.tornado import draw_tornado
from alignment_lib.answers.facts import name_contributors
from alignment_lib.answers.swings import draw_swings, pick_swings, say_widest
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import choose_scale, humanise, say_share
from alignment_lib.rounds.view import RoundView

__all__ = ["draw_widest", "swings"]


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
