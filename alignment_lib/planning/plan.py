"""A plan: the baseline with drivers and assumptions applied, and the bridge that explains it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.planning.assumptions import Assumption
from alignment_lib.planning.effects import work_out_effects
from alignment_lib.planning.grid import PlanGrid, scope_rows
from alignment_lib.planning.moves import move_volumes
from alignment_lib.planning.timing import period_weights

__all__ = ["Plan", "bridge_table", "compute_plan", "plan_revenue"]


@dataclass(frozen=True)
class Plan:
    """One scenario's plan.

    Attributes
    ----------
    scenario : str
        Its name.
    grid : PlanGrid
        What it stands on.
    effects : dict of str to ndarray, shape (series, periods)
        Net effect by contributor (an assumption id or ``driver:<column>``); they sum to plan less
        baseline.
    plan : ndarray, shape (series, periods)
        The plan in the grid's measure.
    price_factor : ndarray, shape (series, periods)
        What price claims do to the price.
    owed, excess : dict of str to float
        Volume borrowed from beyond the horizon, and volume no donor could give, by assumption.
    unpriced : tuple of str
        Assumptions that count nothing because no price is known to convert them.
    """

    scenario: str
    grid: PlanGrid
    effects: dict[str, np.ndarray]
    plan: np.ndarray
    price_factor: np.ndarray
    owed: dict[str, float]
    excess: dict[str, float]
    unpriced: tuple[str, ...]


def compute_plan(
    grid: PlanGrid,
    assumptions: Sequence[Assumption],
    scenario: str,
    values: Mapping[str, float] | None = None,
) -> Plan:
    """Apply drivers and assumptions to the baseline.

    Parameters
    ----------
    grid : PlanGrid
        Baseline, drivers and prices; new products already added.
    assumptions : sequence of Assumption
        The rows that count in this scenario; their order does not matter.
    scenario : str
        Name given to the plan.
    values : mapping of str to float, optional
        Values to use in place of `expected`, by id.
    """
    rows = sorted(assumptions, key=lambda row: row.id)
    own = work_out_effects(grid, rows, values)
    moved = move_volumes(grid, rows, own.blocks)
    plan = grid.baseline + sum(moved.effects.values(), np.zeros(grid.baseline.shape))
    excess = {
        name: own.excess.get(name, 0.0) + moved.excess.get(name, 0.0) for name in own.excess | moved.excess
    }
    factor = _price_factor(grid, rows, values or {})
    return Plan(scenario, grid, moved.effects, plan, factor, moved.owed, excess, own.unpriced)


def _price_factor(grid: PlanGrid, rows: Sequence[Assumption], values: Mapping[str, float]) -> np.ndarray:
    """Prices follow claims that state a price change; the price calendar is in the grid already."""
    factor = np.ones(grid.baseline.shape)
    for row in rows:
        if row.states_price:
            weight = period_weights(grid.calendar, grid.periods, row.start, row.end, row.ramp)
            factor[scope_rows(grid, row.scope)] *= 1.0 + values.get(row.id, row.expected) / 100.0 * weight
    return factor


def plan_revenue(plan: Plan) -> np.ndarray | None:
    """Revenue of the plan, shape (series, periods), where a price is known; None where none is.

    A plan whose measure is revenue is its own answer.
    """
    if plan.grid.measure == "revenue":
        return plan.plan
    if plan.grid.price is None:
        return None
    return np.asarray(plan.plan * plan.grid.price * plan.price_factor)


def bridge_table(plan: Plan, listed: Sequence[str], labels: pd.DataFrame) -> pd.DataFrame:
    """The bridge as rows: every contributor with its effect in each cell it touches.

    Parameters
    ----------
    plan : Plan
        The scenario's plan.
    listed : sequence of str
        Every id that must appear, those that count nothing with one zero row.
    labels : DataFrame, shape (series x periods, 1 + dimensions)
        ``period`` and the dimensions of each cell, series by series.

    Returns
    -------
    DataFrame
        ``scenario, assumption, period``, the dimensions, ``effect``.
    """
    names = sorted(set(listed) | set(plan.effects))
    parts = []
    for name in names:
        effect = plan.effects.get(name)
        flat = np.zeros(len(labels)) if effect is None else effect.ravel()
        touched = np.flatnonzero(flat)
        rows = touched if len(touched) else np.array([0])
        part = labels.iloc[rows].copy()
        part.insert(0, "assumption", name)
        part["effect"] = flat[rows]
        parts.append(part)
    columns = ["scenario", "assumption", *labels.columns, "effect"]
    if not parts:
        return pd.DataFrame(columns=columns)
    return pd.concat(parts, ignore_index=True).assign(scenario=plan.scenario)[columns]
