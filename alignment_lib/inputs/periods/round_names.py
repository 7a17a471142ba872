"""Names of rounds: ``2026Q1``, ``2026-03``, ``2026`` and nothing else, for they become folder names."""

from __future__ import annotations

import re

from alignment_lib.inputs.periods.calendar import Calendar, Cycle
from alignment_lib.inputs.problems import InputError, Problem

__all__ = ["CYCLE_MONTHS", "is_round_name", "split_round_name"]

_YEAR = r"(19[0-9]{2}|2[01][0-9]{2})"
_NAMES: tuple[tuple[Cycle, re.Pattern[str]], ...] = (
    ("quarter", re.compile(_YEAR + "Q([1-4])")),
    ("month", re.compile(_YEAR + "-(0[1-9]|1[0-2])")),
    ("year", re.compile(_YEAR + "()")),
)
CYCLE_MONTHS: dict[str, int] = {"month": 1, "quarter": 3, "year": 12}
"""Months of each cycle."""


def is_round_name(name: str) -> bool:
    """Whether `name` is the name of a round.

    >>> [is_round_name(name) for name in ("2026Q1", "2026-03", "2026", "2026Q5", "../2026", "2026Q1 ")]
    [True, True, True, False, False, False]
    """
    return any(pattern.fullmatch(name) for _, pattern in _NAMES)


def split_round_name(name: str, calendar: Calendar) -> tuple[Cycle, int]:
    """Cycle and first fiscal month (12 x year + month from 0) that a round's name stands for.

    Raises
    ------
    InputError
        Where the name has any other form.
    """
    for cycle, pattern in _NAMES:
        match = pattern.fullmatch(name)
        if match:
            year, part = int(match[1]), int(match[2] or 1)
            if cycle == "month":
                return cycle, calendar.fiscal_of_month(year, part)
            return cycle, 12 * year + (3 * (part - 1) if cycle == "quarter" else 0)
    shown = name if len(name) <= 40 else name[:37] + "..."
    expected = "a quarter such as 2026Q1, a month such as 2026-03, or a year such as 2026"
    raise InputError(
        [Problem("round", repr(shown), expected, "write the round's name in one of these forms")]
    )
