"""Sales as they come in against a plan's own draws: has it been left, where will it end, what explains it.

Every rule is set by the draws of the plan alone. How often a plan that is right is said to be left follows
from the boundary's rank among them, and so is stated, not tuned.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special

from alignment_lib.planning.odds.quantiles import row_quantiles

__all__ = [
    "ALARM_RATE",
    "BASELINE",
    "CLAIM",
    "CLAIMS_RATE",
    "Boundary",
    "Explained",
    "explain_departure",
    "find_boundary",
    "foresee_end",
    "watch_claims",
]

ALARM_RATE, CLAIMS_RATE = 0.05, 0.01
"""Plans that are right and are said to be left at some time of their cycle: 1 in 20, by a claim 1 in 100."""
BASELINE = "baseline"
CLAIM = "claim:"
"""Before the id of a claim: the draws of the series that it adds to, or takes from."""
_BLOCKS = 13
"""Stretches of the past on which the rest of a cycle may depend."""
_TELLS = 4.0
"""Information from which a claim counts: its share that came is known to half of what was planned of it."""
_NOTHING = 1e-12
_REACH = {"baseline": 0.5, "claim": 1.0}
"""How far a cause may go, as a share of what was planned: a claim to nothing, or to twice as much."""


@dataclass(frozen=True)
class Boundary:
    """Sums since the cycle's start that a plan's draws leave in no more than the stated share of cycles.

    Attributes
    ----------
    low, high : ndarray, shape (periods,)
        Bounds of the sums up to each period.
    """

    low: np.ndarray
    high: np.ndarray

    def side(self, sums: np.ndarray) -> np.ndarray:
        """−1 where a sum lies below its bounds, 1 above them, else 0; shape (known periods,)."""
        count = len(sums)
        return np.where(sums < self.low[:count], -1, np.where(sums > self.high[:count], 1, 0))


def find_boundary(draws: np.ndarray, rate: float) -> Boundary:
    """Bounds for sums since the start of the cycle, all periods together.

    Parameters
    ----------
    draws : ndarray, shape (periods, draws)
        What the plan's draws sell in each period.
    rate : float
        At most this share of right plans may ever be said to be left.

    Notes
    -----
    Below and above each take half of the rate. A sum is measured in spreads of its period: its distance
    from the median over that of the 5 % or 95 % point on its side. A draw's score on a side is its largest
    distance in any period. The bound is the score whose rank leaves no more than ``rate / 2 × (draws + 1)``
    places from itself upwards, so that a cycle exchangeable with the draws scores more with at most that
    chance, looked at after every period (the rank test of Barnard 1963, JRSS B 25, 294, on the largest score
    of a family: Westfall and Young 1993, Resampling-Based Multiple Testing, 2.3). With too few draws for that
    there is no such score, and nothing is ever said to be left.

    Examples
    --------
    >>> draws = np.random.default_rng(1).normal(100.0, 10.0, (13, 500))
    >>> found = find_boundary(draws, 0.05)
    >>> sums = draws.cumsum(axis=0).T
    >>> bool(((sums < found.low) | (sums > found.high)).any(axis=1).mean() <= 0.05)
    True
    """
    sums = draws.cumsum(axis=0)
    low, middle, high = row_quantiles(sums.copy(), [0.05, 0.5, 0.95])
    bounds = []
    for sign, end in ((-1.0, low), (1.0, high)):
        reach = sign * (end - middle)
        off = sign * (sums - middle[:, None])
        # Where no draw differs a sum is certain: being off by anything at all is beyond every spread.
        certain = np.where(off <= 0, 0.0, math.inf)
        score = np.divide(off, reach[:, None], out=certain, where=reach[:, None] > 0)
        bound = _ranked(score.max(axis=0, initial=0.0), rate / 2)
        with np.errstate(invalid="ignore"):
            bounds.append(middle + sign * np.where(reach > 0, bound * reach, 0.0))
    return Boundary(*bounds)


def _ranked(scores: np.ndarray, rate: float) -> float:
    """The score that no more than `rate` of draws and one more cycle reach, itself counted."""
    place = len(scores) - math.floor(rate * (len(scores) + 1))
    # A millionth more than the score itself, which rounding would else tell apart from itself.
    return float(np.sort(scores)[place]) * (1.0 + 1e-6) if place < len(scores) else math.inf


def watch_claims(
    draws: np.ndarray, sold: np.ndarray, shapes: Mapping[str, np.ndarray], rate: float
) -> dict[str, int]:
    """Claims of which so much less or more came, period after period, that no right plan is like it.

    Parameters
    ----------
    draws : ndarray, shape (lines, periods, draws)
        What the plan's draws sell.
    sold : ndarray, shape (lines, known periods)
        What was sold.
    shapes : mapping of str to ndarray, shape (lines, periods)
        What the plan holds of each claim.
    rate : float
        At most this share of right plans may ever be said to be left by any claim.

    Returns
    -------
    dict of str to int
        By claim: −1 or 1 for the side on which it first left, else 0.

    Notes
    -----
    After every period a claim's share that came is estimated as in `explain_departure`, and divided by its
    standard error. Covariances come from every second draw; the bound is the rank, as in `find_boundary`, of
    the largest such score in any claim and period among the others, which had no part in them: so they are
    exchangeable with a right cycle. A claim counts from the period on in which "nothing came" and "as
    planned" lie two standard errors apart: before that nothing could be told of it.
    """
    known, names = sold.shape[1], tuple(shapes)
    held = draws[:, :, 1::2]
    scores = np.zeros((2, held.shape[2]))
    found = dict.fromkeys(names, 0)
    seen: list[np.ndarray] = []
    for count in range(1, draws.shape[1] + 1):
        weights, middle = _weigh(
            draws[:, :count, ::2], {name: shape[:, :count] for name, shape in shapes.items()}
        )
        off = weights @ (held[:, :count].reshape(middle.size, -1) - middle[:, None])
        for side, sign in enumerate((-1.0, 1.0)):
            scores[side] = np.maximum(scores[side], (sign * off).max(axis=0, initial=0.0))
        if count <= known:
            seen.append(weights @ (sold[:, :count].ravel() - middle))
    low, high = (_ranked(side, rate / 2) for side in scores)
    for score in seen:
        for name, value in zip(names, score, strict=True):
            found[name] = found[name] or (-1 if value < -low else 1 if value > high else 0)
    return found


def _weigh(draws: np.ndarray, shapes: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """What turns a departure into the score of each claim, and from what departures are counted."""
    fitted = _fit(draws, shapes)
    weights = np.zeros((len(shapes), fitted.middle.size))
    told = fitted.grip >= _TELLS
    if told.any():
        steps = fitted.solved[:, told] / np.sqrt(fitted.grip[told])
        weights[np.ix_(told, fitted.told)] = (steps / fitted.spread[:, None]).T
    return weights, fitted.middle


def foresee_end(draws: np.ndarray, sold: np.ndarray) -> np.ndarray:
    """Draws of the whole cycle given what has been sold so far, shape (draws,).

    Parameters
    ----------
    draws : ndarray, shape (periods, draws)
        What the plan's draws sell in each period.
    sold : ndarray, shape (known periods,)
        What was sold.

    Notes
    -----
    Over the draws the rest of the cycle is regressed on what came before (least squares on at most 13
    stretches of it): the part that follows is taken from what was sold, the other from the draws. This
    is the conditional distribution where the draws are jointly normal.

    Examples
    --------
    >>> draws = np.random.default_rng(1).normal(100.0, 10.0, (4, 1)) + np.linspace(-30.0, 30.0, 201)
    >>> float(np.median(foresee_end(draws, draws[:2, 50])).round(6)) == float(draws[:, 50].sum().round(6))
    True
    """
    known = len(sold)
    rest = draws[known:].sum(axis=0)
    if not known or known == len(draws):
        return np.asarray(rest + sold.sum())
    blocks = np.array_split(np.arange(known), min(known, _BLOCKS))
    past = np.stack([draws[block].sum(axis=0) for block in blocks])
    here = np.array([sold[block].sum() for block in blocks])
    off = past - past.mean(axis=1, keepdims=True)
    slopes = np.linalg.lstsq(off.T, rest - rest.mean(), rcond=1e-9)[0]
    return np.asarray(sold.sum() + rest + slopes @ (here[:, None] - past))


@dataclass(frozen=True)
class Explained:
    """What explains how sales depart from the plan: one of several causes, each taken by itself.

    Attributes
    ----------
    names : tuple of str
        `BASELINE` and the claims.
    size : ndarray
        What fits best, as a share of what was planned of it up to now: −1 where a claim brought nothing.
    error : ndarray
        Its standard error; infinite where nothing can be told of it yet.
    chance : ndarray
        How likely each is to be the cause, if one of them is: they sum to 1.
    """

    names: tuple[str, ...]
    size: np.ndarray
    error: np.ndarray
    chance: np.ndarray


def explain_departure(draws: np.ndarray, sold: np.ndarray, shapes: Mapping[str, np.ndarray]) -> Explained:
    """Which single cause explains best how sales depart from the plan, line by line and period by period.

    Parameters
    ----------
    draws : ndarray, shape (lines, known periods, draws)
        What the plan's draws sell.
    sold : ndarray, shape (lines, known periods)
        What was sold.
    shapes : mapping of str to ndarray, shape (lines, known periods)
        What the plan holds of each cause.

    Notes
    -----
    The departure from the mean of the draws is taken as normal with their covariance, on a scale on which
    every cell's spread is 1, shrunk towards no correlation by the weight of Ledoit and Wolf (2004, Journal of
    Multivariate Analysis 88, 365). Each cause moves it along its shape by an unknown share, evenly likely
    between nothing and twice what was planned of a claim, and half below and above for the baseline. The
    likelihood is averaged over that range, which counts against a cause that could not have gone so far.
    The baseline is held as likely beforehand as all claims together.
    """
    names = tuple(shapes)
    fitted = _fit(draws, shapes)
    off = (sold.ravel() - fitted.middle)[fitted.told] / fitted.spread
    pull, grip = fitted.solved.T @ off, fitted.grip
    seen = grip > _NOTHING
    size = np.divide(pull, grip, out=np.zeros_like(pull), where=seen)
    error = np.divide(1.0, np.sqrt(np.maximum(grip, _NOTHING)), out=np.full_like(pull, math.inf), where=seen)
    reach = np.array([_REACH["baseline" if name == BASELINE else "claim"] for name in names])
    weights = _log_evidence(size, error, reach) + np.log(_beforehand(names))
    return Explained(names, size, error, special.softmax(weights))


@dataclass(frozen=True)
class _Fitted:
    """Draws as a normal distribution, and causes by it: cells flat, line by line."""

    middle: np.ndarray
    told: np.ndarray
    spread: np.ndarray
    solved: np.ndarray
    grip: np.ndarray


def _fit(draws: np.ndarray, shapes: Mapping[str, np.ndarray]) -> _Fitted:
    flat = draws.reshape(-1, draws.shape[-1])
    middle, spread = flat.mean(axis=1), flat.std(axis=1)
    told = spread > 1e-9 * max(float(np.abs(flat).max(initial=0.0)), _NOTHING)
    scaled = (flat[told] - middle[told, None]) / spread[told, None]
    forms = np.zeros((int(told.sum()), len(shapes)))
    for at, shape in enumerate(shapes.values()):
        forms[:, at] = shape.ravel()[told] / spread[told]
    solved = np.linalg.solve(_shrunk(scaled), forms) if told.any() else forms
    return _Fitted(middle, told, spread[told], solved, (forms * solved).sum(axis=0))


def _shrunk(scaled: np.ndarray) -> np.ndarray:
    """Correlations of rows of spread 1, drawn towards none by the weight of Ledoit and Wolf 2004."""
    rows, count = scaled.shape
    found = scaled @ scaled.T / count
    distance = float((found**2).sum()) - rows
    noise = (float(((scaled**2).sum(axis=0) ** 2).sum()) / count - float((found**2).sum())) / count
    weight = min(1.0, max(noise, 0.0) / distance) if distance > 0 else 1.0
    # A little of it always: rows that are sums of each other have no inverse.
    weight = max(weight, 1e-3)
    return np.asarray((1.0 - weight) * found + weight * np.eye(rows))


def _log_evidence(size: np.ndarray, error: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Logarithm of the likelihood averaged over shares within reach, less that of no cause at all."""
    found = np.zeros_like(size)
    seen = np.isfinite(error)
    best, spread, far = size[seen], error[seen], reach[seen]
    upper, lower = (far - best) / spread, (-far - best) / spread
    # Tails are taken on the side on which they are small: a cause out of reach still has its likelihood.
    turn = lower > 0
    upper, lower = np.where(turn, -lower, upper), np.where(turn, -upper, lower)
    inside = special.log_ndtr(upper) + np.log1p(
        -np.exp(np.minimum(special.log_ndtr(lower) - special.log_ndtr(upper), -1e-300))
    )
    found[seen] = 0.5 * (best / spread) ** 2 + inside + 0.5 * np.log(2 * np.pi) + np.log(spread / (2 * far))
    return found


def _beforehand(names: tuple[str, ...]) -> np.ndarray:
    claims = sum(name != BASELINE for name in names)
    if not claims or BASELINE not in names:
        return np.full(len(names), 1.0 / max(len(names), 1))
    return np.array([0.5 if name == BASELINE else 0.5 / claims for name in names])
