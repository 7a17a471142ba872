"""What knowing more of a claim is worth: before it is known what a test will find.

The claim's true value is held to be normal with mean m and error s; a test measures it with error t. What the
test leaves open has the variance s² (1 - q) with q = s² / (s² + t²), and the mean that it leads to lies, seen
from today, around m with the error s √q (Raiffa and Schlaifer 1961, Applied Statistical Decision Theory,
chapters 4 to 6; Howard 1966, IEEE Transactions on Systems Science and Cybernetics 2, 22).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

__all__ = ["NOTHING_KNOWN", "Belief", "Stake", "believe", "chance_of_another", "worth_of_test"]

NOTHING_KNOWN = float("inf")
"""Error of a test that tells nothing; 0 is that of one that settles the claim."""
_TENTH = 1.2815515655446004
_POINTS = 2000


@dataclass(frozen=True)
class Belief:
    """What may be true of a claim, in its own unit.

    Attributes
    ----------
    mean, error : float
    """

    mean: float
    error: float

    @property
    def low(self) -> float:
        """Its 10 % point."""
        return self.mean - _TENTH * self.error

    @property
    def high(self) -> float:
        """Its 90 % point."""
        return self.mean + _TENTH * self.error

    def learnt(self, test_error: float) -> float:
        """How far the mean is to be expected to move by a test, as a standard deviation: s √q.

        >>> Belief(0.0, 3.0).learnt(4.0), Belief(0.0, 3.0).learnt(0.0)
        (1.8, 3.0)
        """
        if not np.isfinite(test_error) or self.error <= 0:
            return 0.0
        return self.error**2 / float(np.hypot(self.error, test_error))


def believe(
    weighted: tuple[float, float],
    claim: tuple[float, float] = (np.nan, np.nan),
    supported: tuple[float, float] = (np.nan, np.nan),
) -> Belief:
    """What may be true, given the evidence-weighted value and what it was weighed from.

    Two readings that lie further apart than their errors say cannot both be right: the error is widened by
    the Birge ratio, here the distance over the error of the distance where that is above one (Birge 1932,
    Physical Review 40, 207).

    Parameters
    ----------
    weighted, claim, supported : (value, standard error)
        NaN where there is none.

    Examples
    --------
    >>> believe((32.0, 3.0), (80.0, 24.0), (32.0, 7.0))
    Belief(mean=32.0, error=5.76)
    """
    apart = abs(claim[0] - supported[0]) / float(np.hypot(claim[1], supported[1]))
    ratio = max(apart, 1.0) if np.isfinite(apart) else 1.0
    return Belief(weighted[0], weighted[1] * ratio)


@dataclass(frozen=True)
class Stake:
    """What a claim moves: money of the round is linear in its value.

    Attributes
    ----------
    slope : float
        Money per unit of the claim.
    pays_from : float
        Value of the claim at which the action brings as much as dropping it; NaN where it cannot be dropped.
    options : tuple of float
        Values at which the claim may go into the plan: as claimed, and what leaving it out amounts to.
    """

    slope: float
    pays_from: float = float("nan")
    options: tuple[float, ...] = ()


def worth_of_test(belief: Belief, stake: Stake, test_error: float) -> tuple[float, float]:
    """Expected value of a test in money: by a plan that lies nearer to what comes, by running only what pays.

    With linear loss |a - x| the best number for the plan is the median, and the loss to be expected is
    s √(2 / π) (Raiffa and Schlaifer, chapter 6): a test takes it to √(1 - q) of that. Whether to run an
    action is a choice of two acts with linear money: the test is worth L(D) = φ(D) - D (1 - Φ(D)) times the
    slope and the spread s √q of what it may lead to, D being the distance from the value at which the action
    pays over that spread (the unit normal loss; chapter 5).

    Parameters
    ----------
    belief : Belief
    stake : Stake
    test_error : float
        Standard error of the test in the claim's unit; 0 for certainty.

    Examples
    --------
    >>> near, gain = worth_of_test(Belief(10.0, 3.0), Stake(100.0), 4.0)
    >>> round(near, 2), gain
    (47.87, 0.0)
    """
    spread, slope = belief.learnt(test_error), abs(stake.slope)
    left = float(np.sqrt(max(belief.error**2 - spread**2, 0.0)))
    nearer = slope * float(np.sqrt(2.0 / np.pi)) * (belief.error - left)
    if not np.isfinite(stake.pays_from) or spread <= 0:
        return nearer, 0.0
    away = abs(belief.mean - stake.pays_from) / spread
    loss = float(np.exp(-away * away / 2) / np.sqrt(2 * np.pi) - away * special.ndtr(-away))
    return nearer, slope * spread * max(loss, 0.0)


def chance_of_another(belief: Belief, stake: Stake, test_error: float) -> float:
    """Chance that what a test finds leads to another decision than today's.

    Today the claim goes into the plan at what is believed of it, and the action runs if that pays. After the
    test one of the other options may lie nearer to what is then believed, or the action pay no more, or only
    then.

    >>> round(chance_of_another(Belief(30.0, 10.0), Stake(1.0, options=(50.0, 0.0)), 0.0), 3)
    0.226
    """
    spread = belief.learnt(test_error)
    found = belief.mean + spread * special.ndtri((np.arange(_POINTS) + 0.5) / _POINTS)
    numbers = np.array([belief.mean, *stake.options])
    chosen = np.abs(found[:, None] - numbers[None, :]).argmin(axis=1)
    other = np.abs(numbers[chosen] - belief.mean) > 1e-9 * max(1.0, abs(belief.mean))
    if np.isfinite(stake.pays_from):
        pays = stake.slope * (found - stake.pays_from) >= 0
        other |= pays != (stake.slope * (belief.mean - stake.pays_from) >= 0)
    return float(other.mean())
