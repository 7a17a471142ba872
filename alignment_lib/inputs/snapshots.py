"""How a published round is read back by the next one.

Everything that looks back reads a round's folder through `Snapshot`, which believes no byte that the
manifest does not vouch for; what each table holds stands in `inputs.snapshot_tables`.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from alignment_lib.inputs.periods.round_names import is_round_name
from alignment_lib.inputs.problems import InputError, Problem
from alignment_lib.inputs.snapshot_tables import SNAPSHOT_TABLES, canonical_frame

__all__ = [
    "MANIFEST",
    "MANIFEST_KEYS",
    "SEAL",
    "Snapshot",
    "find_rounds",
    "hash_bytes",
    "is_sealed",
    "seal_of",
]

MANIFEST = "manifest.json"
SEAL = "manifest.sha256"
"""Hash of the manifest, as ``sha256sum --check`` reads it; the manifest vouches for every other file."""
MANIFEST_KEYS = (
    "round",
    "unit",
    "as_of",
    "scenario",
    "status",
    "dimensions",
    "parameters",
    "input_hashes",
    "versions",
    "warnings",
    "files",
)
"""Keys of the manifest; ``files`` maps each file's name to the SHA-256 of its bytes."""
_KEPT_CELLS = 2_000_000
"""Tables of up to so many cells are kept once read: a round is looked back on in several ways."""


def hash_bytes(data: bytes) -> str:
    """SHA-256 in hexadecimal, as the manifest states it."""
    return hashlib.sha256(data).hexdigest()


def seal_of(manifest: bytes) -> bytes:
    """What the seal of a manifest says."""
    return f"{hash_bytes(manifest)}  {MANIFEST}\n".encode()


def is_sealed(folder: Path, manifest: bytes) -> bool:
    """Whether a manifest is the one that its seal names; one published before there were seals has none."""
    try:
        return (folder / SEAL).read_bytes() == seal_of(manifest)
    except FileNotFoundError:
        return True
    except OSError:
        return False


@dataclass(frozen=True)
class Snapshot:
    """One published round of one unit.

    Attributes
    ----------
    folder : Path
        ``<output>/<round>/<unit>``.
    """

    folder: Path
    _kept: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """The manifest; raises `InputError` where it is missing or not one of ours."""
        try:
            data = (self.folder / MANIFEST).read_bytes()
            found = json.loads(data)
        except (OSError, ValueError, RecursionError):
            raise self._error(MANIFEST, "no readable manifest") from None
        if not is_sealed(self.folder, data):
            raise self._error(MANIFEST, "bytes that differ from those published")
        if not isinstance(found, dict) or any(key not in found for key in MANIFEST_KEYS):
            raise self._error(MANIFEST, "a manifest without all of its keys")
        if not isinstance(found["files"], dict):
            raise self._error(MANIFEST, "a manifest without a list of files")
        return MappingProxyType(found)

    @property
    def round(self) -> str:
        """Name of the round."""
        return str(self.manifest["round"])

    @property
    def unit(self) -> str:
        """Name of the unit."""
        return str(self.manifest["unit"])

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the dimensions, broadest first."""
        return tuple(self.manifest["dimensions"])

    @property
    def hash(self) -> str:
        """Hash of the manifest itself: what signatures and locks refer to."""
        return hash_bytes((self.folder / MANIFEST).read_bytes())

    def has(self, name: str) -> bool:
        """Whether the round published this table."""
        return SNAPSHOT_TABLES[name].file in self.manifest["files"]

    def read(self, name: str) -> pd.DataFrame:
        """Read one table after checking its bytes against the manifest.

        Raises
        ------
        InputError
            Where the file is missing, altered, or lacks a described column.
        """
        found = self._kept.get(name)
        if found is None:
            found = self._read(name)
            if found.size <= _KEPT_CELLS:
                self._kept[name] = found
        return found.copy(deep=False)

    def _read(self, name: str) -> pd.DataFrame:
        table = SNAPSHOT_TABLES[name]
        data = self.read_bytes(table.file)
        try:
            frame = pd.read_parquet(io.BytesIO(data))
            return canonical_frame(name, frame, self.dimensions)
        except (ValueError, OSError) as error:
            raise self._error(table.file, f"a table of another form ({error})") from None

    def read_bytes(self, file: str) -> bytes:
        """Bytes of one of the round's files, checked against the manifest."""
        wanted = self.manifest["files"].get(file)
        if wanted is None:
            raise self._error(file, "no such file in the manifest")
        try:
            data = (self.folder / file).read_bytes()
        except OSError:
            raise self._error(file, "no such file") from None
        if hash_bytes(data) != wanted:
            raise self._error(file, "bytes that differ from those published")
        return data

    def altered_files(self) -> list[str]:
        """Files of the manifest that are missing or no longer what was published."""
        bad: list[str] = []
        for file in sorted(self.manifest["files"]):
            try:
                self.read_bytes(file)
            except InputError:
                bad.append(file)
        return bad

    def _error(self, file: str, found: str) -> InputError:
        place = f"{self.folder.parent.name}/{self.folder.name}/{file}"
        return InputError([Problem(place, found, "a round as it was published", "publish the round again")])


def find_rounds(folders: Iterable[Path], unit: str | None = None) -> list[Snapshot]:
    """Published rounds under the given folders, sorted by round and unit.

    Parameters
    ----------
    folders : iterable of Path
        Output folders, each holding ``<round>/<unit>``; where two hold the same round of the same
        unit the earlier folder wins. A folder that is not there holds none.
    unit : str, optional
        Only this unit's rounds.
    """
    found: dict[tuple[str, str], Snapshot] = {}
    for folder in folders:
        for manifest in sorted(Path(folder).glob(f"*/*/{MANIFEST}")):
            key = (manifest.parent.parent.name, manifest.parent.name)
            # No unit's name holds such marks: those folders are being written.
            is_whole = not key[1].startswith(".") and "~" not in key[1]
            if is_whole and is_round_name(key[0]) and unit in (None, key[1]):
                found.setdefault(key, Snapshot(manifest.parent))
    return [found[key] for key in sorted(found)]
