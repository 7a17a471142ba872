"""What market indicators did to sales, by their measured effect and their distance from the usual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.drivers.panel import grid_drivers
from alignment_lib.forecasting.effects.drivers.references import market_norm
from alignment_lib.forecasting.past.history import History

__all__ = ["Indicator", "effect_of_scope", "measure_indicators"]


@dataclass(frozen=True)
class Indicator:
    """One market driver with its measured effect, on log sales.

    Attributes
    ----------
    name : str
        Column of the driver.
    level : ndarray, shape (series, periods)
        The driver, in logs where its effect is an elasticity; NaN where unknown.
    estimate, error : ndarray, shape (series,)
        Effect of one unit of `level`, and its standard error.
    periods : DatetimeIndex
        Known periods.
    season : int
        Periods in a year.
    """

    name: str
    level: np.ndarray
    estimate: np.ndarray
    error: np.ndarray
    periods: pd.DatetimeIndex
    season: int

    def gap_to_norm(self, places: np.ndarray) -> np.ndarray:
        """Distance from the seasonal norm as known before the first of `places`; 0 where unknown."""
        known = max(int(places.min()), 1) if len(places) else 1
        norm = market_norm(self.level, self.periods, known, self.season)
        return np.asarray(np.nan_to_num(self.level[:, places] - norm[:, places]))

    def gap_to_year_before(self, places: np.ndarray) -> np.ndarray:
        """Distance from the same periods a year earlier; 0 where unknown."""
        return np.asarray(np.nan_to_num(self.level[:, places] - self.level[:, places - self.season]))


def measure_indicators(
    history: History, effects: pd.DataFrame, drivers: pd.DataFrame, kinds: Mapping[str, str]
) -> tuple[Indicator, ...]:
    """Every market driver of the workspace whose effect was measured, in order of name.

    Parameters
    ----------
    history : History
        Sales up to the wall.
    effects : DataFrame
        As `DriverEffects.effects`: rows of effect ``market``, in ``log per log`` or ``log per unit``.
    drivers : DataFrame
        Canonical table of drivers.
    kinds : mapping of str to {"price", "promotion", "market"}
        By driver column.
    """
    found = []
    for name in sorted(name for name, kind in kinds.items() if kind == "market" and name in drivers):
        rows = (
            effects[(effects["effect"] == "market") & (effects["driver"] == name)]
            if len(effects)
            else effects
        )
        if not len(rows):
            continue
        grids, _ = grid_drivers(history.keys, drivers, [name], history.periods)
        level = grids[name].astype(float)
        if (rows["unit"] == "log per log").all():
            level = np.log(np.where(level > 0, level, np.nan))
        estimate, error = effect_of_scope(history.keys, rows)
        found.append(Indicator(name, level, estimate, error, history.periods, history.calendar.season))
    return tuple(found)


def effect_of_scope(keys: pd.DataFrame, rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Estimate and standard error of each series: the narrowest scope that speaks of it, else 0.

    Parameters
    ----------
    keys : DataFrame
        One row a series.
    rows : DataFrame
        Measured effects of one sort; blank dimensions mean all.
    """
    estimate, error = np.zeros(len(keys)), np.zeros(len(keys))
    names = [str(name) for name in keys.columns if name in rows]
    scopes = rows[names].astype(str) if len(rows) else pd.DataFrame()
    for place in (scopes != "").sum(axis=1).argsort(kind="stable") if len(rows) else ():
        inside = np.ones(len(keys), dtype=bool)
        for name, value in zip(names, scopes.iloc[place], strict=True):
            if value:
                inside &= (keys[name].astype(str) == value).to_numpy()
        estimate[inside] = float(rows["estimate"].iloc[place])
        error[inside] = float(rows["standard_error"].iloc[place])
    return estimate, np.nan_to_num(error)
