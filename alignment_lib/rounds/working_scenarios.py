"""Use case: the combinations of assumptions that the report lets its reader switch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from alignment_lib.planning.evidence.weighing import weighted_rows
from alignment_lib.planning.odds.combinations import Question, work_out_combinations
from alignment_lib.planning.plan.plan import Plan
from alignment_lib.planning.register.assumptions import Assumption, counted_in
from alignment_lib.planning.register.scenarios import resolve_scenario
from alignment_lib.planning.round.round_tables import RoundPlans
from alignment_lib.rounds.preparing.prepared_round import PreparedRound, correlation_of

__all__ = ["combine_assumptions"]


def combine_assumptions(ready: PreparedRound, plans: RoundPlans, headline: str) -> dict[str, pd.DataFrame]:
    """Every combination of the up to ten assumptions that move the round most.

    Parameters
    ----------
    ready : PreparedRound
        The round.
    plans : RoundPlans
        Its plans.
    headline : str
        The scenario one starts from: what counts there is on, at the values it has there.

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
    question = Question(
        rows=rows,
        on=frozenset(counted),
        switches=moving,
        round=ready.round.name,
        target=_target(ready),
        seed=ready.workspace.settings.plan.seed,
        correlation=correlation_of(ready.workspace),
    )
    layout = plans.layout_of(headline)
    found = work_out_combinations(replace(ready.horizon, grid=layout.grid), layout, question)
    draws = pd.DataFrame({"draw": range(len(found.draws)), "total": found.draws})
    if not len(found.switches):
        return {"draws": draws}
    return {"draws": draws, "switches": found.switches, "combinations": found.table}


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
