"""Use case: the combinations of assumptions that the report lets its reader switch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from alignment_lib.planning.evidence.weighing import weighted_rows
from alignment_lib.planning.odds.combinations import ACTION, Actions, Question, work_out_combinations
from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.plan.plan import Plan
from alignment_lib.planning.register.assumptions import Assumption, counted_in
from alignment_lib.planning.register.layout import Layout
from alignment_lib.planning.register.scenarios import resolve_scenario
from alignment_lib.planning.round.round_tables import RoundPlans
from alignment_lib.rounds.live.choices import Choices, drop
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.preparing.prepared_round import PreparedRound, correlation_of

__all__ = ["combine_assumptions"]

_MOST_ACTIONS = 3
"""Actions that may be switched off: each takes the place of a claim among the switches."""


def combine_assumptions(
    ready: PreparedRound, plans: RoundPlans, headline: str, live: LiveRound | None = None
) -> dict[str, pd.DataFrame]:
    """Every combination of up to ten switches: the assumptions that move the round most, and their actions.

    Parameters
    ----------
    ready : PreparedRound
        The round.
    plans : RoundPlans
        Its plans.
    headline : str
        The scenario one starts from: what counts there is on, at the values it has there.
    live : LiveRound, optional
        The round as it follows changes: with it actions of the driver calendar may be switched off as well.

    Returns
    -------
    dict of str to DataFrame
        ``draws`` of the round's total in the headline; ``switches`` and ``combinations``, where any
        assumption moves anything.
    """
    weighted = weighted_rows(ready.register, plans.workings["weighing"])
    counted = {row.id: row for row in resolve_scenario(ready.register, headline, ready.scenarios, weighted)}
    others = {row.id: row for row in ready.register if counted_in(row, "as_proposed")}
    rows = tuple(row for _, row in sorted((others | counted).items()))
    moving = _order_by_effect(ready, [plans.plans[headline], plans.plans["as_proposed"]], rows)
    layout = plans.layout_of(headline)
    actions = Actions()
    if live is not None:
        actions = _find_actions(live, live.start_from(headline), moving, rows, layout)
    parts = {name: (name, *([ACTION + name] if name in actions.reach else [])) for name in moving}
    question = Question(
        rows=rows,
        on=frozenset(counted),
        switches=tuple(part for name in moving for part in parts[name]),
        actions=actions,
        round=ready.round.name,
        target=_target(ready),
        seed=ready.workspace.settings.plan.seed,
        correlation=correlation_of(ready.workspace),
    )
    found = work_out_combinations(replace(ready.horizon, grid=layout.grid), layout, question)
    draws = pd.DataFrame({"draw": range(len(found.draws)), "total": found.draws})
    if not len(found.switches):
        return {"draws": draws}
    return {"draws": draws, "switches": found.switches, "combinations": found.table}


def _find_actions(
    live: LiveRound, start: Choices, names: Sequence[str], rows: Sequence[Assumption], layout: Layout
) -> Actions:
    """The actions among claims, in the order of what these move, that the calendar holds, and their reach."""
    held = [name for name in names if live.is_in_calendar(name) and name not in start.dropped]
    held = held[:_MOST_ACTIONS]
    nobody, everyone = (replace(start, on=frozenset(row.id for row in some)) for some in ((), rows))

    def under(dropped: frozenset[str], counted: frozenset[str]) -> Layout:
        return live.layout_of(replace(start, on=counted, dropped=start.dropped | dropped))

    reach = {name: _differing(layout, live.layout_of(drop(nobody, name)).grid) for name in held}
    tied = {name: frozenset(live.keepers(drop(everyone, name))) - {name} for name in held}
    return Actions(reach, tied, under)


def _differing(layout: Layout, other: PlanGrid) -> np.ndarray:
    """Cells of which another calendar says something else, and all cells of the claims that ask it."""
    own = layout.grid
    cells = np.zeros(own.baseline.shape, dtype=bool)
    for name, effect in own.driver_effects.items():
        cells |= effect != other.driver_effects[name]
    if own.price is not None and other.price is not None:
        cells |= ~((own.price == other.price) | (np.isnan(own.price) & np.isnan(other.price)))
    for claims in layout.claims.values():
        for claim in claims:
            own_cells = np.ix_(claim.series, np.flatnonzero((claim.strength != 0) | (claim.cover > 0)))
            asks = claim.covers or (claim.form == "volume" and claim.row.unit != own.measure)
            if asks and cells[own_cells].any():
                cells[own_cells] = True
    return cells


def _order_by_effect(
    ready: PreparedRound, plans: list[Plan], rows: tuple[Assumption, ...]
) -> tuple[str, ...]:
    """Ids of rows that move anything: by what they move in the round, then over the horizon."""
    inside = np.isin(ready.horizon.grid.periods, ready.round.cycle_periods)
    sizes: dict[str, tuple[float, float]] = {}
    for plan in plans:
        for row in rows:
            if row.id in plan.blocks and row.id not in sizes:
                block = plan.blocks[row.id][1]
                if block.any():
                    sizes[row.id] = (-abs(float(block[:, inside].sum())), -abs(float(block.sum())))
    return tuple(sorted(sizes, key=lambda name: (*sizes[name], name)))


def _target(ready: PreparedRound) -> float:
    """The round's target for all sales; NaN where none stands."""
    table = ready.targets
    whole = (table["label"] == ready.round.name) & (table[list(ready.dimensions)] == "").all(axis=1)
    found = table.loc[whole, "target"]
    return float(found.iloc[0]) if len(found) else float("nan")
