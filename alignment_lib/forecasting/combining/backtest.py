"""Rolling-origin backtest: what every member would have said at earlier dates, the same for all series."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from alignment_lib.forecasting.large_arrays import new_array, parts_of, release
from alignment_lib.forecasting.learning.adjustment import Adjusted, Scaled, take_out
from alignment_lib.forecasting.learning.global_learner import Learner
from alignment_lib.forecasting.learning.members import (
    Prepared,
    forecast_quick,
    forecast_slow,
    prepare,
    to_relative,
)
from alignment_lib.forecasting.learning.pretrained import PretrainedModel, forecast_pretrained
from alignment_lib.forecasting.seasons.week_places import PLACES, WeekSeason
from alignment_lib.forecasting.seasons.week_profiles import Siblings, measure_season

__all__ = [
    "Backtest",
    "Origins",
    "choose_origins",
    "run_backtest",
    "scaled_errors",
    "widen_lent",
]

_MOST_ORIGINS = 12
_MOST_SCORED = 3
_LONGEST_LENT = 24
"""Longest season that origins too early to know it are lent."""
_OF_LEVEL = 1 / 3
"""Sum of squared weights of past values in a level smoothed with a weight of a half."""
_OF_MOVING = 1 / 2
"""What a season moves in a year, in the noise of its index: set on earlier origins of Australian retail."""
_MOST_WIDENED = 5.0
_FEW_ORIGINS = 4
"""Fewer origins than this that know their season are joined by earlier ones that are lent it."""


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
    lent : int
        How many of the first stops come before two seasons are known, in most series.
    """

    stops: tuple[int, ...]
    steps: int
    scored: tuple[int, ...]
    lent: int = 0

    def thinned(self, every: int) -> Origins:
        """Only the last origin and each so many before it, the first, middle and last of them scored.

        >>> Origins(tuple(range(40, 100, 5)), 13, (0, 5, 11), 2).thinned(3)
        Origins(stops=(50, 65, 80, 95), steps=13, scored=(0, 1, 3), lent=0)
        """
        places = range(len(self.stops))[::-1][::every][::-1]
        stops, last = tuple(self.stops[place] for place in places), len(places) - 1
        scored = tuple(sorted({0, last // 2, last})) if stops else ()
        return Origins(stops, self.steps, scored, sum(place < self.lent for place in places))


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
        Usual change on the scale-free scale; mean absolute seasonal difference in units of the series, NaN
        where a season was lent: such an origin tells of sizes of errors, not of which member is better.
    lent : ndarray, shape (origins, series)
        Variance that errors lack where a season was lent, on the scale-free scale; else zero.
    """

    origins: Origins
    forecasts: dict[str, np.ndarray]
    actual: np.ndarray
    spreads: np.ndarray
    yardstick: np.ndarray
    lent: np.ndarray

    def rows(self, chosen: np.ndarray) -> Backtest:
        """The chosen series only."""
        return Backtest(
            self.origins,
            {name: path[:, chosen] for name, path in self.forecasts.items()},
            self.actual[:, chosen],
            self.spreads[:, chosen],
            self.yardstick[:, chosen],
            self.lent[:, chosen],
        )


def choose_origins(lengths: np.ndarray, count: int, season: int, horizon: int) -> Origins:
    """Up to 12 origins one or more periods apart, leaving every origin at least half of the history.

    Two seasons as well, where that leaves four origins; else earlier ones are lent the season known today.

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
    known = 2 * season if season <= _LONGEST_LENT else season
    least = max(min(known, length - steps), length // 2, 4)
    if season <= _LONGEST_LENT and length - steps - known < _FEW_ORIGINS - 1:
        least = max(length // 2, 4)
    room = max(length - steps - least, 0)
    gap = max(1, room // (_MOST_ORIGINS - 1))
    number = min(room // gap + 1, _MOST_ORIGINS)
    stops = tuple(count - steps - gap * back for back in reversed(range(number)))
    scored = sorted({0, (number - 1) // 2, number - 1})
    lent = sum(length - (count - stop) < known for stop in stops) if season <= _LONGEST_LENT else 0
    return Origins(stops, steps, tuple(scored)[-_MOST_SCORED:], lent)


def run_backtest(
    scaled: Scaled,
    season: int,
    origins: Origins,
    slow: tuple[str, ...],
    sample: np.ndarray,
    learner: Learner | None,
    pool: Executor | None,
    today: Adjusted | None = None,
    siblings: Siblings | None = None,
    pretrained: PretrainedModel | None = None,
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
    today : Adjusted, optional
        The seasons known at the as-of date, for series that know none at an origin.
    siblings : Siblings, optional
        Groups that share the season of weeks.
    pretrained : PretrainedModel, optional
        Asked at the scored origins, for every series.
    """
    shape = (len(origins.stops), len(scaled.z), origins.steps)
    made: dict[str, np.ndarray] = {}
    actual = new_array(shape, np.nan)
    spreads, yardstick = np.full(shape[:2], np.nan), np.full(shape[:2], np.nan)
    lacking = np.zeros(shape[:2])
    for place, stop in enumerate(origins.stops):
        ready = np.flatnonzero(stop - scaled.start >= 4)
        weeks = _weeks(scaled, stop, ready, season, siblings)
        for part in parts_of(len(ready)):
            some = ready[part]
            past, lent = _prepare_at(scaled, stop, some, season, today, weeks)
            spreads[place, some] = past.adjusted.spread
            yardstick[place, some] = np.where(lent, np.nan, seasonal_change(past))
            if lent.any():
                lacking[place, some] = _lacking(today, some, lent)
            future = scaled.z[some, stop : stop + origins.steps]
            actual[place, some] = to_relative(future, scaled.is_log[some])
            _keep(made, _quick_members(past, place, origins, learner, scaled.z.shape[1]), place, some, shape)
        if place in origins.scored and slow:
            some = np.intersect1d(ready, sample)
            past, _ = _prepare_at(scaled, stop, some, season, today, weeks)
            _keep(made, forecast_slow(past, origins.steps, slow, pool)[0], place, some, shape)
        if place in origins.scored and pretrained is not None and len(ready):
            past_values = to_relative(scaled.until(stop).rows(ready).z, scaled.is_log[ready])
            said = forecast_pretrained(pretrained, past_values, scaled.start[ready], origins.steps)
            _keep(made, {"pretrained": said}, place, ready, shape)
        for path in (actual, *made.values()):
            release(path)
    return Backtest(origins, made, actual, spreads, yardstick, lacking)


def _prepare_at(
    scaled: Scaled,
    stop: int,
    rows: np.ndarray,
    season: int,
    today: Adjusted | None,
    weeks: WeekSeason | None,
) -> tuple[Prepared, np.ndarray]:
    """Some series as known at an origin, and which of them are lent the season that is known today.

    Without it what they miss there is the season, which today's forecast has.
    """
    past = prepare(scaled.until(stop).rows(rows), season, None if weeks is None else weeks.rows(rows))
    if today is None or season > _LONGEST_LENT:
        return past, np.zeros(len(rows), dtype=bool)
    lent = (stop - scaled.start[rows] < 2 * season) & (today.shrink[rows] > 0)
    if lent.any():
        index = np.where(lent[:, None], today.index[rows], past.adjusted.index)
        shrink = np.where(lent, today.shrink[rows], past.adjusted.shrink)
        noise = np.zeros(len(rows))
        adjusted = take_out(past.scaled.z, past.scaled.start, index, shrink, noise)
        past = Prepared(past.scaled, adjusted, season)
    return past, lent


def _lacking(today: Adjusted | None, rows: np.ndarray, lent: np.ndarray) -> np.ndarray:
    """Variance missing from errors whose own values made the season that was lent.

    An index of n years holds a share 1/n of each of their chances e: the error is e - mean(e), of variance
    s²(1 - 2/n + 1/n), where a new year's would be s²(1 + 1/n). Missing are 2 s²/n, twice the index's noise;
    a level taken from such values lacks the same times the sum of its squared weights, a third or so; and the
    season moves on from the years it was taken from.
    """
    if today is None or today.noise is None:
        return np.zeros(len(rows))
    return np.where(lent, 2.0 * (1.0 + _OF_LEVEL + _OF_MOVING) * today.noise[rows], 0.0)


def widen_lent(errors: np.ndarray, lent: np.ndarray) -> np.ndarray:
    """Errors on the scale-free scale with the variance put back that a lent season took from them.

    Parameters
    ----------
    errors : ndarray, shape (origins, series, steps)
    lent : ndarray, shape (origins, series)
        Of `Backtest`.
    """
    if not lent.any():
        return errors
    on = (lent > 0)[:, :, None] & np.isfinite(errors)
    square = np.where(on, errors, 0.0) ** 2
    seen = on.sum(axis=(0, 2))
    usual = square.sum(axis=(0, 2)) / np.maximum(seen, 1)
    usual = np.where(usual > 0, usual, np.inf)
    # How errors grow over the steps is read from all series: a few origins of one do not tell.
    steps = (square / usual[None, :, None]).sum(axis=(0, 1)) / np.maximum(on.sum(axis=(0, 1)), 1)
    grown = np.sqrt(1.0 + (lent / usual)[:, :, None] / np.maximum(steps, 1e-6))
    return np.asarray(errors * np.minimum(grown, _MOST_WIDENED))


def _weeks(
    scaled: Scaled, stop: int, ready: np.ndarray, season: int, siblings: Siblings | None
) -> WeekSeason | None:
    """The season of weeks of all series as known at an origin, zero for those that are not ready."""
    if season <= _LONGEST_LENT or not len(ready):
        return None
    there = None if siblings is None else siblings.rows(ready)
    found = measure_season(scaled.until(stop).rows(ready), there)
    profile = np.zeros((len(scaled.z), PLACES))
    profile[ready] = found.profile
    of_ready = (np.ones(len(ready)), (ready, np.arange(len(ready))))
    spread_out = sparse.csr_matrix(of_ready, shape=(len(scaled.z), len(ready)))
    return WeekSeason(profile, spread_out @ found.peaks)


def _quick_members(
    past: Prepared, place: int, origins: Origins, learner: Learner | None, count: int
) -> dict[str, np.ndarray]:
    """Members worked out for every series, and the learner where it is known."""
    paths = forecast_quick(past, origins.steps)
    if learner is None:
        return paths
    middle = origins.stops[origins.scored[len(origins.scored) // 2]] if origins.scored else 0
    learnt = learner.predict(count - origins.stops[0], past.scaled, past.season, origins.steps)
    if learnt is None and origins.stops[place] >= middle:
        learnt = learner.predict(count - middle, past.scaled, past.season, origins.steps)
    if learnt is not None:
        paths["global"] = to_relative(learnt, past.scaled.is_log)
    return paths


def _keep(
    made: dict[str, np.ndarray],
    paths: dict[str, np.ndarray],
    place: int,
    rows: np.ndarray,
    shape: tuple[int, ...],
) -> None:
    """Set down what members said of some series at one origin."""
    for name, path in paths.items():
        if name not in made:
            made[name] = new_array(shape, np.nan)
        made[name][place, rows] = path


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
    size = [np.abs(backtest.actual[at, rows] - forecast[at, rows]).mean(axis=1) for at in scored]
    size = np.minimum(np.stack(size) / backtest.yardstick[scored][:, rows], 10.0)
    known = np.isfinite(size)
    seen = known.sum(axis=0)
    return np.where(seen > 0, np.where(known, size, 0.0).sum(axis=0) / np.maximum(seen, 1), np.nan)
