"""How small an effect a holdout can see, by the noise of its units' own series where nothing was done."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

__all__ = ["POWER", "SIGNIFICANCE", "Holdout", "UnitNoise", "list_holdouts", "measure_noise", "units_needed"]

SIGNIFICANCE, POWER = 0.05, 0.80
"""False alarms where nothing happened (both sides together), and how often the smallest effect is found."""
_FEWEST_UNITS, _FEWEST_WINDOWS, _MOST_WINDOWS = 4, 4, 40
_MOSTLY = 0.75
"""Share of past spans in which a unit must have sold to be drawn."""
_SHARES = (0.1, 0.2, 0.35, 0.5)
_MOST_UNITS = 10_000_000
_SIDES = 2


@dataclass(frozen=True)
class UnitNoise:
    """How far a unit strays from all others by itself, from one span to the next.

    Attributes
    ----------
    dimension : str
        What the units are: a dimension of the sales, or ``customer``.
    units : int
        Units that sold in the last span and in three of four before; only these can be drawn.
    left_out : int
        Those that did not.
    periods, windows : int
        Length of a span, and how many past spans were looked at.
    deviation : float
        Standard deviation of a unit's change in logs around the change of all.
    """

    dimension: str
    units: int
    left_out: int
    periods: int
    windows: int
    deviation: float


@dataclass(frozen=True)
class Holdout:
    """A test: units drawn by lot in which an action does not run, the others in which it does.

    Attributes
    ----------
    noise : UnitNoise
    held_out : int
        Units without the action.
    """

    noise: UnitNoise
    held_out: int

    @property
    def error(self) -> float:
        """Standard error of the effect in logs: s √(1 / n₁ + 1 / n₂)."""
        rest = self.noise.units - self.held_out
        return self.noise.deviation * float(np.sqrt(1.0 / self.held_out + 1.0 / rest))

    @property
    def smallest_effect(self) -> float:
        """Smallest effect found with the stated power, as a share of sales (Bloom 1995).

        >>> round(Holdout(UnitNoise("store", 100, 0, 2, 40, 0.10), 50).smallest_effect, 3)
        0.058
        """
        return float(np.expm1(_multiplier(self.noise.units) * self.error))


def _multiplier(units: int) -> float:
    """Smallest effect over its standard error: the noncentrality at which Student's t has the power.

    >>> round(_multiplier(100_000), 3), round(_multiplier(4), 2)
    (2.802, 5.65)
    """
    free = units - _SIDES
    least = special.stdtrit(free, 1.0 - SIGNIFICANCE / 2)
    return float(special.nctdtrinc(free, 1.0 - POWER, least))


def measure_noise(values: np.ndarray, dimension: str, periods: int, before: int) -> UnitNoise | None:
    """The noise of units between spans of past periods; None where there are too few units or spans.

    Every past span is set against the periods just before it, unit by unit, as a difference in differences
    would: the change of a unit in logs less the mean change of all (Bertrand, Duflo and Mullainathan 2004,
    Quarterly J. of Economics 119, who look at placebo dates in the same way).

    Parameters
    ----------
    values : ndarray, shape (units, periods)
        Sales of the past without promotions, in time order.
    dimension : str
        What the units are.
    periods : int
        Length of the test.
    before : int
        Periods before it that each unit is compared with.
    """
    last = values.shape[1]
    starts: list[int] = []
    while last - periods - before >= 0 and len(starts) < _MOST_WINDOWS:
        starts.append(last - periods)
        last -= periods
    if len(starts) < _FEWEST_WINDOWS:
        return None
    within = np.stack([np.nansum(values[:, at : at + periods], axis=1) for at in starts], axis=1)
    earlier = np.stack([np.nansum(values[:, at - before : at], axis=1) for at in starts], axis=1)
    sells = (within > 0) & (earlier > 0)
    steady = sells[:, 0] & (sells.mean(axis=1) >= _MOSTLY)
    count = int(steady.sum())
    if count < _FEWEST_UNITS:
        return None
    shares = np.divide(within, earlier, out=np.ones_like(within), where=sells)
    changes = np.where(sells, np.log(np.where(sells, shares, 1.0)), np.nan)[steady]
    changes = changes[:, np.isfinite(changes).sum(axis=0) >= _FEWEST_UNITS]
    deviation = float(np.sqrt(np.nanvar(changes, axis=0, ddof=1).mean()))
    return UnitNoise(dimension, count, int(len(values) - count), periods, len(starts), deviation)


def list_holdouts(noise: UnitNoise) -> list[Holdout]:
    """Tests of the same units and length that differ in how many are held out; two at least on each side."""
    most = noise.units // 2
    sizes = sorted({min(max(2, round(share * noise.units)), most) for share in _SHARES})
    return [Holdout(noise, size) for size in sizes]


def units_needed(noise: UnitNoise, effect: float) -> int:
    """Units like these that would let half of them held out see an effect; 0 where no number would.

    >>> units_needed(UnitNoise("region", 4, 0, 2, 40, 0.10), 0.10)
    38
    """
    wanted = abs(float(np.log1p(max(effect, -0.99))))
    low, high = _FEWEST_UNITS, _MOST_UNITS
    if wanted <= 0 or _seen(noise, high) > wanted:
        return 0
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _seen(noise, middle) <= wanted else (middle + 1, high)
    return low + low % _SIDES


def _seen(noise: UnitNoise, units: int) -> float:
    return _multiplier(units) * noise.deviation * 2.0 / float(np.sqrt(units))
