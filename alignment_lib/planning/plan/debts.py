"""Debts of earlier rounds: volume sold before the open periods that has to come off them.

A promotion that ends with the quarter borrows from the next one. The round that planned it publishes
when that is repaid; the next round takes over the part whose sales have been made, and leaves to its own
claims what they will borrow in the periods still open. So every unit is repaid once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.written_numbers import Said
from alignment_lib.planning.plan.grid import PlanGrid

__all__ = ["EarlierOwed", "collect_debts", "note_debts", "place_debts"]


@dataclass(frozen=True)
class EarlierOwed:
    """What one earlier round published of its borrowing.

    Attributes
    ----------
    first_open : Timestamp
        First day of the first period it planned.
    owed : DataFrame
        `owed_table` of its headline plan.
    """

    first_open: pd.Timestamp
    owed: pd.DataFrame


def collect_debts(earlier: Sequence[EarlierOwed], first_open: pd.Timestamp) -> pd.DataFrame:
    """Repayments that fall to the periods open now, each from the last round that planned its sale.

    Parameters
    ----------
    earlier : sequence of EarlierOwed
        In any order.
    first_open : Timestamp
        First day of the first period planned now.

    Returns
    -------
    DataFrame
        ``assumption, period``, the dimensions, ``owed``.

    Examples
    --------
    >>> days = pd.to_datetime(["2026-03-23", "2026-03-30"])
    >>> owed = pd.DataFrame({"assumption": "P", "borrowed": days[0], "period": days[1], "owed": [5.0]})
    >>> collect_debts([EarlierOwed(pd.Timestamp("2026-01-01"), owed)], days[1])["owed"].tolist()
    [5.0]
    """
    ordered = sorted(earlier, key=lambda one: one.first_open)
    ends = [*(one.first_open for one in ordered[1:]), first_open][: len(ordered)]
    parts = [
        one.owed[(one.owed["borrowed"] < min(end, first_open)) & (one.owed["period"] >= first_open)]
        for one, end in zip(ordered, ends, strict=True)
        if len(one.owed)
    ]
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame(columns=["assumption", "period", "owed"])
    return pd.concat(filled, ignore_index=True).drop(columns=["borrowed", "beyond"], errors="ignore")


def place_debts(grid: PlanGrid, debts: pd.DataFrame) -> tuple[dict[str, np.ndarray], float]:
    """Debts on the grid, as reductions by assumption, and the volume that meets none of its cells."""
    if not len(debts):
        return {}, 0.0
    keys = grid.keys.astype(str).assign(series=np.arange(len(grid.keys)))
    found = debts.astype(dict.fromkeys(grid.dimensions, str)).merge(keys, on=grid.dimensions, how="left")
    column = grid.periods.get_indexer(pd.DatetimeIndex(found["period"]))
    placed = (column >= 0) & found["series"].notna().to_numpy()
    result: dict[str, np.ndarray] = {}
    for name in sorted(found["assumption"].unique()):
        here = placed & (found["assumption"] == name).to_numpy()
        amount = np.zeros(grid.baseline.shape)
        cells = (found["series"].to_numpy()[here].astype(int), column[here])
        np.subtract.at(amount, cells, found["owed"].to_numpy(dtype=float)[here])
        if here.any():
            result[str(name)] = amount
    return result, float(found["owed"].to_numpy(dtype=float)[~placed].sum())


def note_debts(grid: PlanGrid, debts: pd.DataFrame) -> list[Notice]:
    """What earlier rounds borrowed from the open periods, in a sentence, and what could not be placed."""
    placed, lost = place_debts(grid, debts)
    notices = []
    for name, amount in placed.items():
        borrowed = f"{Said(-amount.sum()):,.0f} {grid.measure}"
        text = f"{name} borrowed {borrowed} in an earlier round; they come off here"
        notices.append(Notice("repaid", text, 1))
    if lost:
        text = (
            f"{Said(lost):,.0f} {grid.measure} borrowed in earlier rounds meet no series or open period of "
            "this plan and were left out"
        )
        notices.append(Notice("debts_unplaced", text, 1))
    return notices
