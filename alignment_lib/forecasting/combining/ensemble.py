"""The combination of members for a set of series: backtest, choice by class, forecast, past errors."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from alignment_lib.forecasting.combining.backtest import (
    Backtest,
    Origins,
    choose_origins,
    run_backtest,
    scaled_errors,
    widen_lent,
)
from alignment_lib.forecasting.combining.combination import (
    CANDIDATES,
    Choice,
    Weight,
    combine,
    default_candidate,
    relax_weights,
)
from alignment_lib.forecasting.combining.weighting import (
    CandidateErrors,
    expected_gain,
    least_error,
    score_candidates,
    weigh_candidates,
)
from alignment_lib.forecasting.large_arrays import new_array, parts_of, release
from alignment_lib.forecasting.learning.adjustment import Scaled
from alignment_lib.forecasting.learning.global_learner import Learner, LearnerSettings, collect_rows
from alignment_lib.forecasting.learning.members import (
    INTERMITTENT_MEMBERS,
    SLOW_MEMBERS,
    Prepared,
    forecast_quick,
    forecast_slow,
    prepare,
    to_relative,
    to_scale,
)
from alignment_lib.forecasting.learning.pretrained import PretrainedModel, forecast_pretrained
from alignment_lib.forecasting.seasons.week_profiles import Siblings, measure_season

__all__ = ["Ensemble", "EnsembleSettings", "build_learner", "forecast_ensemble"]

_LONG_SEASON = 24
"""Longer seasons are those of weeks: measured across series, and slow members gain nothing beyond."""
_QUARTERS = 4
"""With more periods to a year ets and ces gain nothing beside optimised theta, at three times its time."""
_TRIAL_EVERY = 3
_LEARNER_SEED = 1
"""The learner draws its rows by this, whatever the round's seed: that is for odds, not for the forecast."""
_FALLBACK = {"theta": 1 / 3, "damped": 1 / 3, "aggregated": 1 / 3}


@dataclass(frozen=True)
class EnsembleSettings:
    """How much work the ensemble may do.

    Attributes
    ----------
    method : str
        ``auto``, or one member for every series.
    sample : int
        Most series of a class on which slow members are backtested: every so many of the sorted keys.
    slow_limit : int
        Above this many series slow members run on all only where the backtest says they gain.
    slow_gain : float
        The gain asked for there.
    pretrained : PretrainedModel or None
        One more member, where the user has one.
    is_trial : bool
        Whether this is one of several forecasts that are only compared: with more series than `slow_limit` it
        is weighed at every third origin.
    """

    method: str = "auto"
    sample: int = 120
    slow_limit: int = 3000
    slow_gain: float = 0.01
    pretrained: PretrainedModel | None = None
    is_trial: bool = False


@dataclass(frozen=True)
class Ensemble:
    """Forecasts of a set of series, in units of each, and what the backtest left.

    Attributes
    ----------
    point : ndarray, shape (series, horizon)
    naive : ndarray, shape (series, horizon)
    errors : ndarray, shape (origins, series, steps)
        Actual less forecast of the chosen combination on the scale-free scale.
    spreads : ndarray, shape (origins, series)
    spread : ndarray, shape (series,)
        Usual change at each origin and at the as-of date.
    choices : dict of str to Choice
        By class.
    weights : dict of str to ndarray, shape (series,)
        Weight of each member that is used, series by series.
    member_errors : dict of str to ndarray, shape (series,)
        Mean scaled error of each member, of ``"naive"`` and of ``"combination"``.
    backtest : Backtest
    past_point : ndarray, shape (origins, series, steps)
        What the combination would have said, in units of each series.
    failed : ndarray of int, shape (series,)
        Slow members that could not be fitted.
    notes : dict of int to str
        What a full model of a series says of itself, by row.
    """

    point: np.ndarray
    naive: np.ndarray
    errors: np.ndarray
    spreads: np.ndarray
    spread: np.ndarray
    choices: dict[str, Choice]
    weights: dict[str, np.ndarray]
    member_errors: dict[str, np.ndarray]
    backtest: Backtest
    past_point: np.ndarray
    failed: np.ndarray
    notes: dict[int, str]


