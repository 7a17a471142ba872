"""How far revenue per unit departs from what was expected of it, drawn for all series and periods together.

At each of many earlier dates the price is expected as it is for the plan: the calendar's where the calendar
speaks, less what promotions take off; else `expect_prices`. A draw takes the departures of one such date
whole, so that prices of different products, and of following periods, go together as they did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.forecasting.past.history import History
from alignment_lib.planning.plan.expected_prices import expect_prices
from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.plan.paid_prices import Discounts
from alignment_lib.planning.plan.prices import price_grid

__all__ = ["PricePaths", "measure_price_paths"]

_MOST_DATES = 26
_SAME = 1e-3
"""Departures below this, everywhere, are rounding: prices are certain then."""
_MOST = 1.0
"""Departures are read within a factor e: beyond it a record is a return or a slip, not a price."""


@dataclass(frozen=True)
class PricePaths:
    """Departures of revenue per unit from what was expected, in logs.

    Attributes
    ----------
    logs : ndarray, shape (dates, series, periods)
        Series beyond them have not been sold: nothing is known of their departures.
    """

    logs: np.ndarray

    def pick(self, draws: int, seed: int) -> np.ndarray:
        """The date each draw takes, shape (draws,): every one equally often, in an order of its own."""
        turns = np.resize(np.arange(len(self.logs)), draws)
        return np.random.default_rng([seed, 77]).permutation(turns)

    def factors(self, rows: np.ndarray, picked: np.ndarray) -> np.ndarray:
        """What prices of some series are multiplied by, shape (rows, periods, draws)."""
        result = np.ones((len(rows), self.logs.shape[2], len(picked)))
        known = rows < self.logs.shape[1]
        result[known] = np.exp(self.logs[:, rows[known]])[picked].transpose(1, 2, 0)
        return result


def measure_price_paths(
    grid: PlanGrid,
    history: History,
    drivers: pd.DataFrame | None,
    kinds: Mapping[str, str],
    discounts: Discounts,
) -> PricePaths | None:
    """Departures at earlier dates, as many periods ahead as the plan reaches; None where prices are certain.

    Parameters
    ----------
    grid : PlanGrid
        Gives the open periods, and in which cells the calendar states a price.
    history : History
        With revenue per unit; without it nothing can be told.
    drivers, kinds, discounts
        As for `measure_discounts`.
    """
    if grid.measure == "revenue" or history.price is None or not len(grid.periods):
        return None
    series, known = history.price.shape
    ahead = history.calendar.count(history.periods[-1], grid.periods[-1])
    length = max(1, min(ahead, known // 3))
    dates = _dates(known, length, history.calendar.season)
    if not len(dates):
        return None
    paid = discounts.paid_share(history.keys, drivers, history.periods)
    past = _PastPrices(history.keys, history.periods)
    listed = price_grid(past, drivers, kinds, None)  # type: ignore[arg-type]
    stated = price_grid(grid, drivers, kinds, None)
    by_calendar = (
        np.zeros((series, len(grid.periods)), bool) if stated is None else np.isfinite(stated[:series])
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        beside = None if listed is None else np.log(history.price / (listed * paid))
        bare = history.price / paid
    logs = np.zeros((len(dates), series, len(grid.periods)))
    for at, date in enumerate(dates):
        span = slice(date, date + length)
        found = np.full((series, length), np.nan)
        if not by_calendar.all():
            said = expect_prices(bare[:, :date], history.values[:, :date], length, history.calendar.season)
            with np.errstate(divide="ignore", invalid="ignore"):
                found = np.log(bare[:, span] / said.values)
        silent = _whole(found, ahead)[:, ahead - len(grid.periods) :]
        spoken = silent if beside is None else _whole(beside[:, span], ahead)[:, ahead - len(grid.periods) :]
        logs[at] = np.where(by_calendar, spoken, silent)
    return PricePaths(logs) if np.abs(logs).max(initial=0.0) > _SAME else None


def _dates(known: int, length: int, season: int) -> np.ndarray:
    """Places of the first period expected, the latest last, at even distances."""
    first, last = max(min(season, known // 2), 2), known - length
    if last < first:
        return np.array([], dtype=int)
    return np.unique(np.linspace(first, last, min(_MOST_DATES, last - first + 1)).round().astype(int))


def _whole(logs: np.ndarray, ahead: int) -> np.ndarray:
    """Departures without gaps, as many periods as asked: a gap takes what is before it, else after."""
    usable = np.where(np.isfinite(logs), np.clip(logs, -_MOST, _MOST), np.nan)
    filled = pd.DataFrame(usable.T).ffill().bfill().fillna(0.0).to_numpy().T
    if filled.shape[1] < ahead:
        filled = np.hstack([filled, np.repeat(filled[:, -1:], ahead - filled.shape[1], axis=1)])
    return np.asarray(filled[:, :ahead])


@dataclass(frozen=True)
class _PastPrices:
    """What `price_grid` asks of a grid, for the history."""

    keys: pd.DataFrame
    periods: pd.DatetimeIndex

    @property
    def dimensions(self) -> list[str]:
        return list(self.keys.columns)

    @property
    def baseline(self) -> np.ndarray:
        return np.zeros((len(self.keys), len(self.periods)))
