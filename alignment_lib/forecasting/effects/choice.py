"""Choosing the model by backtest in the history: the explained member, what joins its level, the mixture."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.learner import QUICK
from alignment_lib.forecasting.effects.levels import Joined
from alignment_lib.forecasting.effects.model import (
    Design,
    build_design,
    cut_panel,
    fit_explained,
    fit_model,
    predict_logs,
    settled_sales,
)
from alignment_lib.forecasting.effects.panel import Panel
from alignment_lib.forecasting.effects.pooled import PooledFit, PooledSettings, bias_factors, join_level
from alignment_lib.inputs.calendar_settings import Holidays

__all__ = [
    "LEVELS",
    "MIXTURES",
    "Choice",
    "backtest_origins",
    "choose_model",
    "score_plan",
    "seasonal_naive",
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
_Row = tuple[str, str, float, float, bool]
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
    log_errors : list of ndarray, shape (series, horizon) each
        log((actual + 1) / (forecast + 1)) of the chosen mixture at each origin; NaN where unknown.
    series_errors : dict of str to ndarray, shape (series,)
        WAPE of each series over the origins, by mixture, and of ``seasonal naive``; empty without origins.
    deciding : int
        Origins that decided: those with a year known. The others only tell how far forecasts missed.
    """

    settings: PooledSettings
    joined: Joined
    mixture: str
    level: str
    table: pd.DataFrame
    log_errors: tuple[np.ndarray, ...]
    series_errors: dict[str, np.ndarray]
    deciding: int = 0


