"""Which units a run with the same inputs and choices has already finished."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alignment_lib.inputs.configuration.settings_reader import load_settings
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.periods.rounds import coming_round, parse_round
from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.inputs.snapshots import Snapshot, find_rounds, hash_bytes
from alignment_lib.inputs.workspace import hash_inputs, load_workspace
from alignment_lib.planning.register.acceptance import count_decisions
from alignment_lib.rounds.closed.previous_round import find_previous
from alignment_lib.rounds.files.manifest import code_digest, read_run_notes, read_versions
from alignment_lib.rounds.files.round_lock import lock_marker
from alignment_lib.rounds.files.round_log import read_log
from alignment_lib.rounds.preparing.earlier_plans import find_earlier, plan_of_cycle
from alignment_lib.rounds.preparing.forecast_round import own_model
from alignment_lib.rounds.preparing.prepared_round import SCENARIOS_FILE

if TYPE_CHECKING:
    import pandas as pd

    from alignment_lib.app.batches.request import BatchRequest

__all__ = ["is_finished"]


def is_finished(request: BatchRequest, folder: Path) -> Path | None:
    """Folder of the unit's snapshot, where one stands that this request would only make again.

    It counts as finished when its inputs still have the hashes its manifest names, it was run with the
    same choices, versions and code, the earlier rounds it looked back on are the same, and every file of it
    is as published.
    """
    for snapshot in reversed(find_rounds([request.output], unit=folder.name)):
        try:
            alike = _same_choices(snapshot, request, folder) and _same_inputs(snapshot, folder)
            if alike and _same_past(snapshot, request, folder):
                return None if snapshot.altered_files() else snapshot.folder
        except (AlignmentError, OSError, KeyError, TypeError):
            continue
    return None


def _same_choices(snapshot: Snapshot, request: BatchRequest, folder: Path) -> bool:
    made = snapshot.manifest["parameters"]
    report = (snapshot.folder / "report.html").exists() or not request.render
    view = made.get("view", request.view)
    if (request.scenario, request.view, True) != (made.get("scenario"), view, report):
        return False
    if request.round not in ("", made.get("round")):
        return False
    notes = read_run_notes(snapshot.folder)
    versions = dict(notes.get("versions") or snapshot.manifest["versions"])
    if (versions, notes.get("code")) != (read_versions(), code_digest()):
        return False
    own = own_model(folder, load_settings(folder))
    if made.get("pretrained", "") != (own.digest if own is not None else ""):
        return False
    return _same_round(made, request, folder) and _same_decisions(snapshot, request.as_of)


def _same_round(made: Mapping[str, Any], request: BatchRequest, folder: Path) -> bool:
    """Whether a round or day that is left blank would be the one of the snapshot again."""
    calendar, settings = Calendar(**made["calendar"]), load_settings(folder)
    if request.round:
        planned = parse_round(made["round"], settings, calendar, request.as_of)
    else:
        last = load_workspace(folder).tables["sales"]["period"].max()
        planned = coming_round(settings, calendar, last, request.as_of)
    return (planned.name, f"{planned.as_of:%Y-%m-%d}") == (made["round"], str(made["as_of"]))


def _same_decisions(snapshot: Snapshot, until: pd.Timestamp | None) -> bool:
    """Whether nothing was accepted or rejected since that would count now; a locked round stays as it is."""
    if lock_marker(snapshot.folder.parent, snapshot.folder.name).exists():
        return True
    log = read_log(snapshot.folder.parent, snapshot.folder.name)
    told: dict[str, object] = snapshot.manifest["parameters"].get("decisions_counted", {})
    return count_decisions(log, until) == told


@dataclass(frozen=True)
class _Unit:
    """A unit whose tables need not be read."""

    name: str
    folder: Path
    dimensions: tuple[str, ...]


def _same_past(snapshot: Snapshot, request: BatchRequest, folder: Path) -> bool:
    """Whether the same earlier rounds, versions and signatures would be looked back on."""
    manifest, made = snapshot.manifest, snapshot.manifest["parameters"]
    unit = _Unit(folder.name, folder, snapshot.dimensions)
    planned = parse_round(made["round"], load_settings(folder), Calendar(**made["calendar"]), request.as_of)
    rounds = request.rounds or request.output
    earlier = {one.round: one.hash for one in find_earlier(unit, planned, [rounds])}
    compared = plan_of_cycle(unit, planned, [rounds, request.output], str(manifest["measure"]))
    places = (find_previous(place, made["round"], unit.name) for place in (rounds, folder / "rounds"))
    previous = next((Snapshot(place).hash for place in places if place is not None), None)
    return (earlier, compared.parameters if compared else {}, previous) == (
        made["earlier_rounds"],
        made["compared_plan"],
        manifest.get("previous", {}).get("manifest"),
    )


def _same_inputs(snapshot: Snapshot, folder: Path) -> bool:
    """Whether the very same files and query results would be read, and the same scenarios."""
    now = hash_inputs(folder)
    scenarios = folder / SCENARIOS_FILE
    if scenarios.exists():
        now[SCENARIOS_FILE] = hash_bytes(scenarios.read_bytes())
    return now == dict(snapshot.manifest["input_hashes"])
