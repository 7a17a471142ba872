"""What a round knows of money beside its plans: what was sold, marketing spend, targets, prices."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import sparse

from alignment_lib.planning.money.customers import CustomerRates
from alignment_lib.planning.money.plan_money import PlanMoney
from alignment_lib.planning.money.price_paths import PricePaths
from alignment_lib.planning.plan.levels import Levels

__all__ = ["MEASURES", "MoneyBook", "MoneyCells", "money_cells", "money_levels", "spend_shares"]

MEASURES = ("revenue", "margin", "profit")
"""Measures in money, each of which is the one before less something."""


@dataclass(frozen=True)
class MoneyBook:
    """What stands beside every plan of a round.

    Attributes
    ----------
    measures : tuple of str
        Those of `MEASURES` that can be told.
    closed : dict of str to ndarray, shape (series, closed periods)
        ``revenue, cost, funding`` of what was sold; NaN where not known.
    spend : ndarray, shape (closed and open periods,), or None
        Marketing spend; None where nothing is known of it.
    overhead_share : float
        Overhead as a share of revenue.
    targets : DataFrame
        ``label, measure``, the dimensions (blank = all), ``target``, in money.
    prices : PricePaths or None
        Departures of prices.
    cycle : str
        Length of the round, in which customers are counted.
    customers : CustomerRates or None
        What past spans say of customers.
    """

    measures: tuple[str, ...]
    closed: dict[str, np.ndarray]
    spend: np.ndarray | None
    overhead_share: float
    targets: pd.DataFrame
    prices: PricePaths | None = field(default=None, repr=False)
    cycle: str = "quarter"
    customers: CustomerRates | None = None

    @property
    def every_measure(self) -> tuple[str, ...]:
        """Measures in money, and those that count customers."""
        return (*self.measures, *(self.customers.measures if self.customers else ()))


@dataclass(frozen=True)
class MoneyCells:
    """A plan's money cell by cell over closed and open periods, shape (series, periods) each.

    NaN where not known. Spend is shared by revenue: no row of it names a part.
    """

    revenue: np.ndarray
    cost: np.ndarray
    funding: np.ndarray
    margin: np.ndarray
    spend: np.ndarray
    overhead: np.ndarray
    profit: np.ndarray


def money_cells(money: PlanMoney, book: MoneyBook) -> MoneyCells:
    """A plan's money with what was sold before it.

    Parameters
    ----------
    money : PlanMoney
        Of the open periods.
    book : MoneyBook
    """
    revenue, cost, funding = (
        np.hstack([book.closed[name], part])
        for name, part in (("revenue", money.revenue), ("cost", money.cost), ("funding", money.funding))
    )
    margin = revenue - cost - funding
    overhead = np.where(np.isfinite(margin), book.overhead_share * revenue, np.nan)
    spend = np.zeros(revenue.shape)
    if book.spend is not None:
        spend = (book.spend + _after(money.shifted, revenue)) * spend_shares(revenue, margin)
    profit = margin - overhead - spend if book.spend is not None else np.full(revenue.shape, np.nan)
    return MoneyCells(revenue, cost, funding, margin, spend, overhead, profit)


def _after(amounts: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Amounts of the open periods with nothing in the closed ones before them."""
    return np.append(np.zeros(like.shape[1] - len(amounts)), amounts)


def spend_shares(revenue: np.ndarray, margin: np.ndarray) -> np.ndarray:
    """Share of each cell in its period's revenue, among those whose margin is known.

    Parameters
    ----------
    revenue, margin : ndarray, shape (series, periods)
        NaN where not known.
    """
    known = np.isfinite(margin)
    known = np.where(known.any(axis=0), known, True)
    size = np.where(known, np.maximum(np.nan_to_num(revenue), 0.0), 0.0)
    size = np.where(size.sum(axis=0) > 0, size, known)
    return np.asarray(size / size.sum(axis=0))


def money_levels(levels: Levels, targets: pd.DataFrame) -> Levels:
    """All sales, every value of each dimension, and every part for which a target in money stands."""
    single = levels.matrix.shape[0] - levels.matrix.shape[1]
    names = list(levels.keys.columns)
    broad = levels.keys.iloc[: max(single, 1)].reset_index(drop=True)
    known = set(map(tuple, broad.to_numpy()))
    asked = [row for row in map(tuple, targets[names].to_numpy()) if row not in known]
    asked = list(dict.fromkeys(asked))
    series = levels.keys.iloc[single:]
    rows = [
        np.logical_and.reduce(
            [
                (series[name] == value).to_numpy() if value else np.ones(len(series), bool)
                for name, value in zip(names, one, strict=True)
            ]
        )
        for one in asked
    ]
    if not rows:
        return Levels(broad, levels.matrix[: len(broad)])
    matrix = sparse.vstack([levels.matrix[: len(broad)], sparse.csr_matrix(np.array(rows, dtype=float))])
    return Levels(pd.concat([broad, pd.DataFrame(asked, columns=names)], ignore_index=True), matrix.tocsr())
