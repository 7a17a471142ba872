"""Calendar features: yearly waves, and days that move or matter more than the waves can follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import pandas as pd

from alignment_lib.forecasting.seasons.commercial_days import commercial_days, paydays
from alignment_lib.forecasting.seasons.feasts import feast_days, working_days
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.periods.holiday_codes import find_code

__all__ = [
    "BESIDE",
    "COMMERCIAL",
    "count_working_days",
    "holiday_features",
    "moving_feasts",
    "year_waves",
]

_PAIRS = {"week": 2, "month": 3, "quarter": 1}
_FIXED_SPREAD = 8
"""Days of the year over which a holiday may wander and still count as fixed (an n-th Monday wanders 6)."""
_RUN_UP = 14
"""Days before a feast in which is bought for it, where periods are longer than weeks."""
_RAMADAN: Mapping[int, float] = dict.fromkeys(range(-29, 0), 1 / 7)
"""The month of the fast before Eid al-Fitr, counted from it; a week that lies in it counts one."""
_EASTER_DAYS = range(-7, 2)
"""Days from Easter Sunday that belong to Easter itself, from Palm Sunday to Easter Monday."""
_SAME = 0.9
"""A column of which others explain more than this share says nothing of its own."""
BESIDE = (", week before", ", week after", "Ramadan")
"""How names of features end that speak of the weeks beside a moving feast, or of the month before it."""
COMMERCIAL = "commercial:"
"""How names of features begin that no law but trade makes: used only where history shows them."""

_Kernel = Mapping[int, float]
_DAY: _Kernel = {0: 1.0}
_WEEK_BEFORE: _Kernel = {-7: 1.0}
_WEEK_AFTER: _Kernel = {7: 1.0}


def _window(first: int, last: int) -> _Kernel:
    """Equal shares of the days from `first` to `last`, counted from the feast."""
    return dict.fromkeys(range(first, last + 1), 1.0 / (last - first + 1))


def _hat(centre: int) -> _Kernel:
    """A week to either side of a day, its share falling off in a straight line."""
    return {centre + day: (1 - abs(day) / 7) / 7 for day in range(-6, 7)}


def year_waves(
    calendar: Calendar, periods: pd.DatetimeIndex, pairs: int | None = None
) -> tuple[np.ndarray, list[str]]:
    """Sine and cosine pairs over the year, at each period's middle; by default 2 for weeks, 3 for months.

    >>> year_waves(Calendar("month"), pd.date_range("2025-01-01", periods=3, freq="MS"))[0].shape
    (3, 6)
    """
    half = (calendar.ends(periods) - periods) / 2
    middle = periods + half
    angle = 2 * np.pi * (middle.dayofyear.to_numpy() - 1) / 365.25
    columns, names = [], []
    for pair in range(1, (pairs or _PAIRS[calendar.grain]) + 1):
        columns += [np.sin(pair * angle), np.cos(pair * angle)]
        names += [f"year_sin{pair}", f"year_cos{pair}"]
    return np.stack(columns, axis=1), names


def holiday_features(
    calendar: Calendar, periods: pd.DatetimeIndex, country: str | None, *, commercial: bool = False
) -> tuple[np.ndarray, list[str]]:
    """Feasts by country or region; for each feature, what of its days falls in the period.

    Weeks: the weeks before, of and after Easter; the two before and of Christmas; New Year;
    Thanksgiving; moving feasts by name (those that always fall on one weekday by their week and the one
    before, the others by their distance in days, since a feast on a Monday is bought for the week before);
    and the share of the usual working days that is free. Longer periods keep only what moves between them:
    Easter and other moving feasts with the fortnight before. Commercial days are added where asked for;
    they alone are there without a country. Columns that say what others say already are left out.

    Raises
    ------
    ValueError
        For a code that the `holidays` package does not know.
    """
    nothing = np.zeros((len(periods), 0)), list[str]()
    if not len(periods) or (not country and not commercial):
        return nothing
    if country and find_code(country) is None:
        raise ValueError(
            f"holidays: found {country!r}, expected a code of the holidays package such as 'US' or 'DE'"
        )
    first, last = periods[0].year - 1, periods[-1].year + 2
    weekly = calendar.grain == "week"
    spans = _feasts(country, first, last, weekly) if country else {}
    if commercial and (country or weekly):
        spans |= _commercial(country, first, last, weekly)
    within = _days_of(calendar, periods)
    columns = {name: _amount(within, days, kernel) for name, (days, kernel) in spans.items()}
    if weekly:
        columns = {name: _in_logs(column) for name, column in columns.items()}
    if weekly and country:
        columns["free_days"] = _free_days(calendar, periods, country)
    columns = {name: column for name, column in columns.items() if column.any()}
    columns = _distinct(columns) if weekly else columns
    return (np.stack(list(columns.values()), axis=1), list(columns)) if columns else nothing


_Spans = dict[str, tuple[Iterable[date], _Kernel]]


@lru_cache(maxsize=64)
def _feasts(country: str, first: int, last: int, weekly: bool) -> _Spans:
    """Feature to the days of its feast and how each counts around them."""
    named = feast_days(country, first, last)
    years = range(first, last + 1)
    easters = _easters(named, years)
    christian = bool(easters)
    if not weekly:
        spans: _Spans = {"easter_before": (easters, _window(-_RUN_UP, 0))} if christian else {}
    else:
        spans = {
            "easter": (easters, _DAY), "easter_before": (easters, _WEEK_BEFORE),
            "easter_after": (easters, _WEEK_AFTER),
        } if christian else {}  # fmt: skip
        fixed = {"new_year": (1, 1)}
        if christian:
            fixed |= {"christmas": (12, 25), "christmas_before": (12, 18), "advent": (12, 11)}
        spans |= {name: ([date(year, *day) for year in years], _DAY) for name, day in fixed.items()}
    for name, days in _own_feasts(named, easters).items():
        spans |= _moving(name, days, weekly)
    fasts = _fasts(named) if weekly else []
    return spans | {"Ramadan": (fasts, _RAMADAN)} if fasts else spans


def _fasts(named: Mapping[str, tuple[date, ...]]) -> list[date]:
    """Days on which the month of the fast has ended, where that is a public feast, each once.

    A month of other hours and meals moves sales as a whole, eleven days earlier each year; its feast alone
    says nothing of its first weeks.
    """
    days = sorted({day for name, every in named.items() if "eid al-fitr" in name.casefold() for day in every})
    return [day for place, day in enumerate(days) if place == 0 or (day - days[place - 1]).days > _RUN_UP]


def _moving(name: str, days: tuple[date, ...], weekly: bool) -> _Spans:
    """Features of one feast that has a name of its own."""
    if not weekly:
        return {name: (days, _window(1 - _RUN_UP, 0))}
    if len({day.weekday() for day in days}) == 1:
        return {name: (days, _DAY), f"{name}, week before": (days, _WEEK_BEFORE)}
    return {
        name: (days, _hat(0)),
        f"{name}, week before": (days, _hat(-7)),
        f"{name}, week after": (days, _hat(7)),
    }


def moving_feasts(country: str, first: int, last: int) -> dict[str, tuple[date, ...]]:
    """Days of the feasts that move through the year, Easter among them, by name."""
    named = feast_days(country, first, last)
    easters = _easters(named, range(first, last + 1))
    return {"easter": tuple(easters), **_own_feasts(named, easters)} if easters else _own_feasts(named, [])


def _own_feasts(named: Mapping[str, tuple[date, ...]], easters: list[date]) -> dict[str, tuple[date, ...]]:
    """Moving feasts and Thanksgiving, those within a week of one that is there already left out."""
    kept: dict[str, tuple[date, ...]] = {}
    for name, days in sorted(named.items(), key=lambda item: (-len(item[1]), item[1], item[0])):
        if (
            _is_easter(days, easters)
            or not _is_yearly(days)
            or not (_wanders(days) or "thanksgiving" in name.casefold())
        ):
            continue
        if not any(_always_near(days, there) for there in kept.values()):
            kept[name] = days
    return kept


def _always_near(days: Iterable[date], there: tuple[date, ...]) -> bool:
    return all(any(abs((day - one).days) < 7 for one in there) for day in days)


def _is_yearly(days: tuple[date, ...]) -> bool:
    """Whether a feast comes about once a year: elections and jubilees do not."""
    return len(days) > 1 and (days[-1] - days[0]).days / (len(days) - 1) < 600


def _is_easter(days: tuple[date, ...], easters: list[date]) -> bool:
    near = [any((day - sunday).days in _EASTER_DAYS for sunday in easters) for day in days]
    return bool(near) and all(near)


def _easters(named: Mapping[str, tuple[date, ...]], years: range) -> list[date]:
    """Easter Sundays where it or Christmas is kept; Orthodox where the public holidays follow that date."""
    from dateutil.easter import EASTER_ORTHODOX, EASTER_WESTERN, easter  # type: ignore[import-untyped]

    every = {day for days in named.values() for day in days}
    found = {}
    for name, method in (("western", EASTER_WESTERN), ("orthodox", EASTER_ORTHODOX)):
        days = [easter(year, method) for year in years]
        near = [bool({day - timedelta(days=2), day, day + timedelta(days=1)} & every) for day in days]
        found[name] = (sum(near), days)
    christian = any(word in name.casefold() for name in named for word in ("christmas", "nativity"))
    most = "orthodox" if found["orthodox"][0] > found["western"][0] else "western"
    return found[most][1] if christian or found[most][0] * 2 > len(years) else []


def _commercial(country: str | None, first: int, last: int, weekly: bool) -> _Spans:
    """Days of trade: by their week where they always fall on one weekday, else by the week up to them."""
    years = range(first, last + 1)
    spans: _Spans = {}
    for name, days in commercial_days(country, years).items():
        one_weekday = len({day.weekday() for day in days}) == 1
        by_week = weekly and one_weekday and name != "back_to_school"
        spans[COMMERCIAL + name] = (days, _DAY if by_week else _window(*_BOUGHT.get(name, (-6, 0))))
        if by_week:
            spans[f"{COMMERCIAL}{name}{BESIDE[0]}"] = (days, _WEEK_BEFORE)
    if weekly:
        spans[f"{COMMERCIAL}payday"] = (paydays(country, years), _window(0, 6))
    return spans


_BOUGHT = {"back_to_school": (-21, -1), "singles_day": (0, 0), "carnival": (-6, 1)}
"""Days in which is bought for a commercial day, counted from it, where they are not the week up to it."""


def _wanders(days: tuple[date, ...]) -> bool:
    place = [day.timetuple().tm_yday for day in days]
    return len(days) > 1 and max(place) - min(place) > _FIXED_SPREAD


def _days_of(calendar: Calendar, periods: pd.DatetimeIndex) -> tuple[np.datetime64, np.ndarray, np.ndarray]:
    """The first day of all, and the number of days from it to each period's first and to its end."""
    first = periods.to_numpy().astype("datetime64[D]")
    end = calendar.ends(periods).to_numpy().astype("datetime64[D]")
    origin = first.min()
    return origin, (first - origin).astype(int), (end - origin).astype(int)


