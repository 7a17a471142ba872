"""The look back: sums that add up, and sentences written from them."""

from __future__ import annotations

import re

import pandas as pd

from alignment_lib.publishing.report import report_changes, report_factors, report_review
from alignment_lib.rounds.view import RoundView, view_tables


def _plain(markup: object) -> str:
    text = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", str(markup)).replace("\u202f", " ")
    return re.sub(r"\s+", " ", text)


def _with(data: RoundView, **tables: pd.DataFrame) -> RoundView:
    return view_tables(data.manifest, {**data.tables, **tables})


def test_decisions_due_stand_first_and_late_ones_are_counted(report_data: RoundView) -> None:
    waiting = report_changes.open_decisions(report_data)
    assert waiting["decision"].tolist() == ["D2", "D1"]
    assert waiting["is_late"].tolist() == [True, False]
    text = _plain(report_changes.decisions_section(report_data))
    assert "2 decisions of 3 not yet carried out; 1 overdue." in text
    assert "Drop the fair D3 events 1 November 2025 done Not booked again" in text


def test_changes_add_up_to_the_difference_of_the_plans(report_data: RoundView) -> None:
    text = _plain(report_changes.changes_section(report_data))
    assert "the plan went from 29,900 units to 30,540 (+640)" in text
    assert "A7 Tasting weeks no longer proposed dropped 200 0 −200 −1,200" in text
    assert "Driver calendar: price cut" in text
    assert "Plan 29,900 30,540 +640 +3,840" in text


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


def test_only_what_lies_beyond_the_horizon_is_owed(report_data: RoundView) -> None:
    assert "borrows 25.0 units from periods after its horizon" in _plain(
        report_factors.owed_section(report_data)
    )


def test_a_factor_nobody_spoke_to_names_whom_to_ask(report_data: RoundView) -> None:
    text = _plain(report_factors.coverage_section(report_data))
    assert "1 of 2 factors are covered by an assumption or by the driver calendar." in text
    assert "Nobody has spoken to new products and services." in text
    assert "not covered Ask brand marketing." in text
    assert "A3 (0 supported by history, 1 without history); the calendar of market index" in text


def test_weak_points_are_ordered_by_money_and_summed_by_side(report_data: RoundView) -> None:
    text = _plain(report_factors.weak_points_section(report_data))
    assert "The largest weak point is worth 12,000 EUR: Web leads called within a day" in text
    assert "On the side of marketing: 4,000 EUR in 1 place." in text
    assert text.index("Fair leads.") < text.index("No brief for spring.")


def test_leads_of_all_sources_are_not_counted_twice(report_data: RoundView) -> None:
    funnel = report_data.table("funnel")
    whole = funnel.groupby(["period", "stage"], as_index=False)[["required", "capacity"]].sum()
    doubled = pd.concat([funnel, whole.assign(source="", rate=float("nan"))], ignore_index=True)
    once = report_factors.sum_leads(_with(report_data, funnel=doubled))
    assert once["required"].sum() == funnel["required"].sum()


def test_a_span_under_way_shows_what_was_sold_and_where_it_will_end(report_data: RoundView) -> None:
    estimate = pd.DataFrame(
        {
            "span": ["month", "month"],
            "label": ["2026-01", "2026-02"],
            "start": pd.to_datetime(["2025-12-29", "2026-02-02"]),
            "actual": [4_000.0, 0.0],
            "open_plan": [1_000.0, 6_000.0],
            "estimate": [5_000.0, 6_000.0],
            "signed_plan": [5_500.0, 6_000.0],
            "gap": [-500.0, 0.0],
        }
    )
    data = _with(report_data, estimate=estimate)
    assert report_changes.is_under_way(data)
    assert not report_changes.is_under_way(report_data)
    assert "Jan 2026 4,000 1,000 5,000 5,500 −500" in _plain(report_changes.estimate_section(data))
    assert "Feb 2026" not in _plain(report_changes.estimate_section(data))
