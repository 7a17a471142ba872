"""The weak-point map by hand: what each step would give at its usual rate or its promise."""

from __future__ import annotations

import pandas as pd
import pytest

from alignment_lib.funnel.cohorts import fit_lag
from alignment_lib.funnel.weak_points import say_nothing_stands_out, weak_points
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
    # 70 of 100 accepted now, 20 of them won (2/7), never more accepted before: promise 90 %. On the scale
    # asin(sqrt(p)) the gap is 1.24905 - 0.98994 = 0.25911, its error 1 / sqrt(402) = 0.04988: z = 5.195.
    # Drawn toward none by 1 / z^2 = 3.7 %, 0.24951: sin^2(1.24905 - 0.24951) = 70.8 %, about 19.1 leads; it
    # is a fall for sure.
    rows = _quarter("2025-04-10", 70, 20, 30) + _quarter("2025-07-10", 70, 20, 30)
    leads = leads_of(rows)
    table = weak_points(leads, fit_lag(leads), None, MONTHS, *SPAN, currency="EUR")
    row = table[table["stage"] == "accepted"].iloc[0]
    assert (row["side"], row["entering"], row["reference"]) == ("marketing", 100, "promise 90\u202f%")
    assert row["customers"] == pytest.approx(19.1 * 2 / 7, abs=0.1)
    assert row["value"] == pytest.approx(row["customers"] * 200)
    assert row["customers_low"] < row["customers"] < row["customers_high"]
    assert row["sentence"].startswith(
        "web: 70\u202f% accepted of the leads since 2025Q3, promise 90\u202f%: about 6 more customers ("
    )


def test_a_step_that_fell_is_set_against_what_is_usual_for_it() -> None:
    # Six quarters with 40 of 80 accepted leads won, then 20 of 80: usual one half, a fall of 25 points.
    starts = ("2024-01-10", "2024-04-10", "2024-07-10", "2024-10-10", "2025-01-10", "2025-04-10")
    rows = [row for start in starts for row in _quarter(start, 80, 40, 0)] + _quarter("2025-07-10", 80, 20, 0)
    leads = leads_of(rows)
    table = weak_points(leads, fit_lag(leads), None, MONTHS, *SPAN)
    assert table["stage"].tolist() == ["customers"]
    row = table.iloc[0]
    assert (row["side"], row["reference"], row["entering"]) == ("sales", "usual rate", 80)
    assert row["reference_rate"] == pytest.approx(0.5, abs=0.001)
    # 480 leads tell the usual rate to within sqrt(0.25 / 480) = 2.3 points.
    assert row["reference_error"] == pytest.approx(0.0228, abs=0.0003)
    assert 80 * 0.15 < row["customers_low"] < row["customers"] < 80 * 0.25 < row["customers_high"]
    assert "usually 50\u202f% (give or take 2.3 percentage points)" in row["sentence"]


def test_where_nothing_fell_nothing_is_named_and_that_is_said_with_what_would_show() -> None:
    starts = pd.date_range("2023-07-01", "2025-07-01", freq="3MS") + pd.Timedelta(days=9)
    rows = [row for start in starts for row in _quarter(f"{start:%Y-%m-%d}", 90, 45, 8)]
    leads = leads_of(rows)
    lag = fit_lag(leads)
    assert weak_points(leads, lag, None, MONTHS, *SPAN).empty
    text = say_nothing_stands_out(leads, lag, MONTHS, *SPAN)
    assert text.startswith("Nothing stands out: no step of any source fell below")
    assert "points a quarter: " in text
    assert "of won with 22 leads." in text


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
