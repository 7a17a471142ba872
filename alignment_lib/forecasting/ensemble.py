"""The combination of members for a set of series: backtest, choice by class, forecast, past errors."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np

from alignment_lib.forecasting.adjustment import Scaled
from alignment_lib.forecasting.backtest import (
    Backtest,
    Origins,
    choose_origins,
    rate_errors,
    run_backtest,
    scaled_errors,
    widen_lent,
)
from alignment_lib.forecasting.combination import (
    CANDIDATES,
    Choice,
    choose_candidate,
    combine,
    default_candidate,
    relax_weights,
)
from alignment_lib.forecasting.global_learner import Learner, LearnerSettings, collect_rows
from alignment_lib.forecasting.large_arrays import new_array, parts_of, release
from alignment_lib.forecasting.members import (
    FAST_MEMBERS,
    INTERMITTENT_MEMBERS,
    SLOW_MEMBERS,
    Prepared,
    forecast_fast,
    forecast_naive,
    forecast_slow,
    prepare,
    to_relative,
    to_scale,
)
from alignment_lib.inputs.written_numbers import Said

__all__ = ["Ensemble", "EnsembleSettings", "build_learner", "forecast_ensemble", "forget_gone"]

_CHEAP = {
    "mixture": "fast mixture",
    "broad mixture": "fast mixture",
    "local": "fast",
    "broad local": "fast",
    "ets, ces, dot": "fast",
}
"""What takes the place of a combination with slow members where there are very many series."""
_FALLBACK = {"theta": 1 / 3, "damped": 1 / 3, "aggregated": 1 / 3}


@dataclass(frozen=True)
class EnsembleSettings:
    """How much work the ensemble may do.

    Attributes
    ----------
    method : str
        ``auto``, or one member for every series.
    sample : int
        Most series of a class on which slow members are backtested.
    slow_limit : int
        Above this many series slow members run on all only where the backtest says they gain.
    slow_gain : float
        The gain asked for there.
    """

    method: str = "auto"
    sample: int = 120
    slow_limit: int = 3000
    slow_gain: float = 0.01


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
    member_errors: dict[str, np.ndarray]
    backtest: Backtest
    past_point: np.ndarray
    failed: np.ndarray
    notes: dict[int, str]


def build_learner(
    scaled: Scaled, season: int, horizon: int, seed: int, settings: LearnerSettings | None = None
) -> Learner:
    """A learner over these series, their columns being calendar periods."""
    settings = settings or LearnerSettings()
    count = scaled.z.shape[1]
    least = 2 * season + 1 if season <= 24 else season
    old = scaled.start + least < count
    if int(old.sum()) < settings.least_series:
        scaled = scaled.rows(np.zeros(0, dtype=np.int64))
    rows = collect_rows(scaled, season, horizon, seed, settings)
    return Learner(rows, count, scaled.start + least, seed, settings)


def forecast_ensemble(
    scaled: Scaled,
    classes: np.ndarray,
    season: int,
    horizon: int,
    *,
    seed: int,
    pool: Executor | None = None,
    learner: Learner | None = None,
    settings: EnsembleSettings | None = None,
    origins: Origins | None = None,
) -> Ensemble:
    """Backtest the members, choose a combination for each class and forecast with it."""
    settings = settings or EnsembleSettings()
    now = prepare(scaled, season)
    origins = origins or choose_origins(now.size, scaled.z.shape[1], season, horizon)
    slow = _slow_members(settings.method, classes)
    sample = _draw_sample(classes, settings.sample, seed)
    learner = None if learner is None or len(learner.rows.target) == 0 else learner
    backtest = run_backtest(scaled, season, origins, slow, sample, learner, pool, now.adjusted)
    choices = _choose(backtest, classes, sample, settings, season, learner is not None)
    choices = _spare_slow(choices, classes, settings)
    members, failed = _forecast_members(now, horizon, choices, classes, learner, pool)
    notes: dict[int, str] = {}
    if settings.method == "structural":
        members["structural"], notes = _structural_members(now, horizon, classes)
    point = _by_class(choices, classes, members)
    fallback = combine(relax_weights(_FALLBACK, members), members)
    point = np.where(np.isfinite(point), point, fallback)
    point = _plain_short(point, now, horizon)
    past_point = _past(choices, classes, backtest)
    errors = widen_lent(_scale_free_errors(backtest, past_point, scaled.is_log), backtest.lent)
    return Ensemble(
        point,
        members["naive"],
        errors,
        backtest.spreads,
        _steady_spread(now),
        choices,
        _member_errors(backtest, past_point),
        backtest,
        past_point,
        failed,
        notes,
    )


def forget_gone(ensemble: Ensemble, gone: np.ndarray) -> Ensemble:
    """The same with series that are no longer sold at zero, and nothing learnt from how they once were.

    Their end was a surprise that cannot come again: neither bands nor reconciliation of the others follow it.
    """
    if not gone.any():
        return ensemble
    for kept in (ensemble.errors, ensemble.past_point, ensemble.backtest.actual):
        kept[:, gone] = np.nan
    return replace(ensemble, point=np.where(gone[:, None], 0.0, ensemble.point))


def _slow_members(method: str, classes: np.ndarray) -> tuple[str, ...]:
    if method in SLOW_MEMBERS + INTERMITTENT_MEMBERS:
        return (method,)
    if method != "auto":
        return ()
    return SLOW_MEMBERS + (INTERMITTENT_MEMBERS if "intermittent" in classes else ())


def _draw_sample(classes: np.ndarray, most: int, seed: int) -> np.ndarray:
    """At most `most` series of each class, chosen by place in the sorted keys and seed alone."""
    chosen = []
    for name in sorted(set(classes)):
        rows = np.flatnonzero(classes == name)
        if len(rows) > most:
            rows = np.random.default_rng([seed, len(rows)]).choice(rows, most, replace=False)
        chosen.append(rows)
    return np.sort(np.concatenate(chosen)) if chosen else np.zeros(0, dtype=np.int64)


def _allowed(name: str, class_name: str, has_learner: bool) -> bool:
    members = CANDIDATES[name]
    if "global" in members and not has_learner:
        return False
    if name == "intermittent":
        return class_name == "intermittent"
    return class_name != "short" or not set(members) & {"ets", "ces", "dot"}


def _choose(
    backtest: Backtest,
    classes: np.ndarray,
    sample: np.ndarray,
    settings: EnsembleSettings,
    season: int,
    has_learner: bool,
) -> dict[str, Choice]:
    has_learner = has_learner and "global" in backtest.forecasts
    seen_of = backtest.rows(sample)
    for kept in (backtest.actual, *backtest.forecasts.values()):
        release(kept)
    choices = {}
    for class_name in sorted(set(classes)):
        if settings.method != "auto":
            weights = {settings.method: 1.0}
            choices[class_name] = Choice(settings.method, weights, "the method asked for", {})
            continue
        default = default_candidate(class_name, has_learner, season)
        rows = np.flatnonzero(classes[sample] == class_name)
        score = rate_errors if class_name == "intermittent" else scaled_errors
        errors = {}
        for name in CANDIDATES:
            if _allowed(name, class_name, has_learner):
                weights = relax_weights(CANDIDATES[name], seen_of.forecasts)
                path = combine(weights, seen_of.forecasts) if weights else None
                if path is not None:
                    errors[name] = score(seen_of, path, rows)
        finite = [np.isfinite(value) for value in errors.values()] or [np.zeros(0, dtype=bool)]
        known = np.all(finite, axis=0)
        if not known.any():
            reason = "default; the history is too short for a backtest"
            choices[class_name] = Choice(default, CANDIDATES[default], reason, {})
            continue
        seen = {name: value[known] for name, value in errors.items()}
        choices[class_name] = choose_candidate(seen, default)
    return choices


def _spare_slow(
    choices: dict[str, Choice], classes: np.ndarray, settings: EnsembleSettings
) -> dict[str, Choice]:
    """With very many series, slow members stay only where the sample says they gain enough."""
    if len(classes) <= settings.slow_limit or settings.method != "auto":
        return choices
    spared = {}
    for class_name, choice in choices.items():
        cheap = _CHEAP.get(choice.candidate)
        if cheap in choice.errors:
            gain = 1 - choice.errors[choice.candidate] / choice.errors[str(cheap)]
            if gain < settings.slow_gain:
                reason = f"{len(classes)} series; slow members gain only {Said(gain):.1%} on the sample"
                choice = Choice(str(cheap), CANDIDATES[str(cheap)], reason, choice.errors)
        spared[class_name] = choice
    return spared


def _forecast_members(
    now: Prepared,
    horizon: int,
    choices: dict[str, Choice],
    classes: np.ndarray,
    learner: Learner | None,
    pool: Executor | None,
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    shape = (len(classes), horizon)
    parts = [_quick_members(now.rows(part), horizon, learner) for part in parts_of(len(classes))]
    members = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    failed = np.zeros(len(classes), dtype=np.int64)
    wanted: dict[tuple[str, ...], list[str]] = {}
    for class_name, choice in choices.items():
        if class_name in ("ended", "empty", "constant"):
            continue
        slow = tuple(name for name in choice.weights if name in SLOW_MEMBERS + INTERMITTENT_MEMBERS)
        if slow:
            wanted.setdefault(slow, []).append(class_name)
    for slow, names in sorted(wanted.items()):
        every = np.flatnonzero(np.isin(classes, names))
        for rows in (every[part] for part in parts_of(len(every))):
            some = prepare(now.scaled.rows(rows), now.season)
            made, failed[rows] = forecast_slow(some, horizon, slow, pool)
            for name, path in made.items():
                members.setdefault(name, np.full(shape, np.nan))[rows] = path
    return members, failed


def _quick_members(now: Prepared, horizon: int, learner: Learner | None) -> dict[str, np.ndarray]:
    """The fast members, naive, the recent mean, and the learner where there is one."""
    members = forecast_fast(now, horizon, FAST_MEMBERS)
    members["naive"] = forecast_naive(now, horizon)
    members["fast mean"] = np.repeat(_recent_mean(now)[:, None], horizon, axis=1)
    learnt = None if learner is None else learner.predict(0, now.scaled, now.season, horizon)
    if learnt is not None:
        members["global"] = to_relative(learnt, now.scaled.is_log)
    return members


def _structural_members(
    now: Prepared, horizon: int, classes: np.ndarray
) -> tuple[np.ndarray, dict[int, str]]:
    """A full model of every series that can bear one; NaN leaves a series to the fast members."""
    from alignment_lib.forecasting.structural import fit_structural

    scaled = now.scaled
    paths = np.full((len(classes), horizon), np.nan)
    notes = {}
    for row in np.flatnonzero(~np.isin(classes, ("ended", "empty", "constant"))):
        fit = fit_structural(scaled.z[row, scaled.start[row] :], now.season, horizon)
        notes[int(row)] = "no structural model could be fitted: fast members" if fit is None else fit.sentence
        if fit is not None:
            paths[row] = to_relative(fit.path[None], scaled.is_log[row : row + 1])[0]
    return paths, notes


def _recent_mean(now: Prepared) -> np.ndarray:
    """Mean of the last season, or of the whole life where it is shorter."""
    values = to_relative(now.scaled.z, now.scaled.is_log)
    count = values.shape[1]
    inside = np.arange(count) >= np.maximum(now.scaled.start, count - max(now.season, 8))[:, None]
    return np.asarray((values * inside).sum(axis=1) / inside.sum(axis=1))


def _by_class(choices: dict[str, Choice], classes: np.ndarray, members: dict[str, np.ndarray]) -> np.ndarray:
    out = np.full(next(iter(members.values())).shape, np.nan)
    for class_name, choice in choices.items():
        rows = np.flatnonzero(classes == class_name)
        weights = relax_weights(choice.weights, members)
        if weights:
            out[rows] = combine(weights, {name: members[name][rows] for name in weights})
    return out


def _past(choices: dict[str, Choice], classes: np.ndarray, backtest: Backtest) -> np.ndarray:
    """What each class's combination would have said at every origin."""
    made = backtest.forecasts
    out = new_array(backtest.actual.shape, np.nan)
    for part in parts_of(len(classes)) if made else ():
        held = {name: path[:, part] for name, path in made.items()}
        said = np.full(backtest.actual[:, part].shape, np.nan)
        for class_name, choice in choices.items():
            rows = np.flatnonzero(classes[part] == class_name)
            weights = relax_weights(choice.weights, made)
            if weights:
                said[:, rows] = combine(weights, {name: held[name][:, rows] for name in weights})
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
