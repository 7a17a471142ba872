"""One person's explorer: takes messages from the page, changes the state, sends back what to show.

The same session serves the notebook widget and the browser page; both only carry messages. A message
is a mapping of plain values with a ``type``; anything unforeseen becomes one sentence on the page.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from alignment_lib.answers.live.pictures import Pictures
from alignment_lib.app.explorer.answers import (
    compared_answer,
    decisions_answer,
    download_answer,
    figures_answer,
    name_of,
    round_answer,
    scenario_list,
)
from alignment_lib.app.explorer.background import Background
from alignment_lib.app.explorer.changes import CHANGES, apply_values, say_after
from alignment_lib.app.explorer.easel import Easel, picture
from alignment_lib.app.explorer.export import export_scenario
from alignment_lib.app.explorer.long_work import TOGETHER, solve_shown
from alignment_lib.app.explorer.refusals import Refused, find_id, read_number
from alignment_lib.app.explorer.rows import Filter, list_rows, matches
from alignment_lib.app.faults import say_error
from alignment_lib.inputs.words.nearest import check_word
from alignment_lib.planning.register.assumptions import PLANS
from alignment_lib.planning.register.scenarios import Scenario
from alignment_lib.rounds.live.choices import Choices, Timeline
from alignment_lib.rounds.live.comparison import COMPARED, compare_choices
from alignment_lib.rounds.live.figures import Figures, SpanOdds
from alignment_lib.rounds.live.live_round import SPAN, LiveRound
from alignment_lib.rounds.live.scenario_files import SCENARIO_FILE
from alignment_lib.rounds.live.shelf import Shelf
from alignment_lib.rounds.live.solve import Wish
from alignment_lib.rounds.view import RoundView

__all__ = ["Refused", "Session"]

Message = Mapping[str, Any]
MOST_COMPARED = 4
_PAUSE = 0.12
_FOLLOW_THE_PLAN = ("bridge", "time", "types")
_FOLLOW_THE_ODDS = ("time", "odds", "leads")


class Session:
    """One explorer.

    Parameters
    ----------
    live : LiveRound
        The round; sessions may share it.
    publish : callable
        Takes each message to the page. May be called from another thread.
    can_edit : bool
        Whether scenarios may be saved and deleted.
    start : str
        The plan or scenario shown first.
    follow : callable, optional
        Given the figures as soon as they have changed, before any chart is drawn of them.
    view : RoundView, optional
        The round's tables, from which is told what each open decision does.
    """

    def __init__(
        self,
        live: LiveRound,
        publish: Callable[[dict[str, Any]], None],
        *,
        can_edit: bool,
        start: str = "consensus",
        follow: Callable[[Figures], None] = lambda figures: None,
        view: RoundView | None = None,
    ) -> None:
        self._follow, self._view = follow, view
        ready = live.ready
        self._live, self._publish, self._can_edit = live, publish, can_edit
        ids = [row.id for row in live.register]
        self._shelf = Shelf(ready.workspace.folder, ready.every_id or ids, ids, ready.scenarios)
        self._pictures = Pictures(live)
        self._rows = list_rows(
            live.register,
            live.evidence,
            ready.history.measure,
            ready.workspace.settings.business.currency,
            ready.round.first_open,
        )
        self._timeline = Timeline(live.start_from(start))
        self._name_shown(start)
        self._scope: dict[str, str] = {}
        self._visible = [row.id for row in self._rows if row.is_open]
        self._figures = live.evaluate(self._timeline.present)
        self._odds: SpanOdds | None = None
        self._is_stale = True
        self._compared = pd.DataFrame(columns=list(COMPARED))
        self._easel = Easel(self._pictures, publish, self._tell_fault)
        self._quick = Background("odds", _PAUSE, self._tell_fault)
        self._long = Background("work", tell_fault=self._tell_fault)
        self._aside = Background("decisions", tell_fault=self._tell_fault)

    @property
    def figures(self) -> Figures:
        """The plan as chosen."""
        return self._figures

    def apply(self, values: Mapping[str, float | None]) -> None:
        """Set assumptions to values, which then count, and switch off those set to None: one step.

        Raises
        ------
        Refused
            An id or a value that cannot be meant; nothing is changed then.
        """
        ids = [row.id for row in self._live.register]
        known = {check_word(name, ids, "assumption"): value for name, value in values.items()}
        choices = apply_values(self._live, self._timeline.present, known)
        self._step(choices, "", {})

    @property
    def live(self) -> LiveRound:
        """The round whose plans are worked out here."""
        return self._live

    @property
    def _is_changed(self) -> bool:
        """Whether what counts is no longer what the scenario shown says."""
        return self._says(self._timeline.present) != self._as_named

    def read_scenarios(self) -> dict[str, Scenario]:
        """The workspace's scenarios as they are saved by now, here or by others."""
        self._shelf.read()
        return dict(self._shelf.scenarios)

    def close(self) -> None:
        """End the work in the background."""
        self._easel.close()
        self._quick.close()
        self._long.close()
        self._aside.close()

    def receive(self, message: Message) -> None:
        """Act on one message of the page; faults are published as a sentence."""
        try:
            handle = _HANDLERS.get(str(message.get("type")))
            if handle is None:
                raise Refused("the page asked for something this version does not know; load it again")
            handle(self, message)
        except Exception as error:
            if message.get("type") == "hello":
                # The page has nothing yet in which a notice could stand.
                self._publish({"type": "fault", "text": say_error(error)})
                return
            self._tell_fault(error)
            if message.get("type") in CHANGES:
                # What the page shows already goes back to where it stands.
                self._publish(self._show(stale=self._is_stale, seq=message.get("seq")))

    def describe(self) -> dict[str, Any]:
        """Everything a page needs to begin."""
        plan = self._figures, self._odds
        return {
            **round_answer(self._live, self._rows, self._pictures.unit, self._can_edit),
            "scenarios": scenario_list(self._shelf.scenarios.values()),
            "figures": self._show(stale=self._odds is None),
            "charts": {
                name: picture(self._pictures.draw(name, *plan)) for name in self._pictures.names(*plan)
            },
        }

    # What a page can ask for.

    def _hello(self, message: Message) -> None:
        self._shelf.read()
        self._publish(self.describe())
        self._ask_odds()
        if self._view is not None:
            self._aside.submit(self._decide)

    def _look(self, message: Message) -> None:
        self._easel.look([str(name) for name in message["hidden"]])

    def _change(self, message: Message) -> None:
        kind, present = str(message["type"]), self._timeline.present
        choices = CHANGES[kind](self._live, present, message)
        gesture = f"value {message['id']}" if kind == "set" and message.get("moving") else ""
        self._step(choices, gesture, message)
        if said := say_after(self._live, choices, message):
            self._tell("done", said)

    def _settle(self, message: Message) -> None:
        self._timeline = self._timeline.settle()

    def _undo(self, message: Message) -> None:
        self._go(self._timeline.undo(), message)

    def _redo(self, message: Message) -> None:
        self._go(self._timeline.redo(), message)

    def _reset(self, message: Message) -> None:
        self._step(self._start_from(self._shown), "", message)

    def _load(self, message: Message) -> None:
        self._shelf.read()
        name = str(message["name"])
        self._step(self._start_from(name), "", message)
        self._name_shown(name)
        self._shelf.mark_loaded(name)
        self._publish(self._show(stale=True))
        self._publish_scenarios()
        self._tell("done", f"Loaded {name_of(name)}.")

    def _save(self, message: Message) -> None:
        self._refuse_reader()
        name, reason = str(message["name"]).strip(), str(message["reason"]).strip()
        choices = self._timeline.present
        base = self._start_from(choices.based_on)
        self._shelf.save(self._live.as_scenario(name, reason, choices, base))
        self._name_shown(name)
        self._publish_scenarios()
        self._tell("done", f"Saved {name} to {SCENARIO_FILE}.")

    def _delete(self, message: Message) -> None:
        self._refuse_reader()
        name = str(message["name"])
        self._shelf.delete(name)
        if self._shown == name:
            based_on = self._timeline.present.based_on
            self._name_shown(based_on if based_on in PLANS else PLANS[2])
        self._publish_scenarios()
        self._tell("done", f"Deleted {name}.")

    def _filter(self, message: Message) -> None:
        chosen = {str(key): str(value) for key, value in dict(message["chosen"]).items() if value}
        scope = {key: value for key, value in chosen.items() if not key.startswith("@")}
        words = {key[1:]: chosen[key] for key in ("@function", "@owner", "@status", "@when") if key in chosen}
        self._visible = [row.id for row in self._rows if matches(row, Filter(scope, **words))]
        self._publish({"type": "visible", "ids": self._visible})
        known = {name: scope[name] for name in self._live.ready.dimensions if name in scope}
        if chosen.get(SPAN) in self._live.span_labels:
            known[SPAN] = chosen[SPAN]
        if known != self._scope and not self._live.has_series(known):
            named = ", ".join(value for name, value in known.items() if name != SPAN)
            raise Refused(f"nothing is planned for {named}; the charts stay as they are")
        if known != self._scope:
            self._scope, self._odds = known, None
            self._go(self._timeline, message)

    def _compare(self, message: Message) -> None:
        names = [str(name) for name in message["names"]][: MOST_COMPARED + 1]
        if len(names) > MOST_COMPARED:
            raise Refused(f"up to {MOST_COMPARED} scenarios can be compared; leave one out first")
        chosen = {name_of(name): self._start_from(name) for name in names}
        self._work("Comparing", lambda is_void: self._compare_now(names, chosen, is_void))

    def _solve(self, message: Message) -> None:
        target, surely = message.get("target"), message.get("probability")
        if target in (None, "") and not math.isfinite(self._figures.target):
            raise Refused("no target stands for what is shown; type one to solve for")
        target = read_number(self._figures.target if target in (None, "") else target, "the target")
        probability = None if surely is None else read_number(surely, "the chance")
        if probability is not None and not 0 < probability < 1:
            raise Refused("a chance lies between 0 and 1; type one such as 0.8")
        name = str(message.get("id") or "")
        if name not in ("", TOGETHER):
            find_id(self._live.register, name)
        self._work(
            "Solving for the target", lambda is_void: self._solve_now(name, target, probability, is_void)
        )

    def _export(self, message: Message) -> None:
        # The workbook holds the whole plan, whatever part of it the charts show.
        whole = self._live.evaluate(self._timeline.present) if self._scope else self._figures
        content = export_scenario(self._live, whole, self._shown, self._compared)
        self._publish(download_answer(self._live.ready.round.name, self._shown, content))

    def _cancel(self, message: Message) -> None:
        self._long.cancel()
        self._publish({"type": "progress", "text": ""})
        self._tell("done", "Stopped; nothing has changed.")

    # What follows from it.

    def _start_from(self, name: str) -> Choices:
        if not name:
            return self._timeline.present
        if name not in PLANS and name not in self._shelf.scenarios:
            raise Refused(f"there is no scenario called {name!r} any more")
        return self._live.start_from(name, self._shelf.scenarios)

    def _step(self, choices: Choices, gesture: str, message: Message) -> None:
        self._go(self._timeline.step(choices, gesture), message)

    def _go(self, timeline: Timeline, message: Message) -> None:
        """Show the present of a timeline; where it cannot be planned, everything stays as it was."""
        self._figures = self._live.evaluate(timeline.present, scope=self._scope)
        self._timeline, self._is_stale = timeline, True
        self._follow(self._figures)
        self._publish(self._show(stale=True, seq=message.get("seq")))
        self._easel.draw(self._figures, self._odds, _FOLLOW_THE_PLAN, settled=False, seq=message.get("seq"))
        self._ask_odds()

    def _ask_odds(self) -> None:
        figures = self._figures

        def work(is_void: Callable[[], bool]) -> None:
            odds = self._live.simulate(figures)
            if not is_void():
                self._odds, self._is_stale = odds, False
                self._publish(self._show(stale=False))
                self._easel.draw(figures, odds, _FOLLOW_THE_ODDS, settled=True)

        self._quick.submit(work)

    def _decide(self, is_void: Callable[[], bool]) -> None:
        if self._view is not None:
            self._publish(decisions_answer(self._live, self._view))

    def _show(self, *, stale: bool, seq: Any = None) -> dict[str, Any]:
        answer = figures_answer(self._live, self._pictures, self._figures, self._odds, self._timeline)
        return {**answer, "seq": seq, "stale": stale, "shown": self._shown, "changed": self._is_changed}

    def _name_shown(self, name: str) -> None:
        """What is shown bears this name until something is changed."""
        self._shown, self._as_named = name, self._says(self._start_from(name))

    def _says(self, choices: Choices) -> object:
        """What choices say, however they came to it."""
        values = {row.id: row.expected for row in self._live.rows_of(choices)}
        return values, choices.dropped, choices.moves

    def _compare_now(
        self, names: list[str], chosen: Mapping[str, Choices], is_void: Callable[[], bool]
    ) -> None:
        scope = self._scope
        found = compare_choices(self._live, chosen, scope, is_void)
        if found is not None:
            self._compared = found.totals
            self._publish(compared_answer(self._pictures, found, names, scope))

    def _solve_now(
        self, name: str, target: float, probability: float | None, is_void: Callable[[], bool]
    ) -> None:
        wish = Wish(target, probability, is_void, self._scope)
        answer = solve_shown(self._live, self._rows, self._timeline.present, name, wish, self._visible)
        if answer is not None:
            self._publish(answer)

    def _work(self, text: str, task: Callable[[Callable[[], bool]], None]) -> None:
        self._publish({"type": "progress", "text": f"{text} …"})

        def work(is_void: Callable[[], bool]) -> None:
            try:
                task(is_void)
            finally:
                if not is_void():
                    self._publish({"type": "progress", "text": ""})

        self._long.submit(work)

    def _publish_scenarios(self) -> None:
        found = scenario_list(self._shelf.scenarios.values())
        told = {"shown": self._shown, "changed": self._is_changed}
        self._publish({"type": "scenarios", "scenarios": found, **told})

    def _refuse_reader(self) -> None:
        if not self._can_edit:
            raise Refused("this page is read-only; start it with --edit to save or delete scenarios")

    def _tell_fault(self, error: Exception) -> None:
        self._tell("error", say_error(error))

    def _tell(self, kind: str, text: str) -> None:
        self._publish({"type": "notice", "kind": kind, "text": text})


_HANDLERS: dict[str, Callable[[Session, Message], None]] = {
    "hello": Session._hello,
    "look": Session._look,
    **dict.fromkeys(CHANGES, Session._change),
    "settle": Session._settle,
    "undo": Session._undo,
    "redo": Session._redo,
    "reset": Session._reset,
    "load": Session._load,
    "save": Session._save,
    "delete": Session._delete,
    "filter": Session._filter,
    "compare": Session._compare,
    "solve": Session._solve,
    "export": Session._export,
    "cancel": Session._cancel,
}
