"""A plan in money: revenue, cost of the goods, funding of its actions and margin, cell by cell.

Everything is linear in the plan's cells, ``margin = cells × (price − units per cell × unit cost) − what
actions cost``, so the same weights serve the plan and every draw of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from alignment_lib.planning.money.costs import Funding, MoneyGrid
from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.plan.plan import Plan
from alignment_lib.planning.register.claims import Claim
from alignment_lib.planning.register.timing import share_by_period

__all__ = ["PlanMoney", "plan_money", "spend_shifts", "spread_runs"]


@dataclass(frozen=True)
class PlanMoney:
    """What a plan brings and costs; NaN where a price or a cost is not known.

    Attributes
    ----------
    price : ndarray, shape (series, periods)
        Revenue of one of the plan's measure.
    units : ndarray, shape (series, periods)
        Units in one of the plan's measure: 1 where the plan counts units.
    unit_cost : ndarray, shape (series, periods)
        What one unit costs; NaN where not known.
    per_unit : dict of str to ndarray, shape (series, periods)
        Our funding for each unit sold, by contributor: an assumption's id or ``driver:<column>``.
    lumps : dict of str to ndarray, shape (series, periods)
        Our funding once an action, by contributor, spread over the sales it is for.
    paid_by_others : float
        Funding over the horizon that partners pay: it takes nothing off the margin.
    plan : ndarray, shape (series, periods)
        The plan in its measure.
    spend : dict of str to ndarray, shape (periods,)
        Marketing spend that budgets add to what is planned anyway, by assumption.
    """

    plan: np.ndarray
    price: np.ndarray
    units: np.ndarray
    unit_cost: np.ndarray
    per_unit: Mapping[str, np.ndarray]
    lumps: Mapping[str, np.ndarray]
    paid_by_others: float = 0.0
    spend: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def shifted(self) -> np.ndarray:
        """All that budgets add to marketing spend, shape (periods,)."""
        return np.asarray(sum(self.spend.values(), np.zeros(self.plan.shape[1])))

    @property
    def known(self) -> np.ndarray:
        """Where the margin is known: price, units and cost are."""
        return np.asarray(np.isfinite(self.price * self.units * self.unit_cost))

    @property
    def revenue(self) -> np.ndarray:
        """Revenue, shape (series, periods)."""
        return np.asarray(self.plan * self.price)

    @property
    def cost(self) -> np.ndarray:
        """Cost of the goods; NaN where the margin is not known."""
        return np.where(self.known, self.plan * self.units * self.unit_cost, np.nan)

    @property
    def funding(self) -> np.ndarray:
        """What actions cost beside the price; NaN where the margin is not known."""
        return np.where(self.known, self.plan * self.units * self.unit_funding + self.lump, np.nan)

    @property
    def margin(self) -> np.ndarray:
        """Revenue less cost less funding; NaN where not known."""
        return np.asarray(self.revenue - self.cost - self.funding)

    @property
    def unit_funding(self) -> np.ndarray:
        """All of our funding for each unit sold."""
        return np.asarray(sum(self.per_unit.values(), np.zeros(self.plan.shape)))

    @property
    def lump(self) -> np.ndarray:
        """All of our funding once an action."""
        return np.asarray(sum(self.lumps.values(), np.zeros(self.plan.shape)))

    def funding_of(self, name: str) -> np.ndarray:
        """Our funding of one contributor, in money; zero where the margin is not known."""
        zero = np.zeros(self.plan.shape)
        whole = self.plan * self.units * self.per_unit.get(name, zero) + self.lumps.get(name, zero)
        return np.where(self.known, whole, 0.0)


def plan_money(plan: Plan) -> PlanMoney:
    """A plan's money, by the costs of its grid; without costs only its revenue is known."""
    money = plan.grid.money
    price, units = _weights(plan)
    if money is None:
        unknown = np.full(plan.plan.shape, np.nan)
        return PlanMoney(plan.plan, price, units, unknown, {}, {}, spend=spend_shifts(plan))
    per_unit, lumps, others = _funding(plan, money, units)
    return PlanMoney(
        plan.plan, price, units, money.costs.unit_cost, per_unit, lumps, others, spend_shifts(plan)
    )


def spend_shifts(plan: Plan, *, by_source: bool = False) -> dict[str, np.ndarray]:
    """What budgets of a plan add to spend by period: by claim (moved money: nothing in all), or by source."""
    found: dict[str, np.ndarray] = {}
    for claim in plan.claims:
        if claim.shift is not None:
            money = claim.shift.money_at(plan.values[claim.row.id]) * claim.shift.money_path
            name = claim.shift.source if by_source else claim.row.id
            found[name] = found.get(name, 0.0) + money
    return found


