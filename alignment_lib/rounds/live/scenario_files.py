"""Saving to ``scenarios.yaml``: whole or not at all, comments kept, nobody's save overwritten unseen.

The file is edited as text: only the lines of the scenario that is saved change. Each scenario has a
version, the hash of its lines; a save names the version it started from and is refused where another
person has saved that scenario since. Two people saving different scenarios do not disturb each other.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from pathlib import Path

import yaml

from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.planning.register.actions import Move
from alignment_lib.planning.register.assumptions import PLANS
from alignment_lib.planning.register.scenario_reading import read_scenarios
from alignment_lib.planning.register.scenarios import Scenario
from alignment_lib.rounds.files.atomic_files import replace_users_file
from alignment_lib.rounds.files.saving import hold_saves

__all__ = ["ScenarioConflict", "ScenarioRefused", "delete_scenario", "save_scenario", "scenario_versions"]

SCENARIO_FILE = "scenarios.yaml"
_LONGEST_NAME = 60
_LONGEST_REASON = 500
_HEADER = "# Named scenarios: see docs/bring-your-own-data.md. Saved from the scenario explorer.\n"


class ScenarioRefused(AlignmentError):
    """The scenario cannot be saved as asked; the message says what to change."""

    exit_code = 2


class ScenarioConflict(AlignmentError):
    """Another person saved the scenario in the meantime."""

    exit_code = 3


def scenario_versions(folder: Path) -> dict[str, str]:
    """Version of every scenario in the workspace's file, by name; empty where there is no file."""
    text = _read(folder / SCENARIO_FILE)
    lines = text.splitlines(keepends=True)
    return {name: _version(lines[first:last]) for name, (first, last) in _blocks(text).items()}


def save_scenario(folder: Path, scenario: Scenario, ids: Iterable[str], version: str = "") -> str:
    """Write one scenario into the workspace's file.

    Parameters
    ----------
    folder : Path
        The workspace.
    scenario : Scenario
        With a name and a reason.
    ids : iterable of str
        Ids of the assumptions table, against which the whole file is read back before it is put in place.
    version : str
        The version the user started from; blank for a name that is new to the user.

    Returns
    -------
    str
        The new version.

    Raises
    ------
    ScenarioRefused
        A name or reason that cannot be used.
    ScenarioConflict
        The scenario was saved by another person since `version`.
    InputError
        The file holds something else that cannot be read.
    """
    _check(scenario)
    path = folder / SCENARIO_FILE
    with hold_saves(folder, SCENARIO_FILE):
        text = _read(path)
        read_scenarios(path, ids)
        blocks = _blocks(text)
        lines = text.splitlines(keepends=True)
        _refuse_conflict(lines, blocks, scenario.name, version)
        block = _write_block(scenario)
        if scenario.name in blocks:
            first, last = blocks[scenario.name]
            lines[first:last] = [block]
        else:
            if lines and not lines[-1].endswith("\n"):
                lines[-1] += "\n"
            lines += [block] if lines else [_HEADER, block]
        _put(path, "".join(lines), {*blocks, scenario.name})
    return scenario_versions(folder)[scenario.name]


def delete_scenario(folder: Path, name: str, version: str) -> None:
    """Take one scenario out of the workspace's file.

    Raises
    ------
    ScenarioRefused
        There is none of that name, or another scenario is based on it.
    ScenarioConflict
        It was saved by another person since `version`.
    """
    path = folder / SCENARIO_FILE
    with hold_saves(folder, SCENARIO_FILE):
        text = _read(path)
        blocks, lines = _blocks(text), text.splitlines(keepends=True)
        if name not in blocks:
            raise ScenarioRefused(f"there is no scenario called {name!r} any more; nothing was deleted")
        _refuse_conflict(lines, blocks, name, version)
        built = sorted(key for key, base in _bases(text).items() if base == name)
        if built:
            raise ScenarioRefused(f"{built[0]!r} is based on {name!r}; delete or change that one first")
        first, last = blocks[name]
        del lines[first:last]
        _put(path, "".join(lines), set(blocks) - {name})


def _check(scenario: Scenario) -> None:
    name = scenario.name
    if not name or name != name.strip() or not name.isprintable() or len(name) > _LONGEST_NAME:
        raise ScenarioRefused(
            f"a scenario needs a name of 1 to {_LONGEST_NAME} printable characters, such as 'second push'"
        )
    if name in PLANS:
        raise ScenarioRefused(f"the name {name!r} belongs to one of the three plans; choose another")
    if not scenario.reason.strip():
        raise ScenarioRefused("say in a few words why this scenario is made; others will read it")
    if len(scenario.reason) > _LONGEST_REASON:
        raise ScenarioRefused(f"the reason is longer than {_LONGEST_REASON} characters; shorten it")
    if not all(math.isfinite(value) for value in scenario.values.values()):
        raise ScenarioRefused("a value is not a number; set it again")


