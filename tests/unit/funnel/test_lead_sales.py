"""What leads bring: wins without an amount are counted, and types of sale told by the data or stated."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.funnel.cohorts import LagDistribution, fit_lag
from alignment_lib.funnel.factors import funnel_factors
from alignment_lib.funnel.lead_sales import size_wins, types_from_leads
from alignment_lib.funnel.leads import FunnelLeads
from alignment_lib.funnel.rates import measure_rates
from alignment_lib.funnel.requirements import required_leads
from alignment_lib.inputs.periods.calendar import Calendar
from tests.unit.funnel.lead_cases import lead, leads_of

MONTHS = Calendar("month")


def _won(name: str, source: str, **values: object) -> dict[str, object]:
    return lead(name, "2025-11-03", source, closed_at="2025-11-10", outcome="won", **values)


def test_a_win_without_an_amount_counts_with_its_source_s_mean() -> None:
    rows = [
        _won("A", "web", amount=100.0),
        _won("B", "web", amount=300.0),
        _won("C", "web"),
        _won("D", "fair"),
    ]
    leads = leads_of([*rows, lead("E", "2025-11-03", outcome="lost", amount=900.0)])
    # The web's mean is 200; the fair has none, so the mean of all wins, 200 too; a loss brings nothing.
    assert leads.table["value"].tolist()[:4] == [100.0, 300.0, 200.0, 200.0]
    assert np.isnan(leads.table["value"].iloc[4])
    factors = funnel_factors(
        leads, fit_lag(leads), None, pd.Timestamp("2025-11-01"), pd.Timestamp("2025-12-01")
    )
    assert factors["value"].sum() == pytest.approx(800.0)
    assert factors["order_size"].tolist() == pytest.approx([200.0, 200.0])


def _silent() -> FunnelLeads:
    """Forty leads of the web, ten of them won, none with an amount."""
    return leads_of(
        [_won(f"W{n}", "web") for n in range(10)] + [lead(f"L{n}", "2025-11-03") for n in range(30)]
    )


SOLD = pd.DataFrame({"period": pd.to_datetime(["2025-11-01", "2025-12-01"]), "value": [3000.0, 2000.0]})


def test_where_no_win_bears_an_amount_each_is_worth_sales_over_wins() -> None:
    # 5,000 of sales since November over ten wins: 500 a win.
    leads = size_wins(_silent(), SOLD)
    assert leads.table["value"].dropna().tolist() == [500.0] * 10
    assert leads.notices[-1].code == "order_size_from_sales"
    assert "won_without_amount" not in {notice.code for notice in leads.notices}
    assert "each counts as 500" in leads.notices[-1].text


def test_leads_are_required_though_no_win_bears_an_amount() -> None:
    leads = size_wins(_silent(), SOLD)
    lag = LagDistribution(np.ones(1), np.array([0.25]), np.zeros(1), 0, 40, 10)
    rates = measure_rates(leads, lag, None, MONTHS)
    plan = pd.DataFrame({"period": [pd.Timestamp("2026-01-01")], "value": [5000.0]})
    needs = required_leads(plan, leads, lag, rates, MONTHS, SOLD)
    whole = needs.wide[(needs.wide["source"] == "") & ~needs.wide["is_past"]].iloc[0]
    # 5,000 at 500 a win are ten customers; at 25 % forty leads.
    assert whole["customers"] == pytest.approx(10.0)
    assert whole["leads"] == pytest.approx(40.0)


def test_where_nothing_says_what_an_order_brings_nothing_is_required_and_that_is_said() -> None:
    leads = _silent()
    lag = fit_lag(leads)
    plan = pd.DataFrame({"period": [pd.Timestamp("2026-01-01")], "value": [5000.0]})
    needs = required_leads(plan, leads, lag, measure_rates(leads, lag, None, MONTHS), MONTHS)
    assert needs.table.empty
    assert needs.notices[-1].code == "order_size_unknown"


BY_TYPE = pd.DataFrame(
    {
        "period": pd.to_datetime(["2025-11-01"] * 3),
        "sale_type": ["new", "repeat", "upsell"],
        "value": [1000.0, 2500.0, 500.0],
    }
)


def _wins(count: int, amount: float, **values: object) -> list[dict[str, object]]:
    close = {"closed_at": "2025-11-20", "outcome": "won", "amount": amount}
    return [lead(f"L{n}{amount:g}", "2025-11-03", **close, **values) for n in range(count)]


def _types(leads: FunnelLeads, stated: tuple[str, ...] = ()) -> tuple[tuple[str, ...], int]:
    types, said = types_from_leads(leads, BY_TYPE, "sale_type", stated)
    return types, len(said)


def test_leads_worth_new_sales_bring_new_sales() -> None:
    assert _types(leads_of(_wins(10, 95.0))) == (("new",), 0)


def test_leads_worth_far_more_than_new_sales_bring_every_type() -> None:
    assert _types(leads_of(_wins(10, 380.0))) == (("new", "repeat", "upsell"), 1)


def test_what_the_leads_name_goes_before_what_they_are_worth() -> None:
    rows = _wins(10, 380.0, sale_type="new") + _wins(6, 50.0, sale_type="repeat")
    rows += _wins(1, 60.0, sale_type="upsell")
    assert _types(leads_of(rows, dimensions=["sale_type"])) == (("new", "repeat"), 1)


def test_what_is_stated_goes_before_everything() -> None:
    assert _types(leads_of(_wins(10, 380.0)), ("new", "upsell")) == (("new", "upsell"), 0)
