"""What each assumption does to the baseline before anything is moved between products or periods.

``plan = baseline × Π(1 + effect) + Σ volumes``: percent effects multiply, volumes add. The known driver
calendar enters as factors too. Where a claim covers a driver's effect the claim states the whole
effect: with driver factor D over the period and a claim of effect e on a share c of its days at
strength s, the period's factor is 1 + s·e + (1 - c)·(D - 1) in place of D. The bridge then shows the
driver at what history supports and the claim at the difference, and nothing counts twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from alignment_lib.planning.plan.bridge import Block, add_block, dense, log_mean, split_logs
from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.register.claims import Claim
from alignment_lib.planning.register.driver_cover import covered_drivers

__all__ = [
    "DriverLogs",
    "OwnEffects",
    "claim_logs",
    "claim_volume",
    "combine_effects",
    "count_sharing",
    "covered_drivers",
    "driver_logs",
]


@dataclass(frozen=True)
class DriverLogs:
    """The driver calendar as logarithms of factors.

    Attributes
    ----------
    logs : dict of str to ndarray, shape (series, periods)
        By driver column; their split of each cell's total is the forecast's own.
    added : dict of str to ndarray, shape (series, periods)
        Effects in cells that cannot be scaled (no baseline, or one the calendar takes away whole);
        they are added as they are.
    """

    logs: dict[str, np.ndarray]
    added: dict[str, np.ndarray]


@dataclass(frozen=True)
class OwnEffects:
    """Effects before moves, in the plan's measure.

    Attributes
    ----------
    blocks : dict of str to (rows, effect)
        By contributor, an assumption id or ``driver:<column>``: the series concerned and the additive
        effect there, shape (rows, periods).
    parts : tuple of (rows, effect)
        The same by claim, in the claims' order; what is moved is a share of these.
    product : ndarray, shape (series, periods)
        Baseline times all factors, volumes left out.
    added : dict of str to ndarray, shape (series, periods)
        Driver effects that could not be scaled, by driver; they are in `blocks` too.
    excess : dict of str to float
        Volume that could not be taken because the plan would fall below zero, by assumption.
    """

    blocks: dict[str, Block]
    parts: tuple[Block, ...]
    product: np.ndarray
    added: dict[str, np.ndarray]
    excess: dict[str, float]


def driver_logs(grid: PlanGrid) -> DriverLogs:
    """Factors whose logarithms split the calendar's total effect as the forecast split it.

    With T the baseline plus all driver effects, driver j's logarithm is its effect over L(T, baseline):
    they add up to ln(T / baseline), and the index gives every driver exactly its own effect back.
    """
    if not grid.driver_effects:
        return DriverLogs({}, {})
    total = grid.baseline + sum(grid.driver_effects.values())
    weight = log_mean(total, grid.baseline)
    logs, added = {}, {}
    for name, effect in sorted(grid.driver_effects.items()):
        logs[name] = np.divide(effect, weight, out=np.zeros_like(effect), where=weight != 0)
        left = np.where(weight != 0, 0.0, effect)
        if left.any():
            added[name] = left
    return DriverLogs(logs, added)


def count_sharing(grid: PlanGrid, claims: Sequence[Claim]) -> dict[str, np.ndarray]:
    """How many claims cover each driver in each cell: they share its deduction equally."""
    counts: dict[str, np.ndarray] = {}
    for claim in claims:
        for name in claim.covers:
            if name in grid.driver_effects:
                count = counts.setdefault(name, np.zeros(grid.baseline.shape, dtype=np.int64))
                count[claim.series] += claim.cover > 0
    return counts


def claim_logs(
    claim: Claim, value: float, measure: str, drivers: DriverLogs, sharing: Mapping[str, np.ndarray]
) -> Block:
    """Logarithm of a claim's factor, shape (rows, periods), or (1, periods) where no driver is covered."""
    change = claim.effect_of(value, measure) * np.asarray(claim.per_value) * claim.strength
    covered = [name for name in claim.covers if name in drivers.logs]
    if not covered:
        factor = np.maximum(1.0 + change, 0.0)[None]
    else:
        rows = claim.series
        parts = [drivers.logs[name][rows] / np.maximum(sharing[name][rows], 1) for name in covered]
        excess = np.expm1(np.where(claim.cover > 0, sum(parts), 0.0))
        factor = np.maximum(1.0 + change + (1.0 - claim.cover) * excess, 0.0) / (1.0 + excess)
    with np.errstate(divide="ignore"):
        return claim.series, np.log(factor)


