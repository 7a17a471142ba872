"""Levels that break: a fall or rise to another size altogether, which stays."""

from __future__ import annotations

import numpy as np

from alignment_lib.forecasting.past.recurrence import median_of_known

__all__ = ["find_breaks", "find_level_shifts", "rescale_before"]

_FACTOR = 5.0
"""A lasting change by this factor is another level; smaller ones the models follow by themselves."""
_RECENT, _OLD_FACTOR = 2, 20.0
"""With two seasons on the new level the models know it themselves, up to such a factor."""
_SHIFT_DEVIATIONS = 4.0
_ALIKE = 3.0
"""Every single period after a break lies within this factor of the change."""


def find_breaks(values: np.ndarray, start: np.ndarray, season: int) -> dict[int, tuple[int, float]]:
    """The greatest break of each series: its column, and the new level as a multiple of the old.

    The sum of up to a season from a column on is set beside that of the same places a year before. It is a
    break where the one is at least five times the other (twenty times, more than two seasons back), a year
    before and a twelfth of a season (two periods at least) after it are known, and no period after it, nor
    the change from the last before it, departs from the ratio by more than a factor of three.

    Parameters
    ----------
    values : ndarray, shape (series, periods)
        Filled histories.
    start : ndarray of int, shape (series,)
    season : int

    >>> sales = np.array([[100.0] * 20 + [1.0] * 4])
    >>> {row: (at, round(ratio, 6)) for row, (at, ratio) in find_breaks(sales, np.array([0]), 12).items()}
    {0: (20, 0.01)}
    """
    count, least = values.shape[1], max(season // 12, 2)
    known = np.arange(count) >= start[:, None]
    positive = np.where(known, values, 1.0).min(axis=1) > 0
    rows = np.flatnonzero(positive & (start + season + least <= count))
    if not len(rows):
        return {}
    sums = np.cumsum(np.pad(np.where(known[rows], values[rows], 0.0), ((0, 0), (1, 0))), axis=1)
    column = np.arange(season, count - least + 1)
    enough = np.log(np.where(column >= count - _RECENT * season, _FACTOR, _OLD_FACTOR))
    length = np.minimum(season, count - column)
    after = sums[:, column + length] - sums[:, column]
    before = sums[:, column - season + length] - sums[:, column - season]
    lived = column[None, :] - season >= start[rows][:, None]
    ratio = np.log(np.where(lived, after, 1.0) / np.where(lived & (before > 0), before, 1.0))
    ratio = np.where(lived & (before > 0), ratio, 0.0)
    found: dict[int, tuple[int, float]] = {}
    for place in np.flatnonzero((np.abs(ratio) >= enough).any(axis=1)):
        row = int(rows[place])
        for at in np.argsort(-np.abs(ratio[place]), kind="stable"):
            if abs(ratio[place, at]) < enough[at]:
                continue
            if _is_sharp(values[row], int(column[at]), int(length[at]), float(ratio[place, at]), season):
                found[row] = (int(column[at]), float(np.exp(ratio[place, at])))
                break
    return found


def _is_sharp(row: np.ndarray, at: int, length: int, ratio: float, season: int) -> bool:
    """Whether every period after the break shows it, and the one before it does not yet."""
    with np.errstate(divide="ignore"):
        apart = np.log(row[at : at + length] / row[at - season : at - season + length])
        step = np.log(row[at] / row[at - 1])
    alike = np.log(_ALIKE)
    return bool((np.abs(apart - ratio) <= alike).all() and abs(step - ratio) <= alike)


def rescale_before(values: np.ndarray, breaks: dict[int, tuple[int, float]]) -> None:
    """Bring what was sold before a break to the level after it, in place: season and noise stay."""
    for row, (at, ratio) in breaks.items():
        values[row, :at] *= ratio


def find_level_shifts(values: np.ndarray, start: np.ndarray, season: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the largest lasting jump of each series that has one of four robust deviations."""
    width = max(season // 2, 4)
    none = np.zeros(0, dtype=np.int64)
    if values.shape[1] < 2 * width + 1:
        return none, none
    windows = np.lib.stride_tricks.sliding_window_view(values, width, axis=1)
    medians = median_of_known(np.moveaxis(windows, 2, 0))
    jump = medians[:, width:] - medians[:, :-width]
    noise = 1.4826 * median_of_known(np.abs(np.diff(values, axis=1)).T)
    size = np.where(np.isfinite(jump), np.abs(jump), 0.0)
    fits = np.arange(width, width + size.shape[1]) >= (start + width)[:, None]
    big = fits & (size > _SHIFT_DEVIATIONS * noise[:, None]) & (noise > 0)[:, None]
    rows = np.flatnonzero(big.any(axis=1))
    return rows, np.where(big, size, 0.0).argmax(axis=1)[rows] + width
