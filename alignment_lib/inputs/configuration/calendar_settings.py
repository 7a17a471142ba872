"""What the section ``[calendar]`` of ``planning.toml`` may say: grain, fiscal year, holidays."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
)

from alignment_lib.inputs.periods.calendar import Calendar, Grain, WeekPattern, YearName
from alignment_lib.inputs.periods.holiday_codes import find_code, holiday_codes, nearest_codes
from alignment_lib.inputs.periods.year_starts import FORMS, parse_year_start

__all__ = ["CalendarSettings", "HolidayColumn", "Holidays"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class HolidayColumn(_Section):
    """``holidays = { column = "country" }``: the dimension that says the country of each series."""

    column: Annotated[str, StringConstraints(min_length=1, max_length=60)]


def _check_holidays(value: Any) -> Any:
    """A code as the `holidays` package writes it; of one that is not known the nearest are told."""
    if not isinstance(value, str):
        return value
    if value not in holiday_codes():
        found = find_code(value)
        near = [found] if found else nearest_codes(value)
        offer = f"; the nearest: {', '.join(near)}" if near else ""
        raise ValueError(
            'a code of a country or region of the `holidays` package such as "US", "DE-BY" or "GB-ENG"'
            f', or {{ column = "a dimension" }}{offer}'
        )
    return value


Holidays = Annotated[str | HolidayColumn | None, BeforeValidator(_check_holidays)]


class CalendarSettings(_Section):
    """``[calendar]``: grain, fiscal year and holidays.

    >>> rule = "Sunday nearest 31 January"
    >>> CalendarSettings(grain="week", weeks="4-5-4", fiscal_year_begins=rule).first_month
    2
    """

    grain: Grain
    fiscal_year_start: Annotated[int, Field(ge=1, le=12)] = 1
    fiscal_year_begins: str | None = None
    fiscal_year_name: YearName | None = None
    weeks: WeekPattern = "gregorian"
    holidays: Holidays = None
    weeks_named_by: Literal["first day", "last day"] | None = None

    @field_validator("fiscal_year_begins")
    @classmethod
    def _ruled(cls, text: str | None) -> str | None:
        if text is not None and parse_year_start(text) is None:
            raise ValueError(f"a rule such as {FORMS}")
        return text

    @property
    def first_month(self) -> int:
        """Calendar month that the fiscal year's first month is, or stands for."""
        rule = parse_year_start(self.fiscal_year_begins) if self.fiscal_year_begins else None
        return rule.first_month[0] if rule else self.fiscal_year_start

    def calendar(self, week_start: int) -> Calendar:
        """The calendar these settings state, its weeks beginning on a weekday."""
        begins, name = self.fiscal_year_begins or "", self.fiscal_year_name or "end"
        return Calendar(self.grain, self.first_month, self.weeks, week_start, begins, name)
