"""Use case: answers to a published round, from returned sheets or the page: decided, kept, or shown as late.

An answer speaks of a claim as it read when it was asked for. Where somebody has changed the claim, or
decided on it, since, the answer does not count; it is kept in the log as a comment, with both wordings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alignment_lib.inputs.configuration.settings_reader import nearest
from alignment_lib.inputs.problems import InputError, Problem
from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.planning.register.acceptance import (
    accept_assumption,
    claim_terms,
    find_standing,
    reject_assumption,
)
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.remarks import comment_assumption
from alignment_lib.planning.round.lifecycle import Entry, LifeError, round_state, sign_round
from alignment_lib.rounds.files.clocks import Clock, read_clock
from alignment_lib.rounds.files.round_log import append_entries
from alignment_lib.rounds.round_life import ChosenRound, days_of_plan, published_register, today_of

__all__ = ["PLAN", "Outcome", "RoundAnswer", "take_answers"]

PLAN = "plan"
"""What a signature is an answer to."""
_DONE = {"accept": "accepted", "reject": "rejected", "sign": "signed", "": "comment kept"}


@dataclass(frozen=True)
class RoundAnswer:
    """What one role answers on one claim, or on the plan.

    Attributes
    ----------
    subject : str
        Id of the claim, or `PLAN`.
    decision : {"accept", "reject", "sign", ""}
        Blank where there is a comment alone.
    comment : str
        The reason, or what is to be said.
    function, by : str
        Whose side, and the role.
    terms : str
        Hash of the claim as it was shown, or of the plan's manifest.
    seen : int
        How many lines the log held when it was shown.
    file, sheet, row : str, str, int
        Where it was written; blank on a page.
    """

    subject: str
    decision: str
    comment: str
    function: str
    by: str
    terms: str
    seen: int
    file: str = ""
    sheet: str = ""
    row: int = 0


@dataclass(frozen=True)
class Outcome:
    """What became of an answer: ``done``, ``already`` or ``conflict``, and that in words."""

    subject: str
    kind: str
    sentence: str


def take_answers(
    chosen: ChosenRound, answers: Sequence[RoundAnswer], clock: Clock = read_clock
) -> tuple[Outcome, ...]:
    """Write the answers into the round's log in one step: all of them or, where one is at fault, none.

    Parameters
    ----------
    chosen : ChosenRound
        The published round.
    answers : sequence of RoundAnswer
        In their order; a signature counts for the plan as published.
    clock : callable
        Says what time it is; the day of every line is its day.

    Raises
    ------
    InputError
        Every answer the rules forbid, by its place.
    LifeError
        Where the round is locked, or an answer without a place is forbidden.
    """
    outcomes: list[Outcome] = []
    day = today_of(chosen, clock)

    def make(log: tuple[Entry, ...], snapshot: Snapshot) -> list[Entry]:
        book = _Book(chosen, snapshot, log, day, clock)
        faults: list[Problem] = []
        for answer in answers:
            try:
                outcomes.append(book.take(answer))
            except LifeError as error:
                if error.exit_code == 3 or not answer.file:
                    raise
                mend = "mend the answer, or leave the cell empty"
                expected = "an answer the rules of the round allow"
                at = (answer.sheet, answer.row, answer.subject)
                faults.append(Problem(answer.file, str(error), expected, mend, *at))
        if faults:
            raise InputError(faults)
        return book.fresh

    append_entries(chosen.folder, chosen.unit, make, clock)
    return tuple(outcomes)


class _Book:
    """The log as it grows answer by answer."""

    def __init__(
        self, chosen: ChosenRound, snapshot: Snapshot, log: tuple[Entry, ...], day: str, clock: Clock
    ) -> None:
        self.fresh: list[Entry] = []
        self._chosen, self._snapshot, self._log, self._day = chosen, snapshot, log, day
        self._clock = clock
        self._rows = {row.id: row for row in published_register(snapshot)}

    def take(self, answer: RoundAnswer) -> Outcome:
        """Add what follows from one answer."""
        if answer.subject == PLAN:
            return self._take_of_plan(answer)
        row = self._rows.get(answer.subject)
        if row is None:
            hint = nearest(answer.subject, list(self._rows)) or "take the id from the published register"
            raise LifeError(f"the plan of {self._chosen.name} has no assumption {answer.subject!r}; {hint}")
        if not answer.decision:
            return self._comment(answer)
        changed = self._changed(answer, row)
        if changed:
            return self._keep_aside(answer, changed)
        if self._says_so(answer, row):
            return Outcome(row.id, "already", f"{row.id}: {answer.function} has {_DONE[answer.decision]} it")
        decide = accept_assumption if answer.decision == "accept" else reject_assumption
        step = decide(
            self._whole, row, function=answer.function, by=answer.by, on=self._day,
            manifest=self._snapshot.hash, reason=answer.comment,
        )  # fmt: skip
        return self._add(step, answer, f"{_DONE[answer.decision]} by {answer.function}")

    @property
    def _whole(self) -> tuple[Entry, ...]:
        return (*self._log, *self.fresh)

    def _add(self, entry: Entry, answer: RoundAnswer, words: str) -> Outcome:
        self.fresh.append(entry)
        return Outcome(answer.subject, "done", f"{answer.subject}: {words} ({answer.by}, {self._day})")

    def _take_of_plan(self, answer: RoundAnswer) -> Outcome:
        if answer.decision not in ("sign", ""):
            raise LifeError("the plan is signed, not accepted or rejected: write sign, or a comment alone")
        if not answer.decision:
            return self._comment(answer)
        published = self._snapshot.hash
        if answer.terms != published:
            now = f"the plan published now is {published[:12]}, not {answer.terms[:12]}"
            return self._keep_aside(answer, now)
        if answer.function in round_state(self._whole, published).signed:
            return Outcome(PLAN, "already", f"plan: {answer.function} has signed it")
        step = sign_round(
            self._whole, function=answer.function, by=answer.by, on=self._day, manifest=published,
            reason=answer.comment, days=days_of_plan(self._chosen, self._log, published, self._clock),
        )  # fmt: skip
        return self._add(step, answer, f"signed by {answer.function}, plan {published[:12]}")

    def _changed(self, answer: RoundAnswer, row: Assumption) -> str:
        """What somebody else has made of the claim since it was shown, in words; blank where nothing."""
        if answer.terms != claim_terms(row):
            told = [one.after for one in self._log if one.terms == claim_terms(row) and one.after]
            reading = [one for one in told if one not in ("accepted", "rejected")]
            return f"the claim reads otherwise by now: {reading[-1] if reading else row.title}"
        for entry in self._log:
            is_later = entry.number > answer.seen and entry.subject == row.id
            is_decision = entry.action in ("accept", "reject") and entry.function == answer.function
            if is_later and is_decision and entry.action != answer.decision:
                why = f": {entry.reason}" if entry.reason else ""
                return f"{entry.by} has {_DONE[entry.action]} it for {entry.function} on {entry.on}{why}"
        return ""

    def _says_so(self, answer: RoundAnswer, row: Assumption) -> bool:
        """Whether that side has said the same already."""
        if answer.decision == "accept":
            given = row.fields.get(f"accepted_{answer.function}")
            rejected = any(one.subject == row.id and one.action == "reject" for one in self._whole)
            return answer.function in find_standing(self._whole, row) or bool(given and not rejected)
        words = [
            one
            for one in self._whole
            if one.subject == row.id and one.action in ("accept", "reject") and one.terms == claim_terms(row)
        ]
        return bool(words) and words[-1].action == "reject" and words[-1].function == answer.function

    def _keep_aside(self, answer: RoundAnswer, changed: str) -> Outcome:
        """An answer to what no longer stands: kept as a comment, both wordings told."""
        told = [one.after for one in self._log if one.terms == answer.terms and one.action in _WORDINGS]
        before = f"answered {answer.decision}" + (f" to: {told[-1]}" if told else "")
        after = f"not counted, as {changed}"
        self._comment(answer, before, after)
        kept = f"kept as a comment: {answer.comment}" if answer.comment else "kept in the log"
        return Outcome(answer.subject, "conflict", f"{answer.subject}: {before}; {after}; {kept}")

    def _comment(self, answer: RoundAnswer, before: str = "", after: str = "") -> Outcome:
        said = (answer.subject, answer.by, answer.comment, before)
        for one in self._whole:
            if one.action == "comment" and (one.subject, one.by, one.reason, one.before) == said:
                return Outcome(answer.subject, "already", f"{answer.subject}: the comment is kept already")
        step = comment_assumption(
            self._whole, answer.subject, function=answer.function, by=answer.by, on=self._day,
            manifest=self._snapshot.hash, reason=answer.comment, terms=answer.terms,
            before=before, after=after,
        )  # fmt: skip
        return self._add(step, answer, _DONE[""])


_WORDINGS = ("propose", "revise")