def claim_volume(claim: Claim, value: float) -> Block:
    """A volume claim's effect on each of its cells, shape (rows, periods)."""
    return claim.series, claim.volume_of(value) * claim.mix * claim.strength * claim.per_value


def combine_effects(
    grid: PlanGrid, claims: Sequence[Claim], blocks: Sequence[Block], drivers: DriverLogs
) -> OwnEffects:
    """Own effect of every driver and claim.

    Parameters
    ----------
    grid : PlanGrid
        Baseline, drivers and prices; new products already added.
    claims : sequence of Claim
        The claims that count.
    blocks : sequence of Block
        For each, `claim_logs` of a factor or `claim_volume` of a volume.
    drivers : DriverLogs
        The calendar.
    """
    everywhere = np.arange(len(grid.keys))
    factors: list[Block] = [(everywhere, logs) for logs in drivers.logs.values()]
    at = [number for number, claim in enumerate(claims) if claim.form == "factor" and not claim.is_idle]
    product, effects = split_logs(grid.baseline, factors + [blocks[number] for number in at])
    result: dict[str, Block] = {}
    for name, effect in zip(drivers.logs, effects, strict=False):
        result[f"driver:{name}"] = (everywhere, effect + drivers.added.get(name, 0.0))
    volumes = {number: blocks[number] for number, claim in enumerate(claims) if claim.form == "volume"}
    parts: dict[int, Block] = {
        number: (blocks[number][0], effect)
        for number, effect in zip(at, effects[len(factors) :], strict=True)
    }
    total = product + sum((*drivers.added.values(), *grid.owed_before.values()), np.zeros((1, 1)))
    volumes, cut = _keep_above_zero(total, grid.baseline, claims, parts, volumes)
    parts |= volumes
    parts |= {
        number: (claim.series, np.zeros((len(claim.series), len(grid.periods))))
        for number, claim in enumerate(claims)
        if number not in parts
    }
    excess: dict[str, float] = {}
    for number, claim in enumerate(claims):
        name = claim.row.id
        result[name] = _merge(grid, result[name], parts[number]) if name in result else parts[number]
        if number in cut:
            excess[name] = excess.get(name, 0.0) + cut[number]
    return OwnEffects(
        result, tuple(parts[number] for number in range(len(claims))), product, drivers.added, excess
    )


def _merge(grid: PlanGrid, first: Block, second: Block) -> Block:
    rows = np.union1d(first[0], second[0])
    whole = dense(first, grid.baseline.shape)
    add_block(whole, second)
    return rows, whole[rows]


def _keep_above_zero(
    total: np.ndarray,
    baseline: np.ndarray,
    claims: Sequence[Claim],
    factors: Mapping[int, Block],
    volumes: dict[int, Block],
) -> tuple[dict[int, Block], dict[int, float]]:
    """Cut negative volumes where together they would take the plan below zero, all in proportion.

    Gains that may yet be cut, because nobody can give or lend them, carry no loss. Series whose
    baseline is itself below zero (returns) are left alone.
    """
    if not any((block < 0).any() for _, block in volumes.values()):
        return volumes, {}
    total, taken = total.copy(), np.zeros_like(total)
    for number, (rows, block) in factors.items():
        if claims[number].uncertain_share:
            total[rows] -= np.maximum(block, 0.0) * claims[number].uncertain_share
    for number, (rows, block) in volumes.items():
        total[rows] += block - np.maximum(block, 0.0) * claims[number].uncertain_share
        taken[rows] += np.minimum(block, 0.0)
    below = np.where(baseline >= 0, np.minimum(total, 0.0), 0.0)
    kept = np.maximum(1.0 - np.divide(below, taken, out=np.zeros_like(total), where=taken < 0), 0.0)
    result, excess = {}, {}
    for number, (rows, block) in volumes.items():
        reduced = np.where(block < 0, block * kept[rows], block)
        result[number] = (rows, reduced)
        lost = float((reduced - block).sum())
        if lost > 0:
            excess[number] = lost
    return result, excess
