"""What customers pay: the list price of the calendar, less what promotions were measured to take off it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.drivers.panel import grid_drivers
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.written_numbers import Said
from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.register.assumptions import ASSUMED_DEPTH, Assumption
from alignment_lib.planning.register.driver_cover import named_drivers

__all__ = ["Discounts", "fill_depths", "measure_discounts", "note_prices"]

_FEWEST = 8
_NOTHING = 0.02
_WHOLE = 0.1
_LEAST_PAID = 0.05


@dataclass(frozen=True)
class Discounts:
    """How the price paid departs from the price of the calendar.

    Attributes
    ----------
    usual : float
        Paid over listed where nothing is promoted.
    off : dict of str to float
        Share of the price that one unit of a promotion driver takes off; only drivers that do.
    cells : int
        Promoted cells it was measured on.
    depths : dict of str to float
        Share of the price that each of these usually took off: at its usual strength.
    """

    usual: float = 1.0
    off: Mapping[str, float] = field(default_factory=dict)
    cells: int = 0
    depths: Mapping[str, float] = field(default_factory=dict)

    def paid_share(
        self, keys: pd.DataFrame, drivers: pd.DataFrame | None, periods: pd.DatetimeIndex
    ) -> np.ndarray:
        """Price paid over listed, shape (series, periods)."""
        if drivers is None or not self.off:
            return np.full((len(keys), len(periods)), self.usual)
        values, _ = grid_drivers(keys, drivers, list(self.off), periods)
        return self.paid_of(values)

    def paid_of(self, values: Mapping[str, np.ndarray]) -> np.ndarray:
        """The same from promotions already on the grid, shape (series, periods) by column."""
        share = np.full_like(next(iter(values.values())), self.usual, dtype=float)
        for name, off in self.off.items():
            share = share * np.clip(1 - off * np.nan_to_num(values[name]), _LEAST_PAID, None)
        return share

    def logs(
        self, keys: pd.DataFrame, drivers: pd.DataFrame | None, periods: pd.DatetimeIndex
    ) -> dict[str, np.ndarray]:
        """Logarithm of what each promotion driver takes off the price, shape (series, periods) each."""
        if drivers is None or not self.off:
            return {}
        return self.logs_of(grid_drivers(keys, drivers, list(self.off), periods)[0])

    def logs_of(self, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The same for drivers laid out already, by column."""
        kept = {
            name: np.clip(1 - off * np.nan_to_num(values[name]), _LEAST_PAID, None)
            for name, off in self.off.items()
        }
        return {name: np.log(share) for name, share in kept.items()}


def measure_discounts(history: History, drivers: pd.DataFrame | None, kinds: Mapping[str, str]) -> Discounts:
    """Whether the calendar's price is what customers paid, measured from revenue per unit.

    For each promotion driver, where it is on alone: the median of what was taken off the listed price
    per unit of the driver. A driver that holds the depth of a cut from the list price shows 1; one beside a
    price already in force shows 0. Under 2 % counts as nothing, within 10 % of 1 as the whole depth.

    Parameters
    ----------
    history : History
        With `price`, the revenue per unit; without it nothing can be told, and the calendar's price stands.
    drivers : DataFrame or None
    kinds : mapping of str to {"price", "promotion", "market"}
    """
    column = next((name for name, kind in kinds.items() if kind == "price"), None)
    promotions = [name for name, kind in kinds.items() if kind == "promotion"]
    if drivers is None or column is None or history.price is None:
        return Discounts()
    values, _ = grid_drivers(history.keys, drivers, [column, *promotions], history.periods)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = history.price / values[column]
    known = np.isfinite(ratio) & (ratio > 0)
    strength = {name: np.abs(np.nan_to_num(values[name])) for name in promotions}
    on = sum((part > 0 for part in strength.values()), np.zeros(ratio.shape, dtype=int))
    quiet = known & (on == 0)
    usual = float(np.median(ratio[quiet])) if quiet.sum() >= _FEWEST else 1.0
    off, depths, cells = {}, {}, 0
    for name, part in strength.items():
        alone = known & (on == 1) & (part > 0)
        if alone.sum() < _FEWEST:
            continue
        taken = float(np.median((1 - ratio[alone] / usual) / part[alone]))
        if taken * float(np.median(part[alone])) >= _NOTHING:
            off[name] = 1.0 if abs(taken - 1) < _WHOLE else taken
            depths[name] = min(off[name] * float(np.median(part[alone])), 1.0 - _LEAST_PAID)
            cells += int(alone.sum())
    return Discounts(usual if abs(usual - 1) >= _NOTHING else 1.0, off, cells, depths)


def fill_depths(
    register: Sequence[Assumption], discounts: Discounts, grid: PlanGrid
) -> tuple[tuple[Assumption, ...], list[Notice]]:
    """The register with a usual depth where a promotion states none though its mechanic cuts the price.

    Without it such a promotion would be planned at the list price: its volume as claimed, its revenue too
    high. The depth is what the mechanic was measured to take off at its usual strength; in periods in which
    the price calendar holds a cut already it changes nothing (see `price_change`).

    Parameters
    ----------
    register : sequence of Assumption
        As read.
    discounts : Discounts
        As measured.
    grid : PlanGrid
        Gives the kind of every driver, and whether there are prices to plan with.

    Returns
    -------
    register : tuple of Assumption
    notices : list of Notice
        One a claim: the depth taken, and from where.
    """
    if grid.measure == "revenue" or grid.price is None or not discounts.depths:
        return tuple(register), []
    result, notices = [], []
    for row in register:
        drivers = named_drivers(row, grid.driver_kinds) if row.kind == "promotion" and not row.depth else ()
        cutting = [name for name in drivers if name in discounts.depths]
        if not cutting:
            result.append(row)
            continue
        depth = 1.0 - float(np.prod([1.0 - discounts.depths[name] for name in cutting]))
        named = " and ".join(map(repr, cutting))
        text = (
            f"{row.id} states no depth, and {named} took {Said(depth):.0%} off the price where it was on: "
            "as much is taken off here, but where the calendar holds the cut already"
        )
        notices.append(Notice("depth_assumed", text, 1))
        result.append(replace(row, fields={**row.fields, ASSUMED_DEPTH: depth}))
    return tuple(result), notices


def note_prices(grid: PlanGrid, discounts: Discounts) -> list[Notice]:
    """What was assumed of prices: discounts taken off the calendar, and series without any price."""
    notices = []
    for name, off in discounts.off.items():
        much = "its depth came off" if off == 1.0 else f"{off:.3g} per unit came off"
        text = (
            f"Customers paid less than the listed price where {name!r} was on ({much}): planned revenue is "
            "at the price paid, not at the list price."
        )
        notices.append(Notice("price_paid", text, discounts.cells))
    if discounts.usual != 1.0:
        text = (
            f"Revenue per unit was {discounts.usual:.2f} times the listed price outside promotions; planned "
            "revenue follows that."
        )
        notices.append(Notice("price_usual", text, 1))
    if grid.measure == "revenue" or grid.price is None:
        return notices
    sells = (np.abs(grid.baseline) > 0).any(axis=1)
    gaps = int((sells & ~np.isfinite(grid.price).all(axis=1)).sum())
    if gaps:
        text = (
            f"{gaps} of {len(grid.keys)} series have no price in some or all periods: they are planned in "
            "units, and money totals leave those periods out."
        )
        notices.append(Notice("price_gaps", text, gaps))
    return notices
