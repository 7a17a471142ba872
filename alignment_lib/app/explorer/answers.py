"""What a session sends back to the page: pictures, rows and answers as plain values."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from alignment_lib.answers.live.pictures import Pictures, headline_facts, odds_fact
from alignment_lib.answers.markup import join
from alignment_lib.answers.odds_words import years_known
from alignment_lib.answers.plan.one_decision import decide_each
from alignment_lib.answers.tables import render_table
from alignment_lib.answers.wording import choose_scale, humanise, write_count, write_number
from alignment_lib.app.explorer.easel import picture
from alignment_lib.app.explorer.rows import Row, find_filters, say_dates
from alignment_lib.inputs.written_numbers import Said
from alignment_lib.planning.odds.target_solving import Solution
from alignment_lib.planning.register.action_scope import say_members
from alignment_lib.planning.register.assumptions import PLANS, Assumption
from alignment_lib.planning.register.scenarios import Scenario
from alignment_lib.rounds.live.choices import Choices, Timeline
from alignment_lib.rounds.live.comparison import Comparison
from alignment_lib.rounds.live.figures import Figures, SpanOdds
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.view import RoundView

__all__ = [
    "compared_answer",
    "decisions_answer",
    "download_answer",
    "figures_answer",
    "name_of",
    "round_answer",
    "scenario_list",
    "solved_answer",
]


def name_of(name: str) -> str:
    """A plan or scenario as a label; blank is what the sliders show."""
    return "As chosen now" if not name else humanise(name) if name in PLANS else name


def round_answer(live: LiveRound, rows: Sequence[Row], unit: str, can_edit: bool) -> dict[str, Any]:
    """What stays the same while choices change."""
    ready = live.ready
    return {
        "type": "state",
        "business": ready.workspace.settings.business.name,
        "round": ready.round.name,
        "as_of": f"{ready.round.as_of:%Y-%m-%d}",
        "unit": unit,
        "target": live.target if math.isfinite(live.target) else None,
        "can_edit": can_edit,
        "rows": [row.to_message() for row in rows],
        "filters": find_filters(rows, ready.horizon.grid.keys, live.span_labels, ready.round.name),
        "plans": [{"name": name, "label": humanise(name)} for name in PLANS],
    }


def scenario_list(scenarios: Iterable[Scenario]) -> list[dict[str, str]]:
    """Name and reason of every saved scenario."""
    return [{"name": item.name, "reason": item.reason} for item in scenarios]


def _years(live: LiveRound) -> float:
    periods = pd.DatetimeIndex(live.ready.history.periods)
    return years_known(periods, periods[-1]) if len(periods) else math.nan


def figures_answer(
    live: LiveRound, pictures: Pictures, figures: Figures, odds: SpanOdds | None, timeline: Timeline
) -> dict[str, Any]:
    """What follows a movement at once: first line, where every slider stands, and which charts there are."""
    present, effects = timeline.present, dict(figures.effects)
    facts, scale = headline_facts(pictures, figures), choose_scale([figures.total], pictures.unit)
    return {
        "type": "figures",
        "facts": [*facts, odds_fact(odds, figures, pictures.unit, _years(live))],
        "names": pictures.names(figures, odds),
        "rows": {
            row.id: {
                "stand": _stand(present, row.id),
                "value": row.expected,
                "effect": scale.say(effects[row.id], signed=True) if row.id in effects else "",
                **_moved(present, row),
            }
            for row in live.every_row(present)
        },
        "goal": _goal(pictures, figures),
        "can_undo": bool(timeline.past),
        "can_redo": bool(timeline.future),
    }


def _stand(present: Choices, name: str) -> str:
    return "dropped" if name in present.dropped else "counts" if name in present.on else "doubted"


def _moved(present: Choices, row: Assumption) -> dict[str, Any]:
    """Where an action has been moved to, in words, with its new first day and strength; blank where not."""
    move = next((one for one in present.moves if one.assumption == row.id), None)
    start = f"{row.start:%Y-%m-%d}"
    if move is None:
        return {"moved": "", "start": start, "scale": 1.0, "scope": ""}
    words = say_dates(row) + ("" if move.scale == 1.0 else f", {Said(move.scale):g} times as strong")
    words += f", in {say_members(move.scope)}" if move.scope else ""
    members = " / ".join(member for _, member in move.scope)
    return {"moved": words, "start": start, "scale": move.scale, "scope": members}


def _goal(pictures: Pictures, figures: Figures) -> dict[str, Any]:
    """What is solved for: the sales and the span shown, and the target that stands for them."""
    return {
        "label": f"Target of {pictures.say_scope(figures.scope)}, {pictures.unit}",
        "target": figures.target if math.isfinite(figures.target) else None,
    }


def compared_answer(
    pictures: Pictures, found: Comparison, names: list[str], scope: Mapping[str, str]
) -> dict[str, Any]:
    """Scenarios on one scale, then in figures."""
    if found.totals.empty:
        return {"type": "compared", "names": names, "chart": None, "tables": ""}
    chart, tables = pictures.compare(found, scope)
    shown = str(join(render_table(table) for table in tables))
    return {"type": "compared", "names": names, "chart": picture(chart), "tables": shown}


def decisions_answer(live: LiveRound, view: RoundView) -> dict[str, Any]:
    """What each open decision does, to stand beside its claim: the figures that are published."""
    plan = live.evaluate(live.start_from(view.headline)).total
    rows = {
        name: {"line": one.line, "table": str(render_table(one.table))}
        for name, one in decide_each(view, plan).items()
    }
    return {"type": "decisions", "rows": rows}


def solved_answer(
    found: Sequence[tuple[str, Solution]], rows: Mapping[str, Row], choices: Choices, target: float
) -> dict[str, Any]:
    """Solutions as lines that can be used; what does not reach the target is counted."""
    reached = [(name, solution) for name, solution in found if solution.is_reached]
    # What lies within its own range comes first: it is what its owner holds possible.
    reached.sort(key=lambda item: not all(_inside(rows[one], value) for one, value in item[1].values.items()))
    rest = len(found) - len(reached)
    remark = f"No value of it reaches the target for {write_count(rest, 'assumption')}." if rest else ""
    if rest and len(found) == 1:
        remark = found[0][1].sentence
    return {
        "type": "solved",
        "target": target,
        "answers": [_solution(name, solution, rows, choices) for name, solution in reached],
        "remark": remark,
    }


def _solution(name: str, solution: Solution, rows: Mapping[str, Row], choices: Choices) -> dict[str, Any]:
    if not name:
        # All together: the sentence says whose claims would have to change by how much, and what each adds.
        title = "Least change of all within their ranges"
        return {"id": name, "title": title, "values": solution.values, "text": solution.sentence}
    values = solution.values or {name: choices.values.get(name, rows[name].expected)}
    told = [
        (_told(rows[one], value) if name else f"{one} at {_told(rows[one], value)}")
        for one, value in sorted(values.items())
    ]
    text = "; ".join(told) or "the plan as it is reaches it"
    if math.isfinite(solution.probability):
        text += f"; the target is then made with {Said(solution.probability):.0%}"
    title = f"{name} {rows[name].title}" if name in rows else "Least change of all within their ranges"
    return {"id": name, "title": title, "values": values, "text": text}


def _inside(row: Row, value: float) -> bool:
    return row.low - 1e-9 <= value <= row.high + 1e-9


def _told(row: Row, value: float) -> str:
    decimals = max(0, -math.floor(math.log10(row.step)))
    text = f"{write_number(value, decimals, signed=True)} {row.unit}"
    if row.low < row.high:
        text += ", inside its own range" if _inside(row, value) else ", outside its own range"
    return text


def download_answer(round_name: str, shown: str, content: bytes) -> dict[str, str]:
    """A workbook for the page to hand to its user."""
    safe = "".join(mark if mark.isalnum() or mark in "-_ " else "_" for mark in shown)
    data = base64.b64encode(content).decode("ascii")
    return {"type": "download", "name": f"{round_name} {safe}.xlsx", "data": data}
