"""Choosing the model by backtest inside the history: settings of the explained member, then the mixture."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.learner import QUICK
from alignment_lib.forecasting.effects.model import (
    Design,
    build_design,
    cut_panel,
    fit_explained,
    fit_model,
    predict_logs,
)
from alignment_lib.forecasting.effects.panel import Panel
from alignment_lib.forecasting.effects.pooled import PooledFit, PooledSettings, bias_factors

__all__ = ["MIXTURES", "Choice", "backtest_origins", "choose_model", "score_plan"]

MIXTURES: dict[str, dict[str, float]] = {
    "explained and direct": {"explained": 0.5, "direct": 0.5},
    "explained": {"explained": 1.0},
    "direct": {"direct": 1.0},
    "residual": {"residual": 1.0},
    "residual and direct": {"residual": 0.5, "direct": 0.5},
    "explained, residual and direct": {"explained": 1 / 3, "residual": 1 / 3, "direct": 1 / 3},
}
"""Weights of the members in each mixture; the first is kept unless another is clearly better."""

_CLEARLY = 0.015
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
    mixture : str
        A name of `MIXTURES`.
    table : DataFrame
        ``stage, candidate, series_wape, total_wape, chosen`` per candidate.
    log_errors : list of ndarray, shape (series, horizon) each
        log((actual + 1) / (forecast + 1)) of the chosen mixture at each origin; NaN where unknown.
    """

    settings: PooledSettings
    mixture: str
    table: pd.DataFrame
    log_errors: tuple[np.ndarray, ...]


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


def choose_model(panel: Panel, holidays: str | None, *, seed: int, jobs: int = 1) -> Choice:
    """Backtest the settings of the explained member, then the mixtures, on origins inside the history.

    The loss is the series WAPE plus the total WAPE, each relative to the first candidate's, mean over
    origins. With no room for an origin the first candidates are taken.
    """
    horizon = len(panel.periods) - panel.known
    origins, length = backtest_origins(panel.known, horizon, panel.calendar.season)
    designs = [build_design(cut_panel(panel, origin, length), holidays) for origin in origins]
    actuals = [panel.values[:, origin : origin + length] for origin in origins]
    settings, fits, first = _choose_settings(designs, actuals)
    mixture, second, errors = _choose_mixture(designs, actuals, _SETTINGS[settings], fits, seed, jobs)
    table = pd.DataFrame(
        [*first, *second], columns=["stage", "candidate", "series_wape", "total_wape", "chosen"]
    )
    return Choice(_SETTINGS[settings], mixture, table, tuple(errors))


def _choose_settings(
    designs: list[Design], actuals: list[np.ndarray]
) -> tuple[str, list[PooledFit], list[tuple[str, str, float, float, bool]]]:
    scores: dict[str, np.ndarray] = {}
    fits: dict[str, list[PooledFit]] = {}
    for name, settings in _SETTINGS.items():
        fits[name] = [fit_explained(design, settings) for design in designs]
        scores[name] = np.array([
            score_plan(actual, _explained_plan(fit, design))
            for fit, design, actual in zip(fits[name], designs, actuals, strict=True)
        ]).reshape(-1, 2)  # fmt: skip
    best = _best(scores)
    return best, fits[best], _rows("explained member", scores, best)


def _explained_plan(fit: PooledFit, design: Design) -> np.ndarray:
    panel = design.panel
    future = design.features[:, panel.known :]
    factor = bias_factors(panel.values, fit.fitted, panel.product, panel.calendar.season)
    logs = fit.explained(future) + fit.ahead(future.shape[1]) + np.log(factor)[:, None]
    return np.asarray(np.clip(np.exp(np.clip(logs, None, 50)) - 1, 0, None))


def _choose_mixture(
    designs: list[Design],
    actuals: list[np.ndarray],
    settings: PooledSettings,
    fits: list[PooledFit],
    seed: int,
    jobs: int,
) -> tuple[str, list[tuple[str, str, float, float, bool]], list[np.ndarray]]:
    everything = {"explained": 1 / 3, "direct": 1 / 3, "residual": 1 / 3}
    scores: dict[str, list[tuple[float, float]]] = {name: [] for name in MIXTURES}

    def run(place: int) -> dict[str, np.ndarray]:
        model = fit_model(
            designs[place], settings, everything, seed=seed, explained=fits[place], learner_settings=QUICK
        )
        members = predict_logs(model, designs[place])
        return {name: _mix(members, weights) for name, weights in MIXTURES.items()}

    with ThreadPoolExecutor(max(1, min(jobs, len(designs)))) as pool:
        plans = list(pool.map(run, range(len(designs))))
    for plan, actual in zip(plans, actuals, strict=True):
        for name, logs in plan.items():
            scores[name].append(score_plan(actual, np.clip(np.exp(np.clip(logs, None, 50)) - 1, 0, None)))
    table = {name: np.array(values).reshape(-1, 2) for name, values in scores.items()}
    best = _best(table)
    errors = [
        np.log1p(np.clip(actual, 0, None)) - np.maximum(plan[best], 0.0)
        for plan, actual in zip(plans, actuals, strict=True)
    ]
    return best, _rows("mixture", table, best), errors


def _mix(members: dict[str, np.ndarray], weights: dict[str, float]) -> np.ndarray:
    """Weighted mean of logs; a learner that could not be fitted leaves its weight to the explained member."""
    parts = [weight * members.get(name, members["explained"]) for name, weight in weights.items()]
    return np.asarray(np.sum(parts, axis=0))


def _best(scores: dict[str, np.ndarray]) -> str:
    """The first candidate unless another is clearly better."""
    names = list(scores)
    if not len(scores[names[0]]):
        return names[0]
    base = np.maximum(scores[names[0]].mean(axis=0), 1e-9)
    loss = {name: float((scores[name].mean(axis=0) / base).mean()) for name in names}
    best = min(names, key=lambda name: loss[name])
    return best if loss[best] < 1 - _CLEARLY else names[0]


def _rows(stage: str, scores: dict[str, np.ndarray], best: str) -> list[tuple[str, str, float, float, bool]]:
    rows = []
    for name, values in scores.items():
        series, total = values.mean(axis=0) if len(values) else (np.nan, np.nan)
        rows.append((stage, name, float(series), float(total), name == best))
    return rows
