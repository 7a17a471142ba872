"""The tables a round leaves: every plan of the round, its bridge, its odds and its streams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import Notice
from alignment_lib.planning.assumptions import PLANS, Assumption, counted_in
from alignment_lib.planning.evidence import HistoryRecord, gather_evidence, weigh_claims
from alignment_lib.planning.horizon import Horizon
from alignment_lib.planning.plan import Plan, bridge_table, compute_plan, plan_revenue
from alignment_lib.planning.scenarios import Scenario, choose_rows
from alignment_lib.planning.simulation import QUANTILES, Odds, draw_values, levels_with_targets, odds_table, simulate_plan
from alignment_lib.planning.streams import stream_table

__all__ = ["RoundPlans", "plan_every_scenario"]


@dataclass(frozen=True)
class RoundPlans:
    """Tables of the contract that planning makes, and what was noticed on the way.

    Attributes
    ----------
    tables : dict of str to DataFrame
        ``plan, bridge, odds, evidence, streams``.
    notices : tuple of Notice
        Volume owed or not to be had, claims without a price.
    """

    tables: dict[str, pd.DataFrame]
    notices: tuple[Notice, ...]


def plan_every_scenario(
    horizon: Horizon,
    register: Sequence[Assumption],
    scenarios: Mapping[str, Scenario],
    targets: pd.DataFrame,
    seed: int,
    records: Mapping[str, HistoryRecord] | None = None,
) -> RoundPlans:
    """Work out the three plans and every named scenario.

    Parameters
    ----------
    horizon : Horizon
        Grid, samples and actuals of closed periods.
    register : sequence of Assumption
        Every assumption of the round, whatever its status.
    scenarios : mapping of str to Scenario
        The workspace's own.
    targets : DataFrame
        ``label``, the dimensions, ``target`` in the plan's measure.
    seed : int
        Of the draws; the same for every scenario.
    records : mapping of str to HistoryRecord, optional
        How well history knows each driver's effect.
    """
    evidence = gather_evidence(horizon.grid, register, records)
    weighted = weigh_claims(evidence)
    drawn = draw_values(register, len(horizon.samples), seed)
    labels = horizon.labels
    plans, bridges, odds = [], [], []
    notices: dict[str, Notice] = {}
    for name in [*PLANS, *sorted(scenarios)]:
        rows, values = choose_rows(register, name, scenarios, weighted)
        plan = compute_plan(horizon.grid, rows, name, values)
        simulated = _simulate(horizon, plan, rows, values, drawn, targets)
        plans.append(_plan_rows(horizon, plan, simulated, labels))
        open_labels = labels[labels["period"] >= horizon.grid.periods[0]].reset_index(drop=True)
        bridges.append(bridge_table(plan, [row.id for row in register], open_labels))
        odds.append(odds_table(plan, simulated, horizon.levels, horizon.spans, targets, horizon.closed))
        notices |= {notice.text: notice for notice in _notices(plan)}
    tables = {
        "plan": pd.concat(plans, ignore_index=True),
        "bridge": pd.concat(bridges, ignore_index=True),
        "odds": pd.concat(odds, ignore_index=True),
        "evidence": evidence,
        "streams": _streams(horizon, register, labels),
    }
    return RoundPlans(tables, tuple(notices.values()))


def _simulate(
    horizon: Horizon,
    plan: Plan,
    rows: Sequence[Assumption],
    values: Mapping[str, float],
    drawn: Mapping[str, np.ndarray],
    targets: pd.DataFrame,
) -> Odds:
    """Simulate with each row's draws moved to the value the scenario uses."""
    shifted = {row.id: drawn[row.id] + values.get(row.id, row.expected) - row.expected for row in rows}
    keep = levels_with_targets(horizon.levels, targets)
    return simulate_plan(plan, horizon.samples, shifted, horizon.levels, horizon.spans, keep)


def _plan_rows(horizon: Horizon, plan: Plan, simulated: Odds, labels: pd.DataFrame) -> pd.DataFrame:
    frame = labels.assign(
        scenario=plan.scenario,
        baseline=horizon.with_closed(plan.grid.baseline).ravel(),
        plan=horizon.with_closed(plan.plan).ravel(),
    )
    for number, name in enumerate(QUANTILES):
        frame[name] = horizon.with_closed(simulated.cells[number]).ravel()
    revenue = plan_revenue(plan)
    if revenue is not None:
        closed = np.full(horizon.closed.shape, np.nan)
        if plan.grid.measure == "revenue":
            closed = horizon.closed
        frame["revenue"] = np.hstack([closed, revenue]).ravel()
    return frame[["scenario", *[name for name in frame.columns if name != "scenario"]]]


def _streams(horizon: Horizon, register: Sequence[Assumption], labels: pd.DataFrame) -> pd.DataFrame:
    values = {"naive": horizon.naive, "baseline": horizon.grid.baseline}
    proposed = [row for row in register if counted_in(row, "as_proposed")]
    for name in ("marketing", "sales"):
        rows = [row for row in proposed if row.function == name]
        values[name] = compute_plan(horizon.grid, rows, name).plan
    accepted = [row for row in register if counted_in(row, "consensus")]
    values["consensus"] = compute_plan(horizon.grid, accepted, "consensus").plan
    return stream_table(labels, {name: horizon.with_closed(value) for name, value in values.items()})


def _notices(plan: Plan) -> list[Notice]:
    measure = plan.grid.measure
    notices = []
    for name, amount in sorted(plan.owed.items()):
        text = f"{name} borrows {amount:,.0f} {measure} from periods after the horizon: owed to later periods"
        notices.append(Notice("owed", text, 1))
    for name, amount in sorted(plan.excess.items()):
        text = f"{name} would take {amount:,.0f} {measure} more than there is; its effect was cut by as much"
        notices.append(Notice("excess", text, 1))
    for name in plan.unpriced:
        text = f"{name} is stated in another measure than the plan and no price is known: it counts nothing"
        notices.append(Notice("unpriced", text, 1))
    return notices
