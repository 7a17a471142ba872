"""What sales stand at without drivers: forecasts of the history as it would have been at reference drivers.

The explained model may know what drivers do and still forecast the level worse than plain methods. Past
sales are taken to reference drivers by its slopes, and methods that know no drivers forecast those. Beside
the model's own level they compete in the backtest; what a driver does remains the model's difference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alignment_lib.forecasting.baseline import run_baseline
from alignment_lib.forecasting.combining.ensemble import EnsembleSettings
from alignment_lib.forecasting.effects.drivers.lives import late_starters
from alignment_lib.forecasting.effects.model import Design, past_effect
from alignment_lib.forecasting.effects.pooled import PooledFit
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.configuration.calendar_settings import Holidays
from alignment_lib.inputs.written_numbers import Said

__all__ = ["SOURCES", "Source", "Standing", "at_reference", "last_year", "level_beside", "stand_on"]

_MOST_LOG = float(np.log(20.0))
_GROWTH_SHARE = 0.75
"""Share of last year's growth that goes on: growth is damped as trends are (Gardner & McKenzie 1985)."""


@dataclass(frozen=True)
class Source:
    """A way of forecasting without drivers.

    Attributes
    ----------
    method : {"last year", "last year with growth", "models without drivers"}
    cleaned : bool
        Whether it forecasts the history at reference drivers, and so stands for the baseline. Else it
        forecasts sales as they were and stands for the plan: what promotions of the year before brought is
        in it.
    """

    method: str
    cleaned: bool

    def __str__(self) -> str:
        """In the reader's words."""
        return f"{self.method}, {'drivers taken out' if self.cleaned else 'as sold'}"


LAST_YEAR, GROWN, DRIVERLESS = "last year", "last year with growth", "models without drivers"

SOURCES = tuple(
    Source(method, cleaned) for method in (LAST_YEAR, GROWN, DRIVERLESS) for cleaned in (True, False)
)
"""Levels that may stand beside the model's own, the cheapest first."""


@dataclass(frozen=True)
class Standing:
    """A level that stands beside the model's own.

    Attributes
    ----------
    source : Source or None
        None leaves the model's own level.
    share : float
        Its weight.
    """

    source: Source | None = None
    share: float = 0.0

    def __str__(self) -> str:
        """In words: the source, and how much of the level it makes.

        >>> from alignment_lib.inputs.written_numbers import PER_CENT
        >>> str(Standing()), str(Standing(Source("last year", True), 0.5)).replace(PER_CENT, " %")
        ('own level', '50 % last year, drivers taken out')
        """
        return f"{Said(self.share):.0%} {self.source}" if self.source else "own level"


def at_reference(design: Design, fit: PooledFit) -> History:
    """The history as it would have been at reference drivers, by the explained model's slopes."""
    panel = design.panel
    effect = np.clip(past_effect(design, fit), -_MOST_LOG, _MOST_LOG)
    values = panel.values * np.exp(-effect)
    return History(panel.calendar, panel.keys, panel.periods[: panel.known], values, "units")


def level_beside(
    source: Source, design: Design, fit: PooledFit, holidays: Holidays, jobs: int, *, is_trial: bool = False
) -> np.ndarray:
    """Sales over the horizon by a source, shape (series, horizon); NaN where it says nothing.

    A trial is only compared with others, and may be weighed at fewer origins (`EnsembleSettings`).
    """
    panel = design.panel
    past, ahead = panel.periods[: panel.known], panel.periods[panel.known :]
    if source.cleaned:
        history = at_reference(design, fit)
    else:
        history = History(panel.calendar, panel.keys, past, panel.values, "units")
    if source.method != DRIVERLESS:
        grown = source.method == GROWN
        return last_year(history.values, len(ahead), panel.calendar.season, grown=grown)
    settings = EnsembleSettings(is_trial=is_trial)
    run = run_baseline(history, ahead, seed=0, draws=0, holidays=holidays, jobs=jobs, settings=settings)
    level = run.forecast.baseline
    # Whether a silent series has ended is told by the driver table, which those models do not see.
    return np.where((level == 0).all(axis=1, keepdims=True), np.nan, level)


def last_year(values: np.ndarray, horizon: int, season: int, *, grown: bool) -> np.ndarray:
    """Last year's same period, or that times the whole unit's growth to the power .75; NaN where unknown.

    Growth is the last half season against the same periods a year before, over the cells known in both.

    >>> last_year(np.array([[10.0, 20.0, 10.0, 20.0]]), 2, 2, grown=True).tolist()
    [[10.0, 20.0]]
    """
    known = values.shape[1]
    if known < season:
        return np.full((len(values), horizon), np.nan)
    places = [known - season + step % season for step in range(horizon)]
    if not grown:
        return np.asarray(values[:, places])
    window = min(max(1, season // 2), known - season)
    now, then = values[:, known - window :], values[:, known - window - season : known - season]
    both = np.isfinite(now) & np.isfinite(then)
    top, low = float(now[both].sum()), float(then[both].sum())
    growth = float(np.clip(top / low, 0.5, 2.0)) if top > 0 and low > 0 else 1.0
    years = 1 + np.arange(horizon) // season
    return np.asarray(values[:, places] * growth ** (_GROWTH_SHARE * years))


def stand_on(
    own: np.ndarray, level: np.ndarray, share: float, design: Design, closed: np.ndarray
) -> np.ndarray:
    """What is added to the model's log sales, shape (series, horizon): part of the way to the other level.

    Parameters
    ----------
    own : ndarray, shape (series, horizon)
        The model's log(sales + 1): at reference drivers where the source is cleaned, else at the calendar.
    level : ndarray, shape (series, horizon)
        The other level in the measure; where it is unknown the model's own stays.
    share : float
    design : Design
        Launches under way keep the model's level, which knows what earlier launches did.
    closed : ndarray of bool, shape (series, horizon)
        Where nothing is sold at the calendar, and so nothing can be compared.
    """
    panel = design.panel
    season = panel.calendar.season
    first, late = late_starters(np.isfinite(panel.values), season)
    young = late & (panel.known - first < max(2, season // 2))
    told = np.isfinite(level) & ~young[:, None] & ~closed
    return np.where(told, share * (np.log1p(np.clip(np.where(told, level, 0.0), 0.0, None)) - own), 0.0)
