"""The tables of money a round leaves: every plan cell by cell, its odds in every measure, its bridge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from alignment_lib.planning.money.book import MoneyBook, MoneyCells, money_cells, money_levels, spend_shares
from alignment_lib.planning.money.customers import CustomerRates, count_customers, dearer_mix, part_customers
from alignment_lib.planning.money.plan_money import PlanMoney, plan_money
from alignment_lib.planning.odds.money_draws import MoneyDraws, draw_money
from alignment_lib.planning.odds.quantiles import row_quantiles
from alignment_lib.planning.odds.simulation import QUANTILES
from alignment_lib.planning.plan.horizon import Horizon
from alignment_lib.planning.plan.levels import Levels
from alignment_lib.planning.plan.plan import Plan

__all__ = ["PlannedMoney", "money_odds", "money_rows", "plan_in_money"]


@dataclass(frozen=True)
class PlannedMoney:
    """One plan in money, with its draws.

    Attributes
    ----------
    money : PlanMoney
    cells : MoneyCells
        Closed and open periods.
    draws : dict of str to ndarray, shape (levels, spans, draws)
        By measure, closed periods included.
    plans : dict of str to ndarray, shape (levels, spans)
        The plan itself, by measure; NaN where a measure is not told.
    levels : Levels
        What the draws are summed over.
    """

    money: PlanMoney
    cells: MoneyCells
    draws: Mapping[str, np.ndarray]
    plans: Mapping[str, np.ndarray]
    levels: Levels


def plan_in_money(
    plan: Plan, horizon: Horizon, book: MoneyBook, values: Mapping[str, np.ndarray], draws: int, seed: int
) -> PlannedMoney:
    """A plan in money and its draws.

    Parameters
    ----------
    plan, horizon
        The plan and where it stands.
    book : MoneyBook
        What stands beside every plan.
    values, draws, seed
        As the plan's odds are drawn.
    """
    money, levels = plan_money(plan), money_levels(horizon.levels, book.targets)
    cells = money_cells(money, book)
    parts = _parts(levels, book.customers)
    every = levels if book.customers is None else _with_new(levels, horizon, book.customers, parts)
    over = horizon.spans.matrix
    closed = over.shape[1] - plan.plan.shape[1]
    found = draw_money(
        plan,
        money,
        horizon.samples,
        values,
        every.matrix,
        over[:, closed:],
        draws,
        book.prices,
        seed,
    )
    drawn = _measures(found, cells, every, over, closed, book)
    if "profit" in drawn:
        drawn["profit"] -= _drawn_shifts(plan, values, cells, every, over[:, closed:], found.cost.shape[2])
    plans = {name: _sum(getattr(cells, name), every, over) for name in book.measures}
    if book.customers is not None:
        told, said = _customers(drawn["revenue"], plans["revenue"], book, horizon, seed, parts)
        own = len(levels.keys)
        drawn = {name: draws[:own] for name, draws in drawn.items()} | told
        plans = {name: sums[:own] for name, sums in plans.items()} | said
    return PlannedMoney(money, cells, drawn, plans, levels)


def _parts(levels: Levels, rates: CustomerRates | None) -> list[tuple[int, str, str]]:
    """Levels of one value of a dimension that customers are known by: row, dimension, value."""
    if rates is None:
        return []
    single = (levels.keys != "").sum(axis=1).to_numpy() == 1
    return [
        (int(at), name, str(levels.keys[name].iloc[at]))
        for name in levels.keys.columns
        if name in rates.by
        for at in np.flatnonzero(single & (levels.keys[name] != "").to_numpy())
    ]


def _with_new(
    levels: Levels, horizon: Horizon, rates: CustomerRates, parts: list[tuple[int, str, str]]
) -> Levels:
    """The levels and, after them, the sales of new customers: of all, then of the parts."""
    keys = horizon.grid.keys
    types = keys[rates.column].astype(str).isin(rates.types).to_numpy(dtype=float)
    rows = [types, *(types * (keys[name].astype(str) == value).to_numpy() for _, name, value in parts)]
    matrix = sparse.vstack([levels.matrix, sparse.csr_matrix(np.array(rows))]).tocsr()
    return Levels(levels.keys, matrix)


def _customers(
    drawn: np.ndarray,
    planned: np.ndarray,
    book: MoneyBook,
    horizon: Horizon,
    seed: int,
    parts: list[tuple[int, str, str]],
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Customers in draws and in the plan: of all sales, and new ones of parts that they are known by."""
    spans, cycle, rates = horizon.spans.table, book.cycle, book.customers
    if rates is None:
        return {}, {}
    levels = len(planned) - 1 - len(parts)
    places, names = [at for at, _, _ in parts], [(name, value) for _, name, value in parts]

    def count(money: np.ndarray, seed: int | None) -> dict[str, np.ndarray]:
        new, of_parts = money[levels], money[levels + 1 :]
        result = {}
        usual = new / dearer_mix(of_parts, names, rates)
        for name, counts in count_customers(usual, money[0] - new, rates, spans, cycle, seed).items():
            result[name] = np.full((levels, *counts.shape), np.nan)
            result[name][0] = counts
            if name == "new_customers" and parts:
                result[name][places] = part_customers(counts, of_parts, names, rates)
        return result

    said = count(planned[:, :, None], None)
    return count(drawn, seed), {name: counts[:, :, 0] for name, counts in said.items()}


