"""Features of the models: each driver's own, delayed and cross effects, rebuilt under any calendar."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from alignment_lib.forecasting.effects.drivers.panel import Panel

__all__ = ["DriverFeatures", "Rivals", "Signals", "reference_signals", "signals_of"]

_WIDE = 2.0
"""Largest over smallest positive value from which a market driver enters in logs too."""
_MOST_INTERACTIONS = 4
"""Promotion by promotion terms are built up to this many promotion columns, promotion by price likewise."""


@dataclass(frozen=True)
class Signals:
    """What the drivers say, in the form the models use; shapes (series, periods).

    Attributes
    ----------
    regular : dict of str to ndarray
        Log regular price of each price driver, less its mean over the history.
    depth, up : dict of str to ndarray
        Log cut below and rise above the regular price, both at least 0.
    promotion, market : dict of str to ndarray
        As given (market: less its mean over the history); counts that vary widely also as ``log <name>``.
    """

    regular: dict[str, np.ndarray]
    depth: dict[str, np.ndarray]
    up: dict[str, np.ndarray]
    promotion: dict[str, np.ndarray]
    market: dict[str, np.ndarray]

    def cut(self, series: slice, periods: slice) -> Signals:
        """The same of some series and periods."""
        kinds = (self.regular, self.depth, self.up, self.promotion, self.market)
        return Signals(*({name: values[series, periods] for name, values in kind.items()} for kind in kinds))


@dataclass(frozen=True)
class Rivals:
    """Who else is in the store: other products of the same store, weighted by usual sales.

    Attributes
    ----------
    store, cell : ndarray of int, shape (series,)
        Store of each series, and its product within the store.
    weights : ndarray, shape (series,)
    """

    store: np.ndarray
    cell: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, product: np.ndarray, store: np.ndarray, weights: np.ndarray) -> Rivals:
        """From groups by product and by store."""
        cell = np.unique(store * (int(product.max()) + 1) + product, return_inverse=True)[1]
        return cls(store, np.asarray(cell), np.maximum(weights, 1e-12))

    @property
    def any(self) -> bool:
        """Whether any store holds two products."""
        return len(np.unique(self.cell)) > len(np.unique(self.store))

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Weighted mean over the other products of the store, shape (series, periods); 0 where none."""
        weighted = values * self.weights[:, None]
        total = _sum_groups(weighted, self.store)[self.store] - _sum_groups(weighted, self.cell)[self.cell]
        size = (
            _sum_groups(self.weights, self.store)[self.store]
            - _sum_groups(self.weights, self.cell)[self.cell]
        )
        # Differences of sums leave rounding where nobody else is there.
        alone = size <= 1e-9 * _sum_groups(self.weights, self.store)[self.store]
        mean = total / np.where(alone, 1.0, size)[:, None]
        mean[alone] = 0.0
        return np.asarray(mean)

    def store_max(self, values: np.ndarray) -> np.ndarray:
        """Largest value in the store, shape (series, periods)."""
        top = np.zeros((int(self.store.max()) + 1, values.shape[1]))
        np.maximum.at(top, self.store, values)
        return np.asarray(top[self.store])


