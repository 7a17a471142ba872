"""What a round and a scenario show of themselves: one card, one line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from alignment_lib.answers.markup import Html, tag
from alignment_lib.answers.notebook_frame import framed
from alignment_lib.answers.wording import humanise, write_date, write_number
from alignment_lib.inputs.written_numbers import Said
from alignment_lib.planning.register.assumptions import PLANS

if TYPE_CHECKING:
    from alignment_lib.app.analyst.round import Round
    from alignment_lib.app.analyst.scenario import Scenario

__all__ = ["round_card", "round_line", "scenario_card", "scenario_line"]

_Fact = tuple[str, str, str]
_CALLS = "plan, bridge, odds, baseline, sales, assumptions, evidence, leads"


def round_card(round_: Round) -> Html:
    """The round in a line of figures, and what can be asked of it."""
    view = round_.view
    first: list[_Fact] = [
        ("Business", str(view.manifest["business"]), f"round {view.round}"),
        ("As of", write_date(view.as_of), " × ".join(view.dimensions)),
    ]
    calls = f"Frames: {_CALLS}. Then: scenario(…).change(…), scenarios, compare(…), answers.<Tab>, explore()."
    headline = round_.scenario()
    return framed(_facts([*first, *_figures(headline, said_name(headline.name))]), _remark(calls))


def scenario_card(scenario: Scenario) -> Html:
    """A scenario's figures, and what whoever made it must know."""
    head = tag("p", tag("strong", said_name(scenario.name)))
    notes: Sequence[Html] = [_remark(note) for note in scenario.notes]
    return framed(head, _facts(_figures(scenario)), *notes)


def round_line(round_: Round) -> str:
    """Business, round, as-of date, and the headline's figures."""
    view = round_.view
    head = f"<Round {view.round} of {view.manifest['business']}, as of {write_date(view.as_of)}"
    return f"{head}: {_figures_line(round_.scenario())}>"


def scenario_line(scenario: Scenario) -> str:
    """Name and figures; notes below it."""
    lines = [f"<Scenario {scenario.name}: {_figures_line(scenario)}>", *scenario.notes]
    return "\n".join(lines)


def said_name(name: str) -> str:
    """A scenario's name as a label."""
    return humanise(name) if name in PLANS else name


def _remark(text: str) -> Html:
    return tag("p", text, class_="note")


def _facts(items: Sequence[_Fact]) -> Html:
    """Figures in a line: label, value and a remark each."""
    found = [(label, tag("dd", value, tag("small", note) if note else None)) for label, value, note in items]
    return tag("dl", *(tag("div", tag("dt", label), value) for label, value in found))


def _figures(scenario: Scenario, name: str = "") -> list[_Fact]:
    said = f"{scenario.unit}, {name}" if name else scenario.unit
    found: list[_Fact] = [("Plan", write_number(scenario.total), said)]
    if math.isfinite(scenario.target):
        gap = write_number(scenario.total - scenario.target, signed=True)
        found.append(("Target", write_number(scenario.target), f"plan {gap}"))
        found.append(("Chance", f"{Said(scenario.chance):.0%}", "that the target is made"))
    else:
        found.append(("Target", "none", "add targets.csv for a chance"))
    return found


def _figures_line(scenario: Scenario) -> str:
    text = f"plan {write_number(scenario.total)} {scenario.unit}"
    if math.isfinite(scenario.target):
        text += f", target {write_number(scenario.target)}, chance {Said(scenario.chance):.0%}"
    return text
