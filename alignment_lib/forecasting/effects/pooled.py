"""The explained model (S): log sales on all drivers at once, with a level that is smoothed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from alignment_lib.forecasting.effects.drivers.lives import LaunchTerms
from alignment_lib.forecasting.effects.levels import Joined, last_year, local_smoothers
from alignment_lib.forecasting.effects.slopes import Lines, SlopeSettings, lines_of, sum_groups

__all__ = [
    "PooledFit",
    "PooledSettings",
    "bias_factors",
    "fit_pooled",
    "join_level",
    "smooth_level",
]


_YOUNG, _QUICKEST = 8.0, 0.5


@dataclass(frozen=True)
class PooledSettings(SlopeSettings):
    """How strongly slopes and levels are pooled; rates of levels and chosen on earlier origins of real sales.

    Attributes
    ----------
    product_rate, series_rate : float
        Smoothing rates of the level of residuals by product, then by series.
    level_shrink : float
        Observations at which a series' own level counts half.
    trend_rate, damping : float
        Smoothing rate of a trend in the product's level and the share of it kept each period
        (Gardner & McKenzie 1985); 0 for a level held flat.
    """

    product_rate: float = 0.1
    series_rate: float = 0.1
    level_shrink: float = 4.0
    trend_rate: float = 0.0
    damping: float = 0.9

    @property
    def of_slopes(self) -> SlopeSettings:
        """What slopes depend on."""
        return SlopeSettings(self.half_life, self.ridge_all, self.ridge_product, self.ridge_series)


@dataclass(frozen=True)
class PooledFit:
    """A fitted explained model.

    Attributes
    ----------
    slopes : ndarray, shape (series, features)
    center : ndarray, shape (series, features)
        Weighted means of the features, at which `intercept` holds.
    intercept : ndarray, shape (series,)
        Weighted mean of log sales.
    level : ndarray, shape (series,)
        Recent level of the residuals.
    trend : ndarray, shape (series,)
        Recent trend of that level per period, and `damping` the share of it kept each period.
    fitted : ndarray, shape (series, periods)
        Fitted log sales with the level smoothed up to and including each period.
    residual : ndarray, shape (series, periods)
        Log sales less slopes and intercept, level left in; NaN where sales are unknown.
    growth : ndarray, shape (series, horizon)
        What launches under way are expected to add to that level; empty where there are none.
    """

    slopes: np.ndarray
    center: np.ndarray
    intercept: np.ndarray
    level: np.ndarray
    trend: np.ndarray
    damping: float
    fitted: np.ndarray
    residual: np.ndarray
    path: np.ndarray
    anchor: np.ndarray
    anchor_ahead: np.ndarray
    season: int = 52
    joined: Joined = field(default_factory=Joined)
    growth: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))

    def ahead(self, horizon: int) -> np.ndarray:
        """Level of the residuals over the next periods, with what joins it, shape (series, horizon)."""
        steps = np.cumsum(self.damping ** np.arange(1, horizon + 1))
        path = self.level[:, None] + self.trend[:, None] * steps
        if self.joined.smoothers:
            smooth, usable = local_smoothers(self.residual, self.season, horizon)
            share = self.joined.smoothers * usable[:, None]
            path = (1 - share) * path + share * smooth
        if self.joined.last_year:
            path = path + self.joined.last_year * self._returning(horizon)[-horizon:]
        return np.asarray(path + self.growing(horizon))

    def growing(self, horizon: int) -> np.ndarray:
        """What launches under way add over the next periods, shape (series, horizon)."""
        return self.growth[:, :horizon] if self.growth.size else np.zeros((len(self.level), horizon))

    def _returning(self, horizon: int) -> np.ndarray:
        return last_year(self.residual - self.path, self.season, horizon)

    def explained(self, features: np.ndarray) -> np.ndarray:
        """Log sales for features of shape (series, periods, features), before the recent level."""
        offset = self.intercept - np.einsum("nf,nf->n", self.center, self.slopes)
        return np.asarray(lines_of(features, self.slopes) + offset[:, None])


def fit_pooled(
    logs: np.ndarray,
    lines: Lines,
    product: np.ndarray,
    settings: PooledSettings,
    launches: LaunchTerms | None = None,
    season: int = 52,
) -> PooledFit:
    """The fit with the level of what the lines leave.

    Parameters
    ----------
    logs : ndarray, shape (series, periods)
    lines : Lines
        `fit_lines` under the same settings.
    product : ndarray of int, shape (series,)
    settings : PooledSettings
    launches : LaunchTerms, optional
        Late starters.
    season : int
        Periods in a year.
    """
    seen, periods = np.isfinite(logs), logs.shape[1]
    base, mean = lines.base, lines.intercept
    residual = np.where(seen, logs - base, np.nan)
    path, trend = smooth_level(residual, product, settings, season)
    last = path[:, -1].copy()
    anchor, ahead = np.repeat(mean[:, None], periods, axis=1), mean.copy()
    if launches is not None:
        rows = launches.rows
        anchor[rows, 1:] += path[rows, :-1]
        ahead[rows] += last[rows]
    return PooledFit(
        lines.slopes,
        lines.center,
        mean,
        last,
        trend,
        settings.damping,
        base + path,
        residual,
        path,
        anchor,
        ahead,
        season,
    )


def join_level(fit: PooledFit, joined: Joined) -> PooledFit:
    """The fit with other members at its level; what returns from last year is fitted in the history too."""
    periods = fit.residual.shape[1]
    base = fit.fitted - fit.joined.last_year * fit._returning(0)[:periods]
    moved = replace(fit, joined=joined)
    return replace(moved, fitted=base + joined.last_year * moved._returning(0)[:periods])


def smooth_level(
    residual: np.ndarray, product: np.ndarray, settings: PooledSettings, season: int = 52
) -> tuple[np.ndarray, np.ndarray]:
    """Exponentially smoothed level of residuals, of the product and then of the series.

    A product known for less than a year has no trend: it could as well be its launch, or the season.

    Returns
    -------
    path : ndarray, shape (series, periods)
        The level after each period.
    trend : ndarray, shape (series,)
        The product's trend after the last, per period.
    """
    seen = np.isfinite(residual)
    values = np.where(seen, residual, 0.0)
    groups = int(product.max()) + 1
    total, count = sum_groups(values, product, groups), sum_groups(seen.astype(float), product, groups)
    mean = total / np.maximum(count, 1)
    shared, trend = _smooth(
        mean, count > 0, _rates(count > 0, settings.product_rate), settings.trend_rate, settings.damping
    )
    common = shared[product]
    own, _ = _smooth(values - common, seen, _rates(seen, settings.series_rate), 0.0, 1.0)
    number = np.cumsum(seen, axis=1)
    own = own * number / (number + settings.level_shrink)
    trend = np.where((count > 0).sum(axis=1) >= season, trend, 0.0)
    return common + own, trend[product]


def _rates(seen: np.ndarray, rate: float) -> np.ndarray:
    """Smoothing rate after each period: while little is known its last weeks make the level."""
    number = np.cumsum(seen, axis=1)
    return np.asarray(np.clip(_YOUNG / (number + _YOUNG), rate, _QUICKEST))


def _smooth(
    values: np.ndarray, seen: np.ndarray, rates: np.ndarray, trend_rate: float, damping: float
) -> tuple[np.ndarray, np.ndarray]:
    """Damped-trend exponential smoothing from 0; unknown periods carry the level forward."""
    level, trend = np.zeros(len(values)), np.zeros(len(values))
    path = np.empty_like(values)
    for column in range(values.shape[1]):
        ahead = level + damping * trend
        error = np.where(seen[:, column], values[:, column] - ahead, 0.0)
        rate = rates[:, column]
        level, trend = ahead + rate * error, damping * trend + rate * trend_rate * error
        path[:, column] = level
    return path, trend


def bias_factors(
    sales: np.ndarray, fitted_logs: np.ndarray, product: np.ndarray, season: int, shrink: float = 0.3
) -> np.ndarray:
    """Sum of actual over sum of fitted in the last year, by product, shrunk to the whole.

    Only cells in which both are known count.

    The mean of a log-normal variable lies above the exponential of its mean log; the ratio of sums
    corrects that without assuming normality (the "smearing" idea of Duan 1983).

    Returns
    -------
    ndarray, shape (series,)
    """
    recent = slice(max(0, sales.shape[1] - season), None)
    actual, fitted = sales[:, recent], np.clip(np.exp(fitted_logs[:, recent]) - 1, 0, None)
    seen = np.isfinite(actual) & np.isfinite(fitted)
    groups = int(product.max()) + 1
    top = np.bincount(product, np.where(seen, actual, 0).clip(0).sum(axis=1), minlength=groups)
    low = np.bincount(product, np.where(seen, fitted, 0).sum(axis=1), minlength=groups)
    whole = top.sum() / low.sum() if low.sum() > 0 else 1.0
    ratio = (top + shrink * whole * low.mean()) / np.maximum(low + shrink * low.mean(), 1e-12)
    return np.asarray(np.clip(ratio, 0.5, 2.0)[product])
