"""Quantiles of many rows of draws, by selection rather than sorting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["quantile_errors", "row_quantiles"]


def row_quantiles(draws: np.ndarray, probabilities: Sequence[float]) -> np.ndarray:
    """Quantiles of each row, linear between order statistics (Hyndman & Fan 1996, type 7).

    Parameters
    ----------
    draws : ndarray, shape (rows, draws)
        Reordered in place.
    probabilities : sequence of float
        Ascending.

    Returns
    -------
    ndarray, shape (probabilities, rows)

    Examples
    --------
    >>> row_quantiles(np.array([[5.0, 1.0, 3.0, 2.0, 4.0]]), [0.1, 0.5]).ravel()
    array([1.4, 3. ])
    """
    count = draws.shape[1]
    places = np.asarray(probabilities) * (count - 1)
    lower = np.floor(places).astype(int)
    wanted = sorted(set(lower.tolist()))
    _select(draws, wanted, 0, count)
    result = np.empty((len(places), len(draws)), dtype=draws.dtype)
    for number, (place, at) in enumerate(zip(places, lower, strict=True)):
        result[number] = draws[:, at]
        part = place - at
        if part > 0:
            after = next((other for other in wanted if other > at), count - 1)
            following = draws[:, at + 1 : after + 1].min(axis=1)
            result[number] += draws.dtype.type(part) * (following - draws[:, at])
    return result


def _select(draws: np.ndarray, wanted: Sequence[int], first: int, last: int) -> None:
    """Bring the wanted order statistics into place, the middle one first: halves stay small."""
    if not wanted or last - first < 2:
        return
    middle = len(wanted) // 2
    at = wanted[middle]
    draws[:, first:last].partition(at - first, axis=1)
    _select(draws, wanted[:middle], first, at)
    _select(draws, wanted[middle + 1 :], at + 1, last)


def quantile_errors(draws: np.ndarray, probabilities: Sequence[float], paths: int) -> np.ndarray:
    """Standard error of each row's quantiles: half the distance one binomial error to either side.

    The rank of a quantile has standard error √(p (1 - p) / n) (the binomial interval of order
    statistics; David and Nagaraja 2003, Order Statistics, section 7.1).

    Parameters
    ----------
    draws : ndarray, shape (rows, draws)
    probabilities : sequence of float
    paths : int
        Independent draws among them: fewer where error paths were used more than once.

    Returns
    -------
    ndarray, shape (probabilities, rows)
    """
    p = np.asarray(probabilities)
    spread = np.sqrt(p * (1.0 - p) / paths)
    low, high = np.clip(p - spread, 0.0, 1.0), np.clip(p + spread, 0.0, 1.0)
    ends = np.quantile(draws, np.concatenate([low, high]), axis=1)
    return np.asarray((ends[len(p) :] - ends[: len(p)]) / 2.0)
