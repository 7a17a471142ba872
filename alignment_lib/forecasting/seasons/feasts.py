"""Feasts and working days of a country or region, from the `holidays` package, under names that stay.

The package names one feast in many ways: in the machine's language unless one is asked for, with
"(estimated)" until a moon-tied date is fixed, with "(observed)" or "(in lieu)" where the day off is moved.
Here a feast has one English name whatever year it is and wherever the program runs.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np

__all__ = ["feast_days", "working_days"]

_MARKS = re.compile(
    r"\s*\((?:[^()]*\b(?:observed|estimated|lieu|substitut\w*|additional|non-working|moved)\b[^()]*)\)",
    re.IGNORECASE,
)
"""What the package adds to a feast's name for one year and not for another."""
_NO_FEAST = re.compile(r"(?:substituted )?day off|public holiday|bank holiday|bridge day", re.IGNORECASE)
"""Days that are free and belong to no feast."""
_ONE_FEAST_DAYS = 14
"""Days of one name that lie nearer than this are one feast of several days."""


def _table(code: str, years: Iterable[int], *, observed: bool) -> Any:
    """The package's table, always in English: without a language it speaks the machine's."""
    from holidays import country_holidays

    country, _, region = code.partition("-")
    with warnings.catch_warnings():
        # Some lists begin or end within the years asked for (India's from 2001 to 2035): the rest is unknown.
        warnings.simplefilter("ignore")
        return country_holidays(
            country, subdiv=region or None, years=years, observed=observed, language="en_US"
        )


@lru_cache(maxsize=64)
def feast_days(code: str, first_year: int, last_year: int) -> Mapping[str, tuple[date, ...]]:
    """First day of every public feast, by its name without the marks of single years.

    Feasts of several days are told by the first; names that always fall within a week of each other are
    one feast, called by the earliest. Days off that belong to no feast are left out.

    Examples
    --------
    >>> [day.isoformat() for day in feast_days("PK", 2026, 2027)["Eid al-Fitr"]]
    ['2026-03-20', '2027-03-10']
    """
    named: dict[str, list[date]] = {}
    for day, text in sorted(_table(code, range(first_year, last_year + 1), observed=False).items()):
        for name in text.split("; "):
            plain = _MARKS.sub("", name).strip()
            if plain and not _NO_FEAST.match(plain):
                named.setdefault(plain, []).append(day)
    return MappingProxyType({name: _first_days(days) for name, days in named.items()})


def _first_days(days: list[date]) -> tuple[date, ...]:
    firsts = days[:1]
    for before, day in pairwise(days):
        if (day - before).days > _ONE_FEAST_DAYS:
            firsts.append(day)
    return tuple(firsts)


@lru_cache(maxsize=64)
def working_days(code: str | None, first: date, end: date) -> np.ndarray:
    """Which days from `first` up to, not with, `end` are worked: shape (days,), read only.

    Weekends, days off that were moved and Saturdays worked for them are the package's own for the country;
    without one Monday to Friday are worked.

    Examples
    --------
    >>> days = working_days("IL", date(2026, 1, 1), date(2026, 1, 8))   # Thursday to Wednesday
    >>> days.tolist()
    [True, False, False, True, True, True, True]
    """
    if code is None:
        worked = np.is_busday(np.arange(np.datetime64(first, "D"), np.datetime64(end, "D")))
    else:
        every = [first + timedelta(days=number) for number in range((end - first).days)]
        table = _table(code, range(first.year, end.year + 1), observed=True)
        worked = np.array([table.is_working_day(day) for day in every], dtype=bool)
    worked.setflags(write=False)
    return worked
