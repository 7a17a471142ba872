"""One person's explorer: takes messages from the page, changes the state, sends back what to show.

The same session serves the notebook widget and the browser page; both only carry messages. A message
is a mapping of plain values with a ``type``; anything unforeseen becomes one sentence on the page.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from alignment_lib.app.explorer.background import Background
from alignment_lib.app.explorer.export import export_scenario
from alignment_lib.app.explorer.model import Timeline, as_scenario, set_value, switch
from alignment_lib.app.explorer.pictures import Pictures, headline_facts, odds_fact
from alignment_lib.app.explorer.recompute import Figures, LiveRound, SpanOdds
from alignment_lib.app.explorer.rows import Filter, find_filters, list_rows, matches
from alignment_lib.app.explorer.solve import Answer, Cancelled, solve_all, solve_for
from alignment_lib.app.faults import describe_fault
from alignment_lib.app.scenario_files import (
    SCENARIO_FILE,
    delete_scenario,
    save_scenario,
    scenario_versions,
)
from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.planning.assumptions import PLANS
from alignment_lib.planning.scenarios import read_scenarios
from alignment_lib.publishing.charts.notation import Chart
from alignment_lib.publishing.wording import humanise, write_count, write_number

__all__ = ["Refused", "Session"]

Message = Mapping[str, Any]
MOST_COMPARED = 4
_PAUSE = 0.12
_CURRENT = ""


class Refused(AlignmentError):
    """The page asked for something that cannot be done; the message says why."""


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
    """

    def __init__(
        self,
        live: LiveRound,
        publish: Callable[[dict[str, Any]], None],
        *,
        can_edit: bool,
        start: str = "consensus",
    ) -> None:
        self._live = live
        self._publish = publish
        self._can_edit = can_edit
        self._folder = live.ready.workspace.folder
        self._scenarios = dict(live.ready.scenarios)
        self._listed: dict[str, str] = {}
        self._loaded: dict[str, str] = {}
        self._pictures = Pictures(live)
        settings = live.ready.workspace.settings
        self._rows = list_rows(
            live.register,
            live.evidence,
            live.ready.history.measure,
            settings.business.currency,
            live.ready.round.first_open,
        )
        self._timeline = Timeline(live.start_from(start))
        self._shown = start
        self._figures = live.evaluate(self._timeline.present)
        self._odds: SpanOdds | None = None
        self._compared = pd.DataFrame(columns=["label", "plan", "p10", "p90", "probability"])
        self._quick = Background("odds", _PAUSE)
        self._long = Background("work")

    @property
    def figures(self) -> Figures:
        """The plan as chosen."""
        return self._figures

    def close(self) -> None:
        """End the work in the background."""
        self._quick.close()
        self._long.close()

    def receive(self, message: Message) -> None:
        """Act on one message of the page; faults are published as a sentence."""
        try:
            handle = _HANDLERS.get(str(message.get("type")))
            if handle is None:
                raise Refused("the page asked for something this version does not know; load it again")
            handle(self, message)
        except AlignmentError as error:
            self._tell("error", str(error))
        except Exception as error:
            self._tell("error", describe_fault(error))

    def describe(self) -> dict[str, Any]:
        """Everything a page needs to begin."""
        ready = self._live.ready
        return {
            "type": "state",
            "business": ready.workspace.settings.business.name,
            "round": ready.round.name,
            "as_of": f"{ready.round.as_of:%Y-%m-%d}",
            "unit": self._pictures.unit,
            "target": _plain(self._live.target),
            "can_edit": self._can_edit,
            "rows": [row.to_message() for row in self._rows],
            "filters": find_filters(self._rows, ready.dimensions),
            "plans": [{"name": name, "label": humanise(name)} for name in PLANS],
            "scenarios": self._list_scenarios(),
            "figures": self._show(stale=self._odds is None),
        }

    # What a page can ask for.

    def _hello(self, message: Message) -> None:
        self._read_scenarios()
        self._publish(self.describe())
        self._ask_odds()

    def _set(self, message: Message) -> None:
        name, value = self._id(message), float(message["value"])
        if not math.isfinite(value):
            raise Refused(f"the value of {name} is not a number; type digits with a decimal point")
        row = next(row for row in self._live.register if row.id == name)
        if row.unit == "percent" and value < -100:
            raise Refused(f"{name} cannot fall by more than 100 %; type a value from -100 on")
        gesture = f"value {name}" if message.get("moving") else ""
        self._step(set_value(self._timeline.present, name, value), gesture, message)

    def _switch(self, message: Message) -> None:
        self._step(switch(self._timeline.present, self._id(message), on=bool(message["on"])), "", message)

    def _settle(self, message: Message) -> None:
        self._timeline = self._timeline.settle()

    def _undo(self, message: Message) -> None:
        self._timeline = self._timeline.undo()
        self._refresh(message)

    def _redo(self, message: Message) -> None:
        self._timeline = self._timeline.redo()
        self._refresh(message)

    def _reset(self, message: Message) -> None:
        self._step(self._live.start_from(self._shown, self._scenarios), "", message)

    def _load(self, message: Message) -> None:
        self._read_scenarios()
        name = str(message["name"])
        if name not in PLANS and name not in self._scenarios:
            raise Refused(f"there is no scenario called {name!r} any more")
        self._shown = name
        self._loaded[name] = self._listed.get(name, "")
        self._step(self._live.start_from(name, self._scenarios), "", message)
        self._publish_scenarios()
        self._tell("done", f"Loaded {humanise(name) if name in PLANS else name}.")

    def _save(self, message: Message) -> None:
        self._refuse_reader()
        name, reason = str(message["name"]).strip(), str(message["reason"]).strip()
        choices = self._timeline.present
        base = self._live.start_from(choices.based_on, self._scenarios)
        values = {row.id: base.values.get(row.id, row.expected) for row in self._live.register}
        scenario = as_scenario(name, reason, choices, base.on, values)
        # Only what this user loaded or saved may be replaced: a name merely seen in the list may not.
        ids = [row.id for row in self._live.register]
        self._loaded[name] = save_scenario(self._folder, scenario, ids, self._loaded.get(name, ""))
        self._shown = name
        self._read_scenarios()
        self._publish_scenarios()
        self._tell("done", f"Saved {name} to {SCENARIO_FILE}.")

    def _delete(self, message: Message) -> None:
        self._refuse_reader()
        name = str(message["name"])
        delete_scenario(self._folder, name, self._listed.get(name, ""))
        self._loaded.pop(name, None)
        if self._shown == name:
            self._shown = (
                self._timeline.present.based_on if self._timeline.present.based_on in PLANS else PLANS[2]
            )
        self._read_scenarios()
        self._publish_scenarios()
        self._tell("done", f"Deleted {name}.")

    def _filter(self, message: Message) -> None:
        chosen = {str(key): str(value) for key, value in dict(message["chosen"]).items() if value}
        wanted = Filter(
            {key: value for key, value in chosen.items() if not key.startswith("@")},
            chosen.get("@function", ""),
            chosen.get("@status", ""),
            chosen.get("@when", ""),
        )
        self._publish({"type": "visible", "ids": [row.id for row in self._rows if matches(row, wanted)]})

    def _compare(self, message: Message) -> None:
        names = [str(name) for name in message["names"]][: MOST_COMPARED + 1]
        if len(names) > MOST_COMPARED:
            raise Refused(f"up to {MOST_COMPARED} scenarios can be compared; leave one out first")
        self._work("Comparing", lambda is_void: self._compare_now(names, is_void))

    def _solve(self, message: Message) -> None:
        target = float(message.get("target") or self._live.target)
        if not math.isfinite(target):
            raise Refused("no target stands for this round; type one to solve for")
        name = str(message.get("id") or "")
        rows = tuple(row for row in self._rows if row.id == name or (not name and row.is_open))
        if name and not rows:
            raise Refused(f"there is no assumption called {name}")
        self._work("Solving for the target", lambda is_void: self._solve_now(rows, target, is_void))

    def _export(self, message: Message) -> None:
        name = self._shown
        content = export_scenario(self._live, self._figures, name, self._compared)
        safe = "".join(mark if mark.isalnum() or mark in "-_ " else "_" for mark in name)
        self._publish(
            {
                "type": "download",
                "name": f"{self._live.ready.round.name} {safe}.xlsx",
                "data": base64.b64encode(content).decode("ascii"),
            }
        )

    def _cancel(self, message: Message) -> None:
        self._long.cancel()
        self._publish({"type": "progress", "text": ""})

    # What follows from it.

    def _id(self, message: Message) -> str:
        name = str(message.get("id"))
        if all(row.id != name for row in self._live.register):
            raise Refused(f"there is no assumption called {name}")
        return name

    def _step(self, choices: Any, gesture: str, message: Message) -> None:
        self._timeline = self._timeline.step(choices, gesture)
        self._refresh(message)

    def _refresh(self, message: Message) -> None:
        self._figures = self._live.evaluate(self._timeline.present)
        self._publish(self._show(stale=True, seq=message.get("seq")))
        self._ask_odds()

    def _ask_odds(self) -> None:
        figures = self._figures

        def work(is_void: Callable[[], bool]) -> None:
            odds = self._live.simulate(figures)
            if not is_void():
                self._odds = odds
                self._publish(self._show(stale=False))

        self._quick.submit(self._guard(work))

    def _show(self, *, stale: bool, seq: Any = None) -> dict[str, Any]:
        charts = self._pictures.draw(self._figures, self._odds)
        present = self._timeline.present
        facts = headline_facts(self._pictures, self._figures, self._live.target)
        return {
            "type": "figures",
            "seq": seq,
            "stale": stale,
            "facts": [*facts, odds_fact(self._odds, self._figures, self._pictures.unit)],
            "charts": {name: _picture(chart) for name, chart in charts.items()},
            "rows": {
                row.id: [row.id in present.on, present.values.get(row.id, row.expected)]
                for row in self._live.register
            },
            "shown": self._shown,
            "changed": bool(self._timeline.past),
            "can_undo": bool(self._timeline.past),
            "can_redo": bool(self._timeline.future),
        }

    def _compare_now(self, names: list[str], is_void: Callable[[], bool]) -> None:
        lines = []
        for name in names:
            if is_void():
                return
            if name == _CURRENT:
                figures = self._figures
            else:
                figures = self._live.evaluate(self._live.start_from(name, self._scenarios), name)
            lines.append(_compared_line(name, figures, self._live.simulate(figures), self._live.target))
        columns = [
            "label",
            "plan",
            "baseline",
            "gap",
            "p10",
            "p50",
            "p90",
            "probability",
            "revenue",
            "counted",
        ]
        self._compared = pd.DataFrame(lines, columns=columns)
        chart = _picture(self._pictures.compare(self._compared)) if lines else None
        self._publish({"type": "compared", "names": names, "chart": chart})

    def _solve_now(self, rows: Any, target: float, is_void: Callable[[], bool]) -> None:
        try:
            if len(rows) == 1:
                answers = [solve_for(self._live, self._timeline.present, rows[0], target, is_void)]
            else:
                answers = solve_all(self._live, self._timeline.present, rows, target, is_void)
        except Cancelled:
            return
        by_id = {row.id: row for row in rows}
        lines = [_solved_line(answer, by_id[answer.id]) for answer in answers]
        found = [line for line in lines if line["value"] is not None]
        rest = len(lines) - len(found)
        remark = (
            f"No value on its slider reaches the target for {write_count(rest, 'assumption')}."
            if rest
            else ""
        )
        self._publish({"type": "solved", "target": target, "answers": found, "remark": remark})

    def _work(self, text: str, task: Callable[[Callable[[], bool]], None]) -> None:
        self._publish({"type": "progress", "text": f"{text} …"})

        def work(is_void: Callable[[], bool]) -> None:
            self._guard(task)(is_void)
            if not is_void():
                self._publish({"type": "progress", "text": ""})

        self._long.submit(work)

    def _guard(self, task: Callable[[Callable[[], bool]], None]) -> Callable[[Callable[[], bool]], None]:
        """A task whose faults reach the page as a sentence: nobody waits for a thread's result."""

        def guarded(is_void: Callable[[], bool]) -> None:
            try:
                task(is_void)
            except Exception as error:
                text = str(error) if isinstance(error, AlignmentError) else describe_fault(error)
                self._tell("error", text)

        return guarded

    def _read_scenarios(self) -> None:
        ids = [row.id for row in self._live.register]
        self._scenarios = read_scenarios(self._folder / SCENARIO_FILE, ids)
        self._listed = scenario_versions(self._folder)

    def _list_scenarios(self) -> list[dict[str, str]]:
        return [{"name": item.name, "reason": item.reason} for item in self._scenarios.values()]

    def _publish_scenarios(self) -> None:
        self._publish({"type": "scenarios", "scenarios": self._list_scenarios(), "shown": self._shown})

    def _refuse_reader(self) -> None:
        if not self._can_edit:
            raise Refused("this page is read-only; start it with --edit to save or delete scenarios")

    def _tell(self, kind: str, text: str) -> None:
        self._publish({"type": "notice", "kind": kind, "text": text})


