"""What the report says, and what it says when there is nothing to show."""

from __future__ import annotations

import re

import pandas as pd

from alignment_lib.publishing.report import report_front
from alignment_lib.publishing.report.report_parts import Report
from alignment_lib.rounds.view import RoundView, view_tables


def _plain(markup: object) -> str:
    text = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", str(markup)).replace("\u202f", " ")
    return re.sub(r"\s+", " ", text)


def test_assumptions_that_ended_before_the_round_are_folded_away(report_data: RoundView) -> None:
    register = report_data.table("assumptions")
    past = register.assign(end=register["end"].where(register["id"] != "A1", pd.Timestamp("2025-06-01")))
    tables = {**report_data.tables, "assumptions": past}
    page = str(Report(view_tables(report_data.manifest, tables)).show("assumptions"))
    assert (
        '<details class="screen-only"><summary>Assumptions that ended before 2026Q1, 1 of 6</summary>' in page
    )
    assert "Assumptions that reach into the round or beyond, 5 of 6" in page


def test_assumptions_bear_verdict_owner_and_claim(report_data: RoundView) -> None:
    text = _plain(Report(report_data).show("assumptions"))
    assert "By status: 2 accepted, 1 draft, 2 proposed and 1 rejected." in text
    assert "By verdict: 2 no history, 2 optimistic and 2 supported." in text
    assert (
        "A1 Spring coupon brand marketing accepted supported +35 % (20 to 50) "
        "2 Mar to 22 Mar 2026 28.0 12 events +1,057 310 already in plan" in text
    )
    assert "A6 8 summers show 4 %, give or take 5." in text


def test_leads_needed_are_set_against_what_can_be_handled(report_data: RoundView) -> None:
    text = _plain(Report(report_data).show("funnel"))
    assert "From Jan 2026 to Feb 2026 the plan needs 1,680 leads, 1,680 of them accepted." in text
    assert "2 months need more than can be handled" in text


def test_notes_count_what_was_cleaned_and_list_every_notice(report_data: RoundView) -> None:
    text = _plain(Report(report_data).show("notes"))
    assert "126 of 3,276 cells of the history were changed before it was forecast (3.8 %)" in text
    assert "Negative sales were kept as returns in 14 weeks. 14 returns" in text
    assert "On earlier dates it missed by 69 % of what the same season of the year before" in text
    assert "Sales are known up to 28 December 2025; worked out as of 29 December 2025." in text


def test_the_front_counts_what_awaits_a_decision_with_its_money(report_data: RoundView) -> None:
    text = _plain(report_front.decide_section(report_data))
    assert "2 assumptions await a decision." in text
    assert "A2 Faster checkout in the app digital" in text
    assert "+700" in text
    assert "1 draft listed, not counted." in text


def test_side_by_side_plans_disappear_once_nothing_awaits_and_all_agree(report_data: RoundView) -> None:
    text = _plain(Report(report_data).show("plans"))
    for scenario in ("Consensus", "Evidence weighted", "As proposed"):
        assert scenario in text
    plan = report_data.table("plan")
    same = plan[plan["scenario"] == "consensus"]
    tables = dict(report_data.tables)
    tables["plan"] = pd.concat([same, same.assign(scenario="as_proposed")])
    tables["assumptions"] = tables["assumptions"].assign(status="accepted")
    data = view_tables(report_data.manifest, tables)
    assert "No assumption awaits a decision." in _plain(report_front.decide_section(data))
    assert str(Report(data).show("plans")) == ""


def test_figures_stand_in_units_and_in_money(report_data: RoundView) -> None:
    text = _plain(report_front.answer_section(report_data))
    assert re.search(r"Plan 32,073 units [\d,]+ EUR", text)
    assert "Target 33,000 units 190,000 EUR" in text