def _amount(
    within: tuple[np.datetime64, np.ndarray, np.ndarray], days: Iterable[date], kernel: _Kernel
) -> np.ndarray:
    """What of each feast, spread over days by its kernel, falls into each period."""
    origin, first, end = within
    daily = np.zeros(int(end.max()))
    for day in days:
        place = int((np.datetime64(day, "D") - origin).astype(int))
        for shift, weight in kernel.items():
            if 0 <= place + shift < len(daily):
                daily[place + shift] += weight
    total = np.concatenate([[0.0], np.cumsum(daily)])
    return np.asarray(total[end] - total[first])


def _in_logs(share: np.ndarray) -> np.ndarray:
    """A share of a week's days as it acts on the log of the week's sales, nought and one left as they are.

    Days that sell e times as much make half a week's sales 1.86 times, which is more than half of the log.
    """
    return np.asarray(np.log1p((np.e - 1) * share))


def count_working_days(calendar: Calendar, periods: pd.DatetimeIndex, country: str | None) -> np.ndarray:
    """Days worked in each period, by the country's own weekends, moved days off and Saturdays worked.

    >>> count_working_days(Calendar("month"), pd.DatetimeIndex(["2026-01-01", "2026-04-01"]), "DE").tolist()
    [21.0, 20.0]
    """
    origin, first, end = _days_of(calendar, periods)
    start = pd.Timestamp(origin).date()
    worked = working_days(country, start, start + timedelta(days=int(end.max())))
    total = np.concatenate([[0], np.cumsum(worked)])
    return np.asarray(total[end] - total[first], dtype=np.float64)


