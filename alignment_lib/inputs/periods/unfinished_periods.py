"""First and last periods that hold only part of what they will: one check for every way in.

A table cut in the middle of a period looks like a crash, or a launch. Where days are known they tell
(`find_unfinished_days`); where only sums are, the whole table must fall at once and by more than it ever does
at that time of the year (`find_unfinished`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from alignment_lib.inputs.periods.calendar import Calendar

__all__ = ["Unfinished", "find_unfinished", "find_unfinished_days"]

_BEFORE = 3
"""Periods whose mean a step is measured from."""
_DEVIATIONS, _DEVIATIONS_OF_FEW, _FEW = 4.0, 6.0, 3
"""Robust deviations asked for; more where there are too few series to tell a cut from one of them falling."""
_LEAST_FALL = -float(np.log(0.8))
"""A period that holds over four fifths of the usual is not told from a weak one."""
_LEAST_STEPS = 8
_MOST_SERIES = 0.75
"""Share of the series that must fall with the total: a product may crash alone, a cut takes all of them."""
_RARE = 0.05


@dataclass(frozen=True)
class Unfinished:
    """A period at either end that is not whole.

    Attributes
    ----------
    end : {"first", "last"}
    period : Timestamp
        Its first day.
    share : float
        What it holds: of what is usual there, or of its days.
    series : int
        Series that have a value there.
    """

    end: Literal["first", "last"]
    period: pd.Timestamp
    share: float
    series: int


def find_unfinished(periods: pd.DatetimeIndex, values: np.ndarray, season: int) -> tuple[Unfinished, ...]:
    """Periods at either end of a table of sums that hold clearly less than a whole one.

    The step of the total from the mean of the three periods before is set beside the median of the same step
    in earlier years. The last period is unfinished where it falls short by a fifth, by four robust deviations
    of such differences in the past (six where there are one or two series), and three quarters of the series
    do so too. Steps of under a year have nothing to be set beside: nothing is then found. The first period is
    judged alike, read backwards.

    Parameters
    ----------
    periods : DatetimeIndex, shape (periods,)
        First days, consecutive.
    values : ndarray, shape (series, periods)
        NaN where there is no row.
    season : int
        Periods in a year.

    >>> whole = np.tile([80.0, 120.0, 100.0, 100.0], 6)[None, :]
    >>> days = pd.date_range("2020-01-01", periods=24, freq="QS")
    >>> find_unfinished(days, whole, 4)
    ()
    >>> cut = whole.copy()
    >>> cut[0, -1] = 40
    >>> [(one.end, one.period.year, round(one.share, 2)) for one in find_unfinished(days, cut, 4)]
    [('last', 2025, 0.4)]
    """
    found = []
    known = np.flatnonzero(np.isfinite(values).any(axis=0))
    if len(known) <= season + _BEFORE:
        return ()
    inside = slice(int(known[0]), int(known[-1]) + 1)
    for end, laid in (("first", values[:, inside][:, ::-1]), ("last", values[:, inside])):
        share = _share_of_usual(laid, season)
        if share is not None:
            at = inside.start if end == "first" else inside.stop - 1
            count = int(np.isfinite(values[:, at]).sum())
            found.append(Unfinished("first" if end == "first" else "last", periods[at], share, count))
    return tuple(found)


def _share_of_usual(values: np.ndarray, season: int) -> float | None:
    """What the last column holds of the usual, where that is far too little; None where it is not."""
    tail = values[:, -1 - _BEFORE :]
    both = np.isfinite(tail).all(axis=1)
    if not both.any():
        return None
    # Only series that are there all along: products that come and go would move the total by themselves.
    total = np.nansum(values[both], axis=0)
    steps = _steps(total)
    expected = _usual_steps(steps, season)
    apart = steps - expected
    past = apart[:-1][np.isfinite(apart[:-1])]
    if len(past) < _LEAST_STEPS or not np.isfinite(apart[-1]):
        return None
    usual = 1.4826 * float(np.median(np.abs(past - np.median(past))))
    far = _DEVIATIONS if both.sum() >= _FEW else _DEVIATIONS_OF_FEW
    if apart[-1] > -max(far * usual, _LEAST_FALL):
        return None
    # A level that fell before the last period is news; a cut takes the last one alone.
    alone = _steps(total, 1)
    fall = alone[-1] - _usual_steps(alone, season)[-1]
    if np.isfinite(fall) and fall > -_LEAST_FALL:
        return None
    before = tail[both, :-1].mean(axis=1)
    fell = tail[both, -1] < before * np.exp(expected[-1] - _LEAST_FALL)
    if fell[before > 0].mean() < _MOST_SERIES:
        return None
    return float(np.exp(apart[-1]))


def _steps(total: np.ndarray, back: int = _BEFORE) -> np.ndarray:
    """Logarithm of each period over the mean of those `back`; NaN where that is not above zero."""
    steps = np.full(len(total), np.nan)
    sums = np.cumsum(np.concatenate([[0.0], total]))
    before = (sums[back:-1] - sums[: -back - 1]) / back
    now = total[back:]
    good = before > 0
    least = 1e-6 * np.where(good, before, 1.0)
    steps[back:][good] = np.log(np.maximum(now, least)[good] / before[good])
    return steps


def _usual_steps(steps: np.ndarray, season: int) -> np.ndarray:
    """Median of the same step in earlier years; of weeks the lowest of three, for feasts move."""
    count = len(steps)
    reach = (-1, 0, 1) if season > 24 else (0,)
    by_year = []
    for back in range(season, count, season):
        near = [np.concatenate([np.full(back + off, np.nan), steps[: count - back - off]]) for off in reach]
        stack = np.stack(near)
        none = np.isnan(stack).all(axis=0)
        by_year.append(np.where(none, np.nan, np.where(np.isnan(stack), np.inf, stack).min(axis=0)))
    if not by_year:
        return np.full(count, np.nan)
    ordered = np.sort(np.stack(by_year), axis=0)
    seen = np.isfinite(ordered).sum(axis=0)
    low = np.take_along_axis(ordered, np.maximum((seen - 1) // 2, 0)[None], axis=0)[0]
    high = np.take_along_axis(ordered, (seen // 2).clip(max=len(ordered) - 1)[None], axis=0)[0]
    return np.where(seen > 0, (low + high) / 2, np.nan)


def find_unfinished_days(days: pd.DatetimeIndex, calendar: Calendar) -> tuple[Unfinished, ...]:
    """Periods at either end of a list of dated lines that the list covers only in part.

    How many days lie without a line between the last line and the end of its period is set beside the same of
    every earlier period: the last is unfinished where at most a twentieth of them were as long, and where a
    twentieth of its days lack. Under twenty periods none may be. So a shop closed on Sundays, or one that
    sells once a week, is not taken for cut.

    Parameters
    ----------
    days : DatetimeIndex
        The day of every line, in any order.
    calendar : Calendar

    >>> week = Calendar("week")
    >>> lines = pd.bdate_range("2025-01-06", "2025-07-02")
    >>> [(one.end, f"{one.period:%F}", round(one.share, 2)) for one in find_unfinished_days(lines, week)]
    [('last', '2025-06-30', 0.43)]
    >>> find_unfinished_days(pd.bdate_range("2025-01-06", "2025-07-04"), week)
    ()
    """
    days = pd.DatetimeIndex(days).normalize().unique().sort_values()
    if len(days) < 2:
        return ()
    periods = calendar.floor(days)
    bounds = pd.Series(days).groupby(np.asarray(periods)).agg(["min", "max"])
    starts = pd.DatetimeIndex(bounds.index)
    ends = calendar.ends(starts)
    head = np.asarray((pd.DatetimeIndex(bounds["min"]) - starts).days)
    tail = np.asarray((ends - pd.DatetimeIndex(bounds["max"])).days) - 1
    length = np.asarray((ends - starts).days)
    found = []
    least = np.maximum(_RARE * length, 1)
    if len(starts) > 1 and (head[1:] >= head[0]).mean() <= _RARE and head[0] >= least[0]:
        found.append(Unfinished("first", starts[0], float(1 - head[0] / length[0]), 0))
    if len(starts) > 1 and (tail[:-1] >= tail[-1]).mean() <= _RARE and tail[-1] >= least[-1]:
        found.append(Unfinished("last", starts[-1], float(1 - tail[-1] / length[-1]), 0))
    return tuple(found)
