"""Solve for target: the value one assumption would need for the round to reach it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from alignment_lib.app.explorer.model import Choices, set_value, switch
from alignment_lib.app.explorer.recompute import LiveRound
from alignment_lib.app.explorer.rows import Row

__all__ = ["Answer", "Cancelled", "solve_all", "solve_for"]

_BISECTIONS = 40


class Cancelled(Exception):
    """The user asked to stop."""


@dataclass(frozen=True)
class Answer:
    """What one assumption alone would have to come to.

    Attributes
    ----------
    id : str
        The assumption.
    value : float or None
        In its own unit; None where no value on its slider reaches the target.
    inside : bool
        Whether the value lies between its low and its high.
    """

    id: str
    value: float | None
    inside: bool = False


def solve_for(
    live: LiveRound, choices: Choices, row: Row, target: float, is_cancelled: Callable[[], bool] = bool
) -> Answer:
    """Find the row's value at which the round's plan equals `target`, everything else as chosen.

    The plan is monotone in a single value (a percent multiplies, a volume adds), so bisection between
    the slider's ends finds it. The row is switched on for the purpose.

    Raises
    ------
    Cancelled
        As soon as `is_cancelled` says so.
    """
    tried = switch(choices, row.id, on=True)

    def miss(value: float) -> float:
        if is_cancelled():
            raise Cancelled
        return live.evaluate(set_value(tried, row.id, value)).total - target

    low, high = row.least, row.most
    at_low, at_high = miss(low), miss(high)
    if at_low == at_high or at_low * at_high > 0:
        return Answer(row.id, None)
    rising = at_high > at_low
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if (miss(middle) < 0) == rising:
            low = middle
        else:
            high = middle
    value = (low + high) / 2
    return Answer(row.id, value, row.low <= value <= row.high)


def solve_all(
    live: LiveRound,
    choices: Choices,
    rows: tuple[Row, ...],
    target: float,
    is_cancelled: Callable[[], bool] = bool,
) -> list[Answer]:
    """One answer for each row, those inside their own range first, then by id."""
    answers = [solve_for(live, choices, row, target, is_cancelled) for row in rows]
    return sorted(answers, key=lambda answer: (not answer.inside, answer.value is None, answer.id))
