"""Only what came other than planned has a part in a difference."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.review.causes import causes_against_plan, measure_drivers
from alignment_lib.review.moved import (
    PricesOfSpan,
    moved_prices,
    moved_promotions,
    planned_strengths,
    price_per_unit,
)
from tests.unit.review.test_causes import KEYS, KINDS, LAST, REGISTER, _drivers, _effects, _history

LABELS = pd.DataFrame(
    {
        "period": np.tile(LAST, 3),
        "product": np.repeat(KEYS["product"].to_numpy(), 3),
        "channel": np.repeat(KEYS["channel"].to_numpy(), 3),
    }
)
NOTHING = pd.DataFrame(columns=["assumption", "period", "product", "channel", "effect"])


def test_a_price_paid_as_planned_explains_nothing_whatever_the_plan_s_bridge_said_of_it() -> None:
    measured = measure_drivers(_history(), _effects(), _drivers(price_of_a=11.0), KINDS)
    bridge = LABELS.assign(assumption="driver:price", effect=-7.0)
    prices = PricesOfSpan(LABELS.assign(price=11.0), LABELS.assign(price=11.0))
    table = causes_against_plan(measured, LAST, bridge, REGISTER, KINDS, prices)
    assert "price" not in set(table["cause"])
    # At 10 % above the planned price the elasticity of A, -2, is what lost sales: 100 (1 - 1.1^2) a cell.
    dearer = PricesOfSpan(LABELS.assign(price=10.0), LABELS.assign(price=11.0))
    lost = causes_against_plan(measured, LAST, bridge, REGISTER, KINDS, dearer)
    rows = lost[(lost["cause"] == "price") & (lost["product"] == "A") & (lost["period"] == LAST[0])]
    assert rows["actual"].tolist() == pytest.approx([100 * (1 - 1.1**2)] * 2)
    assert (rows["reference"] == 0).all()


def test_promotions_that_ran_as_planned_explain_nothing() -> None:
    on = np.zeros(9, dtype=bool)
    on[2] = True
    planned = LABELS[on].assign(assumption="driver:coupon", effect=30.0)
    assert not moved_promotions(LABELS, on, planned, REGISTER, KINDS).any()
    # Planned, and did not run: its series, and those without a promotion that it would have moved.
    assert moved_promotions(LABELS, ~on & False, planned, REGISTER, KINDS).all()
    # One that somebody made a claim about is held to the claim.
    claimed = pd.concat([planned, planned.assign(assumption="P1", effect=-5.0)])
    assert moved_promotions(LABELS, on, claimed, REGISTER, KINDS)[:3].all()


def test_nothing_moved_where_no_promotion_was_on_or_planned() -> None:
    assert not moved_promotions(LABELS, np.zeros(9, dtype=bool), NOTHING, REGISTER, KINDS).any()


def test_cells_under_a_promotion_say_nothing_of_the_list_price() -> None:
    promoted = np.zeros((3, 3), dtype=bool)
    promoted[0, 1] = True
    paid = LABELS.assign(price=[10, 7, 11, *[10] * 6])
    gap = moved_prices(LABELS, LABELS.assign(price=10.0), paid, promoted)
    np.testing.assert_allclose(gap[0], [0.0, 0.0, np.log(1.1)])
    assert not gap[1:].any()


def test_rounding_of_a_price_is_no_move_and_a_cell_without_sales_has_no_price() -> None:
    sales = LABELS.assign(units=[0.0, *[10.0] * 8], revenue=[0.0, *[100.05] * 8])
    paid = price_per_unit(sales, ["product", "channel"])
    assert len(paid) == 8
    assert not moved_prices(LABELS, LABELS.assign(price=10.0), paid, np.zeros((3, 3), dtype=bool)).any()


def test_values_that_the_plan_knew_cannot_have_come_otherwise() -> None:
    kinds = {**KINDS, "index": "market"}
    measured = measure_drivers(_history(), _effects(), _drivers(), kinds)
    bridge = LABELS.assign(assumption="driver:index", effect=4.0)
    table = causes_against_plan(measured, LAST, bridge, REGISTER, kinds, known_ahead=["index"])
    assert "market, measured" not in set(table["cause"])
    assert "market, measured" in set(causes_against_plan(measured, LAST, bridge, REGISTER, kinds)["cause"])


def test_the_calendar_that_a_round_kept_tells_what_was_planned() -> None:
    runs = pd.DataFrame(
        {"driver": ["coupon", "coupon"], "product": ["A", ""], "channel": ["shop", ""],
         "start": [LAST[2], LAST[0]], "end": [LAST[2], LAST[0] + pd.Timedelta(days=30)], "depth": [0.3, 0.1]}
    )  # fmt: skip
    found = planned_strengths(KEYS, runs, ["coupon", "leaflet"], LAST)
    np.testing.assert_allclose(found["coupon"], [[0.1, 0, 0.3], [0.1, 0, 0], [0.1, 0, 0]])
    assert not found["leaflet"].any()
    # As strong as it came, everywhere: nothing is laid to promotions, whatever the bridge said of other
    # cells.
    drivers = _drivers().assign(channel="", coupon=0.0)
    drivers.loc[drivers["period"] == LAST[2], "coupon"] = 0.3
    measured = measure_drivers(_history(), _effects(), drivers, KINDS)
    kept = pd.DataFrame(
        {"driver": "coupon", "product": [""], "channel": "", "start": LAST[2], "end": LAST[2], "depth": 0.3}
    )
    bridge = LABELS.assign(assumption="driver:coupon", effect=5.0)
    same = causes_against_plan(measured, LAST, bridge, REGISTER, KINDS, calendar=kept)
    assert "promotion" not in set(same["cause"])
    deeper = causes_against_plan(measured, LAST, bridge, REGISTER, KINDS, calendar=kept.assign(depth=0.2))
    assert "promotion" in set(deeper["cause"])
