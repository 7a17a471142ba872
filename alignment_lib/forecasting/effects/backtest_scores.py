"""Scores of the backtest: series and total WAPE at each origin, and the table that shows them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

__all__ = [
    "Row",
    "mix",
    "score_origins",
    "score_plan",
    "seasonal_naive",
    "series_errors",
    "table_rows",
    "to_units",
]

Row = tuple[str, str, float, float, bool]
"""Stage, candidate, series WAPE, total WAPE, whether it was chosen."""


def score_plan(actual: np.ndarray, forecast: np.ndarray) -> tuple[float, float]:
    """Series WAPE and total WAPE where actuals exist: sum|a - f| / sum a by cell, and by period totals."""
    seen = np.isfinite(actual)
    a, f = np.where(seen, actual, 0.0), np.where(seen, forecast, 0.0)
    size = max(float(np.abs(a).sum()), 1e-12)
    return float(np.abs(a - f).sum()) / size, float(np.abs((a - f).sum(axis=0)).sum()) / size


def to_units(logs: np.ndarray) -> np.ndarray:
    """Sales of log(sales + 1), never negative and never infinite."""
    return np.asarray(np.clip(np.exp(np.clip(logs, None, 50)) - 1, 0, None))


def score_origins(actuals: list[np.ndarray], plans: list[np.ndarray]) -> np.ndarray:
    """Series and total WAPE at each origin, shape (origins, 2)."""
    return np.array([score_plan(*pair) for pair in zip(actuals, plans, strict=True)]).reshape(-1, 2)


def series_errors(actuals: list[np.ndarray], plans: list[np.ndarray]) -> np.ndarray:
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


def mix(members: Mapping[str, np.ndarray], weights: Mapping[str, float]) -> np.ndarray:
    """Weighted mean of logs; a learner that could not be fitted leaves its weight to the explained member."""
    parts = [weight * members.get(name, members["explained"]) for name, weight in weights.items()]
    return np.asarray(np.sum(parts, axis=0))


def table_rows(stage: str, scores: dict[str, np.ndarray], best: str, decides: np.ndarray) -> list[Row]:
    """Mean scores over the origins that decide; over all where none does."""
    rows = []
    for name, its in scores.items():
        values = its[decides] if decides.any() else its
        series, total = values.mean(axis=0) if len(values) else (np.nan, np.nan)
        rows.append((stage, name, float(series), float(total), name == best))
    return rows
