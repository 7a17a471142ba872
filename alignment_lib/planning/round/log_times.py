"""When lines of a log were written: never before the line above, and what breaks that order.

A line bears two clocks: the day it speaks of, and when it was written. Times bear their offset, so that
lines of hosts in different zones are compared as moments, and days as the writer's calendar shows them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from alignment_lib.planning.round.lifecycle import Entry

__all__ = [
    "day_of",
    "find_disorder",
    "first_seen",
    "is_before",
    "list_marks",
    "order_of_writing",
    "tell_time",
]


def _moment(text: str) -> dt.datetime | None:
    """The moment a text names; None where it names none, or lacks its offset."""
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def is_before(one: str, other: str) -> bool:
    """Whether a moment lies before another; what is no moment lies before nothing.

    >>> is_before("2026-01-09T20:00:00-05:00", "2026-01-10T00:30:00+00:00")
    False
    """
    first, second = _moment(one), _moment(other)
    return first is not None and second is not None and first < second


def tell_time(reading: str, last: str) -> tuple[str, str]:
    """What a new line says of when it was written, and its mark where the clock ran behind the last line.

    >>> tell_time("2026-01-10T10:00:00+00:00", "2026-01-09T10:00:00+00:00")
    ('2026-01-10T10:00:00+00:00', '')
    >>> tell_time("2026-01-08T10:00:00+00:00", "2026-01-09T10:00:00+00:00")
    ('2026-01-09T10:00:00+00:00', '2026-01-08T10:00:00+00:00')
    """
    return (last, reading) if is_before(reading, last) else (reading, "")


def day_of(moment: str, beside: str) -> str:
    """The day of a moment in the zone of another, as whoever wrote that one would name it.

    >>> day_of("2026-01-10T01:00:00+00:00", "2026-01-12T09:00:00-05:00")
    '2026-01-09'
    """
    found, zone = _moment(moment), _moment(beside)
    if found is None or zone is None:
        return moment[:10]
    return f"{found.astimezone(zone.tzinfo):%Y-%m-%d}"


def first_seen(log: Sequence[Entry], manifest: str) -> str:
    """When the log first speaks of a plan by itself, as a moment or a day; blank where it never does.

    Signatures and decisions prove nothing here: the day they speak of is whoever's took the step.
    """
    told = (entry for entry in log if entry.manifest == manifest and entry.action in ("propose", "revise"))
    first = next(told, None)
    return "" if first is None else first.written or first.on


class Written(Protocol):
    """A line of a log or of a ledger."""

    @property
    def number(self) -> int:
        """From 1."""

    @property
    def written(self) -> str:
        """When; blank where that was not kept."""

    @property
    def clock(self) -> str:
        """What the clock read, where it ran behind."""


def find_disorder(log: Sequence[Entry], published: dict[str, str]) -> list[str]:
    """Lines of a log that break the order of time, in words.

    Parameters
    ----------
    log : sequence of Entry
        As parsed.
    published : dict of str to str
        When each plan was published, by its manifest's hash, as far as that is known elsewhere.
    """
    return [*order_of_writing(log), *_of_days(log, published)]


def order_of_writing(log: Sequence[Written]) -> Iterator[str]:
    """Lines that were not written in their order, in words."""
    last = ""
    for entry in log:
        if last and not entry.written:
            yield f"line {entry.number} does not say when it was written, though lines above it do"
        elif entry.written and _moment(entry.written) is None:
            yield f"line {entry.number} was written at {entry.written[:40]!r}, which is no moment"
        elif is_before(entry.written, last):
            yield f"line {entry.number} was written at {entry.written}, before the line above it ({last})"
        last = entry.written or last


def _of_days(log: Sequence[Entry], published: dict[str, str]) -> Iterator[str]:
    signed: dict[str, str] = {}
    for entry in log:
        if entry.action not in ("sign", "lock"):
            continue
        known = published.get(entry.manifest) or first_seen(log, entry.manifest)
        doing = "signs" if entry.action == "sign" else "locks"
        since = day_of(known, entry.written or known)
        if known and entry.on < since:
            yield f"line {entry.number} {doing} on {entry.on} a plan that was published on {since}"
        elif entry.written and entry.on > entry.written[:10]:
            yield f"line {entry.number} {doing} on {entry.on}, but was written on {entry.written[:10]}"
        elif entry.action == "lock" and entry.on < signed.get(entry.manifest, ""):
            yield f"line {entry.number} locks on {entry.on} a plan signed on {signed[entry.manifest]}"
        signed[entry.manifest] = max(signed.get(entry.manifest, ""), entry.on)


def list_marks(log: Sequence[Written]) -> list[str]:
    """What is to be said of a log that is in order: lines of a clock that ran behind, and old lines."""
    marks = [
        f"line {entry.number} was written by a clock that stood at {entry.clock}, behind the line above it"
        for entry in log
        if entry.clock
    ]
    old = sum(not entry.written for entry in log)
    if old:
        lines = "1 line" if old == 1 else f"{old} lines"
        marks.append(f"{lines} from before the log kept when it was written: only the day named is known")
    return marks
