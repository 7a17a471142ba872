"""What earlier meetings decided and who still owes it: the first due first, with what became of the rest."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import write_count
from alignment_lib.rounds.view import RoundView

__all__ = ["due"]

_MOST_ROWS = 20
_OVER = ("done", "dropped")


@of_the_whole
def due(view: RoundView) -> Answer:
    """Decisions of earlier meetings: open ones by their date, then those done or dropped, the latest first.

    Returns
    -------
    Answer
        Its frame: ``decision, text, owner, due, state, expected_effect, outcome``; `state` is ``overdue,
        open, done`` or ``dropped``.
    """
    title = "What is due"
    if not view.has_rows("decisions", "text", "status"):
        return nothing_yet("due", title, "Decisions due appear once the workspace has a decisions table.")
    frame = _order(view)
    waiting = frame[~frame["state"].isin(_OVER)]
    text = f"{write_count(len(waiting), 'decision')} of {len(frame)} not yet carried out"
    late = int((frame["state"] == "overdue").sum())
    text += f", {late} overdue." if late else "; none is overdue."
    return Answer("due", title, text, frame, None, _table(view, frame))


def _order(view: RoundView) -> pd.DataFrame:
    columns = ["decision", "text", "owner", "due", "expected_effect", "outcome"]
    table = view.table("decisions")
    frame = table.reindex(columns=[*columns, "status", "date"])
    frame["due"] = pd.to_datetime(frame["due"])
    is_over = frame["status"].isin(_OVER)
    late = (frame["due"] < view.as_of) & ~is_over
    frame["state"] = frame["status"].where(is_over, late.map({True: "overdue", False: "open"}))
    frame = frame.fillna({"owner": "", "outcome": ""})
    waiting = frame[~is_over].sort_values("due", kind="stable")
    over = frame[is_over].sort_values("date", ascending=False, kind="stable")
    ordered = pd.concat([waiting, over], ignore_index=True)
    return ordered[["decision", "text", "owner", "due", "state", "expected_effect", "outcome"]]


def _table(view: RoundView, frame: pd.DataFrame) -> Table:
    columns = [Column("text", "Decision", below="decision"), Column("owner", "Who")]
    if frame["due"].notna().any():
        columns.append(Column("due", "Due", "date"))
    columns.append(Column("state", "State", "mark"))
    if frame["expected_effect"].notna().any():
        columns.append(Column("expected_effect", "Was to bring", "number", unit=view.currency))
    if (frame["outcome"] != "").any():
        columns.append(Column("outcome", "Outcome"))
    left = len(frame) - _MOST_ROWS
    note = f"{write_count(left, 'older decision')} not listed." if left > 0 else ""
    rows = frame.head(_MOST_ROWS)
    return Table("Decisions of earlier meetings", columns, rows, note=note, classes="wordy")
