"""The round before: found among published rounds, and recalled for the section on what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from alignment_lib.inputs.periods.round_names import is_round_name
from alignment_lib.inputs.problems import InputError, Problem
from alignment_lib.inputs.snapshots import MANIFEST, Snapshot
from alignment_lib.planning.round.changes import PublishedPlan, what_changed

__all__ = ["changes_since", "find_previous", "published_plan", "recall_round"]

_COLUMNS = ["round", "period", "baseline", "plan"]


def find_previous(rounds: Path, round_name: str, unit: str) -> Path | None:
    """The snapshot of the latest earlier round of the same length, or None.

    Round names of one length sort in time, so no calendar is needed.
    """
    if not rounds.is_dir():
        return None
    earlier = sorted(
        folder.name
        for folder in rounds.iterdir()
        if is_round_name(folder.name)
        and len(folder.name) == len(round_name)
        and folder.name < round_name
        and (folder / unit / MANIFEST).is_file()
    )
    return rounds / earlier[-1] / unit if earlier else None


def recall_round(folder: Path, measure: str) -> tuple[dict[str, Any], pd.DataFrame]:
    """The earlier round's headline plan in total per period, and a note on which snapshot it came from.

    Only bytes the earlier manifest vouches for are believed. An earlier round that was altered, or that
    counted something else, gives an empty table and a note with the reason: it must not stop this one.

    Returns
    -------
    dict, DataFrame
        ``round, scenario, measure, comparable, manifest`` (its hash) and, if not comparable, ``reason``;
        ``round, period, baseline, plan``.
    """
    snapshot = Snapshot(folder)
    note: dict[str, Any] = {"round": folder.parent.name, "comparable": False}
    try:
        manifest = snapshot.manifest
        note |= {
            "scenario": manifest["scenario"],
            "measure": manifest.get("measure"),
            "manifest": snapshot.hash,
        }
        plan = snapshot.read("plan")
    except InputError as error:
        return note | {"reason": str(error)}, pd.DataFrame(columns=_COLUMNS)
    if note["measure"] != measure:
        reason = f"it counted {note['measure']}, this round counts {measure}"
        return note | {"reason": reason}, pd.DataFrame(columns=_COLUMNS)
    plan = plan[plan["scenario"] == manifest["scenario"]]
    total = plan.groupby("period", as_index=False)[["baseline", "plan"]].sum()
    return note | {"comparable": True}, total.assign(round=note["round"])[_COLUMNS]


def published_plan(snapshot: Snapshot, scenario: str = "") -> PublishedPlan:
    """One scenario of a snapshot as its files hold it; by default its headline.

    Raises
    ------
    InputError
        Where a file is missing or altered, or the snapshot has no such scenario.
    """
    name = scenario or str(snapshot.manifest["scenario"])
    plan, bridge = snapshot.read("plan"), snapshot.read("bridge")
    if name not in set(plan["scenario"]):
        place = f"{snapshot.folder.parent.name}/{snapshot.folder.name}"
        known = ", ".join(sorted(set(plan["scenario"])))
        raise InputError([Problem(place, f"no scenario {name!r}", f"one of {known}", "name one of these")])
    return PublishedPlan(
        snapshot.read("assumptions"), plan[plan["scenario"] == name], bridge[bridge["scenario"] == name]
    )


def changes_since(
    folder: Path, measure: str, scenario: str, tables: Mapping[str, pd.DataFrame], dimensions: Sequence[str]
) -> pd.DataFrame | None:
    """What changed from the headline of the round in `folder` to this round's, assumption by assumption.

    Only an earlier *round* is compared here: it is an input like any other, so the same inputs give the
    same bytes. Earlier versions of this round are compared on demand (`alignment changes`).

    Returns
    -------
    DataFrame or None
        See `what_changed`; None where the earlier round counts something else or cannot be read.
    """
    snapshot = Snapshot(folder)
    try:
        if snapshot.manifest.get("measure") != measure or snapshot.dimensions != tuple(dimensions):
            return None
        before = published_plan(snapshot)
    except InputError:
        return None
    plan, bridge = tables["plan"], tables["bridge"]
    after = PublishedPlan(
        tables["assumptions"], plan[plan["scenario"] == scenario], bridge[bridge["scenario"] == scenario]
    )
    return what_changed(before, after, dimensions)
