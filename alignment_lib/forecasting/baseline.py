"""The baseline: sales over the horizon without new marketing action, with joint error paths."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from alignment_lib.forecasting.adjustment import Scaled, adjust_seasonally, scale_series, unscale
from alignment_lib.forecasting.cleaning import clean_history
from alignment_lib.forecasting.forecast import Forecast
from alignment_lib.forecasting.history import History
from alignment_lib.forecasting.smoothing import aggregated, damped, theta

__all__ = ["forecast_baseline"]

_ORIGINS = 12


def forecast_baseline(
    history: History,
    periods: pd.DatetimeIndex,
    *,
    method: str = "auto",
    seed: int,
    draws: int = 500,
    cache: Path | None = None,
    holidays: str | None = None,
    jobs: int = 1,
) -> Forecast:
    """Forecast every series over `periods`, the first of which follows the history's last.

    Thin first version: median of theta, damped trend and temporal aggregation, rolling-origin paths.
    """
    cleaned = clean_history(history)
    season, horizon = history.calendar.season, len(periods)
    start = cleaned.start
    values = np.where(np.isfinite(cleaned.values), cleaned.values, 0.0)
    scaled = scale_series(values, start)
    point_z = _local_median(scaled, season, horizon)
    count = values.shape[1]
    errors = []
    for back in range(_ORIGINS):
        stop = count - horizon - back
        if stop < 4:
            break
        ready = start <= stop - 4
        path = scaled.z[:, stop : stop + horizon] - _local_median(scaled.until(stop), season, horizon)
        errors.append(np.where(ready[:, None], path, np.nan))
    spread = adjust_seasonally(scaled.z, start, season).spread
    samples_z = _draw(point_z, np.array(errors), spread, np.random.default_rng(seed), draws)
    dead = cleaned.ended | (cleaned.observed == 0)
    baseline = np.where(dead[:, None], 0.0, unscale(point_z, scaled))
    samples = np.where(dead[:, None], 0.0, unscale(samples_z, scaled))
    if (values >= 0).all():
        baseline, samples = baseline.clip(min=0), samples.clip(min=0)
    naive = _seasonal_naive(values, start, season, horizon)
    reason = np.where(dead, "no sales for a season or more", "thin: local median")
    why = history.keys.assign(
        member="local median", weight=1.0, backtest_error=np.nan, naive_error=np.nan, reason=reason
    )
    notices = (*history.notices, *cleaned.notices)
    return Forecast(history.keys, periods, baseline, samples, naive, {}, why, notices)


def _local_median(scaled: Scaled, season: int, horizon: int) -> np.ndarray:
    start = np.minimum(scaled.start, scaled.z.shape[1] - 1)
    adjusted = adjust_seasonally(scaled.z, start, season)
    paths = [theta(adjusted, horizon), damped(adjusted, horizon), aggregated(adjusted, horizon, season)]
    return np.asarray(np.median(paths, axis=0) + adjusted.season_ahead(horizon))


def _draw(
    point: np.ndarray, errors: np.ndarray, spread: np.ndarray, generator: np.random.Generator, draws: int
) -> np.ndarray:
    steps = np.sqrt(np.arange(1, point.shape[1] + 1))
    own = spread[:, None] * steps
    if not len(errors):
        return point + own * generator.standard_normal((draws, 1, 1)) * 1.25
    known = np.isfinite(errors)
    paths = np.where(known, errors, own * 1.25 * np.sign(generator.standard_normal(errors.shape)))
    mix = generator.standard_normal((draws, len(errors))) / np.sqrt(len(errors))
    return np.asarray(point + np.einsum("do,osh->dsh", mix, paths, optimize=True))


def _seasonal_naive(values: np.ndarray, start: np.ndarray, season: int, horizon: int) -> np.ndarray:
    count = values.shape[1]
    column = count + np.arange(horizon)
    column = column - season * (-(-(column - count + 1) // season))
    column = np.where(column < 0, count - 1, column)
    usable = column[None, :] >= start[:, None]
    return np.where(usable, values[:, column], values[:, -1:])
