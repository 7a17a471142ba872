"""What a plan did by a stated rule, said in one sentence each."""

from __future__ import annotations

from alignment_lib.inputs.problems import Notice
from alignment_lib.planning.layout import Layout
from alignment_lib.planning.plan import Plan

__all__ = ["plan_notices"]


def plan_notices(plan: Plan, layout: Layout) -> list[Notice]:
    """Volume owed or not to be had, and rows that count nothing for want of a price or rate."""
    measure = plan.grid.measure
    notices = []
    for name, amount in sorted(plan.owed.items()):
        text = f"{name} borrows {amount:,.0f} {measure} from periods after the horizon: owed to later periods"
        notices.append(Notice("owed", text, 1))
    for name, amount in sorted(plan.excess.items()):
        text = f"{name} would take {amount:,.0f} {measure} more than there is; its effect was cut by as much"
        notices.append(Notice("excess", text, 1))
    for name in sorted(plan.values):
        notice = _lacking(name, layout.missing.get(name, ""))
        if notice is not None:
            notices.append(notice)
    return notices


def _lacking(name: str, missing: str) -> Notice | None:
    if missing == "price":
        text = f"{name} is stated in another measure than the plan and no price is known: it counts nothing"
        return Notice("unpriced", text, 1)
    if missing == "rates":
        text = f"{name} is counted in visits and the funnel has no rates yet: it counts nothing"
        return Notice("unrated", text, 1)
    if missing == "some prices":
        text = f"{name} is in another measure; series without a price take the mean of its scope"
        return Notice("price_assumed", text, 1)
    return None
