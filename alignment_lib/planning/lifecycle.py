"""The life of a plan: draft, proposed, signed by marketing and by sales, locked; and of each assumption.

All of it is one append-only log a unit and round, every entry naming the manifest it concerns and the
hash of the entry before. What stands is always worked out from the log; nothing else is believed. This
module holds the rules; files are published elsewhere, and days and roles are passed in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.planning.assumptions import Assumption

__all__ = [
    "SIDES",
    "Entry",
    "LifeError",
    "RoundState",
    "accept_assumption",
    "apply_log",
    "claim_terms",
    "lock_round",
    "parse_log",
    "reject_assumption",
    "round_state",
    "sign_round",
    "write_line",
]

SIDES = ("marketing", "sales")
"""The functions whose signature a plan needs, and whose acceptance an assumption needs."""
Action = Literal["sign", "lock", "accept", "reject", "propose", "revise"]
_ACTIONS = ("sign", "lock", "accept", "reject", "propose", "revise")
_FIRST = "0" * 64


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
        ``sign``, ``lock``, ``accept``, ``reject``, ``propose`` or ``revise``.
    subject : str
        ``plan``, or the assumption's id.
    function, by : str
        Which side, and the role that acted; never a person's name.
    on : str
        Day, as ``2026-01-31``.
    manifest : str
        Hash of the manifest the step concerns.
    terms : str
        Hash of what the assumption claimed at that moment; blank for the plan.
    before, after, reason : str
        What changed and why.
    previous, hash : str
        Hash of the entry before and of this one.
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


@dataclass(frozen=True)
class RoundState:
    """Where a round stands.

    Attributes
    ----------
    status : {"draft", "proposed", "signed", "locked"}
        *Draft* until an assumption has been proposed or the log has an entry, *signed* with both
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


def claim_terms(row: Assumption) -> str:
    """Hash of all that is accepted when an assumption is: who claims what, where, when, how much.

    Status, rationale and acceptance are left out: they may change without the claim changing.
    """
    kept = {name: value for name, value in asdict(row).items() if name not in ("status", "fields")}
    aside = ("rationale", "evidence", "recorded", "accepted_marketing", "accepted_sales")
    kept["fields"] = {
        name: value
        for name, value in sorted(row.fields.items())
        if not name.startswith(aside) and value == value and value not in ("", None)
    }
    return hashlib.sha256(json.dumps(kept, sort_keys=True, default=str).encode()).hexdigest()


def write_line(entry: Entry) -> str:
    """One entry as a line of JSON, without the line's end."""
    return json.dumps(asdict(entry), sort_keys=True, ensure_ascii=False)


def parse_log(text: str) -> tuple[Entry, ...]:
    """Read a log and verify its chain.

    Raises
    ------
    LifeError
        Naming the first line that is not an entry, is out of order, or whose chain is broken.
    """
    entries: list[Entry] = []
    previous = _FIRST
    for number, line in enumerate(text.splitlines(), 1):
        entry = _parse_line(line, number)
        if entry.number != number or entry.previous != previous or entry.hash != _hash(entry):
            raise LifeError(
                f"line {number} of the log does not follow from the one before: it was altered or lines are "
                "missing; restore the file from a copy"
            )
        entries.append(entry)
        previous = entry.hash
    return tuple(entries)


def _parse_line(line: str, number: int) -> Entry:
    names = set(Entry.__dataclass_fields__)
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or set(found) != names:
        raise LifeError(f"line {number} of the log is not an entry; restore the file from a copy")
    texts = all(isinstance(value, str) for name, value in found.items() if name != "number")
    if not texts or not isinstance(found["number"], int) or found["action"] not in _ACTIONS:
        raise LifeError(f"line {number} of the log is not an entry; restore the file from a copy")
    return Entry(**found)


def _hash(entry: Entry) -> str:
    """Hash of everything in the entry but its hash."""
    return hashlib.sha256(write_line(replace(entry, hash="")).encode()).hexdigest()


def _append(log: Sequence[Entry], **values: str) -> Entry:
    previous = log[-1].hash if log else _FIRST
    entry = Entry(number=len(log) + 1, previous=previous, **values)
    return replace(entry, hash=_hash(entry))


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
        status = "proposed" if has_proposals or log else "draft"
    return RoundState(status, signed, voided, lock)


def _check_open(log: Sequence[Entry], doing: str) -> None:
    lock = next((entry for entry in log if entry.action == "lock"), None)
    if lock is not None:
        raise LifeError(
            f"the round was locked on {lock.on} by {lock.by}: {doing} is no longer possible", True
        )


def _check_actor(function: str, by: str) -> None:
    if function not in SIDES:
        raise LifeError(f"{function!r} is not a side; expected {' or '.join(SIDES)}")
    if not by.strip() or not by.isprintable() or len(by) > 100:
        raise LifeError("a signature needs a role of at most 100 letters, such as `head of sales`")


