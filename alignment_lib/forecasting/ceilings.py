"""Ceilings: what nobody can be sure is still sold is never planned above the most it ever sold."""

from __future__ import annotations

import numpy as np

from alignment_lib.forecasting.cleaning import RULES, Cleaned
from alignment_lib.inputs.problems import Notice

__all__ = ["ceiling_factors", "say_ceilings"]

_UNSURE = tuple(
    place for place, name in enumerate(RULES, start=1) if name in ("unclear", "sold_out", "continues")
)


def ceiling_factors(cleaned: Cleaned, baseline: np.ndarray, season: int) -> np.ndarray:
    """What each series' plan is to be multiplied by, 1 where nothing holds it.

    Of a series whose end was filled for more than a month, no stretch of a season (of the horizon, where that
    is shorter) is planned above the best one that it ever sold. Growth of what stopped is a cause that
    somebody has to state.

    Parameters
    ----------
    cleaned : Cleaned
    baseline : ndarray, shape (series, horizon)
    season : int
    """
    unsure = np.isin(cleaned.rule, _UNSURE).any(axis=1)
    length = min(season, baseline.shape[1], cleaned.original.shape[1])
    sold = np.where(np.isfinite(cleaned.original), cleaned.original, 0.0)
    best, planned = _best_stretch(sold, length), _best_stretch(baseline, length)
    held = unsure & (best > 0) & (planned > best)
    return np.where(held, best / np.where(held, planned, 1.0), 1.0)


def _best_stretch(values: np.ndarray, length: int) -> np.ndarray:
    """Largest sum over `length` consecutive periods, per series."""
    sums = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)
    return np.asarray((sums[:, length:] - sums[:, :-length]).max(axis=1, initial=0.0))


def say_ceilings(factors: np.ndarray) -> tuple[Notice, ...]:
    """How many series were held."""
    count = int((factors < 1).sum())
    if not count:
        return ()
    text = "Series whose end is not sure, planned at no more than the best year they ever sold."
    return (Notice("held_to_best", text, count),)
