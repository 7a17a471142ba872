"""What history says of a budget: leads that its money brings, and whether history can tell at all."""

from __future__ import annotations

import numpy as np

from alignment_lib.inputs.written_numbers import PER_CENT, Said
from alignment_lib.planning.budget.spend_book import Shift, SpendBook
from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.register.assumptions import Assumption

__all__ = ["judge_budget"]

_NOTHING = 0.5


def judge_budget(grid: PlanGrid, row: Assumption) -> tuple[str, str]:
    """Verdict on a budget and the sentence that says it.

    Where history tells what the money brings it is *supported*, for that is what the plan counts; a response
    that the claim states beside is *optimistic* or *pessimistic* where it lies outside the 80 % range of
    history's. Where history cannot tell there is *no history*, and the plan rests on the stated response.
    """
    book = grid.spending
    if book is None:
        return "no history", f"{row.id} shifts spend, and nothing is known of spend: it counts nothing."
    told = book.can_tell(row)
    shifts = book.shifts(row)
    claim = f"{row.id} {_say_money(book, row, shifts)}"
    if not told:
        return "no history", f"{claim}; {_say_unknown(book, row, shifts)}."
    verdict, beside = _set_beside(book, row)
    return verdict, f"{claim}; history says it brings {_say_leads(book, row, shifts)}{beside}: {verdict}."


def _say_money(book: SpendBook, row: Assumption, shifts: tuple[Shift, ...]) -> str:
    money = float(shifts[0].money_at(row.expected))
    aside = f" ({Said(row.expected):+.0f}{PER_CENT} of what is planned)" if row.unit == "percent" else ""
    if (cut := abs(shifts[0].cut_at(row.expected))) > _NOTHING:
        aside += f", {book.money(cut)} less than claimed, for no more is planned"
    if row.spend_from:
        return f"moves {book.money(money)} of spend from {row.spend_from} to {row.spend_source}{aside}"
    if money < 0:
        return f"takes {book.money(abs(money))} from {row.spend_source}{aside}"
    return f"puts {book.money(money)} more into {row.spend_source}{aside}"


def _say_leads(book: SpendBook, row: Assumption, shifts: tuple[Shift, ...]) -> str:
    leads = sum(shift.leads_at(row.expected) for shift in shifts)
    drawn = np.zeros(1)
    for shift in shifts:
        doubt = np.ones(1) if shift.doubt is None else shift.doubt
        drawn = drawn + shift.leads_at(row.expected) * doubt
    low, high = np.quantile(drawn, [0.1, 0.9])
    ends = f" ({Said(float(low)):+,.0f} to {Said(float(high)):+,.0f})" if high - low > _NOTHING else ""
    return f"{Said(leads):+,.0f} {book.outcome}{ends} within the plan"


def _say_unknown(book: SpendBook, row: Assumption, shifts: tuple[Shift, ...]) -> str:
    silent = [name for name in row.spend_sources if name not in book.known]
    said = f"history cannot tell what {' and '.join(silent)} {'brings' if len(silent) == 1 else 'bring'}"
    if row.spend_from or not np.isfinite(row.leads_per_money):
        one = "write one row for each source, with its leads_per_money" if row.spend_from else (
            "the row states no leads_per_money"
        )  # fmt: skip
        return f"{said} and {one}: no sales are counted, only the money"
    leads = shifts[0].leads_at(row.expected)
    return f"{said}, so the plan rests on its owner's word of {Said(leads):+,.0f} {book.outcome}: no history"


def _set_beside(book: SpendBook, row: Assumption) -> tuple[str, str]:
    """A response stated beside history's, both as leads for a thousand of money."""
    stated = row.leads_per_money
    if row.spend_from or not np.isfinite(stated) or row.spend_source not in book.returns:
        return "supported", ""
    low, middle, high = book.returns[row.spend_source]
    verdict = "optimistic" if stated > high else "pessimistic" if stated < low else "supported"
    history = f"{Said(1000 * middle):,.1f} ({Said(1000 * low):,.1f} to {Said(1000 * high):,.1f})"
    return verdict, (
        f"; its owner states {Said(1000 * stated):,.1f} {book.outcome} for {book.money(1000)} where the last"
        f" year brought {history}, and history's counts"
    )
