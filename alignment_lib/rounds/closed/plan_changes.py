"""Use case: what changed since the last published round, before the present one is published itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.planning.plan.plan import Plan, bridge_table, plan_revenue
from alignment_lib.planning.round.changes import PublishedPlan, what_changed
from alignment_lib.rounds.closed.previous_round import published_plan
from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = ["PlanChanges", "changes_since"]


@dataclass(frozen=True)
class PlanChanges:
    """From the plan of the last round to this one, over the periods both plan.

    Attributes
    ----------
    since : str
        The earlier round.
    table : DataFrame
        `what_changed`.
    """

    since: str
    table: pd.DataFrame


def changes_since(ready: PreparedRound, earlier: Sequence[Snapshot], plan: Plan) -> PlanChanges | None:
    """What moved the plan, claim by claim; None where no earlier round can be compared with.

    Parameters
    ----------
    ready : PreparedRound
        The round.
    earlier : sequence of Snapshot
        Published rounds before it, in order; the last that counts the same sales is compared with.
    plan : Plan
        The round's plan of the scenario that the earlier round had as its headline.
    """
    usable = [
        one
        for one in earlier
        if one.dimensions == ready.dimensions and one.manifest.get("measure") == ready.history.measure
    ]
    if not usable:
        return None
    table = what_changed(published_plan(usable[-1]), _as_published(ready, plan), list(ready.dimensions))
    return PlanChanges(usable[-1].round, table)


def _as_published(ready: PreparedRound, plan: Plan) -> PublishedPlan:
    """The plan in the form in which a published one is read back."""
    listed = [row.id for row in ready.register]
    keys, periods = plan.grid.keys, plan.grid.periods
    labels = keys.astype(str).loc[keys.index.repeat(len(periods))].reset_index(drop=True)
    labels.insert(0, "period", np.tile(periods.to_numpy(), len(keys)))
    cells = labels.assign(baseline=plan.grid.baseline.ravel(), plan=plan.plan.ravel())
    revenue = plan_revenue(plan)
    if revenue is not None:
        cells["revenue"] = revenue.ravel()
    statuses = {row.id: row.status for row in ready.register}
    register = ready.workspace.table("assumptions")
    register = register.assign(status=register["id"].map(statuses))
    return PublishedPlan(register, cells, bridge_table(plan, listed, labels))
