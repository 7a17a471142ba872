"""The explained model (S): log sales on all drivers at once, slopes pooled over series, product and all."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from alignment_lib.forecasting.effects.drivers.lives import LaunchTerms
from alignment_lib.forecasting.effects.levels import Joined, last_year, local_smoothers

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
class PooledSettings:
    """How strongly slopes and levels are pooled; defaults chosen on earlier origins of real sales.

    Attributes
    ----------
    half_life : float
        Periods after which an observation counts half.
    ridge_all, ridge_product, ridge_series : float
        Penalties, in observations, that pull slopes to 0, to those of all series, to those of the product.
    product_rate, series_rate : float
        Smoothing rates of the level of residuals by product, then by series.
    level_shrink : float
        Observations at which a series' own level counts half.
    trend_rate, damping : float
        Smoothing rate of a trend in the product's level and the share of it kept each period
        (Gardner & McKenzie 1985); 0 for a level held flat.
    """

    half_life: float = 52.0
    ridge_all: float = 5.0
    ridge_product: float = 15.0
    ridge_series: float = 200.0
    product_rate: float = 0.1
    series_rate: float = 0.1
    level_shrink: float = 4.0
    trend_rate: float = 0.0
    damping: float = 0.9


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
        return np.asarray(np.einsum("ntf,nf->nt", features, self.slopes) + offset[:, None])


def fit_pooled(
    logs: np.ndarray,
    features: np.ndarray,
    product: np.ndarray,
    settings: PooledSettings,
    stiffness: np.ndarray | None = None,
    launches: LaunchTerms | None = None,
    season: int = 52,
) -> PooledFit:
    """Ridge regression of each series on all features, pulled to its product's, those to all series'.

    Every step solves (G + penalty V) d = g - G b for the difference d from the parent's slopes b, where G
    is the weighted cross product of features demeaned within the series and V their variances (Hoerl &
    Kennard 1970, with a prior mean; the multilevel form of Gelman & Hill 2007, ch. 12).

    Parameters
    ----------
    logs : ndarray, shape (series, periods)
        log(sales + 1), NaN where unknown.
    features : ndarray, shape (series, periods, features)
    product : ndarray of int, shape (series,)
    settings : PooledSettings
    stiffness : ndarray, shape (features,) or (series, features), optional
        Multiplies the penalty of each feature; by series, a product's is the least of its series'.
    launches : LaunchTerms, optional
        Growth of late starters, taken out before slopes are estimated.
    season : int
        Periods in a year.
    """
    periods = logs.shape[1]
    seen = np.isfinite(logs)
    weights = seen * 0.5 ** ((periods - 1 - np.arange(periods)) / settings.half_life)
    size = np.maximum(weights.sum(axis=1), 1e-9)
    values = np.where(seen, logs, 0.0)
    center = np.einsum("nt,ntf->nf", weights, features) / size[:, None]
    mean = (weights * values).sum(axis=1) / size
    moved, target = features - center[:, None, :], values - mean[:, None]
    if launches is not None and len(launches.rows):
        rows = launches.rows
        moved[rows] = launches.project_off(moved[rows], weights[rows])
        target[rows] = launches.project_off(target[rows, :, None], weights[rows])[:, :, 0]
    # In place: on thousands of series one more copy of the features is a gigabyte.
    moved *= np.sqrt(weights)[:, :, None]
    gram = np.matmul(moved.transpose(0, 2, 1), moved)
    cross = np.einsum("ntf,nt->nf", moved, np.sqrt(weights) * target)
    del moved
    slopes = _pooled_slopes(gram, cross, size, product, settings, stiffness)
    offset = mean - np.einsum("nf,nf->n", center, slopes)
    base = np.einsum("ntf,nf->nt", features, slopes) + offset[:, None]
    residual = np.where(seen, logs - base, np.nan)
    path, trend = smooth_level(residual, product, settings, season)
    last = path[:, -1].copy()
    anchor, ahead = np.repeat(mean[:, None], periods, axis=1), mean.copy()
    if launches is not None:
        rows = launches.rows
        anchor[rows, 1:] += path[rows, :-1]
        ahead[rows] += last[rows]
    return PooledFit(
        slopes,
        center,
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


def _pooled_slopes(
    gram: np.ndarray,
    cross: np.ndarray,
    size: np.ndarray,
    product: np.ndarray,
    settings: PooledSettings,
    stiffness: np.ndarray | None,
) -> np.ndarray:
    variance = np.maximum(np.einsum("nff->f", gram) / size.sum(), 1e-9)
    stiff = np.ones(cross.shape) if stiffness is None else np.broadcast_to(stiffness, cross.shape)
    groups = int(product.max()) + 1
    per_product = len(size) / groups
    whole = settings.ridge_all * per_product * variance * stiff.min(axis=0)
    slopes = np.linalg.solve(gram.sum(axis=0) + np.diag(whole), cross.sum(axis=0))
    levels = [(product, settings.ridge_product * per_product)]
    if groups < len(size):
        levels.append((np.arange(len(size)), settings.ridge_series))
    current = np.broadcast_to(slopes, cross.shape)
    diagonal = np.arange(cross.shape[1])
    for member, strength in levels:
        number = int(member.max()) + 1
        its_gram = gram.copy() if number == len(size) else _sum_by(gram, member, number)
        its_cross = cross if number == len(size) else _sum_by(cross, member, number)
        its_stiff = np.full((number, cross.shape[1]), np.inf)
        np.minimum.at(its_stiff, member, stiff)
        parent = np.zeros((number, cross.shape[1]))
        parent[member] = current
        gap = its_cross - np.einsum("gij,gj->gi", its_gram, parent)
        its_gram[:, diagonal, diagonal] += strength * variance * its_stiff
        step = np.linalg.solve(its_gram, gap[:, :, None])[:, :, 0]
        current = (parent + step)[member]
    return np.ascontiguousarray(current)


def _sum_by(values: np.ndarray, member: np.ndarray, number: int) -> np.ndarray:
    total = np.zeros((number, *values.shape[1:]))
    np.add.at(total, member, values)
    return total


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
    total, count = _sum_by(values, product, groups), _sum_by(seen.astype(float), product, groups)
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

    The mean of a log-normal variable lies above the exponential of its mean log; the ratio of sums
    corrects that without assuming normality (the "smearing" idea of Duan 1983).

    Returns
    -------
    ndarray, shape (series,)
    """
    recent = slice(max(0, sales.shape[1] - season), None)
    actual, fitted = sales[:, recent], np.clip(np.exp(fitted_logs[:, recent]) - 1, 0, None)
    seen = np.isfinite(actual)
    groups = int(product.max()) + 1
    top = np.bincount(product, np.where(seen, actual, 0).clip(0).sum(axis=1), minlength=groups)
    low = np.bincount(product, np.where(seen, fitted, 0).sum(axis=1), minlength=groups)
    whole = top.sum() / low.sum() if low.sum() > 0 else 1.0
    ratio = (top + shrink * whole * low.mean()) / np.maximum(low + shrink * low.mean(), 1e-12)
    return np.asarray(np.clip(ratio, 0.5, 2.0)[product])