def _free_days(calendar: Calendar, periods: pd.DatetimeIndex, country: str) -> np.ndarray:
    """Share of a usual week's working days that is free; below zero where a day off is worked.

    Days of feasts that have features of their own are left to these.
    """
    origin, first, end = _days_of(calendar, periods)
    start, count = pd.Timestamp(origin).date(), int(end.max())
    free = ~np.array(working_days(country, start, start + timedelta(days=count)))
    weekday = (np.arange(count) + start.weekday()) % 7
    number = np.bincount(weekday, minlength=7)
    usual = np.bincount(weekday, weights=free, minlength=7) <= 0.5 * number
    lost = free.astype(float) - ~usual[weekday]
    lost[[place for place in _own_days(country, start, count) if 0 <= place < count]] = 0.0
    total = np.concatenate([[0.0], np.cumsum(lost)])
    return np.asarray((total[end] - total[first]) / max(int(usual.sum()), 1))


def _own_days(country: str, start: date, count: int) -> Iterable[int]:
    """Places of the days, from `start`, on which feasts with features of their own are kept."""
    first, last = start.year - 1, start.year + count // 365 + 2
    own = moving_feasts(country, first, last)
    days = {day + timedelta(days=shift) for day in own.pop("easter", ()) for shift in range(-2, 2)}
    days |= {day + timedelta(days=shift) for feast in own.values() for day in feast for shift in range(3)}
    days |= {date(year, 12, day) for year in range(first, last) for day in (24, 25, 26)}
    days |= {date(year, 1, 1) for year in range(first, last)}
    return [(day - start).days for day in days]


def _distinct(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Columns in their order without those that the ones before explain."""
    kept: dict[str, np.ndarray] = {}
    basis: list[np.ndarray] = []
    for name, column in columns.items():
        rest = column.astype(np.float64)
        for axis in basis:
            rest = rest - axis * (axis @ rest)
        length = np.linalg.norm(rest)
        if length**2 > (1 - _SAME) * float(column @ column):
            basis.append(rest / length)
            kept[name] = column
    return kept