def backtest_origins(known: int, horizon: int, season: int) -> tuple[list[int], int]:
    """Up to three origins (periods known at each) and the horizon scored, latest first.

    >>> backtest_origins(94, 13, 52)
    ([81, 68, 55], 13)
    """
    length = max(1, min(horizon, max(1, round(season / 4)), known // 4))
    fewest = max(min(season, known // 2), 8)
    origins = [known - length * step for step in (1, 2, 3)]
    return [origin for origin in origins if origin >= fewest], length


def score_plan(actual: np.ndarray, forecast: np.ndarray) -> tuple[float, float]:
    """Series WAPE and total WAPE where actuals exist: sum|a - f| / sum a by cell, and by period totals."""
    seen = np.isfinite(actual)
    a, f = np.where(seen, actual, 0.0), np.where(seen, forecast, 0.0)
    size = max(float(np.abs(a).sum()), 1e-12)
    return float(np.abs(a - f).sum()) / size, float(np.abs((a - f).sum(axis=0)).sum()) / size


def choose_model(panel: Panel, holidays: Holidays, *, seed: int, jobs: int = 1) -> Choice:
    """Backtest the explained member's settings, its level, then the mixtures, on origins inside the history.

    The loss is the series WAPE plus the total WAPE, each relative to the first candidate's, mean over
    origins. Origins with less than a year known do not decide: what knows no time of year there is not the
    model that is planned with. With no origin that decides the first candidates are taken.
    """
    horizon = len(panel.periods) - panel.known
    origins, length = backtest_origins(panel.known, horizon, panel.calendar.season)
    designs = [build_design(cut_panel(panel, origin, length), holidays) for origin in origins]
    actuals = [panel.values[:, origin : origin + length] for origin in origins]
    decides = np.array([origin >= panel.calendar.season for origin in origins], dtype=bool)
    settings, fits, first = _choose_settings(designs, actuals, decides)
    level, fits, second = _choose_level(designs, actuals, fits, decides)
    plans = _mixture_plans(designs, _SETTINGS[settings], fits, seed, jobs)
    mixture, third = _choose_mixture(plans, actuals, decides)
    naive = [seasonal_naive(design.panel.values, length, panel.calendar.season) for design in designs]
    fourth = _rows("yardstick", {"seasonal naive": _scores(actuals, naive)}, "", decides)
    table = pd.DataFrame([*first, *second, *third, *fourth], columns=_COLUMNS)
    errors = [
        np.log1p(np.clip(actual, 0, None)) - np.maximum(plan[mixture], 0.0)
        for plan, actual in zip(plans, actuals, strict=True)
    ]
    by_series = {name: _series_errors(actuals, [_units(plan[name]) for plan in plans]) for name in MIXTURES}
    by_series["seasonal naive"] = _series_errors(actuals, naive)
    return Choice(
        _SETTINGS[settings], LEVELS[level], mixture, level, table, tuple(errors), by_series,
        int(decides.sum()),
    )  # fmt: skip


def _choose_settings(
    designs: list[Design], actuals: list[np.ndarray], decides: np.ndarray
) -> tuple[str, list[PooledFit], list[_Row]]:
    scores: dict[str, np.ndarray] = {}
    fits: dict[str, list[PooledFit]] = {}
    for name, settings in _SETTINGS.items():
        fits[name] = [fit_explained(design, settings) for design in designs]
        scores[name] = _scores(
            actuals, [_explained_plan(*pair) for pair in zip(fits[name], designs, strict=True)]
        )
    best = _best(scores, _CLEARLY, decides)
    return best, fits[best], _rows("explained member", scores, best, decides)


def _explained_plan(fit: PooledFit, design: Design) -> np.ndarray:
    panel = design.panel
    future = design.features[:, panel.known :]
    factor = bias_factors(settled_sales(design), fit.fitted, panel.product, panel.calendar.season)
    return _units(fit.explained(future) + fit.ahead(future.shape[1]) + np.log(factor)[:, None])


def _choose_level(
    designs: list[Design], actuals: list[np.ndarray], fits: list[PooledFit], decides: np.ndarray
) -> tuple[str, list[PooledFit], list[_Row]]:
    """Which members without drivers join the level."""
    joined = {name: [join_level(fit, its) for fit in fits] for name, its in LEVELS.items()}
    scores = {
        name: _scores(actuals, [_explained_plan(*pair) for pair in zip(its, designs, strict=True)])
        for name, its in joined.items()
    }
    best = _best(scores, _BETTER, decides)
    return best, joined[best], _rows("level", scores, best, decides)


def _mixture_plans(
    designs: list[Design], settings: PooledSettings, fits: list[PooledFit], seed: int, jobs: int
) -> list[dict[str, np.ndarray]]:
    """log(plan + 1) of every mixture at every origin."""
    everything = {"explained": 1 / 3, "direct": 1 / 3, "residual": 1 / 3}

    def run(place: int) -> dict[str, np.ndarray]:
        model = fit_model(
            designs[place], settings, everything, seed=seed, explained=fits[place], learner_settings=QUICK
        )
        members = predict_logs(model, designs[place])
        return {name: _mix(members, weights) for name, weights in MIXTURES.items()}

    with ThreadPoolExecutor(max(1, min(jobs, len(designs)))) as pool:
        return list(pool.map(run, range(len(designs))))


def _choose_mixture(
    plans: list[dict[str, np.ndarray]], actuals: list[np.ndarray], decides: np.ndarray
) -> tuple[str, list[_Row]]:
    scores = {name: _scores(actuals, [_units(plan[name]) for plan in plans]) for name in MIXTURES}
    best = _best(scores, _CLEARLY, decides)
    return best, _rows("mixture", scores, best, decides)


def _units(logs: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(np.exp(np.clip(logs, None, 50)) - 1, 0, None))


def _scores(actuals: list[np.ndarray], plans: list[np.ndarray]) -> np.ndarray:
    """Series and total WAPE at each origin, shape (origins, 2)."""
    return np.array([score_plan(*pair) for pair in zip(actuals, plans, strict=True)]).reshape(-1, 2)


def _series_errors(actuals: list[np.ndarray], plans: list[np.ndarray]) -> np.ndarray:
    """WAPE of each series over all origins; NaN where nothing was sold."""
    if not actuals:
        return np.empty(0)
    actual, plan = np.hstack(actuals), np.hstack(plans)
    seen = np.isfinite(actual)
    size = np.where(seen, np.abs(actual), 0.0).sum(axis=1)
    gap = np.where(seen, np.abs(actual - plan), 0.0).sum(axis=1)
    return np.where(size > 0, gap / np.where(size > 0, size, 1.0), np.nan)


def seasonal_naive(values: np.ndarray, horizon: int, season: int) -> np.ndarray:
    """Sales of the same period a year before, else the last known value; shape (series, horizon)."""
    known = values.shape[1]
    filled = pd.DataFrame(values.T).ffill().bfill().fillna(0.0).to_numpy().T
    places = [known - season + step % season if known >= season else known - 1 for step in range(horizon)]
    return np.asarray(filled[:, places])


def _mix(members: dict[str, np.ndarray], weights: dict[str, float]) -> np.ndarray:
    """Weighted mean of logs; a learner that could not be fitted leaves its weight to the explained member."""
    parts = [weight * members.get(name, members["explained"]) for name, weight in weights.items()]
    return np.asarray(np.sum(parts, axis=0))


def _best(scores: dict[str, np.ndarray], clearly: float, decides: np.ndarray) -> str:
    """The first candidate unless another is clearly better on the origins that decide."""
    names = list(scores)
    if not decides.any():
        return names[0]
    base = np.maximum(scores[names[0]][decides].mean(axis=0), 1e-9)
    loss = {name: float((scores[name][decides].mean(axis=0) / base).mean()) for name in names}
    best = min(names, key=lambda name: loss[name])
    return best if loss[best] < 1 - clearly else names[0]


def _rows(stage: str, scores: dict[str, np.ndarray], best: str, decides: np.ndarray) -> list[_Row]:
    """Mean scores over the origins that decide; over all where none does."""
    rows = []
    for name, its in scores.items():
        values = its[decides] if decides.any() else its
        series, total = values.mean(axis=0) if len(values) else (np.nan, np.nan)
        rows.append((stage, name, float(series), float(total), name == best))
    return rows
