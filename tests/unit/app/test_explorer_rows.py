"""Rows of the explorer: sliders, labels and filters."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.app.explorer.rows import Filter, _slider_ends, find_filters, list_rows, matches
from alignment_lib.planning.register.assumptions import Assumption

DAY = pd.Timestamp("2026-01-01")


def claim(**changes):
    values = {
        "id": "A1",
        "kind": "promotion",
        "title": "Coupon",
        "owner": "tm",
        "function": "marketing",
        "start": DAY,
        "end": DAY,
    }
    values |= {"unit": "percent", "expected": 10.0, "low": 5.0, "high": 20.0, "status": "proposed"}
    return Assumption(**(values | changes))


def rows_of(*claims, evidence=None, start=DAY):
    known = pd.DataFrame(
        evidence or [], columns=["assumption", "supported", "standard_error", "verdict", "sentence"]
    )
    return list_rows(claims, known, "units", "EUR", start)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5))
def test_a_slider_reaches_beyond_every_point_in_steps_that_divide_it(points):
    least, most, step = _slider_ends(points, "units")
    assert least <= min(points)
    assert most >= max(points)
    assert step > 0
    assert (most - least) / step <= 260


def test_a_percent_slider_never_goes_below_minus_a_hundred():
    assert _slider_ends([-100.0, 0.0], "percent")[0] == -100.0


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({}, "% of baseline"),
        ({"kind": "price_change", "elasticity": -2.0}, "% of price"),
        ({"unit": "units"}, "units"),
        ({"unit": "revenue"}, "EUR"),
    ],
)
def test_the_label_says_the_unit(changes, label):
    assert rows_of(claim(**changes))[0].unit == label


def test_the_claim_is_said_with_its_range():
    text = rows_of(claim())[0].to_message()["claim"]
    assert text == "claimed +10.0 % of baseline, from +5.0 to +20.0 eight times in ten"


def test_what_history_supports_lies_on_the_slider_with_its_verdict():
    evidence = [["A1", 55.0, 4.0, "pessimistic", "A1 claims +10 %."]]
    row = rows_of(claim(), evidence=evidence)[0]
    assert (row.supported, row.error, row.verdict, row.sentence) == (
        55.0,
        4.0,
        "pessimistic",
        "A1 claims +10 %.",
    )
    assert row.most > 55.0


def test_a_message_to_the_page_holds_no_nan():
    message = rows_of(claim(low=math.nan, high=math.nan))[0].to_message()
    assert (message["low"], message["high"], message["supported"]) == (None, None, None)


def test_rows_that_ended_before_the_horizon_come_last_and_are_not_open():
    late = claim(id="A0", end=DAY - pd.Timedelta(days=1))
    rows = rows_of(late, claim())
    assert [(row.id, row.is_open) for row in rows] == [("A1", True), ("A0", False)]
    assert not matches(rows[1], Filter(when="open"))


def test_a_filter_keeps_rows_that_are_not_limited_in_that_dimension():
    tea, cake, every = rows_of(
        claim(id="T", scope={"product": "Tea"}), claim(id="C", scope={"product": "Cake"}), claim(id="E")
    )
    wanted = Filter({"product": "Tea"})
    assert [matches(row, wanted) for row in (tea, cake, every)] == [True, False, True]


@pytest.mark.parametrize("wanted", [Filter(function="sales"), Filter(status="accepted")])
def test_function_and_status_filter_too(wanted):
    row = rows_of(claim())[0]
    assert not matches(row, wanted)
    assert matches(row, Filter(function="marketing", status="proposed"))


def test_only_filters_with_something_to_choose_are_offered():
    rows = rows_of(claim(id="T", scope={"product": "Tea"}), claim(id="S", function="sales"))
    keys = pd.DataFrame({"product": ["Tea", "Cake"], "channel": "shop", "sale_type": ["cross_sell", "new"]})
    names = [(item["name"], item["values"]) for item in find_filters(rows, keys)]
    assert names == [
        ("product", [["Cake", "Cake"], ["Tea", "Tea"]]),
        ("sale_type", [["cross_sell", "Cross-sell"], ["new", "New"]]),
        ("@function", [["marketing", "marketing"], ["sales", "sales"]]),
    ]


def test_figures_of_other_spans_are_offered_beside_the_rounds_own():
    keys = pd.DataFrame({"product": ["Tea"]})
    (found,) = find_filters(rows_of(claim()), keys, ["2026Q1", "2026Q2", "2026"], "2026Q1")
    assert (found["name"], found["label"], found["blank"]) == ("@span", "Figures of", "2026Q1")
    assert found["values"] == [["2026Q2", "2026Q2"], ["2026", "2026"]]
    assert find_filters(rows_of(claim()), keys, ["2026Q1"], "2026Q1") == []


def test_a_claim_is_not_said_twice():
    said = rows_of(claim(), evidence=[["A1", 9.0, 4.0, "supported", "A1 claims +10 %; history +9 %."]])[0]
    assert said.to_message()["about"] == "Claims +10 %; history +9 %."
    silent = rows_of(claim(), evidence=[["A1", math.nan, math.nan, "no history", "Nothing speaks to it."]])[0]
    assert silent.to_message()["about"].startswith("Claimed +10.0 % of baseline, from +5.0")
    assert silent.to_message()["about"].endswith("ten. Nothing speaks to it.")
