"""One run at a time per round and unit, and none at all once the round is locked."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.rounds.files.atomic_files import exclusive_folder, sync_folder

__all__ = [
    "RoundBusy",
    "RoundLocked",
    "check_unlocked",
    "hold_round",
    "is_running",
    "lock_marker",
    "read_lock",
]


class RoundBusy(AlignmentError):
    """Another run holds this round and unit."""

    exit_code = 3


class RoundLocked(AlignmentError):
    """The round has been locked: its plan is never changed again."""

    exit_code = 3


@dataclass(frozen=True)
class _Holder:
    """Who holds a lock: enough to tell a live run from one that died and whose number was used again."""

    pid: int
    host: str
    started: str

    @property
    def is_gone(self) -> bool:
        """Whether the holder has certainly ended. One on another machine can never be told."""
        if self.host != socket.gethostname():
            return False
        return not is_running(self.pid) or _started(self.pid) != self.started


def lock_marker(round_folder: Path, unit: str) -> Path:
    """The file whose presence says that the round is locked; `alignment lock` writes it."""
    return round_folder / f"{unit}.locked"


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


@contextlib.contextmanager
def hold_round(round_folder: Path, unit: str) -> Iterator[None]:
    """Hold one round of one unit for the length of the block.

    Raises
    ------
    RoundBusy
        If a live run holds it; the message names the process and the machine.
    """
    path = round_folder / f".{unit}~lock"
    me = _Holder(os.getpid(), socket.gethostname(), _started(os.getpid()))
    # Inspecting a stale lock and taking it over must be one step, else two runs could both take it.
    with exclusive_folder(round_folder):
        _refuse_if_held(path, round_folder.name, unit)
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(me), file, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(round_folder)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _refuse_if_held(path: Path, round_name: str, unit: str) -> None:
    if not path.exists():
        return
    holder = _read(path)
    # A lock that cannot be read was cut short by a crash: the writer holds the folder while it writes.
    if holder is None or holder.is_gone:
        return
    raise RoundBusy(
        f"round {round_name} of {unit} is being written by process {holder.pid} on {holder.host}; "
        f"wait for it to finish, or if that machine is gone delete {path}"
    )


def _read(path: Path) -> _Holder | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return _Holder(int(content["pid"]), str(content["host"]), str(content["started"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def is_running(pid: int) -> bool:
    """Whether a process of this number runs on this machine."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _started(pid: int) -> str:
    """When the process started, in ticks since a named boot; empty where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    return f"{boot} {fields[19]}"