def build_learner(
    scaled: Scaled, season: int, horizon: int, settings: LearnerSettings | None = None
) -> Learner | None:
    """A learner over these series, their columns being calendar periods; none for weeks."""
    if season > _LONG_SEASON:
        return None
    settings = settings or LearnerSettings()
    count = scaled.z.shape[1]
    least = 2 * season + 1
    old = scaled.start + least < count
    if int(old.sum()) < settings.least_series:
        scaled = scaled.rows(np.zeros(0, dtype=np.int64))
    rows = collect_rows(scaled, season, horizon, _LEARNER_SEED, settings)
    return Learner(rows, count, scaled.start + least, _LEARNER_SEED, settings)


def forecast_ensemble(
    scaled: Scaled,
    classes: np.ndarray,
    season: int,
    horizon: int,
    *,
    pool: Executor | None = None,
    learner: Learner | None = None,
    settings: EnsembleSettings | None = None,
    origins: Origins | None = None,
    siblings: Siblings | None = None,
) -> Ensemble:
    """Backtest the members, weigh their combinations for each class and series, and forecast with them."""
    settings = settings or EnsembleSettings()
    weeks = measure_season(scaled, siblings) if season > _LONG_SEASON else None
    now = prepare(scaled, season, weeks)
    origins = origins or choose_origins(now.size, scaled.z.shape[1], season, horizon)
    if settings.is_trial and len(scaled.z) > settings.slow_limit:
        origins = origins.thinned(_TRIAL_EVERY)
    slow = _slow_members(settings.method, classes, season)
    sample = _spread_sample(classes, settings.sample)
    learner = None if learner is None or len(learner.rows.target) == 0 else learner
    own = settings.pretrained if settings.method == "auto" else None
    backtest = run_backtest(scaled, season, origins, slow, sample, learner, pool, now.adjusted, siblings, own)
    choices, weights = _weigh(backtest, scaled, classes, settings, season, learner is not None)
    members, failed = _forecast_members(now, horizon, weights, classes, learner, pool)
    if own is not None and "pretrained" in weights:
        relative = to_relative(scaled.z, scaled.is_log)
        members["pretrained"] = forecast_pretrained(own, relative, scaled.start, horizon)
    notes: dict[int, str] = {}
    if settings.method == "structural":
        # Its library is slow to load, and hardly anybody asks for it.
        from alignment_lib.forecasting.learning.structural import structural_members

        members["structural"], notes = structural_members(now, horizon, classes)
    point = combine(_columns(relax_weights(weights, members)), members)
    fallback = combine(relax_weights(_FALLBACK, members), members)
    point = np.where(np.isfinite(point), point, fallback)
    point = _plain_short(point, now, horizon)
    past_point = _past(weights, backtest)
    errors = widen_lent(_scale_free_errors(backtest, past_point, scaled.is_log), backtest.lent)
    return Ensemble(
        point,
        members["naive"],
        errors,
        backtest.spreads,
        _steady_spread(now),
        choices,
        weights,
        _member_errors(backtest, past_point),
        backtest,
        past_point,
        failed,
        notes,
    )


def _slow_members(method: str, classes: np.ndarray, season: int) -> tuple[str, ...]:
    if method in SLOW_MEMBERS + INTERMITTENT_MEMBERS:
        return (method,)
    if method != "auto":
        return ()
    slow = () if season > _LONG_SEASON else ("dot",) if season > _QUARTERS else SLOW_MEMBERS
    return slow + (INTERMITTENT_MEMBERS if "intermittent" in classes else ())


def _spread_sample(classes: np.ndarray, most: int) -> np.ndarray:
    """At most `most` series of each class, evenly spaced in the sorted keys: no seed enters a forecast."""
    chosen = []
    for name in sorted(set(classes)):
        rows = np.flatnonzero(classes == name)
        if len(rows) > most:
            rows = rows[np.linspace(0, len(rows) - 1, most).round().astype(np.int64)]
        chosen.append(rows)
    return np.sort(np.concatenate(chosen)) if chosen else np.zeros(0, dtype=np.int64)


