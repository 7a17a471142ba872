"""Working scenarios inside the report: assumptions switched on and off over an exact grid.

Every combination was planned by the engine before the page was written; the page only looks figures up.
Without its script it shows the plan as it stands.
"""

from __future__ import annotations

import json
import math

import numpy as np

from alignment_lib.answers.answer import Answer
from alignment_lib.answers.markup import Html, tag
from alignment_lib.answers.plan.what_if import Grid, list_switches, read_grid
from alignment_lib.answers.tables import list_rows
from alignment_lib.answers.wording import Scale, humanise, write_odds
from alignment_lib.rounds.view import RoundView

__all__ = ["switchboard"]

_FIGURES = 9


def switchboard(view: RoundView, answer: Answer) -> list[Html]:
    """Switches, and beside them what the plan comes to."""
    grid = read_grid(view)
    scale = grid.scale(view.unit)
    box = tag(
        "div",
        tag("div", _buttons(view, grid), _switches(view, grid, scale)),
        tag("div", _outcome(view, grid, scale), answer.to_html(("table",)), class_="outcome"),
        class_="switchboard",
        data_grid=_encode(grid, scale),
    )
    said = "Switching needs scripts; the plan is shown as it stands."
    return [box, tag("p", said, class_="hint", data_without=True)]


def _encode(grid: Grid, scale: Scale) -> str:
    """The grid for the page's script: numbers only, nine figures each."""

    def short(values: np.ndarray) -> list[float | None]:
        return [float(f"{value:.{_FIGURES}g}") if math.isfinite(value) else None for value in values.tolist()]

    content = {
        "start": grid.start,
        "asked": grid.asked,
        "factor": scale.factor,
        "decimals": scale.decimals,
        "target": grid.target if math.isfinite(grid.target) else None,
        "plan": [short(column) for column in grid.plan.T],
        **{name: short(getattr(grid, name)) for name in ("p10", "p90", "probability")},
    }
    return json.dumps(content, separators=(",", ":"), allow_nan=False)


def _buttons(view: RoundView, grid: Grid) -> Html:
    names = [(humanise(view.headline), grid.start), ("All on", len(grid.plan) - 1), ("All off", 0)]
    buttons = (tag("button", name, type="button", disabled=True, data_set=number) for name, number in names)
    return tag("div", *buttons, class_="buttons")


def _switches(view: RoundView, grid: Grid, scale: Scale) -> Html:
    items = []
    for row in list_rows(list_switches(view, grid)):
        box = tag("input", type="checkbox", disabled=True, checked=row["on"], data_bit=row["bit"])
        label = tag("span", tag("b", row["title"]), tag("small", row["words"]))
        change = scale.write(row["change"], signed=True)
        amount = tag("output", change, class_="change", data_change=row["bit"])
        items.append(tag("li", tag("label", box, label, amount)))
    said = f"Beside each: what switching it changes in {view.round}, {scale.unit}, the others as set."
    listed = tag("ul", *items)
    return tag("fieldset", tag("legend", "Assumptions that count"), listed, tag("p", said, class_="note"))


def _outcome(view: RoundView, grid: Grid, scale: Scale) -> Html:
    plan = float(grid.plan[grid.start, grid.asked])
    terms = [(f"Plan {view.round}, {scale.unit}", scale.write(plan), "plan")]
    if math.isfinite(grid.target):
        less = f"Less target of {scale.write(grid.target)}"
        terms.append((less, scale.write(plan - grid.target, signed=True), "gap"))
        terms.append(("Chance of target", write_odds(float(grid.probability[grid.start])), "probability"))
    band = " to ".join(scale.write(float(ends[grid.start])) for ends in (grid.p10, grid.p90))
    terms.append(("Eight outcomes in ten lie from", band, "band"))
    pairs = (tag("div", tag("dt", term), tag("dd", value, data_out=key)) for term, value, key in terms)
    return tag("div", tag("dl", *pairs), role="status", aria_live="polite")
