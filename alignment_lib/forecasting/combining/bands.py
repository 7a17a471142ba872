"""Draws around the baseline, calibrated at the leaves and at the levels above them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from alignment_lib.forecasting.combining.backtest import widen_lent
from alignment_lib.forecasting.combining.ensemble import Ensemble
from alignment_lib.forecasting.combining.hierarchy import aggregation_matrix, build_levels
from alignment_lib.forecasting.combining.paths import OWN_SHARE, ErrorModel, draw_errors, fit_errors
from alignment_lib.forecasting.combining.reconciliation import Reconciled
from alignment_lib.forecasting.large_arrays import new_array, parts_of
from alignment_lib.forecasting.learning.adjustment import Scaled
from alignment_lib.forecasting.learning.members import to_relative, to_scale

__all__ = ["draw_past", "draw_samples", "place_errors"]

_SHARES = (OWN_SHARE, 0.5, 0.7, 0.85, 0.95)
_TRIAL_DRAWS = 100
_NOMINAL = 0.8
_TOLERANCE = 0.05
_MOST_SKEW = 1.1
_WILDEST = 1.5


def draw_samples(
    keys: pd.DataFrame,
    scaled: Scaled,
    ensemble: Ensemble,
    reconciled: Reconciled,
    point: np.ndarray,
    seed: int,
    draws: int,
) -> Iterator[tuple[slice, np.ndarray]]:
    """Joint draws of every series in its own units, part by part: which series, and their draws.

    The draws of a part are of shape (draws, series, horizon) and of the caller to change. Each series' margin
    has the spread of its backtest errors. How strongly series move together is set so that the bands of the
    sums above them hold the backtest errors of those sums. The mean of the draws is held within a tenth above
    the forecast: errors symmetric in logs are an approximation, and of very restless series they would lift
    every total far above what was ever sold.
    """
    found = _fit(keys, scaled, ensemble, reconciled, point, seed)
    for rows in parts_of(len(point)):
        drawn = draw_errors(found.model.part(rows), found.marks[rows], seed, draws, found.share)
        yield rows, place_errors(drawn, point[rows], scaled.is_log[rows])


def draw_past(
    keys: pd.DataFrame,
    scaled: Scaled,
    ensemble: Ensemble,
    reconciled: Reconciled,
    point: np.ndarray,
    seed: int,
    draws: int,
) -> Iterator[np.ndarray]:
    """Draws around what was forecast at each origin, by the errors of the *other* origins.

    For scoring bands: an origin's own errors must not have made its band. Draws of an origin are of shape
    (draws, series, steps), in units of each series; NaN where a series was too young.
    """
    found = _fit(keys, scaled, ensemble, reconciled, point, seed)
    steps = ensemble.backtest.origins.steps
    for place in range(len(found.errors)):
        others = np.arange(len(found.errors)) != place
        spread = ensemble.spreads[place]
        spread = np.where(np.isfinite(spread), spread, ensemble.spread)
        model = fit_errors(found.errors[others], ensemble.spreads[others], spread, steps)
        drawn = draw_errors(model, found.marks, seed, draws, found.share)
        yield place_errors(drawn, reconciled.past_point[place], scaled.is_log)


@dataclass(frozen=True)
class _Fit:
    """Past errors of the reconciled forecast, a number of each series' own, and the share that is its own."""

    errors: np.ndarray
    model: ErrorModel
    marks: np.ndarray
    share: float


def _fit(
    keys: pd.DataFrame,
    scaled: Scaled,
    ensemble: Ensemble,
    reconciled: Reconciled,
    point: np.ndarray,
    seed: int,
) -> _Fit:
    log = scaled.is_log
    errors = ensemble.errors
    if reconciled.method not in ("none", "bottom_up"):
        errors = new_array(reconciled.past_point.shape, np.nan)
        for place, (actual, past) in enumerate(
            zip(ensemble.backtest.actual, reconciled.past_point, strict=True)
        ):
            errors[place] = to_scale(actual, log) - to_scale(past, log)
        errors = widen_lent(errors, ensemble.backtest.lent)
    model = fit_errors(errors, ensemble.spreads, ensemble.spread, point.shape[1])
    names = ["\x1f".join(map(str, row)) for row in keys.itertuples(index=False)]
    marks = np.array([zlib.crc32(name.encode()) for name in names], dtype=np.int64)
    share = _choose_share(keys, scaled, ensemble, reconciled, (model, point, marks), seed)
    return _Fit(errors, model, marks, share)


