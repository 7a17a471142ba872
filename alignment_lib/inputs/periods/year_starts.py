"""On which day a fiscal year of weeks begins, as businesses say it: "Sunday nearest 31 January"."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

__all__ = ["FORMS", "YearStart", "parse_year_start"]

FORMS = (
    '"Sunday nearest 31 January", "last Saturday of August", "first Monday of July", '
    '"Monday on or after 1 October" or "Monday on or before 1 October"'
)
_Relation = Literal["nearest", "after", "before", "first", "last"]
_WEEKDAYS = [name.casefold() for name in calendar.day_name]
_MONTHS = [name.casefold() for name in calendar.month_name]
_SHORT = [name.casefold() for name in calendar.month_abbr]
_RELATIONS: dict[str, _Relation] = {
    "nearest": "nearest", "nearest to": "nearest", "closest to": "nearest",
    "on or after": "after", "on or before": "before",
}  # fmt: skip
_DATED = re.compile(
    r"(?:the )?(?P<weekday>[a-z]+) "
    r"(?P<relation>nearest(?: to)?|closest to|on or after|on or before) (?:the )?"
    r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?(?: of)? (?P<month>[a-z]+)"
    r"|(?P<month_first>[a-z]+) (?P<day_last>\d{1,2})(?:st|nd|rd|th)?)"
)
_OF_MONTH = re.compile(r"(?:the )?(?P<place>first|last) (?P<weekday>[a-z]+) (?:of|in) (?P<month>[a-z]+)")
_HALF_MONTH = timedelta(days=14)


@dataclass(frozen=True)
class YearStart:
    """A rule that gives one day for every year.

    Attributes
    ----------
    weekday : int
        Monday 0 to Sunday 6.
    relation : {"nearest", "after", "before", "first", "last"}
        To the stated day; ``first`` and ``last`` of the month.
    month, day : int
        The stated day; for ``last`` the last of the month.
    """

    weekday: int
    relation: _Relation
    month: int
    day: int

    def stated(self, year: int) -> date:
        """The day of a calendar year that the rule speaks of."""
        last = calendar.monthrange(year, self.month)[1]
        return date(year, self.month, min(self.day, last))

    def first_day(self, year: int) -> date:
        """First day of the fiscal year that begins about the stated day of a calendar year.

        >>> parse_year_start("Sunday nearest 31 January").first_day(2023).isoformat()
        '2023-01-29'
        """
        stated = self.stated(year)
        back = timedelta(days=(stated.weekday() - self.weekday) % 7)
        ahead = timedelta(days=(self.weekday - stated.weekday()) % 7)
        if self.relation in ("before", "last"):
            return stated - back
        if self.relation in ("after", "first"):
            return stated + ahead
        return stated - back if back <= ahead else stated + ahead

    @property
    def first_month(self) -> tuple[int, int]:
        """Calendar month that the year's first fiscal month stands for, and how many years on it lies.

        >>> parse_year_start("last Saturday of December").first_month
        (1, 1)
        """
        middle = {"before": -3, "after": 3}.get(self.relation, 0)
        usual = (
            self.stated(2001)
            + timedelta(days=middle)
            + (_HALF_MONTH if self.relation != "first" else timedelta())
        )
        return usual.month, usual.year - 2001


def parse_year_start(text: str) -> YearStart | None:
    """The rule that a text states, None where it has no such form.

    >>> parse_year_start("last Saturday of August")
    YearStart(weekday=5, relation='last', month=8, day=31)
    """
    plain = re.sub(r"[\s,.]+", " ", text).strip().casefold()
    found = _DATED.fullmatch(plain)
    if found:
        day = int(found["day"] or found["day_last"])
        return _rule(
            found["weekday"], _RELATIONS[found["relation"]], found["month"] or found["month_first"], day
        )
    found = _OF_MONTH.fullmatch(plain)
    if not found:
        return None
    if found["place"] == "first":
        return _rule(found["weekday"], "first", found["month"], 1)
    return _rule(found["weekday"], "last", found["month"], 31)


def _rule(weekday: str, relation: _Relation, month: str, day: int) -> YearStart | None:
    number = next((names.index(month) for names in (_MONTHS, _SHORT) if month in names), 0)
    if weekday not in _WEEKDAYS or not number:
        return None
    longest = calendar.monthrange(2000, number)[1]
    if not 1 <= day <= (31 if relation == "last" else longest):
        return None
    return YearStart(_WEEKDAYS.index(weekday), relation, number, min(day, longest))
