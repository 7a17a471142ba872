"""Draws of money: the very draws of the plan, cell by cell, at the price and cost of each.

A claim about prices moves volume and price in the same draw; departures of prices are drawn for all series
together (`price_paths`). Sums are rounded to whole numbers of a very small part, so that they are exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from alignment_lib.planning.money.plan_money import PlanMoney
from alignment_lib.planning.money.price_paths import PricePaths
from alignment_lib.planning.odds.cell_draws import Paths, draw_cells, each_chunk, smallest_part
from alignment_lib.planning.odds.simulated_effects import draw_effects
from alignment_lib.planning.plan.plan import Plan, price_change

__all__ = ["MoneyDraws", "PriceRatios", "draw_money"]

_FINEST = 2.0**-40


@dataclass(frozen=True)
class MoneyDraws:
    """Draws of sums in money, shape (levels, spans, draws) each.

    Attributes
    ----------
    revenue : ndarray
        Of all cells with a price.
    known_revenue : ndarray
        Of the cells whose costs are known too.
    cost : ndarray
        Cost of the goods and funding of these; what is paid once an action included.
    """

    revenue: np.ndarray
    known_revenue: np.ndarray
    cost: np.ndarray


def draw_money(
    plan: Plan,
    money: PlanMoney,
    samples: np.ndarray,
    values: Mapping[str, np.ndarray],
    levels: sparse.csr_matrix,
    spans: np.ndarray,
    draws: int,
    prices: PricePaths | None = None,
    seed: int = 0,
) -> MoneyDraws:
    """Draw sums of a plan's money.

    Parameters
    ----------
    plan : Plan
    money : PlanMoney
        Its prices and costs.
    samples, values, draws
        As for `simulate_plan`.
    levels : sparse matrix, shape (levels, series)
        1 where a series belongs to a level.
    spans : ndarray, shape (spans, open periods)
        1 where a period belongs to a span.
    prices : PricePaths, optional
        Departures of prices; certain by default.
    seed : int
        Of their order.
    """
    drawn = draw_effects(plan, values, draws)
    paths, part = Paths(samples), smallest_part(plan.grid)
    picked = None if prices is None else prices.pick(drawn.draws, seed)
    ratio = PriceRatios(plan, values, drawn.draws)
    known = money.known
    weights = np.nan_to_num(money.price) * part
    spent = np.where(known, money.units * (money.unit_cost + money.unit_funding), 0.0) * part
    fine = _fine(plan, money)
    in_money = plan.grid.measure == "revenue"
    member, over = levels.tocsc(), spans.astype(float)

    def work(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        cells = draw_cells(plan.grid, paths, drawn, rows).astype(float)
        factor = ratio(rows)
        cost = cells * spent[rows][:, :, None]
        revenue = cells * weights[rows][:, :, None]
        if factor is not None and in_money:
            cost /= np.maximum(factor, 1e-6)
        elif factor is not None:
            revenue *= factor
        if prices is not None and picked is not None:
            revenue *= prices.factors(rows, picked)
        inside = member[:, rows]
        found = []
        for amounts in (revenue, revenue * known[rows][:, :, None], cost):
            spanned = np.rint(np.matmul(over, amounts) / fine)
            found.append((inside @ spanned.reshape(len(rows), -1)).reshape(-1, len(over), drawn.draws))
        return rows, np.stack(found)

    total = np.zeros((3, levels.shape[0], len(over), drawn.draws))
    numbers = 4 * drawn.draws * plan.plan.shape[1]
    for _, sums in each_chunk(work, drawn.order, numbers):
        total += sums
    total *= fine
    lump = levels @ np.where(known, money.lump, 0.0) @ over.T
    return MoneyDraws(total[0], total[1], total[2] + lump[:, :, None])


def _fine(plan: Plan, money: PlanMoney) -> float:
    """What every drawn sum is a whole number of, in money: a power of two far below a cent of the whole."""
    whole = float(np.abs(np.nan_to_num(money.price) * plan.grid.baseline).sum())
    return float(2.0 ** np.ceil(np.log2(whole)) * _FINEST) if whole > 0 else _FINEST


class PriceRatios:
    """Drawn over planned revenue per unit, by claims about prices that have a range."""

    def __init__(self, plan: Plan, values: Mapping[str, np.ndarray], draws: int) -> None:
        self._draws, self._shape = draws, plan.plan.shape
        self._parts: list[tuple[np.ndarray, np.ndarray, np.ndarray, float]] = []
        for claim in plan.claims:
            drawn = values.get(claim.row.id)
            if drawn is None or not claim.row.price_effect(1.0) or np.ptp(drawn) == 0:
                continue
            one = price_change(plan.grid, claim, 1.0)
            if one is not None:
                slope = np.broadcast_to(one, (len(claim.series), plan.plan.shape[1]))
                self._parts.append((claim.series, slope, np.resize(drawn, draws), plan.values[claim.row.id]))

    def __call__(self, rows: np.ndarray) -> np.ndarray | None:
        """Shape (rows, periods, draws); None where no claim concerns them."""
        result = None
        for series, slope, drawn, planned in self._parts:
            place = np.searchsorted(series, rows)
            place = np.minimum(place, len(series) - 1)
            at = np.flatnonzero(series[place] == rows) if len(series) else np.array([], dtype=int)
            if not len(at):
                continue
            if result is None:
                result = np.ones((len(rows), self._shape[1], self._draws))
            part = slope[place[at]][:, :, None]
            base = np.maximum(1.0 + part * planned, 1e-6)
            result[at] *= np.maximum(1.0 + part * drawn, 0.0) / base
        return result
