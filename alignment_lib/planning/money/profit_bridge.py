"""From the baseline's profit to the plan's: every contributor by volume, by price and by what it costs.

Volume is worth the regular price less the unit cost, a change of price applies to the plan's whole volume (as
in the bridge in money), funding stands under the name of the action it pays for, marketing spend under its
own, what a budget adds to it under the budget's. All cells whose margin is known, and only they, so the sum
is exact.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse

from alignment_lib.inputs.periods.calendar import Cycle
from alignment_lib.planning.money.book import MoneyBook, money_cells, spend_shares
from alignment_lib.planning.money.plan_money import PlanMoney, plan_money
from alignment_lib.planning.plan.bridge import dense
from alignment_lib.planning.plan.horizon import Horizon
from alignment_lib.planning.plan.plan import Plan
from alignment_lib.planning.plan.revenue import PRICE, revenue_blocks

__all__ = ["SPEND", "profit_bridge", "profit_effects"]

SPEND = "spend"
"""What marketing spends, among the contributors."""
_AMOUNTS = ("by_volume", "by_price", "by_cost", "funding", "overhead", "spend")
_ENDS = ("baseline", "plan")


def profit_effects(plan: Plan, money: PlanMoney) -> dict[str, dict[str, np.ndarray]]:
    """What every contributor adds to margin, shape (series, periods) each, zero where it is not known.

    Returns
    -------
    dict of str to dict
        By contributor, ``baseline`` among them: ``by_volume, by_price`` (money taken), ``by_cost`` (of the
        goods, negative where units are added) and ``funding`` (negative where paid).
    """
    shape, known = plan.plan.shape, money.known
    found: dict[str, dict[str, np.ndarray]] = {}

    def add(name: str, kind: str, amount: np.ndarray) -> None:
        own = found.setdefault(name, {})
        own[kind] = own.get(kind, 0.0) + np.where(known, np.nan_to_num(amount), 0.0)

    if plan.grid.measure == "revenue" or plan.grid.price is not None:
        for name, block in revenue_blocks(plan):
            kind = "by_price" if name.startswith(PRICE) else "by_volume"
            add(name.removeprefix(PRICE), kind, dense(block, shape))
    for name, units in _units(plan, money, found).items():
        add(name, "by_cost", -units * money.unit_cost)
    for name in {*money.per_unit, *money.lumps}:
        add(name, "funding", -money.funding_of(name))
    return found


def _units(plan: Plan, money: PlanMoney, found: dict[str, dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Units that every contributor adds; they sum to those of the plan."""
    grid, shape = plan.grid, plan.plan.shape
    if grid.measure == "units":
        return {"baseline": grid.baseline} | {
            name: dense(block, shape) for name, block in plan.blocks.items()
        }
    if grid.unit_price is None:
        return {}
    # In money a volume effect is units at the usual price; what prices do to the units that a sum of money is
    # stands with those who move prices, in proportion.
    usual = 1.0 / grid.unit_price[:, None]
    units = {name: part.get("by_volume", np.zeros(shape)) * usual for name, part in found.items()}
    left = plan.plan * money.units - sum(units.values(), np.zeros(shape))
    moves = {name: np.abs(part["by_price"]) for name, part in found.items() if "by_price" in part}
    total = sum(moves.values(), np.zeros(shape))
    for name, size in moves.items():
        share = np.divide(size, total, out=np.zeros(shape), where=total > 0)
        units[name] = units[name] + left * share
    units["baseline"] = units["baseline"] + np.where(total > 0, 0.0, left)
    return units


def profit_bridge(plan: Plan, horizon: Horizon, book: MoneyBook, cycle: Cycle) -> pd.DataFrame:
    """The bridge in profit of all sales and of every value of each dimension, by span.

    Parameters
    ----------
    plan, horizon, book
        The plan, where it stands, and what stands beside it.
    cycle : {"month", "quarter", "year"}
        Length of the round: spans are of this length, quarters and years.

    Returns
    -------
    DataFrame
        ``span, label, start``, the dimensions (blank = all), ``assumption``, `_AMOUNTS` and ``effect``, their
        sum, which goes from ``baseline`` over all others to ``plan``, over the span's open periods. Without a
        spend table it ends at margin less overhead.
    """
    money = plan_money(plan)
    levels, spans = horizon.levels, horizon.spans
    broad = np.flatnonzero((levels.keys != "").sum(axis=1).to_numpy() <= 1)
    kept = spans.table["span"].isin({cycle, "quarter", "year"}).to_numpy()
    closed = len(horizon.closed_periods)
    matrix, over = levels.matrix[broad], spans.matrix[kept][:, closed:].T
    share, known = book.overhead_share, money.known
    effects = profit_effects(plan, money)
    parts = {name: _with_overhead(amounts, share) for name, amounts in sorted(effects.items())}
    if book.spend is not None:
        cells = money_cells(money, book)
        shares = spend_shares(cells.revenue, cells.margin)[:, closed:] * known.any(axis=0)
        parts[SPEND] = {"spend": -book.spend[closed:] * shares}
        for name, extra in money.spend.items():
            parts[name] = _with_overhead({}, share) | parts.get(name, {}) | {"spend": -extra * shares}
    order = ["baseline", *(name for name in parts if name != "baseline"), "plan"]
    parts["plan"] = {
        kind: sum((one[kind] for one in parts.values() if kind in one), np.zeros(known.shape))
        for kind in _AMOUNTS
    }
    frames = [_sums(parts[name], matrix, over).assign(assumption=name) for name in order if name in parts]
    table = pd.concat([_labels(levels.keys.iloc[broad], spans.table[kept])] * len(frames), ignore_index=True)
    frame = pd.concat([table, pd.concat(frames, ignore_index=True)], axis=1)
    there = frame[[*_AMOUNTS]].ne(0).any(axis=1) | frame["assumption"].isin(_ENDS)
    frame = frame[there].reset_index(drop=True).assign(effect=lambda one: one[list(_AMOUNTS)].sum(axis=1))
    first = ["span", "label", "start", *levels.keys.columns, "assumption"]
    return frame[[*first, *_AMOUNTS, "effect"]]


def _with_overhead(amounts: dict[str, np.ndarray], share: float) -> dict[str, np.ndarray]:
    taken = sum(amounts[kind] for kind in ("by_volume", "by_price") if kind in amounts)
    return amounts | {"overhead": np.asarray(-share * taken)}


def _sums(amounts: dict[str, np.ndarray], matrix: sparse.csr_matrix, over: np.ndarray) -> pd.DataFrame:
    zero = np.zeros((matrix.shape[1], len(over)))
    return pd.DataFrame(
        {kind: np.asarray(matrix @ ((amounts.get(kind, zero) + zero) @ over)).ravel() for kind in _AMOUNTS}
    )


def _labels(keys: pd.DataFrame, spans: pd.DataFrame) -> pd.DataFrame:
    level, span = np.repeat(np.arange(len(keys)), len(spans)), np.tile(np.arange(len(spans)), len(keys))
    parts = (spans.iloc[span], keys.iloc[level])
    return pd.concat([part.reset_index(drop=True) for part in parts], axis=1)
