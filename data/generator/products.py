"""What the fictional company sells, through which channels, at which list prices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.generator.weeks import week_index, weeks

__all__ = [
    "CHANNELS",
    "DIMENSIONS",
    "PRODUCTS",
    "Product",
    "list_prices",
    "on_sale",
    "price_changes",
    "series_table",
]

DIMENSIONS = ["product", "channel", "sale_type"]
CHANNELS = ["mobile app", "partner", "shop", "web"]


@dataclass(frozen=True)
class Product:
    """One product.

    Attributes
    ----------
    category : {"machines", "beans", "care"}
        Promotions take volume from products of the same category.
    price : float
        First list price in euros, at the shop.
    growth_rate : float
        Trend a year, in log points.
    launched, delisted : str
        First week on sale and first week off sale; blank where it was there before or still is.
    """

    category: str
    price: float
    growth_rate: float
    launched: str = ""
    delisted: str = ""


PRODUCTS = {
    "Espresso Machine": Product("machines", 289.00, 0.03),
    "Compact Machine": Product("machines", 169.00, 0.05, launched="2024-03-04"),
    "Filter Machine": Product("machines", 89.00, -0.08, delisted="2025-06-30"),
    "House Blend": Product("beans", 16.90, 0.03),
    "Single Origin": Product("beans", 21.90, 0.06),
    "Decaf Blend": Product("beans", 17.90, 0.02, launched="2023-02-06"),
    "Barista Blend": Product("beans", 24.90, 0.04, launched="2025-09-08"),
    "Cold Brew Pack": Product("beans", 12.90, 0.00, launched="2026-05-04"),
    "Care Kit": Product("care", 24.90, 0.04),
}

_LEVELS = """
Espresso Machine | shop       | new        |  36
Espresso Machine | partner    | new        |  28
Espresso Machine | web        | new        |  32
Espresso Machine | shop       | upsell     |  15
Compact Machine  | web        | new        |  34
Compact Machine  | mobile app | new        |  22
Compact Machine  | partner    | new        |  24
Filter Machine   | shop       | new        |  28
Filter Machine   | web        | new        |  20
House Blend      | shop       | new        |  60
House Blend      | web        | new        |  70
House Blend      | mobile app | new        |  44
House Blend      | shop       | repeat     | 210
House Blend      | partner    | repeat     | 150
House Blend      | web        | repeat     | 190
House Blend      | mobile app | repeat     | 115
Single Origin    | shop       | repeat     |  84
Single Origin    | web        | repeat     |  96
Single Origin    | mobile app | repeat     |  58
Single Origin    | web        | upsell     |  30
Decaf Blend      | shop       | repeat     |  56
Decaf Blend      | web        | repeat     |  48
Barista Blend    | web        | upsell     |  46
Barista Blend    | shop       | upsell     |  38
Care Kit         | shop       | cross_sell |  40
Care Kit         | web        | cross_sell |  52
Care Kit         | mobile app | cross_sell |  32
Cold Brew Pack   | shop       | upsell     |  44
Cold Brew Pack   | web        | upsell     |  50
House Blend      | marketplace| new        |  45
"""

_OPENINGS = {"marketplace": "2026-04-06"}
"""Channels that open later; nothing is sold in them before."""

_CHANNEL_PRICES = {"shop": 1.0, "web": 1.0, "mobile app": 1.0, "partner": 0.88, "marketplace": 1.0}

_PRICE_CHANGES = """
House Blend      | 2022-11-07 |            | +5 | all        | roasting costs
House Blend      | 2023-06-05 |            | -3 | all        | answer to a competitor
House Blend      | 2023-10-02 | 2023-12-03 | -6 | web        | price test
House Blend      | 2024-02-12 |            | +6 | all        | green coffee
House Blend      | 2024-10-07 |            | +7 | all        | green coffee
House Blend      | 2025-02-03 | 2025-03-30 | -5 | mobile app | price test
House Blend      | 2025-06-02 |            | +5 | all        | green coffee
House Blend      | 2026-02-02 |            | +4 | all        | planned
Single Origin    | 2023-01-09 |            | +4 | all        | green coffee
Single Origin    | 2023-09-04 |            | +5 | all        | green coffee
Single Origin    | 2024-01-15 | 2024-02-25 | -8 | mobile app | price test
Single Origin    | 2024-06-03 |            | -6 | all        | regained contract
Single Origin    | 2025-05-26 |            | +5 | all        | green coffee
Single Origin    | 2026-04-13 |            | +3 | all        | planned
Decaf Blend      | 2023-11-06 |            | +5 | all        | green coffee
Decaf Blend      | 2024-06-24 | 2024-08-04 | -7 | shop       | price test
Decaf Blend      | 2024-10-07 |            | +6 | all        | green coffee
Decaf Blend      | 2025-05-05 |            | -5 | all        | answer to a competitor
Espresso Machine | 2023-03-06 |            | -5 | all        | new supplier
Espresso Machine | 2023-08-07 | 2023-09-24 | -6 | web        | price test
Espresso Machine | 2023-10-02 |            | +7 | all        | currency
Espresso Machine | 2024-06-03 |            | -6 | all        | answer to a competitor
Espresso Machine | 2025-03-03 |            | +5 | all        | currency
Espresso Machine | 2026-04-27 |            | +4 | all        | planned
Compact Machine  | 2024-07-08 | 2024-08-25 | -7 | web        | price test
Compact Machine  | 2024-10-21 |            | -5 | all        | end of introduction
Compact Machine  | 2025-05-12 |            | +6 | all        | currency
Filter Machine   | 2023-06-05 |            | -6 | all        | old model
Filter Machine   | 2024-01-15 |            | +5 | all        | freight
Filter Machine   | 2024-08-12 |            | -8 | all        | old model
Care Kit         | 2023-01-23 | 2023-03-12 | -8 | shop       | price test
Care Kit         | 2023-05-08 |            | +6 | all        | packaging
Care Kit         | 2024-04-08 |            | +5 | all        | packaging
Care Kit         | 2025-04-07 |            | -4 | all        | new supplier
"""


def _rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]


def series_table() -> pd.DataFrame:
    """All series, sorted by `DIMENSIONS`, with level and the weeks in which they are on sale.

    Returns
    -------
    DataFrame
        ``product, channel, sale_type, category, level`` (units a week at the start and at first
        prices), ``opens`` and ``closes`` (positions in `weeks`; `closes` is the first week off sale).
    """
    rows = []
    for product, channel, sale_type, level in _rows(_LEVELS):
        made = PRODUCTS[product]
        opens = _OPENINGS.get(channel) or made.launched
        rows.append(
            {
                "product": product,
                "channel": channel,
                "sale_type": sale_type,
                "category": made.category,
                "level": float(level),
                "opens": week_index(opens) if opens else 0,
                "closes": week_index(made.delisted) if made.delisted else len(weeks()),
            }
        )
    return pd.DataFrame(rows).sort_values(DIMENSIONS, ignore_index=True)


def on_sale(series: pd.DataFrame) -> np.ndarray:
    """Whether each series is on sale in each week, shape (series, weeks)."""
    week = np.arange(len(weeks()))
    return np.asarray((week >= series[["opens"]].to_numpy()) & (week < series[["closes"]].to_numpy()))


def price_changes() -> pd.DataFrame:
    """List price changes: ``product, start, end`` (blank: for good), ``percent, channel, reason``."""
    columns = ["product", "start", "end", "percent", "channel", "reason"]
    table = pd.DataFrame(_rows(_PRICE_CHANGES), columns=columns)
    return table.assign(percent=table["percent"].astype(float))


def list_prices(series: pd.DataFrame) -> np.ndarray:
    """List price in euros of each series in each week, shape (series, weeks), whole cents."""
    prices = np.empty((len(series), len(weeks())))
    for row, (product, channel) in enumerate(zip(series["product"], series["channel"], strict=True)):
        prices[row] = PRODUCTS[product].price * _CHANNEL_PRICES[channel]
    for change in price_changes().to_dict("records"):
        here = (series["product"] == change["product"]).to_numpy()
        if change["channel"] != "all":
            here &= (series["channel"] == change["channel"]).to_numpy()
        last = week_index(change["end"]) + 1 if change["end"] else len(weeks())
        prices[here, week_index(change["start"]) : last] *= 1.0 + change["percent"] / 100.0
    return np.round(prices, 2)
