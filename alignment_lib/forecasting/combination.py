"""Which members are averaged for which class of series, chosen inside the training data.

Candidates are few and fixed in advance; each class takes the one with the lowest scaled error over the
rolling origins, but leaves its default only for a gain that the backtest can tell from chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alignment_lib.forecasting.cleaning import Cleaned
from alignment_lib.inputs.written_numbers import Said

__all__ = [
    "CANDIDATES",
    "CLASSES",
    "METHODS",
    "Choice",
    "choose_candidate",
    "classify_series",
    "combine",
    "default_candidate",
    "relax_weights",
]

CLASSES = ("smooth", "seasonal", "intermittent", "short", "constant", "ended", "empty")

_LOCAL = {"ets": 0.25, "ces": 0.25, "dot": 0.25, "damped": 0.25}
_BROAD = {"ets": 0.2, "ces": 0.2, "dot": 0.2, "damped": 0.2, "aggregated": 0.2}
CANDIDATES: dict[str, dict[str, float]] = {
    "local": _LOCAL,
    "broad local": _BROAD,
    "ets, ces, dot": {"ets": 1 / 3, "ces": 1 / 3, "dot": 1 / 3},
    "fast": {"theta": 1 / 3, "damped": 1 / 3, "aggregated": 1 / 3},
    "mixture": {"global": 0.5, **{name: 0.5 * share for name, share in _LOCAL.items()}},
    "broad mixture": {"global": 0.5, **{name: 0.5 * share for name, share in _BROAD.items()}},
    "fast mixture": {"global": 0.5, "theta": 1 / 6, "damped": 1 / 6, "aggregated": 1 / 6},
    "learner": {"global": 0.8, "damped": 0.1, "aggregated": 0.1},
    "intermittent": {"croston": 0.25, "tsb": 0.25, "adida": 0.25, "fast mean": 0.25},
    "naive": {"naive": 1.0},
    "half naive": {"naive": 0.5, "damped": 0.25, "aggregated": 0.25},
}
"""Weights of each candidate combination."""

METHODS = (
    "ets",
    "ces",
    "dot",
    "theta",
    "damped",
    "aggregated",
    "naive",
    "global",
    "croston",
    "tsb",
    "adida",
)
"""Members that can be asked for alone, beside ``auto`` and ``structural``."""
_LEAST_GAIN = 0.005
_LEAST_ERRORS = 3.0
_LEAST_CONSTANT = 4
"""Values that must be equal to be called a constant: one or two are always alike."""


@dataclass(frozen=True)
class Choice:
    """The combination of one class of series and what the backtest said of it.

    Attributes
    ----------
    candidate : str
        Name in `CANDIDATES`, or the member asked for.
    weights : dict of str to float
        Weight of each member.
    reason : str
        Why, in a sentence.
    errors : dict of str to float
        Mean scaled error of each candidate over the backtest.
    """

    candidate: str
    weights: dict[str, float]
    reason: str
    errors: dict[str, float]


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
    of M3 monthly and lost on those of M3 quarterly.
    """
    if class_name == "intermittent":
        return "intermittent"
    if class_name == "short":
        return "fast"
    return ("" if season <= 4 else "broad ") + ("mixture" if has_learner else "local")


def relax_weights(weights: dict[str, float], forecasts: dict[str, np.ndarray]) -> dict[str, float]:
    """Weights over the members that were made, summing to one."""
    kept = {name: weight for name, weight in weights.items() if name in forecasts}
    total = sum(kept.values())
    return {name: weight / total for name, weight in kept.items()}


def combine(weights: dict[str, float], forecasts: dict[str, np.ndarray]) -> np.ndarray:
    """Weighted mean of members; a member that is NaN for a series gives its weight to the others."""
    total = np.zeros_like(next(iter(forecasts.values())))
    used = np.zeros_like(total)
    for name, weight in weights.items():
        path = forecasts[name]
        known = np.isfinite(path)
        total = total + np.where(known, path, 0.0) * weight
        used = used + known * weight
    return np.where(used > 0, total / np.where(used > 0, used, 1.0), np.nan)


def choose_candidate(errors: dict[str, np.ndarray], default: str) -> Choice:
    """Choose by paired scaled errors of the candidates over the series of one class.

    Parameters
    ----------
    errors : dict of str to ndarray, shape (series,)
        Mean scaled error of each candidate on each series of the backtest.
    default : str
        The candidate that stays unless another is better by three standard errors of the paired
        difference (the best of many always looks good) and by half a percent.
    """
    means = {name: float(np.mean(value)) for name, value in errors.items()}
    best = min(means, key=lambda name: (means[name], name))
    count = len(errors[default])
    if best == default or not count:
        return Choice(default, CANDIDATES[default], "lowest backtest error", means)
    gap = errors[default] - errors[best]
    noise = float(np.std(gap)) / np.sqrt(count) if count > 1 else np.inf
    gain = means[default] - means[best]
    if count >= 10 and gain > _LEAST_ERRORS * noise and gain > _LEAST_GAIN * means[default]:
        share = gain / means[default]
        reason = f"backtest error {Said(share):.1%} below the {default!r} default"
        return Choice(best, CANDIDATES[best], reason, means)
    reason = f"default; {best!r} was not better by more than chance"
    return Choice(default, CANDIDATES[default], reason, means)
