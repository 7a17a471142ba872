"""What must be delivered for a target: by all claims together within their ranges, and by each alone."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Question
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import Scale, humanise, write_number
from alignment_lib.inputs.written_numbers import Said
from alignment_lib.planning.register.assumptions import PLANS

__all__ = ["answer_needed"]


def answer_needed(
    question: Question, found: pd.DataFrame, target: float, probability: float | None, function: str | None
) -> Answer:
    """The figures of `find_needed` as an answer.

    Parameters
    ----------
    question : Question
        The sales and the span that the target is of.
    found : DataFrame
        As found.
    target, probability, function
        What was asked.
    """
    who = function or "everybody"
    surely = f" at {Said(probability):.0%}" if probability is not None else ""
    title = f"What {who} must deliver for {write_number(target)}{surely}, {question.words}"
    if found.empty:
        whose = f" of {function}" if function else ""
        plan = humanise(question.scenario) if question.scenario in PLANS else question.scenario
        missing = f"No claim{whose} that is still to come counts in {plan}: there is nothing to move."
        return nothing_yet("needed", title, missing)
    alone = found[(found["way"] == "alone") & found["is_reached"]]
    own = alone[alone["is_inside"]]
    together = found[found["way"] == "together"]
    sentence = together["sentence"].iloc[0] if len(together) else "No claim states a range to move within."
    if found["is_reached"].all() and (found["needed"] == found["value"]).all():
        return Answer("needed", title, sentence, found, shown=_table(title, found))
    if len(own):
        sentence += f" Within its own range {_names(own)} would do so alone."
    elif len(alone):
        sentence += f" Alone only beyond their own ranges: {_names(alone)}."
    else:
        sentence += " None of them does so alone."
    return Answer("needed", title, sentence, found, shown=_table(title, found))


def _names(rows: pd.DataFrame) -> str:
    named = rows["assumption"].tolist()
    return ", ".join(named[:5]) + (f" and {len(named) - 5} more" if len(named) > 5 else "")


def _table(title: str, found: pd.DataFrame) -> Table:
    words = found.assign(
        reaches=found["is_reached"].map({True: "yes", False: "no"}),
        inside=found["is_inside"].map({True: "yes", False: "no"}),
    )
    columns = [
        Column("way", "how"),
        Column("assumption", "assumption"),
        Column("title", "what"),
        Column("unit", "unit"),
        *(Column(name, name, "number", "its unit") for name in ("low", "value", "high", "needed")),
        Column("inside", "within its range"),
        Column("reaches", "reaches the target"),
    ]
    return Table(title, columns, words, Scale(1.0, 1, ""))
