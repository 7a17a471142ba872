"""History on a regular grid: one row per series, one column per period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.problems import Notice

__all__ = ["History"]


@dataclass(frozen=True)
class History:
    """Sales up to the as-of wall, regular in time.

    Attributes
    ----------
    calendar : Calendar
        The business's periods.
    keys : DataFrame, shape (series, dimensions)
        One row per series in sorted order, one text column per dimension, broadest first.
    periods : DatetimeIndex, shape (periods,)
        First days, consecutive; the last is the last period known at the as-of date.
    values : ndarray, shape (series, periods)
        The measure; NaN where the sales table has no row.
    measure : str
        ``"units"`` or ``"revenue"``.
    price : ndarray or None, shape (series, periods)
        Revenue per unit where both are given.
    notices : tuple of Notice
        What was found and how it was treated, with counts.
    unfinished : tuple of int
        Columns that hold only part of their period: shown, never learnt from.
    stated : ndarray of str, shape (series,), or None
        What ``planning.toml`` says of a series' end: ``ended`` or ``continues``; blank elsewhere.
    """

    calendar: Calendar
    keys: pd.DataFrame
    periods: pd.DatetimeIndex
    values: np.ndarray
    measure: str
    price: np.ndarray | None = None
    notices: tuple[Notice, ...] = ()
    unfinished: tuple[int, ...] = ()
    stated: np.ndarray | None = None

    @property
    def whole(self) -> np.ndarray:
        """The values that may be learnt from: NaN in unfinished periods too."""
        if not self.unfinished:
            return self.values
        values = np.array(self.values)
        values[:, list(self.unfinished)] = np.nan
        return values

    @property
    def dimensions(self) -> list[str]:
        """Names of the dimensions, broadest first."""
        return list(self.keys.columns)
