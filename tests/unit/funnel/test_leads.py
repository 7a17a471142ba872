"""Leads made ready: stages, acceptance by silence, waits, and every fault named and counted."""

from __future__ import annotations

import pandas as pd
import pytest

from alignment_lib.funnel.lead_faults import find_idle_sources, suggest_merges
from alignment_lib.funnel.leads import label_periods
from alignment_lib.inputs.configuration.settings import FunnelSettings
from alignment_lib.inputs.periods.calendar import Calendar
from tests.unit.funnel.lead_cases import AS_OF, codes, lead, leads_of


def test_a_lead_not_rejected_within_the_window_counts_as_accepted() -> None:
    # The window is 7 days, now the end of 31 December: A of 24 December is through, B of the 28th is not.
    leads = leads_of(
        [
            lead("A", "2025-12-24 10:00"),
            lead("B", "2025-12-28 10:00"),
            lead("C", "2025-12-01", accepted_at="2025-12-02"),
        ]
    )
    assert leads.table["is_accepted"].tolist() == [True, False, True]
    assert leads.table["is_decided"].tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("accepted", "rejected", "is_rejected", "is_disqualified"),
    [
        (None, "2025-12-03", True, False),  # in time
        (None, "2025-12-09", False, True),  # after the window of seven days
        ("2025-12-02", "2025-12-03", False, True),  # after acceptance
        ("2025-12-04", "2025-12-03", True, False),  # rejected first
    ],
)
def test_a_late_rejection_is_a_disqualification(
    accepted: str | None, rejected: str, is_rejected: bool, is_disqualified: bool
) -> None:
    row = lead("A", "2025-12-01", accepted_at=accepted, rejected_at=rejected, rejected_reason="No need")
    table = leads_of([row]).table
    assert (bool(table["is_rejected"][0]), bool(table["is_disqualified"][0])) == (
        is_rejected,
        is_disqualified,
    )
    assert table["reason"][0] == "no need"


def test_the_wait_is_from_creation_to_the_first_attempt_whoever_was_reached() -> None:
    # Created 10:00; attempts at 16:00 the same day (not reached) and 36 hours later (reached).
    leads = leads_of(
        [lead("A", "2025-12-01 10:00")], [("A", "2025-12-01 16:00", 0.0), ("A", "2025-12-03 04:00", 1.0)]
    )
    row = leads.table.iloc[0]
    assert row["wait_hours"] == pytest.approx(6.0)
    assert (row["attempts"], row["attempts_in_window"], row["is_contacted"]) == (2, 2, True)


def test_a_later_stage_implies_the_earlier_ones_and_the_skip_is_counted() -> None:
    rows = [
        lead("A", "2025-11-01", closed_at="2025-11-20", outcome="won", amount=10.0),
        lead("B", "2025-11-01", opportunity_at="2025-11-10"),
        lead("C", "2025-11-01"),
    ]
    leads = leads_of(rows, [("C", "2025-11-02", 1.0)])
    assert leads.table["stage"].tolist() == [4, 3, 2]
    assert codes(leads)["stage_skipped"] == 1
    assert codes(leads)["won_without_contact"] == 1


def test_faults_are_named_and_counted_and_the_result_stays_usable() -> None:
    rows = [
        lead("A", "2025-11-01 10:00", outcome="won"),
        lead("B", "2025-11-01 10:00", closed_at="2025-11-03"),
        lead("C", "2025-11-05", closed_at="2025-11-01", outcome="lost"),
        lead("D", "2025-11-01", rejected_at="2025-11-02", rejected_reason="bad vibes"),
        lead("E", "2025-11-01", rejected_at="2025-11-02", closed_at="2025-11-09", outcome="won", amount=5.0),
        lead("F", "2025-11-01", handler=""),
    ]
    leads = leads_of(rows, [("A", "2025-11-01 09:00", 1.0), ("Z", "2025-11-01", 1.0)])
    found = codes(leads)
    assert found["contact_before_creation"] == 1
    assert found["outcome_without_date"] == 1
    assert found["date_without_outcome"] == 1
    assert found["closed_before_creation"] == 1
    assert found["reason_not_listed"] == 1
    assert found["rejected_then_won"] == 1
    assert found["contacts_without_lead"] == 1
    assert found["no_handler"] == 1
    assert leads.table["reason"].tolist()[3] == "other"
    assert leads.table["is_contacted"][0]
    assert pd.isna(leads.table["wait_hours"][0])
    assert len(leads.table) == 6


