"""What joins the level of the explained model: last year's unexplained season, and plain local smoothers.

Both work on what the model leaves of log sales: members without drivers that stand beside it. Being the same
whatever the drivers do, they leave a driver's effect a difference within one model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.forecasting.learning.adjustment import Adjusted
from alignment_lib.forecasting.learning.smoothing import aggregated, damped, theta

__all__ = ["Joined", "last_year", "local_smoothers"]


@dataclass(frozen=True)
class Joined:
    """Shares with which members without drivers join the level.

    Attributes
    ----------
    last_year : float
        Share of what all series together left unexplained at the same time in the last two years.
    smoothers : float
        Weight of the mean of theta, damped trend and aggregation against the level held.
    """

    last_year: float = 0.0
    smoothers: float = 0.0


def last_year(unexplained: np.ndarray, season: int, horizon: int) -> np.ndarray:
    """Mean unexplained log sales of the same period in the last two years, shape (known + horizon,).

    What no holiday term or yearly wave can hold but the whole business shows, such as the weeks of a fair;
    0 where no year before is known. Weeks are averaged with their neighbours, since dates wander.

    >>> last_year(np.array([[0.0, 0.4, 0.0, 0.0]]), 4, 2).tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.4]
    """
    seen = np.isfinite(unexplained)
    known = unexplained.shape[1]
    mean = np.where(seen, unexplained, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    if season > 12 and known > 1:
        before, after = np.append(mean[:1], mean[:-1]), np.append(mean[1:], mean[-1:])
        mean = 0.5 * mean + 0.25 * before + 0.25 * after
    total, count = np.zeros(known + horizon), np.zeros(known + horizon)
    for years in (1, 2):
        start = years * season
        part = mean[: max(0, known + horizon - start)]
        total[start : start + len(part)] += part
        count[start : start + len(part)] += 1
    return np.asarray(total / np.maximum(count, 1))


def local_smoothers(residual: np.ndarray, season: int, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean of theta, damped trend and temporal aggregation of each series' residual logs.

    Returns
    -------
    path : ndarray, shape (series, horizon)
    usable : ndarray of bool, shape (series,)
        Series with a year known: on less, a launch would be carried on as a trend.
    """
    seen = np.isfinite(residual)
    periods = residual.shape[1]
    usable = seen.sum(axis=1) >= max(season, 8)
    filled = pd.DataFrame(residual.T).ffill().bfill().fillna(0.0).to_numpy().T
    start = np.where(seen.any(axis=1), seen.argmax(axis=1), 0).clip(max=max(0, periods - 4))
    nothing = np.zeros(len(residual))
    adjusted = Adjusted(filled, np.zeros((len(residual), season)), nothing, start, nothing + 1.0)
    parts = (theta(adjusted, horizon), damped(adjusted, horizon), aggregated(adjusted, horizon, season))
    return np.asarray(sum(parts) / len(parts)), usable
