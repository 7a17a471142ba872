"""The baseline: sales over the horizon without new marketing action, with joint error paths."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from alignment_lib.forecasting.cache import forecast_key, load_forecast, store_forecast
from alignment_lib.forecasting.combining.bands import draw_samples
from alignment_lib.forecasting.combining.combination import METHODS, classify_series
from alignment_lib.forecasting.combining.ensemble import (
    Ensemble,
    EnsembleSettings,
    build_learner,
    forecast_ensemble,
)
from alignment_lib.forecasting.combining.reconciliation import Reconciled, reconcile_ensemble
from alignment_lib.forecasting.explanation import (
    explain_forecast,
    list_candidates,
    method_notices,
    say_rests,
    young_season_notices,
)
from alignment_lib.forecasting.forecast import Forecast
from alignment_lib.forecasting.large_arrays import new_draws, release
from alignment_lib.forecasting.learning.adjustment import Scaled, scale_series
from alignment_lib.forecasting.learning.members import forecast_naive, prepare, worker_pool
from alignment_lib.forecasting.learning.pretrained import PretrainedModel
from alignment_lib.forecasting.past.ceilings import ceiling_factors, say_ceilings
from alignment_lib.forecasting.past.cleaning import Cleaned, clean_history
from alignment_lib.forecasting.past.history import History
from alignment_lib.forecasting.seasons.calendar_effects import CalendarEffects, measure_calendar
from alignment_lib.forecasting.seasons.countries import countries_of, country_codes
from alignment_lib.forecasting.seasons.week_profiles import find_siblings
from alignment_lib.inputs.configuration.calendar_settings import Holidays
from alignment_lib.inputs.one_thread import use_one_thread
from alignment_lib.inputs.problems import InputError, Notice, Problem

__all__ = ["BaselineRun", "forecast_baseline", "run_baseline"]

_FEW_VALUES = 4


@dataclass(frozen=True)
class BaselineRun:
    """A forecast and all that stands behind it, for the pages that explain it.

    Attributes
    ----------
    forecast : Forecast
    cleaned : Cleaned
    scaled : Scaled
    classes : ndarray, shape (series,)
    ensemble : Ensemble
    reconciled : Reconciled
    calendar : CalendarEffects
        Taken out of the history that `scaled`, `ensemble` and `reconciled` work on; `forecast` has it.
    """

    forecast: Forecast
    cleaned: Cleaned
    scaled: Scaled
    classes: np.ndarray
    ensemble: Ensemble
    reconciled: Reconciled
    calendar: CalendarEffects


def forecast_baseline(
    history: History,
    periods: pd.DatetimeIndex,
    *,
    method: str = "auto",
    seed: int,
    draws: int = 500,
    cache: Path | None = None,
    holidays: Holidays = None,
    reconcile: str = "auto",
    pretrained: PretrainedModel | None = None,
    jobs: int | Executor = 1,
) -> Forecast:
    """Forecast every series over `periods`, the first of which follows the history's last.

    Parameters
    ----------
    history : History
        Sales known at the as-of date.
    periods : DatetimeIndex, shape (horizon,)
        First days of the periods to forecast.
    method : str
        ``auto`` (a combination chosen by backtest), ``structural``, or one member of `METHODS` for all
        series.
    seed : int
        Seeds samples, learner and draws.
    draws : int
        Joint draws of the error; none where only the baseline is wanted.
    cache : Path, optional
        Folder in which forecasts are kept; None keeps none.
    holidays : str or HolidayColumn, optional
        Code of a country or region of the ``holidays`` package, or the dimension that says the country of
        each series: feasts and working days enter (`measure_calendar`); without it working days are Monday
        to Friday.
    reconcile : str
        ``auto`` (chosen by backtest) or one of `RECONCILERS`.
    pretrained : PretrainedModel, optional
        A foundation model of the user's own (`find_pretrained`): one more member of ``auto``.
    jobs : int or Executor
        Processes for the slow members, or an executor that has them. The result does not depend on it.

    Raises
    ------
    InputError
        Where the method has no such name.
    """
    chosen = {"method": method, "seed": seed, "draws": draws, "holidays": holidays, "reconcile": reconcile}
    if pretrained is not None:
        chosen["pretrained"] = pretrained.digest
    key = forecast_key(history, periods, **chosen)
    if cache is not None:
        stored = load_forecast(cache, key, history.keys, periods)
        if stored is not None:
            return stored
    # The workings go with the run: a large forecast is stored without them in memory.
    forecast = run_baseline(
        history,
        periods,
        method=method,
        seed=seed,
        draws=draws,
        holidays=holidays,
        reconcile=reconcile,
        pretrained=pretrained,
        jobs=jobs,
    ).forecast
    if cache is not None:
        store_forecast(cache, key, forecast)
    return forecast


def run_baseline(
    history: History,
    periods: pd.DatetimeIndex,
    *,
    method: str = "auto",
    seed: int,
    draws: int = 500,
    holidays: Holidays = None,
    reconcile: str = "auto",
    pretrained: PretrainedModel | None = None,
    jobs: int | Executor = 1,
    settings: EnsembleSettings | None = None,
) -> BaselineRun:
    """As `forecast_baseline`, with the workings kept and no cache; `settings` says how much work is done."""
    use_one_thread()
    _check_method(method)
    season, horizon = history.calendar.season, len(periods)
    cleaned = clean_history(history, countries_of(history.keys, holidays))
    found = _prepare(history, cleaned, periods, holidays)
    scaled, classes, effects = found.scaled, found.classes, found.effects
    learner = build_learner(scaled, season, horizon) if method in ("auto", "global") else None
    with worker_pool(jobs) as pool:
        ensemble = forecast_ensemble(
            scaled,
            classes,
            season,
            horizon,
            pool=pool,
            learner=learner,
            settings=replace(settings or EnsembleSettings(), method=method, pretrained=pretrained),
            siblings=find_siblings(history.keys),
        )
        gone = np.isin(classes, ("ended", "empty"))
        ensemble = _plain_few(_forget_gone(ensemble, gone), cleaned, scaled)
        reconciled = Reconciled(ensemble.point, ensemble.past_point, "none", pd.DataFrame())
        if method == "auto":
            # What is no longer sold is no part of the totals that the others are to follow.
            reconciled = reconcile_ensemble(
                history.keys,
                replace(cleaned, values=np.where(gone[:, None], 0.0, found.values)),
                scaled,
                ensemble,
                season,
                pool=pool,
                learner=learner,
                method=reconcile,
            )
    baseline, samples, held = _in_measure(history, found, cleaned, ensemble, reconciled, seed, draws)
    why = explain_forecast(history.keys, classes, cleaned, ensemble, reconciled)
    notices = (
        *history.notices,
        *cleaned.notices,
        *_say_few(cleaned),
        *say_rests(cleaned, ensemble.backtest.origins),
        *say_ceilings(held, classes == "intermittent"),
        *effects.notices,
        *method_notices(classes, ensemble, reconciled, learner),
        *young_season_notices(scaled, classes, season),
    )
    tried = list_candidates(classes, ensemble) if method == "auto" else pd.DataFrame()
    forecast = Forecast(history.keys, periods, baseline, samples, found.naive, {}, why, notices, tried)
    return BaselineRun(forecast, cleaned, scaled, classes, ensemble, reconciled, effects)


def _forget_gone(ensemble: Ensemble, gone: np.ndarray) -> Ensemble:
    """The same with series that are no longer sold at zero, and nothing learnt from how they once were.

    Their end was a surprise that cannot come again: neither bands nor reconciliation of the others follow it.
    """
    if not gone.any():
        return ensemble
    for kept in (ensemble.errors, ensemble.past_point, ensemble.backtest.actual):
        kept[:, gone] = np.nan
    return replace(ensemble, point=np.where(gone[:, None], 0.0, ensemble.point))


def _plain_few(ensemble: Ensemble, cleaned: Cleaned, scaled: Scaled) -> Ensemble:
    """One to three values hold no trend, however many were filled: their median is the forecast."""
    few = _few(cleaned)
    if not few.any():
        return ensemble
    life = np.arange(cleaned.values.shape[1]) >= cleaned.start[few, None]
    middle = np.nanmedian(np.where(life, cleaned.original[few], np.nan), axis=1) / scaled.unit[few]
    point = np.array(ensemble.point)
    point[few] = middle[:, None]
    return replace(ensemble, point=point)


def _few(cleaned: Cleaned) -> np.ndarray:
    return np.asarray((cleaned.observed > 0) & (cleaned.observed < _FEW_VALUES) & ~cleaned.ended)


def _say_few(cleaned: Cleaned) -> tuple[Notice, ...]:
    """Whether a launch goes on as it began, or was a lone sale, one to three values cannot tell."""
    count = int(_few(cleaned).sum())
    text = (
        "Series with one to three values since their first sale: planned at the middle one in every period, "
        "as a launch that goes on. If that was a lone sale, or the launch grows, state it as an assumption."
    )
    return (Notice("few_values", text, count),) if count else ()


@dataclass(frozen=True)
class _Prepared:
    """Histories without calendar effects, on one scale; the naive forecast is of the history as it was."""

    values: np.ndarray
    scaled: Scaled
    classes: np.ndarray
    effects: CalendarEffects
    naive: np.ndarray


def _prepare(history: History, cleaned: Cleaned, periods: pd.DatetimeIndex, holidays: Holidays) -> _Prepared:
    season, start = history.calendar.season, cleaned.start
    values = np.where(np.isfinite(cleaned.values), cleaned.values, 0.0)
    first_day = history.periods[0].to_datetime64() if history.calendar.grain == "week" else None
    raw = scale_series(values, start, first_day)
    plain = prepare(raw, season)
    classes = classify_series(cleaned, plain.adjusted.shrink, season)
    usable = raw.is_log & np.isin(classes, ("smooth", "seasonal"))
    codes = country_codes(history.keys, holidays)
    effects = measure_calendar(plain.adjusted, usable, history.calendar, history.periods, periods, codes)
    values = values * np.exp(-effects.past)
    naive = forecast_naive(plain, len(periods)) * raw.unit[:, None]
    naive = np.where((classes == "empty")[:, None], 0.0, naive)
    return _Prepared(values, scale_series(values, start, first_day), classes, effects, naive)


def _in_measure(
    history: History,
    found: _Prepared,
    cleaned: Cleaned,
    ensemble: Ensemble,
    reconciled: Reconciled,
    seed: int,
    draws: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Baseline, draws and ceilings in the measure, calendar effects put back, not negative by itself."""
    scaled, classes = found.scaled, found.classes
    silent = np.isin(classes, ("ended", "empty")) | (np.abs(scaled.z).max(axis=1) == 0) & ~scaled.is_log
    point = np.where(silent[:, None], 0.0, reconciled.point)
    floor = _is_nonnegative(cleaned)
    unit = scaled.unit[:, None] * np.exp(found.effects.ahead)
    baseline = np.where(floor[:, None], np.maximum(point, 0.0), point) * unit
    held = ceiling_factors(cleaned, baseline, history.calendar.season, classes == "intermittent")
    samples = new_draws(draws, *point.shape)
    if not draws:
        return baseline * held[:, None], samples, held
    for rows, drawn in draw_samples(history.keys, scaled, ensemble, reconciled, point, seed, draws):
        drawn *= unit[rows]
        np.maximum(drawn, 0.0, out=drawn, where=floor[rows, None])
        _hold_mean(drawn, baseline[rows], floor[rows] & ~scaled.is_log[rows])
        drawn[:, silent[rows]] = 0.0
        drawn *= held[rows, None]
        samples[:, rows] = drawn
        release(samples)
    return baseline * held[:, None], samples, held


def _hold_mean(drawn: np.ndarray, baseline: np.ndarray, floored: np.ndarray) -> None:
    """Draws cut off at zero brought back to the mean that the cut has lifted, in place.

    A slow mover's draws would else sell half as much again as its plan, and every total with it.
    """
    mean = drawn.mean(axis=0)
    lifted = floored[:, None] & (baseline > 0) & (mean > baseline)
    drawn *= np.where(lifted, baseline / np.where(lifted, mean, 1.0), 1.0)


def _check_method(method: str) -> None:
    allowed = ("auto", "structural", *METHODS)
    if method not in allowed:
        problem = Problem(
            "planning.toml",
            repr(method),
            "one of " + ", ".join(allowed),
            "write one of these names, or leave the line out for 'auto'",
            column="forecast.method",
        )
        raise InputError([problem])


def _is_nonnegative(cleaned: Cleaned) -> np.ndarray:
    """Series that never went below zero, lone returns aside, cannot be forecast below it."""
    return np.asarray(np.where(np.isfinite(cleaned.values), cleaned.values, 0.0).min(axis=1) >= 0)
