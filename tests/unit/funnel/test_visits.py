"""What a visit is worth, from counted visits to money or units."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.funnel.visits import sales_per_visit, visit_rates

RATES = pd.DataFrame(
    {
        "source": ["ads", "form", "fair"],
        "lead_rate": [0.02, 0.05, np.nan],
        "conversion_rate": [0.25, 0.4, 0.5],
        "order_size": [100.0, 50.0, 900.0],
    }
)
COUNTS = pd.DataFrame({"source": ["ads", "ads", "form", "kiosk"], "visitors": [1000.0, 2000.0, 1000.0, 5.0]})


def test_a_visit_becomes_leads_then_customers_then_money() -> None:
    # ads: 0.02 * 0.25 * 100 = 0.5 a visit, form: 0.05 * 0.4 * 50 = 1.0; 3,000 and 1,000 visits: 0.625.
    visits = visit_rates(RATES, COUNTS)
    assert visits["source"].tolist() == ["ads", "form"]
    assert visits["customers_per_visit"].tolist() == pytest.approx([0.005, 0.02])
    assert sales_per_visit(visits) == pytest.approx(0.625)
    assert sales_per_visit(visits, 12.5) == pytest.approx(0.05)


@pytest.mark.parametrize("counts", [None, COUNTS[:0], COUNTS.drop(columns="visitors")])
def test_where_no_visits_are_counted_there_is_no_rate(counts) -> None:
    assert sales_per_visit(visit_rates(RATES, counts)) is None


@pytest.mark.parametrize("price", [0.0, float("nan"), -1.0])
def test_without_a_price_money_is_not_turned_into_units(price: float) -> None:
    assert sales_per_visit(visit_rates(RATES, COUNTS), price) is None
