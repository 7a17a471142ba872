"""What is to be decided: each decision with the plan that was worked out for it."""

from __future__ import annotations

import pandas as pd
import pytest

from alignment_lib.answers.plan.decisions import decisions, find_consequences, say_aside
from alignment_lib.inputs.words.nearest import UnknownWord
from alignment_lib.rounds.view import RoundView, view_tables


def test_an_older_round_shows_what_was_planned_for_its_switches(report_data: RoundView) -> None:
    answer = decisions(report_data)
    row = answer.frame.set_index("assumption").loc["A2"]
    # Switches 0 and 2 are on: with switch 1 the grid holds 600 more, and 100 because the first two meet.
    assert row["option"] == "accept alone"
    assert row["units"] == pytest.approx(700.0)
    assert answer.sentence.startswith("2 assumptions await a decision. If all are rejected the plan is ")
    assert "if all are accepted" in answer.sentence
    assert say_aside(report_data) == "1 draft listed, not counted."


def test_published_consequences_are_taken_as_they_are(report_data: RoundView) -> None:
    rows = [("A2", "accept alone", 5.0, 30.0, 0.2, 0.3), ("A4", "accept alone", -9.0, -40.0, 0.2, 0.1)]
    rows += [("A2", "drop", -7.0, -35.0, 0.2, 0.1)]
    names = ["assumption", "option", "units", "revenue", "probability_before", "probability"]
    table = pd.DataFrame(rows, columns=names)
    data = view_tables(report_data.manifest, {**report_data.tables, "consequences": table})
    assert find_consequences(data).equals(table)
    answer = decisions(data)
    assert answer.frame["assumption"].tolist() == ["A4", "A2", "A2"]
    assert answer.shown is not None
    assert answer.shown.rows["accept alone"].tolist() == [-9.0, 5.0]
    assert answer.shown.total is None


def test_nothing_to_decide_is_said(report_data: RoundView) -> None:
    register = report_data.table("assumptions").assign(status="accepted")
    data = view_tables(report_data.manifest, {**report_data.tables, "assumptions": register})
    assert decisions(data).sentence == "No assumption awaits a decision."


def test_a_part_is_refused_in_a_sentence(report_data: RoundView) -> None:
    with pytest.raises(UnknownWord, match="whole business"):
        decisions(report_data, part={"product": "Tea"})
