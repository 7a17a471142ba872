"""Slopes of the explained model, pooled over series, product and all, worked out in parts of the series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alignment_lib.forecasting.effects.drivers.lives import LaunchTerms
from alignment_lib.forecasting.large_arrays import PART, WIDE_PART, new_array, parts_of, release

__all__ = ["Lines", "SlopeSettings", "fit_lines", "lines_of", "sum_groups"]


@dataclass(frozen=True)
class SlopeSettings:
    """How strongly slopes are pooled; defaults chosen on earlier origins of real sales.

    Attributes
    ----------
    half_life : float
        Periods after which an observation counts half.
    ridge_all, ridge_product, ridge_series : float
        Penalties, in observations, that pull slopes to 0, to those of all series, to those of the product.
    """

    half_life: float = 52.0
    ridge_all: float = 5.0
    ridge_product: float = 15.0
    ridge_series: float = 200.0


@dataclass(frozen=True)
class Lines:
    """Slopes of each series with what they explain: the part of a fit that the level is no part of.

    Attributes
    ----------
    slopes, center : ndarray, shape (series, features)
    intercept : ndarray, shape (series,)
    base : ndarray, shape (series, periods)
        Log sales by slopes and intercept.
    """

    slopes: np.ndarray
    center: np.ndarray
    intercept: np.ndarray
    base: np.ndarray


def fit_lines(
    logs: np.ndarray,
    features: np.ndarray,
    product: np.ndarray,
    settings: SlopeSettings,
    stiffness: np.ndarray | None = None,
    launches: LaunchTerms | None = None,
) -> Lines:
    """Ridge regression of each series on all features, pulled to its product's, those to all series'.

    Every step solves (G + penalty V) d = g - G b for the difference d from the parent's slopes b, where G
    is the weighted cross product of features demeaned within the series and V their variances (Hoerl &
    Kennard 1970, with a prior mean; the multilevel form of Gelman & Hill 2007, ch. 12).

    Parameters
    ----------
    logs : ndarray, shape (series, periods)
        log(sales + 1), NaN where unknown.
    features : ndarray, shape (series, periods, features)
    product : ndarray of int, shape (series,)
    settings : SlopeSettings
    stiffness : ndarray, shape (features,) or (series, features), optional
        Multiplies the penalty of each feature; by series, a product's is the least of its series'.
    launches : LaunchTerms, optional
        Growth of late starters, taken out before slopes are estimated.
    """
    periods = logs.shape[1]
    seen = np.isfinite(logs)
    weights = seen * 0.5 ** ((periods - 1 - np.arange(periods)) / settings.half_life)
    size = np.maximum(weights.sum(axis=1), 1e-9)
    values = np.where(seen, logs, 0.0)
    mean = (weights * values).sum(axis=1) / size
    products = _cross_products(features, values - mean[:, None], weights, size, launches)
    slopes = _pooled_slopes(products, size, product, settings, stiffness)
    center = products.center
    offset = mean - np.einsum("nf,nf->n", center, slopes)
    return Lines(slopes, center, mean, lines_of(features, slopes) + offset[:, None])


def lines_of(features: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """Features times slopes, shape (series, periods)."""
    lines = np.empty(features.shape[:2])
    for part in parts_of(len(features), WIDE_PART):
        lines[part] = np.einsum("ntf,nf->nt", features[part], slopes[part])
        release(features)
    return lines


@dataclass(frozen=True)
class _Products:
    """Weighted cross products of each series' features, less their means, with each other and with sales."""

    center: np.ndarray
    gram: np.ndarray
    cross: np.ndarray


def _cross_products(
    features: np.ndarray,
    target: np.ndarray,
    weights: np.ndarray,
    size: np.ndarray,
    launches: LaunchTerms | None,
) -> _Products:
    """What slopes are estimated from, worked out a part of the series at a time."""
    series, count = len(features), features.shape[2]
    found = _Products(
        np.empty((series, count)), new_array((series, count, count), 0.0), np.empty((series, count))
    )
    for part in parts_of(series, WIDE_PART):
        its, weight, goal = np.asarray(features[part], dtype=float), weights[part], target[part]
        found.center[part] = np.einsum("nt,ntf->nf", weight, its) / size[part, None]
        moved = its - found.center[part][:, None, :]
        late = None if launches is None else launches.of(part)
        if late is not None and len(late.rows):
            rows = late.rows
            goal = goal.copy()
            moved[rows] = late.project_off(moved[rows], weight[rows])
            goal[rows] = late.project_off(goal[rows, :, None], weight[rows])[:, :, 0]
        moved *= np.sqrt(weight)[:, :, None]
        found.gram[part] = np.matmul(moved.transpose(0, 2, 1), moved)
        found.cross[part] = np.einsum("ntf,nt->nf", moved, np.sqrt(weight) * goal)
        release(features)
        release(found.gram)
    return found


def _pooled_slopes(
    products: _Products,
    size: np.ndarray,
    product: np.ndarray,
    settings: SlopeSettings,
    stiffness: np.ndarray | None,
) -> np.ndarray:
    gram, cross = products.gram, products.cross
    groups = int(product.max()) + 1
    # By product first: few enough to be held whole.
    its_gram = sum_groups(gram, product, groups)
    whole_gram = gram.sum(axis=0) if len(gram) <= PART else its_gram.sum(axis=0)
    variance = np.maximum(np.diagonal(whole_gram) / size.sum(), 1e-9)
    stiff = np.ones(cross.shape) if stiffness is None else np.broadcast_to(stiffness, cross.shape)
    per_product = len(size) / groups
    whole = settings.ridge_all * per_product * variance * stiff.min(axis=0)
    start = np.linalg.solve(whole_gram + np.diag(whole), cross.sum(axis=0))
    its_stiff = np.full((groups, cross.shape[1]), np.inf)
    np.minimum.at(its_stiff, product, stiff)
    penalty = settings.ridge_product * per_product * variance * its_stiff
    slopes = np.tile(start, (groups, 1))
    _pull(slopes, its_gram, sum_groups(cross, product, groups), penalty)
    slopes = np.ascontiguousarray(slopes[product])
    if groups < len(size):
        _pull(slopes, gram, cross, settings.ridge_series * variance * stiff)
    return slopes


def _pull(slopes: np.ndarray, gram: np.ndarray, cross: np.ndarray, penalty: np.ndarray) -> None:
    """Move each group's slopes from its parent's to its own, as far as the penalty lets them; in place."""
    diagonal = np.arange(slopes.shape[1])
    for part in parts_of(len(slopes), WIDE_PART):
        gap = cross[part] - np.einsum("gij,gj->gi", gram[part], slopes[part])
        held = np.array(gram[part])
        held[:, diagonal, diagonal] += penalty[part]
        slopes[part] += np.linalg.solve(held, gap[:, :, None])[:, :, 0]
        release(gram)


def sum_groups(values: np.ndarray, member: np.ndarray, number: int) -> np.ndarray:
    """Sum of the rows of each group, shape (number, ...)."""
    total = new_array((number, *values.shape[1:]), 0.0)
    for part in parts_of(len(values), WIDE_PART):
        np.add.at(total, member[part], values[part])
        release(values)
    return total
