"""Weights of candidate combinations by their backtest, for a class of series and for each series in it.

Every candidate is a few members averaged in fixed shares. None is chosen by a threshold: weights follow
errors smoothly, so that a little more evidence moves a plan a little, and no seed or sample decides. What
loses to seasonal naive in its class is not used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alignment_lib.forecasting.combining.backtest import Backtest
from alignment_lib.forecasting.combining.combination import CANDIDATES, Choice, combine
from alignment_lib.forecasting.large_arrays import parts_of, release
from alignment_lib.inputs.written_numbers import Said

__all__ = [
    "CandidateErrors",
    "Weighed",
    "expected_gain",
    "least_error",
    "score_candidates",
    "weigh_candidates",
]

_REFERENCE = "fast"
"""Candidates that were not tried everywhere are compared with this one where they were."""
_YARDSTICK = "naive"
_RATE = "rate"
"""What is obvious of a series that is mostly zero: the same weeks need not sell again, as many will."""
_POWER = 18.0
"""How steeply weights fall with errors, where there is much evidence: 4 % worse weighs half."""
_HALF_EVIDENCE = 6.0
"""Series times separate origins at which weights fall half as steeply as that."""
_OWN_ORIGINS = 4.0
"""Separate origins of a series' own that count as much as its class."""
_OTHER_KIND = 4.0
"""What is made wholly of another kind of member than the default starts at so much less weight."""
_KINDS = {"naive": "last year", "growth": "last year", "recent": "last level"}
"""What a member takes the future from; all others are models of the whole history."""
_RAMP = 0.02
"""Gain on naive from which on a candidate weighs in full; without any it weighs nothing."""
_MOST = 10.0
"""One wild series must not decide for its class: scaled errors over this count as this."""
_MIXTURE = (0.5, 0.45, 0.05)
"""What an error is made of: series by series, money by money, and the sum of all over the span."""
_TOTAL_BOUND = 2.0
"""Sums of few origins are good by luck: they count as at most so many times better or worse."""
_PERFECT = 1e6
_LEAST_SHARE = 0.005
_NOTHING = 0.005
"""A gain that would be written as nothing."""


@dataclass(frozen=True)
class CandidateErrors:
    """Errors of one candidate at every origin, shape (origins, series); NaN where not all its members ran.

    Attributes
    ----------
    scaled : ndarray
        Mean absolute error over the yardstick of the series, held at ten.
    absolute : ndarray
        Mean absolute error in the measure.
    summed : ndarray
        Mean error in the measure, with its sign.
    """

    scaled: np.ndarray
    absolute: np.ndarray
    summed: np.ndarray


@dataclass(frozen=True)
class Weighed:
    """Weights of the members for the series of one class, and the choice as it is told.

    Attributes
    ----------
    choice : Choice
    weights : dict of str to ndarray, shape (series of the class,)
    """

    choice: Choice
    weights: dict[str, np.ndarray]


def score_candidates(
    backtest: Backtest, names: tuple[str, ...], unit: np.ndarray, by_rate: np.ndarray
) -> dict[str, CandidateErrors]:
    """Errors of the candidates named over every series and origin, worked out part by part.

    Parameters
    ----------
    backtest : Backtest
    names : tuple of str
        Of `CANDIDATES`; those with a member that never ran are left out.
    unit : ndarray, shape (series,)
        What the backtest's numbers are measured in.
    by_rate : ndarray of bool, shape (series,)
        Series that are mostly zero: their errors are those of the mean from the origin up to each step. The
        least absolute error of their values is made by forecasting nothing (Kolassa 2016, IJF 32, 788-803);
        what a plan adds up is the rate, and a running mean keeps the sign of its errors (after Prestwich,
        Rossi, Tarim and Hnich 2014, IJF 30, 928-933).
    """
    steps = np.arange(1, backtest.origins.steps + 1)
    made = backtest.forecasts
    names = tuple(name for name in names if all(member in made for member in CANDIDATES[name]))
    shape = backtest.actual.shape[:2]
    scores = {name: CandidateErrors(*(np.full(shape, np.nan) for _ in range(3))) for name in names}
    for part in parts_of(shape[1]) if names else ():
        held = {name: np.asarray(path[:, part]) for name, path in made.items()}
        actual = np.asarray(backtest.actual[:, part])
        for name in names:
            weights = CANDIDATES[name]
            whole = np.all([np.isfinite(held[member]).all(axis=2) for member in weights], axis=0)
            gap = np.where(whole[:, :, None], combine(weights, held) - actual, np.nan)
            rate = np.cumsum(gap, axis=2) / steps
            size = np.abs(np.where(by_rate[part, None], rate, gap)).mean(axis=2)
            # An origin whose season was lent has no yardstick: it does not tell which candidate is better.
            size = np.where(np.isfinite(backtest.yardstick[:, part]), size, np.nan)
            scores[name].scaled[:, part] = np.minimum(size / backtest.yardstick[:, part], _MOST)
            scores[name].absolute[:, part] = size * unit[part]
            scores[name].summed[:, part] = gap.mean(axis=2) * unit[part]
        for path in (backtest.actual, *made.values()):
            release(path)
    return scores


