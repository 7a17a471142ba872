"""The marker that locks a round: its plan is never changed again."""

from __future__ import annotations

import json
from pathlib import Path

from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.planning.round.lifecycle import Entry
from alignment_lib.rounds.files.atomic_files import replace_file
from alignment_lib.rounds.files.log_files import Log
from alignment_lib.rounds.files.manifest import encode_json

__all__ = [
    "LOCK_ENDING",
    "RoundLocked",
    "check_unlocked",
    "finish_lock",
    "lock_marker",
    "lock_stamp",
    "read_lock",
]


LOCK_ENDING = ".locked"


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


def finish_lock(round_folder: Path, unit: str, log: Log) -> None:
    """Put the marker where the log says that the round is locked, stamped with the plan's hash."""
    lock = next((entry for entry in log if entry.action == "lock"), None)
    marker = lock_marker(round_folder, unit)
    if lock is not None and not marker.exists():
        replace_file(marker, lock_stamp(lock))


def lock_stamp(lock: Entry) -> bytes:
    """What the marker of a locked round says."""
    return encode_json({"manifest": lock.manifest, "entry": lock.hash, "on": lock.on, "by": lock.by})
