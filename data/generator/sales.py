"""Draws sales, prices and the market index from a truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.generator.expected import Expected, expect_sales
from data.generator.products import DIMENSIONS, on_sale
from data.generator.promotions import depth_by_week
from data.generator.truth import Noise, Truth
from data.generator.weeks import AS_OF, week_index, weeks

__all__ = ["INCIDENTS", "SalesDraw", "draw_market", "draw_sales"]

INCIDENTS = (
    ("stock-out", "Single Origin", "web", "2023-08-14", 2),
    ("no report", "House Blend", "partner", "2024-08-12", 1),
)
"""What history shows beside sales: kind, product, channel, first week, weeks. A stock-out sells nothing;
where no report came the row is absent."""


@dataclass(frozen=True)
class SalesDraw:
    """One draw of what was sold and what will be.

    Attributes
    ----------
    sales, drivers : DataFrame
        The workspace's tables, as of the current round.
    future_sales : DataFrame
        Sales of the horizon under the truth, in the columns of `sales`: what no plan may see.
    expected : Expected
        What was drawn around.
    market : ndarray, shape (weeks,)
        The market index, horizon included.
    """

    sales: pd.DataFrame
    drivers: pd.DataFrame
    future_sales: pd.DataFrame
    expected: Expected
    market: np.ndarray


def draw_sales(seed: int, truth: Truth, *, noisy: bool = True) -> SalesDraw:
    """Draw weekly sales of history and horizon.

    Parameters
    ----------
    seed : int
        Equal seeds give equal draws.
    truth : Truth
        `base_truth()` for the committed demo.
    noisy : bool
        False leaves units at their expectation, not rounded, and the market index as drawn.
    """
    market = draw_market(seed, truth.noise)
    expected = expect_sales(truth, market)
    units = _scatter(seed, truth.noise, expected) if noisy else expected.units
    for kind, product, channel, start, count in INCIDENTS:
        here = ((expected.series["product"] == product) & (expected.series["channel"] == channel)).to_numpy()
        first = week_index(start)
        units[here, first : first + count] = 0 if kind == "stock-out" else np.nan
    table = _sales_table(expected, units)
    if noisy:
        table["units"] = table["units"].astype(np.int64)
    past = table["period"] < AS_OF
    return SalesDraw(
        table[past].reset_index(drop=True),
        _drivers_table(expected, market),
        table[~past].reset_index(drop=True),
        expected,
        market,
    )


def draw_market(seed: int, noise: Noise) -> np.ndarray:
    """Draw the market index: a slow wave around 100 with a weekly random part, shape (weeks,)."""
    rng = np.random.default_rng([seed, 1])
    count = len(weeks())
    level = _remember(rng.normal(0.0, noise.market, count), 0.95)
    wave = 0.02 * np.sin(2.0 * np.pi * np.arange(count) / 130.0)
    return np.asarray(np.round(100.0 * np.exp(level + wave), 1))


def _remember(steps: np.ndarray, memory: float) -> np.ndarray:
    """First-order autoregression along the last axis, started at its first step."""
    result = steps.copy()
    for week in range(1, steps.shape[-1]):
        result[..., week] += memory * result[..., week - 1]
    return result


def _scatter(seed: int, noise: Noise, expected: Expected) -> np.ndarray:
    """Whole units around the expectation: log-normal shocks, then negative binomial counts."""
    rng = np.random.default_rng([seed, 2])
    count = expected.baseline.shape[1]
    names, of_product = np.unique(expected.series["product"].to_numpy(dtype=str), return_inverse=True)
    still = np.sqrt(1.0 - noise.memory**2)
    common = rng.normal(0.0, noise.week, count)
    products = _remember(rng.normal(0.0, noise.product_week * still, (len(names), count)), noise.memory)
    own = _remember(rng.normal(0.0, noise.series * still, (len(of_product), count)), noise.memory)
    variance = noise.week**2 + noise.product_week**2 + noise.series**2
    mean = (expected.units - expected.orders) * np.exp(common + products[of_product] + own - variance / 2.0)
    drawn = rng.poisson(mean * rng.gamma(noise.dispersion, 1.0 / noise.dispersion, mean.shape))
    return np.asarray(drawn + expected.orders, dtype=float)


def _sales_table(expected: Expected, units: np.ndarray) -> pd.DataFrame:
    paid = expected.prices * (1.0 - depth_by_week(expected.series)["price_cut"])
    row, week = np.nonzero(on_sale(expected.series) & ~np.isnan(units))
    table = expected.series[DIMENSIONS].iloc[row].reset_index(drop=True)
    table.insert(0, "period", weeks()[week])
    table["units"] = units[row, week]
    table["revenue"] = np.round(units[row, week] * paid[row, week], 2)
    return table.sort_values(["period", *DIMENSIONS], ignore_index=True)


def _drivers_table(expected: Expected, market: np.ndarray) -> pd.DataFrame:
    """Prices and promotions by product, channel and week, planned ones included; the index to the as-of date.

    Products and channels that are still to come have no rows: their prices are not yet decided.
    """
    series = expected.series
    listed = series[["product", "channel"]].drop_duplicates().index.to_numpy()
    decided = listed[series["opens"].to_numpy()[listed] < week_index(AS_OF)]
    row, week = np.nonzero(on_sale(series)[decided])
    row = decided[row]
    table: pd.DataFrame = series[["product", "channel"]].iloc[row].reset_index(drop=True)
    table.insert(0, "period", weeks()[week])
    table["price"] = expected.prices[row, week]
    for name, depth in depth_by_week(series).items():
        table[name] = depth[row, week]
    table["market_index"] = np.where(weeks()[week] < AS_OF, market[week], np.nan)
    return table.sort_values(["period", "product", "channel"], ignore_index=True)
