"""First and last day of a round, and the periods a year before that it is set against, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.inputs.periods.calendar import Calendar, Cycle
from alignment_lib.inputs.periods.round_names import CYCLE_MONTHS, split_round_name

__all__ = [
    "YearBefore",
    "begins_elsewhere",
    "find_year_before",
    "published_title",
    "round_title",
    "say_days",
    "say_round_days",
    "sum_where_whole",
]


def say_days(first: pd.Timestamp, last: pd.Timestamp) -> str:
    """Two days as one span; a year that both share is said once.

    >>> say_days(pd.Timestamp("2026-11-01"), pd.Timestamp("2027-01-30"))
    '1 November 2026 to 30 January 2027'
    >>> say_days(pd.Timestamp("2026-04-01"), pd.Timestamp("2026-06-30"))
    '1 April to 30 June 2026'
    """
    begin = f"{first.day} {first:%B}" + (f" {first.year}" if first.year != last.year else "")
    return f"{begin} to {last.day} {last:%B} {last.year}"


def begins_elsewhere(calendar: Calendar) -> bool:
    """Whether a fiscal year's name alone does not say which days it holds: it begins not with January."""
    return calendar.fiscal_year_start != 1 or bool(calendar.year_begins)


def say_round_days(calendar: Calendar, name: str) -> str:
    """First and last day of a round.

    >>> say_round_days(Calendar("month", 4), "2026Q1")
    '1 April to 30 June 2025'
    """
    cycle, month = split_round_name(name, calendar)
    return _say(calendar, calendar.months_span(month, CYCLE_MONTHS[cycle]))


def _say(calendar: Calendar, periods: pd.DatetimeIndex) -> str:
    return say_days(periods[0], calendar.ends(periods[-1:])[0] - pd.Timedelta(days=1))


def round_title(calendar: Calendar, name: str) -> str:
    """A round's name, with its days where the name alone does not say them.

    >>> round_title(Calendar("month"), "2026Q1")
    '2026Q1'
    >>> round_title(Calendar("month", 4, year_name="start"), "2026Q1")
    '2026Q1 (1 April to 30 June 2026)'
    """
    return f"{name} ({say_round_days(calendar, name)})" if begins_elsewhere(calendar) else name


def published_title(manifest: Mapping[str, Any], name: str) -> str:
    """A published round's name, with its days where the calendar of its manifest asks for them.

    >>> published_title({"parameters": {"calendar": {"grain": "month", "fiscal_year_start": 4}}}, "2026Q1")
    '2026Q1 (1 April to 30 June 2025)'
    """
    stated = manifest.get("parameters", {}).get("calendar")
    return round_title(Calendar(**stated), name) if stated else name


@dataclass(frozen=True)
class YearBefore:
    """What a span is compared with: the periods a year before it, and the cycle of that name.

    Attributes
    ----------
    compared : DatetimeIndex
        As many periods, a year before; weeks are moved by 52, so that each has its weekday and season, and a
        53rd week its counterpart.
    named : DatetimeIndex
        Periods of the cycle of the same name a year before, as it was.
    name : str
        Of that cycle.
    days : str
        First and last day compared with.
    """

    compared: pd.DatetimeIndex
    named: pd.DatetimeIndex
    name: str
    days: str

    @property
    def is_restated(self) -> bool:
        """Whether what is compared with is not the cycle of that name: weeks do not fill years alike."""
        return not self.compared.equals(self.named)

    @property
    def sentence(self) -> str:
        """What is compared with, without figures; blank where it is just the cycle a year before."""
        if not self.is_restated:
            return ""
        weeks = f"the {len(self.compared)} weeks" if len(self.compared) > 1 else "the week"
        return f"Year before: {weeks} from {self.days}, 52 weeks earlier."


def find_year_before(calendar: Calendar, periods: pd.DatetimeIndex, cycle: Cycle) -> YearBefore:
    """The year before a month, quarter or year of these periods.

    >>> quarter = Calendar("week").months_span(12 * 2027, 3)
    >>> found = find_year_before(Calendar("week"), quarter, "quarter")
    >>> len(found.compared), len(found.named), found.name
    (12, 13, '2026Q1')
    """
    compared = pd.DatetimeIndex([calendar.shift(day, -calendar.season) for day in periods])
    first = int(calendar.fiscal_month(periods[:1])[0])
    named = calendar.months_span(first - 12, CYCLE_MONTHS[cycle])
    return YearBefore(compared, named, str(calendar.label(named[:1], cycle)[0]), _say(calendar, compared))


def sum_where_whole(history: pd.DataFrame, periods: pd.DatetimeIndex) -> float:
    """Sum of ``value`` over these periods; not a number unless each is known."""
    inside = history[history["period"].isin(periods)]
    return float(inside["value"].sum()) if inside["period"].nunique() == len(periods) else float(np.nan)
