"""What the report says, and what it says when there is nothing to show."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from alignment_lib.publishing.report import (
    report_factors,
    report_notes,
    report_opening,
    report_sections,
)
from alignment_lib.rounds.view import RoundView, view_tables


def _plain(markup: object) -> str:
    text = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", str(markup)).replace("\u202f", " ")
    return re.sub(r"\s+", " ", text)


def _without(data: RoundView, *names: str) -> RoundView:
    return view_tables(
        data.manifest, {name: table for name, table in data.tables.items() if name not in names}
    )


def test_the_first_sentence_answers_the_first_question(report_data: RoundView) -> None:
    assert report_opening.say_answer(report_data).replace("\u202f", " ") == (
        "The plan for 2026Q1 is 32,073 units, 2.8 % below the target. "
        "The chance of making the target is 24 %."
    )


def test_without_a_target_no_odds_are_claimed(report_data: RoundView) -> None:
    said = report_opening.say_answer(_without(report_data, "odds"))
    assert (
        said
        == "The plan for 2026Q1 is 32,073 units. No target has been set, so there are no odds of making it."
    )


def test_the_first_screen_counts_what_awaits_a_decision_with_its_money(report_data: RoundView) -> None:
    text = _plain(report_opening.answer_section(report_data))
    assert "2 assumptions await a decision: +624 units (+3,691 EUR) in 2026Q1." in text
    assert "A2 Faster checkout in the app , digital: +624 units (+3,691 EUR); over the horizon" in text
    assert "1 draft listed, not counted." in text
    for scenario in ("Consensus", "Evidence weighted", "As proposed"):
        assert scenario in text


def test_side_by_side_plans_disappear_once_nothing_awaits_and_all_agree(report_data: RoundView) -> None:
    plan = report_data.table("plan")
    same = plan[plan["scenario"] == "consensus"]
    tables = dict(report_data.tables)
    tables["plan"] = pd.concat([same, same.assign(scenario="as_proposed")])
    tables["assumptions"] = tables["assumptions"].assign(status="accepted")
    text = _plain(report_opening.answer_section(view_tables(report_data.manifest, tables)))
    assert "No assumption awaits a decision." in text
    assert "The plans side by side" not in text


def test_what_changed_is_split_into_baseline_and_assumptions(report_data: RoundView) -> None:
    plan = report_data.scenario("plan").groupby("period", as_index=False)[["baseline", "plan"]].sum()
    before = plan.assign(round="2025Q4", baseline=plan["baseline"] - 10, plan=plan["plan"] - 25)
    manifest = {**report_data.manifest, "previous": {"round": "2025Q4", "comparable": True}}
    text = _plain(
        report_opening.answer_section(view_tables(manifest, {**report_data.tables, "previous": before}))
    )
    assert "What changed since 2025Q4" in text
    assert "Last round planned 31,748 units for 2026Q1; now it is 32,073 (+325)." in text
    assert "Of the change, +130 is the baseline and +195 is drivers and assumptions." in text


@pytest.mark.parametrize(("view", "folded"), [("quarter", 2), ("month", 2), ("year", 2)])
def test_the_horizon_asked_for_stands_first_and_the_others_are_folded(
    view: str, folded: int, report_data: RoundView
) -> None:
    parameters = {**report_data.manifest["parameters"], "view": view}
    data = view_tables({**report_data.manifest, "parameters": parameters}, report_data.tables)
    page = str(report_sections.time_section(data))
    first = page.index("<details>")
    assert f"Plan by {view}, units" in page[:first]
    assert page.count("<details>") == folded
    drawn = "2025Q4" if view == "year" else "2025-12"
    assert drawn in page[:first]


def test_the_bridge_names_what_adds_and_what_takes_most(report_data: RoundView) -> None:
    text = _plain(report_sections.bridge_section(report_data))
    assert "Drivers and assumptions add 1,372 units (+4.5 % on the baseline)." in text
    assert (
        "Most is added by Spring coupon (+1,057). Most is taken by Tea is losing its younger buyers (−421)."
        in text
    )
    assert "Plan less baseline +1,372" in text


def test_assumptions_that_ended_before_the_round_are_folded_away(report_data: RoundView) -> None:
    register = report_data.table("assumptions")
    past = register.assign(end=register["end"].where(register["id"] != "A1", pd.Timestamp("2025-06-01")))
    tables = {**report_data.tables, "assumptions": past}
    page = str(report_notes.assumptions_section(view_tables(report_data.manifest, tables)))
    assert (
        '<details class="screen-only"><summary>Assumptions that ended before 2026Q1, 1 of 6</summary>' in page
    )
    assert "Assumptions that reach into the round or beyond, 5 of 6" in page


def test_rows_of_the_bridge_that_change_nothing_are_counted(report_data: RoundView) -> None:
    text = _plain(report_sections.bridge_section(report_data))
    assert "4 more rows change nothing in 2026Q1." in text
    assert "A6 Everybody drinks cold brew" not in text


def test_assumptions_bear_verdict_owner_and_claim(report_data: RoundView) -> None:
    text = _plain(report_notes.assumptions_section(report_data))
    assert "By status: 2 accepted, 1 draft, 2 proposed and 1 rejected." in text
    assert "By verdict: 2 no history, 2 optimistic and 2 supported." in text
    assert (
        "A1 Spring coupon brand marketing accepted supported +35 % (20 to 50) "
        "2 Mar to 22 Mar 2026 28.0 12 events +1,057 310 already in plan" in text
    )
    assert "A6 8 summers show 4 %, give or take 5." in text


def test_leads_needed_are_set_against_what_can_be_handled(report_data: RoundView) -> None:
    text = _plain(report_factors.funnel_section(report_data))
    assert "From Jan 2026 to Feb 2026 the plan needs 1,680 leads." in text
    assert (
        "From Jan 2026 to Feb 2026 1,500 accepted leads can be handled against a need of 1,500; "
        "no month falls short." in text
    )


def test_notes_count_what_was_cleaned_and_list_every_notice(report_data: RoundView) -> None:
    text = _plain(report_notes.notes_section(report_data))
    assert "126 of 3,276 cells of the history were changed before it was forecast (3.8 %)" in text
    assert "Negative sales were kept as returns in 14 weeks. 14 returns" in text
    assert "The median backtest error is 0.110, that of the seasonal naive forecast 0.160." in text
    assert "Sales are known up to 28 December 2025; worked out as of 29 December 2025." in text


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (0.0, "above the target of 0."),
        (-500.0, "above the target of −500."),
        (1e-9, "above the target of 0."),
    ],
)
def test_a_target_that_makes_no_share_is_set_beside_the_plan_in_amounts(
    report_data: RoundView, target: float, words: str
) -> None:
    odds = report_data.tables["odds"]
    odds = odds.assign(target=odds["target"].where(odds["target"].isna(), target))
    said = report_opening.say_answer(view_tables(report_data.manifest, {**report_data.tables, "odds": odds}))
    assert words in said
    assert "%" not in said.split(". ")[0]
