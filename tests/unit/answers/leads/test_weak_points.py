"""Weak points by money: the dearest first, nothing added up that overlaps."""

from __future__ import annotations

from alignment_lib.answers.leads.weak_points import weak_points
from alignment_lib.rounds.view import RoundView, view_tables


def test_weak_points_are_ordered_by_money_and_told_by_side(report_data: RoundView) -> None:
    answer = weak_points(report_data)
    assert answer.sentence.startswith(
        "The largest weak point is worth 12,000 EUR: Web leads called within a day"
    )
    assert "On the side of marketing: 1 place, the dearest worth 4,000 EUR." in answer.sentence
    assert answer.frame["sentence"].tolist()[-1] == "No brief for spring."
    assert answer.shown is not None
    assert answer.shown.total is None


def test_without_a_funnel_it_is_said_what_would_fill_it(report_data: RoundView) -> None:
    bare = view_tables(report_data.manifest, {"plan": report_data.table("plan")})
    assert "once the workspace has a leads table" in weak_points(bare).sentence


def test_where_nothing_stands_out_that_is_the_answer(report_data: RoundView) -> None:
    rows = report_data.table("weak_points").iloc[:1]
    none = rows.assign(
        side="", stage="none", value=0.0, customers=float("nan"), sentence="Nothing stands out."
    )
    view = view_tables(report_data.manifest, {"plan": report_data.table("plan"), "weak_points": none})
    answer = weak_points(view)
    assert answer.sentence == "Nothing stands out."
    assert answer.shown is None
