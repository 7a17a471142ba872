"""Coefficients of the measured model: which there are, how each acts on sales, how each kind is pooled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from alignment_lib.forecasting.effects.drivers.moves import Moves
from alignment_lib.forecasting.effects.drivers.panel import Panel

__all__ = [
    "Coefficient",
    "Layout",
    "Parts",
    "bound_estimate",
    "lay_out",
    "prior_precision",
    "update_spreads",
]

_MOST_PAIRS = 15
_FIRST_SPREAD = {"own": 0.4, "price": 0.8, "market": 2.0, "after": 0.3, "before": 0.2, "pair": 0.08}
_POSSIBLE = {"own": 2.0, "price": 4.0, "pair": 0.3}
_LARGEST_LOG = 3.0
"""Log points that a driver at its strongest may move sales by: twentyfold."""
_LARGEST_SHARE = 1.0
"""Share of what a promotion brings that one coefficient may take from, or give to, anything else."""
_STEEPEST = 10.0
"""Elasticities met in practice lie between 0 and -10 (Bijmolt, van Heerde & Pieters 2005)."""
_SPREAD_LIMITS = {"own": (0.02, 2.0), "price": (0.05, 2.0), "pair": (0.01, 0.4)}


@dataclass(frozen=True)
class Coefficient:
    """One coefficient.

    Attributes
    ----------
    kind : {"own", "price", "market", "after", "before", "pair"}
        Uplift of a promotion, price elasticity, market effect (log points per unit, or elasticity where the
        driver is positive), share missing after and before, share taken from another product.
    driver : str
        ``""`` for pairs, which hold for all drivers.
    product : int
        The product acted on; -1 for all.
    other : int
        Pairs: the promoted product. After: the lag in periods. Otherwise -1.
    """

    kind: str
    driver: str
    product: int = -1
    other: int = -1


@dataclass(frozen=True)
class Parts:
    """Sales taken apart at given coefficients; all of shape (series, known)."""

    base: np.ndarray
    gross: dict[str, np.ndarray]
    borrowed: dict[str, np.ndarray]
    taken: np.ndarray
    after: dict[tuple[str, int], np.ndarray]
    before: dict[str, np.ndarray]
    rivals: np.ndarray
    donors: np.ndarray

    @property
    def expected(self) -> np.ndarray:
        """Sales expected; never below a tenth of the base."""
        total = self.base + sum(self.gross.values()) - sum(self.borrowed.values()) - self.taken
        return np.asarray(np.maximum(total, 0.1 * self.base))


@dataclass(frozen=True)
class Layout:
    """All coefficients of a model, and the data they act on.

    Attributes
    ----------
    coefficients : tuple of Coefficient
    prices, market : dict of str to ndarray, shape (series, known)
        Log price, and market driver (in logs where positive), each less its mean.
    quiet : ndarray of bool, shape (series, known)
        Where nothing is promoted.
    cells : ndarray, shape (series,)
        Product within store of each series.
    products : int
    """

    coefficients: tuple[Coefficient, ...]
    prices: dict[str, np.ndarray]
    market: dict[str, np.ndarray]
    quiet: np.ndarray
    products: int
    stores: int

    @property
    def size(self) -> int:
        """Number of coefficients."""
        return len(self.coefficients)

    @property
    def first_spreads(self) -> dict[str, float]:
        """Where the spreads between products start, by pool."""
        return {pool: _FIRST_SPREAD[pool.partition(":")[0]] for pool in self.pools}

    @property
    def pools(self) -> dict[str, list[int]]:
        """Places of the coefficients pooled together, by name."""
        pools: dict[str, list[int]] = {}
        for place, its in enumerate(self.coefficients):
            pools.setdefault(f"{its.kind}:{its.driver}", []).append(place)
        return pools

    def place(self, kind: str, driver: str) -> dict[tuple[int, int], int]:
        """Place of each coefficient of a kind and driver, by product and other."""
        return {
            (its.product, its.other): place
            for place, its in enumerate(self.coefficients)
            if its.kind == kind and its.driver == driver
        }

    def by_series(self, panel: Panel, kind: str, driver: str, estimate: np.ndarray) -> np.ndarray:
        """Coefficient of each series, 0 where there is none; shape (series, 1)."""
        known = {product: estimate[place] for (product, _), place in self.place(kind, driver).items()}
        return np.array([known.get(int(product), known.get(-1, 0.0)) for product in panel.product])[:, None]

    def parts(self, panel: Panel, moves: Moves, estimate: np.ndarray, level: np.ndarray) -> Parts:
        """Take sales apart at the given coefficients and level."""
        log_shift = np.zeros_like(level)
        for name, values in self.market.items():
            log_shift += self.by_series(panel, "market", name, estimate) * values
        for name, values in self.prices.items():
            cut = moves.mechanics.get(name, 0.0)
            log_shift += self.by_series(panel, "price", name, estimate) * (values + cut)
        base = level * np.exp(np.clip(log_shift, -5, 5))
        gross = self._gross(panel, moves, estimate, base)
        after = {
            (name, lag): moves.after(units, name, lag)
            for name, units in gross.items()
            for lag in range(1, moves.lags + 1)
        }
        before = {name: moves.before(units, name) for name, units in gross.items()}
        borrowed = {
            name: sum(
                estimate[place] * after[name, lag] for (_, lag), place in self.place("after", name).items()
            )
            + sum(estimate[place] * before[name] for place in self.place("before", name).values())
            + np.zeros_like(base)
            for name in gross
        }
        rivals = _cube(sum(gross.values()) + np.zeros_like(base), panel, self)
        donors = _cube(base, panel, self)
        taken = np.zeros_like(base)
        for (donor, promoted), place in self.place("pair", "").items():
            rows = panel.product == donor
            taken[rows] += estimate[place] * self._pair_units(
                rows, promoted, donor, panel, rivals, donors, base
            )
        return Parts(base, gross, borrowed, taken, after, before, rivals, donors)

    def _gross(
        self, panel: Panel, moves: Moves, estimate: np.ndarray, base: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Units each mechanic brings; where several are on, shared by their log effects (LMDI)."""
        logs = {}
        for name, strength in moves.mechanics.items():
            kind, sign = ("price", -1.0) if name in self.prices else ("own", 1.0)
            logs[name] = np.clip(sign * self.by_series(panel, kind, name, estimate) * strength, -3, 3)
        total = sum(logs.values()) + np.zeros_like(base)
        flat = np.abs(total) < 1e-9
        mean = np.where(flat, base, base * np.expm1(np.where(flat, 1.0, total)) / np.where(flat, 1.0, total))
        return {name: values * mean for name, values in logs.items()}

    def _pair_units(
        self, rows: np.ndarray, promoted: int, donor: int, panel: Panel, rivals: np.ndarray,
        donors: np.ndarray, base: np.ndarray,
    ) -> np.ndarray:  # fmt: skip
        """Gross units of the promoted product in the store, shared over the donor's series by base."""
        stores = panel.others[rows]
        if promoted < 0:
            size = np.maximum(donors[stores].sum(axis=1) - donors[stores, donor], 1e-9)
            units = rivals[stores].sum(axis=1) - rivals[stores, donor]
            return np.asarray(units * base[rows] / np.maximum(size, base[rows]))
        share = base[rows] / np.maximum(donors[stores, donor], 1e-9)
        return np.asarray(rivals[stores, promoted] * share)

    def blocks(
        self, panel: Panel, moves: Moves, estimate: np.ndarray, parts: Parts
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Derivatives of log sales by product: series, places and columns (series, known, places)."""
        mean = np.maximum(parts.expected, 1e-3)
        promoted = parts.base + sum(parts.gross.values())
        for product in range(self.products):
            rows = np.flatnonzero(panel.product == product)
            places, columns = [], []
            for place, its in enumerate(self.coefficients):
                if its.product not in (product, -1):
                    continue
                column = self._derivative(its, rows, panel, moves, parts, promoted)
                if column is not None:
                    places.append(place)
                    columns.append(column / mean[rows])
            if places:
                yield rows, np.array(places), np.stack(columns, axis=2)

    def _derivative(
        self, its: Coefficient, rows: np.ndarray, panel: Panel, moves: Moves, parts: Parts,
        promoted: np.ndarray,
    ) -> np.ndarray | None:  # fmt: skip
        """Derivative of expected units by one coefficient, shape (rows, known)."""
        if its.kind == "own":
            return np.asarray(moves.mechanics[its.driver][rows] * promoted[rows])
        if its.kind == "price":
            values = self.prices[its.driver][rows]
            cut = moves.mechanics[its.driver][rows] if its.driver in moves.mechanics else 0.0
            return np.asarray((values + cut) * parts.expected[rows] - cut * promoted[rows])
        if its.kind == "market":
            return np.asarray(self.market[its.driver][rows] * parts.expected[rows])
        if its.kind == "after":
            return np.asarray(-parts.after[its.driver, its.other][rows])
        if its.kind == "before":
            return np.asarray(-parts.before[its.driver][rows])
        mask = np.zeros(len(panel.product), dtype=bool)
        mask[rows] = True
        return -self._pair_units(mask, its.other, its.product, panel, parts.rivals, parts.donors, parts.base)


def _cube(values: np.ndarray, panel: Panel, layout: Layout) -> np.ndarray:
    """Sum by store and product, shape (stores, products, known)."""
    total = np.zeros((layout.stores, layout.products, values.shape[1]))
    np.add.at(total, (panel.others, panel.product), values)
    return total


def lay_out(panel: Panel, moves: Moves) -> Layout:
    """Coefficients that the panel's history can speak to."""
    known, products = panel.known, int(panel.product.max()) + 1
    seen = np.isfinite(panel.values)
    coefficients: list[Coefficient] = []
    prices, market = {}, {}
    for name in panel.of_kind("price"):
        values = np.log(panel.drivers[name][:, :known])
        prices[name] = values - values.mean(axis=1, keepdims=True)
        moving = np.abs(np.where(seen, prices[name], 0)).max(axis=1) > 1e-6
        coefficients += [
            Coefficient("price", name, p) for p in range(products) if moving[panel.product == p].any()
        ]
    for name in panel.of_kind("promotion"):
        on = (np.abs(moves.mechanics[name]) > 0) & seen
        coefficients += [Coefficient("own", name, p) for p in range(products) if on[panel.product == p].any()]
    for name in panel.of_kind("market"):
        values = panel.drivers[name][:, :known]
        values = np.log(values) if (values > 0).all() else values
        market[name] = values - values.mean(axis=1, keepdims=True)
        coefficients.append(Coefficient("market", name))
    for name in moves.mechanics:
        coefficients += [Coefficient("after", name, other=lag) for lag in range(1, moves.lags + 1)]
        coefficients.append(Coefficient("before", name))
    coefficients += _pairs(panel, moves, products)
    quiet = (
        ~np.any([np.abs(strength) > 0 for strength in moves.mechanics.values()], axis=0)
        if moves.mechanics
        else seen
    )
    return Layout(tuple(coefficients), prices, market, quiet, products, int(panel.others.max()) + 1)


def _pairs(panel: Panel, moves: Moves, products: int) -> list[Coefficient]:
    """Donor and promoted product, where they meet in a store; with many products one share for all."""
    together = np.zeros((int(panel.others.max()) + 1, products), dtype=bool)
    together[panel.others, panel.product] = True
    if products < 2 or not moves.mechanics or together.sum(axis=1).max() < 2:
        return []
    if products > _MOST_PAIRS:
        return [Coefficient("pair", "", donor, -1) for donor in range(products)]
    active = np.zeros(products, dtype=bool)
    for strength in moves.mechanics.values():
        active[panel.product[(np.abs(strength) > 0).any(axis=1)]] = True
    return [
        Coefficient("pair", "", donor, promoted)
        for donor in range(products)
        for promoted in range(products)
        if donor != promoted and active[promoted] and (together[:, donor] & together[:, promoted]).any()
    ]


def prior_precision(layout: Layout, spreads: Mapping[str, float]) -> np.ndarray:
    """Precision of the prior: uplifts, elasticities and pairs around a free mean, the others around 0."""
    precision = np.zeros((layout.size, layout.size))
    for pool, places in layout.pools.items():
        count, scale = len(places), spreads[pool] ** -2
        block = np.eye(count) * scale
        kind = pool.partition(":")[0]
        if kind in _POSSIBLE:
            # A free mean, held only by what is possible at all.
            block -= scale / count
            block += _POSSIBLE[kind] ** -2 / count**2
        precision[np.ix_(places, places)] = block
    return precision


def bound_estimate(layout: Layout, moves: Moves, estimate: np.ndarray) -> np.ndarray:
    """Coefficients held to what can be: nothing above it is measured, it is a step that ran away.

    At its strongest in the history no promotion or indicator moves sales more than twentyfold, no
    elasticity is beyond 10, and nothing moves more than all of what a promotion brings.
    """
    most = np.empty(layout.size)
    for place, its in enumerate(layout.coefficients):
        if its.kind in ("after", "before", "pair"):
            most[place] = _LARGEST_SHARE
        elif its.kind == "price":
            most[place] = _STEEPEST
        else:
            values = moves.mechanics[its.driver] if its.kind == "own" else layout.market[its.driver]
            most[place] = _LARGEST_LOG / max(float(np.abs(values).max(initial=0.0)), 1e-9)
    return np.asarray(np.clip(estimate, -most, most))


def update_spreads(
    layout: Layout, estimate: np.ndarray, covariance: np.ndarray, spreads: Mapping[str, float]
) -> dict[str, float]:
    """One EM step of the spread between products of each pool (Laird & Ware 1982)."""
    updated = {}
    for pool, places in layout.pools.items():
        kind = pool.partition(":")[0]
        if kind not in _SPREAD_LIMITS or len(places) < 3:
            updated[pool] = spreads[pool]
            continue
        block = covariance[np.ix_(places, places)]
        values, count = estimate[places], len(places)
        center = np.eye(count) - 1 / count
        size = ((values - values.mean()) ** 2).sum() + np.trace(center @ block)
        freedom = count - 1
        low, high = _SPREAD_LIMITS[kind]
        updated[pool] = float(np.clip(np.sqrt(size / freedom), low, high))
    return updated
