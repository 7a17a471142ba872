"""Calendar effects of sales without drivers: working days and holidays that move.

The yearly season of a series holds whatever comes back at the same place each year. What moves between
places does not: the number of working days of a March, Easter in March or April, the week in which
Christmas falls. Such effects are estimated here, taken out of the history before it is forecast, and
put back where the calendar of the horizon says so. All are factors: logs of sales on features.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.drivers.season import COMMERCIAL, count_working_days, holiday_features
from alignment_lib.forecasting.learning.adjustment import Adjusted
from alignment_lib.forecasting.seasons.calendar_slopes import Priors, estimate_with_evidence
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.written_numbers import Said

__all__ = ["CalendarEffects", "calendar_panel", "measure_calendar", "state_priors"]

_Parts = tuple[tuple[float, float, float], tuple[float, float, float]]
_WORKING_DAYS: _Parts = ((0.5, 0.5, 0.13), (0.0, 1.0, 0.02))
"""Elasticity of sales to working days: mean and deviation where there is one, and how often there is."""
_FREE_DAYS: _Parts = ((-0.5, 0.5, 0.13), (0.0, 1.0, 0.02))
"""The same of the share of a week's working days that is free."""
_FEAST: _Parts = ((0.0, 0.3, 0.17), (0.0, 1.0, 0.03))
"""The same of a feast: log points on the period that holds it; some businesses live by it."""
_COMMERCIAL: _Parts = ((0.0, 0.3, 0.06), (0.0, 1.0, 0.02))
"""The same of a day that only trade makes: nothing speaks for it but the history."""
_STATED = {"working_days": _WORKING_DAYS, "free_days": _FREE_DAYS}
_LEAST_VALUES = {"week": 105, "month": 30, "quarter": 18}
_LEAST_YEARS = {"week": 2, "month": 3, "quarter": 3}
_SMALL = 0.02
"""Slopes below this are not counted as borne; they are used as they are."""
_SHOWN = 2.0
"""Evidence of a feature, in the number of features tried, from which it is named: chance is held off all."""


@dataclass(frozen=True)
class CalendarEffects:
    """What the calendar adds to each series, in logs.

    Attributes
    ----------
    past : ndarray, shape (series, periods)
    ahead : ndarray, shape (series, horizon)
    table : DataFrame
        ``feature, effect`` (mean over the series that bear it, log points per unit of the feature),
        ``series`` (how many bear it), ``moves`` (log points by which it moves the series in the period that
        holds most of it, mean over all), ``shown`` (whether chance alone would hardly make it), ``country``
        (code, blank without one).
    notices : tuple of Notice
    """

    past: np.ndarray
    ahead: np.ndarray
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    notices: tuple[Notice, ...] = ()


def calendar_panel(
    calendar: Calendar, periods: pd.DatetimeIndex, holidays: str | None
) -> tuple[np.ndarray, list[str]]:
    """Features of each period that move from year to year.

    Months: log of working days (Monday to Friday less public holidays where a country is given), and
    Easter and other moving feasts. Quarters: the feasts; their working days differ too little to be
    measured (on earlier origins of M3 they gained nothing). Weeks: the feasts by name, and New Year and
    Christmas, which the yearly waves are too smooth to follow. Feasts need a country.

    Returns
    -------
    values : ndarray, shape (periods, features)
        For months and quarters less the mean of the same place in the year: the season holds that.
    names : list of str

    Examples
    --------
    >>> months = pd.date_range("2020-01-01", periods=48, freq="MS")
    >>> values, names = calendar_panel(Calendar("month"), months, None)
    >>> (names, values.shape)
    (['working_days'], (48, 1))
    """
    feasts, names = holiday_features(calendar, periods, holidays, commercial=True)
    if calendar.grain == "week":
        return feasts, names
    values, names = _with_days(calendar, periods, (feasts, names), holidays)
    usual = _usual(calendar, holidays)
    moving = [place for place, name in enumerate(names) if name in usual]
    place = (periods.month.to_numpy() - 1) * calendar.season // 12
    kept = [values[:, column] - usual[names[column]][place] for column in moving]
    return np.array(kept).reshape(len(kept), len(periods)).T, [names[column] for column in moving]


def _with_days(
    calendar: Calendar, periods: pd.DatetimeIndex, feasts: tuple[np.ndarray, list[str]], holidays: str | None
) -> tuple[np.ndarray, list[str]]:
    """Working days before the feasts, where the grain is months."""
    if calendar.grain != "month":
        return feasts
    days = np.log(np.maximum(count_working_days(calendar, periods, holidays), 1.0))
    return np.column_stack([days, feasts[0]]), ["working_days", *feasts[1]]


@lru_cache(maxsize=64)
def _usual(calendar: Calendar, holidays: str | None) -> dict[str, np.ndarray]:
    """Mean of each moving feature at each place of the year over 28 years; then weekdays come again.

    Always the same years, so that what one series is given does not depend on how far others reach back.
    What never moves between places belongs to the season and is left out.
    """
    years = calendar.range(pd.Timestamp("2001-01-01"), 28 * calendar.season)
    feasts = holiday_features(calendar, years, holidays, commercial=True)
    values, names = _with_days(calendar, years, feasts, holidays)
    by_place = values.T.reshape(len(names), 28, calendar.season)
    moves = np.ptp(by_place, axis=1).max(axis=1, initial=0.0) > 1e-9
    return {name: by_place[row].mean(axis=0) for row, name in enumerate(names) if moves[row]}