def sign_round(
    log: Sequence[Entry], *, function: str, by: str, on: str, manifest: str, reason: str = ""
) -> Entry:
    """The entry by which one side signs the plan now published.

    Raises
    ------
    LifeError
        Where the round is locked, the side has signed this very plan, or one role signs for both sides.
    """
    _check_open(log, "signing")
    _check_actor(function, by)
    state = round_state(log, manifest)
    if function in state.signed:
        given = state.signed[function]
        raise LifeError(f"{function} has signed this plan already, on {given.on} by {given.by}")
    if any(entry.by.strip().casefold() == by.strip().casefold() for entry in state.signed.values()):
        raise LifeError(f"{by} has signed for the other side; the two signatures need two roles")
    return _append(
        log, action="sign", subject="plan", function=function, by=by, on=on, manifest=manifest, reason=reason
    )


def lock_round(log: Sequence[Entry], *, by: str, on: str, manifest: str, reason: str = "") -> Entry:
    """The entry that locks the round.

    Raises
    ------
    LifeError
        Where it is locked already, or a signature on the current manifest is missing.
    """
    _check_open(log, "locking")
    state = round_state(log, manifest)
    missing = [side for side in SIDES if side not in state.signed]
    if missing:
        stale = [entry.function for entry in state.voided if entry.function in missing]
        why = "; the plan has changed since it signed" if stale else ""
        raise LifeError(f"the plan lacks the signature of {' and '.join(missing)}{why}: sign it first")
    return _append(
        log, action="lock", subject="plan", function="", by=by, on=on, manifest=manifest, reason=reason
    )


def accept_assumption(
    log: Sequence[Entry],
    row: Assumption,
    *,
    function: str,
    by: str,
    on: str,
    manifest: str,
    reason: str = "",
) -> Entry:
    """The entry by which one side accepts an assumption as it now reads.

    Raises
    ------
    LifeError
        Where the round is locked, the row is a draft or rejected, or the side has accepted it as it reads.
    """
    _check_open(log, "accepting")
    _check_actor(function, by)
    if row.status in ("draft", "rejected"):
        raise LifeError(f"{row.id} is {row.status}: propose it first, by its status in the assumptions table")
    terms = claim_terms(row)
    standing = _standing(log, row)
    if function in standing:
        given = standing[function]
        raise LifeError(f"{function} has accepted {row.id} already, on {given.on} by {given.by}")
    after = "accepted" if set(standing) | {function} >= set(SIDES) else f"accepted by {function}"
    return _append(
        log,
        action="accept",
        subject=row.id,
        function=function,
        by=by,
        on=on,
        manifest=manifest,
        terms=terms,
        before=row.status,
        after=after,
        reason=reason,
    )


def reject_assumption(
    log: Sequence[Entry],
    row: Assumption,
    *,
    function: str,
    by: str,
    on: str,
    manifest: str,
    reason: str,
) -> Entry:
    """The entry by which one side rejects an assumption; it takes back that side's acceptance.

    Raises
    ------
    LifeError
        Where the round is locked or no reason is given.
    """
    _check_open(log, "rejecting")
    _check_actor(function, by)
    if not reason.strip():
        raise LifeError(f"rejecting {row.id} needs a reason: the owner has to be able to answer it")
    return _append(
        log,
        action="reject",
        subject=row.id,
        function=function,
        by=by,
        on=on,
        manifest=manifest,
        terms=claim_terms(row),
        before=row.status,
        after="rejected",
        reason=reason,
    )


def _standing(log: Iterable[Entry], row: Assumption) -> dict[str, Entry]:
    """Acceptances that hold for the row as it now reads, by function."""
    terms = claim_terms(row)
    standing: dict[str, Entry] = {}
    for entry in log:
        if entry.subject != row.id or entry.terms != terms:
            continue
        if entry.action == "accept":
            standing[entry.function] = entry
        elif entry.action == "reject":
            standing.pop(entry.function, None)
    return standing


def apply_log(
    register: Sequence[Assumption], log: Sequence[Entry]
) -> tuple[tuple[Assumption, ...], tuple[str, ...]]:
    """The register with what the log says of each row.

    A row accepted by both sides as it now reads is accepted; one whose latest word is a rejection is
    rejected. Acceptance by the table's own columns counts for the side it names.

    Returns
    -------
    register : tuple of Assumption
    voided : tuple of str
        Ids whose acceptance no longer holds because the claim was changed afterwards.
    """
    result, voided = [], []
    for row in register:
        standing = _standing(log, row)
        said = [entry for entry in log if entry.subject == row.id]
        if any(entry.action == "accept" and entry.terms != claim_terms(row) for entry in said):
            voided.append(row.id)
        sides = set(standing) | {side for side in SIDES if row.fields.get(f"accepted_{side}")}
        last = next((entry for entry in reversed(said) if entry.terms == claim_terms(row)), None)
        result.append(replace(row, status=_status(row, sides, last)))
    return tuple(result), tuple(voided)


def _status(row: Assumption, sides: set[str], last: Entry | None) -> str:
    if last is not None and last.action == "reject":
        return "rejected"
    if row.status in ("draft", "rejected"):
        return row.status
    return "accepted" if sides >= set(SIDES) else row.status


def entry_values(entry: Entry) -> dict[str, Any]:
    """An entry as a row for a table of the history."""
    return asdict(entry)
