"""Use case: plans published before, read back by the round that follows: debts, and where the cycle stood."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pandas as pd

from alignment_lib.inputs.periods.rounds import Round
from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.snapshots import MANIFEST, Snapshot, find_rounds
from alignment_lib.inputs.workspace import Workspace
from alignment_lib.planning.plan.debts import EarlierOwed, collect_debts
from alignment_lib.planning.round.lifecycle import SIDES, LifeError
from alignment_lib.rounds.files.round_log import read_log
from alignment_lib.rounds.files.versions import find_versions

__all__ = [
    "EarlierPlan",
    "Unit",
    "debts_of_earlier",
    "find_earlier",
    "plan_in_force",
    "plan_of_cycle",
    "plans_before",
]

Places = Iterable[Path | None]


class Unit(Protocol):
    """A business unit: what finding its earlier plans needs to know; a workspace is one."""

    @property
    def name(self) -> str:
        """Name of the unit."""

    @property
    def folder(self) -> Path:
        """Its workspace."""

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of its dimensions."""


def find_earlier(workspace: Unit, planned: Round, folders: Places) -> tuple[Snapshot, ...]:
    """Published rounds of the unit seen from before the present as-of date, oldest first.

    The folders given are looked into first, then the workspace's own ``rounds/``. An earlier plan of the
    same round is a version of it, not a round before it.
    """
    found = find_rounds(_places(workspace, folders), workspace.name)
    return tuple(one for one in found if one.round != planned.name and _as_of(one) < planned.as_of)


def _places(workspace: Unit, folders: Places) -> list[Path]:
    return [place for place in (*folders, workspace.folder / "rounds") if place is not None]


def _as_of(snapshot: Snapshot) -> pd.Timestamp:
    return pd.Timestamp(snapshot.manifest["as_of"])


def debts_of_earlier(
    workspace: Workspace, planned: Round, folders: Places, measure: str, first_open: pd.Timestamp
) -> pd.DataFrame:
    """What the headline plans of earlier rounds borrowed from the periods open now; see `collect_debts`.

    Rounds that count another measure or other dimensions, or published no such table, have no part in it.
    """
    earlier = []
    for snapshot in find_earlier(workspace, planned, folders):
        manifest = snapshot.manifest
        alike = manifest.get("measure") == measure and snapshot.dimensions == workspace.dimensions
        if alike and snapshot.has("owed"):
            owed = snapshot.read("owed")
            told = manifest["parameters"].get("first_open")
            opened = pd.Timestamp(told) if told else _floor(workspace, snapshot)
            earlier.append(EarlierOwed(opened, owed[owed["scenario"] == manifest["scenario"]]))
    return collect_debts(earlier, first_open)


def _floor(workspace: Workspace, snapshot: Snapshot) -> pd.Timestamp:
    return workspace.calendar.floor(pd.DatetimeIndex([_as_of(snapshot)]))[0]


@dataclass(frozen=True)
class EarlierPlan:
    """The plan of the same round made at an earlier date, with which the running cycle is compared.

    Attributes
    ----------
    snapshot : Snapshot
        As published.
    is_signed : bool
        Whether both sides had signed it.
    plan : DataFrame
        ``period``, the dimensions, ``plan``: its headline.
    """

    snapshot: Snapshot
    is_signed: bool
    plan: pd.DataFrame

    @property
    def parameters(self) -> dict[str, object]:
        """What the manifest says of it."""
        found = {"as_of": self.snapshot.manifest["as_of"], "manifest": self.snapshot.hash}
        return found | {"is_signed": self.is_signed}


def plan_of_cycle(workspace: Unit, planned: Round, folders: Places, measure: str) -> EarlierPlan | None:
    """The last plan of this round that both sides signed before the as-of date; else the last one made.

    Earlier versions kept beside a round are looked through as well. None where there is none.
    """
    found = [
        (is_signed, _as_of(snapshot), snapshot)
        for is_signed, snapshot in _plans_of(workspace, planned.name, folders)
        if _is_comparable(snapshot, workspace, measure) and _as_of(snapshot) < planned.as_of
    ]
    if not found:
        return None
    is_signed, _, snapshot = max(found, key=lambda one: one[:2])
    plan = snapshot.read("plan")
    headline = plan[plan["scenario"] == snapshot.manifest["scenario"]]
    return EarlierPlan(snapshot, is_signed, headline[["period", *workspace.dimensions, "plan"]])


def plan_in_force(workspace: Unit, round_name: str, folders: Places) -> tuple[Snapshot, bool] | None:
    """The last plan of a round that both sides signed, else the last one published, and whether it is signed.

    None where the round has none that can be read.
    """
    found = []
    for is_signed, snapshot in _plans_of(workspace, round_name, folders):
        with contextlib.suppress(InputError):
            found.append((is_signed, _as_of(snapshot), snapshot))
    if not found:
        return None
    is_signed, _, snapshot = max(found, key=lambda one: one[:2])
    return snapshot, is_signed


def plans_before(
    workspace: Unit, planned: Round, folders: Places, measure: str
) -> list[tuple[bool, Snapshot]]:
    """Every plan of any round made before the as-of date, earlier versions too, and whether it is signed."""
    names = sorted(
        {one.folder.parent.name for one in find_rounds(_places(workspace, folders), workspace.name)}
    )
    return [
        (is_signed, snapshot)
        for name in names
        for is_signed, snapshot in _plans_of(workspace, name, folders)
        if _is_comparable(snapshot, workspace, measure) and _as_of(snapshot) < planned.as_of
    ]


def _plans_of(workspace: Unit, round_name: str, folders: Places) -> Iterator[tuple[bool, Snapshot]]:
    """Every plan of a round there is, earlier versions too, and whether both sides signed it."""
    for place in _places(workspace, folders):
        round_folder = place / round_name
        standing = Snapshot(round_folder / workspace.name)
        here = [standing] if (standing.folder / MANIFEST).is_file() else []
        signed = _signed_hashes(round_folder, workspace.name)
        for snapshot in (*here, *find_versions(round_folder, workspace.name)):
            yield snapshot.hash in signed, snapshot


def _is_comparable(snapshot: Snapshot, workspace: Unit, measure: str) -> bool:
    try:
        manifest = snapshot.manifest
    except InputError:
        return False
    return manifest.get("measure") == measure and snapshot.dimensions == workspace.dimensions


def _signed_hashes(round_folder: Path, unit: str) -> set[str]:
    """Manifests that both sides have signed."""
    try:
        signatures = [entry for entry in read_log(round_folder, unit) if entry.action == "sign"]
    except LifeError:
        return set()
    sides = {
        manifest: {entry.function for entry in signatures if entry.manifest == manifest}
        for manifest in {entry.manifest for entry in signatures}
    }
    return {manifest for manifest, found in sides.items() if found >= set(SIDES)}
