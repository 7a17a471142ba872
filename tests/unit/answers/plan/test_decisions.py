"""What is to be decided: each decision with the plan that was worked out for it."""

from __future__ import annotations

import pandas as pd
import pytest

from alignment_lib.answers.plan.decisions import decisions, find_consequences, say_aside
from alignment_lib.inputs.words.nearest import UnknownWord
from alignment_lib.rounds.view import RoundView, view_tables


def test_a_decision_is_shown_with_the_plan_that_was_made_for_it(report_data: RoundView) -> None:
    answer = decisions(report_data)
    row = answer.frame.set_index("assumption").loc["A2"]
    # Switches 0 and 2 are on: with switch 1 the grid holds 30,000 + 1,000 + 600 + 100 - 400.
    assert row["plan_alone"] == pytest.approx(31_300.0)
    assert answer.sentence.startswith("2 assumptions await a decision. If all are rejected the plan is ")
    assert "if all are accepted" in answer.sentence
    assert say_aside(report_data) == "1 draft listed, not counted."


def test_a_published_consequence_is_taken_as_it_is(report_data: RoundView) -> None:
    table = pd.DataFrame(
        [("A2", "accept alone", 1.0, 2.0, 0.5), ("", "accept", 3.0, 2.0, 0.9), ("", "reject", 0.5, 2.0, 0.1)],
        columns=["assumption", "choice", "plan", "target", "probability"],
    )
    data = view_tables(report_data.manifest, {**report_data.tables, "consequence": table})
    assert find_consequences(data).equals(table)
    row = decisions(data).frame.set_index("assumption").loc["A2"]
    assert (row["plan_alone"], row["change_alone"], row["probability_alone"]) == (1.0, 0.5, 0.5)


def test_nothing_to_decide_is_said(report_data: RoundView) -> None:
    register = report_data.table("assumptions").assign(status="accepted")
    data = view_tables(report_data.manifest, {**report_data.tables, "assumptions": register})
    assert decisions(data).sentence == "No assumption awaits a decision."


def test_a_part_is_refused_in_a_sentence(report_data: RoundView) -> None:
    with pytest.raises(UnknownWord, match="whole business"):
        decisions(report_data, part={"product": "Tea"})
