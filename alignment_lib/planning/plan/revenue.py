"""The plan in money: what volume does and what price does, both under the name of whoever moves them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from alignment_lib.planning.plan.bridge import Block, dense, log_mean, split_logs
from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.plan.plan import Plan, price_change
from alignment_lib.planning.register.claims import Claim

__all__ = ["PRICE", "revenue_blocks"]

PRICE = "price:"
"""Prefix of what a contributor adds by its price alone, beside what it adds by volume."""

_ROUNDING = 1e-12


def revenue_blocks(plan: Plan) -> Iterator[tuple[str, Block]]:
    """From the baseline's revenue to the plan's, contributor by contributor.

    Volume effects are valued at the regular price; what the driver calendar and claims do to the price
    applies to the plan's whole volume, split among them by the log-mean index. The sum is exact. Where the
    plan itself is in money, each contributor's effect is parted into price and volume by the same index.

    Yields
    ------
    name : str
        ``baseline`` (its volume at regular prices), every contributor by volume, and ``price:<name>`` for
        those that change revenue per unit: claims, the price column of the calendar (departures from the
        regular price) and its promotions (what they take off).
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
        yield from _parted(plan)
        return
    if grid.price is None:
        raise ValueError("no price is known, so there is no revenue to explain")
    regular = _regular_prices(grid, grid.price)
    yield "baseline", (every, grid.baseline * regular)
    for name, (rows, effect) in plan.blocks.items():
        yield name, (rows, effect * regular[rows])
    calendar = _calendar_logs(grid, grid.price, regular)
    own = _own_logs(plan)
    handed = _hand_over(plan, calendar, {number: logs == 0 for number, logs in own.items()})
    named = [(name, _rows_of(values)) for name, values in calendar.items() if values.any()]
    for number in sorted({*own, *handed}):
        claim = plan.claims[number]
        both = np.asarray(own.get(number, 0.0) + handed.get(number, 0.0))
        named.append((claim.row.id, (claim.series, both)))
    if named:
        _, parts = split_logs(plan.plan * regular, [block for _, block in named])
        for (name, (rows, _)), part in zip(named, parts, strict=True):
            yield PRICE + name, (rows, part)


def _hand_over(
    plan: Plan, logs: dict[str, np.ndarray], free: Mapping[int, np.ndarray]
) -> dict[int, np.ndarray]:
    """Take from the calendar's logarithms of price, in place, what claims state of them.

    On its share of days a claim has the price of the drivers whose whole effect it states; claims that
    state the same one share it equally, as they share the driver's volume.

    Parameters
    ----------
    plan : Plan
    logs : dict of str to ndarray, shape (series, periods)
        By driver; what is handed over is taken off.
    free : mapping of int to ndarray, shape (rows, periods)
        By the number of a claim that states a price of its own, where it does not: there the calendar's is
        what it speaks of.

    Returns
    -------
    dict of int to ndarray, shape (rows, periods)
        What each claim is handed, by its number; those that are handed nothing are left out.
    """
    handed: dict[int, np.ndarray] = {}
    for column, values in logs.items():
        told = [
            (number, claim)
            for number, claim in enumerate(plan.claims)
            if column.removeprefix("driver:") in claim.covers
        ]
        count = np.zeros(values.shape)
        for number, claim in told:
            count[claim.series] += (claim.cover > 0) & free.get(number, True)
        whole = np.where(np.isfinite(values), values, 0.0) / np.maximum(count, 1.0)
        for number, claim in told:
            theirs = whole[claim.series] * claim.cover * free.get(number, True)
            values[claim.series] -= theirs
            if theirs.any():
                handed[number] = handed.get(number, 0.0) + theirs
        values[np.abs(values) <= _ROUNDING] = 0.0
    return handed


def _regular_prices(grid: PlanGrid, price: np.ndarray) -> np.ndarray:
    """The price without a deal, shape (series, periods); the calendar's own where none is known."""
    if grid.regular_price is None:
        return price
    known = np.isfinite(grid.regular_price)[:, None] & np.isfinite(price)
    return np.where(known, grid.regular_price[:, None], price)


def _calendar_logs(grid: PlanGrid, price: np.ndarray, regular: np.ndarray) -> dict[str, np.ndarray]:
    """What the calendar does to the price: its promotions as measured, its price column the rest."""
    if grid.regular_price is None:
        return {}
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = np.nan_to_num(np.log(price) - np.log(regular), nan=0.0, posinf=0.0, neginf=-np.inf)
    column = next((name for name, kind in grid.driver_kinds.items() if kind == "price"), "price")
    known = np.isfinite(price) & np.isfinite(grid.regular_price)[:, None]
    logs: dict[str, np.ndarray] = {}
    for name, values in grid.price_logs.items():
        logs[name] = np.where(known, values, 0.0)
        rest = rest - logs[name]
    logs[column] = np.where(np.abs(rest) > _ROUNDING, rest, 0.0)
    return {f"driver:{name}": values for name, values in sorted(logs.items()) if values.any()}


def _rows_of(values: np.ndarray) -> Block:
    rows = np.flatnonzero(values.any(axis=1))
    return rows, values[rows]


def _own_logs(plan: Plan) -> dict[int, np.ndarray]:
    """Logarithms of what claims themselves do to revenue per unit, by number, shape (rows, periods)."""
    found: dict[int, np.ndarray] = {}
    for number, claim in enumerate(plan.claims):
        change = price_change(plan.grid, claim, plan.values[claim.row.id])
        if change is not None:
            found[number] = _as_log(change, (len(claim.series), plan.plan.shape[1]))
    return found


def _as_log(change: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.asarray(np.broadcast_to(np.log(np.maximum(1.0 + change, 0.0)), shape))


def _parted(plan: Plan) -> Iterator[tuple[str, Block]]:
    """Each contributor of a plan in money by volume, then by price.

    With weight L(product of all factors, baseline) a factor p of price adds L ln p; what is left of the
    contributor's effect, moves included, is volume. A claim that states the whole effect of a driver has
    the calendar's price too, and what it says beyond it.
    """
    grid = plan.grid
    weight = log_mean(plan.own.product, grid.baseline)
    logs = {
        f"driver:{name}": values.copy()
        for name, values in grid.price_logs.items()
        if values.any() and f"driver:{name}" in plan.blocks
    }
    handed = _hand_over(plan, logs, {})
    parts = {name: weight * values for name, values in logs.items()}
    for number, claim in enumerate(plan.claims):
        change = None if claim.form != "factor" else price_change(grid, claim, plan.values[claim.row.id])
        if change is None and number not in handed:
            continue
        rows, shape = claim.series, (len(claim.series), plan.plan.shape[1])
        beyond = np.zeros(shape) if change is None else _as_log(change, shape) - _covered(grid, claim)
        price = np.where(np.isfinite(beyond), beyond, 0.0) + handed.get(number, 0.0)
        added = dense((rows, weight[rows] * price), weight.shape)
        parts[claim.row.id] = parts.get(claim.row.id, 0.0) + added
    for name, block in plan.blocks.items():
        price = parts.get(name)
        if price is None or not price.any():
            yield name, block
            continue
        volume = dense(block, weight.shape) - price
        yield name, _rows_of(volume)
        yield PRICE + name, _rows_of(price)


def _covered(grid: PlanGrid, claim: Claim) -> np.ndarray:
    """What the calendar already does to the price in the cells whose whole effect a claim states."""
    logs = sum(
        (grid.price_logs[name][claim.series] for name in claim.covers if name in grid.price_logs),
        np.zeros((1, 1)),
    )
    return np.asarray(logs * claim.cover)