def _allowed(name: str, class_name: str, has_learner: bool) -> bool:
    members = CANDIDATES[name]
    if "global" in members and not has_learner:
        return False
    if name in ("intermittent", "rate"):
        return class_name == "intermittent"
    return class_name != "short" or not set(members) & set(SLOW_MEMBERS)


def _weigh(
    backtest: Backtest,
    scaled: Scaled,
    classes: np.ndarray,
    settings: EnsembleSettings,
    season: int,
    has_learner: bool,
) -> tuple[dict[str, Choice], dict[str, np.ndarray]]:
    """The choice of each class, and the weight of every member for every series."""
    has_learner = has_learner and "global" in backtest.forecasts
    by_rate = classes == "intermittent"
    auto = settings.method == "auto"
    scores = score_candidates(backtest, tuple(CANDIDATES), scaled.unit, by_rate) if auto else {}
    choices: dict[str, Choice] = {}
    weights: dict[str, np.ndarray] = {}
    for class_name in sorted(set(classes)):
        rows = np.flatnonzero(classes == class_name)
        mine = {name: each for name, each in scores.items() if _allowed(name, class_name, has_learner)}
        mine = _spare_slow(mine, rows, len(classes), settings)
        default = default_candidate(class_name, has_learner, season)
        learnt = _learnt(backtest.origins, scaled.start[rows], scaled.z.shape[1], season)
        separate = _separate(backtest.origins)
        found = weigh_candidates(mine, rows, default, separate, learnt) if mine else None
        if found is not None:
            choices[class_name], each = found.choice, found.weights
        else:
            choices[class_name] = _unweighed(settings.method, default)
            each = {name: np.full(len(rows), share) for name, share in choices[class_name].weights.items()}
        for member, share in each.items():
            weights.setdefault(member, np.zeros(len(classes)))[rows] = share
    return choices, weights


def _unweighed(method: str, default: str) -> Choice:
    if method != "auto":
        return Choice(method, {method: 1.0}, "the method asked for", {})
    reason = "default; the history is too short for a backtest"
    return Choice(default, CANDIDATES[default], reason, {})


def _separate(origins: Origins) -> float:
    """How many origins would stand apart in the span of the backtest: neighbours share their shocks."""
    own = origins.stops[origins.lent :]
    return 1.0 + (own[-1] - own[0]) / origins.steps if own else 0.0


def _learnt(origins: Origins, starts: np.ndarray, count: int, season: int) -> float:
    """What the years between the origins and today add to what a season is known by."""
    start = float(np.median(starts))
    then = (np.array(origins.stops[origins.lent :], dtype=np.float64) - start) / season
    return expected_gain(then, (count - start) / season)


def _spare_slow(
    scores: dict[str, CandidateErrors], rows: np.ndarray, count: int, settings: EnsembleSettings
) -> dict[str, CandidateErrors]:
    """With very many series, slow members stay only where the sample says they gain enough."""
    if count <= settings.slow_limit:
        return scores
    slow = {name for name in scores if set(CANDIDATES[name]) & set(SLOW_MEMBERS)}
    best = [least_error(scores, rows, names) for names in (slow, set(scores) - slow)]
    return (
        scores
        if best[0] <= best[1] * (1 - settings.slow_gain)
        else {name: each for name, each in scores.items() if name not in slow}
    )


