"""Use case: the life of a published round: accepting, signing, locking, and how it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from alignment_lib.inputs.configuration.settings_reader import nearest
from alignment_lib.inputs.problems import AlignmentError, Notice, counted
from alignment_lib.inputs.snapshots import Snapshot, find_rounds
from alignment_lib.planning.register.acceptance import (
    accept_assumption,
    count_decisions,
    find_decisions,
    find_standing,
    reject_assumption,
    settle_register,
)
from alignment_lib.planning.register.assumptions import Assumption, read_assumptions
from alignment_lib.planning.register.remarks import find_remarks
from alignment_lib.planning.round.late import Late, find_late
from alignment_lib.planning.round.lifecycle import (
    SIDES,
    Entry,
    LifeError,
    RoundState,
    lock_round,
    round_state,
    sign_round,
)
from alignment_lib.planning.round.log_times import day_of, first_seen
from alignment_lib.rounds.files.clocks import Clock, read_clock
from alignment_lib.rounds.files.round_lock import check_unlocked
from alignment_lib.rounds.files.round_log import append_entries, read_log, read_now, read_published
from alignment_lib.rounds.files.versions import find_versions

__all__ = [
    "ChosenRound",
    "RoundLife",
    "accept",
    "choose_round",
    "days_of_plan",
    "describe_life",
    "late_of",
    "list_open",
    "lock",
    "published_register",
    "reject",
    "settled_table",
    "sign",
    "today_of",
]

Log = tuple[Entry, ...]


class RoundUnclear(AlignmentError):
    """No round, or more than one, that the words could mean."""

    exit_code = 2


@dataclass(frozen=True)
class ChosenRound:
    """One unit's round in an output folder."""

    folder: Path
    unit: str

    @property
    def name(self) -> str:
        """Name of the round, such as ``2026Q1``; its unit stands beside it."""
        return f"{self.folder.name} of {self.unit}"


@dataclass(frozen=True)
class RoundLife:
    """How a round stands.

    Attributes
    ----------
    round : ChosenRound
        Which.
    snapshot : Snapshot
        Its plan as published.
    log : tuple of Entry
        Every step taken, oldest first.
    state : RoundState
        Where it stands.
    register : tuple of Assumption
        As the published plan used it.
    waiting : dict of str to tuple of str
        Side to the ids of proposed assumptions it has not yet accepted.
    since : tuple of Entry
        Acceptances and rejections the published plan does not know yet.
    versions : tuple of Snapshot
        Earlier versions, the newest first.
    estimate : DataFrame
        Where its spans stand: see the published table of that name; empty where it has none.
    """

    round: ChosenRound
    snapshot: Snapshot
    log: Log
    state: RoundState
    register: tuple[Assumption, ...]
    waiting: dict[str, tuple[str, ...]]
    since: Log
    versions: tuple[Snapshot, ...]
    estimate: pd.DataFrame


def choose_round(output: Path, round_name: str = "", unit: str = "") -> ChosenRound:
    """The round meant: the latest where none is named; the unit may be left out where there is but one.

    Raises
    ------
    RoundUnclear
        Where nothing fits, or several units do; the message lists what there is.
    """
    found = find_rounds([output])
    names = sorted({snapshot.folder.parent.name for snapshot in found})
    units = sorted({snapshot.folder.name for snapshot in found})
    if not found:
        raise RoundUnclear(f"no round is published in {output}; run alignment plan, or name another --output")
    if unit and unit not in units:
        hint = nearest(unit, units) or f"there are: {', '.join(units)}"
        raise RoundUnclear(f"no unit is called {unit!r} in {output}; {hint}")
    if round_name and round_name not in names:
        hint = nearest(round_name, names) or f"there are: {', '.join(names)}"
        raise RoundUnclear(f"no round is called {round_name!r} in {output}; {hint}")
    fitting = [
        snapshot.folder
        for snapshot in found
        if unit in ("", snapshot.folder.name) and round_name in ("", snapshot.folder.parent.name)
    ]
    latest = max((folder.parent.name for folder in fitting), default="")
    here = [folder for folder in fitting if folder.parent.name == latest]
    if len(here) != 1:
        listed = ", ".join(folder.name for folder in here) or "none"
        raise RoundUnclear(f"name the unit with --unit; round {latest or round_name} has: {listed}")
    return ChosenRound(here[0].parent, here[0].name)


