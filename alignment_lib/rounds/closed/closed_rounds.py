"""Use case: earlier rounds read back, their claims scored against what was sold since."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.planning.evidence.past_events import outcome_table
from alignment_lib.planning.evidence.weighing import OwnerRecord
from alignment_lib.planning.register.assumptions import Assumption, read_assumptions
from alignment_lib.planning.round.streams import FUNCTIONS, StreamErrors
from alignment_lib.review.outcomes import (
    measure_outcomes,
    outcomes_from_events,
    outcomes_from_prices,
    prefer_outcomes,
)
from alignment_lib.review.record import Record, record
from alignment_lib.review.value_added import value_added
from alignment_lib.rounds.preparing.earlier_plans import find_earlier
from alignment_lib.rounds.preparing.known_round import KnownRound

__all__ = [
    "actual_sales",
    "earlier_rounds",
    "measured_outcomes",
    "owner_records",
    "score_closed_rounds",
    "score_streams",
    "stream_accuracy",
    "written_streams",
]

_BEFORE_PRICE = pd.Timedelta(weeks=4)
"""Over which the price before a change is taken."""

_ROUNDS_FOR_A_RECORD = 2
"""Closed rounds a stream needs at a lag before its accuracy weighs: one alone may be luck."""


def earlier_rounds(ready: KnownRound, folders: Iterable[Path | None]) -> tuple[Snapshot, ...]:
    """Published rounds of the unit seen from before the present as-of date, oldest first.

    The folders given are looked into first, then the workspace's own ``rounds/``. An earlier plan of the
    same round is a version of it, not a round before it.
    """
    return find_earlier(ready.workspace, ready.round, folders)


def actual_sales(ready: KnownRound) -> pd.DataFrame:
    """``period``, the dimensions, ``value``: what was sold up to the wall, in the plan's measure."""
    frame = ready.workspace.tables["sales"][["period", *ready.dimensions, ready.history.measure]]
    texts = {name: frame[name].astype(str) for name in ready.dimensions}
    return frame.assign(**texts).rename(columns={ready.history.measure: "value"})


def score_closed_rounds(ready: KnownRound, earlier: Iterable[Snapshot]) -> Record | None:
    """What became of every claim of the earlier rounds; None where there are none."""
    snapshots = tuple(earlier)
    if not snapshots:
        return None
    actual = actual_sales(ready)
    registers, outcomes = [], []
    for snapshot in snapshots:
        register = snapshot.read("assumptions")
        begun = snapshot.read("plan")["period"].min()
        # What had ended before the round was scored in the round that it was made in.
        register = register[register["end"] >= begun]
        found, _ = measure_outcomes(
            snapshot.round,
            read_assumptions(register, snapshot.dimensions),
            snapshot.read("plan"),
            snapshot.read("bridge"),
            actual,
            list(snapshot.dimensions),
            ready.workspace.calendar,
        )
        found = prefer_outcomes(measured_outcomes(ready, snapshot), found)
        verdicts = snapshot.read("evidence").set_index("assumption")["verdict"]
        registers.append(register.assign(round=snapshot.round, verdict=register["id"].map(verdicts)))
        outcomes.append(found)
    return record(pd.concat(registers, ignore_index=True), pd.concat(outcomes, ignore_index=True))


def measured_outcomes(ready: KnownRound, snapshot: Snapshot) -> pd.DataFrame:
    """What came true of promotions and price changes by the effect methods, where these speak of them."""
    register = snapshot.read("assumptions")
    mechanics = dict(zip(register["id"], register["mechanic"], strict=True)) if "mechanic" in register else {}
    claims = read_assumptions(register, snapshot.dimensions)
    plan = snapshot.read("plan")
    begun = plan["period"].min()
    # A claim that had ended before the round belongs to the round that it was made in.
    ended = [claim for claim in claims if begun <= claim.end < ready.round.first_open]
    parts = []
    effects, drivers = ready.effects, ready.workspace.tables.get("drivers")
    dimensions = list(snapshot.dimensions)
    if effects is not None and len(effects.events):
        events = outcome_table(effects.events)
        parts.append(outcomes_from_events(snapshot.round, ended, events, dimensions, mechanics))
    if effects is not None and len(effects.effects) and drivers is not None:
        rows = effects.effects[effects.effects["effect"] == "elasticity"]
        changes = _price_changes(ready, ended, drivers, rows["driver"].unique())
        parts.append(outcomes_from_prices(snapshot.round, ended, plan, rows, changes, dimensions))
    kept = [part for part in parts if len(part)]
    return pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=["round", "assumption"])


