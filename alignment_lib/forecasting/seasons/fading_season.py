"""Seasonal indices of months and quarters, in which older years count less as far as the past says so.

A season is measured twice. Differences from a centred moving average, which loses half a season at either
end, give a first estimate; without it the series is smooth enough for local straight lines, which reach both
ends, and differences from these give the second. How fast years fade is learnt from each series alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

__all__ = ["centred_average", "fading_indices", "local_line", "shrinkage"]

_DECAYS = np.array([1.0, 0.9, 0.8, 0.7, 0.6, 0.45, 0.3])
"""Weight of a year beside the year after it; 1 is the plain mean over the whole life."""
_REACH = 3
"""Seasons on either side that a local straight line looks at."""
_ROWS = 256
"""Series worked on together, always as many: the last bits of a product depend on its shape, and a series'
forecast must not depend on its company."""


def fading_indices(
    z: np.ndarray, start: np.ndarray, season: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shrunk seasonal indices, the share kept and their noise; none for a life under two seasons.

    Parameters
    ----------
    z : ndarray, shape (series, periods)
        Filled histories, the first value repeated before `start`.
    start : ndarray of int, shape (series,)
        Column of each series' first value.
    season : int
        Periods in a season.

    Returns
    -------
    index : ndarray, shape (series, season)
        Column j belongs to the columns that leave j when divided by `season`.
    kept : ndarray, shape (series,)
        ``max(0, 1 - ((m - 3) / (m - 1)) V / A)``, V the mean sampling variance of the indices and A their
        mean square (Miller and Williams 2003, International Journal of Forecasting 19, 669-684).
    noise : ndarray, shape (series,)
        V.
    """
    index, kept, noise = np.zeros((len(z), season)), np.zeros(len(z)), np.zeros(len(z))
    count = z.shape[1]
    able = np.flatnonzero(count - start >= 2 * season)
    phase = (count + np.arange(season)) % season
    for rows in np.array_split(able, max(1, -(-len(able) // _ROWS))):
        raw, kept[rows], noise[rows] = _measure_twice(z[rows], start[rows], season)
        index[rows[:, None], phase] = raw * kept[rows, None]
    return index, kept, noise


def _measure_twice(
    z: np.ndarray, start: np.ndarray, season: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Raw indices by place in the last season, the share to be kept, and their sampling variance."""
    count = z.shape[1]
    lives = _Lives.of(start, count, season)
    apart = z - centred_average(z, season)
    fits = np.isfinite(apart) & (np.arange(count) >= (start + season // 2)[:, None])
    years = _by_year(np.where(fits, apart, 0.0), season)
    first = years.sum(axis=1) / np.maximum(_by_year(fits, season).sum(axis=1), 1)
    first = first - first.mean(axis=1, keepdims=True)
    slot = (np.arange(count) - count) % season
    line = local_line(z - first[:, slot], start, _REACH * season)
    inside = np.arange(count) >= start[:, None]
    years = _by_year(np.where(inside, z - line, 0.0), season)
    weights = _year_weights(years, lives)
    raw = (weights * years).sum(axis=1)
    square = (weights**2).sum(axis=1)
    within = (weights * (years - raw[:, None]) ** 2).sum(axis=1)
    # Few years leave each place's own variance unreliable: pooled over places.
    leverage = np.where(inside, _line_weights(count, _REACH * season)[2][start], 0.0)
    taken = (weights * _by_year(leverage, season)).sum(axis=(1, 2))
    pooled = within.sum(axis=1) / np.maximum((1.0 - square).sum(axis=1) - taken, 1.0)
    raw = raw - raw.mean(axis=1, keepdims=True)
    variance = pooled * square.mean(axis=1)
    return raw, shrinkage(variance, (raw**2).sum(axis=1) / (season - 1), season), variance


@dataclass(frozen=True)
class _Lives:
    """What follows from the starts alone, once for each different start.

    Attributes
    ----------
    which : ndarray of int, shape (series,)
        Row of each series in `alive`.
    alive : ndarray, shape (starts, years, season)
        1 where a value is known; years counted to the last period, the first may be broken.
    """

    which: np.ndarray
    alive: np.ndarray

    @classmethod
    def of(cls, start: np.ndarray, count: int, season: int) -> _Lives:
        """Lives of series that begin in these columns."""
        begins, which = np.unique(start, return_inverse=True)
        inside = np.arange(count) >= begins[:, None]
        return cls(which.ravel(), _by_year(inside.astype(float), season))


def _by_year(values: np.ndarray, season: int) -> np.ndarray:
    """Columns as years of a season each, counted to the last column; nothing in what is missing."""
    count = values.shape[1]
    years = -(-count // season)
    out = np.zeros((len(values), years * season), values.dtype)
    out[:, years * season - count :] = values
    return out.reshape(len(values), years, season)


def _year_weights(years: np.ndarray, lives: _Lives) -> np.ndarray:
    """Weight of each value in its place's index, shape (series, years, season): sums to one over the years.

    A year of age a weighs decay^a. Decays are averaged by how well the index of the years before foretold
    each year: the likelihood of normal errors of unknown size, the places of one year counted as one
    observation (Dawid 1984, Journal of the Royal Statistical Society A 147, 278-292).
    """
    count = years.shape[1]
    decay = _DECAYS[:, None, None]
    total = np.zeros((len(_DECAYS), len(years), years.shape[2]))
    size = np.zeros((len(_DECAYS), *lives.alive.shape[::2]))
    loss = np.zeros((len(_DECAYS), len(years)))
    told = np.zeros(len(lives.alive))
    for year in range(count):
        known = lives.alive[:, year]
        if year:
            both = known * (size[0] > 0)
            share = both / np.where(size > 0, size, 1.0)
            gap = total * share[:, lives.which] - years[:, year] * both[lives.which]
            loss += (gap * gap).sum(axis=2)
            told += both.mean(axis=1)
        total = total * decay + years[:, year]
        size = size * decay + known
    chance = -0.5 * told[lives.which] * np.log(np.maximum(loss, 1e-300))
    chance = np.exp(chance - chance.max(axis=0))
    chance = chance / chance.sum(axis=0)
    age = np.arange(count)[::-1][None, None, :, None]
    of_decay = decay[..., None] ** age * lives.alive / np.maximum(size, 1e-300)[:, :, None, :]
    weights = np.zeros(years.shape)
    for place, of_starts in enumerate(of_decay):
        weights += chance[place, :, None, None] * of_starts[lives.which]
    return weights


def local_line(values: np.ndarray, start: np.ndarray, reach: int) -> np.ndarray:
    """Local straight lines with tricube weights, `reach` columns to either side, to both ends of each life.

    Cleveland (1979), Journal of the American Statistical Association 74, 829-836.

    >>> local_line(np.array([[1.0, 1.0, 2.0, 3.0]]), np.array([1]), 3).round(9).tolist()[0][1:]
    [1.0, 2.0, 3.0]
    """
    count = values.shape[1]
    weight, first, of_plain, of_slope = _line_weights(count, reach)
    out = np.empty(values.shape)
    for begin in range(0, len(values), _ROWS):
        some = slice(begin, begin + _ROWS)
        alive = np.zeros((_ROWS, count))
        size = len(values[some])
        alive[:size] = np.where(np.arange(count) >= start[some, None], values[some], 0.0)
        plain, slope = (alive @ weight)[:size], (alive @ first)[:size]
        out[some] = of_plain[start[some]] * plain - of_slope[start[some]] * slope
    return out


@lru_cache(maxsize=4)
def _line_weights(count: int, reach: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Tricube weights of columns (rows) for columns, the same times distance, and their shares by start.

    The first share is also the weight of each value in its own line.
    """
    back = np.arange(count)[:, None] - np.arange(count)[None, :]
    weight = np.maximum(0.0, 1.0 - (np.abs(back) / (reach + 1.0)) ** 3) ** 3
    first = weight * back
    life = (np.arange(count) >= np.arange(count)[:, None]).astype(float)
    plain, slope, square = life @ weight, life @ first, life @ (first * back)
    spread = plain * square - slope**2
    known = spread > 1e-9
    divisor = np.where(known, spread, np.maximum(plain, 1e-9))
    return weight, first, np.where(known, square, 1.0) / divisor, np.where(known, slope, 0.0) / divisor


def centred_average(z: np.ndarray, season: int) -> np.ndarray:
    """Centred moving average over one season, NaN where it does not fit."""
    total = np.cumsum(np.pad(z, ((0, 0), (1, 0))), axis=1)
    window = (total[:, season:] - total[:, :-season]) / season
    out = np.full_like(z, np.nan)
    half = season // 2
    if season % 2:
        out[:, half : half + window.shape[1]] = window
    else:
        middle = (window[:, 1:] + window[:, :-1]) / 2
        out[:, half : half + middle.shape[1]] = middle
    return out


def shrinkage(variance: np.ndarray, signal: np.ndarray, season: int) -> np.ndarray:
    """Share of raw indices to keep, from their sampling variance and mean square."""
    noise = np.where(signal > 0, variance / np.where(signal > 0, signal, 1.0), 1.0)
    factor = max(season - 3, 0.0) / (season - 1)
    return np.where(signal > 0, np.maximum(0.0, 1.0 - factor * noise), 0.0)
