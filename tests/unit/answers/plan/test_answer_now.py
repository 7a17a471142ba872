"""Will we make it: the sentence, money beside units, and what cannot be said."""

from __future__ import annotations

import pytest

from alignment_lib.answers.plan.answer_now import answer_now, say_money
from alignment_lib.inputs.words.nearest import UnknownWord
from alignment_lib.rounds.view import RoundView, view_tables


def _without(data: RoundView, *names: str) -> RoundView:
    return view_tables(data.manifest, {name: rows for name, rows in data.tables.items() if name not in names})


def test_the_first_sentence_answers_the_first_question(report_data: RoundView) -> None:
    assert answer_now(report_data).sentence.replace("\u202f", " ") == (
        "The plan for 2026Q1 is 32,073 units, 2.8 % below the target. "
        "The chance of making the target is 24 %."
    )


def test_money_is_set_against_its_own_target(report_data: RoundView) -> None:
    frame = answer_now(report_data).frame
    plan = report_data.in_round(report_data.scenario("plan"))["revenue"].sum()
    money = frame[frame["measure"] == "revenue"].iloc[0]
    assert money["plan"] == pytest.approx(plan, abs=1e-9)
    assert money["target"] == 190_000.0
    assert money["gap"] == pytest.approx(plan - 190_000.0, abs=1e-9)
    assert say_money(frame).endswith("than the target of 190,000.")
    assert "EUR" in say_money(frame)


def test_without_a_target_no_odds_are_claimed(report_data: RoundView) -> None:
    said = answer_now(_without(report_data, "odds")).sentence
    assert said == (
        "The plan for 2026Q1 is 32,073 units. No target has been set, so there are no odds of making it."
    )
    frame = answer_now(_without(report_data, "targets")).frame
    assert say_money(frame).endswith("no target in money has been set.")


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (0.0, "above the target of 0."),
        (-500.0, "above the target of −500."),
        (1e-9, "above the target of 0."),
    ],
)
def test_a_target_that_makes_no_share_is_set_beside_the_plan_in_amounts(
    report_data: RoundView, target: float, words: str
) -> None:
    odds = report_data.tables["odds"]
    odds = odds.assign(target=odds["target"].where(odds["target"].isna(), target))
    said = answer_now(view_tables(report_data.manifest, {**report_data.tables, "odds": odds})).sentence
    assert words in said
    assert "%" not in said.split(". ")[0]


def test_parts_and_spans_add_up_to_the_whole(report_data: RoundView) -> None:
    whole = answer_now(report_data).frame["plan"].iloc[0]
    members = report_data.table("plan")["product"].unique()
    parts = [answer_now(report_data, part={"product": name}).frame["plan"].iloc[0] for name in members]
    months = [answer_now(report_data, span=f"2026-0{n}").frame["plan"].iloc[0] for n in (1, 2, 3)]
    assert sum(parts) == pytest.approx(whole, abs=1e-9)
    assert sum(months) == pytest.approx(whole, abs=1e-9)


def test_an_unknown_part_is_named_with_the_nearest(report_data: RoundView) -> None:
    with pytest.raises(UnknownWord, match="Tea"):
        answer_now(report_data, part={"product": "Tee"})
