"""A workspace as planning counts it, cut at a day: what has come in, without anything forecast."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from alignment_lib.inputs.periods.rounds import apply_wall, parse_round
from alignment_lib.inputs.workspace import Workspace, load_workspace
from alignment_lib.rounds.preparing.successors import join_successors
from alignment_lib.rounds.preparing.typed_sales import type_sales

__all__ = ["read_known"]


def read_known(folder: Path, as_of: pd.Timestamp | None = None) -> tuple[Workspace, pd.Timestamp]:
    """A workspace as planning counts it, cut at a day; by default the end of what was sold.

    Raises
    ------
    InputError
        Every problem of the workspace.
    """
    whole = load_workspace(folder)
    calendar, settings = whole.calendar, whole.settings
    if as_of is None:
        last = whole.tables["sales"]["period"].max()
        as_of = calendar.ends(pd.DatetimeIndex([last]))[0]
    label = calendar.label(calendar.floor(pd.DatetimeIndex([as_of])), settings.plan.cycle)[0]
    planned = parse_round(str(label), settings, calendar, as_of)
    return type_sales(join_successors(apply_wall(whole, planned), planned)), planned.as_of
