"""The life of an assumption: proposed, accepted or rejected by each side, revised, all kept in the log.

An acceptance holds for the claim as it read at that moment. Where the claim is changed afterwards the
acceptance no longer holds, and the run says so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace

import pandas as pd

from alignment_lib.planning.register.assumptions import Assumption, read_assumptions
from alignment_lib.planning.round.lifecycle import (
    LONGEST_REASON,
    SIDES,
    Entry,
    LifeError,
    append_entry,
    check_actor,
    check_open,
    check_reason,
)

__all__ = [
    "accept_assumption",
    "apply_log",
    "claim_terms",
    "count_decisions",
    "find_decisions",
    "find_standing",
    "reject_assumption",
    "report_claim",
    "settle_register",
]


_ASIDE = ("rationale", "evidence", "recorded", "accepted_marketing", "accepted_sales", "remarks")
"""Beginnings of fields that may change without the claim changing."""


def claim_terms(row: Assumption) -> str:
    """Hash of all that is accepted when an assumption is: who claims what, where, when, how much.

    Status, rationale and acceptance are left out: they may change without the claim changing.
    """
    kept = {name: value for name, value in asdict(row).items() if name not in ("status", "fields")}
    kept["fields"] = {
        name: value
        for name, value in sorted(row.fields.items())
        if not name.startswith(_ASIDE) and value == value and value not in ("", None)
    }
    return hashlib.sha256(json.dumps(kept, sort_keys=True, default=str).encode()).hexdigest()


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
    check_open(log, "accepting")
    check_actor(function, by)
    check_reason(reason)
    last = _last_word(log, row)
    withdrawn = last is not None and last.action == "reject"
    if row.status == "draft" or (row.status == "rejected" and not withdrawn):
        raise LifeError(f"{row.id} is {row.status}: propose it first, by its status in the assumptions table")
    standing = find_standing(log, row)
    if function in standing:
        given = standing[function]
        raise LifeError(f"{function} has accepted {row.id} already, on {given.on} by {given.by}")
    sides = _sides(row, standing)
    if function in sides:
        raise LifeError(
            f"{function} has accepted {row.id} already, by the assumptions table: "
            f"{row.fields[f'accepted_{function}']}"
        )
    after = "accepted" if sides | {function} >= set(SIDES) else f"accepted by {function}"
    return append_entry(
        log,
        action="accept",
        subject=row.id,
        function=function,
        by=by,
        on=on,
        manifest=manifest,
        terms=claim_terms(row),
        before="rejected" if withdrawn else row.status,
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
    check_open(log, "rejecting")
    check_actor(function, by)
    check_reason(reason)
    if not reason.strip():
        raise LifeError(f"rejecting {row.id} needs a reason: the owner has to be able to answer it")
    last = _last_word(log, row)
    if last is not None and last.action == "reject" and last.function == function:
        raise LifeError(f"{function} has rejected {row.id} already, on {last.on} by {last.by}")
    return append_entry(
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


def find_standing(log: Iterable[Entry], row: Assumption) -> dict[str, Entry]:
    """Acceptances that hold for the row as it now reads, by function."""
    standing: dict[str, Entry] = {}
    for entry in _words(log, row):
        if entry.action == "accept":
            standing[entry.function] = entry
        else:
            standing.pop(entry.function, None)
    return standing


def _words(log: Iterable[Entry], row: Assumption) -> list[Entry]:
    """Acceptances and rejections of the row as it now reads, in order."""
    terms = claim_terms(row)
    return [
        entry
        for entry in log
        if entry.subject == row.id and entry.terms == terms and entry.action in ("accept", "reject")
    ]


def _last_word(log: Iterable[Entry], row: Assumption) -> Entry | None:
    words = _words(log, row)
    return words[-1] if words else None


def _sides(row: Assumption, standing: Mapping[str, Entry]) -> set[str]:
    """Sides that have accepted, in the log or in the table."""
    return set(standing) | {side for side in SIDES if row.fields.get(f"accepted_{side}")}


def apply_log(
    register: Sequence[Assumption], log: Sequence[Entry]
) -> tuple[tuple[Assumption, ...], tuple[str, ...]]:
    """The register with what the log says of each row; a row it does not speak of stays as it is.

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
        if any(
            entry.action == "accept" and entry.subject == row.id and entry.terms != claim_terms(row)
            for entry in log
        ):
            voided.append(row.id)
        result.append(replace(row, status=_status(row, log)))
    return tuple(result), tuple(voided)


def _status(row: Assumption, log: Sequence[Entry]) -> str:
    last = _last_word(log, row)
    if last is None or row.status in ("draft", "rejected"):
        return row.status
    if last.action == "reject":
        return "rejected"
    return "accepted" if _sides(row, find_standing(log, row)) >= set(SIDES) else "proposed"


