"""One run or step at a time per round and unit; whoever comes next finishes what is half done."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.inputs.snapshots import MANIFEST, hash_bytes
from alignment_lib.planning.round.lifecycle import LifeError
from alignment_lib.rounds.files.clocks import Clock, read_clock, write_moment
from alignment_lib.rounds.files.lease import Hold, LeaseHeld, Lessee, hold_lease, read_work
from alignment_lib.rounds.files.log_files import Log, load_log
from alignment_lib.rounds.files.round_ledger import (
    LedgerLine,
    is_anchored,
    known_rounds,
    read_ledger,
    record_round,
)
from alignment_lib.rounds.files.round_lock import finish_lock, lock_marker
from alignment_lib.rounds.files.versions import next_version

__all__ = ["RoundBusy", "RoundHold", "hold_round", "is_held", "is_left_half_done"]

_PUBLISH, _STEP = "publish", "step"


class RoundBusy(AlignmentError):
    """Another run holds this round and unit."""

    exit_code = 3


class RoundHold:
    """A round of one unit that is held.

    Attributes
    ----------
    token : str
        No other run's; names what this one stages.
    is_half_done : bool
        Whether something has been begun that is not yet ended.
    """

    def __init__(self, hold: Hold, round_name: str, unit: str) -> None:
        self._hold, self._name = hold, f"round {round_name} of {unit}"
        self.token, self.is_half_done = hold.token[:12], False

    def check(self) -> None:
        """Raise `RoundBusy` where another run has taken the round while this one stood still."""
        other = self._hold.taken_by()
        if other is not None:
            raise RoundBusy(
                f"{self._name} was taken over by {_name(other)} while this run stood still; "
                "nothing was changed: run it again"
            )

    @contextlib.contextmanager
    def publishing(self, manifest: str) -> Iterator[None]:
        """Put the plan of this hash in place and into the ledger; ended half way, the next holder does."""
        with self._seen_through(f"{_PUBLISH} {manifest}"):
            yield

    @contextlib.contextmanager
    def stepping(self, head: str) -> Iterator[None]:
        """Put a log that ends with this line in place, into the ledger, and the marker of a lock."""
        with self._seen_through(f"{_STEP} {head}"):
            yield

    @contextlib.contextmanager
    def _seen_through(self, work: str) -> Iterator[None]:
        self._hold.begin(work)
        self.is_half_done = True
        yield
        self._hold.settle()
        self.is_half_done = False


@contextlib.contextmanager
def hold_round(round_folder: Path, unit: str, clock: Clock = read_clock) -> Iterator[RoundHold]:
    """Hold one round of one unit for the length of the block, what the holder before left half done finished.

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
        _put_folders_right(round_folder, unit)
        _finish(round_folder, unit, hold.left, clock)
        hold.settle()
        yield RoundHold(hold, round_folder.name, unit)


def is_held(round_folder: Path, unit: str) -> bool:
    """Whether a run is at work on the round, or was ended before it could let go."""
    return _lease_path(round_folder, unit).exists()


def is_left_half_done(round_folder: Path, unit: str, known: LedgerLine | None) -> bool:
    """Whether a run or step that is under way, or was ended half way, has put in place what is not yet known.

    Parameters
    ----------
    round_folder, unit : Path, str
        Which.
    known : LedgerLine, optional
        What the ledger knows of the round: what is left explains no other difference.
    """
    kind, _, wanted = read_work(_lease_path(round_folder, unit)).partition(" ")
    if not wanted:
        return False
    if kind == _PUBLISH:
        return wanted == _hash(round_folder / unit) and (known is None or known.manifest != wanted)
    try:
        log = load_log(round_folder, unit)
    except LifeError:
        return False
    is_unmarked = (
        any(entry.action == "lock" for entry in log) and not lock_marker(round_folder, unit).exists()
    )
    return wanted == _head(log) and (known is None or known.head != wanted or is_unmarked)


def _finish(round_folder: Path, unit: str, left: str, clock: Clock) -> None:
    """Bring the ledger up to what the holder before has put in place; what it has not, never was."""
    kind, _, wanted = left.partition(" ")
    if not wanted:
        return
    known = known_rounds(read_ledger(round_folder.parent) or ()).get((round_folder.name, unit))
    moment, plan = write_moment(clock()), _hash(round_folder / unit)
    if kind == _PUBLISH:
        if plan == wanted and (known is None or known.manifest != wanted):
            record_round(round_folder, unit, _PUBLISH, moment)
        return
    log = load_log(round_folder, unit)
    if plan and _head(log) == wanted:
        if known is None or not is_anchored(known, log):
            record_round(round_folder, unit, _STEP, moment, log)
        finish_lock(round_folder, unit, log)


def _put_folders_right(round_folder: Path, unit: str) -> None:
    """Folders of runs that were killed: a plan that was published stays, what was being made goes.

    Whoever holds the round knows that they are nobody's.
    """
    final = round_folder / unit
    left = [path for path in sorted(round_folder.iterdir()) if path.name.startswith(f".{unit}~")]
    # Those of releases before had no name of their own.
    left = [path for path in left if path.name.split("~")[1].partition("-")[0] in ("new", "old")]
    if not left:
        return
    known = known_rounds(read_ledger(round_folder.parent) or ()).get((round_folder.name, unit))
    for path in left:
        if not final.exists() and path.name.startswith(f".{unit}~old"):
            path.rename(final)
        elif known is not None and _hash(path) == known.manifest and _hash(final) not in ("", known.manifest):
            path.rename(next_version(round_folder, unit))
    for path in left:
        shutil.rmtree(path, ignore_errors=True)


def _hash(folder: Path) -> str:
    """The hash of a plan's manifest; blank where there is none."""
    try:
        return hash_bytes((folder / MANIFEST).read_bytes())
    except OSError:
        return ""


def _head(log: Log) -> str:
    return log[-1].hash if log else ""


def _lease_path(round_folder: Path, unit: str) -> Path:
    return round_folder / f".{unit}~lock"


def _name(holder: Lessee) -> str:
    return f"process {holder.pid} on {holder.host}"
