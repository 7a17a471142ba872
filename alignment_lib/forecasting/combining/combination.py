"""Which members are averaged for which series, by what the backtest says of a few fixed combinations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from alignment_lib.forecasting.past.cleaning import Cleaned

__all__ = [
    "CANDIDATES",
    "METHODS",
    "Choice",
    "Weight",
    "classify_series",
    "combine",
    "default_candidate",
    "relax_weights",
]

Weight = float | np.ndarray
"""Weight of a member: the same for all series, or an array with the series on its first axis."""

_LOCAL = {"ets": 0.25, "ces": 0.25, "dot": 0.25, "damped": 0.25}
_BROAD = {"dot": 1 / 3, "damped": 1 / 3, "aggregated": 1 / 3}
CANDIDATES: dict[str, dict[str, float]] = {
    "local": _LOCAL,
    "broad local": _BROAD,
    "ets, ces, dot": {"ets": 1 / 3, "ces": 1 / 3, "dot": 1 / 3},
    "dot": {"dot": 1.0},
    "fast": {"theta": 1 / 3, "damped": 1 / 3, "aggregated": 1 / 3},
    "mixture": {"global": 0.5, **{name: 0.5 * share for name, share in _LOCAL.items()}},
    "broad mixture": {"global": 0.5, **{name: 0.5 * share for name, share in _BROAD.items()}},
    "fast mixture": {"global": 0.5, "theta": 1 / 6, "damped": 1 / 6, "aggregated": 1 / 6},
    "learner": {"global": 0.8, "damped": 0.1, "aggregated": 0.1},
    "intermittent": {"croston": 0.25, "tsb": 0.25, "adida": 0.25, "fast mean": 0.25},
    "rate": {"fast mean": 1.0},
    "recent": {"recent": 1.0},
    "naive": {"naive": 1.0},
    "half naive": {"naive": 0.5, "recent": 0.25, "damped": 0.125, "aggregated": 0.125},
    "growth": {"growth": 1.0},
    "half growth": {"growth": 0.5, "recent": 0.25, "damped": 0.125, "aggregated": 0.125},
    "pretrained": {"pretrained": 1.0},
    "half pretrained": {"pretrained": 0.5, "recent": 0.25, "damped": 0.125, "aggregated": 0.125},
}
"""Weights of each candidate combination."""

METHODS = (
    "ets",
    "ces",
    "dot",
    "theta",
    "damped",
    "aggregated",
    "recent",
    "naive",
    "growth",
    "global",
    "croston",
    "tsb",
    "adida",
)
"""Members that can be asked for alone, beside ``auto`` and ``structural``."""
_LEAST_CONSTANT = 4
"""Values that must be equal to be called a constant: one or two are always alike."""


@dataclass(frozen=True)
class Choice:
    """The combination of one class of series and what the backtest said of it.

    Attributes
    ----------
    candidate : str
        Name in `CANDIDATES` of the one that weighs most, or the member asked for.
    weights : dict of str to float
        Weight of each member, mean over the class.
    reason : str
        Why, in a sentence.
    errors : dict of str to float
        Backtest error of each candidate, relative to seasonal naive (`candidate_errors`).
    shares : dict of str to float
        Weight of each candidate that has any, mean over the class.
    """

    candidate: str
    weights: dict[str, float]
    reason: str
    errors: dict[str, float]
    shares: dict[str, float] = field(default_factory=dict)


def classify_series(cleaned: Cleaned, shrink: np.ndarray, season: int) -> np.ndarray:
    """Class of each series, by its own history alone.

    Intermittent: more than a quarter of the values are zero (an average interval between sales of
    4/3; Syntetos, Boylan and Croston 2005 put the border at 1.32). Short: under a season and a half, or
    under 8 values. Seasonal: more than half of the seasonal indices survive shrinkage.
    """
    count = cleaned.values.shape[1]
    size = np.where(cleaned.observed > 0, count - cleaned.start, 0)
    known = np.where(np.isfinite(cleaned.values), cleaned.values, 0.0)
    zeros = ((cleaned.values == 0) & (np.arange(count) >= cleaned.start[:, None])).sum(axis=1)
    lowest = np.where(np.isfinite(cleaned.values), cleaned.values, np.inf).min(axis=1)
    highest = np.where(np.isfinite(cleaned.values), cleaned.values, -np.inf).max(axis=1)
    classes = np.where(shrink > 0.5, "seasonal", "smooth").astype(object)
    classes[zeros * 4 > size] = "intermittent"
    classes[size < max(8, int(1.5 * season) if season <= 24 else 26)] = "short"
    classes[(lowest == highest) & (cleaned.observed >= _LEAST_CONSTANT)] = "constant"
    classes[cleaned.ended] = "ended"
    classes[(cleaned.observed == 0) | ~np.isfinite(lowest)] = "empty"
    classes[(np.abs(known).max(axis=1, initial=0.0) == 0) & (classes != "empty")] = "constant"
    return classes


def default_candidate(class_name: str, has_learner: bool, season: int) -> str:
    """What a class uses unless its backtest says otherwise.

    Temporal aggregation joins where there are more than four periods to a year: it gained on earlier origins
    of M3 monthly and lost on those of M3 quarterly. For weeks the season that series share and last
    year's weeks stand for half each.
    """
    if class_name == "intermittent":
        return "intermittent"
    if class_name == "short":
        return "fast"
    if season > 24:
        return "half growth"
    return ("" if season <= 4 else "broad ") + ("mixture" if has_learner else "local")


def relax_weights(weights: Mapping[str, Weight], forecasts: Mapping[str, np.ndarray]) -> dict[str, Weight]:
    """Weights over the members that were made, summing to one."""
    kept = {name: weight for name, weight in weights.items() if name in forecasts}
    total = sum(kept.values())
    return {name: weight / np.where(total > 0, total, 1.0) for name, weight in kept.items()}


def combine(weights: Mapping[str, Weight], forecasts: Mapping[str, np.ndarray]) -> np.ndarray:
    """Weighted mean of members; a member that is NaN for a series gives its weight to the others.

    Parameters
    ----------
    weights : dict of str to float or ndarray
        One number for all series, or an array that broadcasts against the forecasts.
    forecasts : dict of str to ndarray
    """
    total = np.zeros_like(next(iter(forecasts.values())))
    used = np.zeros_like(total)
    for name, weight in weights.items():
        path = forecasts[name]
        known = np.isfinite(path)
        total = total + np.where(known, path, 0.0) * weight
        used = used + known * weight
    return np.where(used > 0, total / np.where(used > 0, used, 1.0), np.nan)
