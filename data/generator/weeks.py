"""The demo's weeks: first and last, quarters by the fourth-day rule, and movable feasts."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

__all__ = [
    "AS_OF",
    "FIRST_WEEK",
    "LAST_WEEK",
    "easter",
    "quarters_of",
    "week_index",
    "weeks",
    "years_since_start",
]

FIRST_WEEK = pd.Timestamp("2022-07-04")
"""First Monday of the sales history, the first week of 2022Q3."""
AS_OF = pd.Timestamp("2025-12-29")
"""First day of the current round, 2026Q1; everything before it has happened."""
LAST_WEEK = pd.Timestamp("2026-12-28")
"""Last week of the horizon; 2026 has 53 weeks."""


@cache
def weeks() -> pd.DatetimeIndex:
    """First days of all weeks, history and horizon.

    >>> len(weeks()), int((weeks() < AS_OF).sum())
    (235, 182)
    """
    return pd.date_range(FIRST_WEEK, LAST_WEEK, freq="7D", unit="ns")


def week_index(day: str | pd.Timestamp) -> int:
    """Position in `weeks` of the week that contains a day; below 0 or beyond the end outside it.

    >>> week_index("2022-07-10"), week_index(AS_OF)
    (0, 182)
    """
    return (pd.Timestamp(day) - FIRST_WEEK).days // 7


def quarters_of(periods: pd.DatetimeIndex) -> np.ndarray:
    """Quarter of each week, by its fourth day.

    >>> quarters_of(pd.DatetimeIndex(["2025-12-22", "2025-12-29"])).tolist()
    ['2025Q4', '2026Q1']
    """
    middle = periods + pd.Timedelta(days=3)
    return np.array(
        [f"{year}Q{q}" for year, q in zip(middle.year, middle.quarter, strict=True)], dtype=object
    )


def years_since_start() -> np.ndarray:
    """Years from the first week to each week, in 365.25 days."""
    return np.asarray((weeks() - FIRST_WEEK).days / 365.25)


@cache
def easter(year: int) -> pd.Timestamp:
    """Easter Sunday of the Gregorian calendar.

    The anonymous algorithm in the form printed by New Scientist, 30 March 1961.

    >>> [str(easter(year).date()) for year in (2024, 2026)]
    ['2024-03-31', '2026-04-05']
    """
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (a + 11 * h) // 319
    r = (2 * e + 2 * i - k - h + m + 32) % 7
    month = (h - m + r + 90) // 25
    day = (h - m + r + month + 19) % 32
    return pd.Timestamp(year, month, day)
