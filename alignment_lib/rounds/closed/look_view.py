"""A look back as a view: the tables its answers are found from, without a plan of the round that follows."""

from __future__ import annotations

from typing import Any

from alignment_lib.rounds.closed.look_back import LookBack
from alignment_lib.rounds.closed.review_tables import review_tables
from alignment_lib.rounds.lazy_tables import LazyTables, filled
from alignment_lib.rounds.view import RoundView

__all__ = ["view_look_back"]


def view_look_back(look: LookBack) -> RoundView:
    """What a snapshot of the round that follows would hold of the closed one.

    Returns
    -------
    RoundView
        With the tables of `review_tables`, ``record`` and ``decisions``, as far as there are any.
    """
    seen = look.seen
    manifest: dict[str, Any] = {
        "round": seen.round.name,
        "cycle": seen.round.cycle,
        "as_of": seen.round.as_of.date().isoformat(),
        "scenario": "consensus",
        "measure": seen.history.measure,
        "currency": seen.workspace.settings.business.currency,
        "dimensions": list(seen.dimensions),
        "parameters": {},
    }
    found = review_tables(look)
    known = {"decisions": seen.workspace.table("decisions")}
    known |= {} if look.record is None else {"record": look.record.table}
    found = LazyTables([*found.groups, (("decisions", "record"), lambda: filled(known))])
    return RoundView(manifest, found, seen.workspace.calendar)
