"""A published round made again from what it read: the workspace as it was, the choices as they were."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from alignment_lib.inputs.periods.rounds import Round, parse_round
from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.inputs.snapshots import MANIFEST, Snapshot
from alignment_lib.inputs.workspace import Workspace, name_of_unit
from alignment_lib.rounds.kept.kept_inputs import STORE, find_kept, load_kept

if TYPE_CHECKING:
    from alignment_lib.rounds.preparing.prepared_round import PlanRequest

__all__ = ["NotKept", "kept_workspace", "read_again"]


class NotKept(AlignmentError):
    """A round that cannot be made again, because nobody published it here or what it read is gone."""

    exit_code = 2


def read_again(request: PlanRequest) -> tuple[PlanRequest, Workspace]:
    """What a round read when it was published, and how it was asked for then.

    Parameters
    ----------
    request : PlanRequest
        Names the round; where it lies published, `rounds` or the workspace's own ``rounds/`` says.

    Raises
    ------
    NotKept
        Where the round is not published there, or what it read is not kept.
    InputError
        Where what is kept was altered.
    """
    unit = name_of_unit(request.workspace)
    places = [place for place in (request.rounds, request.workspace / "rounds") if place is not None]
    published = _find(places, request.round, unit)
    if published is None:
        where = " or ".join(str(place) for place in places)
        asked = f"round {request.round} of {unit}" if request.round else "a round named by --round"
        raise NotKept(f"--as-read makes {asked} again, which must lie published in {where}")
    kept = kept_workspace(published, request.workspace, unit)
    if kept is None:
        raise NotKept(
            f"what {request.round} of {unit} read is not kept in {request.workspace / STORE}: it was "
            "published elsewhere, before rounds were kept, or let go; it cannot be made again"
        )
    workspace, planned = kept
    usual = parse_round(planned.name, workspace.settings, workspace.calendar)
    then = published.manifest["parameters"]
    asked_then = replace(
        request,
        as_of=None if usual.as_of == planned.as_of else planned.as_of,
        scenario=then.get("scenario", request.scenario),
        view=then.get("view", request.view),
    )
    return asked_then, workspace


def kept_workspace(published: Snapshot, folder: Path, unit: str) -> tuple[Workspace, Round] | None:
    """The workspace that a published round read, with the round as it saw it; None where it is not kept.

    Raises
    ------
    InputError
        Where what is kept was altered.
    """
    kept = find_kept(folder, published.manifest)
    if kept is None:
        return None
    workspace = load_kept(kept, folder, unit)
    as_of = pd.Timestamp(published.manifest["as_of"])
    return workspace, parse_round(published.round, workspace.settings, workspace.calendar, as_of)


def _find(places: Iterable[Path], round_name: str, unit: str) -> Snapshot | None:
    folders = [place / round_name / unit for place in places] if round_name else []
    return next((Snapshot(folder) for folder in folders if (folder / MANIFEST).is_file()), None)
