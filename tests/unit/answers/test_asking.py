"""What a question is asked about: checked words, and exactly the rows that are meant."""

import numpy as np
import pandas as pd
import pytest

from alignment_lib.answers.asking import ask
from alignment_lib.answers.catalogue import QUESTIONS, find_question
from alignment_lib.inputs.words.nearest import UnknownWord, check_word, say_unknown
from alignment_lib.rounds.files.manifest import describe_round
from alignment_lib.rounds.view import RoundView, view_tables
from tests.unit.round_fixture import make_round


@pytest.fixture(scope="module")
def view() -> RoundView:
    result = make_round()
    return view_tables(describe_round(result), result.tables)


def test_nothing_said_means_the_round_the_whole_and_the_headline(view: RoundView) -> None:
    question = ask(view)

    assert question.is_whole
    assert (question.span, question.scenario, dict(question.part)) == ("2026Q1", view.headline, {})
    expected = view.in_round(view.scenario("plan"))
    pd.testing.assert_frame_equal(question.rows("plan"), expected)


@pytest.mark.parametrize("span", ["2026-02", "2026Q2", "2026", "2025Q3"])
def test_spans_of_every_length_hold_their_own_periods_only(view: RoundView, span: str) -> None:
    question = ask(view, span=span)

    assert set(view.calendar.label(question.periods, question.cycle)) == {span}
    table = "history" if span.startswith("2025") else "plan"
    assert set(question.rows(table)["period"]) <= set(question.periods)


def test_parts_of_a_dimension_sum_to_the_whole(view: RoundView) -> None:
    members = view.table("plan")["channel"].astype(str).unique()

    parts = [ask(view, part={"channel": name}).rows("plan")["plan"].sum() for name in members]

    assert sum(parts) == pytest.approx(ask(view).rows("plan")["plan"].sum(), rel=1e-12)


def test_published_odds_are_of_just_what_is_asked(view: RoundView) -> None:
    whole, part = ask(view).odds(), ask(view, part={"channel": "web"}, span="2026Q2").odds()

    assert np.isfinite(whole["p50"])
    assert part["p50"] != whole["p50"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"scenario": "consesus"}, "did you mean 'consensus'"),
        ({"span": "2026Q11"}, "did you mean '2026Q1'"),
        ({"part": {"channell": "web"}}, "did you mean 'channel'"),
        ({"part": {"channel": "wep"}}, "did you mean 'web'"),
    ],
)
def test_a_typing_error_names_the_nearest(view: RoundView, asked: dict[str, object], said: str) -> None:
    with pytest.raises(UnknownWord, match=said):
        ask(view, **asked)  # type: ignore[arg-type]


def test_capitals_do_not_matter_and_numbers_are_words() -> None:
    assert check_word("WEB", ["web", "shop"], "channel") == "web"
    assert check_word(10, ["10", "2"], "store") == "10"


def test_a_word_without_a_neighbour_lists_what_there_is() -> None:
    assert say_unknown("qqq", ["web", "shop"], "channel") == (
        "no channel is called 'qqq'; there are: web, shop"
    )
    assert "and 3 more" in say_unknown("qqq", [f"member {n}" for n in range(11)], "channel")


def test_an_unknown_question_is_refused_and_every_known_one_is_found() -> None:
    with pytest.raises(UnknownWord):
        find_question("bridgge")
    for place in QUESTIONS:
        assert callable(find_question(place.rpartition(".")[2]))
