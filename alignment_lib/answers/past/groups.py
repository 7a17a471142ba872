"""Working groups: the light that each group's own figure gives it, and the charters a review proposes."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import write_count
from alignment_lib.rounds.view import RoundView

__all__ = ["groups", "proposed_table", "standing_table"]

_TITLE = "Working groups"


@of_the_whole
def groups(view: RoundView, *, proposed: bool = False) -> Answer:
    """Working groups with the light of their own figure, and those that the review calls for.

    Parameters
    ----------
    view : RoundView
        The round.
    proposed : bool
        The proposed ones; they are shown anyway where none stand yet.

    Returns
    -------
    Answer
        Its frame: a row a group, as `workgroup_status` or `propose_workgroups` has it.
    """
    standing, charters = view.table("groups"), view.table("proposed_groups")
    if standing.empty and charters.empty:
        return nothing_yet("groups", _TITLE, "There is no working group, and the review proposes none.")
    stands = write_count(len(standing), "working group stands", "working groups stand")
    text = f"{stands}; the review proposes {write_count(len(charters), 'more', 'more')}."
    if proposed or standing.empty:
        return Answer("groups", _TITLE, text, charters, None, proposed_table(charters))
    return Answer("groups", _TITLE, text, standing, None, standing_table(standing))


def standing_table(status: pd.DataFrame) -> Table | None:
    """Where the groups stand (`workgroup_status`); None where there are none."""
    if status.empty:
        return None
    columns = [
        Column("group", "group", below="topic"),
        Column("light", "light", "mark"),
        Column("sentence", "its figure"),
        Column("leader", "led by", below="members"),
        Column("checklist", "stages"),
        Column("end", "until", "date"),
    ]
    note = (
        "Green: at nine tenths of the way that its time asks for; amber: six tenths; red: less. "
        "Stages in brackets are behind."
    )
    rows = status.assign(light=status["light"].replace("", "no light"))
    rows = rows.sort_values("group", kind="stable", ignore_index=True)
    return Table("Where the groups stand", columns, rows, note=note)


def proposed_table(proposed: pd.DataFrame) -> Table | None:
    """Charters that the review proposes (`propose_workgroups`); None where it proposes none."""
    if proposed.empty:
        return None
    columns = [
        Column("group", "group", below="topic"),
        Column("reason", "why"),
        Column("kpi", "figure to move"),
        Column("baseline", "now", "number", "", 2),
        Column("target", "to reach", "number", "", 2),
        Column("leader", "led by", below="members"),
        Column("method", "method", below="resources"),
        Column("end", "until", "date"),
    ]
    rows = proposed.sort_values("group", kind="stable", ignore_index=True)
    return Table("Groups the review proposes", columns, rows)
