"""Named scenarios: which assumptions count and at what value.

``scenarios.yaml`` holds one entry a scenario::

    bold:
      reason: what if the feature works as claimed
      based_on: consensus      # optional: one of the three plans, or another scenario
      on: [A3]                 # ids switched on
      off: [A1]                # ids switched off
      values:
        A2: 3.5                # a value instead of the expected one, in the row's own unit; its range follows
        A4: {low: 2000, expected: 5000, high: 9000}    # any of the three

Everything is read as text and then typed by what each place expects, so that ``NO``, ``12:30`` or
``007`` can never turn into something else.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from alignment_lib.inputs.configuration.settings_reader import nearest
from alignment_lib.inputs.configuration.yaml_tables import YamlFault, read_yaml
from alignment_lib.inputs.problems import InputError, Notice, Problem
from alignment_lib.inputs.tables.raw import clip
from alignment_lib.planning.register.assumptions import PLANS, Assumption, counted_in

__all__ = ["Scenario", "at_value", "choose_rows", "keep_known", "read_scenarios", "resolve_scenario"]

_KEYS = ("reason", "based_on", "on", "off", "values")
_POINTS = ("low", "expected", "high")
_ID = "an id of the assumptions table"


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
        Ids switched on and off.
    values : dict of str to float
        Values in place of the expected ones, by id.
    reason : str
        Why it was made.
    ranges : dict of str to (low, high)
        Range ends in place of the stated ones, by id; NaN where the end follows the value.
    """

    name: str
    based_on: str = "consensus"
    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    values: dict[str, float] = field(default_factory=dict)
    reason: str = ""
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)


@dataclass
class _Log:
    """Problems of one file, each with the line on which it stands."""

    path: Path
    lines: Mapping[tuple[str, ...], int]
    problems: list[Problem] = field(default_factory=list)

    def add(self, way: tuple[str, ...], found: str, expected: str, mend: str) -> None:
        line = next((self.lines[way[:end]] for end in range(len(way), -1, -1) if way[:end] in self.lines), 0)
        column = ".".join(way)
        self.problems.append(Problem(self.path.name, found, expected, mend, row=line, column=column))


def read_scenarios(path: Path, ids: Iterable[str], content: bytes | None = None) -> dict[str, Scenario]:
    """Read ``scenarios.yaml``; an absent file gives no scenarios.

    Parameters
    ----------
    path : Path
        The file.
    ids : iterable of str
        Ids that the assumptions table has.
    content : bytes, optional
        What was read of the file before; it is not read again.

    Raises
    ------
    InputError
        Naming every scenario, key, id or value that cannot be used, with its line.
    """
    if content is None and not path.exists():
        return {}
    try:
        written, lines = read_yaml(path if content is None else content)
    except YamlFault as fault:
        problem = Problem(path.name, fault.found, "one entry a scenario", fault.mend, row=fault.line)
        raise InputError([problem]) from None
    log = _Log(path, lines)
    if not isinstance(written, dict):
        if written:
            log.add((), clip(written), "one entry a scenario", "write `name:` and indent what belongs to it")
        written = {}
    known = set(ids)
    result = {name: _read_one(name, body, known, log) for name, body in written.items()}
    _check_bases(result, log)
    if log.problems:
        raise InputError(log.problems)
    return result


def _read_one(name: str, body: Any, known: set[str], log: _Log) -> Scenario:
    if name in PLANS or not name.strip() or not name.isprintable() or len(name) > 60:
        mend = "rename it; the three plans keep their names"
        log.add((name,), clip(name), "a name of your own of at most 60 letters", mend)
    if not isinstance(body, dict):
        log.add((name,), clip(body), "keys such as `on`, `off`, `values`", "indent them below the name")
        return Scenario(name)
    for key in sorted(set(body) - set(_KEYS)):
        mend = nearest(key, _KEYS) or "remove it"
        log.add((name, key), f"the unknown key {clip(key)}", "one of " + ", ".join(_KEYS), mend)
    switches = {key: _ids(body.get(key, []), (name, key), known, log) for key in ("on", "off")}
    for twice in sorted(set(switches["on"]) & set(switches["off"])):
        log.add((name, "off"), f"{twice} both on and off", "each id once", "remove one of the two")
    values, ranges = _values(body.get("values", {}), (name, "values"), known, log)
    reason, based_on = str(body.get("reason", "")), str(body.get("based_on", "consensus"))
    return Scenario(name, based_on, switches["on"], switches["off"], values, reason, ranges)


