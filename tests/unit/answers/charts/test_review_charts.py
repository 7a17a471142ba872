"""Charts of funnel and review: words from the same numbers, parts that add up, nothing of a name trusted."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pandas as pd
import pytest

from alignment_lib.answers.charts.cohort_map import draw_cohort_map
from alignment_lib.answers.charts.funnel_sides import draw_funnel
from alignment_lib.answers.charts.ink.palette import ACTUAL, BAD, GOOD, PRIOR
from alignment_lib.answers.charts.line_band import draw_calibration, draw_waiting
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.charts.stakes import draw_stakes
from alignment_lib.answers.charts.value_ladder import draw_value_ladder
from alignment_lib.answers.charts.variance_tree import Branch, draw_variance_tree

NONE = float("nan")


def _funnel(source: str = "web") -> Chart:
    stages = pd.DataFrame(
        {
            "stage": ["visitors", "leads", "accepted", "customers"],
            "count": [9000.0, 200.0, 150.0, 30.0],
            "side": ["", "", "marketing", "sales"],
            "rate": [NONE, NONE, 0.75, 0.2],
            "reference_rate": [NONE, NONE, 0.9, 0.2],
            "reference": ["", "", "promise 90%", ""],
        }
    )
    return draw_funnel(stages, name="f", title=f"Leads of {source}", period="2025")


def _tree() -> Chart:
    rows = [Branch("All", -30.0, 0), Branch("New", -50.0, 1), Branch("Speed", -50.0, 2, "sales", 10.0)]
    return draw_variance_tree([*rows, Branch("Repeat", 20.0, 1)], name="t", title="T", unit="EUR", period="Q")


def _cohorts() -> Chart:
    rows = pd.DataFrame(
        {
            "cohort": ["2025Q1", "2025Q2", "2025Q2"],
            "source": ["web", "web", "fair"],
            "leads": [40, 50, 9],
            "conversion_rate": [0.2, 0.1, NONE],
            "is_young": [False, True, True],
        }
    )
    return draw_cohort_map(rows, name="c", title="C", period="2025")


def _ladder() -> Chart:
    steps = pd.DataFrame(
        {
            "stream": ["naive", "baseline", "consensus"],
            "against": ["", "naive", "baseline"],
            "wape": [0.2, 0.15, 0.18],
            "value_added_share": [NONE, 0.05, -0.03],
        }
    )
    return draw_value_ladder(steps, name="l", title="L", period="closed rounds")


def _calibration() -> Chart:
    bins = {"predicted": [0.1, 0.3], "observed": [0.12, 0.3], "low": [0.1, 0.25], "high": [0.15, 0.35]}
    return draw_calibration(pd.DataFrame(bins | {"leads": [800, 800]}), name="k", title="K", period="all")


def _waiting() -> Chart:
    curve = {"hours": [1.0, 24.0, 500.0], "win_chance": [0.4, 0.3, 0.1], "low": [0.35, 0.3, 0.05]}
    return draw_waiting(
        pd.DataFrame(curve | {"high": [0.45, 0.3, 0.15]}), 24.0, name="w", title="W", period="a"
    )


def _stakes() -> Chart:
    items = pd.DataFrame({"place": [1, 2], "title": ["A <b>", "B"], "money": [-300.0, 120.0]})
    return draw_stakes(items, 2, name="m", title="At stake", unit="EUR")


ALL = [_funnel, _tree, _cohorts, _ladder, _calibration, _waiting, _stakes]


@pytest.mark.parametrize("draw", ALL, ids=lambda draw: draw.__name__)
def test_both_widths_are_whole_drawings_with_the_words_as_their_label(draw) -> None:
    chart = draw()
    for markup in (chart.wide, chart.narrow):
        root = ET.fromstring(markup)
        assert root.attrib["aria-label"] == chart.alt
        assert "nan" not in markup
    assert draw().wide == chart.wide
    assert chart.alt.endswith(".")


@pytest.mark.parametrize("draw", ALL, ids=lambda draw: draw.__name__)
def test_nothing_lies_outside_the_drawing(draw) -> None:
    chart = draw()
    for sheet in chart.sheets:
        paper = chart.paper(sheet)
        for mark in paper.marks:
            assert -1 <= mark.box.left <= mark.box.right <= paper.width + 1
            assert -1 <= mark.box.top <= mark.box.bottom <= paper.height + 1


def _count(chart: Chart, ink: str) -> tuple[int, int]:
    """Areas filled with an ink, and texts written in it."""
    paper = chart.paper(chart.sheets[0])
    return sum(mark.style.fill == ink for mark in paper.marks), sum(one.ink == ink for one in paper.labels)


def test_a_name_from_the_data_is_text_in_the_drawing() -> None:
    chart = _funnel('<script>alert("x")</script>')
    assert "<script" not in chart.wide + chart.narrow + str(chart.to_html())
    assert "<b>" not in _stakes().wide


def test_the_two_sides_of_the_funnel_differ_in_ink_and_in_words() -> None:
    chart = _funnel()
    assert (_count(chart, ACTUAL), _count(chart, PRIOR)) == ((3, 0), (1, 0))
    assert "marketing: 75\u202f% passed; promise 90%" in chart.wide
    assert "sales: 20\u202f% passed<" in chart.wide
    assert "accepted 150, 75\u202f% of the stage before (marketing; against 90\u202f%)" in chart.alt


def test_more_is_blue_with_plus_and_less_is_orange_with_minus() -> None:
    chart = _tree()
    assert (_count(chart, GOOD), _count(chart, BAD)) == ((1, 1), (3, 3))
    assert "New −50.0; Speed −50.0 (sales); Repeat +20.0." in chart.alt


def test_young_cohorts_are_hatched_and_empty_ones_a_dash() -> None:
    chart = _cohorts()
    assert chart.wide.count('fill="url(#hatch-c-wide-0)"') == 1
    assert "2025Q2 10\u202f% (young, 50 leads)" in chart.alt
    assert "fair: ." in chart.alt
    assert chart.wide.count(">–<") == 2


def test_a_step_farther_off_is_said_to_be_worse() -> None:
    assert "Consensus off by 18.0\u202f%, 3.0\u202f% worse than baseline" in _ladder().alt


def test_waiting_is_shown_over_the_first_week() -> None:
    assert "500" not in _waiting().alt
    assert "after 24 hours: 30\u202f%" in _waiting().alt
