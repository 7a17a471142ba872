"""Which units a run with the same inputs and choices has already finished."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.inputs.snapshots import Snapshot, find_rounds
from alignment_lib.planning.acceptance import count_decisions
from alignment_lib.publishing.round_lock import lock_marker
from alignment_lib.publishing.round_log import read_log

if TYPE_CHECKING:
    import pandas as pd

    from alignment_lib.app.batch import BatchRequest

__all__ = ["is_finished"]


def is_finished(request: BatchRequest, folder: Path) -> Path | None:
    """Folder of the unit's snapshot, where one stands that this request would only make again.

    It counts as finished when its inputs still have the hashes its manifest names, it was run with the
    same choices, and every file of it is as published.
    """
    for snapshot in reversed(find_rounds([request.output], unit=folder.name)):
        try:
            if _same_choices(snapshot, request) and _same_inputs(snapshot, folder):
                return None if snapshot.altered_files() else snapshot.folder
        except AlignmentError:
            continue
    return None


def _same_choices(snapshot: Snapshot, request: BatchRequest) -> bool:
    made = snapshot.manifest["parameters"]
    as_of = request.as_of.date().isoformat() if request.as_of is not None else made.get("as_of")
    report = (snapshot.folder / "report.html").exists() or not request.render
    view = made.get("view", request.view)
    asked = (request.round or made.get("round"), as_of, request.scenario, request.view, True)
    if asked != (made.get("round"), made.get("as_of"), made.get("scenario"), view, report):
        return False
    return _same_decisions(snapshot, request.as_of)


def _same_decisions(snapshot: Snapshot, until: pd.Timestamp | None) -> bool:
    """Whether nothing was accepted or rejected since that would count now; a locked round stays as it is."""
    if lock_marker(snapshot.folder.parent, snapshot.folder.name).exists():
        return True
    log = read_log(snapshot.folder.parent, snapshot.folder.name)
    told: dict[str, object] = snapshot.manifest["parameters"].get("decisions_counted", {})
    return count_decisions(log, until) == told


def _same_inputs(snapshot: Snapshot, folder: Path) -> bool:
    hashes = snapshot.manifest["input_hashes"]
    try:
        return all(
            hashlib.sha256((folder / name).read_bytes()).hexdigest() == hashes[name] for name in hashes
        )
    except OSError:
        return False
