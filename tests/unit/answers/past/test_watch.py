"""What watching says, in words, tables and a chart."""

from __future__ import annotations

from pathlib import Path

import pytest
from watched_plan import CALENDAR, publish_plan, sales_of, week

from alignment_lib.answers.past.watch import beside_table, cause_odds_table, watch
from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.rounds.closed.watched import watch_snapshot
from alignment_lib.rounds.view import RoundView, view_snapshot, view_tables


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One plan with draws, read only."""
    return publish_plan(tmp_path_factory.mktemp("watched")).folder


def _view(folder: Path, weeks: int, share: float) -> RoundView:
    of_plan = view_snapshot(folder)
    snapshot = Snapshot(folder)
    found = watch_snapshot(snapshot, {"sales": sales_of(snapshot, weeks, share)}, CALENDAR, week(weeks))
    tables = {name: of_plan.table(name) for name in ("plan", "assumptions")}
    return view_tables(of_plan.manifest, {**tables, **found.tables})


def test_a_plan_that_holds_is_said_to_be_inside(folder: Path) -> None:
    said = watch(_view(folder, 4, 1.01)).sentence
    assert said.startswith("2026Q1 is inside its plan: 4 weeks in, ")
    assert "It will end at about" in said


def test_a_plan_that_was_left_says_when_on_which_side_and_why(folder: Path) -> None:
    answer = watch(_view(folder, 6, 0.8))
    assert answer.sentence.startswith("2026Q1 has left its plan: 6 weeks in, ")
    assert "went below its bounds in the week of" in answer.sentence
    assert "no more than 1 in 20 ever does" in answer.sentence
    assert "What explains it best is the baseline" in answer.sentence
    assert "<svg" in str(answer.to_html())


def test_before_anything_came_in_that_is_said(folder: Path) -> None:
    said = watch(_view(folder, 0, 1.0)).sentence
    assert (
        said == "No week of 2026Q1 has ended since its plan was made: its first begins on 29 December 2025."
    )


def test_a_round_that_was_never_watched_says_what_would(published: Path) -> None:
    answer = watch(view_snapshot(published))
    assert not answer.is_answered
    assert "alignment watch" in answer.missing


def test_causes_and_leads_have_tables_where_there_are_any(folder: Path) -> None:
    view = _view(folder, 6, 0.8)
    table = cause_odds_table(view)
    assert table is not None
    assert table.rows["cause"].iloc[0] == "baseline"
    assert beside_table(view) is None
