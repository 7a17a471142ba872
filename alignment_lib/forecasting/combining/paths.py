"""Joint error paths: from backtest errors to draws whose every sum has the right spread.

Errors of all series at the same past origins are turned into normal scores; a draw is a random mixture
of origins, so what moved together moves together again, over horizons and across series. Each margin is
then given the calibrated spread of its own series (conformal: the pooled distribution of past errors,
scaled by what each series' usual change says of its size).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from alignment_lib.forecasting.large_arrays import new_array, release

__all__ = ["OWN_SHARE", "ErrorModel", "draw_errors", "fit_errors"]

OWN_SHARE = 0.3
"""Least share of a draw's variance that is a series' own: a dozen origins tie unrelated series by chance."""
_TAIL_ALLOWANCE = 0.15
"""Overlapping origins share their shocks and so show too few extremes; set on earlier origins of M3."""
_FEW_POOLED = 400
_GRID = (np.arange(1, 2000) - 0.5) / 1999
_PRIOR_ORIGINS = 4.0
_LONGEST_MEMORY = 26
_FEW_PATHS = 20
_FEW_STEPS = 4
_WIDEST = 5.0
"""Most times the pool's spread that a series' own record can make its band."""


@dataclass(frozen=True)
class ErrorModel:
    """Calibrated errors of all series.

    Attributes
    ----------
    scores : ndarray, shape (origins, series, horizon)
        Normal scores of past errors; NaN where a series was too young.
    scale : ndarray, shape (series, horizon)
        Size of each series' errors.
    shape : ndarray, shape (quantiles,)
        Quantiles of standardised errors, pooled: the common shape of the margins.
    restless : float
        Share of the variance of a series' own part that every step draws anew; the rest wanders.
    """

    scores: np.ndarray
    scale: np.ndarray
    shape: np.ndarray
    restless: float = 0.0

    def part(self, rows: slice) -> ErrorModel:
        """The same of some series only."""
        return ErrorModel(self.scores[:, rows], self.scale[rows], self.shape, self.restless)


def fit_errors(errors: np.ndarray, spreads: np.ndarray, spread: np.ndarray, horizon: int) -> ErrorModel:
    """Learn size, shape and dependence from backtest errors.

    Parameters
    ----------
    errors : ndarray, shape (origins, series, steps)
        Actual less forecast on the scale-free scale; NaN where not available. `steps` may be fewer
        than `horizon`; further errors grow with the square root of the step.
    spreads : ndarray, shape (origins, series)
        Usual change of each series as seen at each origin.
    spread : ndarray, shape (series,)
        The same at the as-of date.
    horizon : int
        Steps to be drawn.
    """
    power = _fit_power(errors, spreads)
    unit = (spreads**power)[:, :, None]
    relative = errors / unit
    by_step = _size_by_step(relative, errors.shape[2])
    relative /= by_step
    own = _own_factor(relative)
    relative /= own[None, :, None]
    shape = _pooled_shape(relative)
    grown = _extend(by_step, horizon)
    # The shape is read from errors divided by each series' full record: one that jumped must not lend its
    # jump to the others. Its own band is widened by it, within bounds.
    scale = (spread**power * np.minimum(own, _WIDEST))[:, None] * grown[None, :]
    scores = _normal_scores(_stretch(relative, horizon), shape)
    return ErrorModel(scores, scale, shape, _restless(scores[:, :, : errors.shape[2]]))


def _restless(scores: np.ndarray) -> float:
    """Share of the variance of past paths that comes and goes with every step, of all series together.

    The variance of a path's mean over T steps is 1/T of a step's where steps are independent, and a known
    share of it where the path wanders; what was seen lies between. A handful of paths says nothing.
    """
    steps = min(scores.shape[2], _LONGEST_MEMORY)
    paths = scores[:, :, :steps].reshape(-1, steps)
    paths = paths[np.isfinite(paths).all(axis=1)]
    if len(paths) < _FEW_PATHS or steps < _FEW_STEPS:
        return 0.0
    step = np.arange(1, steps + 1)
    wandering = float((np.minimum.outer(step, step) / np.sqrt(np.multiply.outer(step, step))).mean())
    seen = float((paths.mean(axis=1) ** 2).mean() / max(float((paths**2).mean()), 1e-12))
    return float(np.clip((wandering - seen) / (wandering - 1 / steps), 0.0, 1.0))


def _fit_power(errors: np.ndarray, spreads: np.ndarray) -> float:
    """How error size grows with usual change: slope of logs over series, held between 0.3 and 1."""
    known = np.isfinite(errors).all(axis=2)
    size = np.where(known, np.abs(np.where(known[:, :, None], errors, 0.0)).mean(axis=2), 0.0)
    size = size.sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    usual = np.where(known, spreads, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    good = (size > 1e-9) & (usual > 2e-4)
    if good.sum() < 30:
        return 1.0
    x, y = np.log(usual[good]), np.log(size[good])
    variance = float(np.var(x))
    if variance < 1e-6:
        return 1.0
    return float(np.clip(np.mean((x - x.mean()) * (y - y.mean())) / variance, 0.3, 1.0))


def _size_by_step(standard: np.ndarray, steps: int) -> np.ndarray:
    """Mean absolute standardised error of each step, smoothed to grow; robust to wild series."""
    fallback = 1.25 * np.sqrt(np.arange(1, steps + 1))
    sizes = np.empty(steps)
    for step in range(steps):
        values = np.abs(standard[:, :, step])
        values = values[np.isfinite(values)]
        sizes[step] = np.quantile(values, 0.8) if len(values) >= 3 else fallback[step]
    sizes = np.maximum(sizes, 1e-9)
    window = np.convolve(np.pad(np.log(sizes), 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
    return np.asarray(np.maximum.accumulate(np.exp(window)))


def _own_factor(relative: np.ndarray) -> np.ndarray:
    """How far each series' own errors are from the pool's, shrunk: a few origins tell little."""
    known = np.isfinite(relative)
    size = np.abs(np.where(known, relative, 0.0)).sum(axis=(0, 2)) / np.maximum(known.sum(axis=(0, 2)), 1)
    seen = known.any(axis=2).sum(axis=0)
    some = seen > 0
    typical = float(np.median(size[some])) if some.any() else 1.0
    ratio = np.where(some & (typical > 0), size / max(typical, 1e-12), 1.0)
    # Origins one step apart share most of their errors: a third of them count as evidence.
    evidence = np.minimum(seen, 12) / 3.0
    blended = (_PRIOR_ORIGINS + evidence * ratio) / (_PRIOR_ORIGINS + evidence)
    return np.asarray(np.maximum(blended, 0.4))


def _pooled_shape(relative: np.ndarray) -> np.ndarray:
    """Quantiles of standardised errors, made symmetric; Student t quantiles join them where they are few.

    A common surprise in the few origins pushes all errors to one side: taken both ways it widens the band
    and leaves its middle where it is.
    """
    from scipy.stats import t as student

    values = relative[np.isfinite(relative)]
    heavy = student.ppf(_GRID, df=5) / student.ppf(0.9, df=5)
    if len(values) < 20:
        return np.asarray(heavy)
    symmetric = np.quantile(np.concatenate([values, -values]), _GRID, overwrite_input=True)
    trust = min(1.0, len(values) / _FEW_POOLED)
    return np.asarray(trust * symmetric + (1 - trust) * heavy)


def _extend(by_step: np.ndarray, horizon: int) -> np.ndarray:
    if len(by_step) >= horizon:
        return by_step[:horizon]
    further = np.arange(len(by_step) + 1, horizon + 1)
    return np.concatenate([by_step, by_step[-1] * np.sqrt(further / len(by_step))])


def _stretch(relative: np.ndarray, horizon: int) -> np.ndarray:
    """Standardised paths brought to the full horizon; beyond the backtest the last error persists."""
    steps = relative.shape[2]
    if steps >= horizon:
        return relative[:, :, :horizon]
    tail = np.repeat(relative[:, :, -1:], horizon - steps, axis=2)
    return np.concatenate([relative, tail], axis=2)


def _normal_scores(relative: np.ndarray, shape: np.ndarray) -> np.ndarray:
    scores = new_array(relative.shape, np.nan)
    for place, part in enumerate(relative):
        scores[place] = np.where(np.isfinite(part), ndtri(np.interp(part, shape, _GRID)), np.nan)
    release(scores)
    return scores


def draw_errors(
    model: ErrorModel, seeds: np.ndarray, seed: int, draws: int, own_share: float = OWN_SHARE
) -> np.ndarray:
    """Draw joint errors, shape (draws, series, horizon), on the scale of the errors given.

    Parameters
    ----------
    model : ErrorModel
        What the backtest taught.
    seeds : ndarray of int, shape (series,)
        A number of each series' own, so that its own part does not depend on the other series.
    seed : int
        Seed of the whole draw.
    draws : int
        How many.
    own_share : float
        Share of each draw's variance that other series have no part in.
    """
    origins, count, horizon = model.scores.shape
    known = np.isfinite(model.scores).all(axis=2) if origins else np.zeros((0, count), dtype=bool)
    scores = np.where(known[:, :, None], model.scores, 0.0) if origins else np.zeros((0, count, horizon))
    common = np.random.default_rng(seed).standard_normal((draws, max(origins, 1)))
    # Antithetic pairs: the middle of the draws is the baseline itself.
    common[draws - draws // 2 :] = -common[: draws // 2]
    norm = np.sqrt((scores**2).sum(axis=0))
    share = np.where(norm > 1e-9, 1 - own_share, 0.0)
    out = np.empty((draws, count, horizon))
    for row in range(count):
        generator = np.random.default_rng([seed, int(seeds[row])])
        own = _own_paths(generator, draws, horizon, model.restless)
        weight = scores[:, row] / np.maximum(norm[row], 1e-9)
        joint = common[:, :origins] @ weight if origins else 0.0
        normal = np.sqrt(share[row]) * joint + np.sqrt(1 - share[row]) * own
        out[:, row] = _to_margin(normal, model.shape) * model.scale[row]
    return out


def _own_paths(generator: np.random.Generator, draws: int, horizon: int, restless: float) -> np.ndarray:
    """Standard normal paths: in part a random walk over the steps, in part drawn anew at each."""
    half = generator.standard_normal((draws - draws // 2, horizon)).cumsum(axis=1)
    half = half / np.sqrt(np.arange(1, horizon + 1))
    if restless > 0:
        anew = generator.standard_normal(half.shape)
        half = np.sqrt(1 - restless) * half + np.sqrt(restless) * anew
    return np.concatenate([half, -half[: draws // 2]])


def _to_margin(normal: np.ndarray, shape: np.ndarray) -> np.ndarray:
    rank = ndtr(normal)
    allowance = 1 + _TAIL_ALLOWANCE * np.abs(2 * rank - 1) ** 10
    return np.asarray(np.interp(rank, _GRID, shape) * allowance)
