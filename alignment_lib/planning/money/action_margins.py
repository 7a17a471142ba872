"""What one of the plan's measure leaves, cell by cell: at the usual price, and at that of an action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.drivers.panel import grid_drivers
from alignment_lib.forecasting.effects.drivers.references import regular_price
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.workspace import Workspace
from alignment_lib.planning.money.costs import Costs, lay_out_costs
from alignment_lib.planning.money.plan_money import spread_runs
from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.plan.paid_prices import Discounts
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.timing import period_weights

__all__ = ["CellMargins", "Paid", "past_margins", "planned_margins"]

_DIP = 0.99
"""A price below this share of the regular one is a deal."""


@dataclass(frozen=True)
class Paid:
    """Our funding of one action.

    Attributes
    ----------
    per_unit : ndarray, shape (rows, periods of the action)
    mean_per_unit : float
        Its mean, weighted by sales.
    lump : float
        Once.
    """

    per_unit: np.ndarray
    mean_per_unit: float
    lump: float


@dataclass(frozen=True)
class CellMargins:
    """Prices and costs of cells, past or planned.

    Attributes
    ----------
    keys : DataFrame, shape (series, dimensions)
    periods : DatetimeIndex
    is_money : bool
        Whether the measure is money.
    price : ndarray, shape (series, periods)
        What customers pay for a unit; NaN where not known.
    usual : mapping of str to ndarray, shape (series, periods)
        By driver: what they would pay without it.
    costs : Costs
    values : mapping of str to ndarray, shape (series, periods)
        The promotions of the calendar.
    dips : ndarray of bool, shape (series, periods)
        Where the price column itself holds a deal.
    sizes : ndarray, shape (series, periods)
        Sales that cells are weighed by.
    calendar_of : callable
        Share of each period's days in a claim's dates.
    """

    keys: pd.DataFrame
    periods: pd.DatetimeIndex
    is_money: bool
    price: np.ndarray
    usual: Mapping[str, np.ndarray]
    costs: Costs
    values: Mapping[str, np.ndarray]
    dips: np.ndarray
    sizes: np.ndarray
    workspace: Workspace = field(repr=False)

    def rows_of(self, scope: Mapping[str, str], driver: str, window: slice) -> np.ndarray:
        """Series of a scope on which a driver was on; all of the scope where that is not known."""
        inside = np.ones(len(self.keys), dtype=bool)
        for name, value in scope.items():
            inside &= (self.keys[name].astype(str) == value).to_numpy()
        on = self.values[driver] > 0 if driver in self.values else self.dips
        found = np.flatnonzero(inside & on[:, window].any(axis=1))
        return found if len(found) else np.flatnonzero(inside)

    def strength(self, driver: str, rows: np.ndarray, window: slice) -> float:
        """Mean strength of a driver where it is on; 0 where it is not."""
        if driver not in self.values:
            return 0.0
        found = self.values[driver][rows, window]
        return float(found[found > 0].mean()) if (found > 0).any() else 0.0

    def paid(self, driver: str, claim: Assumption | None, rows: np.ndarray, window: slice) -> Paid:
        """Our funding of an action: what pays for its driver, and for the claim that speaks of it."""
        shape = (len(rows), window.stop - window.start)
        per_unit, lump = np.zeros(shape), 0.0
        for one in (one for one in self.costs.funding if one.is_ours):
            amount = one.amount[rows, window]
            if claim is not None and one.pays_for == claim.id:
                cover = self._cover(claim)[window]
                per_unit += amount * cover if one.per_unit else 0.0
                lump += 0.0 if one.per_unit else float(amount.max(initial=0.0))
            elif one.pays_for == driver:
                on = self.values[driver] > 0
                per_unit += amount * on[rows, window] if one.per_unit else 0.0
                if not one.per_unit:
                    shares = spread_runs(on & (one.amount > 0), self.sizes)
                    lump += float((shares[rows, window] * amount).sum())
        size = self._weights(rows, window)
        return Paid(per_unit, float((per_unit * size).sum()), lump)

    def means(
        self,
        rows: np.ndarray,
        window: slice,
        driver: str,
        funding: np.ndarray,
        claim: Assumption | None = None,
    ) -> tuple[float, float, float]:
        """What one leaves at the usual price, at the action's, and what one of the other products does."""
        price, cost = self.price[rows, window], self.costs.unit_cost[rows, window]
        usual = self.usual.get(driver, self.price)[rows, window]
        if claim is not None and claim.depth_paid and not (price < _DIP * usual).any():
            price = usual * (1.0 - claim.depth_paid)
        size = self._weights(rows, window)
        found = [self._leaves(usual, cost), self._leaves(price, cost + funding)]
        others = np.setdiff1d(np.arange(len(self.keys)), rows)
        left = self._leaves(self.price[others, window], self.costs.unit_cost[others, window])
        beside = self.sizes[others, window] * np.isfinite(left)
        other = float((np.nan_to_num(left) * beside).sum() / beside.sum()) if beside.sum() > 0 else 0.0
        means = [float((part * size)[size > 0].sum()) for part in found]
        return means[0], means[1], other

    def _leaves(self, price: np.ndarray, cost: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(1.0 - cost / price if self.is_money else price - cost)

    def _weights(self, rows: np.ndarray, window: slice) -> np.ndarray:
        size = self.sizes[rows, window]
        size = size if size.sum() > 0 else np.ones(size.shape)
        return np.asarray(size / size.sum()) if size.size else size

    def _cover(self, claim: Assumption) -> np.ndarray:
        return period_weights(self.workspace.calendar, self.periods, claim.start, claim.end, "step")


def past_margins(
    workspace: Workspace, history: History, sizes: np.ndarray, discounts: Discounts
) -> CellMargins:
    """Margins of what was sold.

    Parameters
    ----------
    workspace, history
        The round's inputs.
    sizes : ndarray, shape (series, periods)
        Sales that cells are weighed by.
    discounts : Discounts
        What promotions were measured to take off the price.
    """
    price = np.full(history.values.shape, np.nan) if history.price is None else history.price
    price = pd.DataFrame(price.T).ffill().bfill().to_numpy().T
    return _margins(workspace, history.keys, history.periods, history.measure, price, sizes, discounts)


def planned_margins(workspace: Workspace, grid: PlanGrid, discounts: Discounts) -> CellMargins:
    """Margins of what is planned."""
    price = grid.price
    if grid.measure == "revenue":
        logs = sum(grid.price_logs.values(), np.zeros(grid.baseline.shape))
        price = None if grid.unit_price is None else grid.unit_price[:, None] * np.exp(logs)
    price = np.full(grid.baseline.shape, np.nan) if price is None else price
    sizes = np.maximum(grid.baseline, 0.0)
    return _margins(workspace, grid.keys, grid.periods, grid.measure, price, sizes, discounts)


def _margins(
    workspace: Workspace,
    keys: pd.DataFrame,
    periods: pd.DatetimeIndex,
    measure: str,
    price: np.ndarray,
    sizes: np.ndarray,
    discounts: Discounts,
) -> CellMargins:
    """With the price calendar's own deals: what is below the regular price there is a deal."""
    kinds = {name: column.kind for name, column in workspace.settings.drivers_by_name.items()}
    drivers = workspace.tables.get("drivers")
    names = [name for name, kind in kinds.items() if kind == "promotion"]
    column = next((name for name, kind in kinds.items() if kind == "price"), None)
    wanted = [*names, *([column] if column else [])]
    found = {} if drivers is None or not wanted else grid_drivers(keys, drivers, wanted, periods)[0]
    values = {name: np.abs(np.nan_to_num(found[name])) for name in names if name in found}
    dips, ratio = np.zeros(price.shape, dtype=bool), np.ones(price.shape)
    if column in found:
        dips, ratio = _deals(found[column], workspace.calendar.season)
    usual = {}
    for name, strength in values.items():
        off = np.clip(1.0 - discounts.off.get(name, 0.0) * strength, 0.05, None)
        usual[name] = price / off * np.where(dips & (strength > 0), ratio, 1.0)
    if column:
        usual[column] = price * ratio
    costs = lay_out_costs(
        workspace.tables["costs"], keys, periods, workspace.calendar, workspace.settings.profit
    )
    return CellMargins(
        keys, periods, measure == "revenue", price, usual, costs, values, dips, sizes, workspace
    )


def _deals(listed: np.ndarray, season: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the list price is a deal, and what it is divided by to be the regular one."""
    filled = pd.DataFrame(np.where(listed > 0, listed, np.nan).T).ffill().bfill().to_numpy().T
    known = np.isfinite(filled).all(axis=1)
    regular = np.array(filled)
    if known.any():
        regular[known] = regular_price(np.ascontiguousarray(filled[known]), season)
    with np.errstate(invalid="ignore"):
        dips = np.asarray(filled < _DIP * regular)
        return dips, np.where(dips, regular / filled, 1.0)
