"""What an explorer refuses: an assumption nobody wrote, a value that cannot be meant."""

from __future__ import annotations

import math
from collections.abc import Sequence

from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.planning.register.assumptions import Assumption

__all__ = ["Refused", "check_value", "find_id"]


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


def check_value(register: Sequence[Assumption], name: str, value: float) -> None:
    """Refuse a value that an assumption cannot have.

    Raises
    ------
    Refused
        No number, or a fall by more than everything.
    """
    if not math.isfinite(value):
        raise Refused(f"the value of {name} is not a number; type digits with a decimal point")
    row = next(row for row in register if row.id == name)
    if row.unit == "percent" and value < -100:
        raise Refused(f"{name} cannot fall by more than 100 %; type a value from -100 on")
