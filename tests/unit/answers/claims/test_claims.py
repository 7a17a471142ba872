"""Six factors, promotions, what is due and what is owed."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from alignment_lib.answers.claims.coverage import coverage
from alignment_lib.answers.claims.due import due
from alignment_lib.answers.claims.owed import owed
from alignment_lib.answers.claims.promotions import promotions
from alignment_lib.inputs.words.nearest import UnknownWord
from alignment_lib.rounds.view import RoundView, view_tables


def _plain(markup: object) -> str:
    text = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", str(markup)).replace("\u202f", " ")
    return re.sub(r"\s+", " ", text)


def test_a_factor_nobody_spoke_to_names_whom_to_ask(report_data: RoundView) -> None:
    text = _plain(coverage(report_data).to_html())
    assert "1 of 2 factors are covered by an assumption or by the driver calendar." in text
    assert "Nobody has spoken to new products and services." in text
    assert "not covered Ask brand marketing." in text
    assert "A3 (0 supported by history, 1 without history); the calendar of market index" in text


def test_decisions_due_stand_first_and_late_ones_are_counted(report_data: RoundView) -> None:
    answer = due(report_data)
    assert answer.frame["decision"].tolist() == ["D2", "D1", "D3"]
    assert answer.frame["state"].tolist() == ["overdue", "open", "done"]
    assert answer.sentence == "2 decisions of 3 not yet carried out, 1 overdue."
    assert "Drop the fair D3 events 1 November 2025 done – Not booked again" in _plain(answer.to_html())


def test_only_what_lies_beyond_the_horizon_is_owed(report_data: RoundView) -> None:
    answer = owed(report_data)
    assert answer.frame["owed"].tolist() == [25.0]
    assert "from periods after its horizon" in answer.sentence


def test_the_calendar_holds_promotions_of_the_span_planned_and_claimed(report_data: RoundView) -> None:
    frame = promotions(report_data).frame
    assert frame["what"].tolist() == ["Price cut", "A1 Spring coupon"]
    planned = frame[frame["status"] == "in the calendar"].iloc[0]
    assert planned["where"] == "Tea, shop and web"
    assert planned["depth"] == 0.2
    later = promotions(report_data, span="2026Q2").frame
    assert later["what"].tolist() == ["Feature"]


def test_a_calendar_without_promotions_says_what_would_fill_it(report_data: RoundView) -> None:
    answer = promotions(view_tables(report_data.manifest, {"plan": report_data.table("plan")}))
    assert not answer.is_answered
    assert "No promotion is planned or claimed in 2026Q1" in answer.sentence


def test_parts_of_what_is_known_for_the_whole_only_are_refused(report_data: RoundView) -> None:
    for question in (due, coverage):
        with pytest.raises(UnknownWord):
            question(report_data, part={"product": "Tea"})


def test_owners_and_dates_may_be_missing(report_data: RoundView) -> None:
    bare = report_data.table("decisions")[["decision", "round", "date", "text", "status"]]
    data = view_tables(report_data.manifest, {**report_data.tables, "decisions": pd.DataFrame(bare)})
    assert due(data).frame["owner"].tolist() == ["", "", ""]
    assert "none is overdue" in due(data).sentence
