"""What each series shows of calendar features: slopes of logs, held against chance and against lone spikes.

Each series is regressed in differences from the mean of its two neighbours in time, which trends and slow
swings leave alone. A lone value that the features do not explain would reach the features beside it through
those differences; it is given a dummy of its own (an additive outlier: Chen and Liu 1993, Journal of the
American Statistical Association 88, 284-297), so that a spike of one week says nothing of the next. Errors
allow for autocorrelation (Newey and West 1987, Econometrica 55, 703-708). A slope is either nought or one of
its prior's (spike and slab, Mitchell and Beauchamp 1988, Journal of the American Statistical Association 83,
1023-1032), and how often and how large slopes are is learnt from all series of the unit together (empirical
Bayes by EM: Efron and Morris 1975; Dempster, Laird and Rubin 1977).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alignment_lib.forecasting.large_arrays import parts_of

__all__ = ["Priors", "estimate_effects", "estimate_with_evidence"]

_LONE = 4.0
"""Robust deviations beyond which a value is a spike of its own."""
_REACH = 2
"""Periods on either side within which one value at most is one: its echoes are no spikes."""
_RARE = 0.1
"""Share of the periods below which a feature is an event, whose own scatter is the measure of a spike."""
_PASSES = 5
_MISSED = 1 / 3
"""Share of a feature's events that may be spikes of their own: above it the feature is not what happened."""
_RIDGE = 1e-6
"""Share of a feature's own square added to it: features that a short history cannot part stay solvable."""
_MOST_LOG = 300.0
_LEARNT = 12
_STATED_SERIES = 10.0
"""How many series' worth the stated prior counts for."""
_FEW_EVENTS = 4
_SPARE = 2.0
"""How much few events widen a variance: by this share of itself for one, half of it for two."""
_DIFFERENCED = 1.5
"""Variance of the difference from the mean of both neighbours, in variances of errors without memory."""


@dataclass(frozen=True)
class Priors:
    """What slopes may be that are not nought: a mixture of normal distributions for each feature.

    Attributes
    ----------
    mean, deviation, share : ndarray, shape (features, parts)
        The shares add to less than one; the rest are nought.
    """

    mean: np.ndarray
    deviation: np.ndarray
    share: np.ndarray


def estimate_effects(
    level: np.ndarray, start: np.ndarray, features: np.ndarray, priors: Priors
) -> np.ndarray:
    """Slopes of logs on features, each series from its own history, their sizes weighed by all.

    Parameters
    ----------
    level : ndarray, shape (series, periods)
    start : ndarray of int, shape (series,)
        First column of each series.
    features : ndarray, shape (periods, features)
    priors : Priors

    Returns
    -------
    ndarray, shape (series, features)
    """
    return estimate_with_evidence(level, start, features, priors)[0]


def estimate_with_evidence(
    level: np.ndarray, start: np.ndarray, features: np.ndarray, priors: Priors
) -> tuple[np.ndarray, np.ndarray]:
    """As `estimate_effects`, and the evidence for each feature, shape (features,).

    Evidence is the mean over the series of how much likelier a slope is under the stated prior than if there
    were none. It is an e-value (Vovk and Wang 2021, Annals of Statistics 49, 1736-1754): whatever shocks the
    series share, chance makes one above `c` in at most one case of `c`, and of `n` features tried, any above
    `n c` in at most one case of `c`.
    """
    x = _apart(features.T).T
    sums = _Sums.of(x)
    found = [_estimate(_apart(level[rows]), start[rows], x, sums) for rows in parts_of(len(level))]
    slope, variance, there = (np.concatenate(part) for part in zip(*found, strict=True))
    learnt = _learn(slope, variance, there, priors)
    slopes = np.where(there, _posterior(slope, variance, learnt)[0], 0.0)
    return slopes, _evidence(slope, variance, there, priors)


def _evidence(slope: np.ndarray, variance: np.ndarray, there: np.ndarray, stated: Priors) -> np.ndarray:
    """Mean likelihood ratio of the stated prior over the series that can tell, nought where none can."""
    wide = variance[:, :, None] + stated.deviation**2
    gain = (
        0.5 * slope[:, :, None] ** 2 / variance[:, :, None]
        - 0.5 * (slope[:, :, None] - stated.mean) ** 2 / wide
    )
    ratio = np.exp(np.minimum(gain, _MOST_LOG)) * np.sqrt(variance[:, :, None] / wide)
    each = 1.0 - stated.share.sum(axis=1) + (stated.share * ratio).sum(axis=2)
    return np.asarray((each * there).sum(axis=0) / np.maximum(there.sum(axis=0), 1))


