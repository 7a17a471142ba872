"""Calendar features: yearly waves, and holidays that move or matter more than the waves can follow."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from alignment_lib.inputs.calendar import Calendar

__all__ = ["calendar_features", "holiday_features", "year_waves"]

_PAIRS = {"week": 2, "month": 3, "quarter": 1}
_EASTER_WORDS = ("easter", "good friday", "holy", "maundy", "palm sunday")
_FIXED_SPREAD = 8
"""Days of the year over which a holiday may wander and still count as fixed (an n-th Monday wanders 6)."""


def calendar_features(
    calendar: Calendar, periods: pd.DatetimeIndex, holidays: str | None
) -> tuple[np.ndarray, list[str]]:
    """Yearly waves and holidays of each period.

    Returns
    -------
    values : ndarray, shape (periods, features)
    names : list of str
    """
    waves, wave_names = year_waves(calendar, periods)
    days, day_names = holiday_features(calendar, periods, holidays)
    return np.concatenate([waves, days], axis=1), wave_names + day_names


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
    calendar: Calendar, periods: pd.DatetimeIndex, country: str | None
) -> tuple[np.ndarray, list[str]]:
    """Holidays by country code; for each feature, the share of its days that falls in the period.

    Weeks: the weeks before, of and after Easter; the two before and of Christmas; New Year;
    Thanksgiving; other moving feasts by name; and all other public holidays as one count. Longer periods
    keep only what moves between them (Easter and other moving feasts), since the yearly waves hold the
    rest.

    Raises
    ------
    ValueError
        For a country code that the `holidays` package does not know.
    """
    if not country or not len(periods):
        return np.zeros((len(periods), 0)), []
    years = range(periods[0].year - 1, periods[-1].year + 3)
    named = _named_holidays(country, years)
    spans = _spans(named, years, calendar.grain == "week")
    edges = np.append(periods.to_numpy(), calendar.ends(periods[-1:]).to_numpy()).astype("datetime64[D]")
    columns, names = [], []
    for name, days in spans.items():
        column = _count_days(edges, days)
        if column.any():
            columns.append(column)
            names.append(name)
    if not columns:
        return np.zeros((len(periods), 0)), []
    return np.stack(columns, axis=1), names


def _named_holidays(country: str, years: range) -> dict[str, list[date]]:
    import holidays

    try:
        table = holidays.country_holidays(country.partition("-")[0], subdiv=country.partition("-")[2] or None,
                                          years=years, observed=False, language="en_US")  # fmt: skip
    except NotImplementedError as error:
        message = f"holidays: found {country!r}, expected a code of the holidays package such as 'US' or 'DE'"
        raise ValueError(message) from error
    named: dict[str, list[date]] = {}
    for day, text in sorted(table.items()):
        for name in text.split("; "):
            named.setdefault(name, []).append(day)
    return named


_Spans = dict[str, list[tuple[date, date, float]]]


def _spans(named: dict[str, list[date]], years: range, weekly: bool) -> _Spans:
    """Feature to (first day, day after the last, weight of the whole)."""
    easters = _easters(named, years)
    if not weekly:
        before = [(day - timedelta(days=14), day + timedelta(days=1), 1.0) for day in easters]
        return ({"easter_before": before} if before else {}) | _other_feasts(named, weekly)
    spans: _Spans = {
        name: [_day(day + timedelta(days=shift)) for day in easters]
        for name, shift in (("easter_before", -7), ("easter", 0), ("easter_after", 7))
    }
    fixed = {"new_year": (1, 1)}
    if _has_christmas(named):
        fixed |= {"advent": (12, 11), "christmas_before": (12, 18), "christmas": (12, 25)}
    for name, (month, day) in fixed.items():
        spans[name] = [_day(date(year, month, day)) for year in years]
    return spans | _other_feasts(named, weekly)


def _other_feasts(named: dict[str, list[date]], weekly: bool) -> _Spans:
    """Thanksgiving and moving feasts by name; weeks: all other holidays together."""
    spans: _Spans = {}
    rest: list[tuple[date, date, float]] = []
    for name, days in named.items():
        if any(word in name.lower() for word in _EASTER_WORDS) or _is_christmas_or_new_year(days):
            continue
        if _wanders(days) or "thanksgiving" in name.lower():
            spans[name] = [_day(day) for day in days]
        else:
            rest += [_day(day) for day in days]
    if weekly and rest:
        spans["other_holidays"] = rest
    return spans


def _has_christmas(named: dict[str, list[date]]) -> bool:
    return any((day.month, day.day) in ((12, 25), (1, 7)) for days in named.values() for day in days)


def _easters(named: dict[str, list[date]], years: range) -> list[date]:
    """Easter Sundays where Christmas is a holiday; Orthodox where the public holidays follow that date."""
    from dateutil.easter import EASTER_ORTHODOX, EASTER_WESTERN, easter  # type: ignore[import-untyped]

    if not _has_christmas(named):
        return []
    every = {day for days in named.values() for day in days}
    orthodox = [easter(year, EASTER_ORTHODOX) for year in years]
    western = [easter(year, EASTER_WESTERN) for year in years]
    hits = {
        name: sum(bool({day - timedelta(days=2), day, day + timedelta(days=1)} & every) for day in days)
        for name, days in (("orthodox", orthodox), ("western", western))
    }
    return orthodox if hits["orthodox"] > hits["western"] else western


def _is_christmas_or_new_year(days: list[date]) -> bool:
    return all((day.month, day.day) in ((12, 24), (12, 25), (12, 26), (12, 31), (1, 1)) for day in days)


def _wanders(days: list[date]) -> bool:
    place = [day.timetuple().tm_yday for day in days]
    return len(days) > 1 and max(place) - min(place) > _FIXED_SPREAD


def _day(day: date) -> tuple[date, date, float]:
    return day, day + timedelta(days=1), 1.0


def _count_days(edges: np.ndarray, spans: list[tuple[date, date, float]]) -> np.ndarray:
    """Share of each span that falls between consecutive edges, summed over spans."""
    total = np.zeros(len(edges) - 1)
    for first, end, weight in spans:
        low, high = np.datetime64(first, "D"), np.datetime64(end, "D")
        overlap = np.minimum(edges[1:], high) - np.maximum(edges[:-1], low)
        total += weight * np.clip(overlap.astype(float), 0, None) / max((high - low).astype(float), 1.0)
    return np.asarray(total)
