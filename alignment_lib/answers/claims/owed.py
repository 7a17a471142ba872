"""Volume that the plan borrows from periods after its horizon: the next round begins with it."""

from __future__ import annotations

from typing import Unpack

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, ask
from alignment_lib.answers.facts import name_contributors
from alignment_lib.answers.tables import Column, Table, sum_columns
from alignment_lib.answers.wording import choose_scale
from alignment_lib.inputs.words.nearest import UnknownWord
from alignment_lib.rounds.view import RoundView

__all__ = ["owed"]


def owed(view: RoundView, **asked: Unpack[Asked]) -> Answer:
    """What the plan owes to later periods, by assumption.

    Returns
    -------
    Answer
        Its frame: ``assumption, title, owed``, the largest first.
    """
    question = ask(view, **asked)
    if question.span != view.round:
        raise UnknownWord("what is owed to later periods is known of the horizon as a whole, not of one span")
    title = f"What this plan owes to later periods{question.aside}"
    rows = question.rows("owed", any_time=True)
    rows = rows[rows["beyond"].astype(bool)] if "beyond" in rows else rows
    if rows.empty:
        text = (
            "What the plan owes to later periods appears once an assumption borrows from beyond the horizon."
        )
        return nothing_yet("owed", title, text)
    frame = rows.groupby("assumption", as_index=False)[["owed"]].sum()
    say = name_contributors(view)
    frame.insert(1, "title", [say(str(name)) for name in frame["assumption"]])
    frame = frame.sort_values("owed", ascending=False, kind="stable", ignore_index=True)
    scale = choose_scale(frame["owed"], view.unit)
    text = (
        f"The plan borrows {scale.say(float(frame['owed'].sum()))} from periods after its horizon; they come "
        "off the next plans."
    )
    columns = [Column("title", "Assumption"), Column("owed", "Owed to later periods", "amount")]
    total = {"title": "All", **sum_columns(frame, ["owed"])}
    table = Table(f"Owed to later periods, {scale.unit}", columns, frame, scale, total)
    return Answer("owed", title, text, frame, None, table)
