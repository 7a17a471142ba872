"""Use case: every published round held against its manifest, its log, its lock and the ledger."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from alignment_lib.inputs.periods.round_names import is_round_name
from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.snapshots import MANIFEST, SEAL, Snapshot
from alignment_lib.planning.round.lifecycle import LifeError
from alignment_lib.planning.round.log_times import find_disorder, list_marks, order_of_writing
from alignment_lib.rounds.files.log_files import LOG_ENDING, load_log
from alignment_lib.rounds.files.manifest import RUN_NOTES, read_run_notes
from alignment_lib.rounds.files.round_hold import is_held, is_left_half_done
from alignment_lib.rounds.files.round_ledger import (
    LEDGER,
    Ledger,
    LedgerLine,
    check_anchor,
    is_anchored,
    known_rounds,
    published_moments,
    read_ledger,
)
from alignment_lib.rounds.files.round_lock import LOCK_ENDING
from alignment_lib.rounds.files.round_log import check_lock
from alignment_lib.rounds.files.versions import VERSIONS_ENDING, find_versions, versions_folder

__all__ = ["Verified", "verify_output"]

_BESIDE = (".review", ".meeting")
_OF_THE_SYSTEM = ("Thumbs.db", "desktop.ini")
_LOOK_AGAIN = 0.25
_PATIENCE = 10.0
"""Seconds given to a run that is just putting a round in place."""


@dataclass(frozen=True)
class Verified:
    """One snapshot held against what vouches for it.

    Attributes
    ----------
    place : str
        Round and unit, with the number of an earlier version.
    faults : tuple of str
        What is not as it was published, one sentence each; empty where all is well.
    notes : tuple of str
        What is to be known though nothing was altered.
    """

    place: str
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Place:
    """One unit's round in an output folder, and what the ledger knows of it."""

    folder: Path
    unit: str
    ledger: Ledger | None

    @property
    def name(self) -> str:
        return f"{self.folder.name}/{self.unit}"

    @property
    def known(self) -> LedgerLine | None:
        return known_rounds(self.ledger or ()).get((self.folder.name, self.unit))

    @property
    def snapshot(self) -> Snapshot:
        return Snapshot(self.folder / self.unit)


def verify_output(output: Path) -> list[Verified]:
    """Check what should be in an output folder: every file, version, log, lock, and the ledger itself.

    What is being written meanwhile is looked at again until it stands. A folder without rounds is a fault.
    """
    ledger, fault = _open_ledger(output)
    places = sorted({*_find_places(output), *known_rounds(ledger or ())})
    if not places:
        none = f"{output}: no round is published here; name the folder given to alignment plan as --output"
        return [Verified(str(output), (fault or none,))]
    found = [one for name, unit in places for one in _verify_place(output / name, unit)]
    return [*_verify_ledger(output, ledger, fault, places), *found]


def _open_ledger(output: Path) -> tuple[Ledger | None, str]:
    try:
        return read_ledger(output), ""
    except (LifeError, OSError) as error:
        return None, str(error)


def _find_places(output: Path) -> Iterator[tuple[str, str]]:
    """Every round and unit of which a plan, a log, a lock or versions are there."""
    for folder in sorted(output.iterdir()) if output.is_dir() else []:
        if is_round_name(folder.name) and folder.is_dir():
            yield from ((folder.name, unit) for unit in _find_units(folder))


def _find_units(folder: Path) -> Iterator[str]:
    for path in folder.iterdir():
        # Folders whose names begin with a dot are being written.
        if path.name.startswith("."):
            continue
        ending = next(
            (one for one in (LOG_ENDING, LOCK_ENDING, VERSIONS_ENDING) if path.name.endswith(one)), ""
        )
        if ending:
            yield path.name.removesuffix(ending)
        elif path.is_dir() and (path.suffix not in _BESIDE or (path / MANIFEST).exists()):
            yield path.name


def _verify_ledger(
    output: Path, ledger: Ledger | None, fault: str, places: list[tuple[str, str]]
) -> Iterator[Verified]:
    place = str(output / LEDGER)
    if fault:
        yield Verified(place, (fault,))
    elif ledger is not None:
        faults = tuple(f"{place}: {text}" for text in order_of_writing(ledger))
        yield Verified(place, faults, tuple(f"{place}: {text}" for text in list_marks(ledger)))
    elif any(_had_ledger(output / name, unit) for name, unit in places):
        yield Verified(place, (f"{place} is missing, though rounds here were written down in it; restore it "
                               "from a copy",))  # fmt: skip
    else:
        yield Verified(place, (), (f"{output} has no ledger: what was deleted from it cannot be known",))


def _had_ledger(folder: Path, unit: str) -> bool:
    """Whether a round says of itself that it was written down in a ledger; one cut short does not count."""
    if is_left_half_done(folder, unit, None):
        return False
    try:
        log = load_log(folder, unit)
    except LifeError:
        log = ()
    return bool(read_run_notes(folder / unit).get("published")) or any(entry.written for entry in log)


