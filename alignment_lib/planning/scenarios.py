"""Named scenarios: which assumptions count and at what value.

``scenarios.yaml`` holds one entry a scenario::

    bold:
      reason: what if the feature works as claimed
      based_on: consensus      # optional: one of the three plans, or another scenario
      on: [A3]                 # ids switched on
      off: [A1]                # ids switched off
      values: {A2: 3.5}        # values instead of the expected one, in the row's own unit

Everything is read as text and then typed by what each place expects, so that ``NO``, ``12:30`` or
``007`` can never turn into something else.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from alignment_lib.inputs.problems import InputError, Problem
from alignment_lib.planning.assumptions import PLANS, Assumption, counted_in

__all__ = ["Scenario", "choose_rows", "read_scenarios"]

_KEYS = ("reason", "based_on", "on", "off", "values")


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
    """

    name: str
    based_on: str = "consensus"
    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    values: dict[str, float] = field(default_factory=dict)
    reason: str = ""


class _TextLoader(yaml.SafeLoader):
    """Everything stays text, and a key given twice is an error."""


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(loader.construct_object(key_node, deep=True))
        if key in result:
            mark = key_node.start_mark
            raise yaml.MarkedYAMLError(problem=f"the key {key!r} stands twice", problem_mark=mark)
        result[key] = loader.construct_object(value_node, deep=True)
    return result


_TextLoader.yaml_implicit_resolvers = {}
_TextLoader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_scenarios(path: Path, ids: Iterable[str]) -> dict[str, Scenario]:
    """Read ``scenarios.yaml``; an absent file gives no scenarios.

    Raises
    ------
    InputError
        Naming every scenario, key, id or value that cannot be used.
    """
    if not path.exists():
        return {}
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_TextLoader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        found = str(getattr(error, "problem", None) or "text that is not YAML in UTF-8")
        raise InputError(
            [_problem(path, mark.line + 1 if mark else 0, "", found, "YAML", "correct that line")]
        ) from None
    problems: list[Problem] = []
    known = set(ids)
    if not isinstance(content, dict):
        content = {} if content in (None, "") else _refuse(path, problems, content)
    result = {name: _read_one(path, name, body, known, problems) for name, body in content.items()}
    _check_bases(path, result, problems)
    if problems:
        raise InputError(problems)
    return result


def _problem(path: Path, row: int, column: str, found: str, expected: str, mend: str) -> Problem:
    return Problem(path.name, found, expected, mend, row=row, column=column)


def _refuse(path: Path, problems: list[Problem], content: Any) -> dict[str, Any]:
    problems.append(
        _problem(path, 1, "", repr(content)[:80], "one entry a scenario", "write `name:` and indent")
    )
    return {}


def _read_one(path: Path, name: str, body: Any, known: set[str], problems: list[Problem]) -> Scenario:
    def add(column: str, found: str, expected: str, mend: str) -> None:
        problems.append(_problem(path, 0, f"{name}.{column}" if column else name, found, expected, mend))

    if name in PLANS:
        add("", repr(name), "a name of your own", "this name belongs to one of the three plans; rename it")
    if not isinstance(body, dict):
        add("", repr(body)[:80], "keys such as `on`, `off`, `values`", "indent them below the name")
        return Scenario(name)
    for key in sorted(set(body) - set(_KEYS)):
        near = difflib.get_close_matches(key, _KEYS, 1)
        mend = f"did you mean `{near[0]}`?" if near else "remove it"
        add(key, "an unknown key", "one of " + ", ".join(_KEYS), mend)
    switches = {key: _ids(body.get(key, []), key, known, add) for key in ("on", "off")}
    values = _values(body.get("values", {}), known, add)
    reason, based_on = str(body.get("reason", "")), str(body.get("based_on", "consensus"))
    return Scenario(name, based_on, switches["on"], switches["off"], values, reason)


def _ids(raw: Any, key: str, known: set[str], add: Any) -> tuple[str, ...]:
    if not isinstance(raw, list):
        add(key, repr(raw)[:80], "a list of ids", f"write `{key}: [A1, A2]`")
        return ()
    for value in raw:
        _check_id(str(value), key, known, add)
    return tuple(str(value) for value in raw)


def _check_id(value: str, key: str, known: set[str], add: Any) -> None:
    if value not in known:
        near = difflib.get_close_matches(value, sorted(known), 1)
        mend = f"did you mean `{near[0]}`?" if near else "use an id of the assumptions table"
        add(key, repr(value), "an id of the assumptions table", mend)


def _values(raw: Any, known: set[str], add: Any) -> dict[str, float]:
    if not isinstance(raw, dict):
        add("values", repr(raw)[:80], "ids with numbers", "write `values: {A1: 50}`")
        return {}
    result = {}
    for name, text in raw.items():
        _check_id(name, "values", known, add)
        try:
            result[name] = float(text)
        except (TypeError, ValueError):
            add(f"values.{name}", repr(text)[:80], "a number", "write it with a decimal point")
    return result


def _check_bases(path: Path, scenarios: Mapping[str, Scenario], problems: list[Problem]) -> None:
    for name in scenarios:
        seen, base = {name}, scenarios[name].based_on
        while base in scenarios and base not in seen:
            seen.add(base)
            base = scenarios[base].based_on
        if base not in PLANS:
            found = f"a circle through {base!r}" if base in seen else repr(base)
            expected = "one of " + ", ".join([*PLANS, *sorted(set(scenarios) - {name})])
            problems.append(
                _problem(path, 0, f"{name}.based_on", found, expected, "name a plan it can start from")
            )


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
