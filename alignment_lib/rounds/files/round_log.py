"""The log of a round beside its snapshots: read, appended to, and the marker that locks the round.

``<round>/<unit>.log.jsonl`` holds one entry a line. A step is written by putting the whole file anew in
one move, so that no reader and no crash ever meets half a line; it holds the round while it does so.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.inputs.snapshots import MANIFEST, Snapshot
from alignment_lib.planning.round.lifecycle import (
    Entry,
    LifeError,
    round_state,
    stamp_entries,
    write_line,
)
from alignment_lib.rounds.files.atomic_files import replace_file
from alignment_lib.rounds.files.clocks import Clock, read_clock, write_moment
from alignment_lib.rounds.files.folder_names import check_round_name, check_unit_name
from alignment_lib.rounds.files.log_files import Log, load_log, log_path
from alignment_lib.rounds.files.round_hold import hold_round
from alignment_lib.rounds.files.round_ledger import (
    check_anchor,
    is_anchored,
    known_rounds,
    latest,
    published_moments,
    read_ledger,
    record_round,
)
from alignment_lib.rounds.files.round_lock import finish_lock, lock_marker, lock_stamp

__all__ = [
    "RoundMissing",
    "append_entries",
    "check_lock",
    "log_path",
    "read_log",
    "read_now",
    "read_published",
    "round_status",
]


class RoundMissing(AlignmentError):
    """No plan of that unit has been published in that round."""

    exit_code = 2


def read_log(round_folder: Path, unit: str) -> Log:
    """Every step taken so far, held against the chain and the ledger; none where there is no log.

    Raises
    ------
    LifeError
        Naming the file and the first line that cannot be believed.
    """
    # The ledger first: a step under way is in the log before it is in the ledger.
    known = known_rounds(read_ledger(round_folder.parent) or ()).get((round_folder.name, unit))
    log = load_log(round_folder, unit)
    fault = check_anchor(known, log)
    if fault:
        raise LifeError(f"{log_path(round_folder, unit)}: {fault}")
    return log


def read_published(round_folder: Path, unit: str) -> dict[str, str]:
    """When each plan of the round was published, by its manifest's hash, as far as the ledger says."""
    return published_moments(read_ledger(round_folder.parent) or (), round_folder.name, unit)


def read_now(round_folder: Path, unit: str, clock: Clock) -> str:
    """The moment at which the next line is written: the clock's, or the last line's where that is later."""
    ledger, log = read_ledger(round_folder.parent) or (), read_log(round_folder, unit)
    last = [entry.written for entry in log[-1:]] + [line.written for line in ledger[-1:]]
    return latest(write_moment(clock()), *last)


def append_entries(
    round_folder: Path,
    unit: str,
    make: Callable[[Log, Snapshot], list[Entry]],
    clock: Clock = read_clock,
) -> list[Entry]:
    """Write the entries that follow from the log and the snapshot as they stand.

    Each line says when it was written, by the clock and never before the line above; the ledger beside the
    rounds then names the last one.

    Parameters
    ----------
    round_folder : Path
        Folder of the round.
    unit : str
        The business unit.
    make : callable
        Takes the log and the snapshot and gives the entries to append, chained; the rules are its own.
    clock : callable
        Says what time it is.

    Raises
    ------
    LifeError
        Where a rule forbids the step (exit code 3 where the round is locked, else 2), or the log was altered.
    InputError
        Where the snapshot is not as it was published: such a plan is not signed.
    RoundBusy
        Where a run or another step holds the round (exit code 3).
    RoundMissing
        Where no plan has been published.
    """
    check_round_name(round_folder.name)
    snapshot = Snapshot(round_folder / check_unit_name(unit))
    missing = RoundMissing(
        f"no plan of {unit} for {round_folder.name} in {round_folder.parent}; run alignment plan first"
    )
    if not round_folder.is_dir():
        raise missing
    with hold_round(round_folder, unit, clock) as hold:
        if not (snapshot.folder / MANIFEST).is_file():
            raise missing
        log = read_log(round_folder, unit)
        _check_anchored(round_folder, unit, log)
        finish_lock(round_folder, unit, log)
        entries = make(log, snapshot)
        if not entries:
            return []
        _check_intact(snapshot)
        reading = write_moment(clock())
        entries = stamp_entries(log, entries, reading)
        text = "".join(write_line(entry) + "\n" for entry in (*log, *entries))
        hold.check()
        with hold.stepping(entries[-1].hash):
            replace_file(log_path(round_folder, unit), text.encode("ascii"))
            record_round(round_folder, unit, "step", reading, (*log, *entries))
            finish_lock(round_folder, unit, (*log, *entries))
    return entries


def _check_anchored(round_folder: Path, unit: str, log: Log) -> None:
    """Refuse other lines than ours: what was ended half way is finished by now."""
    known = known_rounds(read_ledger(round_folder.parent) or ()).get((round_folder.name, unit))
    if known is not None and not is_anchored(known, log):
        raise LifeError(
            f"{log_path(round_folder, unit)}: the ledger knows {known.entries} lines of this log, "
            f"{len(log)} are there; restore it from a copy"
        )


def _check_intact(snapshot: Snapshot) -> None:
    for file in sorted(snapshot.manifest["files"]):
        snapshot.read_bytes(file)


def round_status(folder: Path, published: str) -> str:
    """How the plan in `folder` stands by its log: draft, proposed, signed or locked.

    Parameters
    ----------
    folder : Path
        A snapshot.
    published : str
        ``status`` of its manifest: whether anything was proposed.

    Returns
    -------
    str
        ``log unreadable`` where the log cannot be believed.
    """
    if lock_marker(folder.parent, folder.name).exists():
        return "locked"
    try:
        log = read_log(folder.parent, folder.name)
        return round_state(log, Snapshot(folder).hash, has_proposals=published != "draft").status
    except (LifeError, OSError):
        return "log unreadable"


def check_lock(folder: Path) -> list[str]:
    """What is wrong with the log and the lock of the plan in `folder`, in words; empty where all is well."""
    round_folder, unit = folder.parent, folder.name
    try:
        log = read_log(round_folder, unit)
    except LifeError as error:
        return [str(error)]
    marker = lock_marker(round_folder, unit)
    lock = next((entry for entry in log if entry.action == "lock"), None)
    if not marker.exists():
        return [] if lock is None else [f"{marker} is missing, though the log says the round is locked"]
    if lock is None:
        return [f"{marker} locks the round, though no lock stands in its log; restore the log from a copy"]
    if marker.read_bytes() != lock_stamp(lock):
        return [f"{marker} does not bear the stamp of the lock in the log; restore it from a copy"]
    if Snapshot(folder).hash != lock.manifest:
        return [f"{folder} is not the plan that was locked; restore it from a copy"]
    return []
