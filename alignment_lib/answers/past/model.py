"""Which model the baseline comes from: every candidate with its score in backtests, and what was chosen."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import Scale, join_words, write_share
from alignment_lib.rounds.view import RoundView

__all__ = ["model"]

_TITLE = "Which model was chosen, and how it scored"
_YARDSTICK = "yardstick"


@of_the_whole
def model(view: RoundView) -> Answer:
    """Every candidate of the baseline, stage by stage, with its errors on dates before the as-of date.

    Returns
    -------
    Answer
        Its frame is the published table ``candidates``.
    """
    frame = view.table("candidates")
    if frame.empty:
        return nothing_yet("model", _TITLE, "No candidates were compared: the history is too short for it.")
    names = {
        "series_error": Column("series_error", "error by series", "share", "of sales", 1),
        "total_error": Column("total_error", "error in total", "share", "of sales", 1),
        "relative_error": Column("relative_error", "error", "number", "last year's period is 1", 2),
        "weight": Column("weight", "weight", "share", decimals=0),
    }
    columns = [Column("stage", "stage"), Column("candidate", "candidate")]
    columns += [column for name, column in names.items() if frame[name].notna().any()]
    columns.append(Column("mark", "", "mark"))
    rows = frame.assign(mark=frame["chosen"].map({True: "chosen", False: ""}))
    note = "Errors: sum of absolute errors over sum of sales, from dates before the as-of date only."
    shown = Table(_TITLE, columns, rows, Scale(1.0, 1, ""), note=note)
    return Answer("model", _TITLE, _say(frame), frame, shown=shown)


def _say(frame: pd.DataFrame) -> str:
    """The members chosen, with the last stage's score beside the yardstick's."""
    taken = frame[frame["chosen"] & frame["series_error"].notna()]
    if taken.empty:
        used = frame[frame["weight"].fillna(0.0) > 0]
        best = used.groupby("candidate")["weight"].mean().sort_values(ascending=False)
        return f"No model with drivers; most weight have {join_words([str(one) for one in best.index[:3]])}."
    members = join_words([f"{row.candidate} ({row.stage})" for row in taken.itertuples()])
    last = taken.iloc[-1]
    text = (
        f"The model is {members}: off by {write_share(last['series_error'])} of sales series by series and "
        f"by {write_share(last['total_error'])} in total"
    )
    naive = frame[frame["stage"] == _YARDSTICK]
    if naive.empty:
        return f"{text}."
    plain = naive.iloc[0]
    return (
        f"{text}; last year's figures by {write_share(plain['series_error'])} and "
        f"{write_share(plain['total_error'])}."
    )
