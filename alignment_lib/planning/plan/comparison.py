"""Scenarios side by side: what makes the difference, contributor by contributor, at any level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from alignment_lib.inputs.periods.calendar import Cycle
from alignment_lib.planning.plan.horizon import Horizon
from alignment_lib.planning.plan.levels import Levels, Spans
from alignment_lib.planning.plan.plan import Plan, plan_revenue
from alignment_lib.planning.plan.revenue import PRICE, revenue_blocks

__all__ = ["bridge_at_levels", "bridge_by_parts", "compare_bridges"]


def compare_bridges(effects: Mapping[str, Mapping[str, float]], reference: str) -> pd.DataFrame:
    """What every contributor adds in each scenario, and more or less than in the reference.

    Parameters
    ----------
    effects : mapping of str to mapping of str to float
        By scenario: effect by contributor, over the same series and periods.
    reference : str
        The scenario compared with.

    Returns
    -------
    DataFrame
        ``scenario, assumption, effect, difference``; per scenario the differences sum to the difference
        of the plans. Scenarios in the order given; contributors by their largest difference.

    Raises
    ------
    KeyError
        Where no scenario bears the reference's name.

    Examples
    --------
    >>> table = compare_bridges({"a": {"A1": 5.0}, "b": {"A1": 7.0, "A2": 1.0}}, "a")
    >>> table[table["scenario"] == "b"][["assumption", "difference"]].values.tolist()
    [['A1', 2.0], ['A2', 1.0]]
    """
    if reference not in effects:
        raise KeyError(f"no scenario is called {reference!r}; there are: {', '.join(sorted(effects))}")
    before = effects[reference]
    names = {name for found in effects.values() for name in found}
    largest = {
        name: max(abs(found.get(name, 0.0) - before.get(name, 0.0)) for found in effects.values())
        for name in names
    }
    rows = [
        {
            "scenario": scenario,
            "assumption": name,
            "effect": found.get(name, 0.0),
            "difference": found.get(name, 0.0) - before.get(name, 0.0),
        }
        for scenario, found in effects.items()
        for name in sorted(names, key=lambda name: (-largest[name], name))
    ]
    return pd.DataFrame(rows, columns=["scenario", "assumption", "effect", "difference"])


def bridge_at_levels(
    plan: Plan, levels: Levels, spans: Spans, chosen: Sequence[int] | None = None
) -> pd.DataFrame:
    """The bridge summed to any levels and spans, in the measure and in money: total, product, quarter.

    Parameters
    ----------
    plan : Plan
        The plan.
    levels, spans : Levels, Spans
        The sums wanted; closed periods of the spans add nothing to a bridge.
    chosen : sequence of int, optional
        Levels shown; all by default.

    Returns
    -------
    DataFrame
        ``span, label, start``, the dimensions (blank = all), ``assumption, effect, revenue,
        price_revenue``. The bridge starts at ``baseline`` and ends at ``plan``, which are among the
        assumptions; in between ``effect`` sums to their difference, and ``revenue`` (what volume does, at
        regular prices) with ``price_revenue`` (what the price does) to that of their revenue. Money is NaN
        where no price is known. Contributors that do nothing to a sum are left out.
    """
    periods = plan.plan.shape[1]
    over = spans.matrix[:, -periods:].T
    numbers = np.arange(len(levels.keys)) if chosen is None else np.asarray(chosen, dtype=int)
    sums = _Sums(levels.matrix[numbers], over, plan.plan.shape)
    money = _money_at_levels(plan, sums)
    parts = {"baseline": sums.of(plan.grid.baseline)}
    parts |= {name: sums.of(block[1], block[0]) for name, block in sorted(plan.blocks.items())}
    zero = np.zeros(parts["baseline"].shape)
    names = [*parts, *sorted(set(money) - set(parts) - {"plan"}), "plan"]
    parts["plan"] = sums.of(plan.plan)
    unpriced = np.where(sums.priced(plan), 0.0, np.nan)
    keys, table = levels.keys.iloc[numbers], spans.table
    frames = []
    for name in names:
        volume, price = money.get(name, (zero, zero))
        amounts = {"effect": parts.get(name, zero), "revenue": volume, "price_revenue": price}
        there = np.any([part != 0 for part in amounts.values()], axis=0) | (name in ("baseline", "plan"))
        level, span = np.nonzero(there)
        frame = pd.concat(
            [part.reset_index(drop=True) for part in (table.iloc[span], keys.iloc[level])], axis=1
        )
        amounts |= {key: amounts[key] + unpriced for key in ("revenue", "price_revenue")}
        frames.append(frame.assign(assumption=name, **{key: part[there] for key, part in amounts.items()}))
    return pd.concat(frames, ignore_index=True)


def bridge_by_parts(plan: Plan, horizon: Horizon, cycle: Cycle) -> pd.DataFrame:
    """The bridge of all sales and of every value of each dimension, over spans as long as people plan.

    Parameters
    ----------
    plan : Plan
        The plan.
    horizon : Horizon
        Whose levels and spans are summed to; single series are left to the bridge itself.
    cycle : {"month", "quarter", "year"}
        Length of the round: spans are of this length, quarters and years.

    Returns
    -------
    DataFrame
        As `bridge_at_levels`.
    """
    levels, spans = horizon.levels, horizon.spans
    broad = np.flatnonzero((levels.keys != "").sum(axis=1).to_numpy() <= 1)
    kept = spans.table["span"].isin({cycle, "quarter", "year"}).to_numpy()
    chosen = Spans(spans.table[kept].reset_index(drop=True), spans.matrix[kept])
    return bridge_at_levels(plan, levels, chosen, broad.tolist())


@dataclass(frozen=True)
class _Sums:
    """Sums of blocks over levels and spans; cells without a price add nothing."""

    matrix: sparse.csr_matrix
    over: np.ndarray
    shape: tuple[int, ...]

    def of(self, values: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
        matrix = self.matrix if rows is None or len(rows) == self.shape[0] else self.matrix[:, rows]
        return np.asarray(matrix @ (np.nan_to_num(values) @ self.over))

    def priced(self, plan: Plan) -> np.ndarray:
        """Whether any cell of a sum has a price."""
        if plan.grid.measure == "revenue":
            return np.ones((self.matrix.shape[0], self.over.shape[1]), dtype=bool)
        if plan.grid.price is None:
            return np.zeros((self.matrix.shape[0], self.over.shape[1]), dtype=bool)
        return np.asarray(self.of(np.isfinite(plan.grid.price).astype(float)) > 0)


def _money_at_levels(plan: Plan, sums: _Sums) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Money by contributor: what it adds by volume, and by price."""
    revenue = plan_revenue(plan)
    if revenue is None:
        return {}
    zero = np.zeros(sums.of(revenue).shape)
    result: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for name, (rows, block) in revenue_blocks(plan):
        part = sums.of(np.broadcast_to(block, (len(rows), plan.plan.shape[1])), rows)
        by_price = name.startswith(PRICE)
        key = name.removeprefix(PRICE)
        volume, price = result.get(key, (zero, zero))
        result[key] = (volume, price + part) if by_price else (volume + part, price)
    result["plan"] = (sums.of(revenue), zero)
    return result
