"""What the section ``[calendar]`` of ``planning.toml`` may say: grain, fiscal year, holidays."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from alignment_lib.inputs.calendar import Grain
from alignment_lib.inputs.holiday_codes import find_code, holiday_codes, nearest_codes

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
    """``[calendar]``: grain, fiscal year and holidays."""

    grain: Grain
    fiscal_year_start: Annotated[int, Field(ge=1, le=12)] = 1
    weeks: Literal["gregorian", "4-4-5"] = "gregorian"
    holidays: Holidays = None
