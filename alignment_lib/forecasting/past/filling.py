"""What would have stood where nothing is known: the season on the level around a hole."""

from __future__ import annotations

import numpy as np

__all__ = ["fill_holes"]

_DIRECT_SEASON = 24
"""Longest season whose deviations are averaged one by one; of longer ones another year's values are taken."""


def fill_holes(row: np.ndarray, holes: np.ndarray, season: int) -> np.ndarray:
    """Values for the holes of one series, never outside of what it ever sold.

    Seasons of up to 24 periods with two years known: deviations about a line, on a straight line between the
    levels around the hole, or on the level of the last quarter. Else the same periods of the nearest year,
    brought to the level around the hole; where there is none the line alone.

    Parameters
    ----------
    row : ndarray, shape (periods,)
        NaN where nothing is known.
    holes : ndarray of int
        Columns to be filled, ascending.
    season : int

    >>> fill_holes(np.array([10.0, 12.0, np.nan, 16.0]), np.array([2]), 12).tolist()
    [14.0]
    """
    known = np.flatnonzero(np.isfinite(row))
    if season > _DIRECT_SEASON or len(known) < 2 * season + 1:
        filled = np.interp(holes, known, row[known])
        for run in np.split(np.arange(len(holes)), np.flatnonzero(np.diff(holes) > 1) + 1):
            other = _other_year(row, holes[run], season)
            filled[run] = filled[run] if other is None else other
    else:
        shape = _season_shape(row, known, season)
        level = row[known] - shape[known % season]
        end = level[-max(season // 4, 1) :].mean()
        filled = np.where(holes > known[-1], end, np.interp(holes, known, level)) + shape[holes % season]
    return np.asarray(np.clip(filled, row[known].min(), row[known].max()))


def _season_shape(row: np.ndarray, known: np.ndarray, season: int) -> np.ndarray:
    """Seasonal deviations of one series about its line."""
    line = np.polyval(np.polyfit(known, row[known], 1), known)
    sums = np.bincount(known % season, weights=row[known] - line, minlength=season)
    seen = np.bincount(known % season, minlength=season)
    return np.asarray(np.where(seen >= 2, sums / np.maximum(seen, 1), 0.0))


def _other_year(row: np.ndarray, run: np.ndarray, season: int) -> np.ndarray | None:
    """The same periods a year before, a year after or further off, at the level around a run of holes."""
    count, quarter = len(row), max(season // 4, 1)
    beside = np.concatenate(
        [np.arange(run[0] - quarter, run[0]), np.arange(run[-1] + 1, run[-1] + 1 + quarter)]
    )
    beside = beside[(beside >= 0) & (beside < count)]
    for years in range(1, count // season + 1):
        for shift in (-years * season, years * season):
            same, around = run + shift, beside + shift
            if same[0] < 0 or same[-1] >= count or not np.isfinite(row[same]).all():
                continue
            inside = (around >= 0) & (around < count)
            now, then = row[beside[inside]], row[around[inside]]
            both = np.isfinite(now) & np.isfinite(then)
            if both.any() and now[both].sum() > 0 and then[both].sum() > 0:
                return np.asarray(row[same] * (now[both].sum() / then[both].sum()))
    return None
