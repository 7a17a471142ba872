"""Notebook 4: every target that stands, at its level and span, and what would make it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from alignment_lib.answers.markup import Html
from alignment_lib.answers.tables import Column
from alignment_lib.answers.wording import say_value, write_odds
from alignment_lib.app.explorer.answers import name_of
from alignment_lib.app.explorer.widget import Explorer
from alignment_lib.app.notebook_pages.frame import plain_table, show, unit_of
from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.inputs.written_numbers import PER_CENT, Said
from alignment_lib.planning.odds.target_solving import Solution
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.rounds.live.choices import Choices
from alignment_lib.rounds.live.live_round import SPAN, LiveRound
from alignment_lib.rounds.live.solve import Wish, solve_together

__all__ = ["UnknownPart", "scope_of", "show_targets"]

_MOST = 20


class UnknownPart(AlignmentError):
    """Sales or a span were asked for that this round does not plan."""


def scope_of(live: LiveRound, part: Mapping[str, str] | None = None, span: str = "") -> dict[str, str]:
    """Dimension values and a span as the scope of a sum.

    Raises
    ------
    UnknownPart
        Where nothing is planned for them.
    """
    scope = dict(part or {})
    dimensions = live.ready.dimensions
    unknown = sorted(set(scope) - set(dimensions))
    if unknown:
        raise UnknownPart(
            f"{unknown[0]!r} is no dimension of these sales; there are: {', '.join(dimensions)}"
        )
    if not live.has_series(scope):
        raise UnknownPart(f"nothing is planned for {', '.join(scope.values())}")
    if span and span not in live.span_labels:
        raise UnknownPart(f"{span!r} is no span of this round; there are: {', '.join(live.span_labels)}")
    return scope | ({SPAN: span} if span and span != live.ready.round.name else {})


def show_targets(explorer: Explorer, scenario: str = "consensus", surely: float | None = None) -> Html:
    """Every target of the horizon with plan, odds, and the least change of all assumptions that makes it.

    Parameters
    ----------
    explorer : Explorer
        Of the round; scenarios saved since it was opened are known too.
    scenario : str
        The plan or scenario one starts from.
    surely : float, optional
        Probability with which a target is to be made; without one the plan itself is to equal it.
    """
    live, saved = explorer.session.live, explorer.session.read_scenarios()
    table = live.ready.targets
    standing = table[table["label"].isin(live.span_labels)] if len(table) else table
    if standing.empty:
        return show(
            f"No target in {unit_of(live.ready)} stands for this horizon: add rows to the table of targets, "
            "for all sales or for any product, channel or type of sale."
        )
    choices = live.start_from(scenario, saved)
    lines = [_line(live, choices, line, surely) for line in standing.head(_MOST).to_dict("records")]
    unit, left = unit_of(live.ready), len(standing) - _MOST
    columns = [
        Column("what", "target of"),
        Column("span", "span"),
        Column("target", "target", "number", unit),
        Column("plan", "plan", "number", unit),
        Column("gap", "plan less target", "number", unit, signed=True),
        Column("odds", "odds", "odds"),
        Column("words", "least change of all within their own ranges"),
    ]
    note = f"The first {_MOST}; {left} more targets are not listed." if left > 0 else ""
    return show(plain_table(pd.DataFrame(lines), f"Targets, from {name_of(scenario).lower()}", columns, note))


def _line(
    live: LiveRound, choices: Choices, line: Mapping[Any, Any], surely: float | None
) -> dict[str, object]:
    part = {name: str(line[name]) for name in live.ready.dimensions if line[name]}
    target, label = float(line["target"]), str(line["label"])
    found: dict[str, object] = {
        "what": ", ".join(map(say_value, part.values())) or "all sales",
        "span": label,
        "target": target,
    }
    if not live.has_series(part):
        return found | {"words": "nothing is planned for it"}
    scope = scope_of(live, part, label)
    figures = live.evaluate(choices, scope=scope)
    odds = live.simulate(figures).round["probability"]
    figured = {"plan": figures.total, "gap": figures.total - target, "odds": odds}
    if figures.total >= target if surely is None else odds >= surely:
        return found | figured | {"words": "the plan as it is makes it"}
    solution = solve_together(live, choices, Wish(target, surely, scope=scope))
    return found | figured | {"words": _say(live, solution, surely)}


def _say(live: LiveRound, solution: Solution, surely: float | None) -> str:
    """The change in words; of a target out of reach only how far the claims' own ranges go."""
    if not solution.is_reached:
        chance = "" if surely is None else f", and its odds to {write_odds(solution.probability)}"
        most = f"{Said(solution.plan):,.0f}{chance}"
        return f"out of reach: at the best ends of their ranges the plan comes to {most}"
    known = {row.id: row for row in live.register}
    values = (
        f"{name} at {Said(value):+,.4g}{_unit(known[name])}"
        for name, value in sorted(solution.values.items())
    )
    return "; ".join(values)


def _unit(row: Assumption) -> str:
    return PER_CENT if row.unit == "percent" else f" {row.unit}"
