"""What a plan did by a stated rule, said in one sentence each."""

from __future__ import annotations

from collections.abc import Mapping

from alignment_lib.inputs.problems import Notice
from alignment_lib.planning.layout import Layout
from alignment_lib.planning.plan import Plan

__all__ = ["plan_notices"]

_TOLD = 10
"""Amounts of one sort that are written out; the others are summed."""


def plan_notices(plan: Plan, layout: Layout) -> list[Notice]:
    """Volume owed or not to be had, and rows that count nothing for want of a price or rate."""
    measure = plan.grid.measure
    notices = []
    owed = "borrows {amount} from periods after the horizon: owed to later periods"
    notices += _amounts("owed", plan.owed, owed, "more claims borrow {amount} from there", measure)
    excess = "would take {amount} more than there is; its effect was cut by as much"
    notices += _amounts("excess", plan.excess, excess, "more claims were cut by {amount}", measure)
    for name in sorted(plan.values):
        notice = _lacking(name, layout.missing.get(name, ""))
        if notice is not None:
            notices.append(notice)
    return notices


def _amounts(code: str, found: Mapping[str, float], text: str, rest: str, measure: str) -> list[Notice]:
    """The largest amounts a sentence each, all others together in one."""
    ordered = sorted((name for name in found if found[name]), key=lambda name: (-abs(found[name]), name))
    notices = [
        Notice(code, f"{name} {text.format(amount=f'{found[name]:,.0f} {measure}')}", 1)
        for name in sorted(ordered[:_TOLD])
    ]
    others = ordered[_TOLD:]
    if others:
        total = f"{sum(found[name] for name in others):,.0f} {measure}"
        notices.append(Notice(code, f"{len(others)} {rest.format(amount=total)}", len(others)))
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
