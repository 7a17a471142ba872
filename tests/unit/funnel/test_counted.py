"""A funnel of counts: rates, leads required and weak points by hand, and what counts cannot say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.funnel.counted import (
    CLOSED,
    counted_rates,
    counted_requirements,
    counted_weak_points,
    told_stages,
)
from alignment_lib.funnel.weak_points import WEAK_POINT_COLUMNS
from alignment_lib.inputs.periods.calendar import Calendar

UNTIL = pd.Timestamp("2026-01-01")


def counts(fall: float = 1.0) -> pd.DataFrame:
    """Three years of months: web 200 leads, half accepted, a quarter of these won; fair 50, 40, 20."""
    months = pd.date_range("2023-01-01", periods=36, freq="MS")
    rows = []
    for month in months:
        late = fall if month >= pd.Timestamp("2025-04-01") else 1.0
        rows.append([month, "web", 4000.0, 200.0, 100.0, 25.0 * late])
        rows.append([month, "fair", np.nan, 50.0, 40.0, 20.0])
    frame = pd.DataFrame(rows, columns=["period", "source", "visitors", "leads", "accepted", "customers"])
    return frame.assign(contacted=np.nan, opportunities=np.nan)


def test_rates_are_those_of_the_year_that_is_lived_through() -> None:
    table = counts()
    assert told_stages(table) == ["leads", "accepted", "customers"]
    rates = counted_rates(table, UNTIL).set_index(["source", "stage"])["rate"]
    assert rates["web", "leads"] == 0.5
    assert rates["fair", "accepted"] == 0.5
    assert rates["", "accepted"] == pytest.approx(45 / 140)
    later = table.assign(customers=table["customers"].where(table["period"] < "2025-10-15", 0.0))
    assert counted_rates(later, UNTIL).equals(counted_rates(table, UNTIL))


def test_leads_required_are_worked_back_from_customers() -> None:
    sales = pd.DataFrame({"period": [UNTIL], "value": [9000.0]})
    table, notices = counted_requirements(sales, counts(), 100.0, UNTIL)
    need = table.set_index(["source", "stage"])["required"]
    # 90 customers, 25 of 45 of them from the web: 50 customers, 200 accepted, 400 leads.
    assert need["web", "customers"] == pytest.approx(50)
    assert need["web", "accepted"] == pytest.approx(200)
    assert need["web", "leads"] == pytest.approx(400)
    assert need["fair", "leads"] == pytest.approx(40 / 0.5 / 0.8)
    assert need["", "leads"] == pytest.approx(need["web", "leads"] + need["fair", "leads"])
    assert notices[0].text.startswith(CLOSED)


def test_without_customers_counts_say_what_they_need() -> None:
    sales = pd.DataFrame({"period": [UNTIL], "value": [9000.0]})
    table, notices = counted_requirements(sales, counts().assign(customers=np.nan), np.nan, UNTIL)
    assert table.empty
    assert "need counts of leads and customers" in notices[0].text


def test_a_fall_is_found_and_none_where_nothing_fell() -> None:
    calm = counted_weak_points(counts(), Calendar("month"), UNTIL, 100.0, "EUR", WEAK_POINT_COLUMNS)
    assert calm.empty
    found = counted_weak_points(counts(0.4), Calendar("month"), UNTIL, 100.0, "EUR", WEAK_POINT_COLUMNS)
    assert found[["side", "stage", "source"]].values.tolist() == [["sales", "customers", "web"]]
    row = found.iloc[0]
    assert row["rate"] < row["reference_rate"]
    assert row["value"] == pytest.approx(row["customers"] * 100.0)
    assert "of 700 accepted 10" in row["sentence"]
