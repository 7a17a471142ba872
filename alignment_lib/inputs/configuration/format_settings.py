"""How numbers, dates and text are written in a workspace's files."""

from __future__ import annotations

import codecs
import re
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, StringConstraints, field_validator

__all__ = ["FormatSettings"]

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


class FormatSettings(BaseModel):
    """``[format]``: how numbers and dates are written in text files."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'", "_"] = ""
    date: str = "iso"
    encoding: str = "utf-8"
    delimiter: Literal[",", ";", "\t", "|"] = ","
    time_zone: str = ""
    negative: Literal["minus", "trailing", "brackets"] = "minus"
    nothing: tuple[Annotated[str, StringConstraints(min_length=1, max_length=20)], ...] = ()

    @field_validator("nothing", mode="before")
    @classmethod
    def _listed(cls, words: Any) -> Any:
        return tuple(words) if isinstance(words, list) else words

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, zone: str) -> str:
        try:
            known = not zone or bool(ZoneInfo(zone))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            known = False
        if not known:
            raise ValueError('a zone such as "Europe/Berlin"')
        return zone

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
