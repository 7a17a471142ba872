"""How earlier plans came out: plan, target and actual of each closed round."""

from __future__ import annotations

import pytest

from alignment_lib.answers.past.accuracy import accuracy
from alignment_lib.inputs.words.nearest import UnknownWord
from alignment_lib.rounds.view import RoundView, view_tables


def test_each_round_is_set_beside_its_target_and_what_was_sold(report_data: RoundView) -> None:
    answer = accuracy(report_data)
    frame = answer.frame.set_index("round")
    assert frame.index.tolist() == ["2025Q3", "2025Q4"]
    assert frame["plan"].tolist() == [9_800.0, 10_600.0]
    assert frame["miss"].tolist() == [-200.0, 600.0]
    assert frame.loc["2025Q4", "target"] == 30_000.0
    assert answer.sentence.replace("\u202f", " ") == (
        "2 earlier plans missed by 4 % of what was sold on average, at most by 6 %; 1 of 2 lay too high. "
        "Last year's figure would have missed by 5.5 %."
    )


def test_nothing_closed_and_a_part_are_said(report_data: RoundView) -> None:
    bare = view_tables(report_data.manifest, {"plan": report_data.table("plan")})
    assert "once a round of this unit has been published and closed" in accuracy(bare).sentence
    with pytest.raises(UnknownWord, match="whole business"):
        accuracy(report_data, span="2026-01")