def _forecast_members(
    now: Prepared,
    horizon: int,
    weights: dict[str, np.ndarray],
    classes: np.ndarray,
    learner: Learner | None,
    pool: Executor | None,
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    shape = (len(classes), horizon)
    parts = [_quick_members(now.rows(part), horizon, learner) for part in parts_of(len(classes))]
    members = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    failed = np.zeros(len(classes), dtype=np.int64)
    slow = [name for name in weights if name in SLOW_MEMBERS + INTERMITTENT_MEMBERS]
    wanted = np.array([weights[name] > 0 for name in slow], dtype=bool).reshape(len(slow), len(classes))
    wanted &= ~np.isin(classes, ("ended", "empty", "constant"))
    for pattern in np.unique(wanted[:, wanted.any(axis=0)], axis=1).T:
        names = tuple(name for name, asked in zip(slow, pattern, strict=True) if asked)
        every = np.flatnonzero((wanted == pattern[:, None]).all(axis=0))
        for rows in (every[part] for part in parts_of(len(every))):
            made, failed[rows] = forecast_slow(now.rows(rows), horizon, names, pool)
            for name, path in made.items():
                members.setdefault(name, np.full(shape, np.nan))[rows] = path
    return members, failed


def _quick_members(now: Prepared, horizon: int, learner: Learner | None) -> dict[str, np.ndarray]:
    """Members worked out for all series at once, and the learner where there is one."""
    members = forecast_quick(now, horizon)
    learnt = None if learner is None else learner.predict(0, now.scaled, now.season, horizon)
    if learnt is not None:
        members["global"] = to_relative(learnt, now.scaled.is_log)
    return members


def _columns(weights: dict[str, Weight]) -> dict[str, Weight]:
    """Weights of series laid beside forecasts of shape (series, horizon)."""
    return {name: np.asarray(weight)[:, None] for name, weight in weights.items()}


def _past(weights: dict[str, np.ndarray], backtest: Backtest) -> np.ndarray:
    """What the combination of each series would have said at every origin."""
    made = backtest.forecasts
    out = new_array(backtest.actual.shape, np.nan)
    for part in parts_of(out.shape[1]) if made else ():
        held = {name: path[:, part] for name, path in made.items()}
        mine = relax_weights({name: weight[part] for name, weight in weights.items()}, made)
        said = combine(_columns(mine), held) if mine else np.full(out[:, part].shape, np.nan)
        out[:, part] = np.where(np.isfinite(said), said, combine(relax_weights(_FALLBACK, made), held))
        for path in (out, *made.values()):
            release(path)
    return out


def _scale_free_errors(backtest: Backtest, past: np.ndarray, is_log: np.ndarray) -> np.ndarray:
    if not backtest.origins.stops:
        return np.zeros((0, len(is_log), 1))
    errors = new_array(past.shape, np.nan)
    for place, (actual, forecast) in enumerate(zip(backtest.actual, past, strict=True)):
        errors[place] = to_scale(actual, is_log) - to_scale(forecast, is_log)
    for path in (errors, past, backtest.actual):
        release(path)
    return errors


def _plain_short(point: np.ndarray, now: Prepared, horizon: int) -> np.ndarray:
    """One to three values hold no trend: their median is the forecast."""
    values = to_relative(now.scaled.z, now.scaled.is_log)[:, -3:]
    tiny = now.size < 4
    inside = np.arange(values.shape[1]) >= values.shape[1] - np.minimum(now.size, values.shape[1])[:, None]
    middle = np.nanmedian(np.where(inside, values, np.nan), axis=1)
    return np.where(tiny[:, None], np.repeat(middle[:, None], horizon, axis=1), point)


def _steady_spread(now: Prepared) -> np.ndarray:
    """Usual change; under 8 values it leans on the median of the longer series, or on 20 %."""
    spread, size = now.adjusted.spread, now.size
    long = size >= 8
    typical = float(np.median(spread[long])) if long.any() else 0.2
    share = np.minimum(size, 8) / 8.0
    return np.where(long, spread, share * spread + (1 - share) * np.maximum(spread, typical))


def _member_errors(backtest: Backtest, past: np.ndarray) -> dict[str, np.ndarray]:
    rows = np.arange(past.shape[1])
    if not backtest.origins.scored:
        return {}
    errors = {}
    for name, path in {**backtest.forecasts, "combination": past}.items():
        errors[name] = scaled_errors(backtest, path, rows)
        release(path)
    return errors
