"""The global learner: gradient boosting across a business's own series, exactly calendar-safe.

At every past origin of every series the learner sees only what was known there, and is asked how far
the later values lay from that series' own theta forecast, in units of its own usual change. What
comes out is one model for all series; a row enters its training only where its target was known at
the cut. Nothing a series does after the cut can reach any forecast.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from alignment_lib.forecasting.large_arrays import new_array, parts_of, release
from alignment_lib.forecasting.learning.adjustment import Adjusted, Scaled, adjust_seasonally
from alignment_lib.forecasting.learning.smoothing import (
    damped_states,
    exponential_level,
    fit_line,
    theta_level,
)

if TYPE_CHECKING:
    import lightgbm

__all__ = ["Learner", "LearnerSettings", "TrainingRows", "collect_rows", "fit_learner", "predict_learner"]


@dataclass(frozen=True)
class LearnerSettings:
    """Size of the learner; the defaults were found on validation origins, larger ones gained little."""

    trees: int = 120
    rate: float = 0.05
    leaves: int = 15
    rows_per_leaf: int = 300
    feature_share: float = 0.4
    bagging: float = 0.5
    horizons_per_origin: int = 3
    most_rows: int = 30_000
    most_origins: int = 60
    least_series: int = 100
    least_rows: int = 3_000


@dataclass(frozen=True)
class TrainingRows:
    """One row per series, past origin and horizon.

    Attributes
    ----------
    features : ndarray of float32, shape (rows, features)
    target, weight : ndarray, shape (rows,)
    known_at : ndarray of int, shape (rows,)
        Column of the calendar grid in which the target lies: usable for cuts after it.
    """

    features: np.ndarray
    target: np.ndarray
    weight: np.ndarray
    known_at: np.ndarray

    def before(self, cut: int) -> TrainingRows:
        """Only the rows whose target lies before column `cut`."""
        kept = self.known_at < cut
        return TrainingRows(self.features[kept], self.target[kept], self.weight[kept], self.known_at[kept])


@dataclass(frozen=True)
class _Origin:
    """What is known of each series at one origin, horizon by horizon."""

    plain: np.ndarray
    base: np.ndarray
    season: np.ndarray
    last_year: np.ndarray
    anchor: np.ndarray
    spread: np.ndarray


def collect_rows(
    scaled: Scaled,
    season: int,
    horizon: int,
    seed: int,
    settings: LearnerSettings,
    first: np.ndarray | None = None,
) -> TrainingRows:
    """Training rows from every origin with at least two seasons and one value before it.

    Parameters
    ----------
    scaled : Scaled
        Histories; columns are calendar periods unless `first` says otherwise.
    season, horizon : int
        Periods in a season; furthest horizon learnt.
    seed : int
        Chooses the horizons at each origin.
    first : ndarray of int, shape (series,), optional
        Calendar column in which each series' own first value lies, where the columns of `scaled` are
        not calendar periods.
    """
    lengths = scaled.z.shape[1] - scaled.start
    generator = np.random.default_rng(seed)
    # Horizons are drawn for all series alike, so that a series' rows do not depend on the others.
    looks = [
        (known, _draw_horizons(horizon, generator, settings.horizons_per_origin))
        for known in _choose_origins(lengths, season, settings)
    ]
    total = sum(int((lengths >= known + step).sum()) for known, steps in looks for step in steps)
    first = scaled.start if first is None else first
    per_series = np.maximum(sum(((lengths > known).astype(int) for known, _ in looks), 0 * lengths), 1)
    features: np.ndarray | None = None
    blocks: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    done = 0
    for known, steps in looks:
        for block in _rows_of_origin(scaled, season, horizon, known, steps, per_series, first):
            if features is None:
                features = new_array((total, block[0].shape[1]), 0.0, np.float32)
            features[done : done + len(block[0])] = block[0]
            done += len(block[0])
            blocks.append(block[1:])
        if features is not None:
            release(features)
    if features is None:
        return TrainingRows(np.zeros((0, 1), np.float32), np.zeros(0), np.zeros(0), np.zeros(0, np.int64))
    return TrainingRows(features, *(np.concatenate(part) for part in zip(*blocks, strict=True)))


def _rows_of_origin(
    scaled: Scaled,
    season: int,
    horizon: int,
    known: int,
    steps: list[int],
    per_series: np.ndarray,
    first: np.ndarray,
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """Training rows of one origin: horizon by horizon, in each the series in order."""
    lengths = scaled.z.shape[1] - scaled.start
    reached = np.flatnonzero(lengths > known)
    by_step: dict[int, list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]] = {s: [] for s in steps}
    for part in parts_of(len(reached)):
        rows = reached[part]
        column = scaled.start[rows][:, None] + np.arange(known)
        past = scaled.z[rows[:, None], column]
        origin = _describe(past, np.zeros(len(rows), dtype=np.int64), season, horizon)
        for step in steps:
            there = np.flatnonzero(lengths[rows] >= known + step)
            if len(there):
                actual = scaled.z[rows[there], scaled.start[rows[there]] + known + step - 1]
                at = first[rows[there]] + known
                by_step[step].append(_rows_at(origin, there, step, actual, per_series[rows[there]], at))
    for step in steps:
        yield from by_step[step]


def _choose_origins(lengths: np.ndarray, season: int, settings: LearnerSettings) -> list[int]:
    """Numbers of known values at which the learner looks back, thinned where there are very many rows."""
    longest = int(lengths.max(initial=0))
    affordable = 10 * settings.most_rows // max(len(lengths) * settings.horizons_per_origin, 1)
    most = min(settings.most_origins, max(affordable, 8))
    least = 2 * season + 1 if season <= 24 else season
    every = np.arange(least, longest)
    if len(every) > most:
        every = every[np.unique(np.linspace(0, len(every) - 1, most).round().astype(int))]
    return [int(n) for n in every]


def _draw_horizons(horizon: int, generator: np.random.Generator, count: int) -> list[int]:
    if horizon <= count:
        return list(range(1, horizon + 1))
    return sorted(int(k) + 1 for k in generator.choice(horizon, count, replace=False))


def _rows_at(
    origin: _Origin, rows: np.ndarray, step: int, actual: np.ndarray, origins: np.ndarray, at: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    spread = origin.spread[rows]
    target = (actual - origin.season[rows, step - 1] - origin.base[rows, step - 1]) / spread / np.sqrt(step)
    weight = np.sqrt(step) * np.sqrt(spread) / np.sqrt(origins)
    return _features(origin, rows, step), target, weight, at + step - 1


def _features(origin: _Origin, rows: np.ndarray, step: int) -> np.ndarray:
    spread = origin.spread[rows]
    ahead = np.column_stack(
        [
            origin.season[rows, step - 1] / spread,
            (origin.base[rows, step - 1] - origin.anchor[rows]) / spread,
            (origin.last_year[rows, step - 1] - origin.anchor[rows]) / spread,
            np.full(len(rows), float(step)),
        ]
    )
    return np.hstack([origin.plain[rows], ahead]).astype(np.float32)


def _describe(past: np.ndarray, start: np.ndarray, season: int, horizon: int) -> _Origin:
    """Features common to all horizons, and the theta path that the learner corrects."""
    adjusted = adjust_seasonally(past, start, season)
    level, count = adjusted.level, past.shape[1]
    end, slope = fit_line(level, start)
    anchor, alpha = theta_level(adjusted, end, slope)
    ahead = np.arange(1, horizon + 1)
    base = 0.5 * (end[:, None] + slope[:, None] * ahead) + 0.5 * anchor[:, None]
    back = season * (-(-ahead // season))
    last_year = level[:, np.clip(count - 1 + ahead - back, 0, count - 1)]
    plain = _plain_features(adjusted, anchor, alpha, slope, end)
    return _Origin(plain, base, adjusted.season_ahead(horizon), last_year, anchor, adjusted.spread)


def _plain_features(
    adjusted: Adjusted, anchor: np.ndarray, alpha: np.ndarray, slope: np.ndarray, end: np.ndarray
) -> np.ndarray:
    level, start, spread = adjusted.level, adjusted.start, adjusted.spread
    count = level.shape[1]
    season = adjusted.index.shape[1]
    lags = 12 if season > 4 else 6
    recent = level[:, np.maximum(np.arange(count - lags, count), 0)]
    smooth, _ = exponential_level(level, np.array([0.1, 0.3, 0.6]))
    holt, trend, _ = damped_states(level, np.array([0.3]), np.array([0.15]), np.array([0.9]))
    relative = [recent, smooth, holt, level.max(axis=1)[:, None], level.min(axis=1)[:, None], end[:, None]]
    shape = [(part - anchor[:, None]) / spread[:, None] for part in relative]
    slopes = [slope, trend[:, 0]]
    for width in _windows(season):
        part = level[:, -width:]
        slopes.append(fit_line(part, np.maximum(start - (count - part.shape[1]), 0))[1])
    life = np.arange(count) >= start[:, None]
    size = (count - start).astype(float)
    back = np.arange(count) - (count - 1.0)
    left = (level - end[:, None] - slope[:, None] * back) * life
    changes = np.diff(level, axis=1) * life[:, :-1]
    moved = (changes**2).sum(axis=1)
    autocorrelation = (changes[:, 1:] * changes[:, :-1]).sum(axis=1) / np.where(moved > 0, moved, 1.0)
    others = [
        alpha,
        np.log(spread),
        adjusted.shrink,
        size,
        np.sqrt((left**2).sum(axis=1) / size) / spread,
        autocorrelation,
    ]
    return np.hstack([*shape, np.column_stack(slopes) / spread[:, None], np.column_stack(others)])


def _windows(season: int) -> tuple[int, ...]:
    return (4, 8, 12, 20) if season <= 4 else (6, 12, 24, 36)


def fit_learner(
    rows: TrainingRows, seed: int, settings: LearnerSettings, usable: np.ndarray | None = None
) -> lightgbm.Booster:
    """Fit the learner by weighted absolute error (Ke et al. 2017, LightGBM, NeurIPS 30).

    `usable` are the rows it may learn from, all by default.

    One thread: sums in another order would change the last bits, and with them the published bytes.
    """
    import lightgbm

    generator = np.random.default_rng(seed)
    chosen = np.arange(len(rows.target)) if usable is None else usable
    if len(chosen) > settings.most_rows:
        chosen = chosen[np.sort(generator.choice(len(chosen), settings.most_rows, replace=False))]
    data = lightgbm.Dataset(
        rows.features[chosen],
        rows.target[chosen],
        weight=rows.weight[chosen],
        params={"verbose": -1, "max_bin": 127},
    )
    parameters = {
        "objective": "l1",
        "learning_rate": settings.rate,
        "num_leaves": settings.leaves,
        "min_data_in_leaf": min(settings.rows_per_leaf, max(20, len(chosen) // 50)),
        "feature_fraction": settings.feature_share,
        "bagging_fraction": settings.bagging,
        "bagging_freq": 1,
        "seed": seed % (2**31 - 1),
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "max_bin": 127,
        "verbose": -1,
    }
    return lightgbm.train(parameters, data, num_boost_round=settings.trees)


def predict_learner(model: lightgbm.Booster, scaled: Scaled, season: int, horizon: int) -> np.ndarray:
    """Forecasts on the scale of `scaled`, season included, shape (series, horizon)."""
    origin = _describe(scaled.z, scaled.start, season, horizon)
    rows = np.arange(len(scaled.z))
    stacked = np.vstack([_features(origin, rows, step) for step in range(1, horizon + 1)])
    raw = np.asarray(model.predict(stacked, num_threads=1)).reshape(horizon, -1).T
    steps = np.sqrt(np.arange(1, horizon + 1))
    return np.asarray(origin.season + origin.base + raw * origin.spread[:, None] * steps)


@dataclass
class Learner:
    """The learner of one as-of date, fitted at whichever cut is asked for.

    Attributes
    ----------
    rows : TrainingRows
        All rows; each fit uses those known before its cut.
    as_of : int
        Calendar column of the as-of date, in the counting of ``rows.known_at``.
    series : ndarray of int
        Calendar column from which each series of the pool has rows: too few of them make no learner.
    seed, settings
        As for `fit_learner`.
    """

    rows: TrainingRows
    as_of: int
    series: np.ndarray
    seed: int
    settings: LearnerSettings
    _models: dict[int, lightgbm.Booster | None] = field(default_factory=dict, repr=False)

    def predict(self, fitted_back: int, scaled: Scaled, season: int, horizon: int) -> np.ndarray | None:
        """Forecast by the model fitted `fitted_back` periods before the as-of date, if enough is known."""
        model = self._model(fitted_back)
        return None if model is None else predict_learner(model, scaled, season, horizon)

    def _model(self, back: int) -> lightgbm.Booster | None:
        if back not in self._models:
            cut = self.as_of - back
            usable = np.flatnonzero(self.rows.known_at < cut)
            enough = (self.series < cut).sum() >= self.settings.least_series
            enough = enough and len(usable) >= self.settings.least_rows
            self._models[back] = fit_learner(self.rows, self.seed, self.settings, usable) if enough else None
        return self._models[back]
