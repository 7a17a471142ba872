"""Swings in words and as a chart: the span's own rows, both ends as they are, the scenario said."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.plan.swings import draw_swings, pick_swings, say_widest


def _table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "label": ["2026Q1", "2026Q1", "2026Q1", "2026"],
            "assumption": ["A2", "A1", "A3", "A1"],
            "at_low": [130.0, 95.0, 99.9, 400.0],
            "plan": [100.0, 100.0, 100.0, 500.0],
            "at_high": [80.0, 110.0, 100.1, 900.0],
            "swing": [50.0, 15.0, 0.2, 500.0],
        }
    )


def test_only_the_spans_rows_are_picked_and_a_low_value_may_raise_the_plan() -> None:
    found = pick_swings(_table(), "2026Q1", lambda name: f"{name} x")
    assert found.to_numpy().tolist() == [["A2 x", 30.0, -20.0], ["A1 x", -5.0, 10.0]]
    assert pick_swings(_table(), "2026Q2", str).empty


def test_the_chart_and_the_sentence_say_span_scenario_and_width() -> None:
    swings = pick_swings(_table(), "2026Q1", str)
    assert draw_swings(swings, "units", "2026Q1", "as_proposed").alt == (
        "What moves the plan most, 2026Q1, as proposed, in units. "
        "A2 from +30.0 to −20.0; A1 from −5.0 to +10.0."
    )
    assert say_widest(swings, "units").endswith("between its low and its high value lie 50 units.")
