"""What the outcome would be without spend: level, season, price and promotions, and the memory of its noise.

Columns with normal priors stand beside the channels and are integrated out: whatever they can explain is not
credited to spend. Level: a line, and steps every half year; season: four waves of the year.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alignment_lib.forecasting.response.curves import first_weeks
from alignment_lib.forecasting.response.data import ResponseData

__all__ = [
    "Base",
    "Noise",
    "Whitened",
    "choose_noise",
    "explain_base",
    "lay_out_base",
    "scatter_counts",
    "whiten",
]

_WAVES = 4
_MEMORIES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
_NOISES = np.geomspace(0.7, 1.3, 9)
_SPREADS = {"level": 10.0, "line": 0.15, "step": 0.05, "wave": 0.2, "cause": 0.15}
"""Prior standard deviations as shares of the mean outcome: a year's line, a half year's step, the first
wave, one standard deviation of a cause."""


_BURST = 3.0
"""Weeks of which so many times the mean is expected are bursts."""


@dataclass(frozen=True)
class Base:
    """Columns (weeks, n), and their prior standard deviations in the outcome's unit."""

    columns: np.ndarray
    spreads: np.ndarray


@dataclass(frozen=True)
class Noise:
    """Of one outcome.

    Attributes
    ----------
    memory : float
        Share of a week's noise that stays the week after.
    spread : float
        Of the shocks.
    scale : ndarray, shape (weeks,)
        By what each week's noise is larger than `spread` says: 1 but for bursts of a count.
    """

    memory: float
    spread: float
    scale: np.ndarray


@dataclass(frozen=True)
class Whitened:
    """Base integrated out and noise made white: what is left to compare columns by.

    Attributes
    ----------
    root : ndarray, shape (n, weeks)
        ``root @ x`` turns a column into one with independent noise of the base's and the noise's own spread.
    """

    root: np.ndarray


def lay_out_base(data: ResponseData, size: float, fitted: int | None = None) -> Base:
    """Columns of the base over all weeks; causes are centred and scaled by the `fitted` first weeks."""
    phase, causes, half = data.phase, data.causes, data.year // 2
    weeks = len(phase)
    known = weeks if fitted is None else fitted
    at = np.arange(weeks)
    columns: list[np.ndarray] = [np.ones(weeks), (at - known / 2.0) / (2.0 * half)]
    spreads = [_SPREADS["level"], _SPREADS["line"]]
    for step in range(half, known - half // 2, half):
        columns.append(np.clip((at - step) / half + 0.5, 0.0, 1.0))
        spreads.append(_SPREADS["step"])
    for order in range(1, _WAVES + 1):
        for wave in (np.cos, np.sin):
            columns.append(wave(2.0 * np.pi * order * phase))
            spreads.append(_SPREADS["wave"] / order)
    for cause in causes.T:
        spread = float(cause[:known].std())
        if spread > 0:
            columns.append((cause - cause[:known].mean()) / spread)
            spreads.append(_SPREADS["cause"])
    return Base(np.column_stack(columns), size * np.array(spreads))


def whiten(base: Base, noise: Noise) -> Whitened:
    """The root of the inverse covariance of base and noise, in units of the noise's variance.

    Noise follows ``e[t] = memory × e[t-1] + shock``; rows before `first_weeks` are left out.
    """
    kept = _shocks(noise.memory, noise.scale)
    columns = kept @ base.columns * (base.spreads / noise.spread)
    # (I + CC')^(-1/2) by the singular values of C: cheap, for there are few columns.
    left, values, _ = np.linalg.svd(columns, full_matrices=False)
    shrink = 1.0 / np.sqrt(1.0 + values**2) - 1.0
    return Whitened(kept + left @ (shrink[:, None] * (left.T @ kept)))


def choose_noise(outcome: np.ndarray, base: Base, scale: np.ndarray | None = None) -> Noise:
    """Memory and spread of the noise under which the outcome is most likely, all columns integrated out.

    Maximum marginal likelihood on a grid; counting the columns' freedom keeps what they fit by chance from
    passing for small noise.
    """
    scale = np.ones(len(outcome)) if scale is None else scale
    best = (-np.inf, 0.0, 1.0)
    for memory in _MEMORIES:
        kept = _shocks(memory, scale)
        left, values, _ = np.linalg.svd(kept @ base.columns * base.spreads, full_matrices=False)
        seen = kept @ outcome
        along = left.T @ seen
        across = max(float(seen @ seen - along @ along), 1e-12 * float(seen @ seen))
        freedom = len(seen) - len(values)
        for noise in np.sqrt(across / freedom) * _NOISES:
            spread = noise**2 + values**2
            score = -0.5 * (across / noise**2 + float((along**2 / spread).sum()))
            score -= freedom * np.log(noise) + 0.5 * float(np.log(spread).sum())
            best = max(best, (score, memory, float(noise)))
    return Noise(best[1], best[2], scale)


def explain_base(rest: np.ndarray, base: Base, noise: Noise) -> np.ndarray:
    """Weights of the base's columns that explain what spend did not bring (ridge, by their priors)."""
    weeks = len(rest)
    kept = _shocks(noise.memory, noise.scale[:weeks])
    columns = kept @ base.columns[:weeks] * (base.spreads / noise.spread)
    inner = columns.T @ columns + np.eye(columns.shape[1])
    return np.asarray(np.linalg.solve(inner, columns.T @ (kept @ rest / noise.spread)) * base.spreads)


def scatter_counts(expected: np.ndarray, spread: float) -> np.ndarray:
    """By what the noise of each week exceeds the spread of ordinary weeks, 1 where it does not.

    Ordinary weeks say little of one that stands far above them, a fair's: a count scatters by chance alone by
    the root of what is expected of it (Poisson 1837), and that is the least its noise can be.
    """
    burst = expected > _BURST * float(expected.mean())
    return np.asarray(np.where(burst, np.sqrt(np.maximum(expected, 0.0)) / spread, 1.0).clip(min=1.0))


def _shocks(memory: float, scale: np.ndarray) -> np.ndarray:
    """Rows that turn an outcome into shocks of one size."""
    weeks = len(scale)
    shift = np.eye(weeks) - memory * np.eye(weeks, k=-1)
    return np.asarray((shift / scale)[max(first_weeks(weeks), 1) :])
