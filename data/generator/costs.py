"""What the goods of the fictional company cost, their way to the customer, and what its actions cost."""

from __future__ import annotations

import pandas as pd

__all__ = ["COST_COLUMNS", "OVERHEAD_SHARE", "costs_table"]

COST_COLUMNS = (
    "period", "product", "channel", "cost", "unit_cost", "funding", "funding_per", "pays_for", "paid_by",
)  # fmt: skip
OVERHEAD_SHARE = 0.09
"""Share of revenue for everything that is not bought by the unit; stands in ``planning.toml`` too."""

_GOODS = """
Espresso Machine | 2022-07-04 | 171.00
Espresso Machine | 2023-10-02 | 182.00
Espresso Machine | 2025-03-03 | 187.00
Compact Machine  | 2024-03-04 | 104.00
Compact Machine  | 2025-05-12 | 109.00
Filter Machine   | 2022-07-04 | 58.00
House Blend      | 2022-07-04 | 7.60
House Blend      | 2024-02-12 | 8.30
House Blend      | 2024-10-07 | 9.10
House Blend      | 2025-06-02 | 9.70
House Blend      | 2026-02-02 | 10.20
Single Origin    | 2022-07-04 | 10.40
Single Origin    | 2023-09-04 | 11.20
Single Origin    | 2025-05-26 | 11.90
Decaf Blend      | 2023-02-06 | 8.80
Decaf Blend      | 2024-10-07 | 9.50
Barista Blend    | 2025-09-08 | 12.60
Cold Brew Pack   | 2026-05-04 | 6.40
Care Kit         | 2022-07-04 | 9.20
Care Kit         | 2023-05-08 | 9.80
"""
_FREIGHT = {"web": 1.60, "mobile app": 1.60, "marketplace": 3.10, "partner": 0.70}
"""Euros to bring one unit to the customer; the shop's customers carry it home."""
_POINTS = {
    "House Blend": 0.90,
    "Single Origin": 1.20,
    "Decaf Blend": 0.90,
    "Barista Blend": 1.30,
    "Care Kit": 1.20,
}
"""What loyalty points given for one unit cost."""
_PAGE = 650.00
"""A place on the front page and in the newsletter, once an action."""
_FEATURED = (
    "Espresso Machine", "Compact Machine", "Filter Machine", "House Blend", "Single Origin", "Decaf Blend",
    "Barista Blend", "Care Kit",
)  # fmt: skip
_DISPLAY = 400.00
"""A display for a price cut of a machine; its maker pays."""
_MACHINES = ("Espresso Machine", "Compact Machine", "Filter Machine")
_CLAIMED = {"R26Q1-17": 480.00, "R26Q1-13": 9800.00}
"""What claims cost that no driver of the calendar stands for."""


def costs_table() -> pd.DataFrame:
    """Costs as the company writes them: goods by product, freight by channel, funding by action."""
    rows: list[dict[str, object]] = []
    for line in _GOODS.strip().splitlines():
        product, day, amount = (cell.strip() for cell in line.split("|"))
        rows.append(
            {"period": pd.Timestamp(day), "product": product, "cost": "goods", "unit_cost": float(amount)}
        )
    rows += [{"channel": name, "cost": "freight", "unit_cost": amount} for name, amount in _FREIGHT.items()]
    for name, amount in _POINTS.items():
        rows.append(_funding("loyalty", amount, "unit", "customer marketing", product=name))
    rows += [_funding("feature", _PAGE, "action", "trade marketing", product=name) for name in _FEATURED]
    rows += [_funding("price_cut", _DISPLAY, "action", "machine maker", product=name) for name in _MACHINES]
    rows += [_funding(name, amount, "action", "brand marketing") for name, amount in _CLAIMED.items()]
    return pd.DataFrame(rows).reindex(columns=list(COST_COLUMNS))


def _funding(
    pays_for: str, amount: float, per: str, paid_by: str, product: str | None = None
) -> dict[str, object]:
    return {
        "product": product,
        "funding": amount,
        "funding_per": per,
        "pays_for": pays_for,
        "paid_by": paid_by,
    }
