"""What ``planning.toml`` may say, as typed values.

The models only describe and validate; `alignment_lib.inputs.settings_reader` reads the file and
turns every fault into a located problem. A model's ``ValueError`` text is written to follow the
words "found …, expected".
"""

from __future__ import annotations

import codecs
import re
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator

from alignment_lib.inputs.calendar import Cycle, Grain
from alignment_lib.inputs.dictionary import reserved_names

__all__ = [
    "BusinessSettings",
    "CalendarSettings",
    "DriverColumn",
    "DriverSettings",
    "ForecastSettings",
    "FormatSettings",
    "FunnelSettings",
    "PlanSettings",
    "SalesSettings",
    "Settings",
    "Source",
]

PUBLISHED_NAMES = frozenset(
    (
        *("scenario", "baseline", "plan", "p2_5", "p10", "p50", "p90", "p97_5", "assumption", "effect"),
        *("span", "probability", "stream", "value"),
    )
)
"""Columns of the published files; no dimension may bear them either."""

_ENCODINGS = frozenset(
    codecs.lookup(name).name
    for name in (
        *("utf-8", "utf-8-sig", "utf-16", "koi8-r", "mac-roman"),
        *("shift_jis", "cp932", "gb18030", "big5", "euc-kr", "cp437", "cp850", "cp852"),
        *(f"cp125{number}" for number in range(9)),
        *(f"iso8859-{number}" for number in (1, 2, 5, 7, 9, 15)),
    )
)
_DATE_PARTS = {"d", "m", "y", "Y", "b", "B"}
_CURRENCY = re.compile(r"[A-Z]{3}")


class _Section(BaseModel):
    """A section of the file: nothing unknown, nothing changed after reading, no silent conversion."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _listed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _check_name(name: str) -> str:
    if name != name.strip() or not name.isprintable():
        raise ValueError("a name without spaces around it or control characters")
    if name in reserved_names() | PUBLISHED_NAMES:
        raise ValueError(f"a name the tables do not use themselves; rename the column `{name}`")
    return name


Name = Annotated[str, StringConstraints(min_length=1, max_length=60)]
ColumnName = Annotated[
    Name, BeforeValidator(lambda value: _check_name(value) if isinstance(value, str) else value)
]


class Source(_Section):
    """Where a table stands: a file inside the workspace, and the sheet for a workbook."""

    file: str
    sheet: str = ""

    @field_validator("file")
    @classmethod
    def _inside(cls, file: str) -> str:
        # A Windows user's backslash parts folders on every system.
        file = file.replace("\\", "/")
        parts = PurePosixPath(file).parts
        outside = not parts or file.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:|~", file)
        if outside or not file.isprintable():
            raise ValueError("a file inside the workspace folder, without `..` and not absolute")
        return file


AnySource = Annotated[
    Source, BeforeValidator(lambda value: {"file": value} if isinstance(value, str) else value)
]


class BusinessSettings(_Section):
    """``[business]``: whose plan it is."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    currency: str

    @field_validator("currency")
    @classmethod
    def _code(cls, currency: str) -> str:
        if not _CURRENCY.fullmatch(currency):
            raise ValueError('a currency code of three capital letters such as "USD"')
        return currency


class CalendarSettings(_Section):
    """``[calendar]``: grain, fiscal year and holidays."""

    grain: Grain
    fiscal_year_start: Annotated[int, Field(ge=1, le=12)] = 1
    weeks: Literal["gregorian", "4-4-5"] = "gregorian"
    holidays: str | None = None

    @field_validator("holidays")
    @classmethod
    def _known(cls, code: str | None) -> str | None:
        if code is not None and code not in _holiday_codes():
            raise ValueError('a country code of the `holidays` package such as "US"')
        return code


def _holiday_codes() -> set[str]:
    from holidays.utils import list_supported_countries

    return set(list_supported_countries())


