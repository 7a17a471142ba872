"""Nothing forgotten: the six factors a plan made from statistics alone leaves out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from alignment_lib.inputs.checking.sales_checks import SALE_TYPES
from alignment_lib.planning.plan.plan import Plan
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.online import is_online

__all__ = ["FACTORS", "factor_coverage"]

FACTORS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "market": ("Market changes", ("market_shift",), "category or market research, marketing"),
    "consumer": ("Consumer behaviour", ("consumer_shift",), "consumer insight, marketing"),
    "sale_types": ("Every type of sale", (), "sales operations, with customer data"),
    "products": ("New products and services", ("new_product", "delisting"), "product management"),
    "promotions": ("The promotion programme", ("promotion", "price_change"), "brand or trade marketing"),
    "internet": ("Internet and mobile", ("digital", "new_channel"), "e-commerce, digital marketing"),
}
"""By key: title, the kinds that speak to it, and whom to ask where nobody has."""
_COLUMNS = [
    *("factor", "title", "considered", "assumptions", "drivers", "effect", "revenue", "supported"),
    *("no_history", "evidence", "ask"),
]


def factor_coverage(
    register: Sequence[Assumption],
    plan: Plan,
    evidence: pd.DataFrame | None = None,
    has_sale_types: bool = False,
) -> pd.DataFrame:
    """For each factor: who speaks to it, what it moves, what stands behind it, or whom to ask.

    Parameters
    ----------
    register : sequence of Assumption
        Every row; rejected ones do not count as considered.
    plan : Plan
        In which the effects are measured, usually ``as_proposed``.
    evidence : DataFrame, optional
        ``assumption, verdict``.
    has_sale_types : bool
        Whether sales come by type of sale, from the table or worked out from transactions.

    Returns
    -------
    DataFrame
        One row a factor: ``factor, title, considered, assumptions`` (ids), ``drivers`` (of the
        calendar), ``effect`` (in the measure, over the horizon), ``revenue`` (at plan prices, NaN where
        none is known), ``supported, no_history`` (how many rows), ``evidence`` and ``ask`` in words. A
        row in an online channel speaks to the internet beside its own factor; effects of such rows
        stand in both lines.
    """
    verdicts = {} if evidence is None else dict(zip(evidence["assumption"], evidence["verdict"], strict=True))
    rows = [row for row in register if row.status != "rejected"]
    found = [_factor(key, rows, plan, verdicts, has_sale_types) for key in FACTORS]
    return pd.DataFrame(found, columns=_COLUMNS)


def _factor(
    key: str, rows: Sequence[Assumption], plan: Plan, verdicts: Mapping[str, str], has_sale_types: bool
) -> dict[str, object]:
    title, _, ask = FACTORS[key]
    ids = [row.id for row in rows if _speaks(row, key)]
    drivers = _drivers(plan, key)
    effect, revenue = _moved(plan, [*ids, *(f"driver:{name}" for name in drivers)])
    supported = sum(verdicts.get(name, "").startswith("supported") for name in ids)
    silent = sum(verdicts.get(name, "no history") == "no history" for name in ids)
    considered = bool(ids or drivers or (key == "sale_types" and has_sale_types))
    return {
        "factor": key,
        "title": title,
        "considered": considered,
        "assumptions": "; ".join(ids),
        "drivers": "; ".join(drivers),
        "effect": effect,
        "revenue": revenue,
        "supported": supported,
        "no_history": silent,
        "evidence": _words(key, ids, drivers, supported, silent, has_sale_types),
        "ask": "" if considered else f"not considered; to be asked: {ask}",
    }


def _speaks(row: Assumption, key: str) -> bool:
    if row.kind in FACTORS[key][1]:
        return True
    values = " ".join(row.scope.values()).casefold()
    if key == "internet":
        return is_online(values)
    words = set(values.replace("-", "_").split())
    return key == "sale_types" and bool(words & set(SALE_TYPES))


def _drivers(plan: Plan, key: str) -> list[str]:
    kinds = {"market": ("market",), "promotions": ("promotion", "price")}.get(key, ())
    return sorted(name for name, kind in plan.grid.driver_kinds.items() if kind in kinds)


def _moved(plan: Plan, names: Sequence[str]) -> tuple[float, float]:
    effect, money = 0.0, 0.0
    for name in names:
        if name in plan.blocks:
            rows, block = plan.blocks[name]
            effect += float(block.sum())
            if plan.grid.measure == "revenue":
                money += float(block.sum())
            elif plan.grid.price is not None:
                money += float(np.nansum(block * plan.grid.price[rows]))
    priced = plan.grid.measure == "revenue" or plan.grid.price is not None
    return effect, money if priced else float("nan")


def _words(
    key: str, ids: Sequence[str], drivers: Sequence[str], supported: int, silent: int, has_sale_types: bool
) -> str:
    parts = []
    if ids:
        parts.append(f"assumptions: {len(ids)}, supported by history: {supported}, without history: {silent}")
    if drivers:
        parts.append(f"the calendar of {', '.join(name.replace('_', ' ') for name in drivers)}")
    if key == "sale_types" and has_sale_types:
        parts.append("sales are planned by type of sale")
    return "; ".join(parts)
