"""Use case: earlier rounds read back, their claims scored against what was sold since."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from alignment_lib.app.prepared_round import PreparedRound
from alignment_lib.inputs.snapshots import Snapshot, find_rounds
from alignment_lib.planning.assumptions import read_assumptions
from alignment_lib.planning.weighing import OwnerRecord
from alignment_lib.review.outcomes import measure_outcomes
from alignment_lib.review.record import Record, record

__all__ = ["actual_sales", "earlier_rounds", "owner_records", "score_closed_rounds"]


def earlier_rounds(ready: PreparedRound, folders: Iterable[Path | None]) -> tuple[Snapshot, ...]:
    """Published rounds of the unit seen from before the present as-of date, oldest first.

    The folders given are looked into first, then the workspace's own ``rounds/``.
    """
    places = [*folders, ready.workspace.folder / "rounds"]
    found = find_rounds([place for place in places if place is not None], ready.workspace.name)
    return tuple(one for one in found if pd.Timestamp(one.manifest["as_of"]) < ready.round.as_of)


def actual_sales(ready: PreparedRound) -> pd.DataFrame:
    """``period``, the dimensions, ``value``: what was sold up to the wall, in the plan's measure."""
    frame = ready.workspace.tables["sales"][["period", *ready.dimensions, ready.history.measure]]
    texts = {name: frame[name].astype(str) for name in ready.dimensions}
    return frame.assign(**texts).rename(columns={ready.history.measure: "value"})


def score_closed_rounds(ready: PreparedRound, earlier: Iterable[Snapshot]) -> Record | None:
    """What became of every claim of the earlier rounds; None where there are none."""
    actual = actual_sales(ready)
    registers, outcomes = [], []
    for snapshot in earlier:
        register = snapshot.read("assumptions")
        found, _ = measure_outcomes(
            snapshot.round,
            read_assumptions(register, snapshot.dimensions),
            snapshot.read("plan"),
            snapshot.read("bridge"),
            actual,
            list(snapshot.dimensions),
            ready.workspace.calendar,
        )
        verdicts = snapshot.read("evidence").set_index("assumption")["verdict"]
        registers.append(register.assign(round=snapshot.round, verdict=register["id"].map(verdicts)))
        outcomes.append(found)
    if not registers:
        return None
    return record(pd.concat(registers, ignore_index=True), pd.concat(outcomes, ignore_index=True))


def owner_records(found: Record | None) -> dict[str, OwnerRecord]:
    """Each owner role's record in the form in which evidence-weighting takes it."""
    if found is None:
        return {}
    owners = found.owners[found.owners["group"] == "owner"]
    return {
        str(row["name"]): OwnerRecord(
            int(row["cases"]),
            float(row["realised_share"]),
            float(row["overclaim_error"]),
            bool(row["is_enough"]),
        )
        for row in owners.to_dict("records")
        if pd.notna(row["realised_share"])
    }
