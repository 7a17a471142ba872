"""What a published round leaves in its folder, described once, and how the next round reads it back.

Publishing writes these files by this description; everything that looks back reads them through
`Snapshot`, which believes no byte that the manifest does not vouch for.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from alignment_lib.inputs.dictionary import DIMENSION, load_dictionary
from alignment_lib.inputs.problems import InputError, Problem
from alignment_lib.inputs.round_names import is_round_name

__all__ = [
    "MANIFEST",
    "MANIFEST_KEYS",
    "QUANTILES",
    "SNAPSHOT_TABLES",
    "Snapshot",
    "SnapshotColumn",
    "SnapshotTable",
    "canonical_frame",
    "find_rounds",
    "hash_bytes",
]

MANIFEST = "manifest.json"
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
QUANTILES = ("p2_5", "p10", "p50", "p90", "p97_5")


@dataclass(frozen=True)
class SnapshotColumn:
    """One column of a published table: ``text``, ``date``, ``number`` or ``flag``."""

    name: str
    type: str
    description: str
    required: bool = True


@dataclass(frozen=True)
class SnapshotTable:
    """One published table. `extra` says whether columns beyond the described ones may follow."""

    name: str
    description: str
    columns: tuple[SnapshotColumn, ...]
    extra: bool = False

    @property
    def file(self) -> str:
        """Name of its file in the round's folder."""
        return f"{self.name}.parquet"


def _columns(rows: str) -> tuple[SnapshotColumn, ...]:
    """Columns from lines of ``name | type | description``; a ``?`` after the name makes it optional."""
    parsed = [[part.strip() for part in line.split("|")] for line in rows.strip().splitlines()]
    return tuple(
        SnapshotColumn(name.rstrip("?"), kind, text, not name.endswith("?")) for name, kind, text in parsed
    )


_QUANTILE_ROWS = "\n".join(f"{name} | number | quantile of the plan, in per cent" for name in QUANTILES)

_PLAN = f"""
round | text | the planned round
scenario | text | as_proposed, evidence_weighted, consensus or a named scenario
period | date | first day of the period
{DIMENSION} | text | the series
baseline | number | expected without new marketing action, in the measure
plan | number | baseline with the driver calendar and the assumptions counted
{_QUANTILE_ROWS}
revenue? | number | money of the plan, where a price is known
"""
_BRIDGE = f"""
scenario | text | the scenario
assumption | text | an assumption's id, or driver:<column>
period | date | first day of the period
{DIMENSION} | text | the series
effect | number | share of plan - baseline, in the measure
"""
_ODDS = f"""
scenario | text | the scenario
span | text | period, month, quarter, year or horizon
start | date | first day of the span
{DIMENSION} | text | the level; blank means all
plan | number | the plan itself, which is not the P50
{_QUANTILE_ROWS}
target | number | what leadership asks for, missing where nothing is asked
probability | number | probability of reaching the target
"""
_EVIDENCE = """
assumption | text | its id
claim | number | the expected value as claimed, in its own unit
supported | number | what history or a cited study supports, in the same unit
standard_error | number | standard error of that
events | number | past events or analogs behind it
verdict | text | supported, optimistic, pessimistic, no history or supported by research
already_in_plan | flag | whether the driver calendar or another assumption says it already
overlap_units | number | how much of it, in the measure
sentence | text | the same in plain English
"""
_STREAMS = f"""
stream | text | naive, baseline, marketing, sales, finance or consensus
period | date | first day of the period
{DIMENSION} | text | the series
value | number | the stream's figure, in the measure
"""
_FUNNEL = """
period | date | first day of the period in which the leads must come in
source | text | source of the leads
stage | text | visitors, leads, accepted, contacted, opportunities or customers
required | number | how many the plan needs
capacity | number | how many can be handled, missing where unknown
rate | number | measured rate to the next stage that was used
"""
_RECORD = """
round | text | the closed round
assumption | text | its id
owner | text | the role that made the claim
function | text | the owner's side
kind | text | kind of assumption
unit | text | unit of the claim
claim | number | what was claimed
actual | number | what came true, in the same unit
standard_error | number | standard error of that
verdict | text | the verdict at the time
"""