def _ids(raw: Any, way: tuple[str, ...], known: set[str], log: _Log) -> tuple[str, ...]:
    if raw == "":
        return ()
    if not isinstance(raw, list) or not all(isinstance(value, str) for value in raw):
        log.add(way, clip(raw), "a list of ids", f"write `{way[-1]}: [A1, A2]`")
        return ()
    for value in raw:
        _check_id(value, way, known, log)
    return tuple(raw)


def _check_id(value: str, way: tuple[str, ...], known: set[str], log: _Log) -> None:
    if value not in known:
        log.add(way, clip(value), _ID, nearest(value, known) or "use an id of the assumptions table")


def _values(
    raw: Any, way: tuple[str, ...], known: set[str], log: _Log
) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    values: dict[str, float] = {}
    ranges: dict[str, tuple[float, float]] = {}
    if raw == "":
        return values, ranges
    if not isinstance(raw, dict):
        log.add(way, clip(raw), "ids with numbers", "write `values: {A1: 50}`")
        return values, ranges
    for name, given in raw.items():
        _check_id(name, way, known, log)
        points = _points(given, (*way, name), log)
        if math.isfinite(points[1]):
            values[name] = points[1]
        if math.isfinite(points[0]) or math.isfinite(points[2]):
            ranges[name] = (points[0], points[2])
    return values, ranges


def _points(given: Any, way: tuple[str, ...], log: _Log) -> tuple[float, float, float]:
    if not isinstance(given, dict):
        given = {"expected": given}
    for key in sorted(set(given) - set(_POINTS)):
        mend = nearest(key, _POINTS) or "remove it"
        log.add((*way, key), f"the unknown key {clip(key)}", "low, expected or high", mend)
    low, expected, high = (
        _number(given[key], (*way, key), log) if key in given else math.nan for key in _POINTS
    )
    ordered = [point for point in (low, expected, high) if math.isfinite(point)]
    if ordered != sorted(ordered):
        log.add(way, f"low, expected and high crossing: {ordered}", "low ≤ expected ≤ high", "correct them")
    return low, expected, high


def _number(text: Any, way: tuple[str, ...], log: _Log) -> float:
    try:
        number = float(text)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        log.add(way, clip(text), "a number", "write it with a decimal point")
    return number


def _check_bases(scenarios: Mapping[str, Scenario], log: _Log) -> None:
    for name in scenarios:
        seen, base = {name}, scenarios[name].based_on
        while base in scenarios and base not in seen:
            seen.add(base)
            base = scenarios[base].based_on
        if base not in PLANS:
            found = f"a circle through {clip(base)}" if base in seen else clip(base)
            expected = "one of " + ", ".join([*PLANS, *sorted(set(scenarios) - {name})])
            mend = nearest(base, [*PLANS, *scenarios]) if base not in seen else ""
            log.add((name, "based_on"), found, expected, mend or "name a plan it can start from")


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
        named = {*scenario.on, *scenario.off, *scenario.values, *scenario.ranges}
        kept[name] = replace(
            scenario,
            on=tuple(one for one in scenario.on if one in ids),
            off=tuple(one for one in scenario.off if one in ids),
            values={one: value for one, value in scenario.values.items() if one in ids},
            ranges={one: ends for one, ends in scenario.ranges.items() if one in ids},
        )
        unknown = sorted(named - ids)
        if unknown:
            text = f"scenario {name}: not recorded at the as-of date, so without effect: {', '.join(unknown)}"
            notices.append(Notice("scenario_later", text, len(unknown)))
    return kept, notices


def choose_rows(
    assumptions: Iterable[Assumption],
    name: str,
    scenarios: Mapping[str, Scenario],
    weighted: Mapping[str, float],
) -> tuple[list[Assumption], dict[str, float]]:
    """Rows that count in a plan or scenario, and the values to use in place of the expected ones.

    Parameters
    ----------
    assumptions : iterable of Assumption
        The register.
    name : str
        One of the three plans, or a scenario.
    scenarios : mapping of str to Scenario
        The workspace's own.
    weighted : mapping of str to float
        Evidence-weighted value by id.
    """
    rows = list(assumptions)
    if name in PLANS:
        counted = [row for row in rows if counted_in(row, name)]
        return counted, dict(weighted) if name == "evidence_weighted" else {}
    scenario = scenarios[name]
    counted, values = choose_rows(rows, scenario.based_on, scenarios, weighted)
    chosen = ({row.id for row in counted} | set(scenario.on)) - set(scenario.off)
    return [row for row in rows if row.id in chosen], values | scenario.values


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
    counted |= {id_: known[id_] for id_ in scenario.on if id_ not in counted}
    chosen = [row for id_, row in sorted(counted.items()) if id_ not in scenario.off]
    return [_overridden(row, scenario) for row in chosen]


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