@dataclass(frozen=True)
class _Sums:
    """Cross products of the features, of every period and from every period to the end."""

    cross: np.ndarray
    lagged: tuple[np.ndarray, ...]
    at_spike: np.ndarray
    onward: np.ndarray
    onward_echo: np.ndarray
    onward_fourth: np.ndarray
    event: np.ndarray
    own_events: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray) -> _Sums:
        size = x.shape[1]
        cross = x[:, :, None] * x[:, None, :]
        lagged = []
        for lag in (1, 2):
            part = x[lag:, :, None] * x[:-lag, None, :]
            lagged.append((part + part.transpose(0, 2, 1)).reshape(len(part), size * size))
        echo = _echo(x.T).T
        at_spike = echo[:, :, None] * echo[:, None, :]
        events = np.abs(x) > 0.25
        events[:, events.mean(axis=0) >= _RARE] = False
        return cls(
            cross.reshape(len(x), size * size),
            tuple(lagged),
            at_spike.reshape(len(x), size * size),
            np.cumsum(cross[::-1], axis=0)[::-1],
            np.cumsum(at_spike[::-1], axis=0)[::-1],
            np.cumsum((x**4)[::-1], axis=0)[::-1],
            events.any(axis=1),
            (events & (x > 0.4)).astype(float),
        )


