"""What changed since the last round, and where spans under way will end."""

from __future__ import annotations

import re

import pandas as pd

from alignment_lib.answers.plan.changes import changes, say_changes
from alignment_lib.answers.plan.estimate import estimate
from alignment_lib.rounds.view import RoundView, view_tables


def _plain(markup: object) -> str:
    text = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", str(markup)).replace("\u202f", " ")
    return re.sub(r"\s+", " ", text)


def test_changes_add_up_to_the_difference_of_the_plans(report_data: RoundView) -> None:
    text = _plain(changes(report_data).to_html())
    assert "the plan went from 29,900 units to 30,540 (+640)" in text
    assert "A7 Tasting weeks no longer proposed dropped 200 0 −200 −1,200" in text
    assert "Driver calendar: price cut" in text
    assert "Plan 29,900 30,540 +640 +3,840" in text


def test_what_changed_is_split_into_baseline_and_assumptions(report_data: RoundView) -> None:
    plan = report_data.scenario("plan").groupby("period", as_index=False)[["baseline", "plan"]].sum()
    before = plan.assign(round="2025Q4", baseline=plan["baseline"] - 10, plan=plan["plan"] - 25)
    manifest = {**report_data.manifest, "previous": {"round": "2025Q4", "comparable": True}}
    said = say_changes(view_tables(manifest, {**report_data.tables, "previous": before}))
    assert said[0] == (
        "2025Q4 planned 31,748 units for 2026Q1; now it is 32,073 (+325): +130 is the baseline, +195 drivers "
        "and assumptions."
    )
    assert "A1 Spring coupon (+300, revised)" in said[-1]


def test_without_an_earlier_round_it_is_said_what_would_fill_it(report_data: RoundView) -> None:
    bare = view_tables(report_data.manifest, {"plan": report_data.table("plan")})
    assert say_changes(bare) == []
    assert "once an earlier round of this unit is there" in changes(bare).sentence


def test_a_span_under_way_shows_what_was_sold_and_where_it_will_end(report_data: RoundView) -> None:
    table = pd.DataFrame(
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
    answer = estimate(view_tables(report_data.manifest, {**report_data.tables, "estimate": table}))
    assert "Jan 2026 4,000 1,000 5,000 5,500 −500" in _plain(answer.to_html())
    assert "Feb 2026" not in _plain(answer.to_html())
    assert answer.sentence == (
        "Jan 2026 will end at about 5,000 units: 4,000 sold and 1,000 planned for the rest."
    )
    assert not estimate(report_data).is_answered
