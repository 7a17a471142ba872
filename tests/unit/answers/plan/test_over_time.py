"""The plan over time: sums, like with like where a week has no year before, and how the year adds up."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from alignment_lib.answers.plan.over_time import over_time
from alignment_lib.answers.plan.through_the_year import through_the_year
from alignment_lib.inputs.words.nearest import UnknownWord
from alignment_lib.rounds.view import RoundView, view_tables


@pytest.mark.parametrize("by", ["month", "quarter", "year"])
def test_spans_add_up_to_the_plan(by: str, report_data: RoundView) -> None:
    answer = over_time(report_data, by=by)
    plan = report_data.scenario("plan")["plan"].sum()
    assert answer.frame["plan"].sum() == pytest.approx(plan, abs=1e-9)
    assert f"Plan by {by}, units" in str(answer.to_html())


def test_a_length_nobody_knows_is_refused(report_data: RoundView) -> None:
    with pytest.raises(UnknownWord, match="quarter"):
        over_time(report_data, by="quarterly")


def _weeks(first: str, count: int, value: float) -> pd.DataFrame:
    periods = pd.date_range(first, periods=count, freq="7D")
    return pd.DataFrame({"period": periods, "product": "Tea", "value": value})


def _of_53_weeks(report_data: RoundView) -> RoundView:
    """2026 has 53 weeks and 2025 had 52: 100 a week were sold in 2025, 110 are planned."""
    plan = _weeks("2025-12-29", 53, 110.0).rename(columns={"value": "plan"})
    plan = plan.assign(scenario="consensus", baseline=110.0, revenue=float("nan"))
    manifest = {**report_data.manifest, "dimensions": ["product"], "scenario": "consensus"}
    history = _weeks("2024-12-30", 52, 100.0).assign(cleaned=100.0)
    targets = pd.DataFrame(
        {
            "round": ["2026Q1", "2026Q2", "2026"],
            "measure": "units",
            "product": "",
            "target": [1500.0, 1600, 5900],
        }
    )
    return view_tables(manifest, {"plan": plan, "history": history, "targets": targets})


def test_a_53rd_week_is_left_out_of_the_comparison_and_said(report_data: RoundView) -> None:
    answer = over_time(_of_53_weeks(report_data), by="year")
    year = answer.frame.set_index("label").loc["2026"]
    assert year["plan"] == pytest.approx(53 * 110)
    assert year["year_before"] == pytest.approx(52 * 100)
    assert year["change"] == pytest.approx(0.1)
    assert answer.shown is not None
    assert "2026 has 53 weeks, of which 52 have a year before: they are compared." in answer.shown.note
    assert "1 week has no year before to compare with." in answer.sentence


def test_the_year_adds_up_and_targets_reach_as_far_as_they_follow_one_another(report_data: RoundView) -> None:
    frame = through_the_year(_of_53_weeks(report_data)).frame.set_index("label")
    assert frame["plan"].iloc[-1] == pytest.approx(53 * 110)
    assert frame["prior"].iloc[-1] == pytest.approx(52 * 100)
    assert frame.loc["2026-12", "change"] == pytest.approx(0.1)
    assert frame.loc["2026-03", "target"] == 1500.0
    assert frame.loc["2026-06", "target"] == 3100.0
    assert frame.loc["2026-12", "target"] == 5900.0
    assert math.isnan(frame.loc["2026-09", "target"])
    assert frame["plan"].is_monotonic_increasing


def test_closed_periods_count_as_sold(report_data: RoundView) -> None:
    data = _of_53_weeks(report_data)
    later = data.table("plan").iloc[10:]
    sold = _weeks("2025-12-29", 10, 90.0).assign(cleaned=90.0)
    history = pd.concat([data.table("history"), sold], ignore_index=True)
    view = view_tables(data.manifest, {**data.tables, "plan": later, "history": history})
    frame = through_the_year(view, span="2026").frame
    assert frame["plan"].iloc[-1] == pytest.approx(10 * 90 + 43 * 110)