def place_errors(drawn: np.ndarray, point: np.ndarray, is_log: np.ndarray) -> np.ndarray:
    """Errors laid around the forecast, in place, the mean of log series held.

    Parameters
    ----------
    drawn : ndarray, shape (draws, series, horizon)
        Errors on the scale-free scale; overwritten.
    point : ndarray, shape (series, horizon)
        Forecast in units of each series.
    is_log : ndarray of bool, shape (series,)
        Which errors are those of logs.
    """
    centre = to_scale(point, is_log)
    _hold_spread(drawn, is_log)
    for draw in range(len(drawn)):
        drawn[draw] = to_relative(centre + drawn[draw], is_log)
    mean, most = drawn.mean(axis=0), _MOST_SKEW * point
    too_high = is_log[:, None] & (mean > most) & (point > 0)
    drawn *= np.where(too_high, most / np.where(too_high, mean, 1.0), 1.0)
    return drawn


def _hold_spread(errors: np.ndarray, is_log: np.ndarray) -> None:
    """Draw log errors of wild series together, in place, until the mean they make is at most `_WILDEST`.

    Scaling draws to hold their mean would else leave the forecast itself outside its band.
    """
    with np.errstate(over="ignore"):
        wild = is_log[:, None] & ~(np.exp(errors).mean(axis=0) <= _WILDEST)
    for row, step in np.argwhere(wild):
        path = errors[:, row, step]
        low, high = 0.0, 1.0
        for _ in range(20):
            middle = (low + high) / 2
            good = np.exp(np.minimum(path * middle, 50.0)).mean() <= _WILDEST
            low, high = (middle, high) if good else (low, middle)
        errors[:, row, step] = path * low


def _choose_share(
    keys: pd.DataFrame,
    scaled: Scaled,
    ensemble: Ensemble,
    reconciled: Reconciled,
    trial: tuple[ErrorModel, np.ndarray, np.ndarray],
    seed: int,
) -> float:
    """The least own share whose bands above the leaves are not too wide for past errors there."""
    levels = build_levels(keys)
    origins = ensemble.backtest.origins
    # Sums of errors to which a season was lent lack what series share of it: they would tie too loosely.
    if len(keys) < 2 or not levels or len(origins.stops) - origins.lent < 4:
        return OWN_SHARE
    _, point, _ = trial
    aggregation = aggregation_matrix(levels)
    unit = scaled.unit[:, None]
    actual = _sums(aggregation, ensemble.backtest.actual, unit)
    past = _sums(aggregation, reconciled.past_point, unit)
    base = aggregation @ (point * unit)
    steps = min(past.shape[2], base.shape[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        # Past sums cover the series that lived then: only their ratio to the forecast is compared.
        seen = np.log(actual[origins.lent :, :, :steps] / past[origins.lent :, :, :steps])
    covered = {}
    for share in _SHARES:
        drawn = _draw_sums(trial, unit, scaled.is_log, aggregation, seed, share)
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = np.log(drawn / base)
            # A draw of nothing is minus infinity here, and two of them cannot be interpolated.
            low, high = np.quantile(spread[:, :, :steps], [0.5 - _NOMINAL / 2, 0.5 + _NOMINAL / 2], axis=0)
        good = np.isfinite(seen) & np.isfinite(low) & np.isfinite(high)
        covered[share] = float(((seen >= low) & (seen <= high))[good].mean()) if good.any() else _NOMINAL
        if covered[share] <= _NOMINAL + _TOLERANCE:
            break
    return min(covered, key=lambda share: (abs(covered[share] - _NOMINAL), share))


def _draw_sums(
    trial: tuple[ErrorModel, np.ndarray, np.ndarray],
    unit: np.ndarray,
    is_log: np.ndarray,
    aggregation: sparse.csr_matrix,
    seed: int,
    share: float,
) -> np.ndarray:
    """Trial draws of the sums above the series, shape (draws, nodes, horizon), by parts of the series.

    What a sum has come to goes before the part's series into the next product: the additions are those of
    one product over all series, in the same order.
    """
    model, point, marks = trial
    nodes, horizon = aggregation.shape[0], point.shape[1]
    total = np.zeros((nodes, _TRIAL_DRAWS * horizon))
    for rows in parts_of(len(point)):
        drawn = draw_errors(model.part(rows), marks[rows], seed, _TRIAL_DRAWS, share)
        drawn = place_errors(drawn, point[rows], is_log[rows]) * unit[rows]
        flat = drawn.transpose(1, 0, 2).reshape(drawn.shape[1], -1)
        adding = sparse.hstack([sparse.identity(nodes), aggregation[:, rows]], format="csr")
        total = adding @ np.vstack([total, flat])
    return total.reshape(nodes, _TRIAL_DRAWS, horizon).transpose(1, 0, 2)


def _sums(aggregation: sparse.csr_matrix, values: np.ndarray, unit: np.ndarray) -> np.ndarray:
    made = (np.asarray(part) * unit for part in values)
    return np.stack([aggregation @ np.where(np.isfinite(part), part, 0.0) for part in made])
