"""Customers of a plan: those who are new, those who buy again, those who are lost, drawn with its money.

New customers are new sales over what a new customer spends in a span, by the plan's mix of what they buy;
customers who buy again are all other sales over what one of them spends. Who is lost follows from
retention: of those active at a span's start the share that past spans lost goes. Order sizes and retention
of past spans are drawn whole, a span a draw, so that they scatter as they did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

__all__ = ["CUSTOMER_MEASURES", "CustomerRates", "count_customers", "dearer_mix", "part_customers"]

CUSTOMER_MEASURES = ("new_customers", "repeating_customers", "customers", "lost_customers")
"""Measures that count customers."""


@dataclass(frozen=True)
class CustomerRates:
    """What past spans of the round's length say of customers.

    Attributes
    ----------
    column : str
        The dimension that says the type of a sale.
    types : tuple of str
        Types whose sales are those of new customers.
    new_sizes : ndarray, shape (spans,)
        Money of new sales for each new customer.
    again_sizes : ndarray, shape (spans,)
        Money of other sales for each customer who bought again; empty where customers cannot be told.
    lost_shares : ndarray, shape (spans,)
        Share of the customers active at a span's start who were lost in it; empty likewise.
    active : float
        Customers active at the first open span's start; NaN where not known.
    by : dict of str to dict of str to float
        What one new customer spends by value of a dimension, where purchases or leads bear it.
    mix : dict of str to dict of str to float
        Shares of the values of these dimensions in the money that `new_sizes` are taken from.
    """

    column: str
    types: tuple[str, ...]
    new_sizes: np.ndarray
    again_sizes: np.ndarray = field(default_factory=lambda: np.zeros(0))
    lost_shares: np.ndarray = field(default_factory=lambda: np.zeros(0))
    active: float = float("nan")
    by: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    mix: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def measures(self) -> tuple[str, ...]:
        """Those of `CUSTOMER_MEASURES` that can be told."""
        return CUSTOMER_MEASURES if len(self.again_sizes) else CUSTOMER_MEASURES[:1]


def count_customers(
    new_money: np.ndarray,
    other_money: np.ndarray,
    rates: CustomerRates,
    spans: pd.DataFrame,
    cycle: str,
    seed: int | None = None,
) -> dict[str, np.ndarray]:
    """Customers of every span that is as long as the round; NaN for spans of other lengths.

    Parameters
    ----------
    new_money, other_money : ndarray, shape (spans, draws)
        Sales of new customers, and all other sales.
    rates : CustomerRates
    spans : DataFrame
        ``span, start`` of each.
    cycle : str
        The round's length.
    seed : int, optional
        Of the past span each draw takes; without one, means are taken: the plan itself.
    """
    draws = new_money.shape[1]
    asked = (spans["span"] == cycle).to_numpy()
    nothing = np.full(new_money.shape, np.nan)
    new = np.where(asked[:, None], new_money / _drawn(rates.new_sizes, draws, seed), nothing)
    if not len(rates.again_sizes):
        return {"new_customers": new}
    again = np.where(asked[:, None], other_money / _drawn(rates.again_sizes, draws, seed), nothing)
    share = _drawn(rates.lost_shares, draws, seed)
    lost, active = nothing.copy(), np.full(draws, rates.active)
    order = spans[asked].sort_values("start", kind="stable").index
    for at in spans.index.get_indexer(order):
        lost[at] = share * active
        active = active + new[at] - lost[at]
    return {
        "new_customers": new,
        "repeating_customers": again,
        "customers": new + again,
        "lost_customers": lost,
    }


def dearer_mix(
    new_money: np.ndarray, parts: Sequence[tuple[str, str]], rates: CustomerRates
) -> np.ndarray | float:
    """How much more a new customer spends by the plan's mix than by that of the past: 1 where it is the same.

    Buyers who move to a dearer product bring the same money with fewer customers. The mix is read along the
    dimension whose values differ most in what a customer spends there; the mean size of a mix is its money
    over the sum of each value's money by size (harmonic mean).

    Parameters
    ----------
    new_money : ndarray, shape (parts, spans, draws)
        New sales of every part.
    parts : sequence of (dimension, value)
    rates : CustomerRates

    Examples
    --------
    Half of the money was spent on machines of 500, half on beans of 100: a customer spent 167. Where all of
    it goes to machines they spend three times as much.

    >>> by, mix = {"beans": 100.0, "machine": 500.0}, {"beans": 0.5, "machine": 0.5}
    >>> past = np.array([167.0])
    >>> rates = CustomerRates("type", ("new",), past, by={"product": by}, mix={"product": mix})
    >>> parts = [("product", "beans"), ("product", "machine")]
    >>> dearer_mix(np.array([[[50.0]], [[50.0]]]), parts, rates).round(9).item()
    1.0
    >>> dearer_mix(np.array([[[0.0]], [[100.0]]]), parts, rates).round(9).item()
    3.0
    """
    name = max(rates.mix, key=lambda one: _spread(rates, one), default="")
    own = [at for at, (part, _) in enumerate(parts) if part == name]
    if not own:
        return 1.0
    usual = sum(share / _size(rates, name, value) for value, share in rates.mix[name].items())
    sizes = np.array([_size(rates, *parts[at]) for at in own])
    money = np.maximum(new_money[own], 0.0)
    total, customers = money.sum(axis=0), (money / sizes[:, None, None]).sum(axis=0)
    return np.asarray(np.divide(total * usual, customers, out=np.ones(total.shape), where=customers > 0))


def _size(rates: CustomerRates, name: str, value: str) -> float:
    """What one new customer spends on a value of a dimension; as on all where that is not known."""
    return rates.by.get(name, {}).get(value, float(rates.new_sizes.mean()))


def _spread(rates: CustomerRates, name: str) -> float:
    """Variance of what customers spend on the values of a dimension, in logs, by their shares."""
    shares = np.array(list(rates.mix[name].values()))
    logs = np.log([_size(rates, name, value) for value in rates.mix[name]])
    return float(shares @ (logs - shares @ logs) ** 2)


def part_customers(
    whole: np.ndarray, new_money: np.ndarray, parts: Sequence[tuple[str, str]], rates: CustomerRates
) -> np.ndarray:
    """New customers of parts: those of the whole, shared by what each part's new sales make of them.

    Values of one dimension add up to the whole in every draw.

    Parameters
    ----------
    whole : ndarray, shape (spans, draws)
    new_money : ndarray, shape (parts, spans, draws)
        New sales of every part.
    parts : sequence of (dimension, value)
        All values of each dimension.
    rates : CustomerRates
        What one new customer spends there; of the whole where a value has too few.

    Examples
    --------
    Two channels sell 100 each to new customers, who spend 10 in the shop and 30 on the web: 3 of 4 are the
    shop's.

    >>> rates = CustomerRates("type", ("new",), np.array([15.0]), by={"channel": {"shop": 10.0, "web": 30.0}})
    >>> money = np.full((2, 1, 1), 100.0)
    >>> parts = [("channel", "shop"), ("channel", "web")]
    >>> part_customers(np.array([[12.0]]), money, parts, rates).ravel().tolist()
    [9.0, 3.0]
    """
    sizes = np.array([_size(rates, name, value) for name, value in parts])
    counts = np.maximum(new_money, 0.0) / sizes[:, None, None]
    found = np.zeros(counts.shape)
    for name in {name for name, _ in parts}:
        own = np.array([part == name for part, _ in parts])
        total = counts[own].sum(axis=0)
        shares = np.divide(counts[own], total, out=np.zeros(counts[own].shape), where=total > 0)
        found[own] = shares * whole
    return found


def _drawn(values: np.ndarray, draws: int, seed: int | None) -> np.ndarray:
    """A past span's value for each draw, every span equally often; the mean without a seed."""
    if seed is None:
        return np.full(draws, float(values.mean()))
    turns = np.random.default_rng([seed, 78]).permutation(np.resize(np.arange(len(values)), draws))
    return np.asarray(values[turns])