def _verify_place(folder: Path, unit: str) -> list[Verified]:
    """The round and its versions; looked at again while somebody is at work on it."""
    until = time.monotonic() + _PATIENCE
    before = None
    while True:
        ledger, _ = _open_ledger(folder.parent)
        place = _Place(folder, unit, ledger)
        found = [_verify_round(place), *_verify_versions(place)]
        now = place.known
        if not any(one.faults for one in found) or time.monotonic() > until:
            return found
        if before is not None and before == (now,) and not is_held(folder, unit):
            return found
        before = (now,)
        time.sleep(_LOOK_AGAIN)


def _verify_round(place: _Place) -> Verified:
    folder = place.folder / place.unit
    if not (folder / MANIFEST).is_file():
        said = (
            f"was published on {place.known.written[:10]}" if place.known else "has a folder, a log or a lock"
        )
        return Verified(
            place.name, (f"{place.name}: {said}, but its {MANIFEST} is gone; restore it from a copy",)
        )
    faults = [
        *_altered(place.snapshot, place.name, "plan the round again"),
        *_misplaced(place.snapshot, place),
    ]
    if place.known is not None:
        faults += _unsealed(place.snapshot, place.name, "restore it from a copy, or plan the round again")
    notes: list[str] = []
    unsettled = [*_against_ledger(place), *check_lock(folder)]
    if unsettled and is_left_half_done(place.folder, place.unit, place.known):
        notes.append(
            f"{place.name}: a run or a step was ended in the midst of its work here; the next one finishes it"
        )
    else:
        faults += unsettled
    disorder, marks = _of_time(place)
    return Verified(place.name, (*faults, *disorder), (*notes, *marks))


def _misplaced(snapshot: Snapshot, place: _Place) -> Iterator[str]:
    """A snapshot bears its round and unit; under another name it is a copy."""
    try:
        is_of = (snapshot.round, snapshot.unit)
    except InputError:
        return
    if is_of != (place.folder.name, place.unit):
        yield f"{place.name}: this is the plan of {is_of[0]}/{is_of[1]}; remove the copy, or put it back"


def _against_ledger(place: _Place) -> Iterator[str]:
    known = place.known
    if known is None:
        if place.ledger is not None:
            yield f"{place.name}: the ledger knows no such round: put here by hand, or the ledger was cut"
        return
    if place.snapshot.hash != known.manifest:
        yield f"{place.name}: not the plan that was published here last; restore it, or plan it again"
    yield from _kept_versions(place, known)
    try:
        log = load_log(place.folder, place.unit)
    except LifeError:
        return
    # Of a log that lacks lines the check of the lock tells.
    if not check_anchor(known, log) and not is_anchored(known, log):
        yield (
            f"{place.name}: its log has {len(log)} lines, the ledger knows {known.entries}; "
            "restore the log from a copy"
        )


def _kept_versions(place: _Place, known: LedgerLine) -> Iterator[str]:
    kept = {one.folder.name: one.hash for one in find_versions(place.folder, place.unit)}
    for number in sorted({*kept, *known.versions}):
        if kept.get(number) != known.versions.get(number):
            yield f"{place.name}: version {number} is not as it was kept; restore it from a copy"
    folder = versions_folder(place.folder, place.unit)
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.name not in kept and not path.name.startswith(".") and path.name not in _OF_THE_SYSTEM:
            yield f"{place.name}: {path.name} is no version of this plan; move it elsewhere"


def _of_time(place: _Place) -> tuple[list[str], list[str]]:
    """Lines of the log that break the order of time, and what else is to be said of them."""
    try:
        log = load_log(place.folder, place.unit)
    except LifeError:
        return [], []
    published = published_moments(place.ledger or (), place.folder.name, place.unit)
    where = f"{place.name}{LOG_ENDING}"
    disorder = [f"{where}: {text}" for text in find_disorder(log, published)]
    return disorder, [f"{where}: {text}" for text in list_marks(log)]


def _verify_versions(place: _Place) -> Iterator[Verified]:
    for version in find_versions(place.folder, place.unit):
        name = f"{place.name}, version {version.folder.name}"
        is_known = place.known is not None and version.folder.name in place.known.versions
        faults = (
            *_altered(version, name, "restore it from a copy, or remove it"),
            *_misplaced(version, place),
            *(_unsealed(version, name, "restore it from a copy") if is_known else ()),
        )
        yield Verified(name, faults)


def _unsealed(snapshot: Snapshot, place: str, mend: str) -> list[str]:
    return [] if (snapshot.folder / SEAL).is_file() else [f"{place}: {SEAL} is missing; {mend}"]


def _altered(snapshot: Snapshot, place: str, mend: str) -> list[str]:
    try:
        wrong = snapshot.altered_files()
    except InputError:
        return [f"{place}: {MANIFEST} is missing or not as it was published; {mend}"]
    added = _added_files(snapshot)
    return [f"{place}: {name} is missing or not as it was published; {mend}" for name in wrong] + [
        f"{place}: {name} is no file of this plan; move it elsewhere" for name in added
    ]


def _added_files(snapshot: Snapshot) -> list[str]:
    """Files that nobody published; what systems and office programs leave beside others does not count."""
    ours = {*snapshot.manifest["files"], MANIFEST, SEAL, RUN_NOTES, *_OF_THE_SYSTEM}
    paths = (path for path in sorted(snapshot.folder.rglob("*")) if path.is_file())
    names = (path.relative_to(snapshot.folder).as_posix() for path in paths)
    return [name for name in names if name not in ours and not name.startswith((".", "~$"))]
