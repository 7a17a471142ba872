"""What a plan of a live round leaves of its money: margin, marketing spend and profit after it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from alignment_lib.planning.money.book import money_cells
from alignment_lib.planning.money.plan_money import plan_money
from alignment_lib.rounds.live.figures import Figures
from alignment_lib.rounds.live.live_round import LiveRound

__all__ = ["money_of"]


def money_of(live: LiveRound, figures: Figures) -> Mapping[str, float]:
    """Sums of the figures' scope by measure, as they are published of a plan; empty without costs.

    Returns
    -------
    mapping of str to float
        ``margin`` and, where a spend table stands, ``spend`` and ``profit``; cells without a cost left out.
    """
    book = live.ready.money
    if book is None or "margin" not in book.measures:
        return {}
    cells = money_cells(plan_money(figures.plan), book)
    told = ("margin", "spend", "profit") if "profit" in book.measures else ("margin",)
    chosen = live.cells_of(figures.scope)
    return {name: float(np.nansum(getattr(cells, name)[chosen])) for name in told}
