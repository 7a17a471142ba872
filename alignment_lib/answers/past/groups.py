"""Working groups: the light that each group's own figure gives it, and the charters a review proposes."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.tables import Column, Table

__all__ = ["proposed_table", "standing_table"]


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
    return Table("Groups the review proposes", columns, proposed)
