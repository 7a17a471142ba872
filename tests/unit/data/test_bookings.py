"""Orders of won leads are part of new sales."""

import numpy as np
import pandas as pd
import pytest

from data.generator import Demo
from data.generator.bookings import LARGEST_SHARE, book_orders
from data.generator.written import DEMO_FOLDER


def test_in_every_week_and_product_won_leads_fit_into_new_sales(demo: Demo) -> None:
    sales, leads = demo.tables["sales"], demo.tables["leads"]
    won = leads[leads["outcome"] == "won"]
    day = won["closed_at"].dt.normalize()
    period = day - pd.to_timedelta(day.dt.weekday, unit="D")
    booked = won.groupby([period.rename("period"), "product"])["amount"].sum()
    new = sales[sales["sale_type"] == "new"].groupby(["period", "product"])["revenue"].sum()
    without_a_lead = new.reindex(booked.index) - booked
    assert (without_a_lead > 0).all()
    assert booked.sum() / new.sum() == pytest.approx(0.32, abs=0.01)


def test_units_stay_below_the_stated_share(demo: Demo) -> None:
    orders, sales = demo.bookings.orders, demo.tables["sales"]
    new = sales[sales["sale_type"] == "new"].groupby(["period", "product"])["units"].sum()
    asked = orders.groupby(["period", "product"])["units"].sum()
    assert (asked <= LARGEST_SHARE * new.reindex(asked.index)).all()
    assert (orders["units"] >= 1).all()


def test_amounts_are_units_at_the_average_price_of_the_week(demo: Demo) -> None:
    orders, sales = demo.bookings.orders, demo.tables["sales"]
    new = sales[sales["sale_type"] == "new"].groupby(["period", "product"])[["revenue", "units"]].sum()
    keys = pd.MultiIndex.from_frame(orders[["period", "product"]])
    price = (new["revenue"] / new["units"]).reindex(keys).to_numpy()
    paid = (orders["amount"] / orders["units"]).to_numpy()
    assert np.all(paid <= price + 1e-9)
    assert np.all(paid > price - 0.0101)


def test_orders_too_large_for_their_week_are_cut_and_those_without_a_unit_left_are_lost() -> None:
    week = pd.Timestamp("2025-01-06")
    leads = pd.DataFrame(
        {
            "lead_id": ["L1", "L2", "L3"],
            "product": ["House Blend", "Espresso Machine", "House Blend"],
            "closed_at": [week + pd.Timedelta(days=2, hours=9)] * 2 + [pd.NaT],
            "outcome": ["won", "won", ""],
            "amount": np.nan,
        }
    )
    sales = pd.DataFrame(
        {
            "period": [week, week],
            "product": ["House Blend", "Espresso Machine"],
            "sale_type": ["new", "new"],
            "units": [10, 1],
            "revenue": [170.0, 280.0],
        }
    )
    booked = book_orders(1, leads, sales)
    assert booked.leads["outcome"].tolist() == ["won", "lost", ""]
    assert booked.orders["units"].tolist() == [9]
    assert booked.leads["amount"].tolist()[0] == 153.0
    assert booked.cut == 2


def test_the_readme_states_the_orders_as_they_are(demo: Demo) -> None:
    orders, sales = demo.bookings.orders, demo.tables["sales"]
    new = sales.loc[sales["sale_type"] == "new", "revenue"].sum()
    text = (DEMO_FOLDER / "README.md").read_text(encoding="utf-8")
    amount = orders["amount"].sum()
    assert f"they are {amount / new:.0%} of new revenue".replace("%", " %") in text
    stated = f"({len(orders):,} orders, {amount / 1e6:.2f} of {new / 1e6:.2f} million euros)"
    assert stated in text
    assert f"{demo.bookings.cut} orders were made smaller" in text
