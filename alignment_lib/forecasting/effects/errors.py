"""Joint error paths of the forecast: clean past paths, pooled over siblings, as wide as backtests met.

An error path is what residuals did over the periods after some past period, less their level then. Only paths
that say something of today count: the series was alive, past its launch, and in stock. Where a series has no
such path, that of a sibling stands in at the series' own scale, which is shrunk to its siblings'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.model import Design, past_effect
from alignment_lib.forecasting.effects.pooled import PooledFit, PooledSettings, smooth_level
from alignment_lib.forecasting.large_arrays import WIDE_PART, new_draws, parts_of, release
from alignment_lib.forecasting.launches import launch_log_error

__all__ = ["PastErrors", "draw_ratios", "keep_clean", "out_of_stock", "past_errors", "split_path"]

_LARGEST = 2.0
_PROBE = 13
"""Longest path on which scales are compared: long and short histories must be alike."""
_OWN = 4.0
"""Paths without overlap at which a series' own scale weighs as much as its siblings'."""
_TRUST = 3.0
"""Origins at which what backtests met weighs as much as what is expected beforehand."""
_BEFOREHAND = 1.2
"""Errors of a forecast over those of the fitted model's own paths, as met on redrawn demos."""
_RARE, _SURE = 0.1, 5.0
_FEWEST = 8


