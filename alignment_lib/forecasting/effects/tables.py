"""Measured effects as a tidy table: estimate, standard error, events behind it, weight of the pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.drivers.moves import runs_of
from alignment_lib.forecasting.effects.measured import Measured
from alignment_lib.inputs.written_numbers import Said

__all__ = ["EFFECT_COLUMNS", "count_runs", "effects_table", "group_names"]

EFFECT_COLUMNS = (
    "driver", "effect", "estimate", "standard_error", "low", "high", "unit", "usual", "percent", "events",
    "pooled_share", "note",
)  # fmt: skip
_Z90 = 1.6449
_EFFECTS = {"own": "uplift", "price": "elasticity", "market": "market"}
_UNITS = {"own": "log points per unit", "price": "log per log", "market": "log per unit"}


@dataclass(frozen=True)
class _Pool:
    """Estimates of one kind over products."""

    products: list[int]
    values: np.ndarray
    covariance: np.ndarray
    spread: float

    @property
    def mean(self) -> float:
        return float(self.values.mean())

    @property
    def mean_error(self) -> float:
        return float(np.sqrt(max(self.covariance.mean(), 0.0)))


def effects_table(measured: Measured) -> pd.DataFrame:
    """One row per driver, effect and scope.

    Returns
    -------
    DataFrame
        The dimensions as scope (blank = all), then `EFFECT_COLUMNS`: ``effect`` is ``uplift`` (log points per
        unit of the driver), ``elasticity``, ``market``, ``pull_forward_share``, ``anticipation_share`` or
        ``cannibalisation_share`` (of gross units); ``low, high`` bound 90 %; ``usual`` is the mean strength
        when on and ``percent`` what it does to sales then, as a decimal; ``pooled_share`` is the weight
        of the other products in the estimate, 0 to 1.
    """
    rows: list[dict[str, object]] = []
    for pool in measured.layout.pools:
        kind, _, driver = pool.partition(":")
        if kind in _EFFECTS:
            rows += _driver_rows(measured, kind, driver)
    for driver in measured.moves.mechanics:
        rows += _share_rows(measured, driver)
    rows += _cannibalisation_rows(measured)
    name, labels = group_names(measured)
    frame = pd.DataFrame(rows, columns=["product", *EFFECT_COLUMNS])
    scopes = pd.DataFrame(dict.fromkeys(map(str, measured.panel.keys.columns), ""), index=frame.index)
    if name:
        scopes[name] = [labels[int(group)] if group >= 0 else "" for group in frame["product"]]
    return pd.concat([scopes, frame.drop(columns="product")], axis=1)


def group_names(measured: Measured) -> tuple[str, list[str]]:
    """The dimension whose effects are told apart ("" where it is all) and its values by group."""
    panel = measured.panel
    groups = int(panel.product.max()) + 1
    for name in panel.keys.columns:
        values = panel.keys[name].astype(str)
        firsts = values.groupby(panel.product).agg(["first", "nunique"])
        if values.nunique() == groups and (firsts["nunique"] == 1).all():
            return str(name), firsts["first"].tolist()
    return "", [""] * groups


def count_runs(measured: Measured, driver: str, product: int = -1) -> int:
    """Promotion runs of a driver, counted once per product whatever the number of stores."""
    strength = np.abs(measured.moves.mechanics[driver]) > 0
    total = 0
    for group in np.unique(measured.panel.product):
        if product in (-1, group):
            total += int(runs_of(strength[measured.panel.product == group].any(axis=0))[0].sum())
    return total


def _pool_of(measured: Measured, kind: str, driver: str) -> _Pool:
    places = measured.layout.place(kind, driver)
    index = list(places.values())
    covariance = measured.covariance[np.ix_(index, index)]
    spread = measured.spreads[f"{kind}:{driver}"]
    return _Pool([product for product, _ in places], measured.estimate[index], covariance, spread)


def _driver_rows(measured: Measured, kind: str, driver: str) -> list[dict[str, object]]:
    pool = _pool_of(measured, kind, driver)
    unit = _UNITS[kind]
    if kind == "market" and (measured.panel.drivers[driver][:, : measured.panel.known] > 0).all():
        unit = "log per log"
    rows = []
    for place, product in enumerate(pool.products):
        value, error = float(pool.values[place]), float(np.sqrt(max(pool.covariance[place, place], 0.0)))
        note = ""
        if _is_senseless(kind, value, pool.mean):
            note = (
                f"estimate {Said(value):+.2f} has a senseless sign; the mean of all products stands instead"
            )
            value, error = pool.mean, float(np.hypot(pool.mean_error, pool.spread))
        shared = min(1.0, (error / pool.spread) ** 2) if len(pool.products) > 1 else 0.0
        rows.append(_row(measured, kind, driver, product, value, error, unit, shared, note))
    if len(pool.products) > 1:
        rows.append(_row(measured, kind, driver, -1, pool.mean, pool.mean_error, unit, 1.0, ""))
    return rows


def _is_senseless(kind: str, value: float, pool: float) -> bool:
    return (kind == "price" and value > 0 > pool) or (kind == "own" and value < 0 < pool)


def _row(
    measured: Measured, kind: str, driver: str, product: int, value: float, error: float, unit: str,
    shared: float, note: str,
) -> dict[str, object]:  # fmt: skip
    usual, events = _usual(measured, kind, driver, product)
    if kind == "own" and events == 1:
        note = "; ".join(filter(None, [note, "one event only"]))
    return {
        "product": product, "driver": driver, "effect": _EFFECTS[kind], "estimate": value,
        "standard_error": error, "low": value - _Z90 * error, "high": value + _Z90 * error, "unit": unit,
        "usual": usual, "percent": _percent(kind, value, usual),
        "events": events, "pooled_share": shared, "note": note,
    }  # fmt: skip


def _percent(kind: str, value: float, usual: float) -> float:
    """What the usual strength (of a price: a cut of it) does to sales, as a decimal."""
    if kind == "market":
        return float("nan")
    return float(np.expm1(np.clip(-value * usual if kind == "price" else value * usual, -5, 5)))


def _usual(measured: Measured, kind: str, driver: str, product: int) -> tuple[float, int]:
    """Mean strength when on, and the number of events; price: of its changes of at least 1 %."""
    rows = (
        measured.panel.product == product
        if product >= 0
        else np.ones(len(measured.panel.product), dtype=bool)
    )
    if kind == "own":
        strength = measured.moves.mechanics[driver][rows]
        on = np.abs(strength) > 0
        return (float(strength[on].mean()) if on.any() else 0.0), count_runs(measured, driver, product)
    if kind == "market":
        return np.nan, measured.panel.known
    cuts = measured.moves.mechanics.get(driver)
    usual = float(cuts[rows][cuts[rows] > 0].mean()) if cuts is not None and (cuts[rows] > 0).any() else 0.1
    groups = measured.panel.product[rows]
    moved = np.abs(np.diff(measured.layout.prices[driver][rows], axis=1)) > 0.01
    return usual, sum(int(moved[groups == group].any(axis=0).sum()) for group in np.unique(groups))


def _share_rows(measured: Measured, driver: str) -> list[dict[str, object]]:
    rows = []
    for kind, effect in (("after", "pull_forward_share"), ("before", "anticipation_share")):
        index = list(measured.layout.place(kind, driver).values())
        if not index:
            continue
        value = float(measured.estimate[index].sum())
        error = float(np.sqrt(max(measured.covariance[np.ix_(index, index)].sum(), 0.0)))
        note = _length_note(measured, driver) if kind == "after" else ""
        rows.append(_share_row(driver, effect, -1, value, error, count_runs(measured, driver), note))
    return rows


def _length_note(measured: Measured, driver: str) -> str:
    places = measured.layout.place("after", driver)
    shares = [
        f"{Said(measured.estimate[place]):.2f}"
        for (_, _), place in sorted(places.items(), key=lambda item: item[0][1])
    ]
    return "share missing in each period after: " + ", ".join(shares)


def _share_row(
    driver: str, effect: str, product: int, value: float, error: float, events: int, note: str
) -> dict[str, object]:
    return {
        "product": product, "driver": driver, "effect": effect, "estimate": value, "standard_error": error,
        "low": value - _Z90 * error, "high": value + _Z90 * error, "unit": "share of gross units",
        "usual": np.nan, "percent": np.nan, "events": events, "pooled_share": 1.0, "note": note,
    }  # fmt: skip


def _cannibalisation_rows(measured: Measured) -> list[dict[str, object]]:
    """Share of a product's gross units that the rest of the store loses (negative: gains, a halo)."""
    places = measured.layout.place("pair", "")
    rows = []
    for promoted in sorted({other for _, other in places}):
        index = [place for (_, other), place in places.items() if other == promoted]
        weights = _store_share(measured, [donor for donor, other in places if other == promoted], promoted)
        value = float(weights @ measured.estimate[index])
        error = float(np.sqrt(max(weights @ measured.covariance[np.ix_(index, index)] @ weights, 0.0)))
        events = sum(count_runs(measured, driver, promoted) for driver in measured.moves.mechanics)
        rows.append(_share_row("", "cannibalisation_share", promoted, value, error, events, ""))
    return rows


def _store_share(measured: Measured, donors: list[int], promoted: int) -> np.ndarray:
    """Share of the promoted product's gross units sold where each donor is sold too.

    One coefficient per donor for whatever is promoted: the mean over donors, since each is a share of the
    gross units spread over all donors.
    """
    panel = measured.panel
    if promoted < 0:
        return np.full(len(donors), 1.0 / max(len(donors), 1))
    rows = panel.product == promoted
    gross = np.abs(sum(units[rows] for units in measured.gross.values())).sum(axis=1)
    stores = panel.others[rows]
    total = max(float(gross.sum()), 1e-12)
    if total <= 1e-9:
        return np.ones(len(donors))
    met = [float(gross[np.isin(stores, panel.others[panel.product == donor])].sum()) for donor in donors]
    return np.array(met) / total
