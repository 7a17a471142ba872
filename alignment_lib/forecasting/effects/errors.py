"""Joint error paths of the forecast: resampled residual paths, scaled to what backtests met."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["draw_ratios"]

_LARGEST = 2.0


def draw_ratios(
    residual: np.ndarray,
    fitted_residual: np.ndarray,
    log_errors: Sequence[np.ndarray],
    weights: np.ndarray,
    *,
    horizon: int,
    draws: int,
    seed: int,
) -> np.ndarray:
    """Joint draws of actual over forecast, with mean 1 per series and period.

    Each draw starts at a random past period and takes what all series' residuals did over the
    following `horizon` periods, less their level at the start: dependence over series and time is kept
    as it was. A path that would run past the end is continued from another start, at its own level. The
    part common to all series (their sales-weighted mean) and the rest are scaled apart to the size of the
    backtest's errors, so that totals are as wide as they should be, not only leaves; half the paths are
    mirrored.

    Parameters
    ----------
    residual : ndarray, shape (series, periods)
        Log residuals with the level left in; NaN where unknown.
    fitted_residual : ndarray, shape (series, periods)
        Residuals' level after each period.
    log_errors : sequence of ndarray, shape (series, any horizon)
        Backtest errors in logs; NaN where unknown.
    weights : ndarray, shape (series,)
        Usual sales.
    horizon, draws, seed : int

    Returns
    -------
    ndarray, shape (draws, series, horizon)
    """
    rng = np.random.default_rng(seed)
    periods = residual.shape[1]
    share = weights / max(float(weights.sum()), 1e-12)
    block = max(1, min(horizon, periods // 3))
    first = min(max(1, periods // 5), periods - block)
    starts = np.arange(first, periods - block + 1)
    blocks = -(-horizon // block)
    chosen = rng.choice(starts, size=(draws, blocks))
    sign = np.where(rng.random(draws) < 0.5, -1.0, 1.0)
    filled = np.where(np.isfinite(residual), residual, fitted_residual)
    common_size, rest_size = _scales(filled, fitted_residual, starts, block, log_errors, share)
    ratios = np.empty((draws, len(weights), blocks * block))
    for draw in range(draws):
        parts = []
        for start in chosen[draw]:
            path = filled[:, start : start + block] - fitted_residual[:, [start - 1]]
            common = share @ path
            parts.append(common_size * common + rest_size * (path - common))
        ratios[draw] = sign[draw] * np.concatenate(parts, axis=1)
    ratios = np.exp(np.clip(ratios[:, :, :horizon], -_LARGEST, _LARGEST))
    return np.asarray(ratios / ratios.mean(axis=0))


def _scales(
    filled: np.ndarray,
    level: np.ndarray,
    starts: np.ndarray,
    block: int,
    log_errors: Sequence[np.ndarray],
    share: np.ndarray,
) -> tuple[float, float]:
    """Backtest error over residual-path error, for the common part and the rest."""
    if not len(log_errors):
        return 1.25, 1.25
    length = min(block, min(errors.shape[1] for errors in log_errors))
    met = np.array([_sizes(errors[:, :length], share) for errors in log_errors]).mean(axis=0)
    drawn = np.array([
        _sizes(filled[:, start : start + length] - level[:, [start - 1]], share) for start in starts[::3]
    ]).mean(axis=0)  # fmt: skip
    scale = np.sqrt(met / np.maximum(drawn, 1e-12))
    common, rest = np.clip(scale, 0.7, 3.0)
    return float(common), float(rest)


def _sizes(path: np.ndarray, share: np.ndarray) -> tuple[float, float]:
    """Mean square of the common part and of the rest."""
    seen = np.isfinite(path)
    weight = np.where(seen, share[:, None], 0.0)
    common = (weight * np.where(seen, path, 0)).sum(axis=0) / np.maximum(weight.sum(axis=0), 1e-12)
    rest = np.where(seen, path - common, 0.0)
    return float((common**2).mean()), float((weight * rest**2).sum() / max(float(weight.sum()), 1e-12))
