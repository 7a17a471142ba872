"""Working scenarios inside the report: assumptions switched on and off over an exact grid.

Every combination was planned by the engine before the page was written; the page only looks figures up.
Without its script the section shows the plan as it stands.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.answers.facts import compare_scenarios, find_awaiting
from alignment_lib.answers.markup import Html, tag
from alignment_lib.answers.tables import Column, Table, list_rows, render_table
from alignment_lib.answers.wording import (
    Scale,
    choose_scale,
    humanise,
    share_of,
    write_count,
    write_odds,
)
from alignment_lib.publishing.report.report_frame import section
from alignment_lib.rounds.view import RoundView

__all__ = ["ALL_ALIKE", "can_switch", "has_choice", "plans_section", "scenarios_section"]

ALL_ALIKE = "Plans side by side appear while anything awaits a decision, or once scenarios are named."

_FIGURES = 9
_ALIKE = 1e-9
_PLANS = ("consensus", "as_proposed")


def has_choice(data: RoundView) -> bool:
    """Whether the scenarios differ, or anything awaits a decision."""
    rows = compare_scenarios(data)
    alike = bool((rows["plan"] - rows["plan"].iloc[0]).abs().max() < _ALIKE)
    return len(rows) > 1 and not (find_awaiting(data).empty and alike)


def plans_section(data: RoundView) -> Html:
    """All scenarios side by side."""
    rows = compare_scenarios(data)
    rows["name"] = rows["scenario"].map(humanise)
    rows["share"] = [share_of(gap, target) for gap, target in zip(rows["gap"], rows["target"], strict=True)]
    columns = [Column("name", "Plan"), Column("plan", "Amount", "amount")]
    if rows["target"].notna().any():
        columns += [
            Column("target", "Target", "amount"),
            Column("gap", "Plan less target", "amount", signed=True),
            Column("share", "of target", "share", decimals=1, signed=True),
        ]
    columns += [Column("p10", "P10", "amount"), Column("p90", "P90", "amount")]
    if rows["probability"].notna().any():
        columns.append(Column("probability", "Chance of target", "odds"))
    scale = choose_scale([*rows["plan"], *rows["target"]], data.unit, each=True)
    note = (
        "Consensus counts accepted assumptions and the driver calendar; as proposed counts proposed "
        "ones too; evidence weighted counts those at the values that history supports."
    )
    table = render_table(Table(f"{data.round}, {scale.unit}", columns, rows, scale, None, note))
    return section("plans", "The plans side by side", table)


@dataclass(frozen=True)
class _Grid:
    """The combinations as arrays: `plan` has shape (combinations, spans), the others (combinations,)."""

    labels: list[str]
    asked: int
    plan: np.ndarray
    p10: np.ndarray
    p90: np.ndarray
    probability: np.ndarray


def can_switch(data: RoundView) -> bool:
    """Whether the round stored combinations to choose from."""
    return len(data.table("switches")) > 0 and len(data.table("combinations")) > 0


def scenarios_section(data: RoundView) -> Html:
    """Switches, and beside them what the plan comes to."""
    grid, switches = _read_grid(data), data.table("switches").sort_values("position")
    start = int((2 ** switches["position"] * switches["on"]).sum())
    target = _find_target(data)
    scale = choose_scale([*grid.plan[:, grid.asked], target], data.unit)
    text = (
        f"Each of the {write_count(len(grid.plan), 'combination')} of these switches was planned in full "
        "when the report was made. Assumptions without a switch stay as in "
        f"{humanise(data.headline).lower()}."
    )
    box = tag(
        "div",
        tag("div", _draw_buttons(data, switches, start), _draw_switches(data, switches, grid, start, scale)),
        _draw_outcome(data, grid, start, target, scale),
        class_="switchboard",
        data_grid=_encode(grid, target, start, scale),
    )
    without = tag(
        "p", "Switching needs scripts; the plan is shown as it stands.", class_="hint", data_without=True
    )
    return section("scenarios", "What if an assumption falls away?", tag("p", text), box, without)


def _read_grid(data: RoundView) -> _Grid:
    table = data.table("combinations").sort_values(["combination", "start"], kind="stable")
    count = table["combination"].nunique()
    starts = table["start"].iloc[: len(table) // count]
    labels = [str(label) for label in data.labels(starts, data.cycle)]
    asked = labels.index(data.round)

    def shaped(name: str) -> np.ndarray:
        return table[name].to_numpy(dtype=float).reshape(count, len(labels))

    rest = {name: shaped(name)[:, asked] for name in ("p10", "p90", "probability")}
    return _Grid(labels, asked, shaped("plan"), **rest)


def _find_target(data: RoundView) -> float:
    odds = data.scenario("odds")
    if odds.empty:
        return math.nan
    for name in data.dimensions:
        odds = odds[odds[name].isna() | (odds[name] == "")]
    odds = odds[odds["span"] == data.cycle]
    odds = odds[data.labels(odds["start"], data.cycle) == data.round] if len(odds) else odds
    return float(odds["target"].iloc[0]) if len(odds) else math.nan


def _encode(grid: _Grid, target: float, start: int, scale: Scale) -> str:
    """The grid for the page's script: numbers only, nine figures each."""

    def short(values: np.ndarray) -> list[float | None]:
        return [float(f"{value:.{_FIGURES}g}") if math.isfinite(value) else None for value in values.tolist()]

    content = {
        "start": start,
        "asked": grid.asked,
        "factor": scale.factor,
        "decimals": scale.decimals,
        "target": target if math.isfinite(target) else None,
        "plan": [short(column) for column in grid.plan.T],
        "p10": short(grid.p10),
        "p90": short(grid.p90),
        "probability": short(grid.probability),
        "bounds": _bounds(grid, target),
    }
    return json.dumps(content, separators=(",", ":"), allow_nan=False)


