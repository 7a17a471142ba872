"""What a message of the page makes of the choices: a value, a claim that counts or is doubted, an action."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from alignment_lib.answers.part_words import read_members
from alignment_lib.app.explorer.refusals import Refused, check_value, find_id, read_number
from alignment_lib.inputs.periods.written_days import read_day
from alignment_lib.planning.register.action_scope import as_members
from alignment_lib.planning.register.actions import Move
from alignment_lib.rounds.live.acting import drop_from, move_in, say_shared
from alignment_lib.rounds.live.choices import Choices, set_value, set_values, switch
from alignment_lib.rounds.live.live_round import LiveRound

__all__ = ["CHANGES", "apply_values", "say_after"]

Message = Mapping[str, Any]


def apply_values(live: LiveRound, choices: Choices, values: Mapping[str, float | None]) -> Choices:
    """Assumptions at values, which then count; those at None do not count.

    Raises
    ------
    Refused
        An id or a value that cannot be meant.
    """
    for name, value in values.items():
        find_id(live.register, name)
        if value is None:
            choices = switch(choices, name, on=False)
        else:
            check_value(live.register, name, value, live.ready.horizon.grid.spending)
            choices = set_values(choices, {name: float(value)})
    return choices


def say_after(live: LiveRound, choices: Choices, message: Message) -> str:
    """What whoever made a change must know of it; blank where nothing."""
    is_action = message["type"] in ("drop", "move")
    return say_shared(live, choices, str(message["id"])) if is_action else ""


def _id(live: LiveRound, message: Message) -> str:
    return find_id(live.register, str(message.get("id")))


def _set(live: LiveRound, choices: Choices, message: Message) -> Choices:
    name = _id(live, message)
    value = read_number(message["value"], f"the value of {name}")
    check_value(live.register, name, value, live.ready.horizon.grid.spending)
    return set_value(choices, name, value)


def _apply(live: LiveRound, choices: Choices, message: Message) -> Choices:
    values = {
        str(name): read_number(value, f"the value of {name}")
        for name, value in dict(message["values"]).items()
    }
    return apply_values(live, choices, values)


def _switch(live: LiveRound, choices: Choices, message: Message) -> Choices:
    return switch(choices, _id(live, message), on=bool(message["on"]))


def _drop(live: LiveRound, choices: Choices, message: Message) -> Choices:
    return drop_from(live, choices, _id(live, message))


def _move(live: LiveRound, choices: Choices, message: Message) -> Choices:
    name = _id(live, message)
    own = next(row for row in live.register if row.id == name)
    day = read_day(str(message["start"]), "the start") if message.get("start") else own.start
    scale = read_number(message.get("scale", 1.0), f"the strength of {name}")
    if not scale > 0:
        raise Refused(
            f"{name} cannot be made {scale:g} times as strong: type a number above zero, or drop it"
        )
    # The register's own first day is no move: an action so put back is where it was.
    members = read_members(live.ready.forecast.keys, str(message.get("scope") or ""))
    scope = as_members({key: member for key, member in members.items() if member != own.scope.get(key)})
    return move_in(live, choices, Move(name, None if day == own.start else day, scale, scope))


CHANGES: dict[str, Callable[[LiveRound, Choices, Message], Choices]] = {
    "set": _set,
    "apply": _apply,
    "switch": _switch,
    "drop": _drop,
    "move": _move,
}
"""By the message's type."""
