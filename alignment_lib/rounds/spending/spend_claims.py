"""Use case: what budgets of the register stand on: planned spend, its response, and what a lead becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from alignment_lib.forecasting.response.curves import carry_over
from alignment_lib.forecasting.response.health import Response, measure_response
from alignment_lib.funnel.cohorts import period_weights
from alignment_lib.funnel.lead_sales import NEW
from alignment_lib.funnel.requirements import DAYS, sales_per_customer
from alignment_lib.inputs.problems import Notice
from alignment_lib.planning.budget.spend_book import LeadWorth, SpendBook
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.rounds.preparing.counted_funnel import sales_per_lead_counted
from alignment_lib.rounds.preparing.known_round import KnownRound
from alignment_lib.rounds.preparing.measured_funnel import MeasuredFunnel, measure_funnel
from alignment_lib.rounds.preparing.planned_spend import PlannedSpend, plan_spend
from alignment_lib.rounds.spending.spend_data import SpendData, gather_spend

__all__ = ["Spending", "find_spending", "keep_spending", "lead_worths", "stock_before_plan"]


@dataclass(frozen=True)
class Spending:
    """What was measured for the budgets of a register, and the book they are worked out by.

    Attributes
    ----------
    found : tuple of (SpendData, Response), or None
        Spend, what came of it, and the response; None where either is not known.
    funnel : MeasuredFunnel or None
    book : SpendBook
    notices : tuple of Notice
    """

    found: tuple[SpendData, Response] | None
    funnel: MeasuredFunnel | None
    book: SpendBook
    notices: tuple[Notice, ...] = ()

    @property
    def lead_types(self) -> tuple[str, ...]:
        """Types of sale that leads bring."""
        return self.funnel.types if self.funnel is not None else (NEW,)


def find_spending(seen: KnownRound, cache: Path | None = None) -> tuple[SpendData, Response] | None:
    """Money spent, what came of it, and the response with its verdict."""
    found = gather_spend(seen)
    if found is None:
        return None
    return found, measure_response(found.data, seed=seen.workspace.settings.plan.seed, cache=cache)


def keep_spending(
    seen: KnownRound,
    register: Sequence[Assumption],
    periods: pd.DatetimeIndex,
    cache: Path | None = None,
) -> Spending | None:
    """The book of a round; None where no row of the register is a budget that may count."""
    rows = [row for row in register if row.kind == "budget" and row.status != "rejected"]
    if not rows or not len(periods):
        return None
    found, funnel = find_spending(seen, cache), measure_funnel(seen)
    plan = plan_spend(seen.workspace, periods)
    outcome = found[0].outcome if found else "leads"
    worth, is_money = lead_worths(seen, funnel, outcome)
    channels = found[0].data.channels if found else ()
    known = frozenset(name for name in channels if found and found[1].is_known(name))
    curves = found[1].fit.curves if found and found[1].fit else None
    usual, committed = _by_source(plan, "planned"), _by_source(plan, "committed")
    before = {name: stock_before_plan(seen, found, name, periods[0]) for name in known} if found else {}
    book = SpendBook(
        seen.workspace.calendar, periods, usual, committed, channels, curves, known, before, worth, outcome,
        is_money, _returns(found, known), seen.workspace.settings.plan.seed,
        seen.workspace.settings.business.currency,
    )  # fmt: skip
    return Spending(found, funnel, book, (*_note_new(rows, usual), *_note_shared(rows)))


def lead_worths(
    seen: KnownRound, funnel: MeasuredFunnel | None, outcome: str
) -> tuple[dict[str, LeadWorth], bool]:
    """Sales that one more of an outcome brings, by source, and whether they are in money."""
    if outcome not in ("leads", "visits"):
        return {"": LeadWorth(1.0)}, False
    if funnel is None:
        return sales_per_lead_counted(seen, outcome)
    rates, customer = (
        funnel.rates,
        sales_per_customer(funnel.leads, funnel.rates, funnel.sold, funnel.is_money),
    )
    each = rates["conversion_rate"].to_numpy(dtype=float) * customer
    if outcome == "visits":
        each = each * rates["lead_rate"].to_numpy(dtype=float)
    weights = rates["leads"].to_numpy(dtype=float)
    lag = period_weights(funnel.lag, DAYS[seen.workspace.calendar.grain])
    told = np.isfinite(each)
    found = {str(rates["source"].iloc[at]): LeadWorth(float(each[at]), lag) for at in np.flatnonzero(told)}
    if told.any() and weights[told].sum() > 0:
        found[""] = LeadWorth(float(np.average(each[told], weights=weights[told])), lag)
    return found, funnel.is_money


def stock_before_plan(
    seen: KnownRound, found: tuple[SpendData, Response], name: str, first: pd.Timestamp
) -> np.ndarray:
    """What is left of a channel's money just before a period, by draw; weeks between are as planned."""
    data, response = found
    if response.fit is None:
        return np.zeros(1)
    at = data.data.channels.index(name)
    curves = response.fit.curves
    stock = curves.stock_after(data.data.spend[:, at], at)
    calendar = seen.workspace.calendar
    gap = calendar.count(data.periods[-1], first) - 1
    if gap <= 0:
        return stock
    between = calendar.range(calendar.shift(data.periods[-1], 1), gap)
    money = _by_source(plan_spend(seen.workspace, between), "planned").get(name, np.zeros(gap))
    return np.asarray(carry_over(money, curves.carry[:, at], stock)[-1])


def _by_source(plan: PlannedSpend | None, what: str) -> Mapping[str, np.ndarray]:
    if plan is None:
        return {}
    frame: pd.DataFrame = getattr(plan, what)
    return {str(name): frame[name].to_numpy(dtype=float) for name in frame.columns}


def _returns(
    found: tuple[SpendData, Response] | None, known: frozenset[str]
) -> dict[str, tuple[float, float, float]]:
    if found is None or found[1].fit is None:
        return {}
    fit, channels = found[1].fit, found[0].data.channels
    told = {name: np.quantile(fit.returns(channels.index(name)), [0.1, 0.5, 0.9]) for name in known}
    return {name: (float(one[0]), float(one[1]), float(one[2])) for name, one in sorted(told.items())}


def _note_shared(rows: Sequence[Assumption]) -> list[Notice]:
    """Budgets of one source at the same time: each stands beside the planned spend alone."""
    found = []
    for first, second in combinations(rows, 2):
        both = [name for name in first.spend_sources if name in second.spend_sources]
        if both and first.start <= second.end and second.start <= first.end:
            text = (
                f"{first.id} and {second.id} both shift spend of {both[0]} at the same time: each is worked"
                " out beside the planned spend alone, not beside the other."
            )
            found.append(Notice("budgets_share_source", text, 1))
    return found


def _note_new(rows: Sequence[Assumption], usual: Mapping[str, np.ndarray]) -> list[Notice]:
    found = []
    for row in rows:
        for name in row.spend_sources:
            if name not in usual:
                text = f"{row.id} speaks of spend on {name}, on which no money was ever spent or planned."
                known = f" There are: {', '.join(usual)}." if usual else ""
                found.append(Notice("budget_new_source", text + known, 1))
    return found
