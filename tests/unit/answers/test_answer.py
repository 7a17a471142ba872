"""An answer shows the parts asked for, and says what would fill it where it has none."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.charts.odds_strip import draw_odds_strip
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import Scale
from alignment_lib.inputs.problems import AlignmentError

_ROWS = pd.DataFrame({"part": ["web", "shop"], "plan": [2.0, 3.0], "aside": [1, 1]})
_SHOWN = Table(
    "Plan by channel, units",
    [Column("part", "Channel"), Column("plan", "Plan", "amount")],
    _ROWS,
    Scale(1.0, 0, "units"),
    total={"part": "Total", "plan": 5.0},
)
_ANSWER = Answer("parts", "Parts of the plan", "Shop is the largest.", _ROWS, shown=_SHOWN)


def test_the_table_is_what_is_shown_with_its_total_last() -> None:
    table = _ANSWER.table()
    assert table.columns.tolist() == ["Channel", "Plan"]
    assert table.iloc[-1].tolist() == ["Total", 5.0]
    assert table["Plan"].iloc[:-1].sum() == table["Plan"].iloc[-1]


def test_only_the_parts_asked_for_are_shown_and_text_is_inert() -> None:
    hostile = Answer("parts", "<b>", "<script>", _ROWS, shown=_SHOWN)
    assert "<table" not in str(hostile.to_html(("sentence",)))
    assert "&lt;script&gt;" in str(hostile.to_html(("sentence",)))
    bare = Answer("parts", "<b>", "Nothing more.", _ROWS)
    assert "<h3>&lt;b&gt;</h3>" in bare._repr_html_()
    assert "<script>" not in hostile._repr_html_()


def test_its_chart_is_drawn_by_matplotlib_and_one_that_has_none_says_so() -> None:
    chart = draw_odds_strip({"plan": 5.0}, name="x", title="Odds", unit="units", period="2026Q1")
    ax = replace(_ANSWER, chart=chart).plot()
    assert [text.get_text() for text in ax.texts] == ["plan 5.0"]
    with pytest.raises(AlignmentError, match=r"Parts of the plan has no chart\. Shop is the largest\."):
        _ANSWER.plot()


def test_a_question_without_an_answer_says_what_would_fill_it() -> None:
    answer = nothing_yet("leads", "Leads required", "Add leads.csv.")
    assert not answer.is_answered
    assert str(answer.to_html()) == "<p>Add leads.csv.</p>"
    assert answer.table().empty