def _register_columns() -> tuple[SnapshotColumn, ...]:
    """The assumptions table of the data dictionary, as columns of the published register."""
    kinds = {"choice": "text", "integer": "number", "datetime": "date"}
    fields = load_dictionary()["assumptions"]
    return tuple(
        SnapshotColumn(
            f.column, kinds.get(f.type, f.type), f.description, f.required or f.column == DIMENSION
        )
        for f in fields
    )


def _tables() -> Mapping[str, SnapshotTable]:
    tables = (
        SnapshotTable("plan", "baseline, plan and quantiles by scenario, period and series", _columns(_PLAN)),
        SnapshotTable("bridge", "what each assumption and driver adds", _columns(_BRIDGE)),
        SnapshotTable("odds", "quantiles and odds of the target at every level and span", _columns(_ODDS)),
        SnapshotTable("assumptions", "the register as used", _register_columns(), extra=True),
        SnapshotTable(
            "evidence", "one row per assumption: claim against support", _columns(_EVIDENCE), extra=True
        ),
        SnapshotTable("streams", "each function's own forecast", _columns(_STREAMS)),
        SnapshotTable("funnel", "leads required, capacity, rates used", _columns(_FUNNEL), extra=True),
        SnapshotTable("record", "scored assumptions of closed rounds", _columns(_RECORD), extra=True),
    )
    return MappingProxyType({table.name: table for table in tables})


SNAPSHOT_TABLES = _tables()
"""The published tables by name."""


def canonical_frame(name: str, frame: pd.DataFrame, dimensions: Sequence[str]) -> pd.DataFrame:
    """Return a table in the form in which it is published: columns in order, types fixed.

    Parameters
    ----------
    name : str
        A key of `SNAPSHOT_TABLES`.
    frame : DataFrame
        Holds the described columns; an absent optional one is left out.
    dimensions : sequence of str
        Stand where the description says ``{dimension}``.

    Raises
    ------
    ValueError
        Where a required column is missing or an undescribed one is there.

    Examples
    --------
    >>> frame = pd.DataFrame({"value": [1], "brand": ["A"], "period": ["2026-01-01"], "stream": ["naive"]})
    >>> list(canonical_frame("streams", frame, ["brand"]))
    ['stream', 'period', 'brand', 'value']
    """
    table = SNAPSHOT_TABLES[name]
    columns: dict[str, pd.Series[Any]] = {}
    for column in table.columns:
        for label in dimensions if column.name == DIMENSION else (column.name,):
            if label in frame:
                columns[label] = _typed(frame[label], column.type)
            elif column.required:
                raise ValueError(f"{table.file} needs a column {label!r}; the frame has {list(frame)}")
    rest = [label for label in frame if label not in columns]
    if rest and not table.extra:
        raise ValueError(f"{table.file} has no column {rest[0]!r}; it holds {list(columns)}")
    columns |= {str(label): frame[label] for label in rest}
    return pd.DataFrame(columns).reset_index(drop=True)


def _typed(values: pd.Series[Any], kind: str) -> pd.Series[Any]:
    if kind == "number":
        return values.astype(float)
    if kind == "date":
        return pd.to_datetime(values).astype("datetime64[ns]")
    if kind == "flag":
        return values.astype(bool)
    return values.astype(object).where(values.notna(), "").astype(str)


def hash_bytes(data: bytes) -> str:
    """SHA-256 in hexadecimal, as the manifest states it."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Snapshot:
    """One published round of one unit.

    Attributes
    ----------
    folder : Path
        ``<output>/<round>/<unit>``.
    """

    folder: Path

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """The manifest; raises `InputError` where it is missing or not one of ours."""
        try:
            found = json.loads((self.folder / MANIFEST).read_bytes())
        except (OSError, ValueError, RecursionError):
            raise self._error(MANIFEST, "no readable manifest") from None
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
            if is_round_name(key[0]) and unit in (None, key[1]):
                found.setdefault(key, Snapshot(manifest.parent))
    return [found[key] for key in sorted(found)]