class SalesSettings(_Section):
    """``[sales]``: the table that is forecast."""

    source: AnySource | None = None
    dimensions: Annotated[
        tuple[ColumnName, ...], BeforeValidator(_listed), Field(min_length=1, max_length=12)
    ]
    measure: Literal["units", "revenue"] = "units"
    sale_type: str | None = None

    @field_validator("dimensions")
    @classmethod
    def _distinct(cls, dimensions: tuple[str, ...]) -> tuple[str, ...]:
        twice = sorted({name for name in dimensions if dimensions.count(name) > 1})
        if twice:
            raise ValueError(f"each dimension once; `{twice[0]}` stands twice")
        return dimensions


class DriverColumn(_Section):
    """One driver: what kind it is, and whether its future is known."""

    kind: Literal["price", "promotion", "market"]
    known: bool = False

    @property
    def is_known(self) -> bool:
        """Whether rows after the as-of date may be read: prices and promotions are our own plan."""
        return self.known or self.kind != "market"


AnyDriver = Annotated[
    DriverColumn, BeforeValidator(lambda value: {"kind": value} if isinstance(value, str) else value)
]


class DriverSettings(_Section):
    """``[drivers]``: known past and future causes."""

    source: AnySource | None = None
    columns: Annotated[dict[Name, AnyDriver], Field(min_length=1)]


class PlanSettings(_Section):
    """``[plan]``: cycle, horizon in quarters, seed, and the share below which an adjustment is small."""

    cycle: Cycle = "quarter"
    quarters: Annotated[int, Field(ge=1, le=40)] = 4
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 2026
    materiality_share: Annotated[float, Field(ge=0, le=1)] = 0.01


class ForecastSettings(_Section):
    """``[forecast]``: method and reconciliation, both chosen by backtest unless named."""

    method: Literal["auto", "combination", "ets", "ces", "theta", "naive", "drift", "croston"] = "auto"
    reconcile: Literal["auto", "bottom_up", "ols", "wls", "mint"] = "auto"


class FormatSettings(_Section):
    """``[format]``: how numbers and dates are written in text files."""

    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'", "_"] = ""
    date: str = "iso"
    encoding: str = "utf-8"
    delimiter: Literal[",", ";", "\t", "|"] = ","

    @field_validator("date")
    @classmethod
    def _dated(cls, form: str) -> str:
        parts = re.findall(r"%(.)", form)
        whole = len(parts) == 3 and bool({"d"} & set(parts)) and bool({"m", "b", "B"} & set(parts))
        if form != "iso" and not (whole and set(parts) <= _DATE_PARTS and {"y", "Y"} & set(parts)):
            raise ValueError('"iso", or day, month and year such as "%d.%m.%Y"')
        return form

    @field_validator("encoding")
    @classmethod
    def _text(cls, encoding: str) -> str:
        try:
            known = codecs.lookup(encoding).name
        except (LookupError, ValueError):
            known = ""
        if known not in _ENCODINGS:
            raise ValueError('an encoding such as "utf-8", "cp1252" or "latin-1"')
        return known

    @field_validator("thousands")
    @classmethod
    def _apart(cls, thousands: str, info: Any) -> str:
        if thousands and thousands == info.data.get("decimal"):
            raise ValueError("a mark other than the decimal one")
        return thousands


class FunnelSettings(_Section):
    """``[funnel]``: the handling promise of sales and the window in which a lead may be rejected."""

    accepted_share: Annotated[float, Field(ge=0, le=1)] = 0.90
    first_contact_hours: Annotated[float, Field(gt=0)] = 24.0
    attempts: Annotated[int, Field(ge=1)] = 5
    attempts_within_days: Annotated[float, Field(gt=0)] = 14.0
    reject_within_days: Annotated[float, Field(gt=0)] = 7.0


class Settings(_Section):
    """The whole of ``planning.toml``."""

    business: BusinessSettings
    calendar: CalendarSettings
    sales: SalesSettings
    drivers: DriverSettings | None = None
    plan: PlanSettings = PlanSettings()
    forecast: ForecastSettings = ForecastSettings()
    format: FormatSettings = FormatSettings()
    funnel: FunnelSettings = FunnelSettings()
    tables: dict[str, AnySource] = Field(default_factory=dict)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the dimensions, broadest first."""
        return self.sales.dimensions

    @property
    def drivers_by_name(self) -> dict[str, DriverColumn]:
        """Declared drivers, empty where there are none."""
        return dict(self.drivers.columns) if self.drivers else {}