def report_claim(
    log: Sequence[Entry], row: Assumption | None, subject: str, *, on: str, manifest: str
) -> Entry | None:
    """The entry that says how a row of the register reads now; None where the log knows it already.

    Parameters
    ----------
    log : sequence of Entry
        As parsed.
    row : Assumption or None
        As published now; None where it is no longer in the register.
    subject : str
        Its id.
    on, manifest : str
        Day, and hash of the manifest that shows it.
    """
    told = [entry for entry in log if entry.subject == subject and entry.action in ("propose", "revise")]
    before = told[-1] if told else None
    after = "dropped from the register" if row is None else _wording(row)
    if before is not None and before.after == after:
        return None
    return append_entry(
        log,
        action="revise" if before else "propose",
        subject=subject,
        function=row.function if row else "",
        by=row.owner if row else "",
        on=on,
        manifest=manifest,
        terms=claim_terms(row) if row else "",
        before=before.after if before else "",
        after=after,
        reason=str(row.fields.get("rationale") or "")[:LONGEST_REASON] if row else "",
    )


_LONGEST_TITLE = 120


def _wording(row: Assumption) -> str:
    """A claim in one line: what it says of how much, where and when, and how it stands."""
    known = {"low": row.low, "expected": row.expected, "high": row.high}
    values = ", ".join(f"{name} {value:g}" for name, value in known.items() if value == value)
    scope = ", ".join(f"{name} {value}" for name, value in sorted(row.scope.items())) or "everywhere"
    others = {
        "ramp": row.ramp if row.ramp != "step" else "",
        "moves from": "; ".join(row.moves_from),
        "moves to": "; ".join(row.moves_to),
        "moved share": f"{row.moved_share:g}" if row.moved_share else "",
        "pulled forward": f"{row.pull_forward_share:g}" if row.pull_forward_share else "",
        "elasticity": f"{row.elasticity:g}" if row.elasticity == row.elasticity else "",
    } | {
        name: f"{value:g}" if isinstance(value, float) else str(value)
        for name, value in sorted(row.fields.items())
        if not name.startswith(_ASIDE) and value == value and value not in ("", None)
    }
    rest = "".join(f"; {name} {value}" for name, value in others.items() if value)
    days = f"{row.start:%Y-%m-%d} to {row.end:%Y-%m-%d}"
    title = row.title if len(row.title) <= _LONGEST_TITLE else row.title[: _LONGEST_TITLE - 3] + "..."
    return f"{title}: {row.kind}, {values} {row.unit}, {scope}, {days}{rest}; {row.status}"


def find_decisions(log: Iterable[Entry], until: pd.Timestamp | None) -> tuple[list[Entry], int]:
    """Acceptances and rejections up to a day (None: all of them), and how many came later."""
    decisions = [entry for entry in log if entry.action in ("accept", "reject")]
    kept = [entry for entry in decisions if until is None or pd.Timestamp(entry.on) <= until]
    return kept, len(decisions) - len(kept)


def count_decisions(log: Iterable[Entry], until: pd.Timestamp | None) -> dict[str, object]:
    """What a manifest says of the decisions that counted.

    Signatures are left out: they change nothing in the plan, and a run that gives the same result keeps
    them. So are the log's own hashes and times: decided the same on another day, the plan is the same.

    Returns
    -------
    dict
        ``entries``, ``last`` (number of the last one) and ``decided`` (a hash of who decided what, for
        which day, in their order); empty where none counted.
    """
    kept, _ = find_decisions(log, until)
    if not kept:
        return {}
    said = [(one.action, one.subject, one.terms, one.function, one.by, one.on) for one in kept]
    digest = hashlib.sha256(json.dumps(said).encode()).hexdigest()
    return {"entries": len(kept), "last": kept[-1].number, "decided": digest}


def settle_register(
    table: pd.DataFrame, dimensions: Sequence[str], log: Sequence[Entry]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The canonical `assumptions` table with what the log says of each row written into it.

    Parameters
    ----------
    table : DataFrame
        As read from the workspace.
    dimensions : sequence of str
        The workspace's.
    log : sequence of Entry
        The entries that count.

    Returns
    -------
    table : DataFrame
        ``status`` and the columns of acceptance as they stand; rows the log does not speak of unchanged.
    voided : tuple of str
        Ids whose acceptance no longer holds because the claim was changed afterwards.
    """
    if not len(table) or not log:
        return table, ()
    register, voided = apply_log(read_assumptions(table, dimensions), log)
    at = {str(name): place for place, name in enumerate(table["id"])}
    columns = {name: table[name].tolist() for name in ("status", *_ACCEPTANCE)}
    for row in register:
        words = _words(log, row)
        if not words:
            continue
        place = at[row.id]
        columns["status"][place] = row.status
        for side in {entry.function for entry in words}:
            given = find_standing(log, row).get(side)
            columns[f"accepted_{side}"][place] = f"{given.by} {given.on}" if given else ""
            columns[f"accepted_{side}_by"][place] = given.by if given else ""
            columns[f"accepted_{side}_on"][place] = pd.Timestamp(given.on) if given else pd.NaT
    kept = {name: pd.Series(values, index=table.index) for name, values in columns.items()}
    return table.assign(**{name: values.astype(table[name].dtype) for name, values in kept.items()}), voided


_ACCEPTANCE = tuple(f"accepted_{side}{part}" for side in SIDES for part in ("", "_by", "_on"))
"""Columns of the canonical table that say who accepted a row and when."""
