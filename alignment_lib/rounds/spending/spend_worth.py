"""What one more lead is worth in profit, and how many the plan still needs: for the split of a budget."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from alignment_lib.planning.money.plan_money import plan_money
from alignment_lib.planning.plan.plan import Plan
from alignment_lib.rounds.preparing.measured_funnel import MeasuredFunnel
from alignment_lib.rounds.preparing.prepared_round import PreparedRound
from alignment_lib.rounds.spending.spend_budget import LeadNeeds
from alignment_lib.rounds.spending.spend_claims import lead_worths

__all__ = ["ask_of_spend", "lead_needs", "spend_worth"]


def ask_of_spend(
    ready: PreparedRound,
    funnel: MeasuredFunnel | None,
    plan: Plan,
    outcome: str,
    tables: Mapping[str, pd.DataFrame],
) -> tuple[dict[str, float], LeadNeeds | None]:
    """What a split of money is asked for: the worth of one more of the outcome, and leads still needed."""
    needs = lead_needs(tables.get("funnel"), ready) if outcome == "leads" else None
    return spend_worth(ready, funnel, plan, outcome), needs


def spend_worth(
    ready: PreparedRound, funnel: MeasuredFunnel | None, plan: Plan, outcome: str
) -> dict[str, float]:
    """Margin less overhead of one more of an outcome, by source (blank: all together); empty without costs.

    The sales it becomes, times what the plan's new sales in the round leave of one: the new customer's
    expected margin.
    """
    book = ready.money
    if book is None or "margin" not in book.measures:
        return {}
    worths, is_money = lead_worths(ready, funnel, outcome)
    money, periods = plan_money(plan), plan.grid.periods
    inside = np.zeros(plan.plan.shape, dtype=bool)
    inside[_new_rows(ready, funnel, plan)] = np.asarray(periods.isin(ready.round.cycle_periods))
    told = inside & money.known
    basis = float((money.revenue if is_money else plan.plan)[told].sum())
    if not basis > 0:
        return {}
    left = money.margin - book.overhead_share * money.revenue
    each = float(left[told].sum()) / basis
    return {name: one.sales * each for name, one in worths.items()}


def _new_rows(ready: PreparedRound, funnel: MeasuredFunnel | None, plan: Plan) -> np.ndarray:
    """Series whose sales leads bring; all where they are not told apart."""
    column, keys = ready.workspace.settings.sales.sale_type, plan.grid.keys
    if column not in keys:
        return np.arange(len(keys))
    types = funnel.types if funnel is not None else ("new",)
    found = np.flatnonzero(keys[column].astype(str).isin(list(types)).to_numpy())
    return found if len(found) else np.arange(len(keys))


def lead_needs(funnel: pd.DataFrame | None, ready: PreparedRound) -> LeadNeeds | None:
    """Leads that the round's open periods need beyond what is to be expected, and what can be handled.

    None where the plan's requirements are not worked out.
    """
    if funnel is None or "available" not in funnel:
        return None
    rows = funnel[(funnel["source"].fillna("") == "") & funnel["period"].isin(ready.round.cycle_periods)]
    wide = rows.pivot_table(index="period", columns="stage", values="required", aggfunc="sum", observed=True)
    first = rows[rows["stage"] == "leads"].set_index("period")
    if not len(first) or "leads" not in wide:
        return None
    gap = float((first["required"] - first["available"]).sum())
    held = rows[rows["stage"] == "accepted"].set_index("period").get("capacity")
    if held is None or "accepted" not in wide or not held.notna().any():
        return LeadNeeds(gap)
    share = (wide["accepted"] / wide["leads"].where(wide["leads"] > 0)).reindex(held.index)
    room = (held / share - first["available"].reindex(held.index)).dropna()
    return LeadNeeds(gap, float(room.sum()) if len(room) else float("inf"))