def _price_changes(
    ready: KnownRound, claims: Iterable[Assumption], drivers: pd.DataFrame, columns: Iterable[str]
) -> pd.DataFrame:
    """``assumption, ratio``: mean list price over the claim's dates over that of the weeks before it."""
    rows = []
    for claim in claims:
        inside = pd.Series(claim.kind == "price_change", index=drivers.index)
        for name, value in claim.scope.items():
            if name in drivers:
                inside &= drivers[name].astype("string").fillna("").isin([value, ""])
        for column in (name for name in columns if name in drivers):
            known = drivers[inside & drivers[column].notna()]
            during = known.loc[known["period"].between(claim.start, claim.end), column]
            before = known.loc[
                known["period"].between(claim.start - _BEFORE_PRICE, claim.start, inclusive="left"), column
            ]
            if len(during) and len(before):
                rows.append({"assumption": claim.id, "ratio": float(during.mean() / before.mean())})
    return pd.DataFrame(rows, columns=["assumption", "ratio"])


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


def stream_accuracy(
    ready: KnownRound, earlier: Iterable[Snapshot]
) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """Error of every step of the closed rounds, and what it added; see `value_added`."""
    parts = [written_streams(ready, snapshot).assign(round=snapshot.round) for snapshot in earlier]
    return value_added(
        pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(),
        actual_sales(ready) if parts else pd.DataFrame(),
        list(ready.dimensions),
        ready.workspace.calendar,
        ready.round.cycle,
        ready.workspace.settings.plan.materiality_share,
    )


def written_streams(ready: KnownRound, snapshot: Snapshot) -> pd.DataFrame:
    """Streams of a published round, without those of functions that wrote nothing for it.

    Rounds published before that rule hold such streams, which are the baseline and the driver calendar.
    """
    streams, register = snapshot.read("streams"), snapshot.read("assumptions")
    counted = register[register["status"].isin(["proposed", "accepted"])] if len(register) else register
    wrote = set(counted["function"].astype(str)) if "function" in counted else set()
    begun = pd.Timestamp(snapshot.read("plan")["period"].min())
    own = ready.workspace.tables.get("forecasts")
    for name in FUNCTIONS:
        column = f"{name}_forecast"
        if own is not None and column in own and (own[column].notna() & (own["period"] >= begun)).any():
            wrote.add(name)
    silent = {"marketing", "sales"} - wrote
    return streams[~streams["stream"].isin(silent)]


def score_streams(
    ready: KnownRound, earlier: Iterable[Snapshot], scored: pd.DataFrame | None = None
) -> StreamErrors:
    """How far each stream's total lay off in earlier rounds, by cycles ahead; nothing where too few closed.

    The error is the sum of absolute errors of the total, period by period, over what was sold. `scored` is
    the table of `stream_accuracy`, where it has been worked out already.
    """
    cycle = ready.round.cycle
    scored = stream_accuracy(ready, earlier)[0] if scored is None else scored
    if not len(scored):
        return StreamErrors(cycle)
    total = scored[(scored["level"] == "total") & (scored["span"] == "period")]
    rounds = total[total["round"] != ""].groupby(["stream", "lag"])["round"].nunique()
    pooled = total[total["round"] == ""].set_index(["stream", "lag"])["wape"]
    enough = pooled[rounds.reindex(pooled.index).fillna(0) >= _ROUNDS_FOR_A_RECORD]
    rows = enough.rename("error").reset_index().to_dict("records")
    return StreamErrors(cycle, {(str(row["stream"]), int(row["lag"])): float(row["error"]) for row in rows})
