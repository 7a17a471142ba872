"""Where a figure comes from: what it is the sum of, and of each piece the method, file, rows and hash."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Unpack

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, Question, ask
from alignment_lib.answers.past.pieces import Piece, measures_of, pieces_of
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import Scale, choose_scale, join_words, write_count
from alignment_lib.inputs.snapshot_tables import QUANTILES
from alignment_lib.inputs.words.nearest import check_word
from alignment_lib.rounds.source_rows import SourceRows
from alignment_lib.rounds.view import RoundView

__all__ = ["explain", "explain_from"]

_WORDS = {
    "chance": "the chance of the target",
    "sales": "what was sold",
    "revenue": "revenue",
    "margin": "margin",
    "profit": "profit after marketing",
}
_SHOWN = 12
"""Characters of a hash that are shown; the frame holds all of it."""


def explain(view: RoundView, *, measure: str = "plan", **asked: Unpack[Asked]) -> Answer:
    """Where a figure comes from.

    Parameters
    ----------
    view : RoundView
        The round.
    measure : str
        ``plan``, ``baseline``, ``sales``, ``target``, a quantile such as ``p10``, ``chance``, ``revenue``,
        ``margin``, ``profit``; or a step of the bridge: an assumption's id, ``driver:<column>``.
    span, part, scenario
        As for every question.

    Returns
    -------
    Answer
        Its frame: ``piece, title, value, method, file, rows, digest``; the values sum to the figure.
    """
    return explain_from(view, SourceRows(view.manifest["input_hashes"]), measure=measure, **asked)


def explain_from(
    view: RoundView, sources: SourceRows, *, measure: str = "plan", **asked: Unpack[Asked]
) -> Answer:
    """The same with a workspace at hand, in which the rows of each file are looked up."""
    question = ask(view, **asked)
    named = check_word(measure, measures_of(view), "measure")
    pieces = pieces_of(question, named, sources)
    title = f"Where {_say_measure(named)} comes from, {question.words}{_say_scenario(question)}"
    if not pieces:
        return nothing_yet("explain", title, f"This round has no {named} for {question.words}.")
    frame = _frame(pieces)
    scale = _scale(question, named, frame)
    table = _table(title, frame, scale)
    return Answer("explain", title, _say(question, named, frame, scale), frame, None, table)


def _frame(pieces: list[Piece]) -> pd.DataFrame:
    rows = [
        (one.name, one.title, one.value, one.method, one.place.file, one.place.rows, one.place.digest)
        for one in pieces
    ]
    columns = ["piece", "title", "value", "method", "file", "rows", "digest"]
    return pd.DataFrame(rows, columns=columns).astype({"value": float})


def _say_measure(measure: str) -> str:
    if measure in QUANTILES:
        return measure.upper().replace("_", ".")
    return _WORDS.get(measure, f"the {measure}" if measure.isalpha() else measure)


def _say_scenario(question: Question) -> str:
    return "" if question.scenario == question.view.headline else f", {question.scenario.replace('_', ' ')}"


def _scale(question: Question, measure: str, frame: pd.DataFrame) -> Scale:
    if measure == "chance":
        return Scale(0.01, 1, "%")
    money = measure in ("revenue", "margin", "profit")
    unit = question.view.currency if money else question.view.unit
    return replace(choose_scale([math.nan], unit), decimals=1 if frame["value"].abs().max() < 1e4 else 0)


def _say(question: Question, measure: str, frame: pd.DataFrame, scale: Scale) -> str:
    figure = scale.say(float(frame["value"].sum()))
    start = f"{_say_measure(measure)} of {question.words} is {figure}"
    text = f"{start[:1].upper()}{start[1:]}"
    if len(frame) > 1:
        text += f", the sum of {write_count(len(frame), 'piece')}"
    files = [name for name in dict.fromkeys(frame["file"]) if name]
    known = f" It rests on {join_words(files)}." if files else ""
    return f"{text}.{known}"


def _table(title: str, frame: pd.DataFrame, scale: Scale) -> Table:
    places = [", ".join(filter(None, pair)) for pair in zip(frame["file"], frame["rows"], strict=True)]
    shown = frame.assign(place=places, hash=frame["digest"].str[:_SHOWN])
    columns = [
        Column("title", "Piece", below="method"),
        Column("value", "Value", "amount", signed=False),
        Column("place", "File and rows"),
        Column("hash", "SHA-256 begins"),
    ]
    total = {"title": "Together", "value": float(frame["value"].sum())}
    note = "The pieces add up to the figure. Hashes are those of the bytes the round read."
    return Table(title, columns, shown, scale, total, note)
