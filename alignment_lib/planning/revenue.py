"""The plan in money: what volume does and what price does, kept apart."""

from __future__ import annotations

import numpy as np

from alignment_lib.planning.bridge import Block, dense, split_logs
from alignment_lib.planning.plan import Plan, price_change

__all__ = ["PRICE", "revenue_bridge"]

PRICE = "price:"
"""Prefix of what a claim adds by its price alone, beside what it adds by volume."""


def revenue_bridge(plan: Plan) -> dict[str, np.ndarray]:
    """From the baseline's revenue to the plan's, contributor by contributor.

    Volume effects are valued at the price calendar; what claims do to the price applies to the plan's
    whole volume, split among them by the log-mean index. The sum is exact.

    Returns
    -------
    dict of str to ndarray, shape (series, periods)
        ``baseline`` (its volume at calendar prices), every contributor by volume, and ``price:<id>`` for
        claims that change revenue per unit. Cells without a known price are NaN.

    Raises
    ------
    ValueError
        Where no price is known at all.
    """
    grid = plan.grid
    if grid.measure == "revenue":
        return {"baseline": grid.baseline, **plan.effects}
    if grid.price is None:
        raise ValueError("no price is known, so there is no revenue to explain")
    result = {"baseline": grid.baseline * grid.price}
    result |= {name: effect * grid.price for name, effect in plan.effects.items()}
    logs: list[Block] = []
    names = []
    for claim in plan.claims:
        change = price_change(grid, claim, plan.values[claim.row.id])
        if change is not None:
            with np.errstate(divide="ignore"):
                logs.append((claim.series, np.log(np.maximum(1.0 + change, 0.0))))
            names.append(PRICE + claim.row.id)
    if logs:
        _, parts = split_logs(plan.plan * grid.price, logs)
        for name, (rows, _), part in zip(names, logs, parts, strict=True):
            result[name] = result.get(name, 0.0) + dense((rows, part), grid.baseline.shape)
    return result
