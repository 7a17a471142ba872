"""Figures of working groups are read from the data that define them, by the words of the charter."""

from __future__ import annotations

import pandas as pd
import pytest

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.review.kpis import FIGURES, KpiData, measure_kpis, same_figures
from tests.unit.funnel.lead_cases import lead, leads_of

MONTHS = Calendar("month")


def _groups(*kpis: str) -> pd.DataFrame:
    return pd.DataFrame({"group": [f"W{n}" for n in range(1, len(kpis) + 1)], "kpi": list(kpis)})


def _leads(count: int = 40) -> KpiData:
    """Forty web leads in June: ten rejected, of the thirty accepted twelve tried after 10 hours, six after
    40, twelve never."""
    rows, calls = [], []
    for number in range(count):
        name, day = f"L{number}", "2025-06-10 08:00"
        if number < 10:
            rows.append(lead(name, day, rejected_at="2025-06-11 08:00", rejected_reason="no need"))
            continue
        rows.append(lead(name, day, accepted_at="2025-06-10 09:00"))
        if number < 22:
            calls.append((name, "2025-06-10 18:00", 1.0))
        elif number < 28:
            calls.append((name, "2025-06-12 00:00", 1.0))
    return KpiData(MONTHS, leads_of(rows, calls), None, {})


@pytest.mark.parametrize(
    ("kpi", "value"),
    [
        ("share of leads first contacted within 24 hours", 12 / 30),
        ("Share of leads first contacted within 48 hours", 18 / 30),
        ("share of accepted leads never tried", 12 / 30),
        ("share of web leads rejected", 10 / 40),
        ("accepted share of leads, web", 30 / 40),
        ("accepted share of leads", 30 / 40),
    ],
)
def test_a_figure_of_leads_is_the_share_over_the_quarter_that_ends_with_the_month(
    kpi: str, value: float
) -> None:
    values, notices = measure_kpis(_groups(kpi), _leads())
    assert values["value"].tolist() == pytest.approx([value])
    assert values["date"].tolist() == [pd.Timestamp("2025-06-10")]
    assert notices == ()


def test_fewer_than_twenty_leads_say_nothing() -> None:
    assert measure_kpis(_groups("share of web leads rejected"), _leads(19))[0].empty


def test_figures_of_the_record_are_told_round_by_round() -> None:
    record = pd.DataFrame(
        {
            "round": ["2025Q1", "2025Q1", "2025Q2", "2025Q2"],
            "kind": ["promotion", "promotion", "promotion", "price_change"],
            "mechanic": ["coupon", "feature", "coupon", ""],
            "unit": "percent",
            "claim": [80.0, 50.0, 40.0, -10.0],
            "actual": [40.0, 50.0, 30.0, -4.0],
            "bias": [40.0, 0.0, 10.0, -6.0],
        }
    )
    closed = {"2025Q1": pd.Timestamp("2025-04-01"), "2025Q2": pd.Timestamp("2025-07-01")}
    kpis = _groups(
        "net uplift of promotions against their claim",
        "share of the claim that comes true, coupon",
        "error of claimed price effects in points",
    )
    values, _ = measure_kpis(kpis, KpiData(MONTHS, None, record, closed))
    found = values.groupby("group")["value"].agg(list).to_dict()
    # (40/80 + 50/50) / 2; then 30/40. Coupons alone: 0.5, 0.75. Price: 6 points in the second quarter.
    assert found == {"W1": [0.75, 0.75], "W2": [0.5, 0.75], "W3": [6.0]}


def test_words_that_nothing_measures_are_named_with_those_that_can_be() -> None:
    values, notices = measure_kpis(_groups("happiness of the team"), _leads())
    assert values.empty
    assert notices[0].text.startswith(
        "Figures without data here: “happiness of the team” of W1. These can be"
    )
    assert all(words in notices[0].text for _, words, _ in FIGURES)


def test_a_group_on_promotions_stands_for_every_mechanic() -> None:
    names = same_figures(["net uplift of promotions against their claim"], ["feature", "coupon", "coupon"])
    assert names[1:] == [
        "share of the claim that comes true, coupon",
        "share of the claim that comes true, feature",
    ]
