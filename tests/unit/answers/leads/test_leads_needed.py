"""Leads required: accepted leads by month, with capacity; what exceeds it is said once."""

from __future__ import annotations

import pandas as pd
import pytest

from alignment_lib.answers.leads.leads_needed import answer_leads, leads_needed, sources_table
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.words.nearest import UnknownWord
from alignment_lib.rounds.view import RoundView

NONE = float("nan")


def _months(capacity: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "label": ["2026-01", "2026-02"],
            "leads": [100.0, 80.0],
            "required": [50.0, 40.0],
            "available": [45.0, 45.0],
            "capacity": capacity,
        }
    )


def test_the_sentence_says_need_and_what_exceeds_the_capacity() -> None:
    said = answer_leads(_months([44.0, 44.0])).sentence
    assert said.startswith(
        "From Jan 2026 to Feb 2026 the plan needs 180 leads, 90 of them accepted; 90 accepted"
    )
    assert said.endswith("1 month needs more than can be handled, 6 accepted leads in all.")
    assert answer_leads(_months([60.0, 60.0])).sentence.endswith("No month needs more than can be handled.")
    assert "a capacity table would say" in answer_leads(_months([NONE, NONE])).sentence


def test_chart_and_table_hold_the_same_months() -> None:
    answer = answer_leads(_months([44.0, 44.0]))
    assert answer.chart is not None
    assert "Jan 2026: required 50.0, to be expected 45.0, capacity 44.0" in answer.chart.alt
    assert answer.table()["accepted required"].tolist() == [50.0, 40.0]


def test_without_leads_the_answer_says_what_would_fill_it_and_a_part_is_refused() -> None:
    view = RoundView({"round": "2026Q1", "scenario": "consensus"}, {}, Calendar("month"))
    assert "table leads" in leads_needed(view).sentence
    assert sources_table(view) is None
    with pytest.raises(UnknownWord, match="leave part out"):
        leads_needed(view, part={"product": "A"})
