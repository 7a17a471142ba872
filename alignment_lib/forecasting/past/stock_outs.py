"""Empty shelves: zeros between sales in series that hardly ever have any."""

from __future__ import annotations

import numpy as np

from alignment_lib.forecasting.past.recurrence import years_alike

__all__ = ["find_empty_shelves"]

_ORDINARY_ZERO = 5.0
"""Below so many usual units a period without a sale is ordinary chance (Poisson: e^-5 is under 1 %)."""
_RARE = 10
"""At most one in so many values is zero."""
_SELLS = 0.25
"""Share of the median that must be sold before and after."""


def find_empty_shelves(values: np.ndarray, season: int) -> np.ndarray:
    """Where nothing was sold for want of stock, shape (series, periods).

    Zeros for up to a quarter of a season between two sales, in series of which a tenth are zero at most; not
    where the same place of other years is zero too, which is a season.

    Parameters
    ----------
    values : ndarray, shape (series, periods)
        NaN outside of each life and where nothing is known.
    season : int
    """
    found = np.zeros(values.shape, dtype=bool)
    zeros = (values == 0).sum(axis=1)
    rows = np.flatnonzero((zeros > 0) & (zeros * _RARE <= np.isfinite(values).sum(axis=1)))
    if not len(rows):
        return found
    part = values[rows]
    typical = np.nanmedian(part, axis=1)
    counted = (np.isnan(part) | (part == np.round(part))).all(axis=1)
    enough = (typical > 0) & ~(counted & (typical < _ORDINARY_ZERO))
    length, before, after, open_end = _zero_runs(part)
    sells = np.fmin(before, after) >= _SELLS * typical[:, None]
    short = (length <= max(1, season // 4)) & ~open_end
    yearly = years_alike(part == 0, np.isfinite(part), season) >= 0.5
    found[rows] = (part == 0) & sells & short & ~yearly & enough[:, None]
    return found


def _zero_runs(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """For each cell of a run of zeros: its length, the values before and after it, whether it is the last."""
    zero = values == 0
    done, before = _look_back(values, zero)
    left, after = (part[:, ::-1] for part in _look_back(values[:, ::-1], zero[:, ::-1]))
    last = np.logical_and.accumulate(zero[:, ::-1], axis=1)[:, ::-1]
    return done + left - 1, before, after, last


def _look_back(values: np.ndarray, zero: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Zeros up to and with each cell, and the value before the first of them (NaN where none)."""
    count = np.zeros(values.shape, dtype=int)
    before = np.full(values.shape, np.nan)
    for column in range(values.shape[1]):
        again = zero[:, column - 1] if column else np.zeros(len(values), dtype=bool)
        count[:, column] = np.where(zero[:, column], 1 + (count[:, column - 1] if column else 0), 0)
        if column:
            before[:, column] = np.where(again, before[:, column - 1], values[:, column - 1])
    return count, before