def _bounds(grid: _Grid, target: float) -> list[float]:
    amounts = [*grid.p10.tolist(), *grid.p90.tolist(), *grid.plan[:, grid.asked].tolist(), target]
    finite = [amount for amount in amounts if math.isfinite(amount)]
    low, high = min(finite), max(finite)
    room = 0.04 * (high - low) or 1.0
    return [low - room, high + room]


def _draw_buttons(data: RoundView, switches: pd.DataFrame, start: int) -> Html:
    every = 2 ** len(switches) - 1
    names = [(humanise(data.headline), start), ("All on", every), ("All off", 0)]
    buttons = (tag("button", name, type="button", disabled=True, data_set=number) for name, number in names)
    return tag("div", *buttons, class_="buttons")


def _draw_switches(data: RoundView, switches: pd.DataFrame, grid: _Grid, start: int, scale: Scale) -> Html:
    register = data.table("assumptions").set_index("id")
    verdicts = data.table("evidence")
    known = dict(zip(verdicts["assumption"], verdicts["verdict"], strict=True)) if len(verdicts) else {}
    items = []
    for row in list_rows(switches):
        bit, name = 1 << int(row["position"]), str(row["assumption"])
        facts = register.loc[name] if name in register.index else pd.Series(dtype=object)
        words = [str(facts.get(key) or "") for key in ("owner", "status")] + [str(known.get(name, ""))]
        change = grid.plan[start | bit, grid.asked] - grid.plan[start & ~bit, grid.asked]
        box = tag("input", type="checkbox", disabled=True, checked=bool(row["on"]), data_bit=bit)
        label = tag(
            "span",
            tag("b", str(facts.get("title", name))),
            tag("small", ", ".join([name, *(word for word in words if word)])),
        )
        amount = tag("output", scale.write(float(change), signed=True), class_="change", data_change=bit)
        items.append(tag("li", tag("label", box, label, amount)))
    note = tag(
        "p",
        f"Beside each: what switching it changes in {data.round}, {scale.unit}, the others as set.",
        class_="note",
    )
    return tag("fieldset", tag("legend", "Assumptions that count"), tag("ul", *items), note)


def _draw_outcome(data: RoundView, grid: _Grid, start: int, target: float, scale: Scale) -> Html:
    plan = float(grid.plan[start, grid.asked])
    terms = [_term(f"Plan {data.round}, {scale.unit}", scale.write(plan), "plan")]
    if math.isfinite(target):
        terms.append(
            _term(f"Less target of {scale.write(target)}", scale.write(plan - target, signed=True), "gap")
        )
        terms.append(_term("Chance of target", write_odds(float(grid.probability[start])), "probability"))
    band = f"{scale.write(float(grid.p10[start]))} to {scale.write(float(grid.p90[start]))}"
    terms.append(_term("Eight outcomes in ten lie from", band, "band"))
    return tag(
        "div",
        tag("div", tag("dl", *terms), role="status", aria_live="polite"),
        _draw_strip(grid, start, target),
        _draw_spans(data, grid, start, scale),
        class_="outcome",
    )


def _term(term: str, value: str, key: str) -> Html:
    return tag("div", tag("dt", term), tag("dd", value, data_out=key))


def _draw_strip(grid: _Grid, start: int, target: float) -> Html:
    """Band, plan and target on the one scale that holds every combination; the script moves its marks."""
    low, high = _bounds(grid, target)

    def place(amount: float) -> float:
        return round((amount - low) / (high - low) * 600, 1)

    left, right = place(float(grid.p10[start])), place(float(grid.p90[start]))
    width = max(right - left, 1)
    plan = place(float(grid.plan[start, grid.asked]))
    aim = place(target) if math.isfinite(target) else None
    parts = [
        '<line x1="0" y1="20" x2="600" y2="20" stroke="var(--rule)"/>',
        f'<rect data-mark="band" x="{left}" y="8" width="{width}" height="24" fill="var(--band)"/>',
        f'<line data-mark="plan" x1="{plan}" y1="3" x2="{plan}" y2="37" stroke="var(--ink)" '
        'stroke-width="3"/>',
    ]
    if aim is not None:
        parts.append(f'<path d="M{aim} 12l8 8-8 8-8-8z" fill="var(--target)" stroke="var(--paper)"/>')
    words = "Shaded: eight outcomes in ten; line: plan" + ("; diamond: target." if aim is not None else ".")
    drawing = Html(f'<svg viewBox="0 0 600 40" aria-hidden="true">{"".join(parts)}</svg>')
    return tag("div", drawing, tag("p", words, class_="legend"), class_="marks")


def _draw_spans(data: RoundView, grid: _Grid, start: int, scale: Scale) -> Html | None:
    if len(grid.labels) < 2:
        return None
    head = tag(
        "tr",
        tag("th", humanise(data.cycle), scope="col", class_="words"),
        tag("th", "Plan", tag("small", scale.unit), scope="col", class_="number"),
        tag("th", f"Against {humanise(data.headline).lower()}", scope="col", class_="number"),
    )
    rows = [
        tag(
            "tr",
            tag("th", label, scope="row"),
            tag("td", scale.write(float(grid.plan[start, at])), class_="number", data_span=at),
            tag("td", scale.write(0.0), class_="number", data_against=at),
        )
        for at, label in enumerate(grid.labels)
    ]
    caption = f"The plan with these switches, {grid.labels[0]} to {grid.labels[-1]}"
    total = tag(
        "tr",
        tag("th", "Total", scope="row"),
        tag("td", scale.write(float(grid.plan[start].sum())), class_="number", data_span="all"),
        tag("td", scale.write(0.0), class_="number", data_against="all"),
    )
    return tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *rows), tag("tfoot", total))
