"""What comes back at the same place of every year, and medians of what is known."""

from __future__ import annotations

import numpy as np

__all__ = ["median_of_known", "years_alike"]


def years_alike(hit: np.ndarray, life: np.ndarray, season: int) -> np.ndarray:
    """Share of the other years of a life in which the same place of the year is hit too; 0 without any.

    >>> hit = np.array([[True, False, True, False, False, False]])
    >>> years_alike(hit, np.ones((1, 6), dtype=bool), 2).tolist()
    [[0.5, 0.0, 0.5, 0.0, 1.0, 0.0]]
    """
    count = hit.shape[1]
    seen, alike = np.zeros(hit.shape), np.zeros(hit.shape)
    for back in range(season, count, season):
        seen[:, back:] += life[:, :-back]
        seen[:, :-back] += life[:, back:]
        alike[:, back:] += hit[:, :-back]
        alike[:, :-back] += hit[:, back:]
    return np.where(seen > 0, alike / np.maximum(seen, 1), 0.0)


def median_of_known(stack: np.ndarray) -> np.ndarray:
    """Median over the first axis ignoring NaN, without the warnings of all-NaN slices."""
    ordered = np.sort(stack, axis=0)
    seen = np.isfinite(ordered).sum(axis=0)
    low = np.take_along_axis(ordered, np.maximum((seen - 1) // 2, 0)[None], axis=0)[0]
    high = np.take_along_axis(ordered, np.maximum(seen // 2, 0)[None], axis=0)[0]
    return np.where(seen > 0, (low + high) / 2, np.nan)
