"""Places of the calendar to which sales come back: what returns there is no outlier.

A place is what periods of different years have in common: the same time of the year, or the same distance
from a feast that moves. A fixed date and an n-th weekday of a month stay within a week of their place in
the year; Easter and moon-tied feasts have places of their own.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.drivers.season import moving_feasts
from alignment_lib.inputs.periods.calendar import Calendar

__all__ = ["Places", "calendar_places", "find_returning"]

_FEASTS_OF = ("DE", "GR", "SG", "IL")
"""Countries that between them keep both Easters, the lunar New Year, both Eids, Diwali and Passover: such
feasts are kept by customers in any country."""
_AROUND = {"week": (-2, -1, 0, 1, 2), "month": (-1, 0), "quarter": (0,)}
_OFTEN = 0.4
"""Share of the years that must show it: what comes every second year is met in two of five."""
_TWICE = 2
Places = np.ndarray
"""Which periods lie at which place, shape (periods, places), of booleans."""


def calendar_places(calendar: Calendar, periods: pd.DatetimeIndex, codes: tuple[str, ...] = ()) -> Places:
    """Places of the year and of moving feasts that two years at least of `periods` have.

    >>> calendar_places(Calendar("quarter"), pd.DatetimeIndex(["2024-01-01", "2025-01-01"])).shape
    (2, 1)
    """
    columns = list(_year_places(calendar, periods).T)
    years = periods[0].year - 1, periods[-1].year + 1
    for days in _every_feast(tuple(codes), *years):
        of = calendar.floor(pd.DatetimeIndex(list(days)))
        for step in _AROUND[calendar.grain]:
            columns.append(periods.isin([calendar.shift(day, step) for day in of]))
    places = np.unique(np.array(columns, dtype=bool), axis=0).T
    return np.asarray(places[:, places.sum(axis=0) >= _TWICE])


@lru_cache(maxsize=32)
def _every_feast(codes: tuple[str, ...], first: int, last: int) -> tuple[tuple[date, ...], ...]:
    named = [moving_feasts(code, first, last) for code in dict.fromkeys((*codes, *_FEASTS_OF))]
    return tuple(sorted({tuple(days) for feasts in named for days in feasts.values()}))


def _year_places(calendar: Calendar, periods: pd.DatetimeIndex) -> np.ndarray:
    """Same month or quarter of the year; weeks that lie in the same fortnight of it."""
    season = calendar.season
    if calendar.grain != "week":
        place = (periods.month.to_numpy() - 1) * season // 12
        return np.asarray(place[:, None] == np.arange(season))
    middle = periods + pd.Timedelta(days=3)
    place = np.minimum((middle.dayofyear.to_numpy() - 1) // 7, season - 1)
    every = np.arange(season)
    return np.asarray((place[:, None] == every) | (place[:, None] == (every + 1) % season))


def find_returning(large: np.ndarray, life: np.ndarray, places: Places, calendar_years: int) -> np.ndarray:
    """Which of the large values come back at one of their places in two fifths of the years at least.

    Parameters
    ----------
    large, life : ndarray of bool, shape (series, periods)
        Values that stand out in one direction; where each series is known.
    places : ndarray of bool, shape (periods, places)
    calendar_years : int
        Most years a place can have been met.

    Returns
    -------
    ndarray of bool, shape (series, periods)
    """
    at = places.astype(np.float64)
    seen = large.astype(np.float64) @ at
    # A fortnight of the year holds two weeks of each year.
    met = np.minimum(life.astype(np.float64) @ at, np.maximum(calendar_years, 1))
    returns = (seen >= _TWICE) & (seen >= _OFTEN * met)
    return np.asarray(large & (returns.astype(np.float64) @ at.T > 0))
