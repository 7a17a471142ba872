"""The plan over time: history and plan by month, quarter or year beside the year before."""

from __future__ import annotations

import math
from typing import Unpack, get_args

import pandas as pd

from alignment_lib.answers.answer import Answer
from alignment_lib.answers.asking import Asked, Question, ask
from alignment_lib.answers.charts.fan import draw_fan
from alignment_lib.answers.facts import sum_spans
from alignment_lib.answers.tables import Column, Table, sum_columns
from alignment_lib.answers.wording import (
    choose_scale,
    humanise,
    say_change,
    say_span,
    write_count,
)
from alignment_lib.inputs.periods.calendar import Cycle
from alignment_lib.inputs.words.nearest import check_word
from alignment_lib.rounds.view import RoundView

__all__ = ["compare_years", "over_time"]

_MOST_PAST = 15
_LEAST_COMPARED = 0.9
"""Share of a span's periods that must have a year before for the two to be compared at all."""


def over_time(view: RoundView, *, by: str = "", **asked: Unpack[Asked]) -> Answer:
    """History and plan by month, quarter or year, over the whole horizon.

    Parameters
    ----------
    view : RoundView
        The round.
    span, part, scenario
        As `ask` takes them; the rows are those of the whole horizon, whatever the span.
    by : str
        ``month``, ``quarter`` or ``year``: what a row sums; the view the round was published with by default.

    Returns
    -------
    Answer
        Its frame is `compare_years` of `sum_spans`.
    """
    question = ask(view, **asked)
    cycle = find_cycle(by or view.view)
    finest: Cycle = "quarter" if view.calendar.grain == "quarter" else "month"
    drawn: Cycle = "quarter" if cycle == "year" else finest
    shown = finest if cycle == "month" else cycle
    spans = compare_years(sum_spans(view, shown, tuple(question.part.items()), question.scenario))
    drawing = sum_spans(view, drawn, tuple(question.part.items()), question.scenario)
    first = max(0, int(drawing["plan"].isna().sum()) - _MOST_PAST)
    chart = draw_fan(
        drawing.iloc[first:], name="fan", title="Sales, history and plan" + question.aside, unit=view.unit
    )
    text = _say_horizon(question)
    title = "The plan over time" + question.aside
    return Answer("over_time", title, text, spans, chart, _table(question, shown, spans))


def find_cycle(word: str) -> Cycle:
    """Month, quarter or year; any other word is refused with the nearest of them."""
    named = check_word(word, get_args(Cycle), "length of a span")
    return next(cycle for cycle in get_args(Cycle) if cycle == named)


def compare_years(spans: pd.DataFrame) -> pd.DataFrame:
    """Spans with ``year_before`` and ``change``: like with like where a period has no year before.

    A 53rd week has no week a year before it. The span's year before is then the sum of those that are known,
    and the change is that of the periods that have one; where too few have, there is none.
    """
    known = spans["compared_periods"] / spans["periods"] >= _LEAST_COMPARED
    before = spans["prior_known"].where(known)
    change = spans["compared"] / before.where(before > 0) - 1
    return spans.assign(year_before=before, change=change)


def _say_horizon(question: Question) -> str:
    quarters = compare_years(
        sum_spans(question.view, "quarter", tuple(question.part.items()), question.scenario)
    )
    planned = quarters[quarters["plan"].notna()]
    total = float(planned["plan"].sum())
    scale = choose_scale([total], question.view.unit)
    text = f"Over {write_count(len(planned), 'planned quarter')} the plan comes to {scale.say(total)}"
    compared = planned[planned["year_before"].notna()]
    if compared.empty:
        return f"{text}; the year before is not known."
    change = say_change(float(compared["compared"].sum()), float(compared["year_before"].sum()))
    grain = question.view.calendar.grain
    without = int((planned["periods"] - planned["compared_periods"]).sum())
    if not without:
        return f"{text}, {change} than in the same {grain}s a year earlier."
    left = write_count(without, f"{grain} has", f"{grain}s have")
    return f"{text}. Like for like it is {change} than a year earlier; {left} no year before to compare with."


def _table(question: Question, cycle: Cycle, spans: pd.DataFrame) -> Table:
    planned = spans[spans["plan"].notna()].copy()
    planned["effects"] = planned["plan"] - planned["baseline"]
    planned["name"] = planned["label"].map(say_span)
    columns = [Column("name", humanise(cycle)), Column("plan", "Plan", "amount")]
    if planned["target"].notna().any():
        columns += [Column("target", "Target", "amount"), Column("probability", "Chance of target", "odds")]
    columns += [
        Column("year_before", "Year before", "amount"),
        Column("change", "Change on year before", "share", decimals=1, signed=True),
        Column("baseline", "Baseline", "amount"),
        Column("effects", "Drivers and assumptions", "amount", signed=True),
        Column("p10", "P10", "amount"),
        Column("p90", "P90", "amount"),
    ]
    sums = sum_columns(planned, ["year_before", "baseline", "effects", "plan", "compared"], whole=True)
    sums["change"] = sums.pop("compared") / sums["year_before"] - 1 if sums["year_before"] > 0 else math.nan
    scale = choose_scale([*planned["plan"], sums["plan"]], question.view.unit)
    note = "P10 and P90 do not add up over periods, so they have no total." + _say_weeks(
        question.view, planned
    )
    caption = f"Plan by {cycle}, {scale.unit}, scenario {humanise(question.scenario).lower()}"
    return Table(caption + question.aside, columns, planned, scale, {"name": "Total", **sums}, note)


def _say_weeks(view: RoundView, planned: pd.DataFrame) -> str:
    if view.calendar.grain != "week":
        return ""
    text = " The year before is that of the same weeks, 52 earlier."
    short = planned[(planned["compared_periods"] < planned["periods"]) & planned["year_before"].notna()]
    for name, periods, compared in zip(
        short["name"], short["periods"], short["compared_periods"], strict=True
    ):
        text += f" {name} has {periods} weeks, of which {compared} have a year before: they are compared."
    return text