def _refuse_conflict(lines: list[str], blocks: dict[str, tuple[int, int]], name: str, version: str) -> None:
    present = _version(lines[slice(*blocks[name])]) if name in blocks else ""
    if present == version:
        return
    if not present:
        raise ScenarioConflict(
            f"{name!r} was deleted by another person since you loaded it; use another name"
        )
    if not version:
        raise ScenarioConflict(
            f"a scenario called {name!r} exists already; load it first or use another name"
        )
    raise ScenarioConflict(
        f"{name!r} was saved by another person since you loaded it; load it again or use another name"
    )


def _put(path: Path, text: str, names: set[str]) -> None:
    """Put the new text in place once it is sure to hold exactly the scenarios it should."""
    try:
        held = set(_blocks(text))
    except ScenarioRefused:
        held = set()
    if held != names:
        raise ScenarioRefused(
            f"{path.name} is written in a form that cannot be changed line by line; "
            "put each scenario on lines of its own and try again"
        )
    replace_users_file(path, text.encode("utf-8"))


def _read(path: Path) -> str:
    # Line ends stay as they are: only our own lines are to change.
    try:
        return path.read_bytes().decode("utf-8") if path.exists() else ""
    except UnicodeDecodeError:
        raise ScenarioRefused(
            f"{path.name} is not UTF-8 text; save it as such and try again; nothing was changed"
        ) from None


def _blocks(text: str) -> dict[str, tuple[int, int]]:
    """First line and line after the last of each scenario, by name."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader) if text.strip() else None
    except (yaml.YAMLError, RecursionError):
        raise ScenarioRefused(
            f"{SCENARIO_FILE} is no YAML that can be read; run alignment check, mend it and try again; "
            "nothing was changed"
        ) from None
    if not isinstance(node, yaml.MappingNode):
        return {}
    found = {}
    lines = text.splitlines(keepends=True)
    for key, value in node.value:
        last = value.end_mark.line + (1 if value.end_mark.column else 0)
        # Blank lines and comments before the next entry belong to that entry.
        while last > key.start_mark.line + 1 and _is_aside(lines, last - 1):
            last -= 1
        found[str(key.value)] = (key.start_mark.line, last)
    return found


def _is_aside(lines: list[str], number: int) -> bool:
    line = lines[number].strip() if number < len(lines) else ""
    return not line or line.startswith("#")


def _bases(text: str) -> dict[str, str]:
    content = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - a loader of plain text only
    return {
        str(name): str(body.get("based_on", "")) for name, body in content.items() if isinstance(body, dict)
    }


def _version(lines: list[str]) -> str:
    return hashlib.sha256("".join(lines).encode("utf-8")).hexdigest()[:16]


def _write_points(scenario: Scenario, name: str) -> float | dict[str, float]:
    """One number, or low, expected and high where a range end is set too."""
    if name not in scenario.ranges:
        return scenario.values[name]
    low, high = scenario.ranges[name]
    points = {"low": low, "expected": scenario.values.get(name, math.nan), "high": high}
    return {key: value for key, value in points.items() if math.isfinite(value)}


def _write_move(move: Move) -> dict[str, object]:
    said: dict[str, object] = {} if move.start is None else {"start": move.start.date()}
    if move.scope:
        said["scope"] = dict(move.scope)
    return said if move.scale == 1.0 and said else {**said, "scale": move.scale}


def _write_block(scenario: Scenario) -> str:
    body: dict[str, object] = {"reason": " ".join(scenario.reason.split()), "based_on": scenario.based_on}
    if scenario.on:
        body["on"] = list(scenario.on)
    if scenario.off:
        body["off"] = list(scenario.off)
    if scenario.drop:
        body["drop"] = list(scenario.drop)
    if scenario.moves:
        body["move"] = {move.assumption: _write_move(move) for move in scenario.moves}
    ids = sorted({*scenario.values, *scenario.ranges})
    if ids:
        body["values"] = {key: _write_points(scenario, key) for key in ids}
    return yaml.safe_dump(
        {scenario.name: body}, sort_keys=False, allow_unicode=True, width=4096, default_flow_style=False
    )