def measure_calendar(
    adjusted: Adjusted,
    usable: np.ndarray,
    calendar: Calendar,
    past: pd.DatetimeIndex,
    ahead: pd.DatetimeIndex,
    holidays: str | np.ndarray | None,
) -> CalendarEffects:
    """Effects of the calendar on every series over its history and its horizon.

    Parameters
    ----------
    adjusted : Adjusted
        Seasonally adjusted logs.
    usable : ndarray of bool, shape (series,)
        Series in logs that are neither ended nor intermittent.
    calendar, past, ahead
        As for `calendar_panel`.
    holidays : str or ndarray of str or None, shape (series,)
        Code of the country or region, one for all or one for each series.
    """
    codes = np.empty(len(usable), dtype=object)
    codes[:] = holidays
    usable = usable & (len(past) - adjusted.start >= _LEAST_VALUES[calendar.grain])
    periods = pd.DatetimeIndex(past.append(ahead))
    effects = np.zeros((len(usable), len(periods)))
    tables = []
    for code in sorted(set(codes[usable]), key=str):
        rows = np.flatnonzero(usable & (codes == code))
        values, names = calendar_panel(calendar, periods, code)
        if not names:
            continue
        slopes, evidence = _slopes(adjusted, rows, calendar, past, values[: len(past)], names)
        effects[rows] = slopes @ values.T
        borne = np.abs(slopes) > _SMALL
        mean = np.where(borne, slopes, 0.0).sum(axis=0) / np.maximum(borne.sum(axis=0), 1)
        table = pd.DataFrame({"feature": names, "effect": mean, "series": borne.sum(axis=0)})
        moves = np.abs(slopes.mean(axis=0)) * np.abs(values).max(axis=0)
        shown = borne.any(axis=0) & (evidence >= _SHOWN * len(names))
        tables.append(table.assign(moves=moves, shown=shown, country=code or ""))
    if not tables:
        return CalendarEffects(effects[:, : len(past)], effects[:, len(past) :])
    table = pd.concat(tables, ignore_index=True)
    return CalendarEffects(effects[:, : len(past)], effects[:, len(past) :], table, _notices(table))


def _slopes(
    adjusted: Adjusted,
    rows: np.ndarray,
    calendar: Calendar,
    past: pd.DatetimeIndex,
    values: np.ndarray,
    names: list[str],
) -> tuple[np.ndarray, np.ndarray]:
    """Slopes of some series, nought where a feature moved in too few years, and each feature's evidence."""
    start = adjusted.start[rows]
    found, evidence = estimate_with_evidence(adjusted.level[rows], start, values, state_priors(names))
    moved = _years_moved(values, past, start) >= _LEAST_YEARS[calendar.grain]
    return np.where(moved, found, 0.0), evidence


def state_priors(names: list[str]) -> Priors:
    """What is stated beforehand of each feature's slopes."""
    stated = [_STATED.get(name, _COMMERCIAL if name.startswith(COMMERCIAL) else _FEAST) for name in names]
    mean, deviation, share = np.moveaxis(np.array(stated), 2, 0)
    return Priors(mean, deviation, share)


def _years_moved(values: np.ndarray, past: pd.DatetimeIndex, start: np.ndarray) -> np.ndarray:
    """In how many years of each series' life each feature moved, shape (series, features)."""
    seen = np.zeros((len(start), values.shape[1]), dtype=np.int64)
    for year in np.unique(past.year):
        columns = np.flatnonzero(past.year == year)
        moved = np.abs(values[columns]) > 1e-9
        last = np.where(moved.any(axis=0), columns[-1] - moved[::-1].argmax(axis=0), -1)
        seen += last[None, :] >= start[:, None]
    return seen


def _notices(table: pd.DataFrame) -> tuple[Notice, ...]:
    """The features named that chance would hardly make; how much the others move at most."""
    shown = table[table["shown"]]
    others = table[~table["shown"] & (table["moves"] >= _SMALL)]
    if shown.empty and others.empty:
        return ()
    named = shown if len(shown) else others
    codes = ", ".join(sorted({code for code in named["country"] if code}))
    where = f" (public holidays of {codes})" if codes else " (weekdays only: no country is named)"
    names = dict.fromkeys(str(name).removeprefix(COMMERCIAL).replace("_", " ") for name in shown["feature"])
    listed = ", ".join(names) or "none that is told from chance"
    text = f"Calendar effects taken out of the history and put back over the horizon: {listed}{where}."
    if len(others):
        count = len(others.drop_duplicates("feature"))
        most = float(np.expm1(others["moves"].max()))
        text += (
            f" {count} more that chance could have made {'counts' if count == 1 else 'count'} at what "
            f"the evidence leaves of {'it' if count == 1 else 'them'}, at most {Said(most):.0%} in a period."
        )
    return (Notice("calendar_effects", text, int(named.groupby("country")["series"].max().sum())),)
