"""The round before: found among published rounds, and recalled for the section on what changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.round_names import is_round_name
from alignment_lib.inputs.snapshots import MANIFEST, Snapshot

__all__ = ["find_previous", "recall_round"]

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
