"""Chooses by backtest how leaves and higher levels are reconciled, and applies it."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import sparse

from alignment_lib.forecasting.combining.backtest import Origins
from alignment_lib.forecasting.combining.ensemble import Ensemble, EnsembleSettings, forecast_ensemble
from alignment_lib.forecasting.combining.hierarchy import (
    Level,
    Reconciler,
    affordable_reconcilers,
    aggregation_matrix,
    build_levels,
    fit_reconciler,
)
from alignment_lib.forecasting.large_arrays import new_array, parts_of, release
from alignment_lib.forecasting.learning.adjustment import Scaled, adjust_seasonally, scale_series
from alignment_lib.forecasting.learning.global_learner import Learner
from alignment_lib.forecasting.past.cleaning import Cleaned

__all__ = ["Reconciled", "reconcile_ensemble"]

_LEAST_ORIGINS = 4
_LEAST_GAIN = 0.005
_LEAF_LOSS = 0.0
_LEAST_CHANGE = 1e-9
"""Share of the mean below which a yearly difference is rounding."""


@dataclass(frozen=True)
class _Past:
    """Forecasts and actuals at every origin in the measure, and the errors of nodes and leaves."""

    node: np.ndarray
    leaf: np.ndarray
    actual_leaf: np.ndarray
    errors: np.ndarray


@dataclass(frozen=True)
class Reconciled:
    """Leaves after reconciliation, in units of each series.

    Attributes
    ----------
    point : ndarray, shape (series, horizon)
    past_point : ndarray, shape (origins, series, steps)
    method : str
        The method chosen.
    scores : DataFrame
        ``method, level, rmsse``: mean over nodes and evaluation origins of every method tried.
    reason : str
        Why this method.
    """

    point: np.ndarray
    past_point: np.ndarray
    method: str
    scores: pd.DataFrame
    reason: str = "chosen by backtest"


def reconcile_ensemble(
    keys: pd.DataFrame,
    cleaned: Cleaned,
    scaled: Scaled,
    ensemble: Ensemble,
    season: int,
    *,
    pool: Executor | None,
    learner: Learner | None,
    method: str = "auto",
) -> Reconciled:
    """Forecast the higher levels too and let the backtest choose how the leaves follow them.

    The earlier half of the origins teaches each method its error covariances, the later half scores it
    by RMSSE, averaged over levels. Bottom-up stays unless another gains half a percent over all levels
    without costing the leaves. A `method` named by the user is used as asked where it can be fitted.
    """
    nothing = Reconciled(
        ensemble.point, ensemble.past_point, "bottom_up", pd.DataFrame(), _why_nothing(method)
    )
    origins = ensemble.backtest.origins
    levels = build_levels(keys)
    if (
        method == "bottom_up"
        or len(keys) < 2
        or not levels
        or len(origins.stops) - origins.lent < _LEAST_ORIGINS
    ):
        return nothing
    aggregation = aggregation_matrix(levels)
    values = np.where(np.isfinite(cleaned.values), cleaned.values, 0.0)
    above = aggregation @ values
    # A node begins with the first of its leaves; before that it is not zero but absent.
    begins = _node_starts(aggregation, scaled.start, (values == 0).all(axis=1))
    yardstick = np.concatenate(
        [_yardsticks(above, begins, season)]
        + [_yardsticks(values[part], scaled.start[part], season) for part in parts_of(len(values))]
    )
    if not (yardstick > 0).any():
        # Nothing ever differs from the year before: there is no error to choose by.
        return replace(nothing, reason="no series ever differed from the year before")
    nodes = scale_series(above, begins, scaled.first_day)
    shrink = adjust_seasonally(nodes.z, begins, season).shrink
    classes = np.where(shrink > 0.5, "seasonal", "smooth").astype(object)
    horizon = ensemble.point.shape[1]
    upper = forecast_ensemble(
        nodes,
        classes,
        season,
        horizon,
        pool=pool,
        learner=learner,
        settings=EnsembleSettings(),
        origins=origins,
    )
    unit, above_unit = scaled.unit[:, None], nodes.unit[:, None]
    past_node = upper.past_point * above_unit
    known = np.isfinite(past_node).all(axis=(1, 2))
    if known.sum() < _LEAST_ORIGINS:
        return nothing
    places = np.flatnonzero(known)
    teach, score = places[: len(places) // 2], places[len(places) // 2 :]
    past = _past_errors(aggregation, past_node, ensemble, unit, values)
    table = _score_methods(levels, aggregation, past, teach, score, yardstick, _periods(origins, teach))
    method, reason = _named_method(method, table)
    best = fit_reconciler(method, aggregation, _rows(past.errors[places]))
    point = best.reconcile(upper.point * above_unit, ensemble.point * unit) / unit
    # A series that no origin has scored has not shown how it should follow: it stays as it is.
    shown = np.isfinite(ensemble.past_point).all(axis=2).any(axis=0)
    point = np.where(shown[:, None], point, ensemble.point)
    changed = new_array(past.leaf.shape, np.nan)
    for origin in range(len(changed)):
        said = ensemble.past_point[origin]
        made = best.reconcile(past_node[origin], past.leaf[origin]) / unit
        made = np.where(np.isfinite(said) & known[origin], made, said)
        changed[origin] = _held(made, said, scaled)
        release(changed)
    return Reconciled(_held(point, ensemble.point, scaled), changed, method, table, reason)


def _node_starts(aggregation: sparse.csr_matrix, start: np.ndarray, silent: np.ndarray) -> np.ndarray:
    """Column of each node's first leaf that sells; of its first leaf where none does."""
    begins = np.where(silent, np.iinfo(np.int64).max, start)
    groups = [aggregation.indices[a:b] for a, b in pairwise(aggregation.indptr)]
    return np.array([(start if silent[leaves].all() else begins)[leaves].min() for leaves in groups])


