"""What the forecasting layer hands on: a baseline with joint error paths, and driver effects."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import Notice

__all__ = ["Forecast"]


@dataclass(frozen=True)
class Forecast:
    """The baseline over the horizon, every series at once.

    Attributes
    ----------
    keys : DataFrame, shape (series, dimensions)
        The series, in the order of `History.keys`.
    periods : DatetimeIndex, shape (horizon,)
        First days from the first period not known at the as-of date to the end of the horizon.
    baseline : ndarray, shape (series, horizon)
        Expected sales without new marketing action.
    samples : ndarray, shape (draws, series, horizon)
        Joint draws of actual sales around the baseline: dependence over series and horizon is kept,
        so quantiles of any sum of them are right. Draws are in absolute terms, not errors.
    naive : ndarray, shape (series, horizon)
        Seasonal naive forecast, the yardstick of every table.
    driver_effects : dict of str to ndarray, shape (series, horizon) each
        What the known driver calendar adds to the baseline, by driver column; additive and exact.
    why : DataFrame
        One row per series and member: the dimensions, ``member, weight, backtest_error,
        naive_error, reason``.
    notices : tuple of Notice
        What was assumed or treated, with counts.
    candidates : DataFrame
        Every combination tried without drivers: ``class, series, candidate, error`` (relative to seasonal
        naive) and ``weight``; the naive ones first.
    """

    keys: pd.DataFrame
    periods: pd.DatetimeIndex
    baseline: np.ndarray
    samples: np.ndarray
    naive: np.ndarray
    driver_effects: dict[str, np.ndarray] = field(default_factory=dict)
    why: pd.DataFrame = field(default_factory=pd.DataFrame)
    notices: tuple[Notice, ...] = ()
    candidates: pd.DataFrame = field(default_factory=pd.DataFrame)
