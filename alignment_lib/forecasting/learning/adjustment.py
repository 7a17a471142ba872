"""Scale-free, seasonally adjusted histories, for many series at once.

Every local recursion of this layer runs on these arrays. Leading positions before a series begins
hold its first value: exponential smoothing started at the first observation then has zero error
there, so one recursion serves series of any length.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alignment_lib.forecasting.seasons.fading_season import fading_indices
from alignment_lib.forecasting.seasons.week_places import WeekSeason

__all__ = [
    "Adjusted",
    "Scaled",
    "adjust_by_weeks",
    "adjust_seasonally",
    "pad_start",
    "scale_series",
    "season_phase",
    "take_out",
]

_LOG_FLOOR = 0.02
"""Logs are taken only where the smallest value is at least this share of the median."""
_DIRECT_SEASON = 24
"""Longest season whose indices are measured one by one; longer ones are two Fourier pairs."""
_YEAR_OF_WEEKS = 365.2425 / 7
"""Weeks in a year: every fifth or sixth year has a 53rd, and a season counted in 52s would drift by it."""


@dataclass(frozen=True)
class Scaled:
    """Series divided by their own mean size, in logs where every value is well above zero.

    Attributes
    ----------
    z : ndarray, shape (series, periods)
        Scale-free values; the first value repeated before `start`.
    start : ndarray of int, shape (series,)
        Column of each series' first value.
    unit : ndarray, shape (series,)
        Mean absolute value: what z is measured in.
    is_log : ndarray of bool, shape (series,)
        Whether z is a logarithm.
    first_day : datetime64, optional
        First day of column 0, where the columns are weeks of the calendar.
    """

    z: np.ndarray
    start: np.ndarray
    unit: np.ndarray
    is_log: np.ndarray
    first_day: np.datetime64 | None = None

    def rows(self, chosen: np.ndarray | slice) -> Scaled:
        """The chosen series only."""
        z, start, unit, is_log = (part[chosen] for part in (self.z, self.start, self.unit, self.is_log))
        return Scaled(z, start, unit, is_log, self.first_day)

    def until(self, stop: int) -> Scaled:
        """The history up to, not including, column `stop`."""
        return Scaled(self.z[:, :stop], self.start, self.unit, self.is_log, self.first_day)


@dataclass(frozen=True)
class Adjusted:
    """A scaled history split into season and rest.

    Attributes
    ----------
    level : ndarray, shape (series, periods)
        Values without season, padded before `start`.
    index : ndarray, shape (series, season)
        Additive seasonal indices; column j belongs to the columns that `season_phase` calls j.
    shrink : ndarray, shape (series,)
        Share of the raw indices kept: 0 no season, 1 all of it.
    start : ndarray of int, shape (series,)
        Column of each series' first value.
    spread : ndarray, shape (series,)
        Mean absolute change of `level` from one period to the next, never zero.
    noise : ndarray, shape (series,), optional
        Sampling variance of the indices, where it is known.
    weeks : WeekSeason, optional
        Season of weeks placed by date, counted from `first_day`; its profile is `index`.
    first_day : datetime64, optional
    """

    level: np.ndarray
    index: np.ndarray
    shrink: np.ndarray
    start: np.ndarray
    spread: np.ndarray
    noise: np.ndarray | None = None
    weeks: WeekSeason | None = None
    first_day: np.datetime64 | None = None

    def rows(self, chosen: slice | np.ndarray) -> Adjusted:
        """The chosen series only."""
        parts = (self.level, self.index, self.shrink, self.start, self.spread)
        level, index, shrink, start, spread = (part[chosen] for part in parts)
        noise = None if self.noise is None else self.noise[chosen]
        weeks = None if self.weeks is None else self.weeks.rows(chosen)
        return Adjusted(level, index, shrink, start, spread, noise, weeks, self.first_day)

    def season_ahead(self, horizon: int) -> np.ndarray:
        """Seasonal index of each of the next `horizon` periods, shape (series, horizon)."""
        columns = self.level.shape[1] + np.arange(horizon)
        if self.weeks is not None:
            return self.weeks.at(self.first_day, columns)
        return self.index[:, season_phase(columns, self.index.shape[1])]


def season_phase(columns: np.ndarray, season: int) -> np.ndarray:
    """Place in the year of each column; a place comes twice in a year of 53 weeks.

    >>> season_phase(np.array([0, 52, 53, 12]), 12).tolist()
    [0, 4, 5, 0]
    >>> season_phase(np.array([52, 1461]), 52).tolist()  # 1461 weeks are 28 years
    [51, 0]
    """
    if season == round(_YEAR_OF_WEEKS):
        return np.asarray((columns * (season / _YEAR_OF_WEEKS)).astype(np.int64) % season)
    return np.asarray(columns % season)


def pad_start(values: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Repeat each series' first value over the columns before `start`.

    >>> pad_start(np.array([[np.nan, 2.0, 3.0]]), np.array([1])).tolist()
    [[2.0, 2.0, 3.0]]
    """
    first = np.take_along_axis(values, start[:, None], axis=1)
    return np.where(np.arange(values.shape[1]) < start[:, None], first, values)


