"""The fiscal year as it rolls on: closed, running and open spans, each against the plan made for it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.charts.scenario_lines import draw_scenario_lines
from alignment_lib.answers.tables import Column, Table, list_rows
from alignment_lib.answers.wording import choose_scale, join_words, say_span, say_value
from alignment_lib.inputs.words.nearest import check_word
from alignment_lib.rounds.view import RoundView

__all__ = ["rolling"]


@of_the_whole
def rolling(view: RoundView, measure: str = "") -> Answer:
    """What closed, what runs and what is open of the fiscal year, against the plan made for each span.

    Parameters
    ----------
    view : RoundView
        The round.
    measure : str
        ``units``, ``revenue``, ``margin`` or ``profit``, as far as they can be told; the plan's by default.

    Returns
    -------
    Answer
        Its frame is the published table ``rolling``, all measures; chart and table show the one asked for.
    """
    title, frame = "The year as it rolls on", view.table("rolling")
    if not view.has_rows("rolling", "measure", "estimate"):
        return nothing_yet("rolling", title, "Nothing of this year has been sold or planned.")
    known = frame["measure"].unique().tolist()
    name = str(check_word(measure or view.measure, known, "measure of the rolling year"))
    rows = frame[frame["measure"] == name]
    year = view.calendar.label(pd.DatetimeIndex(rows["start"].iloc[:1]), "year")[0]
    # The year begins with its first span: it comes last, whatever the order of the published rows.
    rows = pd.concat([rows[rows["label"] != year].sort_values("start"), rows[rows["label"] == year]])
    rows = rows.reset_index(drop=True)
    unit = view.unit if name == view.measure else view.currency
    title += "" if name == view.measure else f", {name}"
    shown = _table(rows, title, unit)
    return Answer("rolling", title, _say(rows, unit), frame, _draw(rows, title, unit), shown)


def _say(rows: pd.DataFrame, unit: str) -> str:
    spans, year = rows.iloc[:-1], list_rows(rows)[-1]
    scale = choose_scale(rows["estimate"].dropna(), unit)
    told = []
    if math.isfinite(year["estimate"]):
        sold, ahead = scale.write(year["actual"]), scale.write(year["open_plan"])
        told.append(
            f"The year {year['label']} will come to {scale.say(year['estimate'])} as seen now: {sold} sold "
            f"and {ahead} planned for the rest{_say_gap(year, scale.write)}."
        )
    for state, words in (("closed", "Closed"), ("running", "Running")):
        here = spans[(spans["state"] == state) & spans["gap"].notna()]
        said = [f"{say_span(str(row['label']))}{_say_gap(row, scale.write)}" for row in list_rows(here)]
        if said:
            told.append(f"{words}: {join_words(said)}.")
    without = spans.loc[spans["plan"].isna(), "label"].astype(str).map(say_span).tolist()
    if without:
        told.append(f"No plan was made before this one for {join_words(without)}.")
    signed = spans["plan"].notna() & ~spans["is_signed"]
    if signed.any():
        names = spans.loc[signed, "label"].astype(str).map(say_span).tolist()
        told.append(f"Not signed by both sides: the plan of {join_words(names)}.")
    return " ".join(told)


def _say_gap(row: Mapping[str, Any], write: Callable[[float], str]) -> str:
    if not math.isfinite(row["gap"]):
        return ""
    side = "above" if row["gap"] >= 0 else "below"
    return f", {write(abs(row['gap']))} {side} its plan"


def _draw(rows: pd.DataFrame, title: str, unit: str) -> Chart:
    spans = rows.iloc[:-1]
    lines = {"latest estimate": spans["estimate"], "plan made before": spans["plan"]}
    table = pd.DataFrame(lines).set_axis([say_span(str(label)) for label in spans["label"]], axis=0)
    year = str(rows["label"].iloc[-1])
    return draw_scenario_lines(table, name="rolling", title=title, unit=unit, period=year, over_time=True)


def _table(rows: pd.DataFrame, title: str, unit: str) -> Table:
    scale = choose_scale(rows["estimate"].dropna(), unit)
    shown = rows.iloc[:-1].assign(
        what=[say_span(str(label)) for label in rows["label"].iloc[:-1]],
        stands=[say_value(state) for state in rows["state"].iloc[:-1]],
        of=[_say_plan(row) for row in rows.iloc[:-1].to_dict("records")],
    )
    columns = [
        Column("what", "Span", below="stands"),
        Column("actual", "Sold", "amount"),
        Column("open_plan", "Planned for the rest", "amount"),
        Column("estimate", "Latest estimate", "amount"),
        Column("plan", "Plan made before", "amount", below="of"),
        Column("gap", "Estimate less plan", "amount", signed=True),
    ]
    year = rows.iloc[-1]
    figures = ("actual", "open_plan", "estimate", "plan", "gap")
    total = {"what": f"Year {year['label']}", **{name: year[name] for name in figures}}
    return Table(f"{title}, {year['label']}, {scale.unit}", columns, shown, scale, total)


def _say_plan(row: Mapping[Any, Any]) -> str:
    if not row["plan_round"]:
        return ""
    return f"round {row['plan_round']}, {'signed' if row['is_signed'] else 'not signed by both sides'}"
