"""The life of a plan: draft, proposed, signed by marketing and by sales, locked.

All of it is one append-only log a unit and round, every entry naming the manifest it concerns and the
hash of the entry before. It keeps two clocks: the day a step speaks of, which whoever takes it may name,
and when its line was written, which nobody may. What stands is always worked out from the log; nothing
else is believed. This module holds the rules of the round, `acceptance` those of each assumption; files are
published elsewhere, and days and roles are passed in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.planning.round.log_times import tell_time

__all__ = [
    "LONGEST_REASON",
    "SIDES",
    "Entry",
    "LifeError",
    "RoundState",
    "append_entry",
    "check_actor",
    "check_open",
    "check_reason",
    "lock_round",
    "parse_log",
    "round_state",
    "sign_round",
    "stamp_entries",
    "write_line",
]

SIDES = ("marketing", "sales")
"""The functions whose signature a plan needs, and whose acceptance an assumption needs."""
_ACTIONS = ("sign", "lock", "accept", "reject", "propose", "revise", "comment")
_FIRST = "0" * 64
LONGEST_REASON = 2000
"""Letters a reason may have."""


class LifeError(AlignmentError):
    """A step the rules do not allow. `exit_code` 3 where the round is locked, else 2."""

    def __init__(self, message: str, is_locked: bool = False) -> None:
        self.exit_code = 3 if is_locked else 2
        super().__init__(message)


@dataclass(frozen=True)
class Entry:
    """One line of the log.

    Attributes
    ----------
    number : int
        From 1.
    action : str
        ``sign``, ``lock``, ``accept``, ``reject``, ``propose``, ``revise`` or ``comment``.
    subject : str
        ``plan``, or the assumption's id.
    function, by : str
        Which side, and the role that acted; never a person's name.
    on : str
        Day the step speaks of, as ``2026-01-31``.
    manifest : str
        Hash of the manifest the step concerns.
    terms : str
        Hash of what the assumption claimed at that moment; blank for the plan.
    before, after, reason : str
        What changed and why.
    previous, hash : str
        Hash of the entry before and of this one.
    written : str
        When the line was written, as ``2026-01-31T09:30:00+01:00``, never before the line above; blank in
        logs begun before it was kept.
    clock : str
        What the clock read, where that lay before the line above; else blank.
    """

    number: int
    action: str
    subject: str
    function: str
    by: str
    on: str
    manifest: str
    terms: str = ""
    before: str = ""
    after: str = ""
    reason: str = ""
    previous: str = _FIRST
    hash: str = ""
    written: str = ""
    clock: str = ""


@dataclass(frozen=True)
class RoundState:
    """Where a round stands.

    Attributes
    ----------
    status : {"draft", "proposed", "signed", "locked"}
        *Draft* until an assumption is proposed or somebody has taken a step, *signed* with both
        signatures on the current manifest.
    signed : dict of str to Entry
        Valid signatures by function.
    voided : tuple of Entry
        Signatures on an earlier manifest: a new run with another result has voided them.
    lock : Entry or None
    """

    status: str
    signed: Mapping[str, Entry]
    voided: tuple[Entry, ...]
    lock: Entry | None


def write_line(entry: Entry) -> str:
    """One entry as a line of JSON, without the line's end; in ASCII, so that no letter can end a line."""
    content = asdict(entry)
    if not entry.written:
        # As such lines stand in logs begun before the time of writing was kept.
        del content["written"], content["clock"]
    return json.dumps(content, sort_keys=True)


def parse_log(text: str) -> tuple[Entry, ...]:
    """Read a log and verify its chain.

    Raises
    ------
    LifeError
        Naming the first line that is not an entry, is out of order, or whose chain is broken; a last line
        that was cut short is said to be so.
    """
    entries: list[Entry] = []
    previous = _FIRST
    whole = text.endswith("\n")
    lines = text.removesuffix("\n").split("\n") if text else []
    for number, line in enumerate(lines, 1):
        is_cut = number == len(lines) and not whole
        entry = _parse_line(line, number, is_cut)
        if entry.number != number or entry.previous != previous or entry.hash != _hash(entry):
            raise LifeError(
                f"line {number} of the log does not follow from the one before: it was altered or lines are "
                "missing; restore the file from a copy"
            )
        entries.append(entry)
        previous = entry.hash
    return tuple(entries)


def _parse_line(line: str, number: int, is_cut: bool) -> Entry:
    names = set(Entry.__dataclass_fields__)
    names_of_old = names - {"written", "clock"}
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        found = None
    if found is None and is_cut:
        raise LifeError(
            f"line {number} of the log, the last, was cut short: restore the file from a copy, "
            "or remove that line and repeat the step it stood for"
        )
    if not isinstance(found, dict) or set(found) not in (names, names_of_old):
        raise LifeError(f"line {number} of the log is not an entry; restore the file from a copy")
    texts = all(isinstance(value, str) for name, value in found.items() if name != "number")
    if not texts or not isinstance(found["number"], int) or found["action"] not in _ACTIONS:
        raise LifeError(f"line {number} of the log is not an entry; restore the file from a copy")
    return Entry(**found)


def _hash(entry: Entry) -> str:
    """Hash of everything in the entry but its hash."""
    return hashlib.sha256(write_line(replace(entry, hash="")).encode()).hexdigest()


def append_entry(log: Sequence[Entry], **values: str) -> Entry:
    """The entry that follows the log, chained to its last one."""
    previous = log[-1].hash if log else _FIRST
    entry = Entry(number=len(log) + 1, previous=previous, **values)
    return replace(entry, hash=_hash(entry))


