"""Customers of a plan agree with sales over order size, and with retention; what cannot be told is not."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.planning.money.customers import (
    CUSTOMER_MEASURES,
    CustomerRates,
    count_customers,
    dearer_mix,
    part_customers,
)
from alignment_lib.rounds.preparing.customer_rates import customer_rates

SPANS = pd.DataFrame(
    {
        "span": ["month", "quarter", "quarter", "year"],
        "start": pd.to_datetime(["2026-01-01", "2026-04-01", "2026-01-01", "2026-01-01"]),
    }
)
RATES = CustomerRates(
    "type", ("new",), np.array([50.0, 40.0]), np.array([20.0, 25.0]), np.array([0.1, 0.2]), 900.0
)


def test_customers_are_sales_over_order_size_and_leave_by_retention() -> None:
    money = np.array([[10.0], [9000.0], [4500.0], [30000.0]])
    found = count_customers(money, 2 * money, RATES, SPANS, "quarter")
    new, lost = found["new_customers"][:, 0], found["lost_customers"][:, 0]
    assert np.isnan(new[[0, 3]]).all()
    np.testing.assert_allclose(new[[2, 1]], [4500 / 45, 9000 / 45])
    # The first quarter loses 15 % of 900; the second of what is left and what came.
    np.testing.assert_allclose(lost[[2, 1]], [135.0, 0.15 * (900 - 135 + 100)])
    np.testing.assert_allclose(found["repeating_customers"][[2, 1], 0], [9000 / 22.5, 18000 / 22.5])
    np.testing.assert_allclose(found["customers"], found["new_customers"] + found["repeating_customers"])


def test_draws_take_past_spans_equally_often_and_keep_them_together() -> None:
    money = np.full((4, 10), 100.0)
    found = count_customers(money, money, RATES, SPANS, "quarter", seed=5)
    sizes = 100.0 / found["new_customers"][2]
    assert sorted(set(sizes.round(9))) == [40.0, 50.0]
    assert (sizes.round(9) == 50.0).sum() == 5
    again = 100.0 / found["repeating_customers"][2]
    np.testing.assert_allclose(again, np.where(sizes > 45, 20.0, 25.0))


def test_without_customers_who_buy_again_only_new_ones_are_told() -> None:
    rates = CustomerRates("type", ("new",), np.array([50.0]))
    money = np.ones((4, 1))
    assert rates.measures == CUSTOMER_MEASURES[:1]
    assert list(count_customers(money, money, rates, SPANS, "quarter")) == ["new_customers"]


def workspace(**tables: pd.DataFrame) -> SimpleNamespace:
    """As much of a workspace as is asked."""
    blank = {
        "leads": pd.DataFrame(columns=["outcome", "closed_at", "amount"]),
        "funnel": pd.DataFrame(columns=["period", "customers"]),
    }
    held = blank | tables
    settings = SimpleNamespace(
        sales=SimpleNamespace(sale_type="sale_type", dimensions=("product", "sale_type"))
    )
    return SimpleNamespace(
        calendar=Calendar("month"),
        tables=held,
        table=lambda name: held[name],
        settings=settings,
        dimensions=settings.sales.dimensions,
    )


def test_funnel_counts_tell_new_customers() -> None:
    months = pd.date_range("2025-01-01", periods=12, freq="MS")
    sales = pd.DataFrame({"period": months, "sale_type": "new", "revenue": 1000.0})
    counts = pd.DataFrame({"period": months, "customers": 20.0})
    grid = SimpleNamespace(keys=pd.DataFrame({"sale_type": ["new", "repeat"]}))
    planned = SimpleNamespace(cycle="quarter", as_of=pd.Timestamp("2026-01-01"))
    rates, notices = customer_rates(workspace(sales=sales, funnel=counts), planned, grid)
    assert rates is not None
    np.testing.assert_allclose(rates.new_sizes, 50.0)
    assert "funnel counts of customers" in notices[0].text
    assert "need a transactions table" in notices[0].text


@pytest.mark.parametrize("types", [["all"], ["repeat"]])
def test_sales_without_new_ones_tell_no_customers(types: list[str]) -> None:
    grid = SimpleNamespace(keys=pd.DataFrame({"sale_type": types}))
    assert customer_rates(workspace(), None, grid) == (None, [])


def test_transactions_tell_new_repeating_and_lost_customers() -> None:
    random = np.random.default_rng(1)
    rows = []
    for number in range(400):
        day = pd.Timestamp("2023-01-01") + pd.Timedelta(days=int(random.integers(0, 1080)))
        for at in range(int(random.integers(1, 6))):
            rows.append((day, f"c{number}", 30.0 if at == 0 else 20.0))
            day += pd.Timedelta(days=int(random.integers(20, 120)))
    table = pd.DataFrame(rows, columns=["date", "customer", "amount"])
    table = table[table["date"] < "2026-01-01"].reset_index(drop=True)
    grid = SimpleNamespace(keys=pd.DataFrame({"sale_type": ["new", "repeat"]}))
    planned = SimpleNamespace(cycle="quarter", as_of=pd.Timestamp("2026-01-01"))
    sales = pd.DataFrame({"product": ["Tea"], "sale_type": ["new"]})
    rates, _ = customer_rates(workspace(transactions=table, sales=sales), planned, grid)
    assert rates is not None
    assert rates.measures == CUSTOMER_MEASURES
    np.testing.assert_allclose(rates.new_sizes, 30.0)
    assert (rates.again_sizes >= 20.0).all()
    assert ((rates.lost_shares > 0) & (rates.lost_shares < 1)).all()
    assert 0 < rates.active < 400


def test_new_customers_of_parts_add_up_to_those_of_the_whole() -> None:
    """Over every dimension customers are known by, draw by draw; what sells nothing wins nobody."""
    rates = CustomerRates("type", ("new",), np.array([20.0]), by={"product": {"Tea": 10.0, "Pot": 40.0}})
    parts = [("product", "Tea"), ("product", "Pot"), ("product", "Cup")]
    money = np.random.default_rng(3).uniform(10.0, 90.0, (3, 4, 50))
    money[2] = 0.0
    whole = np.random.default_rng(4).uniform(1.0, 9.0, (4, 50))
    found = part_customers(whole, money, parts, rates)
    np.testing.assert_allclose(found.sum(axis=0), whole, rtol=1e-12)
    np.testing.assert_allclose(found[0] / found[1], 4.0 * money[0] / money[1])
    assert not found[2].any()


def test_won_leads_tell_what_a_customer_of_each_part_spends() -> None:
    """Of a dimension that every win bears; values with fewer than three wins are left to the mean."""
    closed = pd.Timestamp("2025-06-10")
    wins = [("Tea", 10.0)] * 3 + [("Pot", 40.0)] * 4 + [("Cup", 90.0)] * 2
    leads = pd.DataFrame(wins, columns=["product", "amount"]).assign(outcome="won", closed_at=closed)
    grid = SimpleNamespace(keys=pd.DataFrame({"sale_type": ["new", "repeat"]}))
    planned = SimpleNamespace(cycle="quarter", as_of=pd.Timestamp("2026-01-01"))
    sales = pd.DataFrame({"product": ["Tea"], "sale_type": ["new"], "revenue": [1.0]})
    rates, _ = customer_rates(workspace(leads=leads, sales=sales), planned, grid)
    assert rates is not None
    assert rates.by == {"product": {"Tea": 10.0, "Pot": 40.0}}
    assert rates.mix == {"product": {"Cup": 180 / 370, "Pot": 160 / 370, "Tea": 30 / 370}}


def test_buyers_who_move_to_a_dearer_product_are_fewer_for_the_same_money() -> None:
    """Tea brings 10 a customer, a machine 50; half of 3,000 each was 1,500 / 10 + 1,500 / 50 = 180 customers.

    All of the 3,000 on machines is 60 customers; the past mix at any scale leaves the mean size alone; what
    nobody bought before, and what the parts do not say, counts as a usual customer's.
    """
    size = 3000.0 / 180.0
    by, mix = {"product": {"Tea": 10.0, "Machine": 50.0}}, {"product": {"Tea": 0.5, "Machine": 0.5}}
    rates = CustomerRates("type", ("new",), np.array([size]), by=by, mix=mix)
    parts = [("product", "Tea"), ("product", "Machine"), ("product", "Cup")]

    def customers(*money: float) -> float:
        new = np.array(money).reshape(3, 1, 1)
        return float((new.sum(axis=0) / dearer_mix(new, parts, rates) / size).item())

    assert customers(1500.0, 1500.0, 0.0) == pytest.approx(180.0)
    assert customers(150.0, 150.0, 0.0) == pytest.approx(18.0)
    assert customers(0.0, 3000.0, 0.0) == pytest.approx(60.0)
    assert customers(3000.0, 0.0, 0.0) == pytest.approx(300.0)
    assert customers(0.0, 0.0, 3000.0) == pytest.approx(180.0)
    assert customers(0.0, 0.0, 0.0) == 0.0
    assert dearer_mix(np.ones((3, 1, 1)), parts, CustomerRates("type", ("new",), np.array([size]))) == 1.0
