"""Claims, roles and the scheme: the same figures on every face, unknown rounds named with the nearest."""

from __future__ import annotations

import pytest

from alignment_lib.answers.past.payout import gaming, payout, results_table
from alignment_lib.answers.past.record import cuts_table, record, roles_table
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.words.nearest import UnknownWord
from alignment_lib.review.record import summarise_record
from alignment_lib.rounds.view import RoundView


def _nothing() -> RoundView:
    return RoundView({"round": "2026Q1", "cycle": "quarter", "currency": "EUR"}, {}, Calendar("month"))


def test_a_roles_record_is_the_summary_of_the_claims_shown(report_data: RoundView) -> None:
    answer, roles = record(report_data), roles_table(record(report_data))
    assert roles is not None
    owners = summarise_record(answer.frame)
    assert (
        roles.rows["realised_share"].tolist()
        == owners.loc[owners["group"] == "owner", "realised_share"].tolist()
    )
    assert answer.sentence.startswith("2 assumptions of closed rounds have been scored.")
    assert cuts_table(answer) is not None


def test_one_round_may_be_asked_for_and_an_unknown_one_names_the_nearest(report_data: RoundView) -> None:
    assert record(report_data, span="2025Q3").frame["assumption"].tolist() == ["B1"]
    with pytest.raises(UnknownWord, match="2025Q4"):
        record(report_data, span="2025Q5")
    with pytest.raises(UnknownWord, match="leave part out"):
        payout(report_data, part={"product": "Tea"})


def test_the_statement_adds_up_and_its_table_ends_with_the_sum(report_data: RoundView) -> None:
    answer = payout(report_data)
    total = answer.table().iloc[-1]
    assert (total["On target"], total["Paid"]) == (10_000.0, 8_750.0)
    assert "8,750 EUR" in answer.sentence


def test_without_a_scheme_or_a_closed_round_the_answer_says_what_would_fill_it() -> None:
    assert "section [incentives]" in payout(_nothing()).sentence
    assert "has closed yet" in record(_nothing()).sentence
    assert not gaming(_nothing()).is_answered
    assert results_table(_nothing()) is None
    assert roles_table(record(_nothing())) is None
