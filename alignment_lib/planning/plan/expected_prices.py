"""Revenue per unit to be expected over a span where no calendar says the price: not that of the last week.

The last week's price may be a deal, a clearance or a rise that lasts. Four ways of expecting it are tried at
earlier dates on the same series, given the units that were then sold, and averaged with weights in inverse
proportion to their errors (Bates & Granger 1969): the last month's middle price, the mean of the last
quarter, that of the last year (both weighted by units, so that weeks of deals count by what they sell), and
last year's at the same time of year, moved to today's level.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.written_numbers import Said

__all__ = ["ExpectedPrices", "expect_prices"]

_MOST_ORIGINS = 4
_WORDS = {
    "last": "the last month's middle one",
    "quarter": "the last quarter's",
    "year": "the last year's",
    "season": "last year's of the same weeks or months at today's level",
}


@dataclass(frozen=True)
class ExpectedPrices:
    """Prices over the horizon, and how they were found.

    Attributes
    ----------
    values : ndarray, shape (series, periods)
        Revenue per unit; NaN where none was ever known.
    weights : dict of str to float
        Of the ways ``quarter, last, year, season``; they add to 1.
    errors : dict of str to float
        Error of revenue over the backtest's spans, given the units sold, by method; empty without a backtest.
    """

    values: np.ndarray
    weights: dict[str, float]
    errors: dict[str, float]

    @property
    def notice(self) -> Notice | None:
        """How revenue per unit was found, in words; None where it was not tried."""
        if not self.errors:
            return None
        parts = [f"{Said(self.weights[name]):.0%} {words}" for name, words in _WORDS.items()]
        text = (
            f"Where no calendar says the price, revenue per unit is a mean of {', '.join(parts[:-1])} and "
            f"{parts[-1]}, weighted by how little each missed revenue on earlier dates (the best by "
            f"{Said(min(self.errors.values())):.1%})."
        )
        return Notice("price_expected", text, 1)


def expect_prices(price: np.ndarray, units: np.ndarray, periods: int, season: int) -> ExpectedPrices:
    """Price of every series in each of the next `periods`.

    Parameters
    ----------
    price : ndarray, shape (series, known)
        Revenue per unit; NaN where unknown.
    units : ndarray, shape (series, known)
    periods, season : int
        Periods ahead, and in a year.

    Notes
    -----
    The error of a way at an earlier date is half of Σ|revenue missed| by series over the span and half of
    what is missed in total, over the revenue of the span; dates are a quarter apart, the latest four that
    leave a year (or half of a shorter history). Without such a date it is the mean of the last quarter.

    Examples
    --------
    >>> price = np.array([[4.0] * 12 + [1.0]])
    >>> expect_prices(price, np.ones((1, 13)), 2, 52).values.round(2).tolist()
    [[3.77, 3.77]]
    """
    known = price.shape[1]
    gap = max(1, round(season / 4))
    length = max(1, min(periods, known // 3))
    fewest = max(min(season, known // 2), 2)
    origins = [known - gap * step - max(0, length - gap) for step in range(1, _MOST_ORIGINS + 1)]
    origins = [origin for origin in origins if origin >= fewest and origin + length <= known]
    errors: dict[str, list[float]] = {name: [] for name in _WAYS} if origins else {}
    for origin in origins:
        span = slice(origin, origin + length)
        for name, way in _WAYS.items():
            said = way(price[:, :origin], units[:, :origin], length, season)
            errors[name].append(_miss(said, price[:, span], units[:, span]))
    mean = {name: float(np.mean(its)) for name, its in errors.items()}
    share = {name: 1 / max(error, 1e-6) for name, error in mean.items()} or {"quarter": 1.0}
    weights = {name: its / sum(share.values()) for name, its in share.items()}
    values = sum(its * _WAYS[name](price, units, periods, season) for name, its in weights.items())
    return ExpectedPrices(np.asarray(values), weights, mean)


def _miss(said: np.ndarray, price: np.ndarray, units: np.ndarray) -> float:
    seen = np.isfinite(said) & np.isfinite(price) & np.isfinite(units) & (units > 0)
    money = np.where(seen, units * np.where(seen, price, 0.0), 0.0)
    gap = np.where(seen, units * np.where(seen, said - price, 0.0), 0.0).sum(axis=1)
    return float(0.5 * (np.abs(gap).sum() + abs(gap.sum())) / max(money.sum(), 1e-12))


def _last(price: np.ndarray, units: np.ndarray, periods: int, season: int) -> np.ndarray:
    """Median of the last month's prices, so that one week's deal is stepped over; else the last one known."""
    del units
    recent = pd.DataFrame(price[:, -max(1, round(season / 12)) :]).median(axis=1).to_numpy(dtype=float)
    known = pd.DataFrame(price).ffill(axis=1).iloc[:, -1].to_numpy(dtype=float)
    return np.repeat(np.where(np.isfinite(recent), recent, known)[:, None], periods, axis=1)


def _mean(price: np.ndarray, units: np.ndarray, window: int) -> np.ndarray:
    """Mean over the last periods by units, shape (series,); NaN where nothing was sold in them."""
    price, units = price[:, -window:], units[:, -window:]
    seen = np.isfinite(price) & np.isfinite(units) & (units > 0)
    size = np.where(seen, units, 0.0).sum(axis=1)
    money = np.where(seen, units * np.where(seen, price, 0.0), 0.0).sum(axis=1)
    return np.asarray(np.divide(money, size, out=np.full(len(price), np.nan), where=size > 0))


def _held(price: np.ndarray, units: np.ndarray, periods: int, season: int, window: int) -> np.ndarray:
    mean = np.repeat(_mean(price, units, max(1, window))[:, None], periods, axis=1)
    known = np.isfinite(mean)
    return mean if known.all() else np.where(known, mean, _last(price, units, periods, season))


def _quarter(price: np.ndarray, units: np.ndarray, periods: int, season: int) -> np.ndarray:
    return _held(price, units, periods, season, round(season / 4))


def _year(price: np.ndarray, units: np.ndarray, periods: int, season: int) -> np.ndarray:
    return _held(price, units, periods, season, season)


def _season(price: np.ndarray, units: np.ndarray, periods: int, season: int) -> np.ndarray:
    """The price of the quarter around the same period last year, over that year's level, at today's level."""
    held = _quarter(price, units, periods, season)
    known, half = price.shape[1], max(1, round(season / 8))
    if known < season + round(season / 4):
        return held
    before = _mean(price[:, : known - season], units[:, : known - season], round(season / 4))
    result = held.copy()
    for step in range(periods):
        place = known - season + step % season
        end = min(place + half + 1, known)
        span = slice(max(place - half, 0), end)
        then = _mean(price[:, span], units[:, span], end - max(place - half, 0))
        ratio = np.where((before > 0) & (then > 0), then / np.where(before > 0, before, 1.0), np.nan)
        result[:, step] = np.where(
            np.isfinite(ratio), held[:, step] * np.clip(ratio, 0.5, 2.0), held[:, step]
        )
    return result


_WAYS: dict[str, Callable[[np.ndarray, np.ndarray, int, int], np.ndarray]] = {
    "quarter": _quarter,
    "last": _last,
    "year": _year,
    "season": _season,
}
