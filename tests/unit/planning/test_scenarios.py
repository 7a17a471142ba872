"""Scenarios: reading, inheriting, overriding."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from alignment_lib.inputs.problems import InputError
from alignment_lib.planning.register.actions import Move
from alignment_lib.planning.register.assumptions import example_assumption
from alignment_lib.planning.register.scenario_reading import read_scenarios
from alignment_lib.planning.register.scenarios import (
    Scenario,
    actions_of,
    at_value,
    keep_known,
    resolve_scenario,
)

ROWS = [
    example_assumption(id="A1", status="accepted", expected=50.0, low=20.0, high=80.0),
    example_assumption(id="A2", status="proposed", unit="units", expected=100.0, low=50.0, high=150.0),
    example_assumption(id="A3", status="draft", expected=10.0),
    example_assumption(id="A4", status="rejected", expected=10.0),
]


def _read(folder: Path, text: str):
    path = folder / "scenarios.yaml"
    path.write_text(text, encoding="utf-8")
    return read_scenarios(path, [row.id for row in ROWS])


def _problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(InputError) as error:
        _read(folder, text)
    return [str(problem) for problem in error.value.problems]


def test_the_three_plans_count_what_their_names_say() -> None:
    weighted = [replace(row, expected=row.expected / 2) for row in ROWS]
    names = {
        name: [row.id for row in resolve_scenario(ROWS, name, {}, weighted)]
        for name in ("as_proposed", "consensus")
    }
    assert names == {"as_proposed": ["A1", "A2"], "consensus": ["A1"]}
    assert [row.expected for row in resolve_scenario(ROWS, "evidence_weighted", {}, weighted)] == [25.0, 50.0]


def test_a_scenario_inherits_switches_and_values_and_overrides_them(tmp_path: Path) -> None:
    text = """
careful: {based_on: as_proposed, off: [A2], values: {A1: 30}}
bold:
  reason: what if
  based_on: careful
  on: [A3, A2]
  values:
    A2: {low: 90, expected: 120, high: 200}
"""
    scenarios = _read(tmp_path, text)
    rows = {row.id: row for row in resolve_scenario(ROWS, "bold", scenarios, ROWS)}
    assert sorted(rows) == ["A1", "A2", "A3"]
    assert (rows["A2"].low, rows["A2"].expected, rows["A2"].high) == (90.0, 120.0, 200.0)
    # A1 moves from a factor of 1.5 to 1.3; its ends 1.2 and 1.8 keep their ratios: 1.04 and 1.56.
    assert rows["A1"].expected == 30.0
    assert (rows["A1"].low, rows["A1"].high) == (pytest.approx(4.0), pytest.approx(56.0))


def test_a_range_follows_its_value_and_never_passes_a_complete_loss() -> None:
    moved = at_value(ROWS[0], -90.0)
    assert -100.0 < moved.low < -90.0 < moved.high
    volume = at_value(ROWS[1], 300.0)
    assert (volume.low, volume.high) == (250.0, 350.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: {on: [a1]}", "found 'a1', expected an id of the assumptions table; did you mean `A1`?"),
        (
            "a: {of: [A1]}",
            "found the unknown key 'of', expected one of reason, based_on, on, off, drop, move, values;",
        ),
        ("a: {values: {A1: NO}}", "found 'NO', expected a number; write it with a decimal point"),
        ("a: {values: {A1: nan}}", "found 'nan', expected a number"),
        ("a: {values: {A1: {low: 9, high: 3}}}", "found low, expected and high crossing: [9.0, 3.0]"),
        ("consensus: {on: [A1]}", "expected a name of your own of at most 60 letters"),
        ("a: {on: A1}", "found 'A1', expected a list of ids; write `on: [A1, A2]`"),
        ("a: {on: [A1], off: [A1]}", "found A1 both on and off, expected each id once"),
        ("a: {based_on: b}\nb: {based_on: a}", "found a circle through"),
        ("a: {based_on: consenus}", "did you mean `consensus`?"),
        ("a: {on: [A1]}\na: {on: [A2]}", "found the key 'a' twice, expected one entry a scenario"),
        ("- a\n- b", "expected one entry a scenario"),
        ("a: b", "expected keys such as `on`, `off`, `values`"),
    ],
)
def test_each_fault_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    problems = _problems(tmp_path, text)
    assert any(said in problem for problem in problems), problems
    assert all("row" in problem for problem in problems)


def test_no_file_and_an_empty_file_give_no_scenarios(tmp_path: Path) -> None:
    assert read_scenarios(tmp_path / "scenarios.yaml", []) == {}
    assert _read(tmp_path, "# none\n") == {}
    assert _read(tmp_path, "a:\n  on:\n  values:\n  reason: x\n") == {"a": Scenario("a", reason="x")}


def test_ids_recorded_after_the_wall_have_no_effect_and_are_said(tmp_path: Path) -> None:
    path = tmp_path / "scenarios.yaml"
    path.write_text(
        "bold:\n  on: [A1, A9]\n  off: [A8]\n  values:\n    A9: 5\n    A2: {low: 1, expected: 2, high: 3}\n"
        "calm: {off: [A1]}\n"
    )
    written = read_scenarios(path, ["A1", "A2", "A8", "A9"])
    kept, (notice,) = keep_known(written, ["A1", "A2"])
    assert kept["bold"].on == ("A1",)
    assert kept["bold"].off == ()
    assert kept["bold"].values == {"A2": 2.0}
    assert kept["bold"].ranges == {"A2": (1.0, 3.0)}
    assert kept["calm"] == written["calm"]
    assert notice.text == "scenario bold: not recorded at the as-of date, so without effect: A8, A9"
    assert notice.count == 2


def test_actions_are_dropped_and_moved_by_name(tmp_path: Path) -> None:
    path = tmp_path / "scenarios.yaml"
    path.write_text(
        "less:\n  drop: [A1]\n  move:\n    A2: {start: 2026-03-02, scale: 0.5}\n"
        "again:\n  based_on: less\n  on: [A1]\n  move:\n    A3: {scale: 2}\n",
        encoding="utf-8",
    )
    read = read_scenarios(path, ["A1", "A2", "A3"])
    assert actions_of("less", read) == (frozenset({"A1"}), (Move("A2", pd.Timestamp("2026-03-02"), 0.5),))
    dropped, moves = actions_of("again", read)
    assert not dropped
    assert [move.assumption for move in moves] == ["A2", "A3"]
    assert moves[1] == Move("A3", None, 2.0)


def test_every_fault_of_actions_is_named(tmp_path: Path) -> None:
    path = tmp_path / "scenarios.yaml"
    path.write_text(
        "bad:\n  on: [A1]\n  drop: [A1, A9]\n  move:\n    A2: {begin: 2026-03-02}\n    A3: {scale: 0}\n"
        "    A1: {start: March}\n    A4: 3\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        read_scenarios(path, ["A1", "A2", "A3", "A4"])
    said = "\n".join(map(str, caught.value.problems))
    for words in (
        "A1 both on and drop",
        "'A9'",
        "A1 moved and dropped",
        "the unknown key 'begin'",
        "a number above zero",
        "a day as year-month-day",
        "start, scale or scope",
    ):
        assert words in said
