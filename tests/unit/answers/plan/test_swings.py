"""Swings, targets and streams, from published tables alone."""

import pandas as pd
import pytest

from alignment_lib.answers.plan.streams import streams
from alignment_lib.answers.plan.swings import swings
from alignment_lib.answers.plan.targets import targets
from alignment_lib.inputs.words.nearest import UnknownWord
from alignment_lib.rounds.files.manifest import describe_round
from alignment_lib.rounds.view import RoundView, view_tables
from tests.unit.round_fixture import make_round


@pytest.fixture(scope="module")
def view() -> RoundView:
    result = make_round()
    return view_tables(describe_round(result), result.tables)


def _bare(view: RoundView, *names: str) -> RoundView:
    kept = {key: table for key, table in view.tables.items() if key not in names}
    return RoundView(view.manifest, kept, view.calendar)


def test_targets_are_those_that_stand_with_the_plan_beside(view: RoundView) -> None:
    answer = targets(view)
    odds = view.scenario("odds")
    assert len(answer.frame) == odds["target"].notna().sum()
    pd.testing.assert_series_equal(
        answer.frame["gap"], answer.frame["plan"] - answer.frame["target"], check_names=False
    )
    short = int((answer.frame["gap"] < 0).sum())
    assert answer.sentence == f"Of {len(answer.frame)} targets the plan misses {short}."
    assert targets(view, span=view.round).frame["label"].unique().tolist() == [view.round]


def test_streams_are_the_sums_of_their_rows(view: RoundView) -> None:
    answer = streams(view)
    if not answer.is_answered:
        pytest.skip("the made-up round has no streams")
    inside = view.in_round(view.table("streams")).groupby("stream")["value"].sum()
    sums = answer.frame.set_index("stream")["value"]
    for name, value in inside.items():
        assert sums[name] == pytest.approx(value, abs=1e-9)


def test_swings_are_the_published_ones_of_the_scenario_and_the_span(view: RoundView) -> None:
    table = view.table("sensitivity")
    if table.empty:
        pytest.skip("the made-up round has no swings")
    answer = swings(view)
    assert set(answer.frame["scenario"]) == {view.headline}
    assert set(answer.frame["label"]) == {view.round}


def test_nothing_there_says_what_would_fill_it(view: RoundView) -> None:
    bare = _bare(view, "sensitivity", "odds", "streams")
    assert "give low and high" in swings(bare).sentence
    assert "add rows to the table of targets" in targets(bare).sentence
    assert not streams(bare).is_answered


def test_what_a_question_cannot_follow_is_refused(view: RoundView) -> None:
    with pytest.raises(UnknownWord, match="the same for every part"):
        swings(view, part={"channel": "web"})
    with pytest.raises(UnknownWord, match="did you mean 'web'"):
        targets(view, part={"channel": "wep"})
