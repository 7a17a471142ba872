"""The weak-point map by hand: what each step would give at its promise or its own best quarter."""

from __future__ import annotations

import pandas as pd
import pytest

from alignment_lib.funnel.cohorts import fit_lag
from alignment_lib.funnel.weak_points import weak_points
from alignment_lib.funnel.win_model import fit_wins
from alignment_lib.inputs.periods.calendar import Calendar
from tests.unit.funnel.lead_cases import draw_leads, lead, leads_of

MONTHS = Calendar("month")
SPAN = (pd.Timestamp("2025-07-01"), pd.Timestamp("2025-10-01"))


def _quarter(start: str, accepted: int, won: int, rejected: int) -> list[dict[str, object]]:
    rows = [
        lead(f"{start}W{n}", start, accepted_at=start, closed_at=start, outcome="won", amount=200.0)
        for n in range(won)
    ]
    rows += [lead(f"{start}A{n}", start, accepted_at=start) for n in range(accepted - won)]
    return rows + [
        lead(f"{start}R{n}", start, rejected_at=start, rejected_reason="no need") for n in range(rejected)
    ]


def test_acceptance_is_measured_against_the_promise_where_that_is_higher() -> None:
    # 70 of 100 accepted now, 20 of them won (2/7), never more accepted before: promise 90 %. Twenty more
    # accepted leads at 2/7 give 5.71 customers of 200: 1,143.
    rows = _quarter("2025-04-10", 70, 20, 30) + _quarter("2025-07-10", 70, 20, 30)
    leads = leads_of(rows)
    table = weak_points(leads, fit_lag(leads), None, MONTHS, *SPAN, currency="EUR")
    row = table[table["stage"] == "accepted"].iloc[0]
    assert (row["side"], row["entering"], row["reference"]) == ("marketing", 100, "promise 90\u202f%")
    assert row["customers"] == pytest.approx(20 * 2 / 7)
    assert row["value"] == pytest.approx(20 * 2 / 7 * 200)
    assert row["sentence"] == "web: 70\u202f% accepted, promise 90\u202f%: 5.7 more customers, 1,143 EUR."


def test_the_best_quarter_is_drawn_toward_the_source_s_mean() -> None:
    # Won of accepted: 40 of 80, then 20 of 80. Mean 60/160 = 0.375; the best quarter, drawn toward it by 20
    # leads, (40 + 7.5) / 100 = 0.475. Now 0.25: 80 x 0.225 = 18 customers.
    rows = _quarter("2025-04-10", 80, 40, 0) + _quarter("2025-07-10", 80, 20, 0)
    leads = leads_of(rows)
    row = weak_points(leads, fit_lag(leads), None, MONTHS, *SPAN).iloc[0]
    assert (row["stage"], row["side"], row["reference"]) == ("customers", "sales", "best quarter 2025Q2")
    assert row["reference_rate"] == pytest.approx(0.475)
    assert row["customers"] == pytest.approx(18.0)


def test_the_dearest_comes_first_and_nothing_is_negative() -> None:
    leads = draw_leads(5_000, seed=61)
    lag = fit_lag(leads)
    table = weak_points(leads, lag, fit_wins(leads, lag, seed=1), MONTHS, *SPAN)
    assert table["value"].is_monotonic_decreasing
    assert (table["customers"] > 0).all()
    assert {"first contact"} <= set(table["stage"])
    speed = table[table["stage"] == "first contact"].iloc[0]
    assert "(not proof of cause)" in speed["sentence"]


def test_a_campaign_without_a_working_brief_is_on_the_map() -> None:
    leads = draw_leads(300, seed=62)
    briefs = pd.DataFrame(
        {
            "campaign": ["spring", "autumn"],
            "weak_points": ["not agreed", ""],
            "sentence": ["spring: not agreed.", ""],
        }
    ).assign(leads=4.0, before_share=0.5)
    table = weak_points(leads, fit_lag(leads), None, MONTHS, *SPAN, briefs)
    row = table[table["stage"] == "brief"]
    assert row[["side", "source", "reference"]].to_numpy().tolist() == [["sales", "spring", "not agreed"]]


def test_no_leads_in_the_span_gives_an_empty_map() -> None:
    leads = leads_of([lead("A", "2024-01-01")])
    assert len(weak_points(leads, fit_lag(leads), None, MONTHS, *SPAN)) == 0
