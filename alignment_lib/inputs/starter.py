"""What a new workspace starts with: a small fictional business whose first plan runs."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence

__all__ = ["DIMENSIONS", "example_rows", "starting_rows", "texts"]

DIMENSIONS: Mapping[str, tuple[str, ...]] = {
    "channel": ("Shop", "Web"),
    "product": ("Coffee 250 g", "Coffee 500 g"),
}
"""The starting business's dimensions and their values."""

_SETTINGS = """\
# Everything the planning workbook must know about this business unit.
# `alignment check .` names every mistake with its line.

[business]
name = "My company"
currency = "EUR"                 # three letters

[calendar]
grain = "month"                  # week, month or quarter: what one row of the sales table covers
fiscal_year_start = 1            # month in which the fiscal year begins
# fiscal_year_name = "start"     # named by the calendar year it begins in; otherwise the one it ends in
# weeks = "4-5-4"                # for weekly sales: 4-4-5, 4-5-4, 5-4-4 (they may have fiscal_year_begins)
# holidays = "DE"                # country or region ("DE-BY", "GB-ENG"), or { column = "country" }

[sales]
source = "sales.csv"
dimensions = ["channel", "product"]   # what identifies a series, broadest first
measure = "units"                     # what is forecast: units or revenue
# sale_type = "sale_type"             # the dimension that says new, repeat, upsell or cross_sell

# [drivers]                      # prices, promotions and market figures, past and planned
# source = "drivers.csv"
# columns = { price = "price", promotion = "promotion", temperature = "market" }

[plan]
cycle = "quarter"                # month, quarter or year
quarters = 4                     # how far to plan
seed = 2026
# correlation = { by = "owner", share = 0.3 }   # claims of one owner, or one kind, tend to miss together

# [forecast]                     # chosen by backtest unless named
# method = "auto"                # structural, ets, ces, dot, theta, damped, aggregated, naive, croston, ...
# reconcile = "auto"             # bottom_up, ols, wls_struct, wls_var, mint_shrink

# [[override]]                   # a total of the baseline set from above, spread pro rata
# span = "2026Q1"                # quarter, month, year, or the first day of one period
# value = 12000
# scope = { channel = "web" }    # left out: everything
# reason = "capacity agreed with production"

# [[life]]                       # what only you know of sales that stop; the notes of a round ask
# scope = { product = "Tea 100 g" }
# state = "continues"            # or "ended"; or replaces = { product = "Tea 90 g" }

# [format]                       # how your files write numbers and dates
# decimal = ","
# thousands = "."
# negative = "trailing"     # 12.50-, or "brackets" for (12.50)
# nothing = ["-", "n/a"]    # what stands where there is no figure
# date = "%d.%m.%Y"
# encoding = "cp1252"
# delimiter = ";"
"""

_README = """\
# My company: a workspace to start from

The numbers are made up so that a first plan runs:

    alignment check .
    alignment plan . --round 2026Q1 --output out
    alignment app . --output out --edit

The last opens a page with a slider for every assumption, in which scenarios are saved by name. Where the
command is not found, run it by its path in the product's folder, `.venv/bin/alignment`, or activate that
environment first.

Then put your own in their place.

1. `sales.csv`: one row per period and series, the period being its first day. Absent rows mean "not
   known", not zero. `units`, `revenue` or both.
2. `planning.toml`: name your dimensions and measure; say there how your files write numbers and dates.
3. `assumptions.xlsx`: what marketing and sales expect to change. Drop-downs offer the allowed words, the
   comment on each header says what belongs there, the sheet `examples` shows rows, `help` explains every
   column. Acceptance is written as a role and a date: `head of sales 2026-01-08`.

`alignment check .` lists every problem at once, by file, row and column. More tables (drivers, leads,
targets, decisions and others) are picked up by their names; the data dictionary in the product's
documentation describes them all.
"""


def texts() -> dict[str, str]:
    """The text files of a new workspace by name."""
    return {"planning.toml": _SETTINGS, "README.md": _README, "sales.csv": _sales()}


