"""Rows of a workspace's files behind a published figure: found in the very bytes that the round read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from alignment_lib.inputs.configuration.settings_reader import SETTINGS_FILE
from alignment_lib.inputs.problems import AlignmentError, counted
from alignment_lib.inputs.snapshots import hash_bytes
from alignment_lib.inputs.tables.parsing import ParsedTable
from alignment_lib.inputs.workspace import load_placed

__all__ = ["SourcePlace", "SourceRows", "find_unit_folder", "write_rows"]

_RUNS = 4
"""Runs of rows that are written one by one."""


@dataclass(frozen=True)
class SourcePlace:
    """Where in a file something stands.

    Attributes
    ----------
    file : str
        Its name within the workspace, with the sheet of a workbook; blank where it is not known.
    digest : str
        SHA-256 of the bytes the round read.
    rows : str
        Rows as an editor counts them; where they cannot be told, why.
    """

    file: str = ""
    digest: str = ""
    rows: str = ""


@dataclass(frozen=True)
class SourceRows:
    """The inputs of a round, and a workspace in which their rows may be looked up.

    Attributes
    ----------
    hashes : mapping of str to str
        SHA-256 of every input by name, as the manifest states them.
    folder : Path or None
        The workspace; None where it is not at hand.
    """

    hashes: Mapping[str, str]
    folder: Path | None = None

    def find(
        self,
        table: str,
        scope: Mapping[str, str] | None = None,
        periods: pd.DatetimeIndex | None = None,
        keys: Mapping[str, Iterable[str]] | None = None,
    ) -> SourcePlace:
        """Where rows of a table stand.

        Parameters
        ----------
        table : str
            Of the data dictionary: ``sales``, ``assumptions``.
        scope : mapping of str to str, optional
            Members; a row that leaves a dimension blank speaks of all of its members.
        periods : DatetimeIndex, optional
            Only rows of these periods.
        keys : mapping of str to values, optional
            Further columns and what they may hold: ids, sources.
        """
        placed = self._placed.get(table)
        if placed is None:
            file = next((name for name in sorted(self.hashes) if name.split(".")[0] == table), "")
            why = "" if not file else self._unread or "not read again: name its workspace for the rows"
            return SourcePlace(file, self.hashes.get(file, ""), why)
        raw = placed.raw
        file = f"{raw.file}, sheet {raw.sheet}" if raw.sheet else raw.file
        digest = self.hashes.get(raw.file, "")
        if not self._is_unchanged(raw.file, raw.digest):
            return SourcePlace(file, digest, f"{raw.file} has changed since: its rows are no longer those")
        chosen = _choose(placed.frame, scope or {}, periods, keys or {})
        return SourcePlace(file, digest, write_rows([raw.row_of(int(at)) for at in np.flatnonzero(chosen)]))

    def settings(self, words: str = "") -> SourcePlace:
        """The settings file; `words` say which section."""
        return SourcePlace(SETTINGS_FILE, self.hashes.get(SETTINGS_FILE, ""), words)

    def _is_unchanged(self, file: str, digest: str) -> bool:
        wanted = self.hashes.get(file)
        if self.folder is None or wanted is None:
            return False
        if digest:
            return digest == wanted
        return hash_bytes((self.folder / file).read_bytes()) == wanted

    @cached_property
    def _found(self) -> tuple[Mapping[str, ParsedTable], str]:
        if self.folder is None:
            return {}, ""
        try:
            return load_placed(self.folder), ""
        except (AlignmentError, OSError):
            return {}, "the workspace cannot be read as it stands: alignment check says why"

    @property
    def _placed(self) -> Mapping[str, ParsedTable]:
        return self._found[0]

    @property
    def _unread(self) -> str:
        return self._found[1]


def _choose(
    frame: pd.DataFrame,
    scope: Mapping[str, str],
    periods: pd.DatetimeIndex | None,
    keys: Mapping[str, Iterable[str]],
) -> np.ndarray:
    chosen = np.ones(len(frame), dtype=bool)
    for name, member in scope.items():
        if name in frame:
            texts = frame[name].astype(str)
            chosen &= ((texts == member) | (texts == "")).to_numpy()
    for name, values in keys.items():
        if name in frame:
            chosen &= frame[name].astype(str).isin([str(value) for value in values]).to_numpy()
    if periods is not None and "period" in frame:
        chosen &= frame["period"].isin(periods).to_numpy()
    return chosen


def write_rows(rows: Sequence[int]) -> str:
    """Row numbers in few words: runs, and how many there are.

    >>> write_rows([2, 3, 4, 9])
    'rows 2–4, 9 (4 rows)'
    >>> write_rows([7]), write_rows([])
    ('row 7', 'no row')
    >>> write_rows(range(2, 100, 3))
    '33 rows between 2 and 98'
    """
    numbers = np.unique(np.asarray(rows, dtype=int))
    if not len(numbers):
        return "no row"
    if len(numbers) == 1:
        return f"row {numbers[0]}"
    runs = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    if len(runs) > _RUNS:
        return f"{counted(len(numbers), 'row')} between {numbers[0]} and {numbers[-1]}"
    said = ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)
    return f"rows {said}" + (f" ({counted(len(numbers), 'row')})" if len(runs) > 1 else "")


def find_unit_folder(unit: str, hashes: Mapping[str, str], places: Iterable[Path]) -> Path | None:
    """The first of some folders that holds the workspace a round was planned from.

    Its settings are those the round read; failing that, it bears the unit's name.
    """
    there = [place for place in places if (place / SETTINGS_FILE).is_file()]
    wanted = hashes.get(SETTINGS_FILE)
    for place in there:
        if hash_bytes((place / SETTINGS_FILE).read_bytes()) == wanted:
            return place
    named = [place for place in there if place.absolute().name == unit]
    return named[0] if named else None
