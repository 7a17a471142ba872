"""Local members: each forecasts one series from that series alone.

All work on the scale-free history, most of them on what is left without its season, and give forecasts
relative to the series' own unit. Fast members run on all series at once in NumPy; slow ones (automatic ETS,
complex smoothing, optimised theta, all from statsforecast) run series by series, in as many processes as
asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np

from alignment_lib.forecasting.learning.adjustment import Adjusted, Scaled, adjust_by_weeks, adjust_seasonally
from alignment_lib.forecasting.learning.smoothing import aggregated, damped, recent_level, theta
from alignment_lib.forecasting.seasons.week_places import WeekSeason, dated_part
from alignment_lib.inputs.one_thread import use_one_thread

__all__ = [
    "FAST_MEMBERS",
    "INTERMITTENT_MEMBERS",
    "SLOW_MEMBERS",
    "Prepared",
    "forecast_fast",
    "forecast_growth",
    "forecast_naive",
    "forecast_quick",
    "forecast_slow",
    "prepare",
    "to_relative",
    "to_scale",
    "worker_pool",
]

FAST_MEMBERS = ("theta", "damped", "aggregated", "recent")
SLOW_MEMBERS = ("ets", "ces", "dot")
_OWN_SEASON = "ces"
"""The member that estimates the season of quarters itself: another estimate than the one all others share."""
_LONGEST_OWN = 4
INTERMITTENT_MEMBERS = ("croston", "tsb", "adida")
_LEAST_VALUES = 8
"""Fewer values than this are left to the fast members: the automatic ones cannot be told apart on them."""
_LEAST_SALES = 2
_FITTED_SIZE = 100.0
"""Multiple of its own unit on which a series is fitted. The search for theta's parameters ends by a tolerance
that is not relative to the values: near one it hardly leaves its start, so that the same sales written in
thousands were forecast otherwise. From a hundred on, the answer no longer moves."""
_PARALLEL_FROM = 24
_CHUNK = 15


@contextmanager
def worker_pool(jobs: int | Executor) -> Iterator[Executor | None]:
    """Processes for the slow members, started when first used; None for one job; an executor as it is.

    Each is a fresh interpreter: forking a process that runs notebook threads is unsafe.
    """
    if isinstance(jobs, Executor):
        yield jobs
        return
    if jobs <= 1:
        yield None
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield pool


@dataclass(frozen=True)
class Prepared:
    """A scaled history with its seasonal adjustment."""

    scaled: Scaled
    adjusted: Adjusted
    season: int

    @property
    def size(self) -> np.ndarray:
        """Number of values of each series."""
        return np.asarray(self.scaled.z.shape[1] - self.scaled.start)

    def rows(self, chosen: slice | np.ndarray) -> Prepared:
        """The chosen series only."""
        return Prepared(self.scaled.rows(chosen), self.adjusted.rows(chosen), self.season)


def prepare(scaled: Scaled, season: int, weeks: WeekSeason | None = None) -> Prepared:
    """Adjust a scaled history for season, once for all members; by that of `weeks` where there is one."""
    if weeks is not None:
        return Prepared(scaled, adjust_by_weeks(scaled, weeks), season)
    return Prepared(scaled, adjust_seasonally(scaled.z, scaled.start, season), season)


def to_relative(z: np.ndarray, is_log: np.ndarray) -> np.ndarray:
    """From the scale of `Scaled.z` to multiples of each series' unit."""
    log = is_log[:, None]
    return np.where(log, np.exp(np.where(log, np.clip(z, -30.0, 30.0), 0.0)), z)


def to_scale(relative: np.ndarray, is_log: np.ndarray) -> np.ndarray:
    """Inverse of `to_relative`; a log series' value is held above a millionth of its unit."""
    log = is_log[:, None]
    return np.where(log, np.log(np.maximum(np.where(log, relative, 1.0), 1e-6)), relative)


