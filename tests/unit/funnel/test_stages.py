"""The funnel's counts and rates, from leads, from counts, and from both."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.funnel.stages import STAGES, count_stages, funnel_summary
from alignment_lib.inputs.periods.calendar import Calendar
from tests.unit.funnel.lead_cases import draw_leads, lead, leads_of

MONTHS = Calendar("month")


def _five() -> list[dict[str, object]]:
    """Five leads: one rejected, one accepted, one contacted, one opportunity, one won."""
    return [
        lead("A", "2025-11-01", rejected_at="2025-11-02", rejected_reason="no need"),
        lead("B", "2025-11-01", accepted_at="2025-11-02"),
        lead("C", "2025-11-01", accepted_at="2025-11-02"),
        lead("D", "2025-11-01", accepted_at="2025-11-02", opportunity_at="2025-11-05"),
        lead(
            "E", "2025-11-01", opportunity_at="2025-11-05", closed_at="2025-11-09", outcome="won", amount=7.0
        ),
    ]


def test_the_funnel_by_hand() -> None:
    leads = leads_of(_five(), [("C", "2025-11-03", 1.0), ("D", "2025-11-03", 1.0), ("E", "2025-11-03", 1.0)])
    row = funnel_summary(leads, MONTHS)[0].iloc[0]
    assert row[["leads", "accepted", "contacted", "opportunities", "customers"]].tolist() == [5, 4, 3, 2, 1]
    # 4 of 5 accepted, 3 of 4 contacted, 2 of 3 opportunities, 1 of 2 won.
    rates = row[["accepted_rate", "contacted_rate", "opportunity_rate", "win_rate"]].tolist()
    assert rates == pytest.approx([0.8, 0.75, 2 / 3, 0.5])


def test_undecided_leads_are_not_counted_against_acceptance() -> None:
    rows = [*_five()[:2], lead("F", "2025-12-30")]
    counts = funnel_summary(leads_of(rows), MONTHS, "year")[0].iloc[0]
    assert (counts["undecided"], counts["accepted_rate"]) == (1, 0.5)


def test_a_stage_that_is_not_recorded_is_missing_and_the_next_rate_starts_before_it() -> None:
    row = funnel_summary(leads_of(_five()), MONTHS)[0].iloc[0]
    assert np.isnan(row["contacted"])
    assert row["opportunity_rate"] == pytest.approx(2 / 4)


def test_visitors_come_from_the_counts_and_leads_from_the_leads() -> None:
    counts = pd.DataFrame(
        {"period": pd.to_datetime(["2025-11-01"]), "source": ["web"], "visitors": [100], "leads": [99]}
    )
    table, _ = funnel_summary(leads_of(_five()), MONTHS, counts=counts)
    assert table[["visitors", "leads", "lead_rate"]].to_numpy().tolist() == [[100, 5, 0.05]]


def test_counts_alone_make_a_funnel() -> None:
    counts = pd.DataFrame({"period": pd.to_datetime(["2025-11-01", "2025-12-01"]), "source": ["web", "web"]})
    counts["leads"], counts["customers"] = [10, 30], [1, 3]
    table, notices = funnel_summary(None, MONTHS, counts=counts)
    assert table[["cohort", "leads", "customers", "win_rate"]].to_numpy().tolist() == [["2025Q4", 40, 4, 0.1]]
    assert notices == ()


def test_neither_leads_nor_counts_gives_an_empty_table_and_says_so() -> None:
    table, notices = funnel_summary(None, MONTHS)
    assert len(table) == 0
    assert set(STAGES) <= set(table.columns)
    assert notices[0].text == "No leads and no counts are given: the funnel stays empty."


def test_a_source_that_costs_money_and_brings_nothing_is_shown_with_zeros() -> None:
    spend = pd.DataFrame({"source": ["fair"], "amount": [500.0]})
    table, notices = funnel_summary(leads_of(_five()), MONTHS, spend=spend)
    row = table[table["source"] == "fair"].iloc[0]
    assert row["leads"] == 0
    assert np.isnan(row["accepted_rate"])
    assert notices[0].code == "source_without_leads"


def test_every_cut_adds_up_to_the_same_leads() -> None:
    leads = draw_leads(500, seed=2)
    whole = count_stages(leads, MONTHS, "year", by=()).drop(columns="cohort").sum()
    for by in (("source",), ("handler",), ("source", "handler", "device")):
        parts = count_stages(leads, MONTHS, "month", by=by)
        np.testing.assert_array_equal(parts[list(whole.index)].sum(), whole)


def test_stages_never_grow_on_the_way_down() -> None:
    table = count_stages(draw_leads(800, seed=5), MONTHS)
    steps = table[["leads", "accepted", "contacted", "opportunities", "customers", "repeat"]].to_numpy()
    assert (np.diff(steps, axis=1) <= 0).all()
