"""Ceilings: what may be over, or sells now and then, is never planned above the most it ever sold."""

from __future__ import annotations

import numpy as np

from alignment_lib.forecasting.past.cleaning import RULES, Cleaned
from alignment_lib.inputs.problems import Notice

__all__ = ["ceiling_factors", "say_ceilings"]

_UNSURE = tuple(
    place for place, name in enumerate(RULES, start=1) if name in ("unclear", "sold_out", "continues")
)


def ceiling_factors(
    cleaned: Cleaned, baseline: np.ndarray, season: int, slow: np.ndarray | None = None
) -> np.ndarray:
    """What each series' plan is to be multiplied by, 1 where nothing holds it.

    Of a series whose end was filled for more than a month, and of one that sells now and then, no stretch of
    a season (of the horizon or the life, where that is shorter) is planned above the best one that it ever
    sold. Growth of what stopped is a cause somebody has to state; a sale of last week is no year of them.

    Parameters
    ----------
    cleaned : Cleaned
    baseline : ndarray, shape (series, horizon)
    season : int
    slow : ndarray of bool, shape (series,), optional
        Series that sell now and then.
    """
    unsure = np.isin(cleaned.rule, _UNSURE).any(axis=1)
    slow = np.zeros(len(baseline), dtype=bool) if slow is None else slow & ~unsure
    count = cleaned.original.shape[1]
    longest = min(season, baseline.shape[1], count)
    length = np.where(slow, np.minimum(count - cleaned.start, longest), longest)
    # What a slow mover took over from another it has sold, too.
    sold = np.where(slow[:, None], np.fmax(cleaned.original, cleaned.values), cleaned.original)
    sold = np.where(np.isfinite(sold), sold, 0.0)
    factors = np.ones(len(baseline))
    for stretch in np.unique(length[unsure | slow]):
        rows = np.flatnonzero((unsure | slow) & (length == stretch))
        best, planned = _best_stretch(sold[rows], int(stretch)), _best_stretch(baseline[rows], int(stretch))
        held = (best > 0) & (planned > best)
        factors[rows[held]] = best[held] / planned[held]
    return factors


def _best_stretch(values: np.ndarray, length: int) -> np.ndarray:
    """Largest sum over `length` consecutive periods, per series."""
    sums = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)
    return np.asarray((sums[:, length:] - sums[:, :-length]).max(axis=1, initial=0.0))


def say_ceilings(factors: np.ndarray, slow: np.ndarray | None = None) -> tuple[Notice, ...]:
    """How many series were held, those whose end is not sure apart from those that sell now and then."""
    now_and_then = np.zeros(len(factors), dtype=bool) if slow is None else slow
    said = []
    for code, which, rows in (
        ("held_to_best", "whose end is not sure", ~now_and_then),
        ("slow_held_to_best", "that sell now and then", now_and_then),
    ):
        count = int((factors[rows] < 1).sum())
        text = f"Series {which}, planned at no more than the best year they ever sold."
        said += [Notice(code, text, count)] if count else []
    return tuple(said)
