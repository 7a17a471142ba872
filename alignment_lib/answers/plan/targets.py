"""Every target that stands, for all sales or any part of them, with the plan's odds of making it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Unpack

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, Question, ask
from alignment_lib.answers.tables import Column, Table, list_rows
from alignment_lib.answers.wording import PLAIN, choose_scale, say_span, say_value, write_count
from alignment_lib.rounds.view import RoundView

__all__ = ["targets"]


def targets(view: RoundView, **asked: Unpack[Asked]) -> Answer:
    """Targets of the horizon beside the plan: all of them, or those of a span or a part.

    Parameters
    ----------
    view : RoundView
        The round.
    span : str, optional
        Targets of that span only.
    part : Mapping of str to str, optional
        Targets of that part and of what lies within it only.
    scenario : str, optional
        The headline by default.

    Returns
    -------
    Answer
        Its frame holds ``label, measure``, the dimensions, ``target, plan, gap, p10, p90, probability``.
    """
    span = asked.get("span")
    question = ask(view, **asked)
    title = "Targets and the odds of making them"
    title += "" if question.is_whole and span is None else f", {question.words}"
    odds = pd.concat([_asked(question, "odds"), _asked(question, "money_odds")], ignore_index=True)
    frame = _frame(view, odds)
    frame = frame[frame["label"] == question.span].reset_index(drop=True) if span is not None else frame
    if frame.empty:
        text = (
            f"No target in {view.unit} stands for this: add rows to the table of targets, of all or a part."
        )
        return nothing_yet("targets", title, text)
    several = len(set(frame["measure"])) > 1
    amounts: Literal["number", "amount"] = "number" if several else "amount"
    scale = PLAIN if several else choose_scale([*frame["target"], *frame["plan"]], view.unit, each=True)
    rows = frame.assign(
        what=[_who(view, row) for row in list_rows(frame)],
        when=frame["label"].map(say_span),
        counted=[_counted(view, str(measure)) for measure in frame["measure"]],
    )
    columns = [
        Column("what", "target of"),
        *([Column("counted", "counted in")] if several else []),
        Column("when", "span"),
        Column("target", "target", amounts),
        Column("plan", "plan", amounts),
        Column("gap", "plan less target", amounts, signed=True),
        Column("p10", "P10", amounts),
        Column("p90", "P90", amounts),
        Column("probability", "chance", "odds"),
    ]
    short = int((frame["gap"] < 0).sum())
    sentence = f"Of {write_count(len(frame), 'target')} the plan misses {short}."
    return Answer("targets", title, sentence, frame, shown=Table(title, columns, rows, scale))


def _asked(question: Question, table: str) -> pd.DataFrame:
    """Odds with a target, in the plan's measure or in money."""
    view, odds = question.view, question.view.table(table)
    if odds.empty:
        return odds
    odds = odds[(odds["scenario"] == question.scenario) & odds["target"].notna()]
    for name, member in question.part.items():
        odds = odds[odds[name].astype(str) == member] if len(odds) else odds
    return odds if "measure" in odds else odds.assign(measure=view.measure)


def _counted(view: RoundView, measure: str) -> str:
    if measure == view.measure or measure.endswith("customers"):
        return view.unit if measure == view.measure else say_value(measure).lower()
    return f"{say_value(measure).lower()}, {view.currency}"


def _frame(view: RoundView, odds: pd.DataFrame) -> pd.DataFrame:
    """Odds with a target, their spans by label, in time order."""
    figures = ["target", "plan", "gap", "p10", "p90", "probability"]
    columns = ["label", "measure", *view.dimensions, *figures]
    if odds.empty:
        return pd.DataFrame(columns=columns)
    labels = pd.Series("", index=odds.index)
    for cycle in ("month", "quarter", "year"):
        inside = odds["span"] == cycle
        labels[inside] = view.labels(odds.loc[inside, "start"], cycle)
    found = odds.assign(label=labels, gap=odds["plan"] - odds["target"])
    found = found[found["label"] != ""].sort_values(["start", "span"], kind="stable", ignore_index=True)
    return found[columns]


def _who(view: RoundView, row: Mapping[str, object]) -> str:
    named = [say_value(row[name]) for name in view.dimensions if row[name]]
    return ", ".join(named) or "all sales"
