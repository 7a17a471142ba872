"""A small shop drawn again and again: does the band of a quarter hold, and is it no wider than it must be?

Nine series of counts over three years of weeks with one smooth season, like a shop of bicycles. What the next
quarter sells is drawn from the same truth; the truth's own noise is the narrowest honest band there can be.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from alignment_lib.forecasting.baseline import forecast_baseline
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Calendar

__all__ = ["draw_shop", "measure_shop"]

_LEVELS = np.array([5.0, 1.5, 15.0, 5.0, 9.0, 7.0, 17.0, 20.0, 31.0])
"""Mean pieces a week: few of the dear ones, many of the cheap ones."""
_SEASON = 0.6
_QUARTER = 13
_DRAWS = 200
_NOISE_DRAWS = 4_000
_EIGHTY = (0.1, 0.9)
_NORMAL_95 = 1.96


def draw_shop(seed: int, weeks: int = 156) -> tuple[History, np.ndarray, np.ndarray]:
    """A shop's history, the expected sales of the quarter that follows, and what was sold then."""
    generator = np.random.default_rng(seed)
    first = pd.Timestamp("2023-01-02")
    periods = pd.date_range(first, periods=weeks + _QUARTER, freq="7D")
    angle = 2 * np.pi * (periods.dayofyear.to_numpy() - 80) / 365.25
    growth = 1 + generator.uniform(-0.05, 0.1) * np.arange(len(periods)) / 52
    expected = _LEVELS[:, None] * (1 + _SEASON * np.sin(angle)) * growth
    sold = generator.poisson(expected).astype(float)
    names = [("shop", f"P{row}") for row in range(5)] + [("web", f"P{row}") for row in range(4)]
    keys = pd.DataFrame(names, columns=["channel", "product"], dtype=object)
    known = History(Calendar("week"), keys, periods[:weeks], sold[:, :weeks], "units")
    return known, expected[:, weeks:], sold[:, weeks:]


def measure_shop(redraws: int) -> pd.DataFrame:
    """One row: coverage of the 80 % band of the quarter's total, with its own interval, and its width."""
    held, wide, error = np.array(list(_redrawn(redraws))).T
    share = float(held.mean())
    margin = _NORMAL_95 * np.sqrt(share * (1 - share) / redraws)
    return pd.DataFrame(
        [
            {
                "redraws": redraws,
                "covered": share,
                "from": share - margin,
                "to": share + margin,
                "median width / truth's own": float(np.median(wide)),
                "mean error of the total": float(error.mean()),
                "mean absolute error": float(np.abs(error).mean()),
            }
        ]
    )


def _redrawn(redraws: int) -> Iterator[tuple[float, float, float]]:
    for seed in range(redraws):
        history, expected, sold = draw_shop(seed)
        ahead = pd.date_range(history.periods[-1] + pd.Timedelta(days=7), periods=_QUARTER, freq="7D")
        made = forecast_baseline(history, ahead, seed=seed, draws=_DRAWS)
        low, high = np.quantile(made.samples.sum(axis=(1, 2)), _EIGHTY)
        noise = np.random.default_rng([seed, 1]).poisson(expected.sum(), _NOISE_DRAWS)
        narrowest = np.subtract(*np.quantile(noise, _EIGHTY[::-1]))
        total = sold.sum()
        yield float(low <= total <= high), (high - low) / narrowest, made.baseline.sum() / total - 1
