"""Who has let a day of the round pass: owners and functions that have not answered, signed or locked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from alignment_lib.planning.round.lifecycle import SIDES

__all__ = ["Late", "find_late"]


@dataclass(frozen=True)
class Late:
    """One role that has let a day pass.

    Attributes
    ----------
    who : str
        Owner, function, or ``moderator`` for the lock.
    what : {"answer", "sign", "lock"}
    due : str
        The day, as ``2026-01-31``.
    ids : tuple of str
        Claims that wait for its answer.
    """

    who: str
    what: str
    due: str
    ids: tuple[str, ...] = ()


def find_late(
    proposed: Sequence[tuple[str, str, str]],
    waiting: Mapping[str, Collection[str]],
    days: Mapping[str, str],
    today: str,
    signed: Collection[str],
    is_locked: bool,
) -> tuple[Late, ...]:
    """Who is late on a day: nobody on the day itself, and nobody once the round is locked.

    A claim that waits for its own side waits for its owner; one that waits for the other side waits for that
    function.

    Parameters
    ----------
    proposed : sequence of (str, str, str)
        Id, owner and function of claims that await a decision.
    waiting : mapping of str to collection of str
        Side to the ids it has not accepted.
    days : mapping of str to str
        ``answer, sign, lock`` to their days, as far as they are set.
    today : str
        As ``2026-01-31``.
    signed : collection of str
        Sides that have signed the plan as published.
    is_locked : bool
        Whether the round is locked.
    """
    passed = {what for what, day in days.items() if day < today}
    if is_locked:
        return ()
    late: dict[str, tuple[str, ...]] = {}
    for name, owner, function in proposed if "answer" in passed else ():
        for side in SIDES:
            if name in waiting.get(side, ()):
                who = owner if function == side else side
                late[who] = (*late.get(who, ()), name)
    found = [Late(who, "answer", days["answer"], ids) for who, ids in sorted(late.items())]
    found += [Late(side, "sign", days["sign"]) for side in SIDES if "sign" in passed and side not in signed]
    found += [Late("moderator", "lock", days["lock"])] if "lock" in passed else []
    return tuple(found)
