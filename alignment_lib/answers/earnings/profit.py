"""What the plan earns: revenue, margin and profit after marketing beside their targets, with their odds."""

from __future__ import annotations

import math
from typing import Unpack

import numpy as np
import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, Question, ask
from alignment_lib.answers.charts.odds_strip import draw_odds_strip
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import Scale, choose_scale, say_share, share_of, write_odds
from alignment_lib.inputs.snapshot_tables import QUANTILES
from alignment_lib.rounds.view import RoundView

__all__ = ["MEASURES", "no_profit_yet", "profit", "say_earnings"]

MEASURES = {"revenue": "Revenue", "margin": "Margin", "profit": "Profit after marketing"}
"""Measures in money, in words."""
_FIGURES = ("plan", *QUANTILES, "target", "probability")


def profit(view: RoundView, **asked: Unpack[Asked]) -> Answer:
    """What the plan earns in a span and part, measure by measure.

    Returns
    -------
    Answer
        Its frame: ``measure, plan, share, p2_5, p10, p50, p90, p97_5, target, gap, probability`` in the
        currency; ``share`` is that of revenue.
    """
    question = ask(view, **asked)
    title = f"What the plan earns{question.aside}"
    if not view.has_rows("money_odds", "measure", "plan"):
        return no_profit_yet("profit", title)
    frame = _frame(question)
    if frame.empty:
        text = "Money is told of all sales, of each member of a dimension, and of parts with a target."
        return nothing_yet("profit", title, text)
    last = frame.iloc[-1]
    chart = draw_odds_strip(
        {key: float(last[key]) for key in _FIGURES},
        name="earned",
        title=f"{MEASURES[str(last['measure'])]} and what may come",
        unit=view.currency,
        period=question.words,
    )
    return Answer("profit", title, _say(question, frame), frame, chart, _table(question, frame))


def no_profit_yet(name: str, title: str) -> Answer:
    """The answer of a round without costs."""
    text = (
        "Margin and profit appear once the workspace has a costs table (what a unit costs) and prices are "
        "known; profit after marketing needs a spend table too."
    )
    return nothing_yet(name, title, text)


def _frame(question: Question) -> pd.DataFrame:
    found = question.money_odds().set_index("measure")
    rows = found.reindex([name for name in MEASURES if name in found.index])[list(_FIGURES)]
    frame = rows.reset_index().astype(dict.fromkeys(_FIGURES, float))
    taken = float(frame["plan"].iloc[0]) if len(frame) else math.nan
    frame["share"] = [share_of(plan, taken) for plan in frame["plan"]]
    frame["gap"] = frame["plan"] - frame["target"]
    return frame[["measure", "plan", "share", *QUANTILES, "target", "gap", "probability"]]


def say_earnings(view: RoundView) -> str:
    """One line for the first page: margin and profit with target and chance; blank without costs."""
    if not view.has_rows("money_odds", "measure", "plan"):
        return ""
    frame = _frame(ask(view))
    rows = frame[frame["measure"] != "revenue"]
    scale = choose_scale(rows["plan"], view.currency)
    said = []
    for _, row in rows.iterrows():
        chance = f", {_say_aside(row, scale)}" if math.isfinite(row["target"]) else ""
        said.append(f"{MEASURES[row['measure']].lower()} {scale.say(row['plan'])}{chance}")
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _say_aside(row: pd.Series[float], scale: Scale) -> str:
    """The gap to a target and its chance in few words."""
    gap = f"{scale.write(row['gap'], signed=True)} to target" if row["gap"] else "on target"
    return f"{gap} (chance {write_odds(row['probability'])})"


def _say_row(row: pd.Series[float], scale: Scale) -> str:
    text = f"comes to {scale.say(row['plan'])}"
    if not math.isfinite(row["target"]):
        return text
    side = "above" if row["gap"] > 0 else "below"
    gap = f"{scale.write(abs(row['gap']))} {side} its target" if row["gap"] else "just its target"
    chance = write_odds(row["probability"]) if math.isfinite(row["probability"]) else ""
    return f"{text}, {gap}" + (f", which is made with a chance of {chance}" if chance else "")


def _say(question: Question, frame: pd.DataFrame) -> str:
    scale = choose_scale(frame["plan"], question.view.currency)
    said = [f"{MEASURES[row['measure']].lower()} {_say_row(row, scale)}" for _, row in frame.iterrows()]
    text = f"In {question.words} {'; '.join(said)}."
    last = frame.iloc[-1]
    if last["measure"] != "revenue" and math.isfinite(last["share"]):
        word = MEASURES[str(last["measure"])]
        text += f" {word} is {say_share(last['share'])} of revenue."
    return text + _unknown(question)


def _unknown(question: Question) -> str:
    """How much of the revenue has no known cost."""
    rows = question.rows("money")
    if rows.empty:
        return ""
    lost = float(rows.loc[rows["margin"].isna(), "revenue"].sum())
    whole = float(rows["revenue"].sum())
    if not lost > 0 or not np.isfinite(whole):
        return ""
    return f" Of the revenue {say_share(lost / whole)} has no known cost and is in neither margin nor profit."


def _table(question: Question, frame: pd.DataFrame) -> Table:
    rows = frame.assign(words=[MEASURES[name] for name in frame["measure"]])
    unit = question.view.currency
    columns = [
        Column("words", "Of the plan"),
        Column("plan", "Plan", "number", unit),
        Column("share", "of revenue", "share", decimals=1),
        Column("p10", "P10", "number", unit),
        Column("p90", "P90", "number", unit),
        Column("target", "Target", "number", unit),
        Column("gap", "Plan less target", "number", unit, signed=True),
        Column("probability", "Chance of target", "odds"),
    ]
    note = (
        "Margin: revenue less unit costs and promotion funding. Profit after marketing: margin less overhead "
        "and marketing spend. Each from the same draws as the plan's odds."
    )
    return Table(f"What the plan earns, {question.words}", columns, rows, note=note)
