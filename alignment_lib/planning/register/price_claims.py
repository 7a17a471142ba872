"""Price changes that say something else than their title, or leave their price unsaid."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.written_numbers import Said
from alignment_lib.planning.plan.grid import PlanGrid, scope_rows
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.timing import period_weights

__all__ = ["check_price_claims", "direction_of"]

_UP = r"\+\s*\d|\b(?:up|rise[sn]?|raised?|increased?|higher|dearer|plus)\b"
_DOWN = (
    r"[−-]\s*\d+(?:[.,]\d+)?\s*%|"
    r"\b(?:down|cuts?|lower(?:ed)?|decreased?|reduced|reduction|cheaper|minus|off)\b"
)
_SAME_PRICE = 0.001


def direction_of(title: str) -> int:
    """1 where a title says that something goes up, -1 down, 0 where it says neither or both.

    >>> [direction_of(text) for text in ("List price up 4 %", "List price +4 %", "Prices −5 %", "New prices")]
    [1, 1, -1, 0]
    """
    up = re.search(_UP, title, re.IGNORECASE) is not None
    return int(up) - int(re.search(_DOWN, title, re.IGNORECASE) is not None)


def check_price_claims(grid: PlanGrid, rows: Sequence[Assumption]) -> list[Notice]:
    """Titles that contradict the value, and price changes of which only the volume is known."""
    notices = []
    for row in (row for row in rows if row.kind == "price_change" and row.unit == "percent"):
        stated = row.states_price or row.asks_elasticity
        if stated and direction_of(row.title) * row.expected < 0:
            side = "higher" if row.expected > 0 else "lower"
            text = (
                f"{row.id} “{row.title}” is read as a price {Said(abs(row.expected) / 100):.0%} {side}: with "
                "an elasticity, or lever price, its values are percent of price, and the volume follows"
            )
            notices.append(Notice("title_contradicts", text, 1))
        elif not stated and row.expected and not _price_moves(grid, row):
            text = (
                f"{row.id} says that volume changes by {Said(row.expected / 100):+.0%}, not by how much the "
                "price does, and the price calendar shows no change in its dates: its money is that of the "
                "volume alone. Write the new price into drivers, or the change in percent with lever price"
            )
            notices.append(Notice("price_unsaid", text, 1))
    return notices


def _price_moves(grid: PlanGrid, row: Assumption) -> bool:
    """Whether the price calendar departs from the last known price in the row's scope and dates, if any."""
    if grid.measure == "revenue":
        return True
    if grid.price is None or grid.last_price is None:
        return False
    series = scope_rows(grid, row.scope)
    inside = period_weights(grid.calendar, grid.periods, row.start, row.end, "step") > 0
    if not inside.any():
        return True
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.abs(grid.price[series] / grid.last_price[series] - 1.0)[:, inside]
    return bool((apart > _SAME_PRICE).any())
