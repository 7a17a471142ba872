"""What promotions took off the price, by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from alignment_lib.review.discounts import paid_share, planned_promotions

WEEKS = pd.to_datetime(["2026-01-05", "2026-01-12"])


def _sales(revenue: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"period": WEEKS, "shop": "A", "units": [10.0, 10.0], "revenue": revenue})


LISTED = pd.DataFrame({"period": WEEKS, "shop": "A", "list_price": 10.0})
PROMOTED = LISTED.iloc[:1]


def test_only_what_a_promotion_took_off_counts() -> None:
    # 70 of 100 paid in the promoted week, 80 of 100 in the other, where no promotion was on: 30 of 180.
    found = paid_share(_sales([70.0, 80.0]), LISTED, PROMOTED, ["shop"])
    assert found["paid"].tolist() == pytest.approx([150.0 / 180.0])


def test_noise_of_the_price_and_prices_above_the_list_are_no_discount() -> None:
    assert paid_share(_sales([99.0, 100.0]), LISTED, PROMOTED, ["shop"])["paid"].tolist() == [1.0]
    assert paid_share(_sales([120.0, 100.0]), LISTED, PROMOTED, ["shop"])["paid"].tolist() == [1.0]


def test_a_series_without_sales_or_a_list_price_has_no_discount() -> None:
    nothing = _sales([0.0, 0.0]).assign(units=0.0)
    assert paid_share(nothing, LISTED, PROMOTED, ["shop"])["paid"].tolist() == [1.0]
    unlisted = LISTED.assign(list_price=float("nan"))
    assert paid_share(_sales([70.0, 80.0]), unlisted, PROMOTED, ["shop"])["paid"].tolist() == [1.0]


def test_a_plan_counts_on_a_promotion_where_one_of_its_contributors_adds_sales() -> None:
    bridge = pd.DataFrame(
        {
            "assumption": ["driver:deal", "P1", "driver:deal", "M1"],
            "period": [WEEKS[0], WEEKS[0], WEEKS[1], WEEKS[1]],
            "shop": "A",
            "effect": [5.0, 2.0, -3.0, 9.0],
        }
    )
    register = pd.DataFrame({"id": ["P1", "M1"], "kind": ["promotion", "market_shift"]})
    found = planned_promotions(bridge, register, {"deal": "promotion", "price": "price"}, ["shop"])
    assert found.to_dict("records") == [{"period": WEEKS[0], "shop": "A"}]
