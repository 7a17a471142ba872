"""Why profit came out as it did: volume, mix, price, unit cost, promotion funding, overhead and spend.

Of a group (a product, across whose units may be added) profit is ``U Σ s (p − c) − F``, and of the whole
that less overhead at its share of revenue and marketing spend: U units in all, s the shares of its
series, p the price paid, c the unit cost, F the funding of actions. Every part of a product of factors is
its Shapley value (Shapley 1953; as a decomposition Sun 1998, Energy Economics 20): the mean of what its
change does over all orders in which the factors may change. So the parts are exact, leave nothing over,
and depend on no order.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

__all__ = ["PROFIT_BARS", "share_of_three", "split_profit"]

PROFIT_BARS = {
    "volume": "marketing and sales",
    "mix": "marketing and sales",
    "price": "sales",
    "unit cost": "purchasing",
    "promotion funding": "marketing",
    "overhead": "finance",
    "marketing spend": "marketing",
}
"""Bars in their order, with the function that owns each."""
_Pair = tuple[np.ndarray, np.ndarray]
_SUMS = ("units", "revenue", "cost", "funding")


def share_of_three(
    first: _Pair,
    second: _Pair,
    third: _Pair,
) -> np.ndarray:
    """What the change of the first of three factors does to their product: its Shapley value.

    Parameters
    ----------
    first, second, third : tuple of ndarray
        Before and after.

    Examples
    --------
    >>> pairs = [(np.array([2.0]), np.array([3.0])), (np.array([5.0]), np.array([4.0]))]
    >>> pairs += [(np.array([1.0]), np.array([2.0]))]
    >>> [float(share_of_three(pairs[at], pairs[at - 1], pairs[at - 2]).round(3)[0]) for at in range(3)]
    [6.667, -3.833, 11.167]
    """
    (b0, b1), (c0, c1) = second, third
    mean = (b0 * c0 + b1 * c1) / 3.0 + (b0 * c1 + b1 * c0) / 6.0
    return np.asarray((first[1] - first[0]) * mean)


def split_profit(
    actual: pd.DataFrame,
    reference: pd.DataFrame,
    dimensions: Sequence[str],
    product: str | None = None,
    spend: tuple[float, float] = (0.0, 0.0),
    overhead_share: float = 0.0,
) -> pd.DataFrame:
    """Split actual less reference profit.

    Parameters
    ----------
    actual, reference : DataFrame
        The dimensions, ``units, revenue, cost, funding``; rows of a series are added up. Series whose cost is
        missing on either side must have been left out.
    dimensions : sequence of str
        Columns that name a series.
    product : str, optional
        The dimension across which units must not be added; without it all units are one group.
    spend : tuple of float
        Marketing spend of reference and actual.
    overhead_share : float
        Overhead as a share of revenue, the same on both sides.

    Returns
    -------
    DataFrame
        ``bar, effect, owner_function``; the effects sum to the difference of the profits. A series that was
        not sold on one side has there the price and the unit cost of the other: new sales are volume and mix.
        Money of series whose units net to nothing is in mix too.

    Examples
    --------
    >>> plan = pd.DataFrame({"item": ["A"], "units": [100.0], "revenue": [1000.0], "cost": [600.0]})
    >>> sold = pd.DataFrame({"item": ["A"], "units": [120.0], "revenue": [1080.0], "cost": [744.0]})
    >>> found = split_profit(sold.assign(funding=10.0), plan.assign(funding=0.0), ["item"])
    >>> found.set_index("bar")["effect"].round(2).to_dict()  # doctest: +NORMALIZE_WHITESPACE
    {'volume': 68.0, 'mix': 0.0, 'price': -110.0, 'unit cost': -22.0, 'promotion funding': -10.0,
     'overhead': 0.0, 'marketing spend': 0.0}
    """
    names = list(dimensions)
    sums = [side.groupby(names, observed=True)[list(_SUMS)].sum() for side in (reference, actual)]
    both = sums[0].join(sums[1], how="outer", lsuffix="_0", rsuffix="_1").fillna(0.0)
    units = (both["units_0"].to_numpy(dtype=float), both["units_1"].to_numpy(dtype=float))
    price = _rates(both, "revenue", units)
    cost = _rates(both, "cost", units)
    groups = both.index.get_level_values(product) if product else np.zeros(len(both), dtype=int)
    codes = pd.factorize(groups)[0]
    whole = (np.bincount(codes, units[0])[codes], np.bincount(codes, units[1])[codes])
    shares = _shares(units, whole, codes)
    own = [one - two for one, two in zip(price, cost, strict=True)]
    leaves = (np.asarray(own[0]), np.asarray(own[1]))
    volume, mix = share_of_three(whole, shares, leaves), share_of_three(shares, whole, leaves)
    paid, dearer = share_of_three(price, whole, shares), -share_of_three(cost, whole, shares)
    taken = [float(side["revenue"].sum()) for side in sums]
    effects = {
        "volume": float(volume.sum()),
        "mix": float(mix.sum()),
        "price": float(paid.sum()),
        "unit cost": float(dearer.sum()),
        "promotion funding": -float(both["funding_1"].sum() - both["funding_0"].sum()),
        "overhead": -overhead_share * (taken[1] - taken[0]),
        "marketing spend": -(spend[1] - spend[0]),
    }
    effects["mix"] += _rest(both, effects)
    rows = [(bar, effects[bar] + 0.0, owner) for bar, owner in PROFIT_BARS.items()]
    return pd.DataFrame(rows, columns=["bar", "effect", "owner_function"])


def _rest(both: pd.DataFrame, effects: dict[str, float]) -> float:
    """What no factor holds: money of series whose units, or whose group's, net to nothing."""
    left = both["revenue_1"] - both["revenue_0"] - both["cost_1"] + both["cost_0"]
    return float(left.sum()) - sum(effects[bar] for bar in ("volume", "mix", "price", "unit cost"))


def _rates(both: pd.DataFrame, name: str, units: _Pair) -> _Pair:
    """Money per unit on both sides; that of the other side where nothing was sold."""
    rates = [
        np.divide(
            both[f"{name}_{side}"].to_numpy(dtype=float),
            units[side],
            out=np.full(len(both), np.nan),
            where=units[side] != 0,
        )
        for side in (0, 1)
    ]
    before, after = rates
    filled = (np.where(np.isnan(before), after, before), np.where(np.isnan(after), before, after))
    return np.nan_to_num(filled[0]), np.nan_to_num(filled[1])


def _shares(units: _Pair, whole: _Pair, codes: np.ndarray) -> _Pair:
    """Shares of the series in their group; those of the other side where a group sold nothing."""
    found = [
        np.divide(side, total, out=np.full(len(codes), np.nan), where=total != 0)
        for side, total in zip(units, whole, strict=True)
    ]
    before = np.where(np.isnan(found[0]), found[1], found[0])
    after = np.where(np.isnan(found[1]), found[0], found[1])
    return np.nan_to_num(before), np.nan_to_num(after)
