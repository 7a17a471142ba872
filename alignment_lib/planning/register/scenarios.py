"""Named scenarios: which assumptions count, at what value, and which actions are dropped or moved.

`alignment_lib.planning.register.scenario_reading` reads them from ``scenarios.yaml``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import Notice
from alignment_lib.planning.register.actions import Move
from alignment_lib.planning.register.assumptions import PLANS, Assumption, counted_in

__all__ = [
    "Scenario",
    "actions_of",
    "at_value",
    "keep_known",
    "leave_over",
    "note_begun",
    "resolve_scenario",
]


@dataclass(frozen=True)
class Scenario:
    """A named change of one of the plans.

    Attributes
    ----------
    name : str
        As in the file.
    based_on : str
        One of the three plans or another scenario.
    on, off : tuple of str
        Ids switched on and off; the action of a claim that is off still runs.
    values : dict of str to float
        Values in place of the expected ones, by id.
    reason : str
        Why it was made.
    ranges : dict of str to (low, high)
        Range ends in place of the stated ones, by id; NaN where the end follows the value.
    drop : tuple of str
        Ids whose actions do not run.
    moves : tuple of Move
        Actions at other dates or strength; without a start at the row's own. One that changes neither
        takes back a move of what the scenario is based on.
    """

    name: str
    based_on: str = "consensus"
    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    values: dict[str, float] = field(default_factory=dict)
    reason: str = ""
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    moves: tuple[Move, ...] = ()


def keep_known(
    scenarios: Mapping[str, Scenario], known: Iterable[str]
) -> tuple[dict[str, Scenario], list[Notice]]:
    """The scenarios without the ids that were not known at the as-of date, and what was left out.

    A file names assumptions of every round; seen from an earlier day some of them had not been recorded.

    Examples
    --------
    >>> keep_known({"bold": Scenario("bold", on=("A1", "A9"))}, ["A1"])[0]["bold"].on
    ('A1',)
    """
    ids = set(known)
    kept: dict[str, Scenario] = {}
    notices = []
    for name, scenario in scenarios.items():
        moved = {move.assumption for move in scenario.moves}
        named = {*scenario.on, *scenario.off, *scenario.drop, *moved, *scenario.values, *scenario.ranges}
        kept[name] = replace(
            scenario,
            on=tuple(one for one in scenario.on if one in ids),
            off=tuple(one for one in scenario.off if one in ids),
            values={one: value for one, value in scenario.values.items() if one in ids},
            ranges={one: ends for one, ends in scenario.ranges.items() if one in ids},
            drop=tuple(one for one in scenario.drop if one in ids),
            moves=tuple(move for move in scenario.moves if move.assumption in ids),
        )
        unknown = sorted(named - ids)
        if unknown:
            text = f"scenario {name}: not recorded at the as-of date, so without effect: {', '.join(unknown)}"
            notices.append(Notice("scenario_later", text, len(unknown)))
    return kept, notices


def leave_over(
    scenarios: Mapping[str, Scenario], register: Iterable[Assumption], first: pd.Timestamp
) -> tuple[dict[str, Scenario], list[Notice]]:
    """The scenarios without drops of actions that are over, and what was left out: those have run.

    Examples
    --------
    >>> from alignment_lib.planning.register.assumptions import example_assumption
    >>> row, later = example_assumption(), pd.Timestamp("2030-01-01")
    >>> found, notices = leave_over({"calm": Scenario("calm", drop=(row.id,))}, [row], later)
    >>> found["calm"].drop, notices[0].code
    ((), 'scenario_over')
    """
    over = {row.id for row in register if row.end < first}
    kept, notices = {}, []
    for name, scenario in scenarios.items():
        gone = sorted(over & set(scenario.drop))
        kept[name] = replace(scenario, drop=tuple(one for one in scenario.drop if one not in over))
        if gone:
            text = (
                f"scenario {name}: ended before {first:%Y-%m-%d}, so not dropped any more: {', '.join(gone)}"
            )
            notices.append(Notice("scenario_over", text, len(gone)))
    return kept, notices


def note_begun(
    scenarios: Mapping[str, Scenario], register: Iterable[Assumption], first: pd.Timestamp
) -> list[Notice]:
    """Moves of actions that have begun by now: they stand in the file from an earlier day, without effect."""
    begun = {row.id for row in register if row.start < first}
    notices = []
    for name, scenario in scenarios.items():
        moved = sorted(move.assumption for move in scenario.moves if move.assumption in begun)
        if moved:
            text = (
                f"scenario {name}: begun before {first:%Y-%m-%d}, so not moved any more: {', '.join(moved)}"
            )
            notices.append(Notice("scenario_begun", text, len(moved)))
    return notices


def resolve_scenario(
    register: Sequence[Assumption],
    name: str,
    scenarios: Mapping[str, Scenario],
    weighted: Sequence[Assumption],
) -> list[Assumption]:
    """The rows that count in a plan or scenario, with the values and ranges they have there.

    Parameters
    ----------
    register : sequence of Assumption
        As claimed.
    name : str
        One of the three plans, or a scenario.
    scenarios : mapping of str to Scenario
        The workspace's own.
    weighted : sequence of Assumption
        The register at evidence-weighted values and ranges.
    """
    if name in PLANS:
        source = weighted if name == "evidence_weighted" else register
        return [row for row in source if counted_in(row, name)]
    scenario = scenarios[name]
    counted = {row.id: row for row in resolve_scenario(register, scenario.based_on, scenarios, weighted)}
    known = {row.id: row for row in register}
    ids = _switched(set(counted), scenario)
    return [_overridden(counted.get(name, known[name]), scenario) for name in sorted(ids)]


def _switched(counted: set[str], scenario: Scenario) -> set[str]:
    """Ids that count in a scenario; a moved action counts."""
    moved = {move.assumption for move in scenario.moves}
    return (counted | set(scenario.on) | moved) - set(scenario.off) - set(scenario.drop)


def actions_of(name: str, scenarios: Mapping[str, Scenario]) -> tuple[frozenset[str], tuple[Move, ...]]:
    """Actions that a plan or scenario drops and moves, those of what it is based on included.

    >>> bold = Scenario("bold", drop=("A1", "A2"))
    >>> actions_of("bolder", {"bold": bold, "bolder": Scenario("bolder", "bold", on=("A2",))})
    (frozenset({'A1'}), ())
    """
    if name not in scenarios:
        return frozenset(), ()
    scenario = scenarios[name]
    dropped, moves = actions_of(scenario.based_on, scenarios)
    mine = {move.assumption: move for move in scenario.moves}
    kept = {move.assumption: move for move in moves if move.assumption not in scenario.drop}
    whole = kept | mine
    dropped = (dropped | set(scenario.drop)) - {*scenario.on, *scenario.off, *mine}
    return frozenset(dropped), tuple(whole[key] for key in sorted(whole) if not whole[key].is_idle)


def _overridden(row: Assumption, scenario: Scenario) -> Assumption:
    return at_value(row, scenario.values.get(row.id, row.expected), scenario.ranges.get(row.id))


def at_value(row: Assumption, value: float, ends: tuple[float, float] | None = None) -> Assumption:
    """The row at another value; a range end not given keeps its distance from the value.

    Percent effects keep the ratio of their factors, so that no end passes below -100 %.

    Parameters
    ----------
    row : Assumption
        As claimed.
    value : float
        Instead of the expected one, in the row's own unit.
    ends : (low, high), optional
        Instead of the stated ones; NaN where an end follows the value.
    """
    low, high = (_follow(row, end, value) for end in (row.low, row.high))
    given = ends or (math.nan, math.nan)
    low, high = (found if math.isnan(end) else end for end, found in zip(given, (low, high), strict=True))
    if math.isnan(low) and math.isnan(high):
        return replace(row, expected=value)
    return replace(row, expected=value, low=float(np.fmin(low, value)), high=float(np.fmax(high, value)))


def _follow(row: Assumption, end: float, value: float) -> float:
    if math.isnan(end) or value == row.expected:
        return end
    if row.unit == "percent" and row.expected > -100 and value > -100:
        return ((1 + end / 100) * (1 + value / 100) / (1 + row.expected / 100) - 1) * 100
    return end + value - row.expected
