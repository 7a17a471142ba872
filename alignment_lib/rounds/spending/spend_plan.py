"""Marketing's money of a round as its plan has it, by period and source: what a later review reads back."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.planning.money.plan_money import spend_shifts
from alignment_lib.planning.plan.plan import Plan
from alignment_lib.rounds.preparing.planned_spend import plan_spend
from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = ["spend_plan_table"]


def spend_plan_table(ready: PreparedRound, plan: Plan) -> pd.DataFrame:
    """``period, source, planned, committed, shifted, is_filled`` of the open periods; empty without spend."""
    periods = plan.grid.periods
    found = plan_spend(ready.workspace, periods) if len(periods) else None
    shifted = spend_shifts(plan, by_source=True)
    if found is None and not shifted:
        return pd.DataFrame()
    nothing = pd.DataFrame(index=periods)
    parts = {
        "planned": nothing if found is None else found.planned,
        "committed": nothing if found is None else found.committed,
        "shifted": pd.DataFrame(shifted, index=periods),
        "is_filled": nothing if found is None else found.filled,
    }
    names = sorted({name for part in parts.values() for name in part.columns})
    rows = np.repeat(periods.to_numpy(), len(names))
    frame = pd.DataFrame({"period": rows, "source": names * len(periods)})
    for column, part in parts.items():
        whole = part.reindex(columns=names, fill_value=0.0).to_numpy(dtype=float)
        frame[column] = whole.ravel().astype(bool) if column == "is_filled" else whole.ravel()
    return frame
