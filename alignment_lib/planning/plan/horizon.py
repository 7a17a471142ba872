"""The round's horizon: open periods that are planned, and closed ones in which actuals stand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from alignment_lib.forecasting.forecast import Forecast
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.rounds import Round
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.workspace import Workspace
from alignment_lib.planning.budget.spend_book import SpendBook
from alignment_lib.planning.money.layout import lay_out_money
from alignment_lib.planning.plan.debts import place_debts
from alignment_lib.planning.plan.expected_prices import ExpectedPrices, expect_prices
from alignment_lib.planning.plan.grid import DigitalRates, PlanGrid, add_new_series
from alignment_lib.planning.plan.levels import Levels, Spans, find_levels, find_spans
from alignment_lib.planning.plan.paid_prices import measure_discounts
from alignment_lib.planning.plan.prices import price_grid, regular_prices
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.launch_paths import launch_shares

__all__ = ["Horizon", "lay_out_horizon"]


@dataclass(frozen=True)
class Horizon:
    """Everything the plans of one round share.

    Attributes
    ----------
    grid : PlanGrid
        Open periods, new products included.
    samples : ndarray, shape (draws, known series, open periods)
        Joint draws of the baseline.
    naive : ndarray, shape (series, open periods)
        Seasonal naive forecast.
    closed : ndarray, shape (series, closed periods)
        What was sold in periods of the round that had ended at the as-of date; 0 where nothing was.
    closed_periods : DatetimeIndex
        Their first days.
    levels, spans : Levels, Spans
        Sums reported, over series and over all periods of the horizon.
    notices : tuple of Notice
        How prices were found of which no calendar speaks.
    """

    grid: PlanGrid
    samples: np.ndarray
    naive: np.ndarray
    closed: np.ndarray
    closed_periods: pd.DatetimeIndex
    levels: Levels
    spans: Spans
    notices: tuple[Notice, ...] = ()

    @property
    def labels(self) -> pd.DataFrame:
        """``period`` and dimensions of every cell, closed periods first, series by series."""
        periods = self.closed_periods.append(self.grid.periods)
        rows = np.repeat(np.arange(len(self.grid.keys)), len(periods))
        frame = self.grid.keys.iloc[rows].reset_index(drop=True)
        frame.insert(0, "period", np.tile(periods.to_numpy(), len(self.grid.keys)))
        return frame

    def with_closed(self, values: np.ndarray) -> np.ndarray:
        """Open-period values with the closed periods' actuals before them, shape (series, periods)."""
        return np.hstack([self.closed, values])

    def with_nothing_closed(self, values: np.ndarray) -> np.ndarray:
        """Open-period effects with zeros before them: nothing changes what has been sold."""
        return np.hstack([np.zeros_like(self.closed), values])


def lay_out_horizon(
    workspace: Workspace,
    planned: Round,
    history: History,
    forecast: Forecast,
    register: Sequence[Assumption],
    rates: DigitalRates | None = None,
    owed: pd.DataFrame | None = None,
    spending: SpendBook | None = None,
    lead_types: Collection[str] = (),
) -> Horizon:
    """Lay the forecast out over the round's horizon, with prices and new products.

    Parameters
    ----------
    workspace, planned, history, forecast
        The round's inputs and what was forecast from them.
    register : sequence of Assumption
        Every row that is not rejected may open a series; a draft's stays empty until it is switched on.
    rates : DigitalRates, optional
        Measured by the funnel, for claims counted in visits.
    owed : DataFrame, optional
        What earlier rounds borrowed from these periods; see `collect_debts`.
    spending : SpendBook, optional
        Planned spend and its response, for claims of the kind budget.
    lead_types : collection of str
        Types of sale that leads bring; all where none is named.
    """
    open_periods = planned.horizon[planned.horizon >= forecast.periods[0]]
    closed_periods = planned.horizon[planned.horizon < forecast.periods[0]]
    take = forecast.periods.get_indexer(open_periods)
    columns = workspace.settings.drivers.columns if workspace.settings.drivers else {}
    grid = PlanGrid(
        calendar=workspace.calendar,
        keys=forecast.keys,
        periods=open_periods,
        measure=history.measure,
        baseline=forecast.baseline[:, take],
        driver_effects={name: effect[:, take] for name, effect in forecast.driver_effects.items()},
        driver_kinds={name: column.kind for name, column in columns.items()},
        rates=rates,
    )
    grid, notices = _with_prices(grid, workspace, history)
    grid = replace(grid, launch_shares=launch_shares(register, history, open_periods))
    grid, _ = add_new_series(grid, [row for row in register if row.status != "rejected"])
    if owed is not None:
        grid = replace(grid, owed_before=place_debts(grid, owed)[0])
    grid = replace(grid, money=lay_out_money(workspace, grid.keys, open_periods))
    grid = replace(grid, spending=spending, lead_series=_lead_series(grid, workspace, lead_types))
    new = len(grid.keys) - len(forecast.keys)
    sold = np.nan_to_num(history.values[:, history.periods.get_indexer(closed_periods)])
    return Horizon(
        grid=grid,
        # Open periods follow each other to the end of the forecast: a view, however many series there are.
        samples=forecast.samples[:, :, take[0] :] if len(take) else forecast.samples[:, :, :0],
        naive=np.pad(forecast.naive[:, take], ((0, new), (0, 0))),
        closed=np.pad(sold, ((0, new), (0, 0))),
        closed_periods=closed_periods,
        levels=find_levels(grid.keys),
        spans=find_spans(workspace.calendar, planned.horizon),
        notices=notices,
    )


