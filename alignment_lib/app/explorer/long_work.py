"""What takes an explorer longer than a movement: scenarios compared, and targets solved for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from alignment_lib.app.explorer.answers import solved_answer
from alignment_lib.app.explorer.rows import Row
from alignment_lib.rounds.live.choices import Choices
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.live.solve import Cancelled, Wish, solve_each, solve_together

__all__ = ["TOGETHER", "solve_shown"]

TOGETHER = "*"
"""In place of an id: all that counts is moved together."""


def solve_shown(
    live: LiveRound, rows: Sequence[Row], choices: Choices, name: str, wish: Wish, offered: Sequence[str]
) -> dict[str, Any] | None:
    """What makes a target, as a message for the page; None where it was called off.

    Parameters
    ----------
    live : LiveRound
        The round.
    rows : sequence of Row
        Every assumption as the page lists it.
    choices : Choices
        What one starts from.
    name : str
        The assumption to be moved, `TOGETHER`, or blank for each alone.
    wish : Wish
        What is to be made.
    offered : sequence of str
        Ids that may be moved where none is named: those that the filters leave.
    """
    open_ones = [
        row.id for row in rows if row.is_open and row.id in offered and row.id not in choices.dropped
    ]
    try:
        if name == TOGETHER:
            found = [("", solve_together(live, choices, wish, open_ones))]
        else:
            found = solve_each(live, choices, [name] if name else open_ones, wish)
    except Cancelled:
        return None
    known: Mapping[str, Row] = {row.id: row for row in rows}
    return solved_answer(found, known, choices, wish.target)
