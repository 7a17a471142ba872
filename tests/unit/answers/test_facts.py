"""The report's figures, checked against sums worked out another way and against hand-made cases."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from alignment_lib.answers.facts import (
    compare_scenarios,
    find_answer,
    find_awaiting,
    list_scenarios,
    recall_previous,
    sum_effects,
    sum_spans,
)
from alignment_lib.rounds.view import RoundView, view_tables


def _month_data(**tables: pd.DataFrame) -> RoundView:
    """Two brands over six planned months after a year of history; figures small enough for the head."""
    months = pd.date_range("2026-01-01", periods=6, freq="MS")
    past = pd.date_range("2025-01-01", periods=12, freq="MS")
    plan = pd.concat(
        [
            pd.DataFrame(
                {
                    "scenario": "consensus",
                    "period": months,
                    "brand": brand,
                    "baseline": 10.0,
                    "plan": plan,
                    "revenue": 2 * plan,
                }
            )
            for brand, plan in (("a", 12.0), ("b", 9.0))
        ]
    )
    history = pd.concat(
        [
            pd.DataFrame({"period": past, "brand": brand, "value": value, "cleaned": value})
            for brand, value in (("a", 8.0), ("b", 10.0))
        ]
    )
    bridge = pd.DataFrame(
        {
            "scenario": "consensus",
            "assumption": ["A1"] * 6 + ["driver:price"] * 6,
            "period": [*months, *months],
            "brand": ["a"] * 6 + ["b"] * 6,
            "effect": [2.0] * 6 + [-1.0] * 6,
        }
    )
    register = pd.DataFrame(
        {
            "id": ["A1", "A2"],
            "title": ["Coupon", "Kiosk"],
            "owner": ["brand", "sales"],
            "status": ["accepted", "proposed"],
            "expected": [20.0, 5.0],
            "low": [10.0, 1.0],
            "high": [40.0, 9.0],
        }
    )
    manifest = {
        "round": "2026Q1",
        "cycle": "quarter",
        "scenario": "consensus",
        "measure": "units",
        "currency": "EUR",
        "dimensions": ["brand"],
        "as_of": "2026-01-01",
        "parameters": {"calendar": {"grain": "month"}},
        "business": "B",
    }
    given = {"plan": plan, "history": history, "bridge": bridge, "assumptions": register, **tables}
    return view_tables(manifest, given)


def test_the_answer_sums_the_rounds_own_periods() -> None:
    answer = find_answer(_month_data())
    assert (answer.plan, answer.baseline, answer.prior, answer.revenue) == (63.0, 60.0, 54.0, 126.0)
    assert math.isnan(answer.target)
    assert math.isnan(answer.gap)


def test_the_answer_takes_the_odds_of_the_round_and_the_total_only() -> None:
    odds = pd.DataFrame(
        {
            "scenario": "consensus",
            "span": ["quarter", "quarter", "quarter", "month"],
            "start": pd.to_datetime(["2026-01-01", "2026-04-01", "2026-01-01", "2026-01-01"]),
            "brand": ["", "", "a", ""],
            "p10": [50.0, 1, 2, 3],
            "p90": [70.0, 1, 2, 3],
            "target": [66.0, 1, 2, 3],
            "probability": [0.3, 0.1, 0.2, 0.4],
        }
    )
    answer = find_answer(_month_data(odds=odds))
    assert (answer.p10, answer.p90, answer.target, answer.probability, answer.gap) == (
        50.0,
        70.0,
        66.0,
        0.3,
        -3.0,
    )
    assert math.isnan(answer.p50)


def test_blank_levels_may_be_missing_values_as_well() -> None:
    odds = pd.DataFrame(
        {
            "scenario": "consensus",
            "span": "quarter",
            "start": pd.to_datetime(["2026-01-01"]),
            "brand": [None],
            "target": [66.0],
        }
    )
    assert find_answer(_month_data(odds=odds)).target == 66.0


def test_quarters_hold_history_then_plan_with_the_year_before_beside() -> None:
    spans = sum_spans(_month_data(), "quarter")
    assert spans["label"].tolist() == ["2025Q1", "2025Q2", "2025Q3", "2025Q4", "2026Q1", "2026Q2"]
    assert spans["actual"].tolist()[:4] == [54.0] * 4
    assert spans["actual"].isna().tolist() == [False] * 4 + [True] * 2
    assert spans["plan"].tolist()[4:] == [63.0, 63.0]
    assert spans["prior"].tolist()[4:] == [54.0, 54.0]
    assert spans["prior"].isna().tolist()[:4] == [True] * 4


def test_a_span_cut_by_the_edge_of_the_data_is_left_out() -> None:
    data = _month_data()
    history = data.table("history")
    shorter = view_tables(
        data.manifest, {**data.tables, "history": history[history["period"] >= "2025-02-01"]}
    )
    assert sum_spans(shorter, "quarter")["label"].tolist()[0] == "2025Q2"
    assert sum_spans(shorter, "month")["label"].tolist()[0] == "2025-02"


def test_effects_are_ordered_by_size_and_priced_cell_by_cell() -> None:
    effects = sum_effects(_month_data())
    assert effects.to_numpy().tolist() == [
        ["A1", "Coupon", 6.0, 12.0],
        ["driver:price", "Driver calendar: price", -3.0, -6.0],
    ]
    assert sum_effects(_month_data(), whole=True)["effect"].tolist() == [12.0, -6.0]


def test_money_is_unknown_where_nothing_is_planned_at_any_price() -> None:
    data = _month_data()
    plan = data.table("plan").assign(plan=lambda t: t["plan"].where(t["brand"] == "a", 0.0), revenue=24.0)
    effects = sum_effects(view_tables(data.manifest, {**data.tables, "plan": plan}))
    assert effects["money"].fillna(-1).tolist() == [12.0, -1.0]


def test_what_awaits_a_decision_is_what_is_proposed() -> None:
    waiting = find_awaiting(_month_data())
    assert waiting["id"].tolist() == ["A2"]
    assert waiting["effect"].tolist() == [0.0]
    assert find_awaiting(_month_data(assumptions=pd.DataFrame())).empty


def test_what_was_over_before_the_round_and_leaves_nothing_in_it_awaits_no_decision() -> None:
    register = _month_data().table("assumptions")
    over = register.assign(end=pd.Timestamp("2025-12-31"))
    assert find_awaiting(_month_data(assumptions=over)).empty
    assert find_awaiting(_month_data(assumptions=over.assign(end=pd.Timestamp("2026-01-31"))))[
        "id"
    ].tolist() == ["A2"]


def test_the_round_before_is_compared_where_it_planned_every_period() -> None:
    data = _month_data(
        previous=pd.DataFrame(
            {
                "round": "2025Q4",
                "period": pd.date_range("2025-10-01", periods=6, freq="MS"),
                "baseline": 18.0,
                "plan": 20.0,
            }
        )
    )
    noted = view_tables({**data.manifest, "previous": {"round": "2025Q4", "comparable": True}}, data.tables)
    assert recall_previous(noted) == {
        "plan_then": 60.0,
        "baseline_then": 54.0,
        "periods_known": 3.0,
        "planned": 60.0,
        "actual": 54.0,
    }
    assert recall_previous(data) is None


def test_scenarios_come_in_the_order_of_the_contract(report_data: RoundView) -> None:
    assert list_scenarios(report_data) == ["consensus", "evidence_weighted", "as_proposed"]
    rows = compare_scenarios(report_data)
    assert rows["gap"].tolist() == pytest.approx((rows["plan"] - rows["target"]).tolist())


def test_weeks_of_the_plausible_round_add_up_whatever_they_are_summed_by(report_data: RoundView) -> None:
    plan = report_data.scenario("plan")
    for cycle in ("month", "quarter", "year"):
        assert sum_spans(report_data, cycle)["plan"].sum() == pytest.approx(plan["plan"].sum())
    answer = find_answer(report_data)
    assert sum_effects(report_data)["effect"].sum() == pytest.approx(answer.plan - answer.baseline)
