"""What each assumption does to the baseline before anything is moved between products or periods.

``plan = baseline × Π(1 + effect) + Σ volumes``: percent effects multiply, volumes add. The known driver
calendar enters as factors too. Where a claim covers a driver's effect the claim states the whole
effect, so its factor is divided by the driver's: the bridge then shows the driver at what history
supports and the claim at the difference, and nothing counts twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.planning.assumptions import Assumption
from alignment_lib.planning.bridge import Block, log_mean, split_product
from alignment_lib.planning.grid import PlanGrid, scope_rows
from alignment_lib.planning.timing import period_weights

__all__ = ["OwnEffects", "covered_drivers", "work_out_effects"]

_NAMED_IN_EVIDENCE = re.compile(r"drivers?:\s*([^;.]+)", re.IGNORECASE)
_COVERS_KIND = {"promotion": "promotion", "price_change": "price", "market_shift": "market"}


@dataclass(frozen=True)
class OwnEffects:
    """Effects before moves, in the plan's measure.

    Attributes
    ----------
    blocks : dict of str to (rows, effect)
        By contributor, an assumption id or ``driver:<column>``: the series concerned and the additive
        effect there, shape (rows, periods).
    excess : dict of str to float
        Volume that could not be taken because the plan would fall below zero, by assumption.
    unpriced : tuple of str
        Assumptions stated in another measure for which no price is known; they count nothing.
    """

    blocks: dict[str, Block]
    excess: dict[str, float]
    unpriced: tuple[str, ...] = ()


def covered_drivers(assumption: Assumption, kinds: Mapping[str, str]) -> tuple[str, ...]:
    """Drivers whose calendar effect the claim includes.

    The row's `driver` field says so; else drivers named in its evidence (``drivers: deal, feature``);
    else, for promotions and price changes in percent, every driver of that kind.

    Examples
    --------
    >>> from alignment_lib.planning.assumptions import _example
    >>> kinds = {"deal": "promotion", "price": "price"}
    >>> covered_drivers(_example(fields={"evidence": "drivers: deal"}), kinds)
    ('deal',)
    """
    if assumption.unit != "percent" or assumption.kind not in _COVERS_KIND:
        return ()
    stated = str(assumption.fields.get("driver") or "")
    if not stated:
        match = _NAMED_IN_EVIDENCE.search(str(assumption.fields.get("evidence") or ""))
        stated = match.group(1) if match else ""
    named = tuple(name for name in (part.strip() for part in re.split(r"[,;]", stated)) if name in kinds)
    if named or assumption.kind == "market_shift":
        return named
    return tuple(name for name, kind in kinds.items() if kind == _COVERS_KIND[assumption.kind])


def work_out_effects(
    grid: PlanGrid, assumptions: Sequence[Assumption], values: Mapping[str, float] | None = None
) -> OwnEffects:
    """Own effect of every driver and assumption.

    Parameters
    ----------
    grid : PlanGrid
        Baseline, drivers and prices; new products already added.
    assumptions : sequence of Assumption
        The rows that count.
    values : mapping of str to float, optional
        Values to use in place of `expected`, by id, in the row's own unit.
    """
    values = values or {}
    names, factors = _driver_factors(grid)
    claims = [row for row in assumptions if row.unit == "percent"]
    factors += _claim_factors(grid, claims, values, dict(zip(names, factors, strict=True)))
    names += [row.id for row in claims]
    product, parts = split_product(grid.baseline, factors)
    blocks = {name: (rows, part) for name, (rows, _), part in zip(names, factors, parts, strict=True)}
    _add_unscaled_drivers(grid, blocks)
    volumes, unpriced = _volume_blocks(grid, [row for row in assumptions if row.unit != "percent"], values)
    total = product + sum((_spread(grid, block) for block in volumes.values()), np.zeros_like(product))
    volumes, excess = _keep_above_zero(total, grid.baseline, volumes)
    return OwnEffects(blocks | volumes, excess, tuple(unpriced))


def _driver_factors(grid: PlanGrid) -> tuple[list[str], list[Block]]:
    """Multipliers whose logarithms split the calendar's total effect as the forecast split it."""
    if not grid.driver_effects:
        return [], []
    total = grid.baseline + sum(grid.driver_effects.values())
    weight = log_mean(total, grid.baseline)
    rows = np.arange(len(grid.keys))
    names, factors = [], []
    for name, effect in grid.driver_effects.items():
        log = np.divide(effect, weight, out=np.zeros_like(effect), where=weight != 0)
        names.append(f"driver:{name}")
        factors.append((rows, np.exp(log)))
    return names, factors


def _add_unscaled_drivers(grid: PlanGrid, blocks: dict[str, Block]) -> None:
    """Driver effects where the baseline is zero cannot be factors: they are added as they are."""
    scaled = grid.baseline != 0
    for name, effect in grid.driver_effects.items():
        rows, block = blocks[f"driver:{name}"]
        blocks[f"driver:{name}"] = (rows, np.where(scaled, block, effect))


