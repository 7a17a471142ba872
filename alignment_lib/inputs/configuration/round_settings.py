"""By which days a round is answered, signed and locked, and where its owners are written to."""

from __future__ import annotations

import datetime as dt
import re
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, model_validator

__all__ = ["DEADLINES", "AnyOwner", "OwnerSettings", "RoundSettings"]

DEADLINES = ("answer", "sign", "lock")
"""The days of a round, in their order."""


def _check_day(value: Any) -> Any:
    is_days = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= 366
    is_date = isinstance(value, dt.date) and not isinstance(value, dt.datetime)
    if not (is_days or is_date):
        raise ValueError("a date such as 2026-01-31, or a number of days before the round, such as 14")
    return value


def _check_address(value: Any) -> Any:
    if value and not (isinstance(value, str) and re.fullmatch(r'[^@\s,;:<>"]+@[^@\s,;:<>"]+', value)):
        raise ValueError('one address such as "trade-marketing@company.example", or ""')
    return value


_Day = Annotated[int | dt.date, BeforeValidator(_check_day)] | None
_Address = Annotated[str, StringConstraints(max_length=254), BeforeValidator(_check_address)]


class RoundSettings(BaseModel):
    """``[round]``: days by which owners answer, functions sign and the round locks.

    Each is a date, or a number of days before the first day of the round, which fits every round.

    >>> RoundSettings(answer=14, sign=3).days_of(dt.date(2026, 1, 1))
    {'answer': datetime.date(2025, 12, 18), 'sign': datetime.date(2025, 12, 29)}
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    answer: _Day = None
    sign: _Day = None
    lock: _Day = None

    @model_validator(mode="after")
    def _in_order(self) -> RoundSettings:
        given = [(name, getattr(self, name)) for name in DEADLINES if getattr(self, name) is not None]
        if len({isinstance(day, int) for _, day in given}) > 1:
            raise ValueError("all as dates, or all as days before the first day of the round")
        days = self.days_of(dt.date(2000, 1, 1))
        for (before, _), (after, _) in pairwise(given):
            if days[after] < days[before]:
                raise ValueError(f"answer, then sign, then lock; `{after}` falls before `{before}`")
        return self

    def days_of(self, first: dt.date) -> dict[str, dt.date]:
        """The days of a round that begins on `first`, as far as they are set."""
        given = {name: getattr(self, name) for name in DEADLINES}
        return {
            name: first - dt.timedelta(days=day) if isinstance(day, int) else day
            for name, day in given.items()
            if day is not None
        }

    def published(self, first: dt.date) -> dict[str, Any]:
        """The days as a round's manifest states them; nothing where none is set."""
        days = {name: str(day) for name, day in self.days_of(first).items()}
        return {"round_days": days} if days else {}


class OwnerSettings(BaseModel):
    """One line of ``[owners]``: where a role is written to, and who answers in its place."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    address: _Address = ""
    delegate: Annotated[str, StringConstraints(max_length=100)] = ""


AnyOwner = Annotated[
    OwnerSettings, BeforeValidator(lambda value: {"address": value} if isinstance(value, str) else value)
]
