"""What the plans of a round did by a stated rule, said once for all of them, in one sentence each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.written_numbers import Said
from alignment_lib.planning.plan.plan import Plan
from alignment_lib.planning.register.claims import RESPONSE, UNSOLD
from alignment_lib.planning.register.layout import Layout

__all__ = ["plan_notices"]

_TOLD = 10
"""Claims of one sort that are written out; the others are summed."""

_Amounts = Mapping[str, Mapping[str, float]]
"""By claim: amount by scenario."""


def plan_notices(plans: Sequence[Plan], layout: Layout) -> list[Notice]:
    """Volume owed or not to be had, and rows that count nothing for want of a price or rate.

    Parameters
    ----------
    plans : sequence of Plan
        Every plan of the round: a claim is spoken of once, with the scenarios it concerns.
    layout : Layout
        Laid out for all of them.
    """
    if not plans:
        return []
    measure, every = plans[0].grid.measure, [plan.scenario for plan in plans]
    owed = _by_claim({plan.scenario: plan.owed for plan in plans})
    excess = _by_claim({plan.scenario: plan.excess for plan in plans})
    notices = _amounts(
        "owed",
        owed,
        "borrows {amount} from periods after the horizon: owed to later periods",
        "more claims borrow up to {amount} from there",
        measure,
        every,
    )
    notices += _amounts(
        "excess",
        excess,
        "would take {amount} more than there is; its effect was cut by as much",
        "more claims were cut by up to {amount}",
        measure,
        every,
    )
    for name in sorted({name for plan in plans for name in plan.values}):
        notice = _lacking(name, layout.missing.get(name, ""))
        if notice is not None:
            notices.append(notice)
    return notices


def _by_claim(found: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    result: dict[str, dict[str, float]] = {}
    for scenario, amounts in found.items():
        for name, amount in amounts.items():
            if amount:
                result.setdefault(name, {})[scenario] = amount
    return result


def _amounts(
    code: str, found: _Amounts, text: str, rest: str, measure: str, every: Sequence[str]
) -> list[Notice]:
    """The claims with the largest amounts a sentence each, all others together in one."""
    largest = {name: max(map(abs, amounts.values())) for name, amounts in found.items()}
    ordered = sorted(found, key=lambda name: (-largest[name], name))
    notices = [
        Notice(code, f"{name} {text.format(amount=_say(found[name], measure, every))}", 1)
        for name in sorted(ordered[:_TOLD])
    ]
    others = ordered[_TOLD:]
    if others:
        total = f"{Said(sum(largest[name] for name in others)):,.0f} {measure}"
        notices.append(Notice(code, f"{len(others)} {rest.format(amount=total)}", len(others)))
    return notices


def _say(amounts: Mapping[str, float], measure: str, every: Sequence[str]) -> str:
    """Amounts that are written alike share their scenarios; one in every scenario needs none named."""
    shared: dict[str, list[str]] = {}
    for scenario in every:
        if scenario in amounts:
            shared.setdefault(f"{Said(amounts[scenario]):,.0f}", []).append(scenario)
    if len(shared) == 1 and len(amounts) == len(every):
        return f"{next(iter(shared))} {measure}"
    parts = [f"{amount} ({', '.join(names)})" for amount, names in shared.items()]
    first, *others = parts
    amount, _, names = first.partition(" ")
    return "; ".join([f"{amount} {measure} {names}", *others])


def _lacking(name: str, missing: str) -> Notice | None:
    if missing == "price":
        text = f"{name} is stated in another measure than the plan and no price is known: it counts nothing"
        return Notice("unpriced", text, 1)
    if missing == "rates":
        text = f"{name} is counted in visits or leads and the funnel has no rates yet: it counts nothing"
        return Notice("unrated", text, 1)
    if missing == RESPONSE:
        text = (
            f"{name} shifts spend and history cannot tell what that brings: its money counts, its sales do "
            "not until the row states leads_per_money (for money moved between sources, one row for each)"
        )
        return Notice("unanswered", text, 1)
    if missing == "some prices":
        text = f"{name} is in another measure; series without a price take the mean of its scope"
        return Notice("price_assumed", text, 1)
    if missing == UNSOLD:
        text = f"{name} moves buyers between places: products that only one of them sells stay where they are"
        return Notice("unsold", text, 1)
    return None