def _estimate(
    y: np.ndarray, start: np.ndarray, x: np.ndarray, sums: _Sums
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Slopes, their variances and which of them can be told, for some series."""
    first = np.minimum(start, len(x) - 1)
    inside = np.arange(len(x)) >= first[:, None]
    y = y * inside
    gram = sums.onward[first]
    square = np.diagonal(gram, axis1=1, axis2=2)
    # A feature that never moved in a series' life keeps a zero slope there.
    there = np.asarray(square > 1e-10)
    number = inside @ sums.own_events
    spikes = np.zeros(y.shape, dtype=bool)
    for turn in range(_PASSES):
        kept = gram - (2 / 3) * (spikes.astype(float) @ sums.at_spike).reshape(gram.shape)
        ridge = np.where(there, _RIDGE * np.maximum(square, 1e-3), 1e12)[:, :, None] * np.eye(x.shape[1])
        inverse = np.linalg.inv(kept + ridge)
        slope = np.einsum("npq,nq->np", inverse, _without(y, spikes) @ x)
        left = (y - slope @ x.T) * inside
        found = _find_spikes(left, inside, sums.event)
        missed = _worst_missed(found @ sums.own_events, number, there)
        if turn == _PASSES - 1 or (not missed.any() and np.array_equal(found, spikes)):
            break
        spikes, there = found, there & ~missed
    there &= np.diagonal(kept, axis1=1, axis2=2) > 0.2 * square
    error = _without(left, spikes) * inside
    count = inside.sum(axis=1)
    degrees = np.maximum(count - there.sum(axis=1) - spikes.sum(axis=1) - 1, 1)
    wide = _long_run(error, inverse, sums) * (count / degrees)[:, None]
    # An event of two or three years rests on few periods, however long the history is.
    events = np.maximum(square**2 / np.maximum(sums.onward_fourth[first], 1e-300), 1.0)
    # Differences of errors without memory have one of two lags, which the weighted lags above fall short of.
    size = (error**2).sum(axis=1) / degrees / _DIFFERENCED
    wide = np.maximum(wide, size[:, None] * _sandwich(sums.onward_echo[first], inverse))
    plain = size[:, None] * _DIFFERENCED * np.diagonal(inverse, axis1=1, axis2=2)
    wide = np.where(events < _FEW_EVENTS, np.maximum(wide, plain), wide)
    return slope, 1e-12 + wide * (1 + _SPARE / events), there


def _apart(values: np.ndarray) -> np.ndarray:
    """Difference of each inner value from the mean of its two neighbours, along the last axis."""
    return np.asarray(values[:, 1:-1] - (values[:, :-2] + values[:, 2:]) / 2)


def _echo(values: np.ndarray) -> np.ndarray:
    """What a lone spike at each period would take up: the period less half of both neighbours."""
    padded = np.pad(values, ((0, 0), (1, 1)))
    return np.asarray(padded[:, 1:-1] - (padded[:, :-2] + padded[:, 2:]) / 2)


def _without(y: np.ndarray, spikes: np.ndarray) -> np.ndarray:
    """Differences with those of lone spikes, which lie apart, taken out by least squares."""
    size = np.where(spikes, _echo(y) * (2 / 3), 0.0)
    return np.asarray(y - _echo(size))


def _find_spikes(left: np.ndarray, inside: np.ndarray, event: np.ndarray) -> np.ndarray:
    """Values that stand alone above what features and chance explain, no two within reach.

    Where events scatter more than other periods do, that scatter is their measure.
    """
    size = np.abs(left)
    usual = 1.4826 * _middle(np.where(inside, size, np.nan))
    at_events = 1.4826 * _middle(np.where(inside & event, size, np.nan))
    bar = _LONE * np.where(event, np.maximum(usual, at_events)[:, None], usual[:, None])
    around = np.pad(size, ((0, 0), (_REACH, _REACH)))
    highest = np.lib.stride_tricks.sliding_window_view(around, 2 * _REACH + 1, axis=1).max(axis=2)
    spikes = (size > bar) & (size >= highest) & inside
    # Of two that are equal to the last digit the first is taken.
    for reach in range(1, _REACH + 1):
        spikes[:, reach:] &= ~spikes[:, :-reach]
    return np.asarray(spikes)


def _worst_missed(missed: np.ndarray, number: np.ndarray, there: np.ndarray) -> np.ndarray:
    """The feature of each series, if any, that most often misses what happened at its own events.

    A peak of one week of the year lies now in the week of a feast, now beside it: such a feast would be
    credited with some years of it, and be wrong in the next.
    """
    share = np.where(there & (missed >= 2), missed / np.maximum(number, 1), 0.0)
    worst = share.argmax(axis=1)
    out = np.zeros(share.shape, dtype=bool)
    rows = np.flatnonzero(share.max(axis=1, initial=0.0) > _MISSED)
    out[rows, worst[rows]] = True
    return out


def _middle(values: np.ndarray) -> np.ndarray:
    """Median of the numbers in each row, nought where there are none."""
    ordered = np.sort(values, axis=1)
    number = np.isfinite(values).sum(axis=1)
    rows = np.arange(len(values))
    low = ordered[rows, np.maximum((number - 1) // 2, 0)]
    high = ordered[rows, np.maximum(number // 2, 0) - (number == 0)]
    return np.where(number > 0, (low + high) / 2, 0.0)


def _long_run(error: np.ndarray, inverse: np.ndarray, sums: _Sums) -> np.ndarray:
    """Variances of the slopes, two lags of autocorrelation allowed for (Newey, West)."""
    plain = _sandwich((error**2) @ sums.cross, inverse)
    total = plain
    for lag, weight in ((1, 2 / 3), (2, 1 / 3)):
        total = total + weight * _sandwich((error[:, lag:] * error[:, :-lag]) @ sums.lagged[lag - 1], inverse)
    return np.asarray(np.maximum(total, 0.3 * plain))


def _sandwich(middle: np.ndarray, inverse: np.ndarray) -> np.ndarray:
    """Diagonal of inverse x middle x inverse."""
    found = (np.matmul(inverse, middle.reshape(inverse.shape)) * inverse).sum(axis=2)
    return np.asarray(np.maximum(found, 0.0))


def _posterior(slope: np.ndarray, variance: np.ndarray, priors: Priors) -> tuple[np.ndarray, np.ndarray]:
    """Mean of each slope given its estimate, and the odds of each part of its prior.

    >>> prior = Priors(*(np.array([[value]]) for value in (0.5, 0.5, 0.2)))
    >>> _posterior(np.array([[0.9], [0.1]]), np.array([[0.01], [0.04]]), prior)[0].round(2).tolist()
    [[0.88], [0.01]]
    """
    wide = variance[:, :, None] + priors.deviation**2
    none = np.log(np.maximum(1 - priors.share.sum(axis=1), 1e-9)) - 0.5 * np.log(variance)
    none = none - 0.5 * slope**2 / variance
    some = np.log(priors.share) - 0.5 * np.log(wide) - 0.5 * (slope[:, :, None] - priors.mean) ** 2 / wide
    most = np.maximum(none, some.max(axis=2))
    weight = np.exp(some - most[:, :, None])
    weight = weight / (np.exp(none - most) + weight.sum(axis=2))[:, :, None]
    middle = (slope[:, :, None] * priors.deviation**2 + priors.mean * variance[:, :, None]) / wide
    return np.asarray((weight * middle).sum(axis=2)), weight


def _learn(slope: np.ndarray, variance: np.ndarray, there: np.ndarray, stated: Priors) -> Priors:
    """The prior as all series of the unit show it, the stated one counting for a few of them."""
    priors = stated
    counted = there[:, :, None]
    number = there.sum(axis=0)[:, None]
    for _ in range(_LEARNT):
        weight = _posterior(slope, variance, priors)[1] * counted
        total = weight.sum(axis=0)
        share = (_STATED_SERIES * stated.share + total) / (_STATED_SERIES + number)
        mean = (_STATED_SERIES * stated.mean + (weight * slope[:, :, None]).sum(axis=0)) / (
            _STATED_SERIES + total
        )
        spread = weight * ((slope[:, :, None] - mean) ** 2 - variance[:, :, None])
        square = (_STATED_SERIES * stated.deviation**2 + spread.sum(axis=0)) / (_STATED_SERIES + total)
        deviation = np.sqrt(np.maximum(square, (0.1 * stated.deviation) ** 2))
        priors = Priors(mean, deviation, np.minimum(share, 0.98 / share.shape[1]))
    return priors