def _claim_factors(
    grid: PlanGrid, claims: Sequence[Assumption], values: Mapping[str, float], drivers: Mapping[str, Block]
) -> list[Block]:
    weights = [period_weights(grid.calendar, grid.periods, row.start, row.end, row.ramp) for row in claims]
    rows_of = [scope_rows(grid, row.scope) for row in claims]
    covers = [covered_drivers(row, grid.driver_kinds) for row in claims]
    sharing = _count_sharing(grid, rows_of, weights, covers)
    blocks = []
    for row, rows, weight, covered in zip(claims, rows_of, weights, covers, strict=True):
        effect = row.volume_effect(values.get(row.id, row.expected))
        block = np.broadcast_to(np.maximum(1.0 + effect * weight, 0.0), (len(rows), len(weight))).copy()
        for name in covered:
            if f"driver:{name}" in drivers:
                share = np.where(weight > 0, 1.0 / np.maximum(sharing[name][rows], 1), 0.0)
                block /= drivers[f"driver:{name}"][1][rows] ** share
        blocks.append((rows, block))
    return blocks


def _count_sharing(
    grid: PlanGrid,
    rows_of: Sequence[np.ndarray],
    weights: Sequence[np.ndarray],
    covers: Sequence[tuple[str, ...]],
) -> dict[str, np.ndarray]:
    """How many claims cover each driver in each cell: they share its deduction equally."""
    counts = {name: np.zeros(grid.baseline.shape, dtype=int) for name in grid.driver_effects}
    for rows, weight, covered in zip(rows_of, weights, covers, strict=True):
        for name in covered:
            if name in counts:
                counts[name][rows] += weight > 0
    return counts


def _volume_blocks(
    grid: PlanGrid, rows: Sequence[Assumption], values: Mapping[str, float]
) -> tuple[dict[str, Block], list[str]]:
    blocks, unpriced = {}, []
    for row in rows:
        series = scope_rows(grid, row.scope)
        timing = _timing(grid, row)
        mix = _mix(grid, row, series)
        block = values.get(row.id, row.expected) * mix * timing
        if row.unit != grid.measure:
            factor = _conversion(grid, row.unit, series)
            if factor is None or np.isnan(factor[:, timing > 0]).any():
                unpriced.append(row.id)
                block = np.zeros_like(block)
            else:
                block = block * np.nan_to_num(factor)
        blocks[row.id] = (series, block)
    return blocks, unpriced


def _timing(grid: PlanGrid, row: Assumption) -> np.ndarray:
    """Share of the whole volume falling into each period of the grid, by days and ramp."""
    first, last = grid.calendar.floor(pd.DatetimeIndex([row.start, row.end]))
    whole = grid.calendar.between(first, last)
    strength = period_weights(grid.calendar, whole, row.start, row.end, row.ramp)
    length = np.asarray((grid.calendar.ends(whole) - whole).days)
    here = period_weights(grid.calendar, grid.periods, row.start, row.end, row.ramp)
    days = np.asarray((grid.calendar.ends(grid.periods) - grid.periods).days)
    return np.asarray(here * days / (strength * length).sum())


def _mix(grid: PlanGrid, row: Assumption, series: np.ndarray) -> np.ndarray:
    """Share of each series in the volume: by baseline, or by the analog's where the series is new."""
    size = grid.baseline[series].sum(axis=1)
    analog = str(row.fields.get("analog") or "")
    if size.sum() <= 0 and analog:
        size = _analog_size(grid, analog, series)
    if size.sum() <= 0:
        size = np.ones(len(series))
    return np.asarray((size / size.sum())[:, None]) if len(series) else np.zeros((0, 1))


def _analog_size(grid: PlanGrid, analog: str, series: np.ndarray) -> np.ndarray:
    for name in grid.dimensions:
        if (grid.keys[name] == analog).any():
            others = [other for other in grid.dimensions if other != name]
            known = grid.keys.assign(size=grid.baseline.sum(axis=1))[grid.keys[name] == analog]
            if not others:
                return np.full(len(series), float(known["size"].sum()))
            found = grid.keys.iloc[series].merge(known[[*others, "size"]], on=others, how="left")
            return found["size"].fillna(0.0).to_numpy()
    return np.zeros(len(series))


def _conversion(grid: PlanGrid, unit: str, series: np.ndarray) -> np.ndarray | None:
    if grid.price is None:
        return None
    price = grid.price[series]
    known = np.nanmean(grid.price) if np.isfinite(grid.price).any() else np.nan
    price = np.where(np.isfinite(price) & (price > 0), price, known)
    return np.asarray(1.0 / price if unit == "revenue" else price)


def _spread(grid: PlanGrid, block: Block) -> np.ndarray:
    rows, values = block
    full = np.zeros(grid.baseline.shape)
    full[rows] = values
    return full


def _keep_above_zero(
    total: np.ndarray, baseline: np.ndarray, volumes: dict[str, Block]
) -> tuple[dict[str, Block], dict[str, float]]:
    """Cut negative volumes where together they would take the plan below zero, all in proportion."""
    below = np.where(baseline >= 0, np.minimum(total, 0.0), 0.0)
    if not below.any():
        return volumes, {}
    taken = np.zeros_like(total)
    for rows, block in volumes.values():
        taken[rows] += np.minimum(block, 0.0)
    kept = 1.0 - np.divide(below, taken, out=np.zeros_like(total), where=taken < 0)
    cut, excess = {}, {}
    for name, (rows, block) in volumes.items():
        reduced = np.where(block < 0, block * kept[rows], block)
        cut[name] = (rows, reduced)
        lost = float((reduced - block).sum())
        if lost > 0:
            excess[name] = lost
    return cut, excess
