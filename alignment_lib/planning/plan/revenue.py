"""The plan in money: what volume does and what price does, kept apart."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from alignment_lib.planning.plan.bridge import Block, split_logs
from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.plan.plan import Plan, price_change

__all__ = ["CALENDAR_PRICE", "PRICE", "revenue_blocks"]

PRICE = "price:"
"""Prefix of what a claim adds by its price alone, beside what it adds by volume."""

CALENDAR_PRICE = PRICE + "calendar"
"""What the price calendar adds by departing from the regular price: changes of list, and cuts as paid."""


def revenue_blocks(plan: Plan) -> Iterator[tuple[str, Block]]:
    """From the baseline's revenue to the plan's, contributor by contributor.

    Volume effects are valued at the regular price; what the price calendar and claims do to the price
    applies to the plan's whole volume, split among them by the log-mean index. The sum is exact.

    Yields
    ------
    name : str
        ``baseline`` (its volume at regular prices), every contributor by volume, ``price:calendar`` and
        ``price:<id>`` for claims that change revenue per unit.
    block : (rows, values)
        Series concerned and money, shape (rows, periods). Cells without a known price are NaN.

    Raises
    ------
    ValueError
        Where no price is known at all.
    """
    grid = plan.grid
    every = np.arange(len(grid.keys))
    if grid.measure == "revenue":
        yield "baseline", (every, grid.baseline)
        yield from plan.blocks.items()
        return
    if grid.price is None:
        raise ValueError("no price is known, so there is no revenue to explain")
    regular = _regular_prices(grid, grid.price)
    yield "baseline", (every, grid.baseline * regular)
    for name, (rows, effect) in plan.blocks.items():
        yield name, (rows, effect * regular[rows])
    names, logs = _price_logs(plan, grid.price, regular)
    if logs:
        _, parts = split_logs(plan.plan * regular, logs)
        for name, (rows, _), part in zip(names, logs, parts, strict=True):
            yield name, (rows, part)


def _regular_prices(grid: PlanGrid, price: np.ndarray) -> np.ndarray:
    """The price without a deal, shape (series, periods); the calendar's own where none is known."""
    if grid.regular_price is None:
        return price
    known = np.isfinite(grid.regular_price)[:, None] & np.isfinite(price)
    return np.where(known, grid.regular_price[:, None], price)


def _price_logs(plan: Plan, price: np.ndarray, regular: np.ndarray) -> tuple[list[str], list[Block]]:
    """Logarithms of what the calendar and every claim do to revenue per unit; NaN prices do nothing."""
    names: list[str] = []
    logs: list[Block] = []
    with np.errstate(divide="ignore", invalid="ignore"):
        calendar = np.nan_to_num(np.log(price) - np.log(regular), nan=0.0, posinf=0.0, neginf=-np.inf)
        rows = np.flatnonzero((calendar != 0).any(axis=1))
        if len(rows):
            names.append(CALENDAR_PRICE)
            logs.append((rows, calendar[rows]))
        for claim in plan.claims:
            change = price_change(plan.grid, claim, plan.values[claim.row.id])
            if change is not None:
                shape = (len(claim.series), price.shape[1])
                logs.append((claim.series, np.broadcast_to(np.log(np.maximum(1.0 + change, 0.0)), shape)))
                names.append(PRICE + claim.row.id)
    return names, logs
