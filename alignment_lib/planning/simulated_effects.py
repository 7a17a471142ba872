"""What drawn values do to each cell: factors draw by draw, volumes and moves by their strength."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from alignment_lib.planning.claims import Claim
from alignment_lib.planning.plan import Plan

__all__ = ["DrawnEffects", "draw_effects"]


@dataclass(frozen=True)
class _Factor:
    """A percent claim with a range: its members and its factor over the planned one, by period and draw."""

    member: np.ndarray
    periods: np.ndarray
    ratio: np.ndarray


@dataclass(frozen=True)
class DrawnEffects:
    """Everything a draw needs beside the sampled baseline.

    Attributes
    ----------
    draws : int
        How many.
    order : ndarray of int, shape (series,)
        Series ordered such that those under the same ranged factors lie together.
    pattern : ndarray of int, shape (series,)
        Which set of ranged factors each series is under.
    growth : ndarray, shape (series, periods)
        Planned product over baseline.
    factors : tuple
        Ranged factors.
    fixed : ndarray, shape (series, periods)
        What is added in every draw alike.
    terms : tuple of (rows, block, strength)
        What is added in proportion to a strength, shape (draws,).
    """

    draws: int
    order: np.ndarray
    pattern: np.ndarray
    growth: np.ndarray
    factors: tuple[_Factor, ...]
    fixed: np.ndarray
    terms: tuple[tuple[np.ndarray, np.ndarray, np.ndarray], ...]

    def multiply(self, chunk: np.ndarray, rows: np.ndarray) -> None:
        """Apply the factors to sampled sales, shape (rows, periods, draws), in place."""
        chunk *= self.growth[rows].astype(np.float32)[:, :, None]
        for pattern in np.unique(self.pattern[rows]):
            at = np.flatnonzero(self.pattern[rows] == pattern)
            ratio = self._ratio(rows[at[0]], chunk.shape[1])
            if ratio is None:
                continue
            if len(at) == len(rows):
                chunk *= ratio[None]
            else:
                chunk[at] *= ratio[None]

    def _ratio(self, series: int, periods: int) -> np.ndarray | None:
        inside = [factor for factor in self.factors if factor.member[series]]
        if not inside:
            return None
        ratio = np.ones((periods, self.draws), dtype=np.float32)
        for factor in inside:
            ratio[factor.periods] *= factor.ratio
        return ratio

    def add(self, chunk: np.ndarray, rows: np.ndarray) -> None:
        """Add volumes and moves, in place."""
        size = len(rows) * chunk.shape[1]
        picked = [(self.fixed[rows], np.ones(self.draws))] if self.fixed[rows].any() else []
        place = np.full(len(self.pattern), -1)
        place[rows] = np.arange(len(rows))
        for members, block, strength in self.terms:
            inside = place[members] >= 0
            if inside.any() and block[inside].any():
                spread = np.zeros((len(rows), chunk.shape[1]))
                spread[place[members[inside]]] = block[inside]
                picked.append((spread, strength))
        if picked:
            blocks = np.stack([block.reshape(size) for block, _ in picked], axis=1).astype(np.float32)
            strengths = np.stack([strength for _, strength in picked]).astype(np.float32)
            touched = np.flatnonzero(blocks.any(axis=1))
            flat = chunk.reshape(size, self.draws)
            if len(touched) == size:
                flat += blocks @ strengths
            else:
                flat[touched] += blocks[touched] @ strengths


def draw_effects(plan: Plan, values: Mapping[str, np.ndarray], draws: int) -> DrawnEffects:
    """Prepare the draws of a plan's claims.

    Parameters
    ----------
    plan : Plan
        Its claims and workings.
    values : mapping of str to ndarray, shape (draws,)
        Drawn values by id.
    draws : int
        How many where no row is drawn.
    """
    draws = max([draws, *(len(drawn) for drawn in values.values())])
    grid = plan.grid
    sold = grid.baseline != 0
    growth = np.divide(plan.own.product, grid.baseline, out=np.ones_like(grid.baseline), where=sold)
    ranged = {name: _cycle(drawn, draws) for name, drawn in values.items() if np.ptp(drawn) > 0}
    factors = []
    for claim in plan.claims:
        if claim.form == "factor" and not claim.fixed and claim.row.id in ranged:
            factor = _factor(plan, claim, ranged[claim.row.id])
            if factor is not None:
                factors.append(factor)
    members = np.array([factor.member for factor in factors]).reshape(len(factors), len(grid.keys))
    _, pattern = np.unique(members, axis=1, return_inverse=True)
    pattern = np.asarray(pattern).ravel()
    fixed, terms = _terms(plan, ranged)
    if plan.void is not None:
        growth, fixed, terms = _settle_void(plan, plan.void, growth, fixed, terms)
    order = np.lexsort((np.arange(len(pattern)), pattern))
    return DrawnEffects(draws, order, pattern, growth, tuple(factors), fixed, tuple(terms))


def _settle_void(
    plan: Plan,
    void: np.ndarray,
    growth: np.ndarray,
    fixed: np.ndarray,
    terms: list[tuple[np.ndarray, np.ndarray, np.ndarray]],
) -> tuple[np.ndarray, np.ndarray, list[tuple[np.ndarray, np.ndarray, np.ndarray]]]:
    """Cells that the plan leaves with nothing, because losses took more than came: as planned in every draw.

    What the losses void is settled once, at the plan's values, as is what donors cannot give.
    """
    return (
        np.where(void, 0.0, growth),
        np.where(void, plan.plan, fixed),
        [(rows, np.where(void[rows], 0.0, block), strength) for rows, block, strength in terms],
    )


def _cycle(drawn: np.ndarray, draws: int) -> np.ndarray:
    return drawn if len(drawn) == draws else np.resize(drawn, draws)


def _factor(plan: Plan, claim: Claim, drawn: np.ndarray) -> _Factor | None:
    """The claim's factor in each draw over its planned factor, where its strength is not zero.

    Where the claim covers a driver on part of a period's days, the driver's part of the factor is taken
    at its mean over the claim's series. A claim planned at -100 % takes all in every draw.
    """
    active = np.flatnonzero(claim.strength)
    if not len(active) or not len(claim.series):
        return None
    measure, share = plan.grid.measure, float(np.asarray(claim.per_value))
    rest = 1.0 + _uncovered(plan, claim)[active]
    strength = claim.strength[active] * share
    planned = np.maximum(rest + claim.effect_of(plan.values[claim.row.id], measure) * strength, 0.0)
    effects = _effects(claim, drawn, measure)
    found = np.maximum(rest[:, None] + effects[None] * strength[:, None], 0.0)
    kept = planned > 0
    ratio = np.divide(found, planned[:, None], out=np.ones_like(found), where=kept[:, None])
    member = np.zeros(len(plan.grid.keys), dtype=bool)
    member[claim.series] = True
    return _Factor(member, active, ratio.astype(np.float32))


def _uncovered(plan: Plan, claim: Claim) -> np.ndarray:
    """Mean effect of the covered drivers on the days the claim leaves to them, shape (periods,)."""
    names = [name for name in claim.covers if name in plan.grid.driver_effects]
    if not names:
        return np.zeros(len(claim.strength))
    base = plan.grid.baseline[claim.series].sum(axis=0)
    effect = sum(plan.grid.driver_effects[name][claim.series].sum(axis=0) for name in names)
    mean = np.divide(effect, base, out=np.zeros_like(base), where=base > 0)
    return np.asarray(np.where(claim.cover > 0, (1.0 - claim.cover) * mean, 0.0))


def _effects(claim: Claim, drawn: np.ndarray, measure: str) -> np.ndarray:
    """Decimal effect of every drawn percent value; straight unless an elasticity bends it."""
    row = claim.row
    if not (row.states_price or row.states_indicator):
        first, second = (claim.effect_of(value, measure) for value in (0.0, 1.0))
        return np.asarray(first + (second - first) * drawn)
    change = np.maximum(1.0 + drawn / 100.0, 1e-6)
    power = row.elasticity + (1.0 if measure == "revenue" and row.states_price else 0.0)
    return np.asarray(change**power - 1.0)


def _terms(
    plan: Plan, ranged: Mapping[str, np.ndarray]
) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray, np.ndarray]]]:
    fixed = np.zeros(plan.plan.shape)
    for amount in plan.debts.values():
        fixed += amount
    for amount in plan.own.added.values():
        fixed += amount
    strengths = _strengths(plan, ranged)
    terms: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for claim, (rows, part) in zip(plan.claims, plan.own.parts, strict=True):
        if claim.form == "volume":
            _put(fixed, terms, rows, part, strengths.get(claim.row.id), claim, plan, ranged)
    for name, (rows, change) in plan.moved.moves.items():
        if name in strengths:
            terms.append((rows, change, strengths[name]))
        else:
            fixed[rows] += change
    return fixed, terms


def _put(
    fixed: np.ndarray,
    terms: list[tuple[np.ndarray, np.ndarray, np.ndarray]],
    rows: np.ndarray,
    part: np.ndarray,
    strength: np.ndarray | None,
    claim: Claim,
    plan: Plan,
    ranged: Mapping[str, np.ndarray],
) -> None:
    name = claim.row.id
    if strength is not None:
        terms.append((rows, part, strength))
    elif name in ranged and plan.values[name] == 0.0:
        # Planned at nothing but drawn: one unit of the row's value, times the value drawn.
        terms.append((rows, claim.mix * claim.strength * claim.per_value, ranged[name]))
    else:
        fixed[rows] += part


def _strengths(plan: Plan, ranged: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Drawn effect over planned effect of every ranged row whose planned effect is not zero."""
    result = {}
    for claim in plan.claims:
        name = claim.row.id
        if name not in ranged or claim.fixed:
            continue
        if claim.form == "volume":
            planned, found = plan.values[name], ranged[name]
        else:
            measure = plan.grid.measure
            planned = claim.effect_of(plan.values[name], measure)
            found = _effects(claim, ranged[name], measure)
        if planned != 0:
            result[name] = np.asarray(found / planned)
    return result
