"""Calendar effects of sales without drivers: working days and holidays that move.

The yearly season of a series holds whatever comes back at the same place each year. What moves between
places does not: the number of working days of a March, Easter in March or April, the week in which
Christmas falls. Such effects are estimated here, taken out of the history before it is forecast, and
put back where the calendar of the horizon says so. All are factors: logs of sales on features.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from alignment_lib.forecasting.adjustment import Adjusted
from alignment_lib.forecasting.effects.season import holiday_features
from alignment_lib.inputs.calendar import Calendar
from alignment_lib.inputs.problems import Notice

__all__ = ["CalendarEffects", "calendar_panel", "estimate_effects", "measure_calendar"]

_WORKING_DAYS = (0.5, 0.5, 0.15)
"""Elasticity of sales to working days: mean and deviation where there is one, and how often there is."""
_FEAST = (0.0, 0.3, 0.2)
"""The same of a feast: log points on the period that holds it."""
_LEAST_VALUES = {"week": 105, "month": 30, "quarter": 18}
_LEAST_YEARS = 3
_CLIP = 4.0
_SMALL = 0.02
"""Slopes below this are not counted as borne; they are used as they are."""


@dataclass(frozen=True)
class CalendarEffects:
    """What the calendar adds to each series, in logs.

    Attributes
    ----------
    past : ndarray, shape (series, periods)
    ahead : ndarray, shape (series, horizon)
    table : DataFrame
        ``feature, effect`` (mean over the series that bear it, log points per unit of the feature),
        ``series`` (how many bear it).
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
    feasts, names = holiday_features(calendar, periods, holidays)
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
    days = np.log(np.maximum(_working_days(calendar, periods, holidays), 1.0))
    return np.column_stack([days, feasts[0]]), ["working_days", *feasts[1]]


def _usual(calendar: Calendar, holidays: str | None) -> dict[str, np.ndarray]:
    """Mean of each moving feature at each place of the year over 28 years; then weekdays come again.

    Always the same years, so that what one series is given does not depend on how far others reach back.
    What never moves between places belongs to the season and is left out.
    """
    years = calendar.range(pd.Timestamp("2001-01-01"), 28 * calendar.season)
    feasts = holiday_features(calendar, years, holidays)
    values, names = _with_days(calendar, years, feasts, holidays)
    by_place = values.T.reshape(len(names), 28, calendar.season)
    moves = np.ptp(by_place, axis=1).max(axis=1, initial=0.0) > 1e-9
    return {name: by_place[row].mean(axis=0) for row, name in enumerate(names) if moves[row]}


def _working_days(calendar: Calendar, periods: pd.DatetimeIndex, holidays: str | None) -> np.ndarray:
    first = periods.to_numpy().astype("datetime64[D]")
    end = calendar.ends(periods).to_numpy().astype("datetime64[D]")
    free: list[np.datetime64] = []
    if holidays:
        import holidays as package

        years = range(periods[0].year, periods[-1].year + 2)
        country, _, part = holidays.partition("-")
        table = package.country_holidays(country, subdiv=part or None, years=years)
        free = [np.datetime64(day, "D") for day in table]
    return np.asarray(np.busday_count(first, end, holidays=free), dtype=np.float64)


def measure_calendar(
    adjusted: Adjusted,
    usable: np.ndarray,
    calendar: Calendar,
    past: pd.DatetimeIndex,
    ahead: pd.DatetimeIndex,
    holidays: str | None,
) -> CalendarEffects:
    """Effects of the calendar on every series over its history and its horizon.

    Parameters
    ----------
    adjusted : Adjusted
        Seasonally adjusted logs.
    usable : ndarray of bool, shape (series,)
        Series in logs that are neither ended nor intermittent.
    calendar, past, ahead, holidays
        As for `calendar_panel`.
    """
    count, horizon = len(past), len(ahead)
    nothing = CalendarEffects(np.zeros((len(usable), count)), np.zeros((len(usable), horizon)))
    values, names = calendar_panel(calendar, pd.DatetimeIndex(past.append(ahead)), holidays)
    usable = usable & (count - adjusted.start >= _LEAST_VALUES[calendar.grain])
    if not names or not usable.any():
        return nothing
    rows = np.flatnonzero(usable)
    start = adjusted.start[rows]
    features = np.broadcast_to(values[:count], (len(rows), count, len(names)))
    priors = np.array([_WORKING_DAYS if name == "working_days" else _FEAST for name in names])
    found = estimate_effects(adjusted.level[rows], start, features, priors)
    slopes = np.zeros((len(usable), len(names)))
    slopes[rows] = np.where(_years_moved(values[:count], past, start) >= _LEAST_YEARS, found, 0.0)
    borne = np.abs(slopes) > _SMALL
    mean = np.where(borne, slopes, 0.0).sum(axis=0) / np.maximum(borne.sum(axis=0), 1)
    table = pd.DataFrame({"feature": names, "effect": mean, "series": borne.sum(axis=0)})
    return CalendarEffects(
        slopes @ values[:count].T, slopes @ values[count:].T, table, _notices(table, holidays)
    )


def _years_moved(values: np.ndarray, past: pd.DatetimeIndex, start: np.ndarray) -> np.ndarray:
    """In how many years of each series' life each feature moved, shape (series, features)."""
    seen = np.zeros((len(start), values.shape[1]), dtype=np.int64)
    for year in np.unique(past.year):
        columns = np.flatnonzero(past.year == year)
        moved = np.abs(values[columns]) > 1e-9
        last = np.where(moved.any(axis=0), columns[-1] - moved[::-1].argmax(axis=0), -1)
        seen += last[None, :] >= start[:, None]
    return seen