def _held(point: np.ndarray, base: np.ndarray, scaled: Scaled) -> np.ndarray:
    """Positive series stay within a fifth and five times of their own forecast."""
    positive = scaled.is_log[:, None] & np.isfinite(base)
    low, high = np.where(positive, base * 0.2, -np.inf), np.where(positive, base * 5.0, np.inf)
    held = np.clip(point, low, high)
    nonnegative = (scaled.z.min(axis=1) >= 0) & ~scaled.is_log
    return np.asarray(np.where(nonnegative[:, None], np.maximum(held, 0.0), held))


def _past_errors(
    aggregation: sparse.csr_matrix,
    past_node: np.ndarray,
    ensemble: Ensemble,
    unit: np.ndarray,
    values: np.ndarray,
) -> _Past:
    """Past forecasts and actuals in the measure, and the errors of nodes and leaves, origin by origin."""
    origins, nodes = ensemble.backtest.origins, aggregation.shape[0]
    leaf = new_array(ensemble.past_point.shape, 0.0)
    actual = new_array(leaf.shape, 0.0)
    errors = new_array((len(leaf), nodes + leaf.shape[1], leaf.shape[2]), 0.0)
    for place, stop in enumerate(origins.stops):
        said = ensemble.past_point[place]
        leaf[place] = np.where(np.isfinite(said), said * unit, 0.0)
        actual[place] = values[:, stop : stop + origins.steps]
        errors[place, :nodes] = aggregation @ np.asarray(actual[place]) - past_node[place]
        errors[place, nodes:] = actual[place] - leaf[place]
        for array in (leaf, actual, errors, ensemble.past_point):
            release(array)
    return _Past(past_node, leaf, actual, errors)


def _rows(errors: np.ndarray) -> np.ndarray:
    """One observation per origin and step."""
    return np.asarray(np.moveaxis(errors, 1, 2).reshape(-1, errors.shape[1]))


def _yardsticks(values: np.ndarray, start: np.ndarray, season: int) -> np.ndarray:
    """Root mean squared seasonal difference of each node and leaf: what RMSSE divides by."""
    lag = season if values.shape[1] > 2 * season else 1
    inside = np.arange(lag, values.shape[1]) >= (start + lag)[:, None]
    square = ((values[:, lag:] - values[:, :-lag]) ** 2 * inside).sum(axis=1)
    root = np.sqrt(square / np.maximum(inside.sum(axis=1), 1))
    # What is left of equal values in the last digits is no difference to measure errors by.
    return np.asarray(np.where(root > _LEAST_CHANGE * np.abs(values).mean(axis=1), root, 0.0))


def _periods(origins: Origins, places: np.ndarray) -> int:
    """Distinct periods forecast from these origins: neighbours forecast most of them again."""
    stops = [origins.stops[place] for place in places]
    return len({stop + step for stop in stops for step in range(origins.steps)})


def _score_methods(
    levels: list[Level],
    aggregation: sparse.csr_matrix,
    past: _Past,
    teach: np.ndarray,
    score: np.ndarray,
    yardstick: np.ndarray,
    periods: int,
) -> pd.DataFrame:
    count, leaves = aggregation.shape
    place = np.repeat([*range(len(levels)), -1], [*(len(level.keys) for level in levels), leaves])
    records = []
    taught = _rows(past.errors[teach])
    for method in affordable_reconcilers(count, leaves, periods):
        reconciler: Reconciler = fit_reconciler(method, aggregation, taught)
        losses = []
        for origin in score:
            made = reconciler.reconcile(past.node[origin], past.leaf[origin])
            gap = past.actual_leaf[origin] - made
            full = np.vstack([aggregation @ gap, gap])
            losses.append((full**2).mean(axis=1))
        root = np.sqrt(np.mean(losses, axis=0))
        good = yardstick > 0
        ratio = np.where(good, root / np.where(good, yardstick, 1.0), np.nan)
        for group in np.unique(place):
            mine = ratio[(place == group) & good]
            name = "leaf" if group < 0 else " x ".join(levels[group].dimensions) or "total"
            records.append((method, name, float(mine.mean()) if len(mine) else np.nan))
    return pd.DataFrame(records, columns=["method", "level", "rmsse"])


def _why_nothing(asked: str) -> str:
    if asked == "bottom_up":
        return "the method asked for"
    if asked == "auto":
        return "there are no levels above the series, or too short a history to choose by"
    return f"{asked} needs levels above the series and a backtest"


def _named_method(asked: str, table: pd.DataFrame) -> tuple[str, str]:
    """The method asked for, where the past can bear it, else the one the backtest chose."""
    if asked == "auto":
        return _choose_method(table), "chosen by backtest"
    if asked in set(table["method"]):
        return asked, "the method asked for"
    return _choose_method(table), f"chosen by backtest; {asked} needs more past errors than there are"


def _choose_method(table: pd.DataFrame) -> str:
    mean = table.groupby("method")["rmsse"].mean()
    leaf = table.loc[table["level"] == "leaf"].set_index("method")["rmsse"]
    fine = leaf <= leaf["bottom_up"] * (1 + _LEAF_LOSS)
    allowed = mean[fine.reindex(mean.index).fillna(False)]
    best = str(allowed.sort_index().idxmin())
    return best if allowed[best] < mean["bottom_up"] * (1 - _LEAST_GAIN) else "bottom_up"
