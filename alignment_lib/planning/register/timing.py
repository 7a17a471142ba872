"""How much of an assumption falls into each period: days in common and the ramp."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.inputs.periods.calendar import Calendar

__all__ = ["period_weights", "share_by_period"]


def period_weights(
    calendar: Calendar, periods: pd.DatetimeIndex, start: pd.Timestamp, end: pd.Timestamp, ramp: str
) -> np.ndarray:
    """Share of full strength in each period, from 0 to 1.

    Each day from `start` to `end` (inclusive) has a strength given by the ramp; a period's weight is
    the sum over its days divided by its length, so a period half covered counts half. ``step`` is 1 on
    every day; ``linear`` rises evenly from the first day to 1 on the last; ``s-curve`` rises as
    3x² - 2x³ of that; ``fade`` falls evenly from 1 to the share of one day.

    Parameters
    ----------
    calendar : Calendar
        Gives each period's length.
    periods : DatetimeIndex, shape (periods,)
        First days.
    start, end : Timestamp
        First and last day of the claim.
    ramp : {"step", "linear", "s-curve", "fade"}
        How strength changes over the days.

    Returns
    -------
    ndarray, shape (periods,)

    Examples
    --------
    >>> weeks = pd.DatetimeIndex(["2026-01-05", "2026-01-12"])
    >>> period_weights(Calendar("week"), weeks, weeks[0], pd.Timestamp("2026-01-14"), "step").round(3)
    array([1.   , 0.429])
    """
    firsts = np.asarray(periods.values, dtype="datetime64[D]")
    lasts = np.asarray(calendar.ends(periods).values, dtype="datetime64[D]")
    lengths = (lasts - firsts).astype(int)
    first_day = np.datetime64(start, "D")
    days = int((np.datetime64(end, "D") - first_day).astype(int)) + 1
    cumulated = np.concatenate([[0.0], np.cumsum(_strength(days, ramp))])
    opens = np.clip((firsts - first_day).astype(int), 0, days)
    closes = np.clip((lasts - first_day).astype(int), 0, days)
    return np.asarray((cumulated[closes] - cumulated[opens]) / lengths)


def share_by_period(
    calendar: Calendar, periods: pd.DatetimeIndex, start: pd.Timestamp, end: pd.Timestamp, ramp: str
) -> np.ndarray:
    """Share of a claim's whole volume in each period, by days and ramp; 1 in all over all its days.

    Days of the claim outside `periods` keep their share, so a claim that ends after the horizon counts
    only in part.

    Examples
    --------
    >>> weeks = pd.DatetimeIndex(["2026-01-05", "2026-01-12"])
    >>> share_by_period(Calendar("week"), weeks, weeks[0], pd.Timestamp("2026-01-25"), "step").round(3)
    array([0.333, 0.333])
    """
    days = (calendar.ends(periods) - periods).days.to_numpy()
    whole = _strength(int((end - start).days) + 1, ramp).sum()
    return np.asarray(period_weights(calendar, periods, start, end, ramp) * days / whole)


def _strength(days: int, ramp: str) -> np.ndarray:
    position = np.arange(1, days + 1) / days
    if ramp == "linear":
        return position
    if ramp == "s-curve":
        return np.asarray(3 * position**2 - 2 * position**3)
    if ramp == "fade":
        return position[::-1].copy()
    return np.ones(days)
