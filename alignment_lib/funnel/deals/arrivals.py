"""Deals that are not there yet: how many will be opened week by week, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alignment_lib.funnel.deals.deals import Deals, count_weeks

__all__ = ["HALF_LIFE", "Arrivals", "expect_arrivals"]

HALF_LIFE = 13.0
"""Weeks after which what was opened counts half."""
_QUARTER, _YEAR = 13, 52
_PRIOR_SEASON = 2.0
_FEWEST_TRIED, _PRIOR_TRIED, _PRIOR_SPREAD = 2, 4.0, 0.15


@dataclass(frozen=True)
class Arrivals:
    """Deals to be opened.

    Attributes
    ----------
    weekly : ndarray
        Expected number in each week ahead.
    spread : float
        Standard deviation of the log of their level, beyond the chance of counting.
    """

    weekly: np.ndarray
    spread: float


def expect_arrivals(deals: Deals, weeks: int) -> Arrivals:
    """Weekly openings ahead: the recent level (half-life 13 weeks) at the season of years before.

    A season is the mean of one of four quarters over the mean of all, shrunk towards none as two years
    would be (needs two whole years). How far off the level is, the same rule says by what it would have
    expected of each past quarter: its mean squared log error less the chance of counting, shrunk towards 15 %
    as four quarters would be.
    """
    counts = _counts(deals)
    errors = []
    for origin in range(_QUARTER * 2, len(counts) - _QUARTER + 1, _QUARTER):
        came = counts[origin : origin + _QUARTER].sum()
        expected = _expected(counts[:origin], _QUARTER).sum()
        if came > 0 and expected > 0:
            errors.append(np.log(came / expected) ** 2 - 1.0 / came)
    own = max(float(np.mean(errors)), 0.0) if len(errors) >= _FEWEST_TRIED else _PRIOR_SPREAD**2
    heavy = len(errors) if len(errors) >= _FEWEST_TRIED else 0
    square = (heavy * own + _PRIOR_TRIED * _PRIOR_SPREAD**2) / (heavy + _PRIOR_TRIED)
    return Arrivals(_expected(counts, weeks), float(np.sqrt(square)))


def _counts(deals: Deals) -> np.ndarray:
    """Deals opened in each whole week before now, oldest first."""
    opened = deals.table["opened"].dropna()
    ago = count_weeks(deals.now - opened)
    ago = np.floor(ago[ago > 0]).astype(np.int64)
    # The first week is rarely whole.
    return np.bincount(ago)[:-1][::-1].astype(float) if len(ago) and ago.max() > 0 else np.zeros(1)


def _expected(counts: np.ndarray, weeks: int) -> np.ndarray:
    season = _season(counts)
    # Places of the weeks in the year, counted back from now: week -1 is the last known one.
    past = np.arange(-len(counts), 0) % _YEAR // _QUARTER
    weight = 0.5 ** (np.arange(len(counts))[::-1] / HALF_LIFE)
    level = float((weight * counts / season[past]).sum() / weight.sum())
    return np.asarray(level * season[np.arange(weeks) % _YEAR // _QUARTER])


def _season(counts: np.ndarray) -> np.ndarray:
    """What each quarter of the year, counted from now, brings over the mean of all."""
    years = len(counts) // _YEAR
    if years < 2:
        return np.ones(_YEAR // _QUARTER)
    # Quarter by quarter of whole years: the oldest weeks beyond them are left out.
    sums = counts[-years * _YEAR :].reshape(years, _YEAR // _QUARTER, _QUARTER).sum(axis=2)
    shares = sums / np.maximum(sums.mean(axis=1, keepdims=True), 1e-9)
    shrunk = 1.0 + (shares.mean(axis=0) - 1.0) * years / (years + _PRIOR_SEASON)
    return np.asarray(np.maximum(shrunk / shrunk.mean(), 0.05))
