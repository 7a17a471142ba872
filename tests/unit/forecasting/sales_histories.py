"""Histories for the tests of the forecasting layer, drawn from fixed seeds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Calendar

QUARTER = Calendar("quarter")
MONTH = Calendar("month")


def history_of(values: np.ndarray, calendar: Calendar = MONTH, names: list[str] | None = None) -> History:
    """A history of the values given, one dimension ``product``."""
    values = np.asarray(values, dtype=float)
    names = names or [f"P{row:03d}" for row in range(len(values))]
    keys = pd.DataFrame({"product": names}, dtype=object)
    return History(
        calendar, keys, calendar.range(pd.Timestamp("2018-01-01"), values.shape[1]), values, "units"
    )


def seasonal_values(count: int, periods: int, season: int, seed: int = 0) -> np.ndarray:
    """Positive series with trend, season and noise, of different sizes."""
    generator = np.random.default_rng(seed)
    time = np.arange(periods)
    level = generator.uniform(20, 500, (count, 1))
    wave = 1 + generator.uniform(0.05, 0.4, (count, 1)) * np.sin(2 * np.pi * time / season)
    growth = 1 + generator.uniform(-0.003, 0.006, (count, 1)) * time
    noise = np.exp(generator.normal(0, 0.06, (count, periods)))
    return level * wave * growth * noise


def horizon_after(history: History, periods: int) -> pd.DatetimeIndex:
    """The periods that follow a history."""
    return history.calendar.range(history.calendar.shift(history.periods[-1], 1), periods)
