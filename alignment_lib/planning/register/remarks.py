"""What is said of claims beside deciding on them: kept in the log, shown beside the claim."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from alignment_lib.planning.round.lifecycle import (
    SIDES,
    Entry,
    LifeError,
    append_entry,
    check_actor,
    check_open,
    check_reason,
)

__all__ = ["comment_assumption", "find_remarks"]


def comment_assumption(
    log: Sequence[Entry],
    subject: str,
    *,
    function: str,
    by: str,
    on: str,
    manifest: str,
    reason: str,
    terms: str = "",
    before: str = "",
    after: str = "",
) -> Entry:
    """The entry that keeps what somebody says of a claim, or of the plan; it decides nothing.

    Parameters
    ----------
    log : sequence of Entry
        As parsed.
    subject : str
        Id of the claim, or ``plan``.
    function, by, on, manifest, reason, terms : str
        See `Entry`; any function may speak.
    before, after : str
        Of an answer that came too late to count: what was answered to, and what stood there by then.

    Raises
    ------
    LifeError
        Where the round is locked, or nothing is said.
    """
    check_open(log, "commenting")
    check_actor(function if function in SIDES else SIDES[0], by)
    check_reason(reason)
    if not reason.strip() and not before:
        raise LifeError(f"a comment on {subject} without a word in it; write one, or leave it")
    return append_entry(
        log,
        action="comment",
        subject=subject,
        function=function,
        by=by,
        on=on,
        manifest=manifest,
        terms=terms,
        before=before,
        after=after,
        reason=reason,
    )


_SAID = {"accept": "accepted: ", "reject": "rejected: ", "comment": ""}


def find_remarks(log: Iterable[Entry], until: pd.Timestamp | None = None) -> dict[str, tuple[str, ...]]:
    """What was said of each claim, oldest first, with who said it and when.

    Parameters
    ----------
    log : iterable of Entry
        As parsed.
    until : Timestamp or None
        Only what was said up to that day; None for all of it.
    """
    found: dict[str, tuple[str, ...]] = {}
    for entry in log:
        late = until is not None and pd.Timestamp(entry.on) > until
        words = "; ".join(word for word in (entry.reason.strip(), entry.before, entry.after) if word)
        if entry.action not in _SAID or late or not (entry.reason.strip() or entry.action == "comment"):
            continue
        if entry.action != "comment":
            words = entry.reason.strip()
        text = f"{entry.by}, {entry.on}: {_SAID[entry.action]}{words}"
        found[entry.subject] = (*found.get(entry.subject, ()), text)
    return found
