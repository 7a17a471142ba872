"""Solve for target from the explorer: what one assumption, or all together, would have to come to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from alignment_lib.app.explorer.model import Choices, switch
from alignment_lib.app.explorer.recompute import LiveRound
from alignment_lib.planning.target_solving import Solution, solve_by_combination, solve_by_one

__all__ = ["Cancelled", "Wish", "solve_each", "solve_for", "solve_together"]


class Cancelled(Exception):
    """The user asked to stop."""


@dataclass(frozen=True)
class Wish:
    """What is to be reached.

    Attributes
    ----------
    target : float
        Of the round's total, in the plan's measure.
    probability : float or None
        How surely; None where the plan itself is to equal the target.
    is_cancelled : callable
        Asked before every plan worked out.
    """

    target: float
    probability: float | None = None
    is_cancelled: Callable[[], bool] = bool

    def check(self) -> None:
        """Stop where the user asked to; raises `Cancelled`."""
        if self.is_cancelled():
            raise Cancelled


def solve_for(live: LiveRound, choices: Choices, name: str, wish: Wish) -> Solution:
    """The value of one assumption that makes the target, everything else as chosen; it is switched on.

    Raises
    ------
    Cancelled
        As soon as the wish says so.
    """
    rows = live.rows_of(switch(choices, name, on=True))
    return solve_by_one(live.layout, rows, name, live.goal(wish.target, wish.probability, wish.check))


def solve_each(
    live: LiveRound, choices: Choices, names: Sequence[str], wish: Wish
) -> list[tuple[str, Solution]]:
    """`solve_for` one after the other; those that reach the target first, then by id."""
    found = [(name, solve_for(live, choices, name, wish)) for name in names]
    return sorted(found, key=lambda item: (not item[1].is_reached, item[0]))


def solve_together(live: LiveRound, choices: Choices, wish: Wish) -> Solution:
    """The least change of all counted assumptions within their own ranges that makes the target."""
    goal = live.goal(wish.target, wish.probability, wish.check)
    return solve_by_combination(live.layout, live.rows_of(choices), goal)