def _sum_groups(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    total = np.zeros((int(groups.max()) + 1, *values.shape[1:]))
    np.add.at(total, groups, values)
    return total


def signals_of(panel: Panel, at_reference: Collection[str] = ()) -> Signals:
    """Signals with the named drivers at their reference over the horizon, as planned otherwise."""
    known = panel.known
    regular, depth, up, promotion, market = {}, {}, {}, {}, {}
    for name, kind in panel.kinds.items():
        values, reference = panel.drivers[name], panel.references[name]
        if kind == "price":
            level = np.log(panel.regular[name])
            gap = level - np.log(values)
            if name in at_reference:
                level = level.copy()
                level[:, known:] = np.log(reference[:, known:])
                gap[:, known:] = 0.0
            gap[np.abs(gap) < 1e-9] = 0.0
            regular[name] = level - level[:, :known].mean(axis=1, keepdims=True)
            depth[name], up[name] = np.clip(gap, 0, None), np.clip(-gap, 0, None)
            continue
        if name in at_reference:
            values = np.concatenate([values[:, :known], reference[:, known:]], axis=1)
        if kind == "promotion":
            promotion[name] = values
        else:
            market[name] = values - panel.drivers[name][:, :known].mean()
            market |= _in_logs(panel, name, values)
    return Signals(regular, depth, up, promotion, market)


def reference_signals(panel: Panel, names: Collection[str] | None = None) -> Signals:
    """Signals with drivers at their reference throughout, in the history too; by default all of them.

    All together stand at the last regular price, the place of the baseline. Named ones keep the regular
    prices of their day: what is missing then is what they did beside them.
    """
    last = min(panel.known, len(panel.periods) - 1)
    signals = signals_of(panel)
    for name in panel.kinds if names is None else names:
        reference = panel.references[name]
        if panel.kinds[name] == "price":
            nothing = np.zeros_like(reference)
            signals.depth[name], signals.up[name] = nothing, nothing
            if names is None:
                usual = np.log(panel.regular[name][:, : panel.known]).mean(axis=1, keepdims=True)
                held = np.log(reference[:, [last]]) - usual
                signals.regular[name] = np.broadcast_to(held, reference.shape)
        elif panel.kinds[name] == "promotion":
            signals.promotion[name] = np.zeros_like(reference)
        else:
            signals.market[name] = reference - panel.drivers[name][:, : panel.known].mean()
            signals.market.update(_in_logs(panel, name, reference))
    return signals


def _in_logs(panel: Panel, name: str, values: np.ndarray) -> dict[str, np.ndarray]:
    """The log of a count such as opening days, where it varies enough to tell a ratio from a line."""
    past = panel.drivers[name][:, : panel.known]
    low, high = float(past[past > 0].min(initial=np.inf)), float(past.max(initial=0.0))
    if (past < 0).any() or not high > _WIDE * low:
        return {}
    usual = float(np.log(np.maximum(past, low)).mean())
    return {f"log {name}": np.log(np.maximum(values, low)) - usual}


class DriverFeatures:
    """Own, delayed, interaction and cross features of the periods from `first` on.

    What products of a store do to each other is worked out for all series at once, all else when a part of
    them is asked for: the features of thousands of series take gigabytes.

    Parameters
    ----------
    panel : Panel
        Groups of series.
    signals : Signals
        From `signals_of`.
    weights : ndarray, shape (series,)
        Usual sales, which weigh the other products of a store.
    first : int
        First period wanted; up to two before it are read for delays.
    """

    def __init__(self, panel: Panel, signals: Signals, weights: np.ndarray, first: int = 0) -> None:
        start = max(0, first - 2)
        self._signals = signals.cut(slice(None), slice(start, None))
        self._skip = first - start
        self._series, self._periods = len(panel.keys), len(panel.periods) - start
        self._cross: dict[str, np.ndarray] = {}
        rivals = Rivals.of(panel.product, panel.others, weights)
        if rivals.any:
            _cross(self._cross, self._signals, rivals)
        self.names = tuple(self._columns(slice(0, 0)))

    def _columns(self, series: slice) -> dict[str, np.ndarray]:
        columns: dict[str, np.ndarray] = {}
        signals = self._signals.cut(series, slice(None))
        _own(columns, signals)
        _delayed(columns, signals)
        return columns | {name: values[series] for name, values in self._cross.items()}

    def part(self, series: slice) -> np.ndarray:
        """Features of some series, shape (some series, periods from `first` on, features)."""
        columns = self._columns(series)
        # Where no driver says anything there are no columns, but the series and periods all the same.
        values = np.empty((len(range(self._series)[series]), self._periods - self._skip, len(columns)))
        for place, column in enumerate(columns.values()):
            values[:, :, place] = column[:, self._skip :]
        return values

    def whole(self) -> np.ndarray:
        """Features of all series, for a few periods."""
        return self.part(slice(0, self._series))


def _own(columns: dict[str, np.ndarray], signals: Signals) -> None:
    promotions = signals.promotion
    for name in signals.regular:
        columns[f"regular:{name}"] = signals.regular[name]
        columns[f"depth:{name}"] = signals.depth[name]
        columns[f"up:{name}"] = signals.up[name]
    for name, values in promotions.items():
        columns[f"on:{name}"] = values
    for name, values in signals.market.items():
        columns[f"market:{name}"] = values
    if len(promotions) <= _MOST_INTERACTIONS:
        _interactions(columns, signals)


def _interactions(columns: dict[str, np.ndarray], signals: Signals) -> None:
    promotions = signals.promotion
    for price, depth in signals.depth.items():
        for name, values in promotions.items():
            columns[f"on:{name}*depth:{price}"] = values * depth
    if promotions:
        ordered = list(promotions)
        for place, name in enumerate(ordered):
            for other in ordered[place + 1 :]:
                columns[f"on:{name}*on:{other}"] = promotions[name] * promotions[other]


def _delayed(columns: dict[str, np.ndarray], signals: Signals) -> None:
    for label, part in (("depth", signals.depth), ("on", signals.promotion)):
        for name, values in part.items():
            before = _shift(values, 1)
            columns[f"{label}:{name}@-1"] = before
            columns[f"{label}:{name}@-2"] = _shift(values, 2)
            columns[f"{label}:{name}@+1"] = _shift(values, -1)
            columns[f"{label}:{name}*@-1"] = values * before
    if len(signals.promotion) <= _MOST_INTERACTIONS:
        for price, depth in signals.depth.items():
            rise = np.clip(depth - _shift(depth, 1), 0, None)
            for name, values in signals.promotion.items():
                columns[f"on:{name}*rise:{price}"] = values * rise


def _cross(columns: dict[str, np.ndarray], signals: Signals, rivals: Rivals) -> None:
    for price, depth in signals.depth.items():
        columns[f"others:regular:{price}"] = rivals.mean(signals.regular[price])
        columns[f"others:depth:{price}"] = rivals.mean(depth)
        columns[f"others:deepest:{price}"] = rivals.store_max(depth)
        if len(signals.promotion) <= _MOST_INTERACTIONS:
            for name, values in signals.promotion.items():
                columns[f"others:on:{name}*depth:{price}"] = rivals.mean(values * depth)
    for name, values in signals.promotion.items():
        columns[f"others:on:{name}"] = rivals.mean(values)


def _shift(values: np.ndarray, by: int) -> np.ndarray:
    """Values `by` periods ago (ahead where negative), 0 beyond the edge."""
    moved = np.zeros_like(values)
    if by > 0:
        moved[:, by:] = values[:, :-by]
    else:
        moved[:, :by] = values[:, -by:]
    return moved
