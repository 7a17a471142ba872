"""A closed span in one reconciled picture: what units, prices and the choice of buyers made of its money."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from alignment_lib.inputs.written_numbers import Said
from alignment_lib.planning.plan.bridge import log_mean

__all__ = ["STORY", "reconcile", "say_reconciled"]

STORY = "story"
"""View of the variance that holds the picture."""

_BARS = ("units sold", "prices paid", "what sold and when")


def reconcile(cells: pd.DataFrame, dimensions: Sequence[str], prices: pd.DataFrame | None) -> pd.DataFrame:
    """How all units together, the prices paid, and what was sold when add up to the difference in money.

    Units sold: L(V1, V0) ln(U1 / U0) of all sales, L the logarithmic mean (Ang 2005). Prices paid: the sum
    over series sold on both sides of L(v1, v0) times the index of their prices (`price_changes`), their
    average price where that is not known. The rest is sales that moved to dearer or cheaper products,
    channels and weeks, launches too.

    Parameters
    ----------
    cells : DataFrame
        The dimensions, ``units_0, units_1, value_0, value_1``: one row a series.
    prices : DataFrame, optional
        `price_changes`.

    Returns
    -------
    DataFrame
        ``bar``, ``effect, reference, actual`` (all money), ``units_reference,
        units_actual``; empty where units or money are not known on both sides.

    Examples
    --------
    >>> units, value = {"units_0": [100.0], "units_1": 92.8}, {"value_0": 1000.0, "value_1": 1025.0}
    >>> cells = pd.DataFrame({"product": ["A"], **units, **value})
    >>> reconcile(cells, ["product"], None).set_index("bar")["effect"].round(2).to_dict()
    {'units sold': -75.65, 'prices paid': 100.65, 'what sold and when': 0.0}
    """
    sums = cells[["units_0", "units_1", "value_0", "value_1"]].sum(min_count=1).to_numpy(dtype=float)
    if not (sums > 0).all() or cells["value_0"].equals(cells["units_0"]):
        return pd.DataFrame(
            columns=["bar", "effect", "reference", "actual", "units_reference", "units_actual"]
        )
    units_0, units_1, value_0, value_1 = sums
    volume = float(log_mean(np.array(value_1), np.array(value_0)) * np.log(units_1 / units_0))
    both = cells[(cells[["units_0", "units_1", "value_0", "value_1"]] > 0).all(axis=1)]
    amounts = both[["units_0", "units_1", "value_0", "value_1"]].to_numpy(dtype=float)
    logs = np.log(amounts[:, 3] / amounts[:, 2]) - np.log(amounts[:, 1] / amounts[:, 0])
    if prices is not None and len(prices):
        known = both[list(dimensions)].astype(str).merge(prices, on=list(dimensions), how="left")["price_log"]
        logs = np.where(known.notna(), known.to_numpy(dtype=float), logs)
    price = float((log_mean(amounts[:, 3], amounts[:, 2]) * logs).sum())
    effects = (volume, price, value_1 - value_0 - volume - price)
    rows = pd.DataFrame({"bar": _BARS, "effect": effects, "reference": value_0, "actual": value_1})
    return rows.assign(units_reference=units_0, units_actual=units_1)


def say_reconciled(table: pd.DataFrame, currency: str) -> str:
    """Units and money as one story, with its parts; blank where only one of the two is known.

    Parameters
    ----------
    table : DataFrame
        Rows of one comparison, of any view.
    """
    rows = table[table["view"] == STORY].set_index("bar")
    if rows.empty:
        return ""
    ends = ["units_actual", "units_reference", "actual", "reference"]
    sold, before, took, took_before = rows[ends].to_numpy(dtype=float)[0]
    effects = dict(zip(rows.index, rows["effect"].astype(float), strict=True))
    parts = ", ".join(f"{name} {Said(effects[name]):+,.0f}" for name in _BARS)
    return (
        f"That is {Said(sold / before - 1.0):+.1%} in units ({Said(sold):,.0f} for {Said(before):,.0f}) and "
        f"{Said(took / took_before - 1.0):+.1%} in money: {parts} {currency}."
    )
