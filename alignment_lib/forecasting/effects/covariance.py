"""Errors of the measured model: their size, what is common to a week or product, their memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["ErrorModel", "fit_errors", "meat"]


@dataclass(frozen=True)
class ErrorModel:
    """Relative errors of sales.

    Attributes
    ----------
    poisson, spread : float
        Variance of a relative error is ``poisson / mean + spread``.
    week, product : float
        Parts of that variance common to all series, and to all series of a product, in a period.
    memory : float
        Autocorrelation from one period to the next, of all but the Poisson part.
    """

    poisson: float = 1.0
    spread: float = 0.05
    week: float = 0.0
    product: float = 0.0
    memory: float = 0.0

    def variance(self, mean: np.ndarray) -> np.ndarray:
        """Variance of a relative error at the given mean sales."""
        return np.asarray(self.poisson / np.maximum(mean, 0.1) + self.spread)


def fit_errors(residual: np.ndarray, mean: np.ndarray, product: np.ndarray, terms: int) -> ErrorModel:
    """Method-of-moments estimates from relative residuals (NaN where unknown).

    Sizes are scaled for the `terms` fitted per series; the covariance of neighbouring periods is raised by
    ``terms / periods`` of the variance, which is about what the fit took out of it.
    """
    seen = np.isfinite(residual)
    if seen.sum() < 10:
        return ErrorModel()
    filled = np.where(seen, residual, 0.0)
    periods = residual.shape[1]
    lost = min(0.7, terms / periods)
    scale = 1 / (1 - lost)
    poisson, spread = _sizes(filled[seen] ** 2 * scale, 1 / np.maximum(mean[seen], 0.1))
    products, count = _by_group(filled, seen, product)
    within = _pair_mean(products, count, (filled**2 * seen), product)
    total, total_count = products.sum(axis=0), count.sum(axis=0)
    pairs = total_count**2 - (count**2).sum(axis=0)
    between = (
        float((total**2 - (products**2).sum(axis=0)).sum() / max(float(pairs.sum()), 1.0))
        if len(count) > 1
        else 0.0
    )
    week = max(0.0, between * scale)
    shared = max(0.0, within * scale - week)
    both = seen[:, 1:] & seen[:, :-1]
    top = float((filled[:, 1:] * filled[:, :-1] * both).sum()) / max(int(both.sum()), 1)
    size = float((filled**2).sum()) / int(seen.sum())
    memory = float(np.clip((top + lost * size) * scale / max(spread, 1e-12), 0.0, 0.8))
    return ErrorModel(poisson, spread, week, shared, memory)


def _sizes(squares: np.ndarray, inverse: np.ndarray) -> tuple[float, float]:
    """Non-negative fit of squares on 1 / mean and 1, each cell weighed by its own size."""
    weight = 1 / (inverse + 0.02) ** 2
    design = np.stack([inverse, np.ones_like(inverse)], axis=1)
    gram = (design * weight[:, None]).T @ design
    right = (design * weight[:, None]).T @ squares
    poisson, spread = np.linalg.solve(gram + 1e-12 * np.trace(gram) * np.eye(2), right)
    if poisson < 0:
        return 0.0, max(float(right[1] / gram[1, 1]), 1e-4)
    if spread < 1e-4:
        return max(float((right[0] - 1e-4 * gram[0, 1]) / gram[0, 0]), 0.0), 1e-4
    return float(poisson), float(spread)


def _by_group(values: np.ndarray, seen: np.ndarray, group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    number = int(group.max()) + 1
    total, count = np.zeros((number, values.shape[1])), np.zeros((number, values.shape[1]))
    np.add.at(total, group, values)
    np.add.at(count, group, seen)
    return total, count


def _pair_mean(total: np.ndarray, count: np.ndarray, squares: np.ndarray, group: np.ndarray) -> float:
    """Mean product of the errors of two different series of one group in one period."""
    own = np.zeros_like(total)
    np.add.at(own, group, squares)
    pairs = float((count**2 - count).sum())
    return float((total**2 - own).sum()) / pairs if pairs else 0.0


def meat(
    blocks: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]],
    errors: ErrorModel,
    mean: np.ndarray,
    product: np.ndarray,
    size: int,
) -> np.ndarray:
    """Covariance of the score under the error model, shape (coefficients, coefficients).

    Parameters
    ----------
    blocks : sequence of (series, places, loadings)
        Loadings, shape (series, periods, places): weight x cleaned derivative.
    errors : ErrorModel
    mean : ndarray, shape (series, periods)
    product : ndarray of int, shape (series,)
    size : int
        Number of coefficients.
    """
    del product
    periods = mean.shape[1]
    memory = errors.memory ** np.abs(np.subtract.outer(np.arange(periods), np.arange(periods)))
    total = np.zeros((size, size))
    everything = np.zeros((periods, size))
    white = errors.variance(mean) - errors.spread
    own = max(errors.spread - errors.week - errors.product, 0.2 * errors.spread)
    for rows, places, loadings in blocks:
        remembered = np.einsum("st,ntk->nsk", own * memory, loadings, optimize=True)
        remembered += loadings * white[rows][:, :, None]
        part = np.einsum("nsk,nsl->kl", loadings, remembered, optimize=True)
        shared = loadings.sum(axis=0)
        part += errors.product * shared.T @ memory @ shared
        total[np.ix_(places, places)] += part
        everything[:, places] += shared
    return np.asarray(total + errors.week * everything.T @ memory @ everything)
