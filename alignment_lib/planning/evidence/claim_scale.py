"""A claim as an effect on the plan's measure: the scale on which it is set beside what the past says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alignment_lib.planning.evidence.past import Reading
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.launch_bands import launch_range

__all__ = ["ClaimScale", "claim_range", "own_per_log", "scale_claim"]

_FLAT, _FARTHEST = 1e-6, 5.0
_STEP = 0.01


@dataclass(frozen=True)
class ClaimScale:
    """The claim on the scale of effects.

    Attributes
    ----------
    low, claim, high : float
        Percent of the measure for claims in percent, the row's own unit otherwise; low and high are NaN
        where the row states no range.
    elasticity : float
        By which a change of price or indicator becomes the effect; NaN where values are effects already.
    """

    low: float
    claim: float
    high: float
    elasticity: float = float("nan")

    def reach_towards(self, value: float) -> float:
        """How far the claimed range reaches on the side of a value; 0 where the row states none.

        >>> scale = ClaimScale(40.0, 90.0, 150.0)
        >>> scale.reach_towards(0.0), scale.reach_towards(200.0)
        (50.0, 60.0)
        """
        reach = self.high - self.claim if value > self.claim else self.claim - self.low
        return reach if np.isfinite(reach) else 0.0

    def to_own_unit(self, reading: Reading) -> tuple[float, float]:
        """Estimate and standard error in the row's own unit.

        For a change of price it is the change that would have this effect at the claimed elasticity,
        (1 + effect) ** (1 / elasticity) - 1, with the error by the delta method.

        >>> scale = ClaimScale(-10.0, -9.5, -9.0, elasticity=-2.0)
        >>> [round(value, 2) for value in scale.to_own_unit(Reading(-4.82, 1.0))]
        [2.5, 0.54]
        """
        if not np.isfinite(self.elasticity):
            return reading.estimate, reading.error
        factor = 1.0 + reading.estimate / 100.0
        if factor <= 0 or abs(self.elasticity) < _FLAT:
            return float("nan"), float("nan")
        # A demand curve so flat answers an effect with no change of price that could be written down.
        changed = float(np.exp(np.clip(np.log(factor) / self.elasticity, -_FARTHEST, _FARTHEST)))
        slope = changed / factor / abs(self.elasticity)
        return 100.0 * (changed - 1.0), slope * reading.error


def claim_range(row: Assumption) -> tuple[float, float]:
    """Low and high as stated; a launch that states none has the range usual for its type."""
    if row.kind == "new_product" and not (np.isfinite(row.low) and np.isfinite(row.high)):
        low, _, high = launch_range(row)
        return low, high
    return row.low, row.high


def scale_claim(row: Assumption, measure: str) -> ClaimScale:
    """Turn a row into effects: what it says of a price or indicator becomes what that does to sales.

    >>> from alignment_lib.planning.register.assumptions import example_assumption
    >>> row = example_assumption(kind="price_change", elasticity=-2.0, low=5.0, expected=10.0, high=15.0)
    >>> scale = scale_claim(row, "units")
    >>> [round(value, 1) for value in (scale.low, scale.claim, scale.high)]
    [-24.4, -17.4, -9.3]
    """
    low, high = claim_range(row)
    points, elasticity = [low, row.expected, high], float("nan")
    if row.states_price or row.states_indicator:
        points = [100.0 * row.effect_on(value, measure) if value == value else value for value in points]
        money = 1.0 if row.states_price and measure == "revenue" else 0.0
        elasticity = row.elasticity + money
    first, last = min(points[0], points[2]), max(points[0], points[2])
    return ClaimScale(first, points[1], last, elasticity)


def own_per_log(row: Assumption, value: float, measure: str, base: float) -> float:
    """How far a claim's value moves when sales in its scope move by one log point: the slope at a value.

    Parameters
    ----------
    row : Assumption
    value : float
        In the row's own unit.
    measure : str
        The plan's.
    base : float
        Baseline in its scope and dates, in the row's own unit: for claims that are a volume.

    Examples
    --------
    >>> from alignment_lib.planning.register.assumptions import example_assumption
    >>> own_per_log(example_assumption(unit="percent"), 30.0, "units", 0.0)
    130.0
    >>> own_per_log(example_assumption(unit="units"), 50.0, "units", 400.0)
    450.0
    >>> price = example_assumption(kind="price_change", elasticity=-2.0)
    >>> round(own_per_log(price, 10.0, "units", 0.0), 3)
    55.0
    """
    if row.unit != "percent":
        return base + value
    if not (row.states_price or row.states_indicator):
        return 100.0 + value
    factors = [1.0 + row.effect_on(value + step, measure) for step in (-_STEP, _STEP)]
    change = float(np.log(factors[1] / factors[0])) if min(factors) > 0 else 0.0
    return 2 * _STEP / abs(change) if abs(change) > _FLAT else float("inf")