def _weights(plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    """Revenue, and units, of one of the plan's measure."""
    grid, shape = plan.grid, plan.plan.shape
    if grid.measure == "units":
        price = np.full(shape, np.nan) if grid.price is None else grid.price * plan.price_factor
        return price, np.ones(shape)
    if grid.unit_price is None:
        return np.ones(shape), np.full(shape, np.nan)
    logs = sum(grid.price_logs.values(), np.zeros(shape))
    paid = grid.unit_price[:, None] * np.exp(logs) * plan.price_factor
    return np.ones(shape), np.divide(1.0, paid, out=np.full(shape, np.nan), where=paid > 0)


def _funding(
    plan: Plan, money: MoneyGrid, units: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], float]:
    """Our funding by contributor, for each unit and once an action, and what others pay."""
    per_unit: dict[str, np.ndarray] = {}
    lumps: dict[str, np.ndarray] = {}
    others = 0.0
    for one in money.costs.funding:
        for name, rate, lump in _paid(plan, money, one):
            if not one.is_ours:
                others += float(np.nansum(plan.plan * units * rate) + lump.sum())
                continue
            for into, amount in ((per_unit, rate), (lumps, lump)):
                if amount.any():
                    into[name] = into.get(name, 0.0) + amount
    return per_unit, lumps, others


def _paid(plan: Plan, money: MoneyGrid, one: Funding) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Contributor, money for each unit, money once: of one funding in one plan."""
    zero = np.zeros(plan.plan.shape)
    if one.pays_for in money.running:
        running = money.running[one.pays_for] & (one.amount > 0)
        name = f"driver:{one.pays_for}"
        if one.per_unit:
            return [(name, one.amount * running, zero)]
        earlier = money.before.get(one.pays_for)
        share = spread_runs(running, plan.grid.baseline, _earlier(earlier, one))
        return [(name, zero, share * one.amount)]
    found = []
    for claim in plan.claims:
        if claim.row.id == one.pays_for and not claim.fixed and claim.cover.any():
            rate, lump = _of_claim(plan.grid, claim, one)
            found.append((claim.row.id, rate, lump))
    return found


def _earlier(before: np.ndarray | None, one: Funding) -> np.ndarray | None:
    """Periods before the plan in which the action ran anywhere in the funding's scope."""
    if before is None:
        return None
    scope = (one.amount > 0).any(axis=1)
    return np.asarray(before[scope].any(axis=0))


def _of_claim(grid: PlanGrid, claim: Claim, one: Funding) -> tuple[np.ndarray, np.ndarray]:
    zero = np.zeros(grid.baseline.shape)
    if one.per_unit:
        rate = zero.copy()
        rate[claim.series] = one.amount[claim.series] * claim.cover
        return rate, zero
    shares = share_by_period(grid.calendar, grid.periods, claim.row.start, claim.row.end, "step")
    scope = one.amount[claim.series] > 0
    mix = _mix(np.where(scope, np.maximum(grid.baseline[claim.series], 0.0), 0.0), scope)
    lump = zero.copy()
    lump[claim.series] = mix * shares * one.amount[claim.series]
    return zero, lump


def _mix(size: np.ndarray, scope: np.ndarray) -> np.ndarray:
    """Shares of the series in each period: by sales, even where nothing is sold."""
    size = np.where(size.sum(axis=0) > 0, size, scope)
    total = size.sum(axis=0)
    return np.asarray(np.divide(size, total, out=np.zeros_like(size, dtype=float), where=total > 0))


def spread_runs(running: np.ndarray, size: np.ndarray, earlier: np.ndarray | None = None) -> np.ndarray:
    """Share of what is paid once an action in every cell it runs in, shape (series, periods).

    An action is a run of periods in which it is on anywhere. Its periods share alike, within a period its
    series by their sales; of a run that began earlier only the later part is there.

    Parameters
    ----------
    running : ndarray of bool, shape (series, periods)
    size : ndarray, shape (series, periods)
        Sales to share by.
    earlier : ndarray of bool, shape (earlier periods,), optional
        Whether it was on before.

    Examples
    --------
    >>> on = np.array([[True, True, False, True]])
    >>> spread_runs(on, np.ones((1, 4)), np.array([False, True])).round(3).tolist()
    [[0.333, 0.333, 0.0, 1.0]]
    """
    on = running.any(axis=0)
    lead = np.zeros(0, dtype=bool) if earlier is None else earlier
    whole = np.concatenate([lead, on])
    starts = np.cumsum(whole & ~np.concatenate([[False], whole[:-1]]))
    lengths = np.bincount(starts[whole], minlength=int(starts.max(initial=0)) + 1)
    shares = np.where(whole, 1.0 / np.maximum(lengths[starts], 1), 0.0)[len(lead) :]
    return np.asarray(_mix(np.where(running, np.maximum(size, 0.0), 0.0), running) * shares)
