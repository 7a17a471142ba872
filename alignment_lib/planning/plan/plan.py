"""A plan: the baseline with drivers and assumptions applied, and the bridge that explains it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from alignment_lib.planning.plan.bridge import Block, add_block, dense
from alignment_lib.planning.plan.effects import OwnEffects
from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.plan.moves import Moved, Repaid, list_repayments, move_volumes
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.claims import Claim
from alignment_lib.planning.register.layout import Layout, lay_out_register

__all__ = [
    "Plan",
    "bridge_table",
    "build_plan",
    "compute_plan",
    "finish_plan",
    "owed_table",
    "plan_revenue",
    "price_change",
]

_ROUNDING = 1e-12
"""A plan this little below zero, relative to its baseline, is zero: rounding of what was taken whole."""

_SAME_PRICE = 0.001
"""Prices closer than this share are the same price."""


@dataclass(frozen=True)
class Plan:
    """One scenario's plan.

    Attributes
    ----------
    scenario : str
        Its name.
    grid : PlanGrid
        What it stands on.
    plan : ndarray, shape (series, periods)
        The plan in the grid's measure.
    blocks : dict of str to (rows, effect)
        Net effect by contributor (an assumption id or ``driver:<column>``): the series it touches and
        the effect there. All of them sum to plan less baseline.
    values : dict of str to float
        The value every counted row has in this plan.
    owed, excess : dict of str to float
        Volume borrowed from beyond the horizon, and volume no donor could give, by assumption.
    unpriced : tuple of str
        Assumptions that count nothing because no price or rate is known to convert them.
    claims, own, moved, debts, void
        The workings, for simulation and explanations; `debts` is what earlier rounds borrowed from these
        periods and is repaid in them, `void` the cells in which losses were given back, shape (series,
        periods), None where there are none.
    """

    scenario: str
    grid: PlanGrid
    plan: np.ndarray
    blocks: dict[str, Block]
    values: dict[str, float]
    owed: dict[str, float]
    excess: dict[str, float]
    unpriced: tuple[str, ...]
    claims: tuple[Claim, ...] = field(repr=False)
    own: OwnEffects = field(repr=False)
    moved: Moved = field(repr=False)
    debts: dict[str, np.ndarray] = field(repr=False, default_factory=dict)
    void: np.ndarray | None = field(repr=False, default=None)

    @cached_property
    def price_factor(self) -> np.ndarray:
        """What claims do to revenue per unit, beside the price calendar, shape (series, periods)."""
        return _price_factor(self.grid, self.claims, self.values)

    @cached_property
    def effects(self) -> dict[str, np.ndarray]:
        """Net effect by contributor over the whole grid, shape (series, periods) each."""
        return {name: dense(block, self.grid.baseline.shape) for name, block in self.blocks.items()}


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
    layout = lay_out_register(grid, assumptions)
    return build_plan(layout, {row.id: row.expected for row in assumptions} | dict(values or {}), scenario)


def build_plan(layout: Layout, values: Mapping[str, float], scenario: str) -> Plan:
    """The plan in which the rows named in `values` count, at those values."""
    claims, own, _ = layout.work_out(values)
    return finish_plan(layout, values, scenario, claims, own)


def finish_plan(
    layout: Layout, values: Mapping[str, float], scenario: str, claims: Sequence[Claim], own: OwnEffects
) -> Plan:
    """Move volumes, add up and price a plan whose own effects are worked out."""
    grid = layout.grid
    moved = move_volumes(grid, claims, own)
    plan = grid.baseline.copy()
    for block in moved.blocks.values():
        add_block(plan, block)
    blocks, void, given_back = _without_void_losses(grid, plan, own, moved.blocks)
    debts, unpaid = _debts(grid, plan)
    for amount in debts.values():
        plan += amount
    plan[(plan < 0) & (plan > -_ROUNDING * (1.0 + np.abs(grid.baseline)))] = 0.0
    excess = {
        name: sum(found.get(name, 0.0) for found in (own.excess, moved.excess, unpaid, void))
        for name in own.excess | moved.excess | unpaid | void
    }
    counted = {name: float(values[name]) for name in sorted(values) if name in layout.claims}
    return Plan(
        scenario=scenario,
        grid=grid,
        plan=plan,
        blocks=_with_debts(blocks, debts),
        values=counted,
        owed={name: sum(part.total for part in parts) for name, parts in moved.owed.items()},
        excess=excess,
        unpriced=tuple(name for name in counted if not layout.claims[name]),
        claims=tuple(claims),
        own=own,
        moved=moved,
        debts=debts,
        void=given_back,
    )


def _without_void_losses(
    grid: PlanGrid, plan: np.ndarray, own: OwnEffects, blocks: dict[str, Block]
) -> tuple[dict[str, Block], dict[str, float], np.ndarray | None]:
    """Give back losses of sales that never came, where they would take a cell below zero; changes `plan`.

    A loss in percent takes its part of a gain that then turns out not to be had, because nobody could give
    the volume. What the two together take more than there is, is no loss: the rows that lose share it.
    """
    floor = -_ROUNDING * (1.0 + np.abs(grid.baseline))
    below = np.where((grid.baseline >= 0) & (plan < floor), plan, 0.0)
    names = [name for name in own.blocks if not name.startswith("driver:")]
    if not below.any():
        return blocks, {}, None
    lost = {name: np.minimum(dense(own.blocks[name], plan.shape), 0.0) for name in names}
    total = sum(lost.values(), np.zeros(plan.shape))
    share = np.minimum(np.divide(below, total, out=np.zeros_like(plan), where=total < 0), 1.0)
    result, void, touched = dict(blocks), {}, np.zeros(plan.shape, dtype=bool)
    for name in names:
        back = -lost[name] * share
        if back.any():
            whole = dense(blocks[name], plan.shape) + back
            rows = np.union1d(blocks[name][0], np.flatnonzero(back.any(axis=1)))
            result[name], void[name] = (rows, whole[rows]), float(back.sum())
            plan += back
            touched |= back > 0
    return result, void, touched if touched.any() else None


def _debts(grid: PlanGrid, before: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """What earlier rounds borrowed from these periods, and what of it the plan has not got to give."""
    if not grid.owed_before:
        return {}, {}
    asked = sum((-amount for amount in grid.owed_before.values()), np.zeros(before.shape))
    available = np.maximum(before, 0.0)
    kept = np.divide(available, asked, out=np.ones_like(available), where=asked > available)
    paid = {name: amount * kept for name, amount in sorted(grid.owed_before.items())}
    short = {name: float((paid[name] - amount).sum()) for name, amount in grid.owed_before.items()}
    return paid, {name: amount for name, amount in short.items() if amount > 0}


def _with_debts(blocks: dict[str, Block], debts: Mapping[str, np.ndarray]) -> dict[str, Block]:
    """Debts under the id that borrowed."""
    result = dict(blocks)
    for name, amount in debts.items():
        whole = amount + dense(result[name], amount.shape) if name in result else amount
        rows = np.flatnonzero(whole.any(axis=1))
        result[name] = (rows, whole[rows])
    return result


def _price_factor(grid: PlanGrid, claims: Sequence[Claim], values: Mapping[str, float]) -> np.ndarray:
    """Prices follow claims that state a price; the price calendar is in the grid already."""
    factor = np.ones(grid.baseline.shape)
    for claim in claims:
        change = price_change(grid, claim, values[claim.row.id])
        if change is not None:
            factor[claim.series] *= 1.0 + change
    return factor


def price_change(grid: PlanGrid, claim: Claim, value: float) -> np.ndarray | None:
    """What a claim at a value does to revenue per unit beside the price calendar; None where nothing.

    A promotion's depth lowers the price but in cells where the price calendar shows a cut: there the
    calendar holds the promotion's price already. A stated price change counts only in cells where the
    calendar still shows the last known price; where the calendar has moved, it holds the change.

    Returns
    -------
    ndarray, shape (series of the claim, periods), or None
        As a decimal.
    """
    if claim.fixed:
        return None
    shape = (len(claim.series), len(claim.strength))
    if claim.row.kind == "promotion" and claim.row.depth_paid:
        return np.where(
            _cut_by_calendar(grid, claim), 0.0, np.broadcast_to(-claim.row.depth_paid * claim.cover, shape)
        )
    change = claim.row.price_effect(value)
    if not change:
        return None
    return np.where(
        _held_by_calendar(grid, claim), 0.0, change * np.asarray(claim.per_value) * claim.strength
    )


def _held_by_calendar(grid: PlanGrid, claim: Claim) -> np.ndarray:
    """Cells of the claim in which the price calendar departs from the last known price."""
    speaks = any(grid.driver_kinds.get(name) == "price" for name in claim.covers)
    if not claim.row.states_price or not speaks or grid.price is None or grid.last_price is None:
        return np.zeros((1, 1), dtype=bool)
    now, last = grid.price[claim.series], grid.last_price[claim.series]
    return np.asarray(np.abs(now - last) > _SAME_PRICE * np.abs(last))


def _cut_by_calendar(grid: PlanGrid, claim: Claim) -> np.ndarray:
    """Cells of the claim in which the price calendar lies below what the series usually costs."""
    if "price" not in grid.driver_kinds.values() or grid.price is None:
        return np.zeros((1, 1), dtype=bool)
    return np.asarray(grid.price[claim.series] < (1.0 - _SAME_PRICE) * grid.usual_price[claim.series, None])


def plan_revenue(plan: Plan) -> np.ndarray | None:
    """Revenue of the plan, shape (series, periods), where a price is known; None where none is.

    A plan whose measure is revenue is its own answer.
    """
    if plan.grid.measure == "revenue":
        return plan.plan
    if plan.grid.price is None:
        return None
    return np.asarray(plan.plan * plan.grid.price * plan.price_factor)


def owed_table(plan: Plan) -> pd.DataFrame:
    """What the plan's claims borrow from later periods, within the horizon and after it.

    Parameters
    ----------
    plan : Plan
        Of any scenario.

    Returns
    -------
    DataFrame
        ``assumption, borrowed`` (first day of the period that sells it), ``period`` (first day of the period
        it comes off), the dimensions, ``owed`` (positive), ``beyond`` (whether that period lies after the
        horizon). Each repayment is split over the periods that borrowed in proportion to what they
        borrowed, so that a later round can take over exactly the part whose sales have been made.
    """
    grid = plan.grid
    columns = ["assumption", "borrowed", "period", *grid.dimensions, "owed", "beyond"]
    found = list_repayments(grid, plan.moved)
    if not found:
        return pd.DataFrame(columns=columns)
    parts = [_repayments(repaid) for _, repaid in found]
    series, source, target, owed = (np.concatenate([part[at] for part in parts]) for at in range(4))
    names = np.concatenate(
        [np.repeat(name, len(part[0])) for (name, _), part in zip(found, parts, strict=True)]
    )
    last = max(int(target.max(initial=0)) + 1, len(grid.periods))
    periods = grid.calendar.range(grid.periods[0], last)
    frame = grid.keys.iloc[series].reset_index(drop=True)
    frame = frame.assign(
        assumption=names,
        borrowed=periods.to_numpy()[source],
        period=periods.to_numpy()[target],
        owed=owed,
        beyond=target >= len(grid.periods),
    )
    return frame[columns]


def _repayments(repaid: Repaid) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Series, period that borrowed, period that repays and volume, for all that is not zero."""
    total = repaid.borrowed.sum(axis=1, keepdims=True)
    shares = np.divide(repaid.borrowed, total, out=np.zeros_like(repaid.borrowed), where=total != 0)
    amount = shares[:, :, None] * repaid.amount[:, None, :]
    series, source, target = np.nonzero(amount)
    return repaid.series[series], source, repaid.first + target, amount[series, source, target]


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
    names = sorted(set(listed) | set(plan.blocks))
    columns = ["scenario", "assumption", *labels.columns, "effect"]
    width = plan.plan.shape[1]
    picked, effects = [], []
    for name in names:
        rows, block = plan.blocks.get(name, (np.array([0]), np.zeros((1, width))))
        at, period = np.nonzero(block)
        cells = rows[at] * width + period
        picked.append(cells if len(cells) else np.array([0]))
        effects.append(block[at, period] if len(cells) else np.array([0.0]))
    if not names:
        return pd.DataFrame(columns=columns)
    frame = labels.iloc[np.concatenate(picked)].reset_index(drop=True)
    frame["assumption"] = np.repeat(names, [len(part) for part in picked])
    frame["effect"] = np.concatenate(effects)
    return frame.assign(scenario=plan.scenario)[columns]
