"""Choosing the model by backtest in the history: the explained member, what joins its level, the mixture."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.backtest_scores import (
    Row,
    mix,
    score_origins,
    seasonal_naive,
    series_errors,
    table_rows,
    to_units,
)
from alignment_lib.forecasting.effects.drivers.panel import Panel
from alignment_lib.forecasting.effects.learner import QUICK
from alignment_lib.forecasting.effects.levels import Joined
from alignment_lib.forecasting.effects.model import (
    Design,
    EffectsModel,
    build_design,
    cut_panel,
    explained_lines,
    fit_explained,
    fit_model,
    predict_logs,
    settled_sales,
)
from alignment_lib.forecasting.effects.pooled import (
    PooledFit,
    PooledSettings,
    bias_factors,
    join_level,
)
from alignment_lib.forecasting.effects.slopes import Lines, SlopeSettings
from alignment_lib.forecasting.effects.standing import Standing
from alignment_lib.forecasting.effects.standing_choice import Trial, choose_standing
from alignment_lib.inputs.configuration.calendar_settings import Holidays

__all__ = [
    "LEVELS",
    "MIXTURES",
    "Choice",
    "backtest_origins",
    "choose_model",
]

MIXTURES: dict[str, dict[str, float]] = {
    "explained and direct": {"explained": 0.5, "direct": 0.5},
    "explained": {"explained": 1.0},
    "direct": {"direct": 1.0},
    "residual": {"residual": 1.0},
    "residual and direct": {"residual": 0.5, "direct": 0.5},
    "explained, residual and direct": {"explained": 1 / 3, "residual": 1 / 3, "direct": 1 / 3},
}
"""Weights of the members in each mixture; the first is kept unless another is clearly better."""

LEVELS: dict[str, Joined] = {
    "held": Joined(),
    "with last year": Joined(last_year=0.6),
    "with smoothers": Joined(smoothers=0.5),
    "with last year and smoothers": Joined(last_year=0.6, smoothers=0.5),
}
"""What joins the level; the first is kept unless another is better."""

_CLEARLY, _BETTER = 0.015, 0.005
_COLUMNS = ["stage", "candidate", "series_wape", "total_wape", "chosen"]
_SLOW, _LONG = PooledSettings(), PooledSettings(half_life=156.0)
_FAST = PooledSettings(product_rate=0.3, series_rate=0.2)
_TREND = PooledSettings(half_life=104.0, product_rate=0.3, series_rate=0.1, trend_rate=0.1)
_SETTINGS = {"steady": _SLOW, "long memory": _LONG, "quick level": _FAST, "damped trend": _TREND}


@dataclass(frozen=True)
class Choice:
    """What the backtest chose.

    Attributes
    ----------
    settings : PooledSettings
    joined : Joined
        Members without drivers that join the level.
    mixture, level : str
        Names of `MIXTURES` and `LEVELS`.
    table : DataFrame
        ``stage, candidate, series_wape, total_wape, chosen`` per candidate, and seasonal naive beside them.
    log_errors : tuple of ndarray, shape (series, length) each
        log((actual + 1) / (forecast + 1)) of what was chosen at each origin; NaN where unknown.
    origins : tuple of int
        Periods known at each, latest first.
    series_errors : dict of str to ndarray, shape (series,)
        WAPE of each series over the origins, by mixture, and of ``seasonal naive``; empty without origins.
    deciding : int
        Origins that decided: those with a year known. The others only tell how far forecasts missed.
    standing : Standing
        The level without drivers that stands beside the model's own, and its weight.
    """

    settings: PooledSettings
    joined: Joined
    mixture: str
    level: str
    table: pd.DataFrame
    log_errors: tuple[np.ndarray, ...]
    origins: tuple[int, ...]
    series_errors: dict[str, np.ndarray]
    deciding: int = 0
    standing: Standing = field(default_factory=Standing)


def backtest_origins(known: int, horizon: int, season: int) -> list[tuple[int, int]]:
    """Up to three origins a quarter apart, latest first: periods known at each, and periods scored from it.

    Each is scored over as much of the horizon as is known from there: a year ahead asks for other models
    than a quarter ahead.

    >>> backtest_origins(94, 13, 52), backtest_origins(104, 39, 52)
    ([(81, 13), (68, 13), (55, 13)], [(91, 13), (78, 26), (65, 39)])
    """
    step = max(1, min(horizon, max(1, round(season / 4)), known // 4))
    fewest = max(min(season, known // 2), 8)
    origins = [known - step * number for number in (1, 2, 3)]
    return [(origin, min(horizon, known - origin)) for origin in origins if origin >= fewest]


def choose_model(panel: Panel, holidays: Holidays, *, jobs: int = 1) -> Choice:
    """Backtest the explained member's settings, its level, the mixtures, then levels beside the model's own.

    The loss is the series WAPE plus the total WAPE, each relative to the first candidate's, mean over
    origins. Origins with less than a year known do not decide: what knows no time of year there is not the
    model that is planned with. With no origin that decides the first candidates are taken. Nothing here
    depends on a seed.
    """
    season = panel.calendar.season
    origins = backtest_origins(panel.known, len(panel.periods) - panel.known, season)
    trial = Trial(
        [build_design(cut_panel(panel, origin, length), holidays) for origin, length in origins],
        [panel.values[:, origin : origin + length] for origin, length in origins],
        np.array([origin >= season for origin, _ in origins], dtype=bool),
        holidays,
        jobs,
    )
    designs, actuals, decides = trial.designs, trial.actuals, trial.decides
    settings, fits, first = _choose_settings(designs, actuals, decides)
    level, fits, second = _choose_level(designs, actuals, fits, decides)
    models, plans = _mixture_plans(designs, _SETTINGS[settings], fits, jobs)
    mixture, third = _choose_mixture(plans, actuals, decides)
    naive = [
        seasonal_naive(design.panel.values, actual.shape[1], season)
        for design, actual in zip(designs, actuals, strict=True)
    ]
    fourth = table_rows("yardstick", {"seasonal naive": score_origins(actuals, naive)}, "", decides)
    chosen = [plan[mixture] for plan in plans]
    standing, chosen, fifth = choose_standing(trial, models, MIXTURES[mixture], chosen, naive)
    table = pd.DataFrame([*first, *second, *third, *fifth, *fourth], columns=_COLUMNS)
    errors = [
        np.log1p(np.clip(actual, 0, None)) - np.maximum(plan, 0.0)
        for plan, actual in zip(chosen, actuals, strict=True)
    ]
    by_series = {name: series_errors(actuals, [to_units(plan[name]) for plan in plans]) for name in MIXTURES}
    by_series[str(standing)] = series_errors(actuals, [to_units(plan) for plan in chosen])
    by_series["seasonal naive"] = series_errors(actuals, naive)
    return Choice(
        _SETTINGS[settings], LEVELS[level], mixture, level, table, tuple(errors),
        tuple(origin for origin, _ in origins), by_series, int(decides.sum()), standing,
    )  # fmt: skip


def _choose_settings(
    designs: list[Design], actuals: list[np.ndarray], decides: np.ndarray
) -> tuple[str, list[PooledFit], list[Row]]:
    plans: dict[str, list[np.ndarray]] = {name: [] for name in _SETTINGS}
    for design in designs:
        lines: dict[SlopeSettings, Lines] = {}
        for name, settings in _SETTINGS.items():
            found = lines.get(settings.of_slopes) or explained_lines(design, settings)
            lines[settings.of_slopes] = found
            plans[name].append(_explained_plan(fit_explained(design, settings, lines=found), design))
    scores = {name: score_origins(actuals, its) for name, its in plans.items()}
    best = _best(scores, _CLEARLY, decides)
    # Fitted once more rather than kept: fits of all candidates are as large as the history many times.
    fits = [fit_explained(design, _SETTINGS[best]) for design in designs]
    return best, fits, table_rows("explained member", scores, best, decides)


def _explained_plan(fit: PooledFit, design: Design) -> np.ndarray:
    panel = design.panel
    future = design.ahead
    factor = bias_factors(settled_sales(design), fit.fitted, panel.product, panel.calendar.season)
    return to_units(fit.explained(future) + fit.ahead(future.shape[1]) + np.log(factor)[:, None])


def _choose_level(
    designs: list[Design], actuals: list[np.ndarray], fits: list[PooledFit], decides: np.ndarray
) -> tuple[str, list[PooledFit], list[Row]]:
    """Which members without drivers join the level."""
    scores = {
        name: score_origins(
            actuals,
            [_explained_plan(join_level(fit, its), at) for fit, at in zip(fits, designs, strict=True)],
        )
        for name, its in LEVELS.items()
    }
    best = _best(scores, _BETTER, decides)
    chosen = [join_level(fit, LEVELS[best]) for fit in fits]
    return best, chosen, table_rows("level", scores, best, decides)


def _mixture_plans(
    designs: list[Design], settings: PooledSettings, fits: list[PooledFit], jobs: int
) -> tuple[list[EffectsModel], list[dict[str, np.ndarray]]]:
    """All members fitted, and log(plan + 1) of every mixture, at every origin."""
    everything = {"explained": 1 / 3, "direct": 1 / 3, "residual": 1 / 3}

    def run(place: int) -> tuple[EffectsModel, dict[str, np.ndarray]]:
        model = fit_model(designs[place], settings, everything, explained=fits[place], learner_settings=QUICK)
        members = predict_logs(model, designs[place])
        return model, {name: mix(members, weights) for name, weights in MIXTURES.items()}

    with ThreadPoolExecutor(max(1, min(jobs, len(designs)))) as pool:
        done = list(pool.map(run, range(len(designs))))
    return [model for model, _ in done], [plans for _, plans in done]


def _choose_mixture(
    plans: list[dict[str, np.ndarray]], actuals: list[np.ndarray], decides: np.ndarray
) -> tuple[str, list[Row]]:
    scores = {name: score_origins(actuals, [to_units(plan[name]) for plan in plans]) for name in MIXTURES}
    best = _best(scores, _CLEARLY, decides)
    return best, table_rows("mixture", scores, best, decides)


def _best(scores: dict[str, np.ndarray], clearly: float, decides: np.ndarray) -> str:
    """The first candidate unless another is clearly better on the origins that decide."""
    names = list(scores)
    if not decides.any():
        return names[0]
    base = np.maximum(scores[names[0]][decides].mean(axis=0), 1e-9)
    loss = {name: float((scores[name][decides].mean(axis=0) / base).mean()) for name in names}
    best = min(names, key=lambda name: loss[name])
    return best if loss[best] < 1 - clearly else names[0]
