"""The desk of the scenario page: where a function answers and signs without a terminal.

It shows how the published round stands and takes answers to it, by the rules of `take_answers`: an answer
to what somebody has changed since the page showed it does not count and is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from alignment_lib.app.explorer.refusals import Refused
from alignment_lib.app.faults import say_error
from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.inputs.snapshots import MANIFEST
from alignment_lib.planning.register.acceptance import claim_terms
from alignment_lib.planning.register.remarks import find_remarks
from alignment_lib.planning.round.lifecycle import SIDES
from alignment_lib.rounds.files.clocks import Clock, read_clock
from alignment_lib.rounds.round_answers import PLAN, RoundAnswer, take_answers
from alignment_lib.rounds.round_life import ChosenRound, RoundLife, describe_life, late_of, today_of
from alignment_lib.rounds.round_work import RoundWork

__all__ = ["Desk"]

_DECISIONS = ("accept", "reject", "sign", "")
_FUNCTIONS = (*SIDES, "finance", "other")


class Desk:
    """Answers of one page to the published round.

    Parameters
    ----------
    work : RoundWork
        The round the page shows; its request names the folder over rounds.
    publish : callable
        Takes each message to the page.
    can_edit : bool
        Whether answers may be given.
    clock : callable
        Says what time it is.
    """

    def __init__(
        self,
        work: RoundWork,
        publish: Callable[[dict[str, Any]], None],
        *,
        can_edit: bool,
        clock: Clock = read_clock,
    ) -> None:
        self._publish, self._can_edit, self._clock = publish, can_edit, clock
        output, ready = work.request.output, work.ready
        unit, name = ready.workspace.name, ready.round.name
        self._chosen = None if output is None else ChosenRound(output / name, unit)
        self._terms = {row.id: claim_terms(row) for row in ready.register}
        self._seen = 0

    def show(self) -> None:
        """How the published round stands now; nothing where no folder over rounds is known."""
        if self._chosen is None:
            return
        if not (self._chosen.folder / self._chosen.unit / MANIFEST).is_file():
            text = (
                f"No plan of {self._chosen.name} is published: alignment plan publishes it; then it can be "
            )
            self._publish({"type": "life", "lines": [f"{text}answered and signed here."], "rows": {}})
            return
        try:
            life = describe_life(self._chosen)
        except AlignmentError as error:
            self._publish({"type": "life", "lines": [str(error)], "rows": {}})
            return
        self._seen, self._terms[PLAN] = len(life.log), life.snapshot.hash
        self._publish(self._describe(self._chosen, life))

    def _describe(self, chosen: ChosenRound, life: RoundLife) -> dict[str, Any]:
        remarks, is_open = find_remarks(life.log), life.state.lock is None and self._can_edit
        waits = {
            row.id: [side for side in SIDES if row.id in life.waiting[side]]
            for row in life.register
            if row.id in self._terms
        }
        rows = {
            name: {
                "waits": f"waits for {' and '.join(sides)}" if sides else "",
                "said": remarks.get(name, ()),
            }
            for name, sides in waits.items()
        }
        as_of = life.snapshot.manifest["as_of"]
        lines = [f"{chosen.name} is {life.state.status}: the plan published as of {as_of}"]
        for side in SIDES:
            given = life.state.signed.get(side)
            lines.append(f"{side}: " + (f"signed by {given.by} on {given.on}" if given else "has not signed"))
        if life.since and life.state.lock is None:
            lines.append("Decided since that plan was made: plan it again, then sign that one.")
        missing = {"answer": "has not answered", "sign": "has not signed", "lock": "has not locked the round"}
        for one in late_of(life, today_of(chosen, self._clock)):
            lines.append(f"Late since {one.due}: {one.who} {missing[one.what]} {', '.join(one.ids)}".rstrip())
        said = remarks.get(PLAN, ())
        return {"type": "life", "lines": lines, "said": said, "rows": rows, "is_open": is_open}

    def receive(self, message: Mapping[str, Any]) -> bool:
        """Act on a message if it is an answer; say whether it was one."""
        if message.get("type") != "answer":
            return False
        try:
            self._take(message)
        except Exception as error:
            self._tell("error", say_error(error))
        self.show()
        return True

    def _take(self, message: Mapping[str, Any]) -> None:
        if not self._can_edit or self._chosen is None:
            raise Refused("this page is read-only; start it with --edit to answer and sign")
        subject, decision, function, by, comment = (
            str(message.get(name) or "").strip() for name in ("id", "decision", "function", "by", "comment")
        )
        if subject not in self._terms or decision not in _DECISIONS or function not in _FUNCTIONS:
            raise Refused("the page asked for something this version does not know; load it again")
        if decision and function not in SIDES:
            raise Refused(f"{function} comments; only {' and '.join(SIDES)} accept, reject and sign")
        terms = self._terms[subject]
        answer = RoundAnswer(subject, decision, comment, function, by, terms, self._seen)
        (outcome,) = take_answers(self._chosen, [answer], self._clock)
        self._tell("error" if outcome.kind == "conflict" else "done", outcome.sentence)

    def _tell(self, kind: str, text: str) -> None:
        self._publish({"type": "notice", "kind": kind, "text": text})
