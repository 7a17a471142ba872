"""Solve for target from the explorer: what one assumption, or all together, would have to come to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from alignment_lib.planning.odds.target_solving import Solution, solve_by_combination, solve_by_one
from alignment_lib.rounds.live.choices import Choices, switch
from alignment_lib.rounds.live.live_round import LiveRound

__all__ = ["Cancelled", "Wish", "solve_each", "solve_for", "solve_together"]


class Cancelled(Exception):
    """The user asked to stop."""


@dataclass(frozen=True)
class Wish:
    """What is to be reached.

    Attributes
    ----------
    target : float
        Of the sales of `scope`, in the plan's measure.
    probability : float or None
        How surely; None where the plan itself is to equal the target.
    is_cancelled : callable
        Asked before every plan worked out.
    scope : mapping of str to str
        Dimension values, and under `SPAN` another span than the round; empty for the round's total.
    """

    target: float
    probability: float | None = None
    is_cancelled: Callable[[], bool] = bool
    scope: Mapping[str, str] = field(default_factory=dict)

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
    goal = live.goal(wish.target, wish.probability, wish.check, wish.scope)
    return solve_by_one(live.layout_of(choices), rows, name, goal, joins=name not in choices.on)


def solve_each(
    live: LiveRound, choices: Choices, names: Sequence[str], wish: Wish
) -> list[tuple[str, Solution]]:
    """`solve_for` one after the other; those that reach the target first, then by id."""
    found = [(name, solve_for(live, choices, name, wish)) for name in names]
    return sorted(found, key=lambda item: (not item[1].is_reached, item[0]))


def solve_together(
    live: LiveRound, choices: Choices, wish: Wish, free: Collection[str] | None = None
) -> Solution:
    """The least change of all counted assumptions, or of those in `free`, that makes the target.

    Each stays within its own range.
    """
    goal = live.goal(wish.target, wish.probability, wish.check, wish.scope)
    return solve_by_combination(live.layout_of(choices), live.rows_of(choices), goal, free)