def weigh_candidates(
    scores: dict[str, CandidateErrors],
    rows: np.ndarray,
    default: str,
    separate: float,
    learnt: float = 1.0,
) -> Weighed | None:
    """Weights for the series `rows`, all of one class; None where no origin knows any of them.

    A candidate weighs error^-p, p growing with series and separate origins to `_POWER`, times a ramp that
    begins where it equals seasonal naive, times a prior: the less, the more of it is of another kind than
    the default. Each series' own errors enter beside its class by the share that
    its separate origins bear. Inverse errors as weights go back to Bates and Granger (1969), Operational
    Research Quarterly 20, 451-468.

    Parameters
    ----------
    scores : dict of str to CandidateErrors
    rows : ndarray of int
    default : str
        The candidate whose kind is believed before anything is seen.
    separate : float
        How many origins would stand apart in the span of the backtest.
    learnt : float
        How much smaller the error of a season learnt from all years is today than at the origins
        (`expected_gain`); last year's period is no better known today than it was then.
    """
    relative = _relative_errors(scores, rows)
    if not relative or not np.isfinite(relative[_YARDSTICK]):
        return None
    names = [name for name in relative if np.isfinite(relative[name])]
    error = np.log([relative[name] for name in names])
    obvious = names.index(_RATE if _RATE in names else _YARDSTICK)
    ramp = np.clip((error[obvious] - error) / _RAMP, 0.0, 1.0)
    ramp[obvious] = 1.0
    prior = _OTHER_KIND ** -np.array([_strangeness(name, default) for name in names])
    evidence = separate * int(np.isfinite(scores[_YARDSTICK].scaled[:, rows]).any(axis=0).sum())
    power = _POWER * evidence / (evidence + _HALF_EVIDENCE)
    own = separate / (separate + _OWN_ORIGINS)
    both = (1 - own) * error + own * _own_errors(scores, rows, names, error)
    both = both + np.log(learnt) * np.array([_share_learnt(name) for name in names])
    score = -power * (both - both.min(axis=1, keepdims=True))
    share = np.exp(score) * ramp * prior
    share = share / share.sum(axis=1, keepdims=True)
    share = np.where(share < _LEAST_SHARE, 0.0, share)
    share = share / share.sum(axis=1, keepdims=True)
    shares = {name: share[:, place] for place, name in enumerate(names)}
    return Weighed(_tell(shares, relative, evidence), _members_of(shares))


def expected_gain(then: np.ndarray, now: float) -> float:
    """Error of a mean of `now` years over that of means of `then` years, each against one year more.

    A year's chance has variance s², the mean of K years before it s²/K: errors grow as the root of 1 + 1/K.

    >>> round(expected_gain(np.array([1.0, 1.0]), 2.0), 3)
    0.866
    """
    if not len(then):
        return 1.0
    return float(np.sqrt((1 + 1 / max(now, 1.0)) / np.mean(1 + 1 / np.maximum(then, 1.0))))


def _share_learnt(name: str) -> float:
    return 1.0 - sum(CANDIDATES[name].get(member, 0.0) for member in ("naive", "growth"))


def _strangeness(name: str, default: str) -> float:
    """Share of a candidate that is of another kind than the default's members, 0 to 1.

    Candidates of one kind err together, so that a few origins hardly tell them apart; another kind may be far
    better or worse, and few series say so by chance.
    """
    mine, usual = _kinds_of(name), _kinds_of(default)
    return 1.0 - sum(min(share, usual.get(kind, 0.0)) for kind, share in mine.items())


def _kinds_of(name: str) -> dict[str, float]:
    kinds: dict[str, float] = {}
    for member, share in CANDIDATES[name].items():
        kind = _KINDS.get(member, "model")
        kinds[kind] = kinds.get(kind, 0.0) + share
    return kinds


