"""Rolling-origin backtest: what every member would have said at earlier dates, the same for all series."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from alignment_lib.forecasting.adjustment import Scaled
from alignment_lib.forecasting.global_learner import Learner
from alignment_lib.forecasting.members import (
    FAST_MEMBERS,
    Prepared,
    forecast_fast,
    forecast_naive,
    forecast_slow,
    prepare,
    to_relative,
)

__all__ = ["Backtest", "Origins", "choose_origins", "run_backtest", "scaled_errors"]

_MOST_ORIGINS = 12
_MOST_SCORED = 3


@dataclass(frozen=True)
class Origins:
    """Where the backtest stands.

    Attributes
    ----------
    stops : tuple of int
        Ascending columns; at each, only the columns before it are known.
    steps : int
        Periods forecast from each.
    scored : tuple of int
        Places in `stops` at which slow members run and candidates are scored.
    """

    stops: tuple[int, ...]
    steps: int
    scored: tuple[int, ...]


@dataclass(frozen=True)
class Backtest:
    """Member forecasts and actuals at every origin, in units of each series.

    Attributes
    ----------
    origins : Origins
    forecasts : dict of str to ndarray, shape (origins, series, steps)
        NaN where a member did not run.
    actual : ndarray, shape (origins, series, steps)
        NaN where a series was not ready.
    spreads, yardstick : ndarray, shape (origins, series)
        Usual change on the scale-free scale; mean absolute seasonal difference in units of the series.
    """

    origins: Origins
    forecasts: dict[str, np.ndarray]
    actual: np.ndarray
    spreads: np.ndarray
    yardstick: np.ndarray


def choose_origins(lengths: np.ndarray, count: int, season: int, horizon: int) -> Origins:
    """Up to 12 origins one or more periods apart, leaving every origin at least half of the history.

    Parameters
    ----------
    lengths : ndarray of int, shape (series,)
        Number of values of each series; the lower quartile decides.
    count : int
        Columns of the grid.
    season, horizon : int
        Periods in a season; periods to be forecast.
    """
    length = int(np.quantile(lengths, 0.25)) if len(lengths) else 0
    steps = int(min(horizon, max(length // 3, 0)))
    if steps < 1 or length - steps < 4:
        return Origins((), 0, ())
    least = max(min(2 * season + 1 if season <= 24 else season, length - steps), length // 2, 4)
    room = max(length - steps - least, 0)
    gap = max(1, room // (_MOST_ORIGINS - 1))
    number = min(room // gap + 1, _MOST_ORIGINS)
    stops = tuple(count - steps - gap * back for back in reversed(range(number)))
    scored = sorted({0, (number - 1) // 2, number - 1})
    return Origins(stops, steps, tuple(scored)[-_MOST_SCORED:])


def run_backtest(
    scaled: Scaled,
    season: int,
    origins: Origins,
    slow: tuple[str, ...],
    sample: np.ndarray,
    learner: Learner | None,
    pool: Executor | None,
) -> Backtest:
    """Forecast from every origin with what was known there.

    Parameters
    ----------
    scaled : Scaled
        The whole history.
    season : int
        Periods in a season.
    origins : Origins
        From `choose_origins`.
    slow : tuple of str
        Slow members, run at the scored origins on the sample only.
    sample : ndarray of int
        Rows of the sample.
    learner : Learner or None
        Holds its parameters from the first origin, or from the middle one where the first has too few rows.
    pool : Executor or None
        Processes for the slow members.
    """
    shape = (len(origins.stops), len(scaled.z), origins.steps)
    made: dict[str, np.ndarray] = {}
    actual = np.full(shape, np.nan)
    spreads, yardstick = np.full(shape[:2], np.nan), np.full(shape[:2], np.nan)
    count = scaled.z.shape[1]
    middle = origins.stops[origins.scored[len(origins.scored) // 2]] if origins.scored else 0
    for place, stop in enumerate(origins.stops):
        ready = np.flatnonzero(stop - scaled.start >= 4)
        past = prepare(scaled.until(stop).rows(ready), season)
        spreads[place, ready] = past.adjusted.spread
        yardstick[place, ready] = seasonal_change(past)
        future = scaled.z[ready, stop : stop + origins.steps]
        actual[place, ready] = to_relative(future, scaled.is_log[ready])
        paths = forecast_fast(past, origins.steps, FAST_MEMBERS)
        paths["naive"] = forecast_naive(past, origins.steps)
        if learner is not None:
            learnt = learner.predict(count - origins.stops[0], past.scaled, season, origins.steps)
            if learnt is None and stop >= middle:
                learnt = learner.predict(count - middle, past.scaled, season, origins.steps)
            if learnt is not None:
                paths["global"] = to_relative(learnt, past.scaled.is_log)
        for name, path in paths.items():
            made.setdefault(name, np.full(shape, np.nan))[place, ready] = path
        if place in origins.scored and slow:
            some = np.intersect1d(ready, sample)
            part = prepare(scaled.until(stop).rows(some), season)
            for name, path in forecast_slow(part, origins.steps, slow, pool)[0].items():
                made.setdefault(name, np.full(shape, np.nan))[place, some] = path
    return Backtest(origins, made, actual, spreads, yardstick)


def seasonal_change(prepared: Prepared) -> np.ndarray:
    """Mean absolute seasonal difference in units of each series, never zero: what MASE divides by.

    Hyndman and Koehler (2006), International Journal of Forecasting 22, 679-688. Series under two
    seasons are measured by their change from period to period.
    """
    values = to_relative(prepared.scaled.z, prepared.scaled.is_log)
    start, season = prepared.scaled.start, prepared.season
    count = values.shape[1]
    long = count - start > season
    column = np.arange(count)

    def mean_change(lag: int) -> np.ndarray:
        if count <= lag:
            return np.zeros(len(values))
        inside = column[lag:] >= (start + lag)[:, None]
        change = np.abs(values[:, lag:] - values[:, :-lag]) * inside
        return np.asarray(change.sum(axis=1) / np.maximum(inside.sum(axis=1), 1))

    return np.maximum(np.where(long, mean_change(season), mean_change(1)), 1e-3)


def scaled_errors(backtest: Backtest, forecast: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Mean scaled absolute error of each of `rows` over the scored origins; NaN where none is known.

    One wild series must not decide for its class: errors over 10 count as 10.
    """
    scored = list(backtest.origins.scored)
    size = np.abs(backtest.actual[scored][:, rows] - forecast[scored][:, rows]).mean(axis=2)
    size = np.minimum(size / backtest.yardstick[scored][:, rows], 10.0)
    known = np.isfinite(size)
    seen = known.sum(axis=0)
    return np.where(seen > 0, np.where(known, size, 0.0).sum(axis=0) / np.maximum(seen, 1), np.nan)