def _sales() -> str:
    """Three years of monthly sales with trend, season and a small repeatable wobble."""
    lines = ["period,channel,product,units,revenue"]
    levels = {("Shop", 0): 820.0, ("Shop", 1): 460.0, ("Web", 0): 240.0, ("Web", 1): 310.0}
    for month in range(36):
        day = dt.date(2023 + month // 12, month % 12 + 1, 1)
        for (channel, size), level in levels.items():
            growth = 1.0 + (0.012 if channel == "Web" else 0.001) * month
            season = 1.0 + 0.18 * math.cos(2 * math.pi * (month - 11) / 12)
            wobble = 1.0 + 0.04 * math.sin(2.4 * month + 1.7 * size + len(channel))
            units = round(level * growth * season * wobble)
            price = (4.90, 8.90)[size]
            product = DIMENSIONS["product"][size]
            lines.append(f"{day.isoformat()},{channel},{product},{units},{units * price:.2f}")
    return "\n".join(lines) + "\n"


def starting_rows() -> list[dict[str, object]]:
    """The two assumptions with which a new workspace starts: one accepted, one awaiting a decision."""
    return [
        {
            "id": "A1",
            "kind": "promotion",
            "title": "Spring coupon in the web shop",
            "owner": "brand marketing",
            "function": "marketing",
            "start": dt.date(2026, 3, 1),
            "end": dt.date(2026, 3, 31),
            "unit": "percent",
            "low": 5,
            "expected": 15,
            "high": 30,
            "status": "accepted",
            "rationale": "Coupon to all newsletter readers",
            "recorded": dt.date(2025, 12, 10),
            "accepted_marketing": "brand marketing 2025-12-12",
            "accepted_sales": "head of sales 2025-12-15",
            "channel": "Web",
        },
        {
            "id": "A2",
            "kind": "market_shift",
            "title": "More coffee is drunk at home",
            "owner": "market research",
            "function": "marketing",
            "start": dt.date(2026, 1, 1),
            "end": dt.date(2026, 12, 31),
            "unit": "percent",
            "low": -1,
            "expected": 2,
            "high": 5,
            "status": "proposed",
            "rationale": "Household panel of last autumn",
            "recorded": dt.date(2025, 12, 10),
            "ramp": "linear",
        },
    ]


def example_rows(dimensions: Mapping[str, Sequence[str]]) -> list[dict[str, object]]:
    """Rows for the template's examples sheet, with a scope that the business has.

    >>> [row["kind"] for row in example_rows({"brand": ["A"]})]
    ['promotion', 'market_shift', 'new_product', 'price_change', 'one_off', 'budget']
    """
    scope: dict[str, object] = {name: values[0] for name, values in dimensions.items() if values}
    name = next(reversed(scope.values()), "")
    spring = {"start": dt.date(2026, 3, 2), "end": dt.date(2026, 3, 15)}
    year = {"start": dt.date(2026, 1, 1), "end": dt.date(2026, 12, 31)}
    signed = {
        "accepted_marketing": "brand marketing 2026-01-12",
        "accepted_sales": "head of sales 2026-01-14",
    }
    rows = [
        _row("X1", "promotion", "Spring coupon", spring, "percent", (40, 90, 150)) | signed | scope,
        _row("X2", "market_shift", "The market grows", year, "percent", (-1, 2, 4)),
        _row("X3", "new_product", "Larger pack", year, "units", (400, 900, 1500)),
        _row("X4", "price_change", "List price up 4 %", year, "percent", (3, 4, 5)) | scope,
        _row("X5", "one_off", "Order of a trade fair", spring, "revenue", (8000, 10000, 15000)),
        _row("X6", "budget", "More search ads in spring", spring, "spend", (4000, 5000, 5000)),
    ]
    rows[0] |= {"status": "accepted", "mechanic": "coupon", "pull_forward_share": 0.2, "evidence": "study S1"}
    rows[1] |= {"ramp": "linear"}
    rows[2] |= {"ramp": "s-curve", "analog": name, "moves_from": name, "moved_share": 0.3}
    if scope:
        rows[2][next(reversed(scope))] = "Larger pack"
    # With an elasticity the values are percent of price; the volume follows by it.
    rows[3] |= {"elasticity": -1.8, "lever": "price", "function": "sales", "owner": "sales"}
    rows[5] |= {"spend_source": "search ads", "spend_from": "social ads"}
    return rows


def _row(
    name: str,
    kind: str,
    title: str,
    span: Mapping[str, object],
    unit: str,
    values: tuple[float, float, float],
) -> dict[str, object]:
    low, expected, high = values
    return {
        "id": name,
        "kind": kind,
        "title": title,
        "owner": "brand marketing",
        "function": "marketing",
        **span,
        "unit": unit,
        "low": low,
        "expected": expected,
        "high": high,
        "status": "proposed",
        "rationale": "why it should come true",
        "recorded": dt.date(2025, 12, 10),
    }
