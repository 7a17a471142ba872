"""State of the explorer as values: what is switched on at which value, and the way back and forth.

Nothing here draws, computes a plan or reads a file; every action takes a state and returns another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from alignment_lib.planning.register.actions import Move
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.scenarios import Scenario

__all__ = ["Choices", "Timeline", "as_scenario", "drop", "move", "set_value", "set_values", "switch"]

_REMEMBERED = 200


@dataclass(frozen=True)
class Choices:
    """What a scenario says, in full.

    Attributes
    ----------
    based_on : str
        The plan or scenario it was started from.
    on : frozenset of str
        Ids that count.
    values : dict of str to float
        Values in place of those of the plan it is based on, by id, in the row's own unit.
    ranges : dict of str to (low, high)
        Range ends in place of the row's own, by id; NaN where an end follows the value.
    base : tuple of Assumption
        The rows of the plan it is based on, at the values and ranges they have there.
    dropped : frozenset of str
        Ids whose actions do not run: their cells of the driver calendar go too.
    moves : tuple of Move
        Actions at other dates and strength.
    """

    based_on: str
    on: frozenset[str]
    values: Mapping[str, float] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    base: tuple[Assumption, ...] = field(default=(), compare=False, repr=False)
    dropped: frozenset[str] = frozenset()
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True)
class Timeline:
    """The present choices with those before and those undone.

    Attributes
    ----------
    present : Choices
        As shown.
    past, future : tuple of Choices
        Oldest first; next to be redone last.
    gesture : str
        Name of a movement still under way: further steps of the same one replace each other, so that
        one drag of a slider is one step back.

    Examples
    --------
    >>> start = Timeline(Choices("consensus", frozenset({"A1"})))
    >>> moved = start.step(switch(start.present, "A1", on=False))
    >>> moved.undo().present == start.present, moved.undo().redo().present == moved.present
    (True, True)
    """

    present: Choices
    past: tuple[Choices, ...] = ()
    future: tuple[Choices, ...] = ()
    gesture: str = ""

    def step(self, choices: Choices, gesture: str = "") -> Timeline:
        """Go on to `choices`; what had been undone is forgotten."""
        if choices == self.present:
            return replace(self, gesture=gesture) if gesture else self
        if gesture and gesture == self.gesture:
            return replace(self, present=choices, future=())
        past = (*self.past, self.present)[-_REMEMBERED:]
        return Timeline(choices, past, (), gesture)

    def settle(self) -> Timeline:
        """End the movement under way: the next one is a step of its own."""
        return replace(self, gesture="")

    def undo(self) -> Timeline:
        """One step back, or the same state where there is none."""
        if not self.past:
            return self.settle()
        return Timeline(self.past[-1], self.past[:-1], (*self.future, self.present))

    def redo(self) -> Timeline:
        """One step forward again, or the same state where there is none."""
        if not self.future:
            return self.settle()
        return Timeline(self.future[-1], (*self.past, self.present), self.future[:-1])


def switch(choices: Choices, name: str, *, on: bool) -> Choices:
    """Choices with one assumption switched on or off; off, its claim is doubted and its action still runs."""
    wanted = choices.on | {name} if on else choices.on - {name}
    return replace(choices, on=wanted, dropped=choices.dropped - {name})


def drop(choices: Choices, name: str) -> Choices:
    """Choices without an action: neither its claim nor its cells of the driver calendar.

    >>> dropped = drop(Choices("consensus", frozenset({"A1"})), "A1")
    >>> dropped.on, dropped.dropped
    (frozenset(), frozenset({'A1'}))
    """
    moves = tuple(one for one in choices.moves if one.assumption != name)
    return replace(choices, on=choices.on - {name}, dropped=choices.dropped | {name}, moves=moves)


def move(choices: Choices, to: Move) -> Choices:
    """Choices with an action at other dates and strength, in place of an earlier move of it.

    >>> there = move(Choices("consensus", frozenset()), Move("A1", scale=0.5))
    >>> there.moves, move(there, Move("A1")).moves
    ((Move(assumption='A1', start=None, scale=0.5, scope=()),), ())
    """
    name = to.assumption
    others = [one for one in choices.moves if one.assumption != name]
    moves = tuple(sorted([*others, *([] if to.is_idle else [to])], key=lambda one: one.assumption))
    return replace(choices, on=choices.on | {name}, dropped=choices.dropped - {name}, moves=moves)


def set_value(choices: Choices, name: str, value: float) -> Choices:
    """Choices with one assumption at another value, in its own unit.

    >>> set_value(Choices("consensus", frozenset()), "A1", 3.0).values
    {'A1': 3.0}
    """
    return replace(choices, values={**choices.values, name: value})


def set_values(choices: Choices, values: Mapping[str, float]) -> Choices:
    """Choices with several assumptions switched on at the given values, as one step.

    >>> set_values(Choices("consensus", frozenset()), {"A1": 3.0}).on
    frozenset({'A1'})
    """
    return replace(
        choices,
        on=choices.on | set(values),
        dropped=choices.dropped - set(values),
        values={**choices.values, **values},
    )


def as_scenario(
    name: str, reason: str, choices: Choices, base: Choices, base_values: Mapping[str, float]
) -> Scenario:
    """The choices as a named scenario: only what differs from the plan it is based on.

    Parameters
    ----------
    base : Choices
        Those of ``choices.based_on``.
    base_values : mapping of str to float
        Value that every assumption would have without a value of its own, by id.

    Examples
    --------
    >>> choices = Choices("consensus", frozenset({"A2"}), {"A2": 4.0, "A1": 1.0})
    >>> base = Choices("consensus", frozenset({"A1"}))
    >>> saved = as_scenario("bold", "why not", choices, base, {"A1": 1.0, "A2": 3.0})
    >>> saved.on, saved.off, saved.values
    (('A2',), ('A1',), {'A2': 4.0})
    """
    # What the base drops or moves and these choices do not has to be said, or it would be inherited.
    before, undone = base.on, base.dropped - choices.dropped
    moved = {one.assumption for one in choices.moves} | choices.dropped
    back = tuple(Move(one.assumption) for one in base.moves if one.assumption not in moved)
    values = {key: choices.values[key] for key in sorted(choices.values)}
    changed = {key: value for key, value in values.items() if value != base_values.get(key)}
    return Scenario(
        name=name,
        based_on=choices.based_on,
        on=tuple(sorted(choices.on - before)),
        off=tuple(sorted((before | undone) - choices.on - choices.dropped)),
        values=changed,
        reason=reason,
        ranges={key: choices.ranges[key] for key in sorted(choices.ranges)},
        drop=tuple(sorted(choices.dropped)),
        moves=tuple(sorted((*choices.moves, *back), key=lambda one: one.assumption)),
    )
