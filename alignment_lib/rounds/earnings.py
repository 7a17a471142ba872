"""What a round's headline earns: its bridge in profit, and every promotion by what it earned or lost."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from alignment_lib.planning.money.profit_bridge import profit_bridge
from alignment_lib.planning.plan.plan import Plan
from alignment_lib.rounds.preparing.prepared_round import PreparedRound
from alignment_lib.rounds.preparing.promotion_money import promotion_profits

__all__ = ["earning_tables"]


def earning_tables(ready: PreparedRound, plan: Plan) -> Mapping[str, pd.DataFrame]:
    """``profit_bridge`` and ``promotion_profit``; nothing without costs."""
    if ready.money is None or "margin" not in ready.money.measures:
        return {}
    found = {"profit_bridge": profit_bridge(plan, ready.horizon, ready.money, ready.round.cycle)}
    promotions = promotion_profits(ready)
    return found | ({"promotion_profit": promotions} if len(promotions) else {})
