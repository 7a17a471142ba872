"""How far a batch is, and the time it still takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from alignment_lib.app.batches.progress import BatchProgress, read_earlier_seconds, write_seconds


def test_nothing_is_known_before_a_unit_is_done() -> None:
    batch = BatchProgress(("a", "b"))
    batch.begin_stage("a", "forecasting", 1.0)
    assert batch.seconds_left(3.0) is None
    assert batch.stages == {"a": "forecasting"}


def test_the_mean_of_those_done_is_expected_of_the_rest_shared_among_workers() -> None:
    batch = BatchProgress(("a", "b", "c", "d"), workers=2)
    batch.begin_stage("a", "forecasting", 0.0)
    batch.begin_stage("b", "forecasting", 0.0)
    batch.end_unit("a", 10.0)
    # b has 6 of 10 seconds to go at 4, c and d 10 each.
    assert batch.seconds_left(4.0) == pytest.approx((6 + 10 + 10) / 2)


def test_what_a_unit_took_last_time_is_expected_of_it() -> None:
    batch = BatchProgress(("a", "b"), earlier={"a": 4.0, "b": 6.0})
    assert batch.seconds_left(0.0) == 10.0
    batch.begin_stage("a", "reading inputs", 0.0)
    assert batch.seconds_left(3.0) == 7.0
    assert batch.seconds_left(9.0) == 6.0
    batch.end_unit("a", 9.0)
    batch.end_unit("b", 9.0)
    assert (batch.done, batch.seconds_left(9.0)) == (2, 0.0)


def test_a_unit_finished_before_counts_as_done_and_not_as_quick() -> None:
    batch = BatchProgress(("a", "b"))
    batch.end_unit("a", 5.0)
    assert batch.seconds_left(5.0) is None


def test_word_that_comes_after_the_end_changes_nothing() -> None:
    batch = BatchProgress(("a", "b"))
    batch.end_unit("a", 1.0)
    batch.begin_stage("a", "planning", 2.0)
    batch.begin_stage("elsewhere", "planning", 2.0)
    assert batch.stages == {}


def test_seconds_of_earlier_rounds_are_read_and_a_damaged_note_is_passed_over(tmp_path: Path) -> None:
    for round_name, unit, text in (
        ("2025Q4", "a", json.dumps({"timings": {"x": 1.0}})),
        ("2026Q1", "a", json.dumps({"timings": {"x": 1.5, "y": 2.0}})),
        ("2026Q1", "b", "{"),
    ):
        folder = tmp_path / round_name / unit
        folder.mkdir(parents=True)
        (folder / "manifest.json").touch()
        (folder / "run.json").write_text(text)
    assert read_earlier_seconds(tmp_path, ["a", "b"]) == {"a": 3.5}


def test_seconds_read_as_people_say_them() -> None:
    assert [write_seconds(value) for value in (0.0, 59.4, 61, 3600)] == [
        "0.0 s",
        "59 s",
        "1 min 1 s",
        "1 h 0 min",
    ]
