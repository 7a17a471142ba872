"""Local members computed for all series in one pass: theta, damped trend, temporal aggregation.

Each works on a seasonally adjusted, scale-free history (`Adjusted`) and returns forecasts on that
scale, season not included. No member of one series looks at another series.
"""

from __future__ import annotations

import numpy as np

from alignment_lib.forecasting.learning.adjustment import Adjusted

__all__ = ["aggregated", "damped", "exponential_level", "fit_line", "recent_level", "theta"]

_ALPHAS = np.array([0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99])


def fit_line(level: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least-squares line of each series over its life: value at the last column, and slope.

    >>> end, slope = fit_line(np.array([[1.0, 2.0, 3.0]]), np.array([0]))
    >>> (round(float(end[0]), 9), round(float(slope[0]), 9))
    (3.0, 1.0)
    """
    count = level.shape[1]
    back = np.arange(count) - (count - 1.0)
    life = np.arange(count) >= start[:, None]
    size = (count - start).astype(float)
    mean_time = -(size - 1) / 2
    mean = (level * life).sum(axis=1) / size
    spread = size * (size**2 - 1) / 12
    moment = ((back - mean_time[:, None]) * (level - mean[:, None]) * life).sum(axis=1)
    slope = np.where(spread > 0, moment / np.where(spread > 0, spread, 1.0), 0.0)
    return mean - slope * mean_time, slope


def exponential_level(values: np.ndarray, alphas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Simple exponential smoothing from the first value on, for each smoothing weight.

    Returns
    -------
    level : ndarray, shape (series, alphas)
        Level after the last value.
    loss : ndarray, shape (series, alphas)
        Sum of squared one-step errors.
    """
    level = np.repeat(values[:, :1], len(alphas), axis=1)
    loss, error, step = np.zeros_like(level), np.empty_like(level), np.empty_like(level)
    for value in values.T[1:]:
        np.subtract(value[:, None], level, out=error)
        loss += np.multiply(error, error, out=step)
        level += np.multiply(alphas, error, out=step)
    return level, loss


def theta(adjusted: Adjusted, horizon: int) -> np.ndarray:
    """Half the trend line, half simple smoothing of twice the series less the line.

    Assimakopoulos and Nikolopoulos (2000), International Journal of Forecasting 16, 521-530; the
    smoothing weight is chosen on a grid by squared one-step error. The line is continued no further than
    half as far as it has been seen: a launch's first weeks are no trend for its next year.
    """
    end, slope = fit_line(adjusted.level, adjusted.start)
    seen = adjusted.level.shape[1] - adjusted.start
    ahead = np.minimum(np.arange(1, horizon + 1), np.maximum(seen // 2, 1)[:, None])
    level, _ = theta_level(adjusted, end, slope)
    return np.asarray(0.5 * (end[:, None] + slope[:, None] * ahead) + 0.5 * level[:, None])


def theta_level(adjusted: Adjusted, end: np.ndarray, slope: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Smoothed level of the second theta line, and the smoothing weight chosen."""
    count = adjusted.level.shape[1]
    back = np.maximum(np.arange(count), adjusted.start[:, None]) - (count - 1.0)
    doubled = 2 * adjusted.level - (end[:, None] + slope[:, None] * back)
    levels, losses = exponential_level(doubled, _ALPHAS)
    best = losses.argmin(axis=1)
    return levels[np.arange(len(levels)), best], _ALPHAS[best]


def damped(adjusted: Adjusted, horizon: int) -> np.ndarray:
    """Damped linear trend (Gardner and McKenzie 1985, Management Science 31, 1237-1246).

    Level, trend and damping weights are chosen on a grid by squared one-step error.
    """
    alpha, beta, phi = (
        grid.ravel()
        for grid in np.meshgrid([0.1, 0.3, 0.5, 0.7, 0.9], [0.0, 0.05, 0.15, 0.3], [0.8, 0.9, 0.98])
    )
    level, trend, loss = damped_states(adjusted.level, alpha, beta, phi)
    row = np.arange(len(level))
    best = loss.argmin(axis=1)
    powers = phi[best][:, None] ** np.arange(1, horizon + 1)
    return np.asarray(level[row, best][:, None] + trend[row, best][:, None] * np.cumsum(powers, axis=1))


def damped_states(
    values: np.ndarray, alpha: np.ndarray, beta: np.ndarray, phi: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Level and trend after the last value, and squared one-step error, per parameter set."""
    level = np.repeat(values[:, :1], len(alpha), axis=1)
    trend, loss = np.zeros_like(level), np.zeros_like(level)
    error, step = np.empty_like(level), np.empty_like(level)
    gain = alpha * beta
    for value in values.T[1:]:
        trend *= phi
        np.subtract(value[:, None], level, out=error)
        error -= trend
        loss += np.multiply(error, error, out=step)
        level += trend
        level += np.multiply(alpha, error, out=step)
        trend += np.multiply(gain, error, out=step)
    return level, trend, loss


def recent_level(adjusted: Adjusted, horizon: int, season: int) -> np.ndarray:
    """Mean of the last quarter of a year, carried on: no trend is read from a few restless periods."""
    count = adjusted.level.shape[1]
    width = max(season // 4, 3)
    inside = np.arange(count) >= np.maximum(adjusted.start, count - width)[:, None]
    level = (adjusted.level * inside).sum(axis=1) / inside.sum(axis=1)
    return np.repeat(level[:, None], horizon, axis=1)


def aggregated(adjusted: Adjusted, horizon: int, season: int) -> np.ndarray:
    """Theta on block means of several lengths, spread evenly and averaged.

    Kourentzes, Petropoulos and Trapero (2014), International Journal of Forecasting 30, 291-302, with
    theta in place of exponential smoothing.
    """
    lengths = [size for size in (1, 2, 3, 4, 6, 12) if size <= max(season, 4)]
    count = adjusted.level.shape[1]
    total = np.zeros((len(adjusted.level), horizon))
    used = np.zeros((len(adjusted.level), 1))
    for size in lengths:
        blocks = count // size
        if blocks < 4:
            continue
        trimmed = adjusted.level[:, count - blocks * size :]
        means = trimmed.reshape(len(trimmed), blocks, size).mean(axis=2)
        first = -(-(adjusted.start - (count - blocks * size)).clip(min=0) // size)
        long_enough = (blocks - first) >= 4
        first = np.minimum(first, blocks - 1)
        filled = np.take_along_axis(means, first[:, None], axis=1)
        means = np.where(np.arange(blocks) < first[:, None], filled, means)
        coarse = Adjusted(means, adjusted.index, adjusted.shrink, first, adjusted.spread)
        steps = -(-horizon // size)
        path = _stepped(theta(coarse, steps), size, horizon)
        total += np.where(long_enough[:, None], path, 0.0)
        used += long_enough[:, None]
    return np.where(used > 0, total / np.maximum(used, 1), theta(adjusted, horizon))


def _stepped(coarse: np.ndarray, size: int, horizon: int) -> np.ndarray:
    """Block forecasts brought to single periods by joining the blocks' middles."""
    if size == 1:
        return coarse
    middle = (np.arange(coarse.shape[1]) + 0.5) * size + 0.5
    slope = (coarse[:, -1:] - coarse[:, :1]) / max(middle[-1] - middle[0], 1.0)
    ahead = np.arange(1, horizon + 1)
    if coarse.shape[1] == 1:
        return np.repeat(coarse, horizon, axis=1)
    anchor = coarse.mean(axis=1, keepdims=True)
    return np.asarray(anchor + slope * (ahead - middle.mean()))
