"""What an explorer refuses: an assumption nobody wrote, a value that cannot be meant."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.planning.budget.spend_book import SpendBook
from alignment_lib.planning.register.assumptions import Assumption

__all__ = ["Refused", "check_value", "find_id", "read_number"]

_MOST = 1e12


class Refused(AlignmentError):
    """The page asked for something that cannot be done; the message says why."""


def find_id(register: Sequence[Assumption], name: str) -> str:
    """The id, where an assumption bears it.

    Raises
    ------
    Refused
        Where none does.
    """
    if all(row.id != name for row in register):
        raise Refused(f"there is no assumption called {name}")
    return name


def read_number(value: object, what: str) -> float:
    """A number the page has sent.

    Raises
    ------
    Refused
        Where it is none, not finite, or larger than anything that is planned.

    >>> read_number("12.5", "the target")
    12.5
    """
    try:
        number = float(str(value)) if isinstance(value, str | int | float) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise Refused(f"{what} is not a number; type digits with a decimal point")
    if abs(number) > _MOST:
        raise Refused(f"{what} is larger than anything that is planned; type a smaller number")
    return number


def check_value(
    register: Sequence[Assumption], name: str, value: float, spending: SpendBook | None = None
) -> None:
    """Refuse a value that an assumption cannot have.

    Raises
    ------
    Refused
        No number, or a fall by more than everything.
    BelowCommitted
        Of a budget: money taken back that is signed for.
    """
    read_number(value, f"the value of {name}")
    row = next(row for row in register if row.id == name)
    if row.unit == "percent" and value < -100:
        raise Refused(f"{name} cannot fall by more than 100 %; type a value from -100 on")
    if spending is not None:
        spending.check(replace(row, expected=value))
