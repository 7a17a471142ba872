"""Periods of an import: their calendar, which day names them, and the first and last that are not whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.inputs.periods.calendar import Calendar, Grain
from alignment_lib.inputs.periods.unfinished_periods import find_unfinished_days
from alignment_lib.inputs.proposing.mapping_files import ImportMapping

__all__ = ["Span", "calendar_of", "periods_of", "tell_span"]

_GRAINS: dict[str, Grain] = {"week": "week", "month": "month", "quarter": "quarter"}


@dataclass(frozen=True)
class Span:
    """The first and the last period that are not whole, None where they are."""

    first: pd.Timestamp | None = None
    last: pd.Timestamp | None = None


def calendar_of(mapping: ImportMapping, days: pd.DatetimeIndex) -> Calendar:
    """The calendar of an import: weeks begin on the weekday by which it names them, else on Monday."""
    grain = _GRAINS.get(mapping.grain, "week")
    named = mapping.decisions.get("named_by")
    if grain == "week" and named and len(days):
        weekday = int(days[0].weekday())
        return Calendar("week", week_start=(weekday + 1) % 7 if named == "last day" else weekday)
    return Calendar(grain)


def periods_of(days: pd.DatetimeIndex, calendar: Calendar) -> np.ndarray:
    """First day of the period of each day, NaT kept."""
    codes, found = pd.factorize(days.normalize(), use_na_sentinel=False)
    unique = np.asarray(found, dtype="M8[ns]")
    known = ~np.isnat(unique)
    periods = np.full(len(unique), np.datetime64("NaT"), dtype="M8[ns]")
    periods[known] = calendar.floor(pd.DatetimeIndex(unique[known])).to_numpy()
    return periods[codes]


def tell_span(days: pd.DatetimeIndex, brought: pd.DataFrame, calendar: Calendar) -> Span:
    """The first and last period that the days cover only in part.

    Days that name whole periods tell nothing: one date stands for a week or a month then.
    """
    known = days.normalize().unique()
    if len(known) < 2 or _name_periods(known, calendar):
        return Span()
    if len(brought):
        known = known.union(pd.DatetimeIndex(brought["day"]).unique())
    found = {one.end: one.period for one in find_unfinished_days(known, calendar)}
    return Span(found.get("first"), found.get("last"))


def _name_periods(days: pd.DatetimeIndex, calendar: Calendar) -> bool:
    """Whether each period has one day only, always the same one of it."""
    periods = calendar.floor(days)
    if periods.nunique() < len(days):
        return False
    apart = np.asarray((days - periods).days)
    return len(set(apart)) == 1 or bool(((calendar.ends(periods) - days).days == 1).all())
