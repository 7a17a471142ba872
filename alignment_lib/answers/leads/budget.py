"""The round's budget: what it brings as planned, and the split of the same money that brings most."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import join_words, write_number, write_odds
from alignment_lib.rounds.view import RoundView

__all__ = ["budget"]

_TITLE = "What the budget brings"


@of_the_whole
def budget(view: RoundView) -> Answer:
    """Business as usual, the planned budget and the best split of it, by channel.

    Its frame is the published table ``budget``.
    """
    if not view.has_rows("budget", "source", "best"):
        text = "What a budget brings appears once the response to spend is known of at least one channel."
        return nothing_yet("budget", _TITLE, text)
    frame = view.table("budget")
    outcome = str(frame["outcome"].iloc[0])
    columns = [
        Column("source", "channel"),
        Column("usual", "as usual", "number", view.currency),
        Column("planned", "as planned", "number", view.currency),
        Column("best", "best split", "number", view.currency),
        Column("brought_usual", f"{outcome} as usual", "number"),
        Column("brought_planned", f"{outcome} as planned", "number"),
        Column("brought_best", f"{outcome} at the best split", "number"),
    ]
    sums = {"source": "All channels"} | {
        column.key: float(frame[column.key].sum()) for column in columns if column.kind == "number"
    }
    note = "Counted until the money has faded, money spent before carried over. A channel of which history "
    note += "cannot tell what it brings stays as planned and shows none."
    shown = Table(f"Budget of {view.round} by channel", columns, frame, total=sums, note=note)
    return Answer("budget", _TITLE, _say(view, frame, outcome), frame, None, shown)


def _say(view: RoundView, frame: pd.DataFrame, outcome: str) -> str:
    first = frame.iloc[0]
    total = f"{write_number(float(frame['planned'].sum()))} {view.currency}"
    brought = write_number(float(frame["brought_planned"].sum()))
    text = f"In {view.round} the budget of {total} brings about {brought} {outcome}"
    low, high = write_number(first["gain_p10"]), write_number(first["gain_p90"])
    if first["gain"] < 0.5:
        return f"{text}. No other split of it is known to bring more. {first['bound']}"
    more = frame[frame["best"] > frame["planned"] * 1.05]["source"].tolist()
    to = f" with more for {join_words([str(name) for name in more])}" if more else ""
    return (
        f"{text}. Split otherwise{to}, the same money would bring {write_number(first['gain'])} more"
        f" (eight in ten draws between {low} and {high}; better with {write_odds(first['better'])}). "
        f"{first['bound']}"
    )