def forecast_fast(prepared: Prepared, horizon: int, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Forecasts of the fast members in units of each series, shape (series, horizon) each."""
    season = prepared.adjusted.season_ahead(horizon)
    made: dict[str, np.ndarray] = {}
    for name in names:
        if name == "theta":
            path = theta(prepared.adjusted, horizon)
        elif name == "damped":
            path = damped(prepared.adjusted, horizon)
        elif name == "recent":
            path = recent_level(prepared.adjusted, horizon, prepared.season)
        else:
            path = aggregated(prepared.adjusted, horizon, prepared.season)
        made[name] = to_relative(path + season, prepared.scaled.is_log)
    return made


def forecast_naive(prepared: Prepared, horizon: int, is_dated: bool = False) -> np.ndarray:
    """Seasonal naive in units of each series; the last value where the series is under a season long.

    With `is_dated`, peaks that keep to a date leave last year's week for that of this year.
    """
    z, start, season = prepared.scaled.z, prepared.scaled.start, prepared.season
    count = z.shape[1]
    ahead = np.arange(1, horizon + 1)
    column = count - 1 + ahead - season * (-(-ahead // season))
    usable = column[None, :] >= start[:, None]
    column = np.maximum(column, 0)
    seasonal = z[:, column]
    adjusted = prepared.adjusted
    if is_dated and adjusted.weeks is not None and adjusted.first_day is not None:
        peaks, day = adjusted.weeks.peaks, adjusted.first_day
        if peaks.nnz:
            moved = dated_part(peaks, day, count - 1 + ahead) - dated_part(peaks, day, column)
            seasonal = seasonal + moved
    return to_relative(np.where(usable, seasonal, z[:, -1:]), prepared.scaled.is_log)


def forecast_quick(prepared: Prepared, horizon: int) -> dict[str, np.ndarray]:
    """All members that are worked out for many series at once, in units of each series."""
    made = forecast_fast(prepared, horizon, FAST_MEMBERS)
    made["naive"] = forecast_naive(prepared, horizon)
    made["growth"] = forecast_growth(prepared, horizon, forecast_naive(prepared, horizon, is_dated=True))
    made["fast mean"] = np.repeat(_season_mean(prepared)[:, None], horizon, axis=1)
    return made


def _season_mean(prepared: Prepared) -> np.ndarray:
    """Mean of the last season, or of the whole life where it is shorter."""
    values = to_relative(prepared.scaled.z, prepared.scaled.is_log)
    count = values.shape[1]
    first = np.maximum(prepared.scaled.start, count - max(prepared.season, 8))
    inside = np.arange(count) >= first[:, None]
    return np.asarray((values * inside).sum(axis=1) / inside.sum(axis=1))


def forecast_growth(prepared: Prepared, horizon: int, naive: np.ndarray) -> np.ndarray:
    """Seasonal naive moved by half of the growth of the last quarter over the same quarter a year before.

    Half, since a quarter's growth is part chance and part gone by the time it is planned for; held between
    half and double. Series without a year and a quarter of history, or without sales in either quarter, are
    given the naive forecast as it is.

    Parameters
    ----------
    prepared : Prepared
    horizon : int
    naive : ndarray, shape (series, horizon)
        From `forecast_naive`, its dated peaks moved.
    """
    season, count = prepared.season, prepared.scaled.z.shape[1]
    quarter = max(season // 4, 1)
    if count < season + quarter:
        return naive
    values = to_relative(prepared.scaled.z[:, count - season - quarter :], prepared.scaled.is_log)
    before, now = values[:, :quarter].mean(axis=1), values[:, -quarter:].mean(axis=1)
    usable = (prepared.size >= season + quarter) & (before > 0) & (now > 0)
    growth = np.where(usable, now / np.where(usable, before, 1.0), 1.0)
    return np.asarray(naive * np.sqrt(np.clip(growth, 0.5, 2.0))[:, None])


def forecast_slow(
    prepared: Prepared, horizon: int, names: tuple[str, ...], pool: Executor | None = None
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Forecasts of the slow members in units of each series.

    Returns
    -------
    forecasts : dict of str to ndarray, shape (series, horizon) each
        NaN where a member could not be fitted.
    failed : ndarray of int, shape (series,)
        How many members could not be fitted to each series.
    """
    log = prepared.scaled.is_log
    level = to_relative(prepared.adjusted.level, log)
    whole = to_relative(prepared.scaled.z, log)
    tasks = [
        _Chunk(level[part], whole[part], prepared.scaled.start[part], horizon, names, prepared.season)
        for part in np.array_split(np.arange(len(level)), max(1, -(-len(level) // _CHUNK)))
    ]
    if pool is not None and len(level) >= _PARALLEL_FROM:
        parts = list(pool.map(_fit_chunk, tasks))
    else:
        parts = [_fit_chunk(task) for task in tasks]
    stacked = np.concatenate(parts, axis=1)
    index = prepared.adjusted.season_ahead(horizon)
    own = _has_own_season(prepared.size, prepared.season)[:, None]
    made = {}
    for place, name in enumerate(names):
        added = np.zeros_like(index) if name in INTERMITTENT_MEMBERS else index
        added = np.where(own, 0.0, index) if name == _OWN_SEASON else added
        made[name] = to_relative(to_scale(stacked[place], log) + added, log)
    return made, np.isnan(stacked).any(axis=2).sum(axis=0)


@dataclass(frozen=True)
class _Chunk:
    """Some series for one process: without season, as they are, and from where."""

    level: np.ndarray
    whole: np.ndarray
    start: np.ndarray
    horizon: int
    names: tuple[str, ...]
    season: int


def _has_own_season(size: np.ndarray, season: int) -> np.ndarray:
    """Whether history and season allow a member that estimates the season itself."""
    return np.asarray((size >= 2 * season + 1) & (1 < season <= _LONGEST_OWN))


def _fit_chunk(task: _Chunk) -> np.ndarray:
    """Forecasts of one chunk, shape (members, series, horizon)."""
    use_one_thread()
    out = np.full((len(task.names), len(task.level), task.horizon), np.nan)
    own = _has_own_season(task.level.shape[1] - task.start, task.season)
    for row, start in enumerate(task.start):
        level = np.ascontiguousarray(task.level[row, start:])
        if len(level) < _LEAST_VALUES or np.ptp(level) == 0:
            continue
        for place, name in enumerate(task.names):
            # Without its season a zero would be none, and the intermittent ones count zeros.
            whole = name in INTERMITTENT_MEMBERS or (name == _OWN_SEASON and own[row])
            known = np.ascontiguousarray(task.whole[row, start:]) if whole else level
            known = _after_first_sale(known) if name in INTERMITTENT_MEMBERS else known
            out[place, row] = _fit_one(known, task.horizon, name, task.season if own[row] else 1)
    return out


def _after_first_sale(known: np.ndarray) -> np.ndarray:
    """A life that begins with its first sale without that sale: how long it was waited for is not known.

    Counted as an interval of one period it would teach Croston's method the rate of a best seller, and every
    rate would hold one sale too many. Two sales must be left for an interval between them.

    >>> _after_first_sale(np.array([3.0, 0.0, 0.0, 2.0, 0.0, 4.0])).tolist()
    [0.0, 0.0, 2.0, 0.0, 4.0]
    """
    return known[1:] if known[0] != 0 and np.count_nonzero(known) > _LEAST_SALES else known


def _fit_one(known: np.ndarray, horizon: int, name: str, season: int) -> np.ndarray:
    """One automatic model of one series; NaN where statsforecast cannot fit it or it runs away."""
    from statsforecast import models

    makers = {
        "ets": lambda: models.AutoETS(season_length=1, model="ZZN"),
        "ces": lambda: models.AutoCES(season_length=season, model="N" if season == 1 else "Z"),
        "dot": lambda: models.DynamicOptimizedTheta(season_length=1),
        "croston": lambda: models.CrostonSBA(),
        "tsb": lambda: models.TSB(alpha_d=0.2, alpha_p=0.2),
        "adida": lambda: models.ADIDA(),
    }
    try:
        made = makers[name]().forecast(y=known * _FITTED_SIZE, h=horizon)["mean"]
    except Exception:  # The library raises bare exceptions; the series then keeps its other members.
        return np.full(horizon, np.nan)
    path = np.asarray(made, dtype=np.float64) / _FITTED_SIZE
    reach = np.ptp(known) * (2 + horizon / len(known))
    runs_away = (path > known.max() + reach) | (path < known.min() - reach)
    return np.full(horizon, np.nan) if runs_away.any() or not np.isfinite(path).all() else path
