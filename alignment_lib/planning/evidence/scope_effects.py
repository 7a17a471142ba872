"""Measured driver effects in the scope of a claim: one product's, several together, or the pool's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

__all__ = ["ScopeEffect", "find_effect", "told_apart"]


@dataclass(frozen=True)
class ScopeEffect:
    """An effect on log sales per unit of a driver, for each product in scope.

    Attributes
    ----------
    shares : ndarray, shape (products,)
        Share of each in the sales of the scope; they add to 1.
    estimates, errors : ndarray, shape (products,)
    common_error : float
        The part of the errors that all products share: that of the pool's mean.
    usual : float
        Mean strength of the driver when it was on.
    events : int
        Past events in the scope.
    pool_events : int
        Past events of all products.
    unit : str
        As in `effects_table`.
    """

    shares: np.ndarray
    estimates: np.ndarray
    errors: np.ndarray
    common_error: float
    usual: float
    events: int
    pool_events: int
    unit: str

    @property
    def estimate(self) -> float:
        """Mean over the scope."""
        return float(self.shares @ self.estimates)

    @property
    def error(self) -> float:
        """Standard error of the mean: what the products share does not average out."""
        own = np.maximum(self.errors**2 - self.common_error**2, 0.0)
        common = min(self.common_error, float(self.errors.max(initial=0.0)))
        return float(np.sqrt(common**2 + (self.shares**2 * own).sum()))

    def factors(self, strength: float) -> float:
        """Mean factor on sales in the scope at a strength of the driver."""
        return float(self.shares @ np.exp(np.clip(self.estimates * strength, -5.0, 5.0)))


def told_apart(effects: pd.DataFrame) -> str:
    """The dimension by which effects are told apart; blank where they are of all sales."""
    if not len(effects):
        return ""
    names = effects.columns[: list(effects.columns).index("driver")]
    return next((str(name) for name in names if (effects[name] != "").any()), "")


def find_effect(
    effects: pd.DataFrame, driver: str, effect: str, sizes: Mapping[str, float]
) -> ScopeEffect | None:
    """The effect of a driver in a scope; None where it was not measured.

    Parameters
    ----------
    effects : DataFrame
        As `effects_table` returns them.
    driver, effect : str
        Column of the driver; ``uplift``, ``elasticity`` or ``market``.
    sizes : mapping of str to float
        Sales of the scope by value of the dimension that `told_apart` names. A product without an estimate
        of its own takes the pool's, with the spread between products as error.
    """
    if not len(effects):
        return None
    rows = effects[(effects["driver"] == driver) & (effects["effect"] == effect)]
    if not len(rows):
        return None
    name = told_apart(effects)
    labels = rows[name].astype(str) if name else pd.Series("", index=rows.index)
    own = rows[labels != ""].set_index(labels[labels != ""])
    pool = rows[labels == ""]
    whole = pool.iloc[0] if len(pool) else own.iloc[0]
    spread = _spread(own)
    pooled = (float(whole["estimate"]), float(np.hypot(whole["standard_error"], spread)))
    if not len(own):
        pooled = (pooled[0], float(whole["standard_error"]))
    names = [value for value, size in sizes.items() if size > 0] or list(sizes) or [""]
    size = np.array([max(sizes.get(value, 0.0), 0.0) for value in names])
    shares = size / size.sum() if size.sum() > 0 else np.full(len(names), 1.0 / len(names))
    found = [
        (float(own["estimate"][value]), float(own["standard_error"][value])) if value in own.index else pooled
        for value in names
    ]
    mine = own[own.index.isin(names)]
    usual = mine["usual"].mean() if len(mine) else whole["usual"]
    return ScopeEffect(
        shares=shares,
        estimates=np.array([one[0] for one in found]),
        errors=np.array([one[1] for one in found]),
        common_error=float(whole["standard_error"]) if len(own) > 1 else 0.0,
        usual=float(usual),
        events=int(mine["events"].sum()) if len(own) else int(whole["events"]),
        pool_events=int(whole["events"]) if len(pool) else int(own["events"].sum()),
        unit=str(whole["unit"]),
    )


def _spread(own: pd.DataFrame) -> float:
    """Standard deviation between products, from the weight of the pool: share = (error / spread)²."""
    if len(own) < 2:
        return 0.0
    share = own["pooled_share"].to_numpy(dtype=float).clip(1e-6)
    return float((own["standard_error"].to_numpy(dtype=float) / np.sqrt(share)).min())
