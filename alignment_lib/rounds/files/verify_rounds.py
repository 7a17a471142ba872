"""Use case: every published round held against its manifest, its log and its lock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.snapshots import Snapshot, find_rounds
from alignment_lib.rounds.files.round_log import check_lock
from alignment_lib.rounds.files.versions import find_versions

__all__ = ["Verified", "verify_output"]


@dataclass(frozen=True)
class Verified:
    """One snapshot held against what vouches for it.

    Attributes
    ----------
    place : str
        Round and unit, with the number of an earlier version.
    faults : tuple of str
        What is not as it was published, one sentence each; empty where all is well.
    """

    place: str
    faults: tuple[str, ...]


def verify_output(output: Path) -> list[Verified]:
    """Check every file of every round and earlier version, every log's chain and every lock's stamp."""
    return [
        verified
        for snapshot in find_rounds([output])
        for verified in _verify_unit(snapshot.folder.parent, snapshot)
    ]


def _verify_unit(round_folder: Path, snapshot: Snapshot) -> Iterator[Verified]:
    unit = snapshot.folder.name
    place = f"{round_folder.name}/{unit}"
    yield Verified(place, (*_altered(snapshot, place, "plan the round again"), *check_lock(snapshot.folder)))
    for version in find_versions(round_folder, unit):
        known = f"{place}, version {version.folder.name}"
        yield Verified(known, tuple(_altered(version, known, "restore it from a copy, or remove it")))


def _altered(snapshot: Snapshot, place: str, mend: str) -> list[str]:
    try:
        wrong = snapshot.altered_files()
    except InputError:
        wrong = ["manifest.json"]
    return [f"{place}: {name} is missing or not as it was published; {mend}" for name in wrong]