def scale_series(values: np.ndarray, start: np.ndarray, first_day: np.datetime64 | None = None) -> Scaled:
    """Bring series of any size to one scale.

    Parameters
    ----------
    values : ndarray, shape (series, periods)
        Filled histories: finite from `start` on.
    start : ndarray of int, shape (series,)
        Column of each series' first value.
    first_day : datetime64, optional
        First day of column 0, where the columns are weeks of the calendar.
    """
    inside = np.arange(values.shape[1]) >= start[:, None]
    known = np.where(inside, values, np.nan)
    unit = np.nanmean(np.abs(known), axis=1)
    unit = np.where(unit > 0, unit, 1.0)
    relative = pad_start(values, start) / unit[:, None]
    is_log = np.nanmin(known, axis=1) > _LOG_FLOOR * np.abs(np.nanmedian(known, axis=1))
    z = np.where(is_log[:, None], np.log(np.where(is_log[:, None], relative, 1.0)), relative)
    return Scaled(z, start, unit, is_log, first_day)


def adjust_seasonally(z: np.ndarray, start: np.ndarray, season: int) -> Adjusted:
    """Take out a season, shrunk towards none.

    Seasons up to 24 periods are `fading_indices`, from two seasons of history on; longer ones are two
    Fourier pairs, shrunk alike.
    """
    count = z.shape[1]
    index = np.zeros((len(z), season))
    shrink, noise = np.zeros(len(z)), np.zeros(len(z))
    if 1 < season <= _DIRECT_SEASON and count >= season * 2:
        index, shrink, noise = fading_indices(z, start, season)
    elif season > _DIRECT_SEASON and count >= season * 2 + 1:
        index, shrink = _fourier_indices(z, start, season)
    return take_out(z, start, index, shrink, noise)


def take_out(
    z: np.ndarray, start: np.ndarray, index: np.ndarray, shrink: np.ndarray, noise: np.ndarray
) -> Adjusted:
    """The history without the season of these indices."""
    level = pad_start(z - index[:, season_phase(np.arange(z.shape[1]), index.shape[1])], start)
    return Adjusted(level, index, shrink, start, _spread(level, start), noise)


def adjust_by_weeks(scaled: Scaled, weeks: WeekSeason) -> Adjusted:
    """Take out a season of weeks that is known already."""
    z, start = scaled.z, scaled.start
    level = pad_start(z - weeks.at(scaled.first_day, np.arange(z.shape[1])), start)
    kept = (weeks.profile**2).mean(axis=1)
    size = ((z - z.mean(axis=1, keepdims=True)) ** 2).mean(axis=1)
    shrink = np.where(size > 0, np.minimum(kept / np.where(size > 0, size, 1.0), 1.0), 0.0)
    spread = _spread(level, start)
    return Adjusted(level, weeks.profile, shrink, start, spread, None, weeks, scaled.first_day)


def _spread(level: np.ndarray, start: np.ndarray) -> np.ndarray:
    changes = np.abs(np.diff(level, axis=1)).sum(axis=1)
    spread = changes / np.maximum(level.shape[1] - 1 - start, 1)
    return np.asarray(np.maximum(spread, 1e-4))


def _fourier_indices(z: np.ndarray, start: np.ndarray, season: int) -> tuple[np.ndarray, np.ndarray]:
    """Two Fourier pairs beside a line, fitted by least squares over each series' own life."""
    count = z.shape[1]
    length = _YEAR_OF_WEEKS if season == round(_YEAR_OF_WEEKS) else season
    angle = 2 * np.pi * np.arange(count)[:, None] * np.array([1.0, 2.0]) / length
    waves = np.hstack([np.sin(angle), np.cos(angle)])
    time = np.linspace(-1.0, 1.0, count)[:, None]
    design = np.hstack([np.ones((count, 1)), time, waves])
    life = (np.arange(count) >= start[:, None]).astype(float)
    gram = np.einsum("tp,nt,tq->npq", design, life, design, optimize=True)
    gram = gram + 1e-8 * count * np.eye(design.shape[1])
    moment = np.einsum("tp,nt->np", design, life * z)
    weights = np.linalg.solve(gram, moment[:, :, None])[:, :, 0]
    left = (z - weights @ design.T) * life
    degrees = np.maximum(life.sum(axis=1) - design.shape[1], 1.0)
    # Residuals of sales are autocorrelated: sampling variance is inflated as for an AR(1).
    lag = (left[:, 1:] * left[:, :-1]).sum(axis=1) / np.maximum((left**2).sum(axis=1), 1e-300)
    inflate = (1 + np.clip(lag, 0, 0.9)) / (1 - np.clip(lag, 0, 0.9))
    variance = (left**2).sum(axis=1) / degrees * inflate
    signal = (weights[:, 2:] ** 2).mean(axis=1)
    noise = variance * 2.0 / np.maximum(life.sum(axis=1), 1.0)
    kept = np.maximum(0.0, 1.0 - noise / np.where(signal > 0, signal, np.inf)) * (signal > 0)
    kept = np.where(life.sum(axis=1) >= 1.5 * season, kept, 0.0)
    phase = 2 * np.pi * np.arange(season)[:, None] * np.array([1.0, 2.0]) / season
    index = weights[:, 2:] @ np.hstack([np.sin(phase), np.cos(phase)]).T
    return np.asarray(index * kept[:, None]), kept
