"""The clock by which lines of logs and ledgers say when they were written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TypeAlias

__all__ = ["Clock", "read_clock", "write_moment"]

Clock: TypeAlias = Callable[[], dt.datetime]
"""Says what time it is, with its offset; workers take it along, so it must be importable by name."""


def read_clock() -> dt.datetime:
    """What this computer's clock says, in its own zone."""
    return dt.datetime.now().astimezone()


def write_moment(moment: dt.datetime) -> str:
    """A moment as logs write it, to the second.

    Raises
    ------
    ValueError
        Where it bears no offset.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without its offset cannot be compared with another's")
    return moment.isoformat(timespec="seconds")