def _notices(table: pd.DataFrame, holidays: str | None) -> tuple[Notice, ...]:
    borne = table[table["series"] > 0]
    if borne.empty:
        return ()
    named = ", ".join(str(name) for name in borne["feature"])
    where = f" (public holidays of {holidays})" if holidays else " (weekdays only: no country is named)"
    text = f"Calendar effects taken out of the history and put back over the horizon: {named}{where}."
    return (Notice("calendar_effects", text, int(borne["series"].max())),)


def estimate_effects(
    level: np.ndarray, start: np.ndarray, features: np.ndarray, priors: np.ndarray
) -> np.ndarray:
    """Slopes of logs on features, each series from its own history alone.

    Each series is regressed in differences from the mean of its two neighbours in time, which trends and
    slow swings leave alone; residuals beyond four robust deviations are held there, and errors allow for
    autocorrelation (Newey and West 1987, Econometrica 55, 703-708). A slope is either nought or one of the
    prior's; its posterior mean is used (spike and slab, Mitchell and Beauchamp 1988, Journal of the American
    Statistical Association 83, 1023-1032), so that what chance explains as well comes to nothing.

    Parameters
    ----------
    level : ndarray, shape (series, periods)
    start : ndarray of int, shape (series,)
    features : ndarray, shape (series, periods, features)
    priors : ndarray, shape (features, 3)
        Mean and deviation of a slope that is not nought, and how many slopes are not.

    Returns
    -------
    ndarray, shape (series, features)
    """
    inside = np.asarray(np.arange(1, level.shape[1] - 1) > start[:, None])
    y = _apart(level) * inside
    x = _apart(features) * inside[:, :, None]
    gram = np.einsum("ntp,ntq->npq", x, x, optimize=True)
    # A feature that never moved in a series' life keeps a zero slope there.
    there = np.asarray(np.diagonal(gram, axis1=1, axis2=2) > 1e-10)
    inverse = np.linalg.inv(gram + np.where(there, 1e-12, 1e12)[:, :, None] * np.eye(x.shape[2]))
    slope = np.einsum("npq,ntq,nt->np", inverse, x, y, optimize=True)
    fitted = np.einsum("ntp,np->nt", x, slope, optimize=True)
    # What the features do not explain is held before the second pass: one wild month must not make an effect.
    y = fitted + _held((y - fitted) * inside, inside)
    slope = np.einsum("npq,ntq,nt->np", inverse, x, y, optimize=True)
    left = (y - np.einsum("ntp,np->nt", x, slope, optimize=True)) * inside
    degrees = np.maximum(inside.sum(axis=1) - x.shape[2] - 1, 1)
    score = np.einsum("npq,ntq,nt->ntp", inverse, x, left, optimize=True)
    variance = 1e-12 + _long_run(score) * (inside.sum(axis=1) / degrees)[:, None]
    # A feast of three years rests on few periods, however long the history is.
    fourth = np.maximum((x**4).sum(axis=1), 1e-300)
    events = np.maximum((x**2).sum(axis=1) ** 2 / fourth, 1.0)
    return np.where(there, _posterior_mean(slope, variance * (1 + 2 / events), priors), 0.0)


def _posterior_mean(slope: np.ndarray, variance: np.ndarray, priors: np.ndarray) -> np.ndarray:
    """Mean of a slope given its estimate: nought, or drawn from the prior's normal distribution.

    >>> prior = np.array([[0.5, 0.5, 0.2]])
    >>> _posterior_mean(np.array([[0.9], [0.1]]), np.array([[0.01], [0.04]]), prior).round(2).tolist()
    [[0.88], [0.01]]
    """
    mean, deviation, share = priors.T
    wide = variance + deviation**2
    odds = np.log(share / (1 - share)) + 0.5 * np.log(variance / wide)
    odds = odds + 0.5 * (slope**2 / variance - (slope - mean) ** 2 / wide)
    there = 1 / (1 + np.exp(-np.clip(odds, -50, 50)))
    return np.asarray(there * (slope * deviation**2 + mean * variance) / wide)


def _apart(values: np.ndarray) -> np.ndarray:
    """Difference of each inner value from the mean of its two neighbours, along the second axis."""
    return np.asarray(values[:, 1:-1] - (values[:, :-2] + values[:, 2:]) / 2)


def _held(y: np.ndarray, inside: np.ndarray) -> np.ndarray:
    size = np.where(inside | ~inside.any(axis=1, keepdims=True), np.abs(y), np.nan)
    most: np.ndarray = _CLIP * 1.4826 * np.nanmedian(size, axis=1, keepdims=True)
    return np.asarray(np.clip(y, -most, most))


def _long_run(score: np.ndarray) -> np.ndarray:
    """Variance of the sum of scores of each series, two lags of autocorrelation allowed for (Newey, West)."""
    total = (score**2).sum(axis=1)
    plain = total.copy()
    for lag, weight in ((1, 2 / 3), (2, 1 / 3)):
        total = total + 2 * weight * (score[:, lag:] * score[:, :-lag]).sum(axis=1)
    return np.asarray(np.maximum(total, 0.3 * plain))