def accept(
    chosen: ChosenRound,
    names: Sequence[str],
    *,
    function: str,
    by: str,
    on: str = "",
    reason: str = "",
    clock: Clock = read_clock,
) -> list[Entry]:
    """One side accepts assumptions as they read in the published plan: all of them or none.

    Parameters
    ----------
    chosen : ChosenRound
        Which round.
    names : sequence of str
        Ids of assumptions.
    function, by, on, reason : str
        See `Entry`; by default the day is today by the clock.
    clock : callable
        Says what time it is.

    Raises
    ------
    LifeError
        Where the rules forbid it; see `accept_assumption`.
    """

    def one(log: Log, row: Assumption, manifest: str) -> Entry:
        return accept_assumption(log, row, function=function, by=by, on=day, manifest=manifest, reason=reason)

    day = on or today_of(chosen, clock)
    return _decide(chosen, names, one, clock)


def reject(
    chosen: ChosenRound,
    names: Sequence[str],
    *,
    function: str,
    by: str,
    reason: str,
    on: str = "",
    clock: Clock = read_clock,
) -> list[Entry]:
    """One side rejects assumptions, for a reason their owners can answer: all of them or none."""

    def one(log: Log, row: Assumption, manifest: str) -> Entry:
        return reject_assumption(log, row, function=function, by=by, on=day, manifest=manifest, reason=reason)

    day = on or today_of(chosen, clock)
    return _decide(chosen, names, one, clock)


def _decide(
    chosen: ChosenRound,
    names: Sequence[str],
    one: Callable[[Log, Assumption, str], Entry],
    clock: Clock,
) -> list[Entry]:
    def make(log: Log, snapshot: Snapshot) -> list[Entry]:
        rows = {row.id: row for row in published_register(snapshot)}
        entries: list[Entry] = []
        for name in dict.fromkeys(names):
            if name not in rows:
                hint = nearest(name, list(rows)) or f"it has {counted(len(rows), 'assumption')}"
                raise LifeError(f"the plan of {chosen.name} has no assumption {name!r}; {hint}")
            entries.append(one((*log, *entries), rows[name], snapshot.hash))
        return entries

    return append_entries(chosen.folder, chosen.unit, make, clock)


def today_of(chosen: ChosenRound, clock: Clock) -> str:
    """The day of the next line: the clock's, or the last line's where that is later."""
    return read_now(chosen.folder, chosen.unit, clock)[:10]


def days_of_plan(chosen: ChosenRound, log: Log, manifest: str, clock: Clock) -> tuple[str, str]:
    """The day the plan was published, as far as ledger or log say, and today."""
    now = read_now(chosen.folder, chosen.unit, clock)
    known = read_published(chosen.folder, chosen.unit).get(manifest) or first_seen(log, manifest)
    return day_of(known, now), now[:10]


def sign(
    chosen: ChosenRound,
    *,
    function: str,
    by: str,
    on: str = "",
    reason: str = "",
    clock: Clock = read_clock,
) -> Entry:
    """One side signs the plan as published, on a day on which that plan existed."""

    def make(log: Log, snapshot: Snapshot) -> list[Entry]:
        days = days_of_plan(chosen, log, snapshot.hash, clock)
        day, plan = on or days[1], snapshot.hash
        step = sign_round(log, function=function, by=by, on=day, manifest=plan, reason=reason, days=days)
        return [step]

    return append_entries(chosen.folder, chosen.unit, make, clock)[0]


def lock(chosen: ChosenRound, *, by: str, on: str = "", reason: str = "", clock: Clock = read_clock) -> Entry:
    """Lock the round: both signatures on the plan as published, and nothing changes it again."""

    def make(log: Log, snapshot: Snapshot) -> list[Entry]:
        days = days_of_plan(chosen, log, snapshot.hash, clock)
        day, plan = on or days[1], snapshot.hash
        return [lock_round(log, by=by, on=day, manifest=plan, reason=reason, days=days)]

    return append_entries(chosen.folder, chosen.unit, make, clock)[0]