_HANDLERS: dict[str, Callable[[Session, Message], None]] = {
    "hello": Session._hello,
    "set": Session._set,
    "switch": Session._switch,
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


def _picture(chart: Chart) -> dict[str, str]:
    return {"title": chart.title, "subtitle": chart.subtitle, "svg": chart.narrow, "legend": chart.legend}


def _compared_line(name: str, figures: Figures, odds: SpanOdds, target: float) -> dict[str, Any]:
    return {
        "label": "As chosen now" if name == _CURRENT else humanise(name) if name in PLANS else name,
        "plan": figures.total,
        "baseline": figures.baseline,
        "gap": figures.total - target,
        "p10": odds.round["p10"],
        "p50": odds.round["p50"],
        "p90": odds.round["p90"],
        "probability": odds.round.get("probability", math.nan),
        "revenue": figures.revenue,
        "counted": len(figures.rows),
    }


def _solved_line(answer: Answer, row: Any) -> dict[str, Any]:
    text = ""
    if answer.value is not None:
        decimals = max(0, -math.floor(math.log10(row.step)))
        text = f"{write_number(answer.value, decimals, signed=True)} {row.unit}"
        text += ", inside its own range" if answer.inside else ", outside its own range"
    return {
        "id": answer.id,
        "title": row.title,
        "value": answer.value,
        "inside": answer.inside,
        "text": text,
    }


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None