def _lead_series(grid: PlanGrid, workspace: Workspace, types: Collection[str]) -> np.ndarray | None:
    column = workspace.settings.sales.sale_type
    if not types or column not in grid.keys:
        return None
    found = np.flatnonzero(grid.keys[column].astype(str).isin(list(types)).to_numpy())
    return found if len(found) else None


def _expected(grid: PlanGrid, history: History, listed: np.ndarray | None) -> ExpectedPrices | None:
    """Revenue per unit without promotions expected in every open cell; None where none is known."""
    if listed is None or not len(grid.periods):
        return None
    ahead = history.calendar.count(history.periods[-1], grid.periods[-1])
    found = expect_prices(listed, history.values, ahead, grid.calendar.season)
    return replace(found, values=found.values[:, ahead - len(grid.periods) :])


def _list_logs(grid: PlanGrid, drivers: pd.DataFrame | None, history: History) -> dict[str, np.ndarray]:
    """Departure of the price calendar from the regular price, for a plan that is itself in money."""
    column = next((name for name, kind in grid.driver_kinds.items() if kind == "price"), None)
    regular = regular_prices(grid, drivers, grid.driver_kinds, history.periods)
    stated = price_grid(grid, drivers, grid.driver_kinds, None)
    if column is None or regular is None or stated is None:
        return {}
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(stated) - np.log(regular)[:, None]
    return {column: np.where(np.isfinite(logs), logs, 0.0)}


def _unit_prices(grid: PlanGrid, drivers: pd.DataFrame | None, history: History) -> np.ndarray | None:
    """What a unit of each series fetched over the last year, else what the price calendar names."""
    listed = regular_prices(grid, drivers, grid.driver_kinds, history.periods)
    if history.price is None:
        return listed
    season = grid.calendar.season
    price, money = history.price[:, -season:], history.values[:, -season:]
    sold = np.isfinite(price) & np.isfinite(money) & (money > 0)
    total = np.where(sold, money, 0.0).sum(axis=1)
    units = np.where(sold, money / np.where(sold, price, 1.0), 0.0).sum(axis=1)
    mean = np.divide(total, units, out=np.full(len(total), np.nan), where=units > 0)
    return mean if listed is None else np.where(np.isfinite(mean), mean, listed)


def _with_prices(
    grid: PlanGrid, workspace: Workspace, history: History
) -> tuple[PlanGrid, tuple[Notice, ...]]:
    """The grid with prices, and how those were found of which no calendar speaks."""
    drivers = workspace.tables.get("drivers")
    discounts = measure_discounts(history, drivers, grid.driver_kinds)
    logs = discounts.logs(grid.keys, drivers, grid.periods)
    if grid.measure == "revenue":
        logs |= _list_logs(grid, drivers, history)
        return replace(grid, price_logs=logs, unit_price=_unit_prices(grid, drivers, history)), ()
    # A promotion in the last known week must not be carried on as the price: it comes off first, and
    # the planned promotions go on last.
    listed = None
    if history.price is not None:
        listed = history.price / discounts.paid_share(history.keys, drivers, history.periods)
    expected = _expected(grid, history, listed)
    held = None if expected is None else expected.values
    price = price_grid(grid, drivers, grid.driver_kinds, held)
    share = discounts.paid_share(grid.keys, drivers, grid.periods)
    regular = regular_prices(grid, drivers, grid.driver_kinds, history.periods)
    stated = price_grid(grid, drivers, grid.driver_kinds, None)
    silent = stated is None or not np.isfinite(stated).all()
    notice = expected.notice if expected is not None and silent else None
    priced = replace(
        grid,
        regular_price=None if regular is None else regular * discounts.usual,
        price=None if price is None else price * share,
        last_price=None if held is None else held * share,
        price_logs=logs,
    )
    return priced, () if notice is None else (notice,)
