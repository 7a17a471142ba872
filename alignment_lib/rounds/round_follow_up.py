"""Use case: what follows a plan once it is published: its log brought up to date, void signatures said."""

from __future__ import annotations

from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.planning.register.acceptance import report_claim
from alignment_lib.planning.round.lifecycle import Entry, round_state
from alignment_lib.rounds.files.clocks import Clock, read_clock
from alignment_lib.rounds.files.round_hold import RoundBusy
from alignment_lib.rounds.files.round_log import append_entries, read_log
from alignment_lib.rounds.round_life import ChosenRound, published_register, today_of

__all__ = ["follow_up", "note_register", "voided_signatures"]

Log = tuple[Entry, ...]


def note_register(chosen: ChosenRound, clock: Clock = read_clock) -> list[Entry]:
    """Write into the log how each assumption now reads, where the log does not say so yet.

    Every entry names who made the claim, how it read before, how it reads now, and why.
    """

    def make(log: Log, snapshot: Snapshot) -> list[Entry]:
        rows = {row.id: row for row in published_register(snapshot)}
        told = {entry.subject for entry in log if entry.action in ("propose", "revise")}
        entries: list[Entry] = []
        on = today_of(chosen, clock)
        for name in sorted(set(rows) | told):
            said = report_claim((*log, *entries), rows.get(name), name, on=on, manifest=snapshot.hash)
            entries += [said] if said is not None else []
        return entries

    return append_entries(chosen.folder, chosen.unit, make, clock)


def follow_up(chosen: ChosenRound, clock: Clock = read_clock) -> tuple[str, ...]:
    """What follows a plan once it is published: the log is brought up to date, voided signatures are said.

    Parameters
    ----------
    chosen : ChosenRound
        The round just published.
    clock : callable
        Says what time it is.

    Returns
    -------
    tuple of str
        Sentences for the user.
    """
    told: tuple[str, ...] = ()
    try:
        note_register(chosen, clock)
    except RoundBusy:
        told = ("the log is held by another step; the next run writes down how the register changed",)
    return (*told, *voided_signatures(chosen))


def voided_signatures(chosen: ChosenRound) -> tuple[str, ...]:
    """A sentence for every signature that the plan now published has voided."""
    snapshot = Snapshot(chosen.folder / chosen.unit)
    state = round_state(read_log(chosen.folder, chosen.unit), snapshot.hash)
    last = {entry.function: entry for entry in state.voided if entry.function not in state.signed}
    return tuple(
        f"the plan has changed since {side} signed it on {entry.on} ({entry.by}): "
        "that signature no longer holds; sign again"
        for side, entry in sorted(last.items())
    )
