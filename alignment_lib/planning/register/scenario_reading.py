"""Reading ``scenarios.yaml``, every fault with its line.

``scenarios.yaml`` holds one entry a scenario::

    bold:
      reason: what if the feature works as claimed
      based_on: consensus      # optional: one of the three plans, or another scenario
      on: [A3]                 # ids switched on
      off: [A1]                # claims that are doubted: they do not count, their actions still run
      drop: [A5]               # actions dropped: claim and cells of the driver calendar both go
      move:
        A6: {start: 2026-03-02, scale: 0.5}    # an action at other dates, or at another strength, or both
        A7: {scope: {channel: shop}}           # an action elsewhere: members in place of its own
      values:
        A2: 3.5                # a value instead of the expected one, in the row's own unit; its range follows
        A4: {low: 2000, expected: 5000, high: 9000}    # any of the three

Everything is read as text and then typed by what each place expects, so that ``NO``, ``12:30`` or
``007`` can never turn into something else.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from alignment_lib.inputs.configuration.settings_reader import nearest
from alignment_lib.inputs.configuration.yaml_tables import YamlFault, read_yaml
from alignment_lib.inputs.problems import InputError, Problem
from alignment_lib.inputs.tables.raw import clip
from alignment_lib.planning.register.action_scope import Members, as_members
from alignment_lib.planning.register.actions import Move
from alignment_lib.planning.register.assumptions import PLANS
from alignment_lib.planning.register.scenarios import Scenario

__all__ = ["read_scenarios"]

_KEYS = ("reason", "based_on", "on", "off", "drop", "move", "values")
_MOVED = ("start", "scale", "scope")
_POINTS = ("low", "expected", "high")
_ID = "an id of the assumptions table"


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
    switches = {key: _ids(body.get(key, []), (name, key), known, log) for key in ("on", "off", "drop")}
    moves = _moves(body.get("move", {}), (name, "move"), known, log)
    moved = tuple(move.assumption for move in moves)
    for first, second in (("on", "off"), ("on", "drop"), ("off", "drop")):
        for twice in sorted(set(switches[first]) & set(switches[second])):
            log.add(
                (name, second), f"{twice} both {first} and {second}", "each id once", "remove one of the two"
            )
    for twice in sorted(set(switches["drop"]) & set(moved)):
        log.add((name, "move"), f"{twice} moved and dropped", "each id once", "remove one of the two")
    values, ranges = _values(body.get("values", {}), (name, "values"), known, log)
    reason, based_on = str(body.get("reason", "")), str(body.get("based_on", "consensus"))
    on, off, drop = (switches[key] for key in ("on", "off", "drop"))
    return Scenario(name, based_on, on, off, values, reason, ranges, drop, moves)


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


def _moves(raw: Any, way: tuple[str, ...], known: set[str], log: _Log) -> tuple[Move, ...]:
    if raw == "":
        return ()
    if not isinstance(raw, dict):
        log.add(way, clip(raw), "ids with a start or a scale", "write `move: {A1: {start: 2026-03-02}}`")
        return ()
    return tuple(_move(name, given, (*way, name), known, log) for name, given in sorted(raw.items()))


def _move(name: str, given: Any, way: tuple[str, ...], known: set[str], log: _Log) -> Move:
    _check_id(name, way, known, log)
    if not isinstance(given, dict) or not given:
        log.add(way, clip(given), "start, scale or scope", "write `{start: 2026-03-02, scale: 0.5}`")
        return Move(name)
    for key in sorted(set(given) - set(_MOVED)):
        mend = nearest(key, _MOVED) or "remove it"
        log.add((*way, key), f"the unknown key {clip(key)}", "start, scale or scope", mend)
    start, scale = None, 1.0
    if "start" in given:
        day = pd.to_datetime(str(given["start"]), format="%Y-%m-%d", errors="coerce")
        start = None if pd.isna(day) else pd.Timestamp(day)
        if start is None:
            mend = "write it as 2026-03-02"
            log.add((*way, "start"), clip(given["start"]), "a day as year-month-day", mend)
    if "scale" in given:
        scale = _number(given["scale"], (*way, "scale"), log)
        if scale <= 0:
            log.add(
                (*way, "scale"),
                clip(given["scale"]),
                "a number above zero",
                "to leave the action out, drop it",
            )
    return Move(name, start, scale, _scope(given.get("scope", {}), (*way, "scope"), log))


def _scope(given: Any, way: tuple[str, ...], log: _Log) -> Members:
    """Members by dimension; whether the round knows them is told when it is planned."""
    if given == "":
        return ()
    if not isinstance(given, dict) or not all(isinstance(member, str) for member in given.values()):
        log.add(way, clip(given), "a member by dimension", "write `scope: {channel: shop}`")
        return ()
    return as_members(given)


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