def stamp_entries(log: Sequence[Entry], entries: Sequence[Entry], reading: str) -> list[Entry]:
    """Entries as they are written into the log: each with the clock's reading, the chain tied anew.

    Parameters
    ----------
    log : sequence of Entry
        As it stands.
    entries : sequence of Entry
        What the rules allow to follow it.
    reading : str
        What the clock of whoever writes says, with its offset.
    """
    stamped = list(log)
    for entry in entries:
        last = stamped[-1] if stamped else Entry(0, "sign", "", "", "", "", "", hash=_FIRST)
        written, mark = tell_time(reading, last.written)
        fresh = replace(entry, previous=last.hash, written=written, clock=mark)
        stamped.append(replace(fresh, hash=_hash(fresh)))
    return stamped[len(log) :]


def round_state(log: Sequence[Entry], manifest: str, has_proposals: bool = True) -> RoundState:
    """Where the round stands for the manifest that is published now.

    Parameters
    ----------
    log : sequence of Entry
        As parsed.
    manifest : str
        Hash of the current manifest.
    has_proposals : bool
        Whether any assumption is proposed or accepted.
    """
    signatures = [entry for entry in log if entry.action == "sign"]
    signed = {entry.function: entry for entry in signatures if entry.manifest == manifest}
    voided = tuple(entry for entry in signatures if entry.manifest != manifest)
    lock = next((entry for entry in log if entry.action == "lock"), None)
    if lock is not None:
        status = "locked"
    elif all(side in signed for side in SIDES):
        status = "signed"
    else:
        decided = any(entry.action not in ("propose", "comment") for entry in log)
        status = "proposed" if has_proposals or decided else "draft"
    return RoundState(status, signed, voided, lock)


def check_open(log: Sequence[Entry], doing: str) -> None:
    """Raise `LifeError` where the round has been locked."""
    lock = next((entry for entry in log if entry.action == "lock"), None)
    if lock is not None:
        raise LifeError(
            f"the round was locked on {lock.on} by {lock.by}: {doing} is no longer possible", True
        )


def check_actor(function: str, by: str) -> None:
    """Raise `LifeError` where the function is not a side or the role cannot be one."""
    if function not in SIDES:
        raise LifeError(f"{function!r} is not a side; expected {' or '.join(SIDES)}")
    _check_role(by)


def _check_role(by: str) -> None:
    if not by.strip() or not by.isprintable() or len(by) > 100:
        raise LifeError("every step needs a role of at most 100 letters, such as `head of sales`")


def check_reason(reason: str) -> None:
    """Raise `LifeError` where a reason is too long."""
    if len(reason) > LONGEST_REASON:
        raise LifeError(f"a reason of {len(reason):,} letters is too long; keep it to {LONGEST_REASON:,}")


def _check_day(on: str, days: tuple[str, str], doing: str) -> None:
    """Refuse a day on which the plan did not exist yet, or that has not come."""
    since, today = days
    if on < since:
        raise LifeError(f"the plan was published on {since}: it cannot have been {doing} on {on}")
    if today and on > today:
        raise LifeError(f"{on} has not come yet: a plan is {doing} on {today} or a day before")


def sign_round(
    log: Sequence[Entry],
    *,
    function: str,
    by: str,
    on: str,
    manifest: str,
    reason: str = "",
    days: tuple[str, str] = ("", ""),
) -> Entry:
    """The entry by which one side signs the plan now published.

    Parameters
    ----------
    log : sequence of Entry
        As parsed.
    function, by, on, manifest, reason : str
        See `Entry`.
    days : tuple of str
        The day the plan was published and today, by the clock of whoever signs; blank where unknown.

    Raises
    ------
    LifeError
        Where the round is locked, the side has signed this very plan, one role signs for both sides, or
        the plan did not exist on that day.
    """
    check_open(log, "signing")
    check_actor(function, by)
    check_reason(reason)
    _check_day(on, days, "signed")
    state = round_state(log, manifest)
    if function in state.signed:
        given = state.signed[function]
        raise LifeError(f"{function} has signed this plan already, on {given.on} by {given.by}")
    if any(entry.by.strip().casefold() == by.strip().casefold() for entry in state.signed.values()):
        raise LifeError(f"{by} has signed for the other side; the two signatures need two roles")
    return append_entry(
        log, action="sign", subject="plan", function=function, by=by, on=on, manifest=manifest, reason=reason
    )


def lock_round(
    log: Sequence[Entry],
    *,
    by: str,
    on: str,
    manifest: str,
    reason: str = "",
    days: tuple[str, str] = ("", ""),
) -> Entry:
    """The entry that locks the round; see `sign_round`.

    Raises
    ------
    LifeError
        Where it is locked already, a signature on the current manifest is missing, or the plan did not
        exist or was not yet signed on that day.
    """
    check_open(log, "locking")
    _check_role(by)
    check_reason(reason)
    _check_day(on, days, "locked")
    state = round_state(log, manifest)
    missing = [side for side in SIDES if side not in state.signed]
    if missing:
        stale = [entry.function for entry in state.voided if entry.function in missing]
        why = "; the plan has changed since it signed" if stale else ""
        raise LifeError(f"the plan lacks the signature of {' and '.join(missing)}{why}: sign it first")
    late = max(entry.on for entry in state.signed.values())
    if on < late:
        raise LifeError(f"the plan was signed on {late}: it cannot have been locked on {on}")
    return append_entry(
        log, action="lock", subject="plan", function="", by=by, on=on, manifest=manifest, reason=reason
    )
