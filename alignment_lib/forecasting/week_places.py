"""Weeks placed in the year by date: what belongs together from one year to the next, 52 weeks or 53.

A week stands in the seventh of the year that holds its fourth day: for weeks that begin on Monday this is
their number by ISO 8601. The one or two days left over join the last place, so that a 53rd week takes the
season of the 52nd.
"""

from __future__ import annotations

import numpy as np

__all__ = ["PLACES", "place_weeks"]

PLACES = 52
"""Places of weeks in a year."""
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
