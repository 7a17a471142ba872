"""What a driver is without action: regular price, seasonal norm; and how gaps in drivers are filled."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import Notice

__all__ = ["fill_market", "fill_price", "market_norm", "regular_price"]

_QUANTILE = 0.7


def regular_price(prices: np.ndarray, season: int) -> np.ndarray:
    """Trailing 70th percentile of price over a quarter of a year: what the product costs without a deal.

    A price cut is short, so a high trailing quantile steps over it, and a lasting rise or fall is
    taken up within weeks.

    Parameters
    ----------
    prices : ndarray, shape (series, periods)
        Prices without gaps, in currency.
    season : int
        Periods in a year.

    Returns
    -------
    ndarray, shape (series, periods)

    >>> regular_price(np.array([[2.0, 2.0, 1.0, 2.0, 2.0]]), 52).round(2).tolist()
    [[2.0, 2.0, 2.0, 2.0, 2.0]]
    """
    window = max(3, round(season / 4))
    count, periods = prices.shape
    padded = np.concatenate([np.full((count, window - 1), np.nan), np.log(prices)], axis=1)
    views = np.lib.stride_tricks.sliding_window_view(padded, window, axis=1)
    return np.asarray(np.exp(_quantile(views, periods, window)))


def _quantile(views: np.ndarray, periods: int, window: int) -> np.ndarray:
    """Quantile of each trailing window by linear interpolation; the first windows are short, not empty."""
    ordered = np.sort(views, axis=-1)
    size = np.minimum(np.arange(1, periods + 1), window)
    place = _QUANTILE * (size - 1)
    low = np.floor(place).astype(int)
    high = np.minimum(low + 1, size - 1)
    column = np.arange(periods)
    share = place - low
    return np.asarray(ordered[:, column, low] * (1 - share) + ordered[:, column, high] * share)


def fill_price(
    name: str, values: np.ndarray, known: int, product: np.ndarray, season: int
) -> tuple[np.ndarray, list[Notice]]:
    """Fill gaps in prices: carried forward, then back, then the product's mean that period, then 1.

    After a series' last given price within the horizon the last regular price is used instead, so
    that a deal is never carried past the calendar. Prices of zero or less are gaps.

    Returns
    -------
    prices : ndarray, shape (series, periods)
        Positive everywhere.
    notices : list of Notice
    """
    notices: list[Notice] = []
    bad = np.isfinite(values) & (values <= 0)
    if bad.any():
        text = f"{int(bad.sum())} values of {name!r} are zero or less; they were treated as missing prices."
        notices.append(Notice("price_zero", text, int(bad.sum())))
    prices = np.where(bad, np.nan, values)
    empty = ~np.isfinite(prices).any(axis=1)
    if empty.any():
        prices[empty] = _product_mean(prices, product)[empty]
    none = ~np.isfinite(prices).any(axis=1)
    if none.any():
        text = f"{int(none.sum())} series have no {name!r} at all; no price effect was worked out for them."
        notices.append(Notice("price_missing", text, int(none.sum())))
        prices[none] = 1.0
    filled = pd.DataFrame(prices.T).ffill().bfill().to_numpy().T
    beyond = _after_last(prices, known)
    if known and beyond.any():
        last = regular_price(np.ascontiguousarray(filled[:, :known]), season)[:, -1:]
        filled = np.where(beyond, last, filled)
    return np.ascontiguousarray(filled), notices


def _after_last(prices: np.ndarray, known: int) -> np.ndarray:
    """Where a series has no further price within the horizon."""
    seen = np.isfinite(prices)
    later = np.flip(np.maximum.accumulate(np.flip(seen, axis=1), axis=1), axis=1)
    beyond = ~later
    beyond[:, :known] = False
    return np.asarray(beyond)


def _product_mean(prices: np.ndarray, product: np.ndarray) -> np.ndarray:
    frame = pd.DataFrame(prices)
    return np.asarray(frame.groupby(product).transform("mean").to_numpy())


def market_norm(values: np.ndarray, grid: pd.DatetimeIndex, known: int, season: int) -> np.ndarray:
    """Seasonal norm of a market driver: the mean of the same time of year in the history.

    Weeks are averaged with their neighbours (2 each side); where fewer than two years are known, or a
    time of year was never seen, the norm leans on the mean of the whole history.

    Returns
    -------
    ndarray, shape (series, periods)
    """
    past = values[:, :known]
    seen = np.isfinite(past)
    overall = np.where(seen, past, 0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    place = ((grid.dayofyear.to_numpy() - 1) * season // 366).astype(int)
    total = np.zeros((len(values), season))
    count = np.zeros((len(values), season))
    for column in range(known):
        total[:, place[column]] += np.where(seen[:, column], past[:, column], 0.0)
        count[:, place[column]] += seen[:, column]
    if season > 12:
        total = sum(np.roll(total, shift, axis=1) for shift in range(-2, 3))  # type: ignore[assignment]
        count = sum(np.roll(count, shift, axis=1) for shift in range(-2, 3))  # type: ignore[assignment]
    # One year says little about what is usual: a prior of two observations at the overall mean.
    norm = (total + 2 * overall[:, None]) / (count + 2)
    return np.asarray(norm[:, place])


def fill_market(values: np.ndarray, norm: np.ndarray) -> np.ndarray:
    """A market driver where it is known, its seasonal norm where not."""
    return np.where(np.isfinite(values), values, norm)
