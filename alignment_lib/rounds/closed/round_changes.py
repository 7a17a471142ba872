"""Use case: two published plans of a unit set beside each other, assumption by assumption, in money."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.inputs.snapshots import MANIFEST, Snapshot
from alignment_lib.planning.round.changes import what_changed
from alignment_lib.rounds.closed.previous_round import find_previous, published_plan
from alignment_lib.rounds.files.versions import find_versions
from alignment_lib.rounds.round_life import ChosenRound

__all__ = ["Comparison", "compare_plans"]


class NothingToCompare(AlignmentError):
    """There is no earlier plan of that name, or it counts something else."""

    exit_code = 2


@dataclass(frozen=True)
class Comparison:
    """What changed from one plan to another.

    Attributes
    ----------
    heading : str
        Which plans, in a sentence.
    currency : str
        Code of the money column.
    table : DataFrame
        See `what_changed`.
    """

    heading: str
    currency: str
    table: pd.DataFrame


def compare_plans(chosen: ChosenRound, since: str = "", scenario: str = "") -> Comparison:
    """Compare the plan now published with an earlier one of the same unit.

    Parameters
    ----------
    chosen : ChosenRound
        The round.
    since : str
        Number of an earlier version of it, or name of an earlier round beside it; by default the newest
        earlier version, else the round before.
    scenario : str
        Plan to compare; by default the headline of each.

    Raises
    ------
    NothingToCompare
        Where there is no such plan, or the two count different things.
    """
    now = Snapshot(chosen.folder / chosen.unit)
    before = _find(chosen, since)
    for key in ("measure", "dimensions"):
        if before.manifest.get(key) != now.manifest.get(key):
            raise NothingToCompare(
                f"the earlier plan has {key} {before.manifest.get(key)}, this one "
                f"{now.manifest.get(key)}: they cannot be compared"
            )
    table = what_changed(published_plan(before, scenario), published_plan(now, scenario), now.dimensions)
    measure, currency = str(now.manifest["measure"]), str(now.manifest["currency"])
    heading = (
        f"{chosen.name}, {scenario or now.manifest['scenario']}: from {_wording(before)} to {_wording(now)}, "
        f"over the periods both plan, in {currency if measure == 'revenue' else measure}"
    )
    return Comparison(heading, currency, table)


def _find(chosen: ChosenRound, since: str) -> Snapshot:
    versions = {one.folder.name: one for one in find_versions(chosen.folder, chosen.unit)}
    other = chosen.folder.parent / since / chosen.unit
    if since in versions:
        return versions[since]
    if since.isalnum() or "-" in since:
        if (other / MANIFEST).is_file() and other.parent != chosen.folder:
            return Snapshot(other)
    elif not since and versions:
        return next(iter(versions.values()))
    elif not since:
        previous = find_previous(chosen.folder.parent, chosen.folder.name, chosen.unit)
        if previous is not None:
            return Snapshot(previous)
    known = ", ".join(versions) or "no earlier version of it"
    asked = f"plan {since!r}" if since else "earlier plan"
    raise NothingToCompare(f"there is no {asked} of {chosen.name} to compare with; there is: {known}")


def _wording(snapshot: Snapshot) -> str:
    folder = Path(snapshot.folder)
    name = f"version {folder.name}" if folder.name.isdigit() else str(snapshot.manifest["round"])
    return f"{name} (as of {snapshot.manifest['as_of']})"
