"""A day as people write it to a command, a notebook or the page."""

from __future__ import annotations

import contextlib
import re

import pandas as pd

from alignment_lib.inputs.problems import AlignmentError

__all__ = ["NotADay", "read_day"]


class NotADay(AlignmentError):
    """Text that was to be a day and is none."""

    exit_code = 2


def read_day(text: str, name: str = "the as-of date") -> pd.Timestamp | None:
    """A day written as year-month-day; None for blank. `name` says in the message what was to be a date.

    Raises
    ------
    NotADay
        Where it is written in another way.

    Examples
    --------
    >>> read_day("2026-01-01"), read_day("")
    (Timestamp('2026-01-01 00:00:00'), None)
    """
    if not text:
        return None
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        with contextlib.suppress(ValueError):
            return pd.Timestamp(text)
    shown = ascii(text if len(text) <= 40 else text[:37] + "...")
    raise NotADay(f"{name} {shown} is not a date; write it as year-month-day, such as 2026-01-01")
