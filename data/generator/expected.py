"""Expected sales under a truth: baseline, promotions, and volume that changes place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.generator.actions import Action
from data.generator.funnel_truth import funnel_strength
from data.generator.moves import Ledger, Places, spread_over
from data.generator.products import PRODUCTS, list_prices, on_sale, series_table
from data.generator.promoted import promote
from data.generator.promotions import Promotion
from data.generator.season import seasonal_effect
from data.generator.truth import Truth
from data.generator.weeks import week_index, years_since_start

__all__ = ["SHIFT_START", "SHIFT_WEEKS", "Expected", "expect_sales", "launched_share"]

SHIFT_START, SHIFT_WEEKS = "2024-01-08", 12
"""When the market shift begins, and over how many weeks it grows evenly to its full size."""


@dataclass(frozen=True)
class Expected:
    """Expected units by series and week, and where they come from.

    Attributes
    ----------
    series : DataFrame
        As `series_table` gives it; rows of every array follow it.
    prices : ndarray, shape (series, weeks)
        List prices in euros.
    baseline : ndarray, shape (series, weeks)
        Expected units without promotions: list prices, market and actions included.
    gross : ndarray, shape (series, weeks)
        Extra units of promotions before anything is moved.
    temporary : ndarray, shape (series, weeks)
        Units that promotions take from other weeks and products, or bring to companions.
    orders : ndarray of int, shape (series, weeks)
        Single orders, exact.
    events : DataFrame
        One row per promotion: what it brought, gross and net.
    moves : DataFrame
        ``cause, id, from, to, units``: what changed place, summed over history and horizon.
    """

    series: pd.DataFrame
    prices: np.ndarray
    baseline: np.ndarray
    gross: np.ndarray
    temporary: np.ndarray
    orders: np.ndarray
    events: pd.DataFrame
    moves: pd.DataFrame

    @property
    def units(self) -> np.ndarray:
        """Expected units, shape (series, weeks)."""
        return np.asarray(self.baseline + self.gross + self.temporary + self.orders)


def launched_share(p: float, q: float, count: int) -> np.ndarray:
    """Share of the final level reached in each week after a launch, shape (count,).

    The share of adopters of Bass (1969), (1 − e^−(p+q)t) / (1 + (q/p) e^−(p+q)t), at the middle of the
    week.

    >>> launched_share(0.03, 0.12, 3).round(3)
    array([0.015, 0.048, 0.083])
    """
    fall = np.exp(-(p + q) * (np.arange(count) + 0.5))
    return np.asarray((1.0 - fall) / (1.0 + q / p * fall))


def expect_sales(
    truth: Truth,
    market: np.ndarray,
    events: Sequence[Promotion] | None = None,
    prices: np.ndarray | None = None,
) -> Expected:
    """Work out expected sales.

    Parameters
    ----------
    truth : Truth
    market : ndarray, shape (weeks,)
        The market index, 100 being its norm.
    events : sequence of Promotion, optional
        Promotions that run; those of the calendar where not given.
    prices : ndarray, shape (series, weeks), optional
        List prices; those decided where not given.
    """
    series = series_table()
    prices = list_prices(series) if prices is None else prices
    reference, lasting = _reference_volume(truth, series)
    baseline = reference * np.exp(_causes(truth, series, prices, market))
    promoted = promote(truth, series, baseline, events)
    orders = np.zeros(baseline.shape, dtype=np.int64)
    for action in truth.actions:
        if action.units:
            orders[action.rows(series)[0], week_index(action.start)] += action.units
    moves = _add_up(lasting + promoted.moves)
    described = pd.DataFrame(promoted.events)
    return Expected(series, prices, baseline, promoted.gross, promoted.temporary, orders, described, moves)


def _reference_volume(truth: Truth, series: pd.DataFrame) -> tuple[np.ndarray, list[dict[str, object]]]:
    """Volume at first prices in an ordinary market, after lasting moves between products and channels."""
    live = on_sale(series)
    level = _levels(truth, series)
    opened = np.arange(level.shape[1]) >= series[["opens"]].to_numpy()
    held, now = np.where(opened, level, 0.0), np.where(live, level, 0.0)
    places = Places.of(series)
    ledger = Ledger(places, np.zeros(level.shape))
    _launch(truth, ledger, now)
    _delist(truth, ledger, now, held - now)
    for action in truth.actions:
        if action.to_channel:
            _change_channel(action, ledger, now, action.rows(series))
    return now + ledger.change, ledger.rows


def _launch(truth: Truth, ledger: Ledger, now: np.ndarray) -> None:
    """Take a share of each new product's (or channel's) volume from what it competes with."""
    for (new, donor), share in truth.launch_share.items():
        for taker in ledger.places.bearing(new):
            donors = ledger.places.rivals(taker, donor)
            ledger.take(("launch", new), taker, donors, spread_over(now[donors], share * now[taker]))


def _delist(truth: Truth, ledger: Ledger, now: np.ndarray, lost: np.ndarray) -> None:
    """Turn a share of a delisted product's volume to its successors in the channel."""
    for (gone, heir), share in truth.delisting_share.items():
        for giver in ledger.places.bearing(gone):
            heirs = ledger.places.rivals(giver, heir)
            ledger.give(("delisting", gone), giver, heirs, spread_over(now[heirs], share * lost[giver]))


def _change_channel(action: Action, ledger: Ledger, now: np.ndarray, givers: np.ndarray) -> None:
    """Move a share of each series' volume to the same product and type of sale in another channel."""
    for giver in givers:
        for taker in ledger.places.twins(giver, action.to_channel):
            moved = action.effect * action.strength() * now[giver]
            ledger.shift(("consumer shift", action.id), giver, taker, moved)


def _add_up(moves: list[dict[str, object]]) -> pd.DataFrame:
    table = pd.DataFrame(moves)
    units = table.groupby(["cause", "id", "from", "to"], sort=True)["units"].sum()
    return units[units != 0.0].reset_index()


def _levels(truth: Truth, series: pd.DataFrame) -> np.ndarray:
    """Level with trend, season, market shift and launch curve, shape (series, weeks)."""
    years = years_since_start()
    count = len(years)
    step = np.clip((np.arange(count) - week_index(SHIFT_START) + 1) / SHIFT_WEEKS, 0.0, 1.0)
    season = {name: seasonal_effect(name) for name in series["category"].unique()}
    levels = np.empty((len(series), count))
    for row, made in enumerate(series.to_dict("records")):
        slow = PRODUCTS[made["product"]].growth_rate * years + season[made["category"]]
        levels[row] = made["level"] * np.exp(slow + truth.market_shift[made["channel"]] * step)
        curve = truth.launch_curve.get(made["channel"]) or truth.launch_curve.get(made["product"])
        opens = int(made["opens"])
        if curve and opens > 0:
            levels[row, opens:] *= launched_share(*curve, count - opens)
    return levels


def _causes(truth: Truth, series: pd.DataFrame, prices: np.ndarray, market: np.ndarray) -> np.ndarray:
    """Price, market index, actions and the funnel's strength, in log points, shape (series, weeks)."""
    elasticity = series["product"].map(truth.elasticity).to_numpy(dtype=float)[:, None]
    effect = elasticity * np.log(prices / prices[:, :1]) + truth.market_elasticity * np.log(market / 100.0)
    for action in truth.actions:
        if not action.units and not action.to_channel:
            effect[action.rows(series)] += action.effect * action.strength()
    new = (series["sale_type"] == "new").to_numpy()
    effect[new] += np.log(1.0 - truth.lead_share + truth.lead_share * funnel_strength(truth.funnel))
    return np.asarray(effect)
