"""What ``--retry`` leaves alone: the same inputs, choices and code, and every file as published."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from alignment_lib.app.batches.batch import run_batch
from alignment_lib.app.batches.finished import is_finished
from alignment_lib.app.batches.request import BatchRequest
from tests.faults.runs import make_unit


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> BatchRequest:
    """One unit, planned."""
    folder = tmp_path_factory.mktemp("finished")
    unit = make_unit(folder / "unit", 1)
    request = BatchRequest((unit,), folder / "out", "2026Q1", cache=folder / "cache", render=False)
    assert [outcome.code for outcome in run_batch(request)] == [0]
    return request


def finished(request: BatchRequest) -> bool:
    return is_finished(request, request.workspaces[0]) is not None


def test_the_same_request_is_finished(done: BatchRequest) -> None:
    assert finished(done)


def test_other_choices_are_not(done: BatchRequest) -> None:
    assert not finished(replace(done, scenario="as_proposed"))
    assert not finished(replace(done, round="2026Q2"))
    assert not finished(replace(done, render=True))
    assert not finished(replace(done, as_of=pd.Timestamp("2025-12-15")))


def test_the_day_that_is_the_default_may_be_named(done: BatchRequest) -> None:
    assert finished(replace(done, as_of=pd.Timestamp("2026-01-01")))


def test_a_round_of_another_day_is_not_the_default_one(done: BatchRequest, tmp_path: Path) -> None:
    early = replace(done, output=tmp_path / "out", as_of=pd.Timestamp("2025-12-01"))
    assert [outcome.code for outcome in run_batch(early)] == [0]
    assert finished(early)
    assert not finished(replace(early, as_of=None))


def test_a_round_left_blank_is_the_one_after_the_last_sales(done: BatchRequest, tmp_path: Path) -> None:
    assert finished(replace(done, round=""))
    later = replace(done, output=tmp_path / "out", round="2026Q2", as_of=pd.Timestamp("2026-04-01"))
    assert [outcome.code for outcome in run_batch(later)] == [0]
    assert not finished(replace(later, round="", as_of=None))


def test_a_table_added_since_counts(done: BatchRequest) -> None:
    extra = done.workspaces[0] / "targets.csv"
    extra.write_text("round,measure,target\n2026Q1,units,700\n")
    assert not finished(done)
    extra.unlink()
    assert finished(done)


def test_a_damaged_file_counts(done: BatchRequest) -> None:
    plan = done.output / "2026Q1" / "unit" / "plan.parquet"
    kept = plan.read_bytes()
    plan.write_bytes(kept[:-1])
    assert not finished(done)
    plan.write_bytes(kept)
    assert finished(done)


def test_an_earlier_round_that_came_or_changed_since_counts(done: BatchRequest, tmp_path: Path) -> None:
    output = tmp_path / "out"
    first = replace(done, output=output)
    assert [outcome.code for outcome in run_batch(first)] == [0]
    assert finished(first)
    # Retry asks for this round alone; what stands before it decides its record, debts and changes.
    before = replace(first, round="2025Q4")
    assert [outcome.code for outcome in run_batch(before)] == [0]
    assert not finished(first)
    assert [outcome.code for outcome in run_batch(first)] == [0]
    assert finished(first)
    assert [outcome.code for outcome in run_batch(replace(before, scenario="as_proposed"))] == [0]
    assert not finished(first)


def test_a_plan_of_other_code_counts(done: BatchRequest) -> None:
    notes = done.output / "2026Q1" / "unit" / "run.json"
    kept = notes.read_text()
    notes.write_text(kept.replace('"code": "', '"code": "x'))
    assert not finished(done)
    notes.write_text(kept)
    assert finished(done)
