"""Quantiles of many rows of draws, by selection rather than sorting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["quantile_errors", "row_quantiles"]

_RUN_BYTES = 2_000
"""So many bytes of numbers are sorted by networks of vector instructions, far quicker than longer runs."""
_FEWEST_RUNS = 3
_SPREADS = 4.0
"""How far around a quantile each run is looked through, in standard deviations of a rank within the run."""


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
    result = np.empty((len(places), len(draws)), dtype=draws.dtype)
    width = _RUN_BYTES // draws.itemsize
    if count < _FEWEST_RUNS * width:
        result[:] = _by_selection(draws, places)
        return result
    sure = np.ones(len(draws), dtype=bool)
    runs = draws[:, : count // width * width].reshape(len(draws), -1, width)
    runs.sort(axis=2)
    for number, place in enumerate(places):
        result[number], found = _by_runs(draws, runs, float(place))
        sure &= found
    if not sure.all():
        result[:, ~sure] = _by_selection(draws[~sure], places)
    return result


def _by_runs(draws: np.ndarray, runs: np.ndarray, place: float) -> tuple[np.ndarray, np.ndarray]:
    """One quantile of each row from a window of each of its sorted runs, and whether it is sure to be that.

    It is where all that lies before the windows is no larger, and all that lies after them no smaller: then
    windows and what is left over of the row hold the same order statistics as the row, by as many places
    further down as numbers lie before the windows.
    """
    count, (_, number, width) = draws.shape[1], runs.shape
    share = place / max(count - 1, 1)
    reach = _SPREADS * np.sqrt(width * share * (1.0 - share)) + 1.0
    first, last = max(int(share * width - reach), 0), min(int(share * width + reach) + 1, width)
    windows = runs[:, :, first:last].reshape(len(draws), -1)
    picked = np.concatenate([windows, draws[:, number * width :]], axis=1)
    at = int(place) - number * first
    if not 0 <= at < picked.shape[1] - 1:
        return picked[:, 0], np.zeros(len(draws), dtype=bool)
    picked.partition(at, axis=1)
    lower, upper = picked[:, at], picked[:, at + 1 :].min(axis=1)
    sure = np.ones(len(draws), dtype=bool)
    if first:
        sure &= runs[:, :, first - 1].max(axis=1) <= lower
    if last < width:
        sure &= upper <= runs[:, :, last].min(axis=1)
    part = place - int(place)
    return lower + draws.dtype.type(part) * (upper - lower) if part > 0 else lower, sure


def _by_selection(draws: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Quantiles of each row by bringing the order statistics about them into place; reorders the draws."""
    count = draws.shape[1]
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
