"""What drawn values do to each cell: factors draw by draw, volumes and moves by their strength."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, cast

import numpy as np

from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.plan.plan import Plan
from alignment_lib.planning.register.assumptions import bent_effect
from alignment_lib.planning.register.claims import Claim

__all__ = ["DrawnClaims", "DrawnEffects", "draw_effects"]

T = TypeVar("T")


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

    def apply(self, cells: np.ndarray, rows: np.ndarray, scale: float = 1.0) -> None:
        """Factors, volumes and moves on sampled sales, shape (rows, periods, draws), in place.

        Cell by cell and term by term in single precision, always in the same order, so that a cell comes to
        the same to the bit whatever is drawn with it. `scale` is a power of two: what is drawn comes out in
        those parts.
        """
        self._multiply(cells, rows, scale)
        fixed = self.fixed[rows] * scale
        if fixed.any():
            cells += fixed.astype(np.float32)[:, :, None]
        place = np.full(len(self.pattern), -1)
        place[rows] = np.arange(len(rows))
        for members, block, strength in self.terms:
            self._add(cells, place[members], block * scale, strength.astype(np.float32))

    def _multiply(self, cells: np.ndarray, rows: np.ndarray, scale: float) -> None:
        cells *= (self.growth[rows] * scale).astype(np.float32)[:, :, None]
        for pattern in np.unique(self.pattern[rows]):
            at = np.flatnonzero(self.pattern[rows] == pattern)
            ratio = self._ratio(rows[at[0]], cells.shape[1])
            if ratio is None:
                continue
            if len(at) == len(rows):
                cells *= ratio[None]
            else:
                cells[at] *= ratio[None]

    def _ratio(self, series: int, periods: int) -> np.ndarray | None:
        inside = [factor for factor in self.factors if factor.member[series]]
        if not inside:
            return None
        ratio = np.ones((periods, self.draws), dtype=np.float32)
        for factor in inside:
            ratio[factor.periods] *= factor.ratio
        return ratio

    @staticmethod
    def _add(cells: np.ndarray, places: np.ndarray, block: np.ndarray, strength: np.ndarray) -> None:
        active = np.flatnonzero(block.any(axis=0))
        if not len(active):
            return
        span = slice(active[0], active[-1] + 1)
        part = block[:, span].astype(np.float32)
        for at in np.flatnonzero((places >= 0) & part.any(axis=1)):
            cells[places[at], span] += part[at, :, None] * strength


@dataclass(frozen=True)
class DrawnClaims:
    """What drawn values do to claims one by one: the same in all plans that count them at these values.

    Attributes
    ----------
    grid : PlanGrid
        What the plans stand on.
    planned : mapping of str to float
        The value planned of every row, by id.
    ranged : dict of str to ndarray, shape (draws,)
        Drawn values of the rows that are not certain.
    draws : int
        How many.
    periods : slice or ndarray of int
        The periods drawn; all by default.
    """

    grid: PlanGrid
    planned: Mapping[str, float]
    ranged: Mapping[str, np.ndarray]
    draws: int
    periods: slice | np.ndarray = field(default_factory=lambda: slice(None))
    _known: dict[tuple[str, int], tuple[Claim, object]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        grid: PlanGrid,
        planned: Mapping[str, float],
        values: Mapping[str, np.ndarray],
        draws: int,
        periods: slice | np.ndarray = slice(None),
    ) -> DrawnClaims:
        """From drawn values by id; where some have fewer draws than others theirs are used in turn."""
        draws = max([draws, *(len(drawn) for drawn in values.values())])
        ranged = {name: _cycle(drawn, draws) for name, drawn in values.items() if np.ptp(drawn) > 0}
        return cls(grid, planned, ranged, draws, periods)

    def factor(self, claim: Claim) -> _Factor | None:
        """The claim's factor draw by draw; None where it has none, or none that varies."""
        if claim.form != "factor" or claim.fixed or claim.row.id not in self.ranged:
            return None
        return self._once("factor", claim, _factor)

    def strength(self, claim: Claim) -> np.ndarray | None:
        """Drawn effect over planned effect; None for a row that is certain or planned at nothing."""
        doubted = claim.shift is not None and claim.shift.doubt is not None
        if claim.fixed or not (doubted or claim.row.id in self.ranged):
            return None
        return self._once("strength", claim, _strength)

    def _once(self, what: str, claim: Claim, work: Callable[[DrawnClaims, Claim], T]) -> T:
        key = (what, id(claim))
        if key not in self._known:
            # The claim is kept beside it, so that no other can come to bear its number.
            self._known[key] = (claim, work(self, claim))
        return cast("T", self._known[key][1])


