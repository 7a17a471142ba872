"""Sharing the step from baseline to plan among drivers: exact, additive and independent of order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from math import comb

import numpy as np

__all__ = ["carry_to_units", "shapley_values"]

_MOST_EXACT = 5
_ORDERS = 4


def shapley_values(
    value: Callable[[frozenset[str]], np.ndarray], drivers: Sequence[str], *, seed: int
) -> dict[str, np.ndarray]:
    """Share of each driver in ``value(all drivers) - value(no driver)`` (Shapley 1953).

    Up to five drivers are shared exactly over all subsets; more by a fixed number of random orders, each
    with its reverse (Castro, Gomez & Tejada 2009). Either way the shares add up to the difference.

    Parameters
    ----------
    value : callable
        Result with the given drivers at the calendar and all others at their reference.
    drivers : sequence of str
    seed : int
        For the orders.

    >>> shares = shapley_values(lambda on: np.array([2.0 * len(on) + len(on) ** 2]), ["a", "b"], seed=1)
    >>> shares["a"].tolist(), shares["b"].tolist()
    ([4.0], [4.0])
    """
    if len(drivers) <= _MOST_EXACT:
        return _exact(value, list(drivers))
    rng = np.random.default_rng(seed)
    names = sorted(drivers)
    orders = []
    for _ in range(_ORDERS):
        order = [names[place] for place in rng.permutation(len(names))]
        orders += [order, order[::-1]]
    shares: dict[str, np.ndarray] = {}
    nothing = value(frozenset())
    for order in orders:
        before, on = nothing, frozenset[str]()
        for name in order:
            on = on | {name}
            after = value(on)
            shares[name] = shares.get(name, 0.0) + (after - before) / len(orders)
            before = after
    return {name: shares[name] for name in drivers}


def _exact(value: Callable[[frozenset[str]], np.ndarray], drivers: list[str]) -> dict[str, np.ndarray]:
    count = len(drivers)
    known = {
        frozenset(chosen): value(frozenset(chosen))
        for size in range(count + 1)
        for chosen in combinations(drivers, size)
    }
    shares = {}
    for name in drivers:
        rest = [other for other in drivers if other != name]
        shares[name] = sum(
            (known[frozenset(chosen) | {name}] - known[frozenset(chosen)]) / (count * comb(count - 1, size))
            for size in range(count)
            for chosen in combinations(rest, size)
        )
    return {name: np.asarray(share) for name, share in shares.items()}


def carry_to_units(
    shares: dict[str, np.ndarray], baseline: np.ndarray, plan: np.ndarray, slope: np.ndarray
) -> dict[str, np.ndarray]:
    """Log shares as additive units: each times the log mean of plan and baseline (LMDI, Ang 2005).

    The log mean is ``(plan - baseline) / sum of shares``; where the shares cancel to nothing it is
    `slope`, units per log point at that place.

    Returns
    -------
    dict of str to ndarray
        Adds up to ``plan - baseline``.

    >>> units = carry_to_units({"a": np.array([0.5])}, np.array([10.0]), np.array([16.0]), np.array([10.0]))
    >>> units["a"].tolist()
    [6.0]
    """
    if not shares:
        return {}
    total = sum(shares.values())
    flat = np.abs(total) < 1e-9
    mean = np.where(flat, slope, (plan - baseline) / np.where(flat, 1.0, total))
    units = {name: share * mean for name, share in shares.items()}
    # What rounding (and shares that cancel) leaves goes to the largest share, so that the sum is exact.
    rest = plan - baseline - sum(units.values())
    names = list(units)
    largest = np.argmax(np.stack([np.abs(shares[name]) for name in names]), axis=0)
    return {name: units[name] + np.where(largest == place, rest, 0.0) for place, name in enumerate(names)}
