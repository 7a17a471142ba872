"""Working groups: lights from their own figure, and proposals with a filled-in charter."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from alignment_lib.review.workgroups import METHODS, propose_workgroups, workgroup_status

AS_OF = pd.Timestamp("2026-04-01")


def _group(**changes: Any) -> pd.DataFrame:
    row = {
        "group": "W1",
        "topic": "promotion",
        "leader": "brand marketing",
        "members": "finance",
        "kpi": "net uplift",
    }
    row |= {
        "baseline": 0.2,
        "target": 0.6,
        "method": "DMAIC",
        "stage": "analyse",
        "start": pd.Timestamp("2026-01-01"),
    }
    row |= {"end": pd.Timestamp("2026-06-30"), "resources": "", "status": "running"}
    return pd.DataFrame([row | changes])


def _value(value: float, day: str = "2026-03-30") -> pd.DataFrame:
    return pd.DataFrame({"group": ["W1"], "date": [pd.Timestamp(day)], "value": [value]})


@pytest.mark.parametrize(("value", "light"), [(0.4, "green"), (0.34, "amber"), (0.25, "red"), (0.1, "red")])
def test_the_light_is_the_way_gone_against_the_time_gone(value: float, light: str) -> None:
    # Half of the time is gone: half of the way from 0.2 to 0.6 would be 0.4; 0.34 is 70 % of that way.
    table, _ = workgroup_status(_group(), _value(value), AS_OF)
    assert table["light"][0] == light
    assert table["time_share"][0] == pytest.approx(0.5)


def test_a_figure_that_should_fall_is_read_the_right_way() -> None:
    table, _ = workgroup_status(_group(baseline=0.3, target=0.1), _value(0.2), AS_OF)
    assert (table["progress_share"][0], table["light"][0]) == (pytest.approx(0.5), "green")


def test_a_group_without_data_or_not_begun_has_no_light_and_says_why() -> None:
    table, notices = workgroup_status(_group(), _value(0.4).iloc[:0], AS_OF)
    assert table["light"][0] == ""
    assert table["sentence"][0] == "W1: net uplift has no data yet."
    assert [(notice.code, notice.count) for notice in notices] == [("kpi_without_data", 1)]
    assert workgroup_status(_group(status="proposed"), _value(0.4), AS_OF)[0]["light"][0] == ""


def test_what_is_known_after_the_as_of_date_does_not_count() -> None:
    table, _ = workgroup_status(_group(), pd.concat([_value(0.4), _value(0.1, "2026-04-02")]), AS_OF)
    assert table["latest"][0] == 0.4
    assert (
        table["sentence"][0]
        == "W1: net uplift is 0.4, 50\u202f% of the way from 0.2 to 0.6 with 50\u202f% of its time gone."
    )


def test_the_checklist_follows_the_method() -> None:
    table, _ = workgroup_status(_group(), _value(0.4), AS_OF)
    assert table["checklist"][0] == "[define] → [measure] → analyse → improve → control"


def _record(*rows: tuple[str, float, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["round", "claim", "actual"])
    frame["assumption"] = [f"A{number}" for number in range(len(frame))]
    return frame.assign(owner="brand marketing", kind="promotion", mechanic="coupon", standard_error=5.0)


def test_one_claim_that_reaches_over_two_rounds_fell_short_once() -> None:
    twice = _record(("2025Q1", 90, 40), ("2025Q2", 90, 45)).assign(assumption="A1")
    groups, _ = propose_workgroups(twice, None, None, AS_OF)
    assert groups.empty


def test_a_figure_farther_off_than_at_the_start_says_so_and_numbered_stages_are_known() -> None:
    table, _ = workgroup_status(_group(method="agile", stage="sprint 2"), _value(0.1), AS_OF)
    assert table["light"][0] == "red"
    assert "farther from the target of 0.6 than at the start (0.2)" in table["sentence"][0]
    assert table["checklist"][0] == "[backlog] → sprint → review → retrospective"


def test_a_mechanic_below_its_claims_twice_gets_a_group_with_its_charter() -> None:
    groups, _ = propose_workgroups(_record(("2025Q1", 90, 40), ("2025Q2", 80, 45)), None, None, AS_OF)
    row = groups.iloc[0]
    assert row["kpi"] == "share of the claim that comes true, coupon"
    # (40/90 + 45/80) / 2 = 0.5035
    assert row["baseline"] == pytest.approx(0.5035, abs=1e-4)
    assert row["reason"] == "coupon stayed below its claims in 2025Q1, 2025Q2."
    assert (row["leader"], row["status"], row["stage"]) == (
        "brand marketing",
        "proposed",
        METHODS["DMAIC"][0],
    )
    assert (row["start"], row["end"]) == (pd.Timestamp("2026-04-15"), pd.Timestamp("2026-08-13"))
    wanted = ["group", "topic", "leader", "members", "kpi", "target", "method", "resources"]
    assert row[wanted].astype(str).ne("").all()


@pytest.mark.parametrize(
    "rows",
    [
        [("2025Q1", 90, 40)],  # once
        [("2025Q1", 90, 40), ("2025Q1", 90, 40)],  # twice in one round
        [("2025Q1", 90, 84), ("2025Q2", 90, 84)],  # within its error
        [("2025Q1", -20, -40), ("2025Q2", -20, -40)],  # a fall larger than claimed is no shortfall
    ],
)
def test_once_within_error_or_beyond_the_claim_calls_for_no_group(
    rows: list[tuple[str, float, float]],
) -> None:
    assert len(propose_workgroups(_record(*rows), None, None, AS_OF)[0]) == 0


def _quality(*shares: float) -> pd.DataFrame:
    cohorts = [f"2025Q{number + 1}" for number in range(len(shares))]
    return pd.DataFrame({"cohort": cohorts, "source": "social", "decided": 50, "accepted_share": shares})


def test_a_source_with_rising_rejections_gets_a_group() -> None:
    row = propose_workgroups(None, _quality(0.95, 0.9, 0.84, 0.7), None, AS_OF)[0].iloc[0]
    assert (row["topic"], row["baseline"], row["target"]) == ("process", 0.7, 0.95)
    assert (
        row["reason"] == "Sales accepts fewer leads of social each quarter: 90\u202f%, 84\u202f%, 70\u202f%."
    )


@pytest.mark.parametrize("shares", [(0.9, 0.8), (0.9, 0.88, 0.87), (0.9, 0.7, 0.8), (0.9, np.nan, 0.7)])
def test_a_source_that_does_not_fall_steadily_and_far_gets_none(shares: tuple[float, ...]) -> None:
    assert len(propose_workgroups(None, _quality(*shares), None, AS_OF)[0]) == 0


def test_a_price_effect_off_the_pool_gets_a_group_once() -> None:
    effects = pd.DataFrame(
        {"scope": ["Decaf", "House"], "estimate": [-3.0, -1.6], "pool": -1.5, "standard_error": 0.5}
    )
    groups, _ = propose_workgroups(None, None, effects, AS_OF)
    assert groups["reason"].tolist() == [
        "Price effect of Decaf is −3.00, the pool's −1.50, 3.0 standard errors away."
    ]
    again, notices = propose_workgroups(None, None, effects, AS_OF, existing=["Price elasticity, Decaf"])
    assert len(again) == 0
    assert notices[0].code == "group_exists"
