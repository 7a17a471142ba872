"""Earlier versions of an unlocked round: kept beside it, newest first, so that two runs can be compared.

``<round>/<unit>~versions/0001`` is a whole snapshot as it was published; no unit can bear such a name.
"""

from __future__ import annotations

import contextlib
import re
import shutil
from pathlib import Path

from alignment_lib.inputs.snapshots import MANIFEST, Snapshot

__all__ = ["KEPT", "VERSIONS_ENDING", "drop_oldest", "find_versions", "next_version", "versions_folder"]

VERSIONS_ENDING = "~versions"
KEPT = 5
"""Earlier versions kept unless the run says otherwise."""
_NUMBER = re.compile(r"\d{4,}")


def versions_folder(round_folder: Path, unit: str) -> Path:
    """Where the earlier versions of one unit's round lie."""
    return round_folder / f"{unit}{VERSIONS_ENDING}"


def find_versions(round_folder: Path, unit: str) -> list[Snapshot]:
    """Earlier versions, the newest first; each folder's name is its number."""
    folder = versions_folder(round_folder, unit)
    if not folder.is_dir():
        return []
    numbered = [
        path for path in folder.iterdir() if _NUMBER.fullmatch(path.name) and (path / MANIFEST).is_file()
    ]
    return [Snapshot(path) for path in sorted(numbered, key=lambda path: -int(path.name))]


def next_version(round_folder: Path, unit: str) -> Path:
    """The folder the snapshot now in place will be moved to when a new one takes its place."""
    folder = versions_folder(round_folder, unit)
    folder.mkdir(exist_ok=True)
    numbers = [int(path.name) for path in folder.iterdir() if _NUMBER.fullmatch(path.name)]
    return folder / f"{max(numbers, default=0) + 1:04d}"


def drop_oldest(round_folder: Path, unit: str, keep: int) -> None:
    """Remove all but the newest `keep` versions."""
    for snapshot in find_versions(round_folder, unit)[max(keep, 0) :]:
        # Under another name first: one removed in part would be a version that is not as it was kept.
        with contextlib.suppress(OSError):
            snapshot.folder.rename(snapshot.folder.with_name(f".{snapshot.folder.name}~old"))
    folder = versions_folder(round_folder, unit)
    for left in sorted(folder.glob(".*~old")):
        shutil.rmtree(left, ignore_errors=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
