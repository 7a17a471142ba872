"""Weeks placed in the year by date: what belongs together from one year to the next, 52 weeks or 53.

A week stands in the seventh of the year that holds its fourth day: for weeks that begin on Monday this is
their number by ISO 8601. The one or two days left over join the last place, so that a 53rd week takes the
season of the 52nd.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

__all__ = ["COMMON_YEAR", "PLACES", "WeekSeason", "dated_part", "days_held", "place_weeks"]

PLACES = 52
"""Places of weeks in a year."""
COMMON_YEAR = 365
_LEAP_DAY = 59
_ANY_FIRST_DAY = np.datetime64("2001-01-01")
"""Where nobody says when the first week began: one that opens a year."""


def place_weeks(first_day: np.datetime64 | None, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Place in the year and year of each week.

    Parameters
    ----------
    first_day : datetime64 or None
        First day of the week in column 0.
    columns : ndarray of int

    Returns
    -------
    places, years : ndarray of int

    Examples
    --------
    >>> places, years = place_weeks(np.datetime64("2020-12-21"), np.arange(3))
    >>> (places.tolist(), years.tolist())  # weeks 52 and 53 of 2020, week 1 of 2021
    ([51, 51, 0], [2020, 2020, 2021])
    """
    first = _ANY_FIRST_DAY if first_day is None else first_day.astype("datetime64[D]")
    middle = first + np.timedelta64(1, "D") * (7 * np.asarray(columns) + 3)
    year = middle.astype("datetime64[Y]")
    day = (middle - year.astype("datetime64[D]")).astype(np.int64)
    return np.minimum(day // 7, PLACES - 1), year.astype(np.int64) + 1970


@dataclass(frozen=True)
class WeekSeason:
    """What the weeks of a year add to each series: by place in the year, and by the dates they hold.

    Attributes
    ----------
    profile : ndarray, shape (series, 52)
        Of each place in the year.
    peaks : sparse matrix, shape (series, 365)
        What a week has beside its place for holding a day of a common year; hardly any series has such days.
    """

    profile: np.ndarray
    peaks: sparse.csr_matrix

    def rows(self, chosen: slice | np.ndarray) -> WeekSeason:
        """The chosen series only."""
        return WeekSeason(self.profile[chosen], self.peaks[chosen])

    def at(self, first_day: np.datetime64 | None, columns: np.ndarray) -> np.ndarray:
        """Season of each column, shape (series, columns)."""
        season = np.asarray(self.profile[:, place_weeks(first_day, columns)[0]])
        if first_day is None or not self.peaks.nnz:
            return season
        return np.asarray(season + dated_part(self.peaks, first_day, columns))


def dated_part(peaks: sparse.csr_matrix, first_day: np.datetime64, columns: np.ndarray) -> np.ndarray:
    """Sum of `peaks` over the days that each week holds, shape (series, columns)."""
    held = (days_held(first_day, columns)[None] == np.arange(COMMON_YEAR)[:, None, None]).any(axis=2)
    return np.asarray(peaks @ held.astype(np.float64))


def days_held(first_day: np.datetime64, columns: np.ndarray) -> np.ndarray:
    """The seven days of each week, counted in a common year from 0; −1 for 29 February.

    >>> days_held(np.datetime64("2024-02-26"), np.array([0])).tolist()
    [[56, 57, 58, -1, 59, 60, 61]]
    """
    start = first_day.astype("datetime64[D]") + np.timedelta64(7, "D") * np.asarray(columns)
    dates = start[:, None] + np.arange(7) * np.timedelta64(1, "D")
    year = dates.astype("datetime64[Y]")
    day = (dates - year.astype("datetime64[D]")).astype(np.int64)
    length = ((year + 1).astype("datetime64[D]") - year.astype("datetime64[D]")).astype(np.int64)
    leap = length > COMMON_YEAR
    return np.where(leap & (day == _LEAP_DAY), -1, day - (leap & (day > _LEAP_DAY)))