def describe_life(chosen: ChosenRound) -> RoundLife:
    """How the round stands now."""
    snapshot = Snapshot(chosen.folder / chosen.unit)
    log = read_log(chosen.folder, chosen.unit)
    register = published_register(snapshot)
    proposed = any(row.status in ("proposed", "accepted") for row in register)
    known = snapshot.manifest["parameters"].get("decisions_counted", {})
    decisions = [entry for entry in log if entry.action in ("accept", "reject")]
    return RoundLife(
        chosen,
        snapshot,
        log,
        round_state(log, snapshot.hash, has_proposals=proposed),
        register,
        {side: _waiting(log, _still_open(snapshot, register), side) for side in SIDES},
        tuple(entry for entry in decisions if entry.number > int(known.get("last", 0))),
        tuple(find_versions(chosen.folder, chosen.unit)),
        snapshot.read("estimate") if snapshot.has("estimate") else pd.DataFrame({"label": []}),
    )


def _still_open(snapshot: Snapshot, register: Sequence[Assumption]) -> list[Assumption]:
    """Rows that reach into the periods still planned: nobody is kept waiting for the others."""
    opened = pd.Timestamp(snapshot.manifest["parameters"].get("first_open") or snapshot.manifest["as_of"])
    return [row for row in register if row.end >= opened]


def _waiting(log: Log, register: Sequence[Assumption], side: str) -> tuple[str, ...]:
    return tuple(
        row.id
        for row in register
        if row.status == "proposed"
        and not row.fields.get(f"accepted_{side}")
        and side not in find_standing(log, row)
    )


def list_open(snapshot: Snapshot) -> tuple[Assumption, ...]:
    """Rows of the published register that reach into the periods it still plans."""
    return tuple(_still_open(snapshot, published_register(snapshot)))


def late_of(life: RoundLife, today: str) -> tuple[Late, ...]:
    """Who has let a day of the round pass: see `find_late`.

    Parameters
    ----------
    life : RoundLife
        The round.
    today : str
        As ``2026-01-31``.
    """
    days: dict[str, str] = life.snapshot.manifest["parameters"].get("round_days", {})
    proposed = [(row.id, row.owner, row.function) for row in life.register if row.status == "proposed"]
    signed = {side for side in SIDES if side in life.state.signed}
    return find_late(proposed, life.waiting, days, today, signed, life.state.lock is not None)


def published_register(snapshot: Snapshot) -> tuple[Assumption, ...]:
    """The register of a snapshot, as it was used."""
    return read_assumptions(snapshot.read("assumptions"), snapshot.dimensions)


def settled_table(
    table: pd.DataFrame,
    dimensions: Sequence[str],
    chosen: ChosenRound,
    until: pd.Timestamp | None,
    *,
    only_looks: bool = False,
) -> tuple[pd.DataFrame, dict[str, object], tuple[Notice, ...]]:
    """The assumptions table with the acceptances and rejections of the round's log.

    Parameters
    ----------
    table : DataFrame
        As read from the workspace.
    dimensions : sequence of str
        The workspace's.
    chosen : ChosenRound
        The round; it may never have been published.
    until : Timestamp or None
        In a replay only what was decided up to that day counts; None counts the whole log.
    only_looks : bool
        Whether a locked round may be opened, because nothing will be published.

    Returns
    -------
    table : DataFrame
    counted : dict
        See `count_decisions`.
    notices : tuple of Notice

    Raises
    ------
    LifeError, RoundLocked
        A log that cannot be believed, or a round that is locked.
    """
    log = read_log(chosen.folder, chosen.unit)
    if not only_looks:
        check_unlocked(chosen.folder, chosen.unit)
        state = round_state(log, "")
        if state.lock is not None:
            raise LifeError(f"round {chosen.name} was locked on {state.lock.on} by {state.lock.by}", True)
    kept, late = find_decisions(log, until)
    notices = []
    if late:
        text = (
            f"{counted(late, 'decision')} in the log dated after the as-of date {until:%Y-%m-%d} left out; "
            "leave --as-of away, or give a later day, to count them."
        )
        notices.append(Notice("decisions_later", text, late))
    settled, voided = settle_register(table, dimensions, kept)
    remarks = find_remarks(log, until)
    if remarks and len(settled):
        said = [" · ".join(remarks.get(str(name), ())) for name in settled["id"]]
        settled = settled.assign(remarks=said)
    if voided:
        text = (
            f"accepted, but the claim was changed afterwards, so the acceptance no longer holds: "
            f"{', '.join(voided[:8])}{f' and {len(voided) - 8} more' if len(voided) > 8 else ''}"
        )
        notices.append(Notice("acceptance_voided", text, len(voided)))
    return settled, count_decisions(log, until), tuple(notices)
