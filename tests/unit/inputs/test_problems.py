"""Problems say what, where and how to mend it; all of them at once."""

from __future__ import annotations

import pytest

from alignment_lib.inputs.problems import AlignmentError, InputError, Problem, ProblemLog, counted


def test_a_problem_reads_as_a_sentence_with_its_place() -> None:
    problem = Problem(
        "a.xlsx", "'x'", "a number", "write digits", sheet="2025", row=7, column="units", count=3
    )
    assert str(problem) == (
        "a.xlsx, sheet 2025, row 7, column units (3 rows): found 'x', expected a number; write digits"
    )
    assert Problem("a.csv", "x", "y", "z").place == "a.csv"


def test_a_log_raises_everything_at_once_and_nothing_where_there_is_nothing() -> None:
    log = ProblemLog()
    log.raise_if_any()
    log.add(Problem("a", "1", "2", "3"))
    log.add(Problem("b", "1", "2", "3"))
    log.note("code", "text", 4)
    with pytest.raises(InputError) as caught:
        log.raise_if_any()
    assert [problem.file for problem in caught.value.problems] == ["a", "b"]
    assert str(caught.value) == "a: found 1, expected 2; 3\nb: found 1, expected 2; 3"
    assert [(notice.code, notice.count) for notice in log.notices] == [("code", 4)]


def test_bad_input_ends_a_run_with_two() -> None:
    assert (AlignmentError.exit_code, InputError.exit_code) == (1, 2)
    assert issubclass(InputError, AlignmentError)


def test_counts_take_an_s_but_for_one() -> None:
    assert [counted(count, "row") for count in (0, 1, 2, 1234)] == ["0 rows", "1 row", "2 rows", "1,234 rows"]
