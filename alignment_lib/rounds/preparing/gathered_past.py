"""Use case: what the past says of every claim of a round, and how far its owner's word has come true."""

from __future__ import annotations

import pandas as pd

from alignment_lib.forecasting.effects.drivers.scales import natural_scale
from alignment_lib.forecasting.effects.engine import DriverEffects
from alignment_lib.planning.evidence.driver_readings import claim_events
from alignment_lib.planning.evidence.event_study import study_event
from alignment_lib.planning.evidence.past import Past, Reading
from alignment_lib.planning.evidence.readings import read_register
from alignment_lib.planning.evidence.weighing import WeighedRegister, weigh_evidence
from alignment_lib.rounds.closed.closed_rounds import earlier_rounds, owner_records, score_closed_rounds
from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = ["events_of_claims", "gather_past", "read_claims", "weigh_claims"]

_MOST_DRAWN = 6


def gather_past(ready: PreparedRound) -> Past:
    """Everything evidence is drawn from, as it was known at the round's as-of date."""
    tables, known = ready.workspace.tables, ready.effects or DriverEffects()
    is_whole = known.cleansed.shape == ready.history.values.shape
    return Past(
        history=ready.history,
        effects=known.effects,
        events=known.events,
        cleansed=known.cleansed if is_whole else None,
        drivers=_scaled(ready),
        research=tables.get("research"),
        funnel=tables.get("funnel"),
        experiments=tables.get("experiments"),
    )


def _scaled(ready: PreparedRound) -> pd.DataFrame | None:
    """The driver calendar on the scale on which effects were measured."""
    drivers, settings = ready.workspace.tables.get("drivers"), ready.workspace.settings
    if drivers is None or settings.drivers is None:
        return drivers
    kinds = {name: column.kind for name, column in settings.drivers.columns.items()}
    first_unknown = ready.workspace.calendar.shift(ready.history.periods[-1], 1)
    return natural_scale(drivers, kinds, first_unknown)[0]


def read_claims(ready: PreparedRound) -> dict[str, Reading]:
    """What the past says of every row of the register, by id."""
    return read_register(ready.horizon.grid, ready.register, gather_past(ready))


def events_of_claims(ready: PreparedRound) -> dict[str, pd.DataFrame]:
    """Past events that each claim of the horizon resembles, and the course of the latest six of each.

    Returns
    -------
    dict of str to DataFrame
        ``claim_events``: ``assumption, event`` (which course is its own) and the columns of `claim_events`;
        ``event_courses``: ``event`` and the columns of `study_event`, where the model speaks of every period.
    """
    past, effects, history = gather_past(ready), ready.effects, ready.history
    ahead = [row for row in ready.register if row.end >= ready.round.first_open]
    found = {row.id: claim_events(ready.horizon.grid, row, past) for row in ahead}
    tables = [table.assign(assumption=name) for name, table in found.items() if len(table)]
    if not tables:
        return {}
    events = pd.concat(tables, ignore_index=True)
    keys = events.drop(columns="assumption").apply(tuple, axis=1)
    events.insert(0, "event", pd.factorize(keys)[0])
    if effects is None or effects.expected.shape != history.values.shape:
        return {"claim_events": events}
    latest = events.groupby("assumption", sort=False).tail(_MOST_DRAWN).drop_duplicates("event")
    courses = [
        study_event(history, effects.expected, effects.without, event).assign(event=event["event"])
        for event in latest.to_dict("records")
    ]
    return {"claim_events": events, "event_courses": pd.concat(courses, ignore_index=True)}


def weigh_claims(ready: PreparedRound) -> WeighedRegister:
    """Every row beside its evidence and at its weighted value: the same for reports, notebooks and pages."""
    scored = score_closed_rounds(ready, earlier_rounds(ready, [ready.rounds]))
    share = ready.workspace.settings.plan.materiality_share
    return weigh_evidence(
        ready.horizon.grid, ready.register, read_claims(ready), owner_records(scored), share
    )
