"""One run at a time per round and unit, and none at all once the round is locked."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.rounds.files.lease import Hold, LeaseHeld, Lessee, hold_lease

__all__ = [
    "LOCK_ENDING",
    "RoundBusy",
    "RoundHold",
    "RoundLocked",
    "check_unlocked",
    "hold_round",
    "is_held",
    "lock_marker",
    "read_lock",
]


LOCK_ENDING = ".locked"


class RoundBusy(AlignmentError):
    """Another run holds this round and unit."""

    exit_code = 3


class RoundLocked(AlignmentError):
    """The round has been locked: its plan is never changed again."""

    exit_code = 3


def lock_marker(round_folder: Path, unit: str) -> Path:
    """The file whose presence says that the round is locked; `alignment lock` writes it."""
    return round_folder / f"{unit}{LOCK_ENDING}"


def read_lock(round_folder: Path, unit: str) -> dict[str, str]:
    """What the marker says: ``manifest``, ``entry``, ``on``, ``by``; nothing where it does not say it."""
    try:
        content = json.loads(lock_marker(round_folder, unit).read_text(encoding="utf-8"))
        return {str(key): str(value) for key, value in content.items()}
    except (OSError, ValueError, AttributeError, RecursionError):
        return {}


def check_unlocked(round_folder: Path, unit: str) -> None:
    """Raise `RoundLocked` if the round of this unit has been locked."""
    if lock_marker(round_folder, unit).exists():
        stamp = read_lock(round_folder, unit)
        since = f" since {stamp['on']}, by {stamp['by']}," if {"on", "by"} <= set(stamp) else ""
        raise RoundLocked(
            f"round {round_folder.name} of {unit} is locked{since} and is never changed; "
            "plan the next round, or write to another output folder with --output"
        )


class RoundHold:
    """A round of one unit that is held.

    Attributes
    ----------
    was_interrupted : bool
        Whether the run before ended without letting go: it may have left a step half done.
    token : str
        No other run's; names what this one stages.
    """

    def __init__(self, hold: Hold, round_name: str, unit: str) -> None:
        self._hold, self._name = hold, f"round {round_name} of {unit}"
        self.was_interrupted, self.token = hold.was_interrupted, hold.token[:12]

    def check(self) -> None:
        """Raise `RoundBusy` where another run has taken the round while this one stood still."""
        other = self._hold.taken_by()
        if other is not None:
            raise RoundBusy(
                f"{self._name} was taken over by {_name(other)} while this run stood still; "
                "nothing was changed: run it again"
            )


@contextlib.contextmanager
def hold_round(round_folder: Path, unit: str) -> Iterator[RoundHold]:
    """Hold one round of one unit for the length of the block.

    Raises
    ------
    RoundBusy
        If a live run holds it; the message names the process and the machine.
    """
    with contextlib.ExitStack() as stack:
        try:
            hold = stack.enter_context(hold_lease(_lease_path(round_folder, unit)))
        except LeaseHeld as held:
            raise RoundBusy(
                f"round {round_folder.name} of {unit} is being written by {_name(held.holder)}; "
                "wait for it to finish"
            ) from None
        yield RoundHold(hold, round_folder.name, unit)


def is_held(round_folder: Path, unit: str) -> bool:
    """Whether a run is at work on the round, or was ended before it could let go."""
    return _lease_path(round_folder, unit).exists()


def _lease_path(round_folder: Path, unit: str) -> Path:
    return round_folder / f".{unit}~lock"


def _name(holder: Lessee) -> str:
    return f"process {holder.pid} on {holder.host}"
