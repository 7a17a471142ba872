"""The decision sheet: what was decided with what became of it, and rows to write the new decisions on."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import write_count, write_date
from alignment_lib.review.meeting import decision_sheet, what_became
from alignment_lib.rounds.view import RoundView

__all__ = ["decided", "earlier_table", "sheet_table"]


@of_the_whole
def decided(view: RoundView) -> Answer:
    """What was decided in planning meetings, and what became of it.

    Returns
    -------
    Answer
        Its frame: `decision_sheet` without blank rows, with ``became``.
    """
    table, claims = view.table("decisions"), view.table("record")
    sheet = decision_sheet(table if len(table) else None, view.round, view.as_of, blank_rows=0)
    if sheet.empty:
        return nothing_yet("decided", "Earlier decisions", "No decision has been recorded yet.")
    frame = sheet.assign(became=what_became(sheet, claims if len(claims) else None, view.as_of))
    late = int((frame["state"] == "overdue").sum())
    text = f"{write_count(len(frame), 'decision')} on record, {late} of them overdue."
    return Answer("decided", "Earlier decisions", text, frame, None, earlier_table(frame, view.currency))


def earlier_table(decisions: pd.DataFrame, currency: str) -> Table | None:
    """Earlier decisions; None where there are none.

    Parameters
    ----------
    decisions : DataFrame
        `decision_sheet` with ``became``.
    currency : str
        Of what a decision was to bring.
    """
    old = decisions[decisions["state"] != "new"]
    return _table("Earlier decisions", old, currency) if len(old) else None


def sheet_table(decisions: pd.DataFrame, currency: str) -> Table | None:
    """Empty rows to be filled in; None where none are wanted."""
    new = decisions[decisions["state"] == "new"].assign(expected_effect=None, state="")
    return _table("To be filled in", new, currency, "fill") if len(new) else None


def _table(caption: str, rows: pd.DataFrame, currency: str, classes: str = "") -> Table:
    columns = [
        Column("decision", "no.", below="round"),
        Column("text", "decision", below="assumptions"),
        Column("expected_effect", "expected", "number", currency),
        Column("owner", "owner role"),
        Column("due", "due"),
        Column("state", "state", "mark"),
        Column("became", "what became of it"),
    ]
    dated = rows.assign(due=[write_date(day) if pd.notna(day) else "" for day in rows["due"]])
    return Table(caption, columns, dated, classes=classes)