@dataclass(frozen=True)
class PastErrors:
    """What error paths are drawn from.

    Attributes
    ----------
    residual : ndarray, shape (series, periods)
        Log residuals with the level left in; NaN where unknown or out of stock.
    level : ndarray, shape (series, periods)
        Residuals' level after each period.
    product : ndarray of int, shape (series,)
        Siblings share a number.
    season : int
        Periods in a year.
    """

    residual: np.ndarray
    level: np.ndarray
    product: np.ndarray
    season: int

    def age(self) -> np.ndarray:
        """Periods since the first known one, negative before it, shape (series, periods)."""
        seen = np.isfinite(self.residual)
        periods = seen.shape[1]
        first = np.where(seen.any(axis=1), seen.argmax(axis=1), periods)
        return np.asarray(np.arange(periods)[None, :] - first[:, None])

    def ready(self) -> np.ndarray:
        """After which periods a path may start: half a year after a late start, else from the first on."""
        age = self.age()
        late = -age[:, [0]] > max(1, self.season // 13)
        return np.asarray(np.where(late, age >= self.season // 2, age >= 0))

    def path(self, start: int, length: int) -> np.ndarray:
        """Error of the level held after `start` periods, shape (series, length)."""
        return np.asarray(self.residual[:, start : start + length] - self.level[:, [start - 1]])

    def clean_path(self, start: int, length: int) -> np.ndarray:
        """The same, NaN for series not ready."""
        return np.where(self.ready()[:, [start - 1]], self.path(start, length), np.nan)


def past_errors(design: Design, fit: PooledFit, settings: PooledSettings) -> PastErrors:
    """Residuals of the explained member without stock-outs, and their level as if there had been none."""
    panel = design.panel
    season = panel.calendar.season
    residual = np.where(out_of_stock(design.logs, fit.fitted), np.nan, fit.residual)
    if panel.unknown_ahead:
        # A forecast from any past period would not have known what these drivers were about to do either.
        residual = residual + past_effect(design, fit, panel.unknown_ahead)
    level = fit.fitted - fit.explained(design.past)
    undisturbed, _ = smooth_level(residual, panel.product, settings, season)
    return PastErrors(residual, level + undisturbed - fit.path, panel.product, season)


def out_of_stock(logs: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    """Periods without a sale of series that hardly ever miss one, where more than five were expected.

    Parameters
    ----------
    logs, fitted : ndarray, shape (series, periods)
        log(sales + 1), NaN where unknown, and what the model fits.

    Examples
    --------
    >>> int(out_of_stock(np.log1p([[20.0] * 10 + [0.0]]), np.log1p([[20.0] * 11])).sum())
    1
    """
    seen = np.isfinite(logs)
    nothing = seen & (logs <= 0)
    rare = nothing.sum(axis=1) <= _RARE * seen.sum(axis=1)
    return np.asarray(nothing & rare[:, None] & (fitted > np.log1p(_SURE)))


def keep_clean(
    past: PastErrors, log_errors: Sequence[np.ndarray], origins: Sequence[int]
) -> list[np.ndarray]:
    """Backtest errors with NaN for launches and stock-outs; `origins` are the periods known at each."""
    ready = past.ready()
    clean = []
    for errors, origin in zip(log_errors, origins, strict=True):
        length = errors.shape[1]
        seen = np.isfinite(past.residual[:, origin : origin + length]) & ready[:, [origin - 1]]
        clean.append(np.where(seen, errors, np.nan))
    return clean


def draw_ratios(
    past: PastErrors,
    log_errors: Sequence[np.ndarray],
    weights: np.ndarray,
    *,
    horizon: int,
    draws: int,
    seed: int,
) -> np.ndarray:
    """Joint draws of actual over forecast, with mean 1 per series and period.

    Each draw starts at a random past period and takes what all series' residuals did over the following
    periods: dependence over series and time is kept as it was. A path that would run past the end is
    continued from another start. What is common to all series (their sales-weighted mean), to those of a
    product, and the rest are scaled apart to the size of the backtest's errors, so that totals at each level
    are as wide as they should be, not only leaves; half the paths are mirrored.

    Parameters
    ----------
    past : PastErrors
    log_errors : sequence of ndarray, shape (series, any horizon)
        Backtest errors in logs, latest origin first; NaN where unknown, see `keep_clean`.
    weights : ndarray, shape (series,)
        Sales forecast.
    horizon, draws, seed : int

    Returns
    -------
    ndarray, shape (draws, series, horizon)
        Of thousands of series in a file, see `new_draws`.
    """
    rng = np.random.default_rng(seed)
    periods = past.residual.shape[1]
    block = max(1, min(horizon, periods // 3))
    first = min(max(1, periods // 5), periods - block)
    starts = np.arange(first, periods - block + 1)
    blocks = -(-horizon // block)
    chosen = rng.choice(starts, size=(draws, blocks))
    sign = np.where(rng.random(draws) < 0.5, -1.0, 1.0)
    paths = _scaled_paths(past, starts, block, np.unique(chosen), log_errors, weights, rng)
    ratios = new_draws(draws, len(weights), horizon)
    for part in parts_of(len(weights), WIDE_PART):
        drawn = np.empty((draws, part.stop - part.start, horizon))
        for draw in range(draws):
            path = np.concatenate([paths[int(start)][part] for start in chosen[draw]], axis=1)[:, :horizon]
            drawn[draw] = np.exp(np.clip(sign[draw] * path, -_LARGEST, _LARGEST))
        drawn /= drawn.mean(axis=0)
        ratios[:, part] = drawn
        release(ratios)
    return ratios


def _scaled_paths(
    past: PastErrors,
    starts: np.ndarray,
    block: int,
    chosen: np.ndarray,
    log_errors: Sequence[np.ndarray],
    weights: np.ndarray,
    rng: np.random.Generator,
) -> dict[int, np.ndarray]:
    """The path of all series after each chosen start, shape (series, block)."""
    length = min(block, _PROBE)
    clean = np.array([past.clean_path(int(start), length) for start in starts])
    own, wanted = _spreads(clean, past.product)
    launch = _launch_factors(past, clean, length, wanted)
    factors = _part_factors(clean, log_errors, weights, past.product)
    paths = {}
    for start in chosen:
        whole = _whole_path(past, int(start), block, own, wanted, rng)
        parts = split_path(whole, weights, past.product)
        paths[int(start)] = launch[:, None] * np.tensordot(factors, parts, axes=1)
    return paths


def _spreads(clean: np.ndarray, product: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each series' own mean square root, and the one it is given: shrunk to siblings', theirs to all.

    A series with few paths of its own is given at least what its siblings miss.
    """
    seen = np.isfinite(clean)
    squares, cells = np.where(seen, clean, 0.0) ** 2, seen.sum(axis=(0, 2))
    total = squares.sum(axis=(0, 2))
    paths = cells / clean.shape[2] ** 2
    everyone = total.sum() / max(float(cells.sum()), 1.0)
    groups = int(product.max()) + 1
    sums, counts = (np.bincount(product, part, minlength=groups) for part in (total, cells))
    theirs = np.bincount(product, paths, minlength=groups)
    siblings = (theirs * sums / np.maximum(counts, 1) + _OWN * everyone) / (theirs + _OWN)
    mean = total / np.maximum(cells, 1)
    wanted = (paths * mean + _OWN * siblings[product]) / (paths + _OWN)
    wanted = np.where(paths < _OWN, np.maximum(wanted, siblings[product]), wanted)
    return np.sqrt(np.maximum(mean, 1e-12)), np.sqrt(np.maximum(wanted, 1e-12))


def _launch_factors(past: PastErrors, clean: np.ndarray, length: int, wanted: np.ndarray) -> np.ndarray:
    """What launches missed at the age a young series has now, over what grown series miss; at least 1.

    Both by the median, so that one wild launch does not speak for all. Ages between two thirds and one and a
    half times the series' own are alike. Where no launch tells, the scale is at least that of a line
    extension (Kahn 2002), less and less of it over the first half year.
    """
    age, factors = past.age(), np.ones(len(past.residual))
    late = -age[:, 0] > max(1, past.season // 13)
    young = np.flatnonzero(late & (age[:, -1] < past.season) & (age[:, -1] >= 0))
    usual = float(np.nanmedian(np.abs(clean))) if np.isfinite(clean).any() else 0.0
    if not len(young) or usual <= 0:
        return factors
    starts = range(1, past.residual.shape[1] - length + 1)
    raw = np.array([past.path(start, length)[late] for start in starts])
    then = np.array([age[late, start - 1] for start in starts])
    for row in young:
        now = age[row, -1] + 1
        like = raw[(then + 1 >= now / 1.5) & (then + 1 <= now * 1.5)]
        if np.isfinite(like).sum() >= _FEWEST * length:
            factors[row] = max(1.0, float(np.nanmedian(np.abs(like))) / usual)
        else:
            untold = launch_log_error("line extension") * max(0.0, 1 - 2 * now / past.season)
            factors[row] = max(1.0, untold / float(wanted[row]))
    return factors


def _part_factors(
    clean: np.ndarray, log_errors: Sequence[np.ndarray], weights: np.ndarray, product: np.ndarray
) -> np.ndarray:
    """Backtest errors over path errors of total, product and rest; pulled to what is expected beforehand."""
    count = len(log_errors)
    if not count:
        return np.full(3, _BEFOREHAND)
    length = min(clean.shape[2], min(errors.shape[1] for errors in log_errors))
    met = np.mean([_squares(errors[:, :length], weights, product) for errors in log_errors], axis=0)
    drawn = np.mean([_squares(path[:, :length], weights, product) for path in clean[::2]], axis=0)
    ratio = np.where(drawn > 1e-12, met / np.maximum(drawn, 1e-12), _BEFOREHAND**2)
    factor = np.sqrt((count * ratio + _TRUST * _BEFOREHAND**2) / (count + _TRUST))
    return np.asarray(np.clip(factor, 0.7, 3.0))


def _squares(path: np.ndarray, weights: np.ndarray, product: np.ndarray) -> np.ndarray:
    """Weighted mean square of each of the parts of `split_path`."""
    known = np.where(np.isfinite(path), weights[:, None], 0.0)
    return np.asarray(
        (known * split_path(path, weights, product) ** 2).sum(axis=(1, 2)) / max(known.sum(), 1e-12)
    )


def split_path(path: np.ndarray, weights: np.ndarray, product: np.ndarray) -> np.ndarray:
    """Part common to all series, to those of a product, and the rest; they add up to the path.

    Parameters
    ----------
    path : ndarray, shape (series, periods)
        NaN where unknown; there the parts are 0.
    weights : ndarray, shape (series,)
    product : ndarray of int, shape (series,)

    Returns
    -------
    ndarray, shape (3, series, periods)

    Examples
    --------
    >>> split_path(np.array([[1.0], [3.0], [8.0]]), np.ones(3), np.array([0, 0, 1]))[:, :, 0].tolist()
    [[4.0, 4.0, 4.0], [-2.0, -2.0, 4.0], [-1.0, 1.0, 0.0]]
    """
    seen = np.isfinite(path)
    known, values = np.where(seen, weights[:, None], 0.0), np.where(seen, path, 0.0)
    total = (known * values).sum(axis=0) / np.maximum(known.sum(axis=0), 1e-12)
    shape = (int(product.max()) + 1, path.shape[1])
    top, low = np.zeros(shape), np.zeros(shape)
    np.add.at(top, product, known * values)
    np.add.at(low, product, known)
    mean = (top / np.maximum(low, 1e-12))[product]
    parts = np.array([np.broadcast_to(total, path.shape), mean - total, values - mean])
    return np.asarray(np.where(seen, parts, 0.0))


def _whole_path(
    past: PastErrors, start: int, block: int, own: np.ndarray, wanted: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Paths of all series after `start`, each at its scale; a sibling's stands in for one not half known."""
    path = past.clean_path(start, block)
    usable = np.isfinite(path).mean(axis=1) > 0.5
    filled = pd.DataFrame(path.T).ffill().bfill().fillna(0.0).to_numpy().T
    result = filled * (wanted / own)[:, None]
    if not usable.any():
        return np.asarray(result)
    for number in np.unique(past.product[~usable]):
        needing = np.flatnonzero(~usable & (past.product == number))
        donors = np.flatnonzero(usable & (past.product == number))
        if not len(donors):
            # One other product stands in for all of this one: what its series share is kept.
            other = past.product[rng.choice(np.flatnonzero(usable))]
            donors = np.flatnonzero(usable & (past.product == other))
        chosen = donors[rng.permutation(np.resize(np.arange(len(donors)), len(needing)))]
        result[needing] = filled[chosen] * (wanted[needing] / own[chosen])[:, None]
    return np.asarray(result)