def _measures(
    found: MoneyDraws, cells: MoneyCells, levels: Levels, over: np.ndarray, closed: int, book: MoneyBook
) -> dict[str, np.ndarray]:
    def sold(amounts: np.ndarray) -> np.ndarray:
        return _sum(amounts[:, :closed], levels, over[:, :closed])[:, :, None]

    known = np.where(np.isfinite(cells.margin), cells.revenue, np.nan)
    result = {"revenue": found.revenue + sold(cells.revenue)}
    if "margin" in book.measures:
        result["margin"] = found.known_revenue - found.cost + sold(cells.margin)
    if "profit" in book.measures:
        spend = _sum(cells.spend, levels, over)[:, :, None]
        overhead = book.overhead_share * (found.known_revenue + sold(known))
        result["profit"] = result["margin"] - overhead - spend
    return {name: result[name] for name in book.measures}


def _drawn_shifts(
    plan: Plan,
    values: Mapping[str, np.ndarray],
    cells: MoneyCells,
    levels: Levels,
    over: np.ndarray,
    draws: int,
) -> np.ndarray | float:
    """What budgets spend in each draw more than the plan says; nothing where their money is certain."""
    found: np.ndarray | float = 0.0
    shares = spend_shares(cells.revenue, cells.margin)[:, -plan.plan.shape[1] :]
    for claim in plan.claims:
        shift, name = claim.shift, claim.row.id
        if shift is not None and np.ptp(values.get(name, np.zeros(1))) > 0:
            extra = shift.money_at(np.resize(values[name], draws)) - shift.money_at(plan.values[name])
            found = found + (levels.matrix @ (shares * shift.money_path) @ over.T)[:, :, None] * extra
    return found


def _sum(amounts: np.ndarray, levels: Levels, over: np.ndarray) -> np.ndarray:
    return np.asarray(levels.matrix @ (np.nan_to_num(amounts) @ over.T))


def money_rows(plan: Plan, planned: PlannedMoney, labels: pd.DataFrame) -> pd.DataFrame:
    """A plan's money cell by cell: ``scenario, period``, the dimensions, and the columns of `MoneyCells`."""
    cells = planned.cells
    amounts = {
        name: getattr(cells, name).ravel()
        for name in ("revenue", "cost", "funding", "margin", "spend", "overhead", "profit")
    }
    frame = labels.assign(scenario=plan.scenario, **amounts)
    return frame[["scenario", *[name for name in frame.columns if name != "scenario"]]]


def money_odds(plan: Plan, planned: PlannedMoney, horizon: Horizon, targets: pd.DataFrame) -> pd.DataFrame:
    """Quantiles of every measure at every level and span, and the chance of every target in money.

    Returns
    -------
    DataFrame
        ``scenario, measure, span, start``, the dimensions (blank = all), ``plan``, the quantiles, ``target,
        probability``; NaN where no target stands.
    """
    spans, levels = horizon.spans, planned.levels
    count = len(spans.table)
    parts = []
    for measure, draws in planned.draws.items():
        frame = spans.table.iloc[np.tile(np.arange(count), len(levels.keys))].reset_index(drop=True)
        keys = levels.keys.iloc[np.repeat(np.arange(len(levels.keys)), count)].reset_index(drop=True)
        frame = pd.concat([frame, keys], axis=1)
        frame["plan"] = planned.plans[measure].ravel()
        flat = draws.reshape(-1, draws.shape[2])
        quantiles = row_quantiles(flat.copy(), tuple(QUANTILES.values()))
        for number, name in enumerate(QUANTILES):
            frame[name] = quantiles[number]
        asked = targets[targets["measure"] == measure]
        wanted = ["label", *levels.keys.columns]
        frame = frame.merge(asked[[*wanted, "target"]], on=wanted, how="left", validate="many_to_one")
        goal = frame["target"].to_numpy(dtype=float)
        reached = (flat >= goal[:, None]).mean(axis=1)
        frame["probability"] = np.where(np.isfinite(goal), reached, np.nan)
        told = frame["plan"].notna()
        parts.append(frame[told].drop(columns="label").assign(scenario=plan.scenario, measure=measure))
    whole = pd.concat(parts, ignore_index=True)
    first = ["scenario", "measure"]
    return whole[[*first, *[name for name in whole.columns if name not in first]]]
