"""What the command line prints: one line an error, and nothing that a terminal would obey."""

from __future__ import annotations

import pandas as pd
import pytest

from alignment_lib.app.batches.batch import Outcome
from alignment_lib.app.batches.batch_output import BatchPrinter
from alignment_lib.app.batches.request import BatchRequest
from alignment_lib.app.console import print_error, print_problems, without_commands
from alignment_lib.app.console_life import print_changes
from alignment_lib.inputs.problems import Problem
from alignment_lib.rounds.closed.round_changes import Comparison

HOSTILE = "Red\x1b[31m \x9b2J bell\x07 turned\u202e back\r\nover"


def obeyed(text: str) -> list[str]:
    return [mark for mark in text if mark in "\x1b\x9b\x07\u202e\r"]


def test_marks_that_a_terminal_would_obey_are_written_out() -> None:
    assert without_commands("a\x1b[2Jb\u202ec") == r"a\x1b[2Jb\u202ec"
    assert without_commands("52\u202f% of 10 €, ä") == "52\u202f% of 10 €, ä"


def test_an_error_is_one_line_whatever_an_input_put_into_it(capsys: pytest.CaptureFixture[str]) -> None:
    print_error(HOSTILE)
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert obeyed(told) == []
    assert r"Red\x1b[31m" in told


def test_a_table_of_problems_shows_what_was_found_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_problems([Problem("sales.csv", HOSTILE, "a number", "write one", row=2, column=HOSTILE)])
    assert obeyed(capsys.readouterr().err) == []


def test_changes_keep_the_space_of_per_cent_and_obey_no_title(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"assumption": "A1", "title": HOSTILE, "change": "new", "details": HOSTILE}
    table = pd.DataFrame([row | {"before": 0.0, "after": 5.0, "difference": 5.0, "money": 50.0}])
    print_changes(Comparison(f"up 52\u202f% {HOSTILE}", "EUR", table))
    told = capsys.readouterr().out
    assert "up 52\u202f%" in told
    assert r"\x1b[31m" in told
    assert obeyed(told) == []


def test_notes_of_many_units_are_said_once_and_as_text(tmp_path, capsys) -> None:  # type: ignore[no-untyped-def]
    units = [tmp_path / name for name in "abcd"]
    printer = BatchPrinter(BatchRequest(tuple(units), tmp_path), quiet=False, json_lines=False)
    outcomes = [Outcome(unit.name, folder=unit, warnings=(HOSTILE, "of all")) for unit in units[:2]]
    outcomes += [Outcome(unit.name, folder=unit, warnings=("of all",)) for unit in units[2:]]
    printer.summarise(outcomes)
    told = capsys.readouterr().out
    assert [line for line in told.splitlines() if "of all" in line] == ["note: of all [a and 3 more]"]
    assert told.count("note: Red") == 1
    assert "[a, b]" in told
    assert obeyed(told) == []
