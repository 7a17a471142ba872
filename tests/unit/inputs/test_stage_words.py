"""Stages are read by their parts, in several languages; what is unclear is never settled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.inputs.words.stage_words import (
    Stage,
    is_stage_column,
    is_yes_no,
    read_milestone,
    read_reached,
    read_stage,
    says_no_lead,
)


@pytest.mark.parametrize(
    "word",
    [
        *("Closed Won", "closedwon", "WON!", "Won – partner", "Closed Won (Renewal)", "Gewonnen", "Gagné"),
        *("Cerrada ganada", "Fechado ganho", "Vinta", "Vundet", "Customer", "9 - Won", "Deal won, 100 %"),
    ],
)
def test_wins_in_many_words(word):
    assert (read_stage(word).outcome, read_stage(word).is_sure) == ("won", True)


@pytest.mark.parametrize(
    "word",
    [
        *("Closed-Lost to Competition", "Lost - price", "Deal lost", "closedlost", "Verloren an Mitbewerber"),
        *(
            "Perdu – prix",
            "Cerrada perdida",
            "Persa",
            "Przegrana",
            "Disqualified",
            "No interest",
        ),
        *("Closed - Not Converted", "Lost customer", "Abgelehnt", "Out-Sold", "Canceled"),
    ],
)
def test_losses_in_many_words(word):
    assert (read_stage(word).outcome, read_stage(word).is_sure) == ("lost", True)


@pytest.mark.parametrize(
    "word",
    [
        *("Negotiation/Review", "Qualification", "2. Proposal", "Needs Analysis", "In Bearbeitung", "New"),
        *("Id. Decision Makers", "Open - Not Contacted", "Attempted to Contact", ""),
    ],
)
def test_open_stages_need_no_question(word):
    assert (read_stage(word).outcome, read_stage(word).is_sure) == ("", True)


@pytest.mark.parametrize(
    "word",
    [
        *(
            "Sleeping",
            "Closed",
            "Not won",
            "Almost won",
            "90 % won",
            "Verbally won",
            "Won, then lost",
            "Stage 3",
        ),
        *("Ex-customer", "Reopened", "Won back", "won't buy", "Converted", "Wonderland", "Lostwithiel"),
    ],
)
def test_what_is_unclear_is_asked(word):
    assert not read_stage(word).is_sure


@given(st.text(max_size=40))
def test_any_text_is_read_and_only_known_words_end_a_deal(text):
    stage = read_stage(text)
    assert stage.outcome in ("won", "lost", "")
    if stage.outcome and stage.is_sure:
        assert any(sign.isalpha() for sign in text)


def test_columns_of_stages_and_of_yes_and_no_are_told_apart():
    assert is_stage_column(["Closed Won", "Closed Lost", "Proposal"])
    assert not is_stage_column(["Red", "Green", "Blue"])
    assert is_yes_no(["TRUE", "FALSE"])
    assert not is_yes_no(["yes", "perhaps"])


def test_steps_of_the_funnel_and_results_of_calls():
    assert read_milestone("Sales Qualified Lead") == "accepted_at"
    assert read_milestone("Marketing Qualified Lead") == ""
    assert read_milestone("Proposal/Price Quote") == "opportunity_at"
    assert read_milestone("Lost - proposal declined") == ""
    assert [read_reached(word) for word in ("Connected", "No answer", "busy", "ja", "transferred")] == [
        *("yes", "no", "no", "yes", "")
    ]


@pytest.mark.parametrize("word", ["Junk", "Junk Lead", "5. Spam", "Dublette", "Test", "Invalid"])
def test_what_may_be_no_lead_at_all_is_asked(word):
    assert read_stage(word) == Stage("lost", False)
    assert says_no_lead(word)


@pytest.mark.parametrize("word", ["Lost", "Won", "Not a duplicate", "Negotiation"])
def test_other_stages_are_leads(word):
    assert not says_no_lead(word)
