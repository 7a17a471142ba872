"""The look back: sums that add up, and sentences written from them."""

from __future__ import annotations

import re

import pandas as pd

from alignment_lib.answers.leads.leads_needed import leads_needed
from alignment_lib.publishing.report.report_parts import Report
from alignment_lib.rounds.view import RoundView, view_tables


def _plain(markup: object) -> str:
    text = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", str(markup)).replace("\u202f", " ")
    return re.sub(r"\s+", " ", text)


def _with(data: RoundView, **tables: pd.DataFrame) -> RoundView:
    return view_tables(data.manifest, {**data.tables, **tables})


def test_the_last_quarter_is_told_by_type_then_by_step(report_data: RoundView) -> None:
    page = Report(report_data).show("review")
    said = "2025Q4 came to 24,800 units, −0.8 % against the plan of 25,000 (−200)."
    assert said in _plain(page)
    assert "Actual against the plan: what moved it, 2025Q4" in str(page)
    assert "All sales −200; New −300; Contact −200 (sales; measured)" in str(page)
    assert "All 25,000 24,800 −200" in _plain(page)


def test_value_added_speaks_of_the_total_at_the_shortest_lag(report_data: RoundView) -> None:
    text = _plain(Report(report_data).show("value-added"))
    assert "Baseline came nearest, 8.0 % off, all sales, quarter by quarter." in text
    assert "Baseline 8.0 % +1.0 % +4.0 %" in text
    assert "30.0" not in text
    assert "Baseline off by 8.0" in str(Report(report_data).show("value-added")).replace("\u202f", " ")


def test_the_record_counts_what_came_out_smaller_and_says_each_roles_record(report_data: RoundView) -> None:
    text = _plain(Report(report_data).show("record"))
    assert "2 assumptions of closed rounds have been scored. 1 of 2 came out smaller than claimed." in text
    assert "brand marketing 1 1" in text
    assert "Record by role" in text


def test_the_payout_adds_up_over_functions(report_data: RoundView) -> None:
    text = _plain(Report(report_data).show("incentives"))
    said = "the scheme pays 8,750 EUR: marketing 3,750 of 5,000 and sales 5,000 of 5,000."
    assert f"At the results of 2025Q4 {said}" in text
    assert "10,000 8,750" in text
    assert "Overclaiming would gain 120 EUR." in text
    assert "Under this scheme overclaiming would pay" in text


def test_leads_of_all_sources_are_not_counted_twice(report_data: RoundView) -> None:
    funnel = report_data.table("funnel")
    whole = funnel.groupby(["period", "stage"], as_index=False)[["required", "capacity"]].sum()
    doubled = pd.concat([funnel, whole.assign(source="", rate=float("nan"))], ignore_index=True)
    once = leads_needed(_with(report_data, funnel=doubled)).frame
    assert once["required"].sum() == funnel["required"].sum()
