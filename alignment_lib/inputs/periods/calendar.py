"""Periods: weeks, months and quarters, and the fiscal months, quarters and years they belong to.

A week belongs whole to the month and quarter that hold its fourth day, everywhere (the rule of ISO
8601 for weeks and years, applied to months). Unless a workspace says otherwise, fiscal years are named for
the calendar year they end in, as pandas names ``Q-JUN`` quarters: with a July start, July 2025 opens fiscal
year 2026. Retail years count weeks instead: 4-5-4, 5-4-4 or 4-4-5 of them make the months of a quarter.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from alignment_lib.inputs.periods.year_starts import YearStart, parse_year_start

__all__ = ["Calendar", "Cycle", "Grain", "WeekPattern", "YearName"]

Grain = Literal["week", "month", "quarter"]
Cycle = Literal["month", "quarter", "year"]

WeekPattern = Literal["gregorian", "4-4-5", "4-5-4", "5-4-4"]
YearName = Literal["start", "end"]
_WEEKS_OF_MONTHS: dict[str, tuple[int, int, int]] = {
    "4-4-5": (4, 4, 5),
    "4-5-4": (4, 5, 4),
    "5-4-4": (5, 4, 4),
}


@dataclass(frozen=True)
class Calendar:
    """The business's periods.

    Attributes
    ----------
    grain : {"week", "month", "quarter"}
        Length of one period of the sales table.
    fiscal_year_start : int
        Month (1 to 12) in which the fiscal year begins; of years that begin by a rule, the month that their
        first fiscal month stands for.
    weeks : {"gregorian", "4-4-5", "4-5-4", "5-4-4"}
        How weeks make up fiscal months: by the month of their fourth day, or so many weeks each in a
        quarter, with a 53rd week in the year's last month where the year has one.
    week_start : int
        Weekday on which weeks begin, Monday 0 to Sunday 6. Ignored for other grains.
    year_begins : str
        The rule by which years of weeks begin, such as ``Sunday nearest 31 January``; blank: with the first
        week whose fourth day is in the first month.
    year_name : {"end", "start"}
        Whether fiscal years bear the calendar year of their last month, or that of their first.

    Examples
    --------
    >>> calendar = Calendar("week", week_start=3)
    >>> calendar.label(pd.DatetimeIndex(["1992-07-02", "1992-06-25"]), "quarter").tolist()
    ['1992Q3', '1992Q2']
    >>> retail = Calendar("week", 2, "4-5-4", 6, "Sunday nearest 31 January", "start")
    >>> retail.label(pd.DatetimeIndex(["2026-11-01", "2027-01-24", "2027-01-31"]), "quarter").tolist()
    ['2026Q4', '2026Q4', '2027Q1']
    """

    grain: Grain
    fiscal_year_start: int = 1
    weeks: WeekPattern = "gregorian"
    week_start: int = 0
    year_begins: str = ""
    year_name: YearName = "end"

    @cached_property
    def _rule(self) -> YearStart | None:
        return parse_year_start(self.year_begins) if self.year_begins else None

    @property
    def stated(self) -> dict[str, Any]:
        """What makes the calendar again: every attribute that says something.

        >>> calendar = Calendar("month", 4, year_name="start")
        >>> Calendar(**calendar.stated) == calendar
        True
        """
        always = ("grain", "fiscal_year_start", "weeks", "week_start")
        said = {name: getattr(self, name) for name in always}
        if self.year_begins:
            said["year_begins"] = self.year_begins
        if self.year_name != "end":
            said["year_name"] = self.year_name
        return said

    @property
    def season(self) -> int:
        """Periods in a year: 52, 12 or 4."""
        return {"week": 52, "month": 12, "quarter": 4}[self.grain]

    def floor(self, dates: pd.DatetimeIndex) -> pd.DatetimeIndex:
        """First day of the period that contains each date."""
        dates = pd.DatetimeIndex(dates).normalize()
        if self.grain == "week":
            return dates - pd.to_timedelta((dates.weekday - self.week_start) % 7, unit="D")
        if self.grain == "month":
            return dates.to_period("M").to_timestamp()
        return dates - pd.to_timedelta(0, unit="D") if not len(dates) else self._quarter_floor(dates)

    def _quarter_floor(self, dates: pd.DatetimeIndex) -> pd.DatetimeIndex:
        months = dates.year * 12 + dates.month - 1
        months = months - (months - (self.fiscal_year_start - 1)) % 3
        return _month_starts(np.asarray(months))

    def shift(self, date: pd.Timestamp, periods: int) -> pd.Timestamp:
        """The first day `periods` periods after the period starting on `date`.

        >>> Calendar("month").shift(pd.Timestamp("2025-11-01"), 3)
        Timestamp('2026-02-01 00:00:00')
        """
        if self.grain == "week":
            return date + pd.Timedelta(days=7 * periods)
        months = periods * (1 if self.grain == "month" else 3)
        return date + pd.DateOffset(months=months)

    def range(self, start: pd.Timestamp, periods: int) -> pd.DatetimeIndex:
        """`periods` consecutive first days from `start`, which must itself be one."""
        if self.grain == "week":
            return pd.date_range(start, periods=periods, freq="7D", unit="ns")
        step = 1 if self.grain == "month" else 3
        first = start.year * 12 + start.month - 1
        return _month_starts(first + step * np.arange(periods))

    def between(self, first: pd.Timestamp, last: pd.Timestamp) -> pd.DatetimeIndex:
        """First days of all periods from `first` to `last`, both first days, inclusive."""
        return self.range(first, self.count(first, last) + 1)

    def count(self, first: pd.Timestamp, last: pd.Timestamp) -> int:
        """Periods from the one starting on `first` to the one starting on `last`."""
        if self.grain == "week":
            return int((last - first).days // 7)
        months = (last.year - first.year) * 12 + last.month - first.month
        return int(months // (1 if self.grain == "month" else 3))

    def ends(self, periods: pd.DatetimeIndex) -> pd.DatetimeIndex:
        """First day after each period: a period is known when this is on or before the as-of date."""
        if self.grain == "week":
            return periods + pd.Timedelta(days=7)
        step = 1 if self.grain == "month" else 3
        return _month_starts(np.asarray(periods.year * 12 + periods.month - 1) + step)

    def label(self, periods: pd.DatetimeIndex, cycle: Cycle) -> np.ndarray:
        """Fiscal month (``2026-03``), quarter (``2026Q1``) or year (``2026``) of each period.

        Months are written with the calendar year and month for ``gregorian`` weeks; in years counted in
        weeks a fiscal month bears the name of the calendar month it stands for.
        """
        ordinal = self.fiscal_month(periods)
        year, month = np.divmod(ordinal, 12)
        if cycle == "year":
            return np.array([f"{y:04d}" for y in year], dtype=object)
        if cycle == "quarter":
            return np.array([f"{y:04d}Q{m // 3 + 1}" for y, m in zip(year, month, strict=True)], dtype=object)
        calendar_month = self._to_calendar(ordinal)
        return np.array([f"{o // 12:04d}-{o % 12 + 1:02d}" for o in calendar_month], dtype=object)

    def fiscal_month(self, periods: pd.DatetimeIndex) -> np.ndarray:
        """Fiscal month of each period as an ordinal: 12 x fiscal year + month of it from 0."""
        periods = pd.DatetimeIndex(periods)
        if self.grain != "week":
            return self._to_fiscal(np.asarray(periods.year * 12 + periods.month - 1))
        middle = periods + pd.Timedelta(days=3)
        plain = self._to_fiscal(np.asarray(middle.year * 12 + middle.month - 1))
        if self.weeks == "gregorian":
            return plain
        names = np.arange(plain.min() // 12 - 1, plain.max() // 12 + 3) if len(plain) else plain
        begins = self.year_start(names)
        place = np.searchsorted(begins, periods, side="right") - 1
        week = np.asarray((periods - begins[place]).days) // 7
        return np.asarray(names[place] * 12 + np.searchsorted(self._weeks_to_month, week, side="right"))

    @cached_property
    def _weeks_to_month(self) -> np.ndarray:
        """Last week (from 1) of each fiscal month; a 53rd week closes the twelfth."""
        last = np.cumsum(_WEEKS_OF_MONTHS[self.weeks] * 4)
        last[-1] = 53
        return last

    def year_start(self, fiscal_years: np.ndarray) -> pd.DatetimeIndex:
        """First day of the first period of each fiscal year."""
        months = self._to_calendar(np.asarray(fiscal_years, dtype=np.int64) * 12)
        firsts = _month_starts(months)
        if self.grain != "week":
            return firsts
        if self._rule is not None:
            ahead = self._rule.first_month[1]
            days = [self._rule.first_day(int(month) // 12 - ahead) for month in np.ravel(months)]
            return pd.DatetimeIndex(np.array(days, dtype="datetime64[ns]"))
        # The first week whose fourth day is on or after the first of the month.
        return self.floor(firsts + pd.Timedelta(days=3))

    def months_span(self, fiscal_month: int, months: int) -> pd.DatetimeIndex:
        """First days of the periods of `months` fiscal months from the ordinal `fiscal_month` on.

        >>> Calendar("week", week_start=3).months_span(12 * 1992 + 6, 3)[[0, -1]].strftime("%F").tolist()
        ['1992-07-02', '1992-09-24']
        """
        spans = _month_starts(self._to_calendar(np.array([fiscal_month, fiscal_month + months])))
        # Fiscal months of weeks lie within five weeks of the calendar months they are named for.
        margin = pd.Timedelta(days=35)
        first, last = self.floor(pd.DatetimeIndex([spans[0] - margin, spans[1] + margin]))
        periods = self.between(first, last)
        ordinals = self.fiscal_month(periods)
        return periods[(ordinals >= fiscal_month) & (ordinals < fiscal_month + months)]

    def fiscal_of_month(self, year: int, month: int) -> int:
        """Fiscal month (12 x fiscal year + month from 0) named for a calendar month.

        >>> divmod(Calendar("month", fiscal_year_start=7).fiscal_of_month(2025, 7), 12)
        (2026, 0)
        """
        return int(self._to_fiscal(np.array(year * 12 + month - 1)))

    def weeks_in_year(self, fiscal_year: int) -> int:
        """52 or 53: how many weeks the fiscal year holds.

        >>> [Calendar("week").weeks_in_year(year) for year in (2025, 2026)]
        [52, 53]
        """
        starts = self.year_start(np.array([fiscal_year, fiscal_year + 1]))
        return int((starts[1] - starts[0]).days // 7)

    def _to_fiscal(self, calendar_months: np.ndarray) -> np.ndarray:
        return np.asarray(calendar_months) + self._months_on

    @property
    def _months_on(self) -> int:
        """By how many months a fiscal month's number lies ahead of its calendar month's."""
        ahead = (13 - self.fiscal_year_start) % 12
        return ahead - 12 if ahead and self.year_name == "start" else ahead

    def _to_calendar(self, fiscal_months: np.ndarray) -> np.ndarray:
        return np.asarray(fiscal_months) - self._months_on


def _month_starts(months: np.ndarray) -> pd.DatetimeIndex:
    """First days of months counted from year 0."""
    months = np.asarray(months, dtype=np.int64)
    return pd.DatetimeIndex((months - 1970 * 12).astype("datetime64[M]").astype("datetime64[ns]"))
