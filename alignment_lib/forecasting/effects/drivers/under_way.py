"""Launches under way: what a product of a few weeks still has before it, by what earlier launches did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alignment_lib.forecasting.effects.drivers.lives import late_starters
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.written_numbers import Said

__all__ = ["Growth", "growth_notices", "growth_to_come"]

_TRUST = 2.0
"""Earlier launches at which what they did counts half; chosen on redrawn demos and generated groceries."""
_FARTHEST = 2.0
"""Log points beyond which one earlier launch is not followed, up or down."""
_ALIKE = 1.5


@dataclass(frozen=True)
class Growth:
    """What the level of each series is expected to do beyond its last weeks.

    Attributes
    ----------
    values : ndarray, shape (series, horizon)
        Log points; 0 for all but launches under way.
    earlier : ndarray of int, shape (series,)
        Earlier launches it rests on.
    young : ndarray of bool, shape (series,)
        Launches under way: started inside the history, less than half a year ago.
    """

    values: np.ndarray
    earlier: np.ndarray
    young: np.ndarray


def growth_to_come(
    residual: np.ndarray, path: np.ndarray, product: np.ndarray, season: int, horizon: int
) -> Growth:
    """Median of what earlier launches did after like age, over the level then, shrunk by their number.

    A product that came whole is set beside products that came whole, a known product new in a place beside
    such places; series of one kind that started in the same period are one launch. Ages between two
    thirds and one and a half times the own are alike. After an earlier launch's last known period the mean
    of its last weeks is held. Of n launches n / (n + 2) of the median is taken (shrinkage to the level held,
    as with any mean of few; Efron & Morris 1975).

    Parameters
    ----------
    residual : ndarray, shape (series, periods)
        Log residuals of the explained model, level left in; NaN where unknown.
    path : ndarray, shape (series, periods)
        Their level after each period.
    product : ndarray of int, shape (series,)
    season, horizon : int
    """
    first, late = late_starters(np.isfinite(residual), season)
    periods = residual.shape[1]
    age = periods - first
    young = late & (age > 0) & (age < season // 2)
    values, earlier = np.zeros((len(residual), horizon)), np.zeros(len(residual), dtype=int)
    if not young.any():
        return Growth(values, earlier, young)
    opened = np.full(int(product.max()) + 1, periods)
    np.minimum.at(opened, product, first)
    whole = first - opened[product] <= max(1, season // 13)
    for came_whole, now in sorted(set(zip(whole[young].tolist(), age[young].tolist(), strict=True))):
        rows = young & (whole == came_whole) & (age == now)
        others = late & (whole == came_whole) & (age >= now + season // 4)
        paths = [
            _followed(residual, path, np.flatnonzero(others & (first == start)), int(start), now, horizon)
            for start in np.unique(first[others])
        ]
        if paths:
            usual = np.median(np.clip(paths, -_FARTHEST, _FARTHEST), axis=0)
            shown = _smoothed(usual, 2 * (season // 12) + 1)
            values[rows], earlier[rows] = shown * len(paths) / (len(paths) + _TRUST), len(paths)
    return Growth(values, earlier, young)


def _followed(
    residual: np.ndarray, path: np.ndarray, rows: np.ndarray, start: int, age: int, horizon: int
) -> np.ndarray:
    """What one earlier launch did over its level at like ages, shape (horizon,)."""
    total, count = np.zeros(horizon), np.zeros(horizon)
    for then in range(max(1, -int(-age // _ALIKE)), int(age * _ALIKE) + 1):
        part = residual[rows, start + then : start + then + horizon] - path[rows, start + then - 1][:, None]
        seen = np.isfinite(part)
        total[: part.shape[1]] += np.where(seen, part, 0.0).sum(axis=0)
        count[: part.shape[1]] += seen.sum(axis=0)
    known = np.flatnonzero(count > 0)
    if not len(known):
        return total
    mean = np.interp(np.arange(horizon), known, total[known] / count[known])
    mean[known[-1] + 1 :] = mean[max(0, known[-1] - 8) : known[-1] + 1].mean()
    return mean


def _smoothed(values: np.ndarray, window: int) -> np.ndarray:
    """Centred moving mean, shorter at the edges."""
    kernel = np.ones(window)
    middle = slice((window - 1) // 2, (window - 1) // 2 + len(values))
    total, size = np.convolve(values, kernel)[middle], np.convolve(np.ones(len(values)), kernel)[middle]
    return np.asarray(total / size)


def growth_notices(growth: Growth) -> list[Notice]:
    """What was assumed of launches under way, with and without earlier launches to go by."""
    notices = []
    led = growth.young & (growth.earlier > 0)
    if led.any():
        said = f"{Said(np.expm1(growth.values[led].mean())):+.0%}"
        count, past = int(led.sum()), int(growth.earlier[led].max())
        text = (
            f"{_series(count)} started less than half a year ago: planned from the level of the last weeks "
            f"and what {past} earlier {'launch' if past == 1 else 'launches'} of this history did after the "
            f"same age, trusted by {past} / ({past} + 2): {said} over the periods planned."
        )
        notices.append(Notice("launch_under_way", text, count))
    alone = growth.young & (growth.earlier == 0)
    if alone.any():
        count = int(alone.sum())
        text = (
            f"{_series(count)} started less than half a year ago, and no earlier launch in the history "
            "tells how such a start goes on: planned at the level of the last weeks. A start may be a first "
            "rush or the foot of a climb, so the band is as wide as for a new product; a launch row can "
            "state more."
        )
        notices.append(Notice("launch_unknown", text, count))
    return notices


def _series(count: int) -> str:
    return "1 series" if count == 1 else f"{count} series"