def draw_effects(
    plan: Plan, values: Mapping[str, np.ndarray], draws: int, claims: DrawnClaims | None = None
) -> DrawnEffects:
    """Prepare the draws of a plan's claims.

    Parameters
    ----------
    plan : Plan
        Its claims and workings.
    values : mapping of str to ndarray, shape (draws,)
        Drawn values by id.
    draws : int
        How many where no row is drawn.
    claims : DrawnClaims, optional
        Those of these values and the plan's, where they serve other plans too; the effects are then those
        of its periods.
    """
    claims = claims or DrawnClaims.of(plan.grid, plan.values, values, draws)
    grid, inside = plan.grid, claims.periods
    sold = grid.baseline != 0
    growth = np.divide(plan.own.product, grid.baseline, out=np.ones_like(grid.baseline), where=sold)
    factors = [factor for claim in plan.claims if (factor := claims.factor(claim)) is not None]
    members = np.array([factor.member for factor in factors]).reshape(len(factors), len(grid.keys))
    _, pattern = np.unique(members, axis=1, return_inverse=True)
    pattern = np.asarray(pattern).ravel()
    fixed, terms = _terms(plan, claims)
    if plan.void is not None:
        growth, fixed, terms = _settle_void(plan, plan.void, growth, fixed, terms)
    order = np.lexsort((np.arange(len(pattern)), pattern))
    shown = tuple((rows, block[:, inside], strength) for rows, block, strength in terms)
    return DrawnEffects(
        claims.draws, order, pattern, growth[:, inside], tuple(factors), fixed[:, inside], shown
    )


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


def _factor(known: DrawnClaims, claim: Claim) -> _Factor | None:
    """The claim's factor in each draw over its planned factor, where its strength is not zero.

    Where the claim covers a driver on part of a period's days, the driver's part of the factor is taken
    at its mean over the claim's series. A claim planned at -100 % takes all in every draw.
    """
    inside = np.arange(len(claim.strength))[known.periods]
    active = np.flatnonzero(claim.strength[inside])
    if not len(active) or not len(claim.series):
        return None
    name, measure, share = claim.row.id, known.grid.measure, float(np.asarray(claim.per_value))
    rest = 1.0 + _uncovered(known.grid, claim)[inside[active]]
    strength = claim.strength[inside[active]] * share
    planned = np.maximum(rest + claim.effect_of(known.planned[name], measure) * strength, 0.0)
    effects = _effects(claim, known.ranged[name], measure)
    found = np.maximum(rest[:, None] + effects[None] * strength[:, None], 0.0)
    kept = planned > 0
    ratio = np.divide(found, planned[:, None], out=np.ones_like(found), where=kept[:, None])
    member = np.zeros(len(known.grid.keys), dtype=bool)
    member[claim.series] = True
    return _Factor(member, active, ratio.astype(np.float32))


def _uncovered(grid: PlanGrid, claim: Claim) -> np.ndarray:
    """Mean effect of the covered drivers on the days the claim leaves to them, shape (periods,)."""
    names = [name for name in claim.covers if name in grid.driver_effects]
    if not names:
        return np.zeros(len(claim.strength))
    base = grid.baseline[claim.series].sum(axis=0)
    effect = sum(grid.driver_effects[name][claim.series].sum(axis=0) for name in names)
    mean = np.divide(effect, base, out=np.zeros_like(base), where=base > 0)
    return np.asarray(np.where(claim.cover > 0, (1.0 - claim.cover) * mean, 0.0))


def _effects(claim: Claim, drawn: np.ndarray, measure: str) -> np.ndarray:
    """Decimal effect of every drawn percent value; straight unless an elasticity bends it."""
    row = claim.row
    if not (row.states_price or row.states_indicator):
        first, second = (claim.effect_of(value, measure) for value in (0.0, 1.0))
        return np.asarray(first + (second - first) * drawn)
    volume = bent_effect(drawn / 100.0, row.elasticity)
    if measure != "revenue" or not row.states_price:
        return volume
    return np.asarray((1.0 + volume) * np.maximum(1.0 + drawn / 100.0, 1e-6) - 1.0)


def _terms(
    plan: Plan, drawn: DrawnClaims
) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray, np.ndarray]]]:
    fixed = np.zeros(plan.plan.shape)
    for amount in plan.debts.values():
        fixed += amount
    for amount in plan.own.added.values():
        fixed += amount
    strengths = {
        claim.row.id: strength for claim in plan.claims if (strength := drawn.strength(claim)) is not None
    }
    terms: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for claim, (rows, part) in zip(plan.claims, plan.own.parts, strict=True):
        if claim.form == "volume":
            _put(fixed, terms, rows, part, drawn.strength(claim), claim, plan, drawn)
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
    drawn: DrawnClaims,
) -> None:
    name = claim.row.id
    if strength is not None:
        terms.append((rows, part, strength))
    elif name in drawn.ranged and claim.volume_of(plan.values[name]) == 0.0:
        # Planned at nothing but drawn: one unit of the row's value, times the value drawn.
        terms.append((rows, claim.mix * claim.strength * claim.per_value, _volumes(drawn, claim)))
    else:
        fixed[rows] += part


def _volumes(known: DrawnClaims, claim: Claim) -> np.ndarray:
    """Drawn volume of a claim: of the value drawn, and of what is not known of the response to money."""
    name = claim.row.id
    found = np.asarray(claim.volume_of(known.ranged.get(name, np.full(known.draws, known.planned[name]))))
    if claim.shift is None or claim.shift.doubt is None:
        return found
    return np.asarray(found * _cycle(claim.shift.doubt, known.draws))


def _strength(known: DrawnClaims, claim: Claim) -> np.ndarray | None:
    """Drawn effect over planned effect of a ranged row; None where its planned effect is zero."""
    name, measure = claim.row.id, known.grid.measure
    if claim.form == "volume":
        planned, found = float(claim.volume_of(known.planned[name])), _volumes(known, claim)
    else:
        planned = claim.effect_of(known.planned[name], measure)
        found = _effects(claim, known.ranged[name], measure)
    return np.asarray(found / planned) if planned != 0 else None