def test_the_messages_of_faults_say_what_was_found_and_what_is_done_about_it() -> None:
    rows = [
        lead("A", "2025-11-01 10:00", outcome="won"),
        lead("B", "2025-11-01", closed_at="2025-11-09", outcome="won", amount=5.0),
        lead("C", "2025-11-01", opportunity_at="2025-11-05"),
    ]
    leads = leads_of(rows, [("A", "2025-11-01 09:00", 1.0), ("C", "2025-11-02", 1.0)])
    texts = {notice.code: (notice.text, notice.count) for notice in leads.notices}
    assert texts["contact_before_creation"] == (
        "Contacts dated before their lead was created count as attempts; their times are not used.", 1
    )  # fmt: skip
    assert texts["won_without_contact"] == ("Wins without a recorded contact stay wins without a wait.", 1)
    assert texts["outcome_without_date"] == ("Outcomes without a date do not enter the lag.", 1)
    assert texts["stage_skipped"] == (
        "Won leads that skip the opportunity stage count as having passed it.", 2
    )  # fmt: skip


def test_what_is_not_recorded_is_said_and_never_guessed() -> None:
    leads = leads_of([lead("A", "2025-11-01", closed_at="2025-11-09", outcome="won")])
    assert leads.recorded == frozenset()
    assert {"no_contacts", "acceptance_unknown"} <= set(codes(leads))
    assert leads.table["is_accepted"].all()


def test_mixed_time_zones_are_put_to_utc_and_counted() -> None:
    rows = [lead("A", "2025-11-01T10:00+02:00"), lead("B", "2025-11-01T10:00")]
    leads = leads_of(rows)
    assert leads.table["created"].dt.hour.tolist() == [8, 10]
    assert codes(leads)["time_zones"] == 1


def test_contacts_a_few_hours_early_throughout_hint_at_another_time_zone() -> None:
    rows = [lead(f"L{number}", f"2025-11-{number + 1:02d} 10:00") for number in range(20)]
    contacts = [(f"L{number}", f"2025-11-{number + 1:02d} 08:30", 1.0) for number in range(20)]
    leads = leads_of(rows, contacts)
    texts = {notice.code: notice.text for notice in leads.notices}
    assert (
        texts["time_zones"]
        == "Most early contacts lie within 15 hours: the tables may use different time zones."
    )


def test_sources_spelt_two_ways_are_suggested_but_never_merged() -> None:
    rows = [
        lead("A", "2025-11-01", "Web form"),
        lead("B", "2025-11-01", "Web form"),
        lead("C", "2025-11-01", "webform"),
    ]
    leads = leads_of(rows)
    assert leads.merges.to_numpy().tolist() == [["webform", 1, "Web form"]]
    assert sorted(leads.table["source"].unique()) == ["Web form", "webform"]
    assert codes(leads)["source_spellings"] == 1
    merged = leads_of(rows, merges={"webform": "Web form"})
    assert list(merged.table["source"].unique()) == ["Web form"]
    assert "source_spellings" not in codes(merged)


def test_names_that_differ_in_a_number_are_different_sources() -> None:
    assert not len(suggest_merges(pd.Series(["campaign 1", "campaign 2"])))


def test_a_source_with_spend_and_no_lead_is_named() -> None:
    idle, notices = find_idle_sources(pd.Series(["web"]), pd.DataFrame({"source": ["fair", "web"]}), None)
    assert idle == ["fair"]
    assert notices[0].text == "Sources without a single lead, shown with zeros: fair."


def test_a_customer_who_buys_again_is_repeat() -> None:
    rows = [
        lead("A", "2025-10-01", customer="K1", closed_at="2025-10-05", outcome="won", amount=1.0),
        lead("B", "2025-11-01", customer="K1", closed_at="2025-11-05", outcome="won", amount=1.0),
        lead("C", "2025-10-01", customer="K2", closed_at="2025-10-05", outcome="won", amount=1.0),
    ]
    assert leads_of(rows).table["is_repeat"].tolist() == [True, False, False]
    bought = pd.DataFrame({"date": pd.to_datetime(["2025-12-01"]), "customer": ["K2"], "amount": [9.0]})
    assert leads_of(rows, transactions=bought).table["is_repeat"].tolist() == [True, False, True]


def test_the_inputs_are_left_as_they_were() -> None:
    table = pd.DataFrame([lead("A", "2025-11-01", " web ")])
    table["created"] = pd.to_datetime(table["created"])
    before = table.copy(deep=True)
    leads_of([lead("A", "2025-11-01")])
    from alignment_lib.funnel.leads import prepare_leads

    prepare_leads(table, AS_OF, promise=FunnelSettings(reject_within_days=3.0), merges={" web ": "web"})
    pd.testing.assert_frame_equal(table, before)


def test_periods_are_the_business_s_own() -> None:
    # A week belongs to the quarter of its fourth day: Monday 29 December 2025 has its Thursday in January.
    labels = label_periods(
        pd.Series(pd.to_datetime(["2025-12-29 08:00", "2025-12-28 08:00"])), Calendar("week"), "quarter"
    )
    assert list(labels) == ["2026Q1", "2025Q4"]
