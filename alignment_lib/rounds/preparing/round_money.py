"""Use case: what a round knows of money: costs, spend, what was sold, targets, and what is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.rounds import Round
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.workspace import Workspace
from alignment_lib.planning.money.book import MoneyBook
from alignment_lib.planning.money.costs import name_unknown
from alignment_lib.planning.money.earned import cost_of_sold
from alignment_lib.planning.money.layout import lay_out_money
from alignment_lib.planning.money.price_paths import measure_price_paths
from alignment_lib.planning.odds.targets import targets_by_measure
from alignment_lib.planning.plan.horizon import Horizon
from alignment_lib.planning.plan.paid_prices import Discounts
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.rounds.preparing.customer_rates import customer_rates
from alignment_lib.rounds.preparing.planned_spend import plan_spend

__all__ = ["drawn_measures", "keep_book", "money_of_sold", "spend_by_period"]

_MOST_NAMED = 5


def drawn_measures(workspace: Workspace, horizon: Horizon) -> tuple[str, ...]:
    """Measures in money that can be told of a round's plans, whether anybody asks for them or not."""
    grid = horizon.grid
    if grid.measure != "revenue" and grid.price is None:
        return ()
    if grid.money is None or not np.isfinite(grid.money.costs.unit_cost).any():
        return ("revenue",)
    spends = len(workspace.table("spend")) or len(workspace.tables.get("planned_spend", ()))
    return ("revenue", "margin", "profit") if spends else ("revenue", "margin")


def keep_book(
    workspace: Workspace,
    planned: Round,
    history: History,
    horizon: Horizon,
    discounts: Discounts,
    register: tuple[Assumption, ...],
) -> tuple[MoneyBook | None, list[Notice]]:
    """What stands beside every plan; None where nobody gave a cost or asks for a target in money.

    Returns
    -------
    book : MoneyBook or None
    notices : list of Notice
        What is not known, and what that leaves out.
    """
    measures = drawn_measures(workspace, horizon)
    targets = targets_by_measure(workspace.tables.get("targets"), workspace.dimensions)
    rates, told = customer_rates(workspace, planned, horizon.grid) if measures else (None, [])
    counted = rates.measures if rates is not None else ()
    targets = targets[targets["measure"].isin([*measures, *counted])]
    if horizon.grid.measure == "revenue":
        targets = targets[targets["measure"] != "revenue"]
    has_costs = len(workspace.table("costs")) > 0
    if not measures or not (has_costs or len(targets)):
        return None, _say_none(has_costs=has_costs)
    kinds = horizon.grid.driver_kinds
    prices = measure_price_paths(horizon.grid, history, workspace.tables.get("drivers"), kinds, discounts)
    spend, said = spend_by_period(workspace, horizon)
    notices = [*(_say_costs(horizon) + said if has_costs else []), *told]
    share = workspace.settings.profit.overhead_share
    closed = money_of_sold(
        workspace, history, horizon.grid.keys, horizon.closed_periods, horizon.closed, register
    )
    targets = targets.reset_index(drop=True)
    return MoneyBook(measures, closed, spend, share, targets, prices, planned.cycle, rates), notices


def _say_none(*, has_costs: bool) -> list[Notice]:
    if not has_costs:
        return []
    text = "Costs are given but no price is known: there is no revenue, margin or profit to tell."
    return [Notice("costs_without_price", text, 1)]


def money_of_sold(
    workspace: Workspace,
    history: History,
    keys: pd.DataFrame,
    periods: pd.DatetimeIndex,
    sold: np.ndarray,
    register: tuple[Assumption, ...],
) -> dict[str, np.ndarray]:
    """``revenue, cost, funding`` of what was sold, shape (series, periods) each; NaN where not known.

    Parameters
    ----------
    workspace, history
        Costs, and prices; the history's series come first among the keys.
    keys, periods, sold
        Series, known periods, and what was sold of them in the plan's measure.
    register : tuple of Assumption
        Whose accepted rows were funded.
    """
    shape = sold.shape
    empty = {name: np.full(shape, np.nan) for name in ("revenue", "cost", "funding")}
    if not len(periods):
        return empty
    price = np.full(shape, np.nan)
    if history.price is not None:
        price[: len(history.keys)] = history.price[:, history.periods.get_indexer(periods)]
    in_money = history.measure == "revenue"
    with np.errstate(divide="ignore", invalid="ignore"):
        units = np.where(sold == 0, 0.0, sold / price) if in_money else sold
        revenue = sold if in_money else np.where(sold == 0, 0.0, sold * price)
    grid = lay_out_money(workspace, keys, periods)
    if grid is None:
        return {**empty, "revenue": revenue}
    cost, funding = cost_of_sold(grid, keys, periods, workspace.calendar, units, register)
    return {"revenue": revenue, "cost": cost, "funding": funding}


def spend_by_period(workspace: Workspace, horizon: Horizon) -> tuple[np.ndarray | None, list[Notice]]:
    """Marketing spend of every period of the horizon; None where the workspace has no spend table."""
    periods = pd.DatetimeIndex(horizon.closed_periods.append(horizon.grid.periods))
    found = plan_spend(workspace, periods)
    if found is None:
        text = (
            "Profit after marketing is not told: there is no spend table. Margin is: revenue less unit costs "
            "and promotion funding."
        )
        return None, [Notice("no_spend", text, 1)]
    currency = workspace.settings.business.currency
    return found.planned.sum(axis=1).to_numpy(), found.notices(workspace.calendar, currency)


def _say_costs(horizon: Horizon) -> list[Notice]:
    """Products without a cost, and those that cost more than they fetch."""
    grid = horizon.grid
    if grid.money is None:
        return []
    cost, notices = grid.money.costs.unit_cost, []
    sells = (np.abs(grid.baseline) > 0).any(axis=1)
    unknown = sells & ~np.isfinite(cost).all(axis=1)
    if unknown.any():
        named = name_unknown(grid.keys[sells], unknown[sells])
        more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
        text = (
            f"{int(unknown.sum())} of {int(sells.sum())} series have no cost in some or all periods "
            f"({', '.join(named[:_MOST_NAMED])}{more}): margin and profit are told without them, revenue is "
            "not."
        )
        notices.append(Notice("costs_missing", text, int(unknown.sum())))
    price = grid.price if grid.measure == "units" else None
    if price is not None:
        with np.errstate(invalid="ignore"):
            above = sells & (cost > price).any(axis=1)
        if above.any():
            named = name_unknown(grid.keys[sells], above[sells])
            more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
            text = (
                f"{int(above.sum())} series cost more than they fetch in some or all periods "
                f"({', '.join(named[:_MOST_NAMED])}{more}): taken as given, each sale of them is a loss."
            )
            notices.append(Notice("cost_above_price", text, int(above.sum())))
    return notices
