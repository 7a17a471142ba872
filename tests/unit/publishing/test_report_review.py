"""The look back: sums that add up, and sentences written from them."""

from __future__ import annotations

import re

import pandas as pd

from alignment_lib.publishing.report import report_factors, report_review
from alignment_lib.rounds.view import RoundView, view_tables


def _plain(markup: object) -> str:
    text = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", str(markup)).replace("\u202f", " ")
    return re.sub(r"\s+", " ", text)


def _with(data: RoundView, **tables: pd.DataFrame) -> RoundView:
    return view_tables(data.manifest, {**data.tables, **tables})


def test_the_last_quarter_is_told_by_type_then_by_step(report_data: RoundView) -> None:
    page = report_review.variance_section(report_data)
    assert "In 2025Q4 sales came to 24,800 units against a plan of 25,000 (−200)." in _plain(page)
    assert "All sales −200; New −300; Contact −200 (sales); Leads −100 (marketing)" in str(page)
    assert "All 25,000 24,800 −200" in _plain(page)


def test_value_added_speaks_of_the_total_at_the_shortest_lag(report_data: RoundView) -> None:
    text = _plain(report_review.value_added_section(report_data))
    assert "The baseline took 4 points away." in text
    assert "Two quarters ahead." not in text
    assert "Baseline 8.0 % +1.0 % +4.0 %" in text
    assert "Baseline off by 8.0" in str(report_review.value_added_section(report_data)).replace("\u202f", " ")


def test_the_record_counts_by_owner_what_came_out_smaller(report_data: RoundView) -> None:
    text = _plain(report_review.record_section(report_data))
    assert "2 assumptions of closed rounds have been scored. 1 of 2 came out smaller than claimed." in text
    assert "brand marketing 1 1 1" in text
    assert "channel sales 1 0 0" in text


def test_the_payout_adds_up_over_functions(report_data: RoundView) -> None:
    text = _plain(report_review.payout_section(report_data))
    assert "At the results of 2025Q4 the scheme pays 8,750 EUR: marketing 3,750 and sales 5,000." in text
    assert "All – 10,000 8,750" in text
    assert "Overclaiming would gain 120 EUR." in text


def test_leads_of_all_sources_are_not_counted_twice(report_data: RoundView) -> None:
    funnel = report_data.table("funnel")
    whole = funnel.groupby(["period", "stage"], as_index=False)[["required", "capacity"]].sum()
    doubled = pd.concat([funnel, whole.assign(source="", rate=float("nan"))], ignore_index=True)
    once = report_factors.sum_leads(_with(report_data, funnel=doubled))
    assert once["required"].sum() == funnel["required"].sum()