def _ratio(one: np.ndarray, other: np.ndarray) -> float:
    """Sum of one over sum of the other, where both are known."""
    both = np.isfinite(one) & np.isfinite(other)
    above, below = float(one[both].sum()), float(other[both].sum())
    if above == below:
        return 1.0
    # Nothing is infinitely better: a year that repeated another to the last unit did so in these years.
    return above / below if below > above / _PERFECT else _PERFECT


def _compare(one: CandidateErrors, other: CandidateErrors, rows: np.ndarray) -> float:
    """Error of one candidate over that of another, on what both were tried on."""
    known = np.isfinite(one.scaled[:, rows]) & np.isfinite(other.scaled[:, rows])
    if not known.any():
        return np.nan
    sums = [np.abs(np.where(known, each.summed[:, rows], 0.0).sum(axis=1)).sum() for each in (one, other)]
    total = sums[0] / sums[1] if sums[1] > 0 else 1.0
    parts = [
        _ratio(one.scaled[:, rows], other.scaled[:, rows]),
        _ratio(one.absolute[:, rows], other.absolute[:, rows]),
        float(np.clip(total, 1 / _TOTAL_BOUND, _TOTAL_BOUND)),
    ]
    logs = np.log(np.maximum(parts, 1e-6))
    return float(np.exp((logs * _MIXTURE).sum()))


def _relative_errors(scores: dict[str, CandidateErrors], rows: np.ndarray) -> dict[str, float]:
    """Error of each candidate relative to naive."""
    if _YARDSTICK not in scores or _REFERENCE not in scores:
        return {}
    base = _compare(scores[_REFERENCE], scores[_YARDSTICK], rows)
    relative = {name: base * _compare(each, scores[_REFERENCE], rows) for name, each in scores.items()}
    return {**relative, _YARDSTICK: 1.0 if np.isfinite(base) else np.nan}


def least_error(scores: dict[str, CandidateErrors], rows: np.ndarray, names: set[str]) -> float:
    """Least error relative to naive among the candidates named; infinite where none is known."""
    relative = _relative_errors(scores, rows)
    known = [relative[name] for name in names if name in relative and np.isfinite(relative[name])]
    return min(known, default=float("inf"))


def _own_errors(
    scores: dict[str, CandidateErrors], rows: np.ndarray, names: list[str], usual: np.ndarray
) -> np.ndarray:
    """Logs of each series' own errors relative to naive, (series, candidates); the class where unknown."""

    def log_ratio(one: CandidateErrors, other: CandidateErrors) -> np.ndarray:
        both = np.isfinite(one.scaled[:, rows]) & np.isfinite(other.scaled[:, rows])
        above = np.where(both, one.scaled[:, rows], 0.0).sum(axis=0)
        below = np.where(both, other.scaled[:, rows], 0.0).sum(axis=0)
        good = (above > 0) & (below > 0)
        return np.where(good, np.log(np.where(good, above, 1.0) / np.where(good, below, 1.0)), np.nan)

    base = log_ratio(scores[_REFERENCE], scores[_YARDSTICK])
    own = np.stack([base + log_ratio(scores[name], scores[_REFERENCE]) for name in names], axis=1)
    own = np.where(np.isfinite(own), own, usual)
    return np.asarray(np.clip(own, np.log(1 / _MOST), np.log(_MOST)))


def _members_of(shares: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    members: dict[str, np.ndarray] = {}
    for name, share in shares.items():
        for member, weight in CANDIDATES[name].items():
            if share.any():
                members[member] = members.get(member, np.zeros(len(share))) + share * weight
    return members


def _tell(shares: dict[str, np.ndarray], relative: dict[str, float], evidence: float) -> Choice:
    mean = {name: float(share.mean()) for name, share in shares.items() if share.any()}
    order = sorted(mean, key=lambda name: (-mean[name], name))
    weights = {name: float(share.mean()) for name, share in _members_of(shares).items()}
    if set(weights) == {"naive"}:
        reason = "nothing tried beat last year's period in the backtest: it is what we have"
    else:
        told = ", ".join(f"{name} {Said(mean[name]):.0%}" for name in order[:3])
        gain = 1 - sum(mean[name] * relative[name] for name in order)
        beside = f"{Said(gain):.0%} below naive" if gain >= _NOTHING else "no better than naive over a span"
        reason = f"weighed by backtest: {told}; {beside}"
    return Choice(order[0], weights, reason, dict(relative), mean)
