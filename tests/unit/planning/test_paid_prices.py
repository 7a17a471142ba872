from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.plan.paid_prices import Discounts, fill_depths, measure_discounts, note_prices
from alignment_lib.planning.plan.plan import compute_plan, plan_revenue
from alignment_lib.planning.register.assumptions import example_assumption

WEEK = Calendar("week")
KEYS = pd.DataFrame({"product": ["A", "B"]}, dtype=object)
KINDS = {"price": "price", "cut": "promotion", "feature": "promotion"}


def drawn(paid_follows_cut: bool, usual: float = 1.0) -> tuple[History, pd.DataFrame]:
    rng = np.random.default_rng(1)
    grid = WEEK.range(pd.Timestamp("2025-01-06"), 60)
    cut = np.where(rng.random((2, 60)) < 0.3, 0.2, 0.0)
    feature = (rng.random((2, 60)) < 0.2) * 1.0
    price = np.array([[10.0], [4.0]]) * np.ones((2, 60))
    paid = usual * price * ((1 - cut) if paid_follows_cut else 1.0)
    table = pd.DataFrame(
        {
            "period": np.tile(grid.to_numpy(), 2),
            "product": np.repeat(["A", "B"], 60),
            "price": price.ravel(),
            "cut": cut.ravel(),
            "feature": feature.ravel(),
        }
    )
    return History(WEEK, KEYS, grid, np.full((2, 60), 100.0), "units", paid), table


def test_a_depth_beside_a_list_price_comes_off_it_whole_and_a_feature_does_not() -> None:
    history, table = drawn(paid_follows_cut=True)
    discounts = measure_discounts(history, table, KINDS)
    assert dict(discounts.off) == {"cut": 1.0}
    share = discounts.paid_share(KEYS, table, history.periods)
    assert np.allclose(share * [[10.0], [4.0]], history.price)


def test_a_promotion_that_names_no_depth_is_planned_at_the_price_its_mechanic_left_before() -> None:
    history, table = drawn(paid_follows_cut=True)
    discounts = measure_discounts(history, table, KINDS)
    assert discounts.depths == pytest.approx({"cut": 0.2})
    periods = WEEK.range(pd.Timestamp("2026-03-02"), 2)
    price = np.array([[10.0, 8.0], [4.0, 4.0]])
    grid = PlanGrid(WEEK, KEYS, periods, "units", np.full((2, 2), 50.0), price, driver_kinds=KINDS)
    grid = replace(grid, last_price=np.array([[10.0, 10.0], [4.0, 4.0]]))
    claim = {
        "start": periods[0],
        "end": periods[-1] + pd.Timedelta(days=6),
        "kind": "promotion",
        "expected": 40.0,
    }
    rows = [
        example_assumption(id="P1", fields={"mechanic": "cut"}, **claim),
        example_assumption(id="P2", fields={"mechanic": "feature"}, **claim),
        example_assumption(id="P3", fields={"mechanic": "cut", "depth": 0.5}, **claim),
        example_assumption(id="P4", fields={"mechanic": "television"}, **claim),
    ]
    filled, notices = fill_depths(rows, discounts, grid)
    assert [row.depth_paid for row in filled] == pytest.approx([0.2, 0.0, 0.5, 0.0])
    assert [row.depth for row in filled] == [0.0, 0.0, 0.5, 0.0]
    (notice,) = notices
    assert notice.text.replace("\u202f", " ") == (
        "P1 states no depth, and 'cut' took 20 % off the price where it was on: as much is taken off here, "
        "but where the calendar holds the cut already"
    )
    # 50 a week at +40 %: 70 x 8 = 560 where the list stands, and where the calendar holds 8 already.
    revenue = plan_revenue(compute_plan(grid, [filled[0]], "x"))
    assert revenue[0] == pytest.approx([560.0, 560.0])
    assert revenue[1] == pytest.approx([70 * 3.2, 70 * 3.2])
    bare = replace(grid, price=None, last_price=None)
    assert fill_depths(rows, discounts, bare) == (tuple(rows), [])


def test_a_price_in_force_is_left_as_it_is() -> None:
    history, table = drawn(paid_follows_cut=False)
    assert measure_discounts(history, table, KINDS) == Discounts()


def test_a_price_with_tax_in_it_is_brought_to_what_revenue_shows() -> None:
    history, table = drawn(paid_follows_cut=True, usual=0.84)
    discounts = measure_discounts(history, table, KINDS)
    assert discounts.usual == pytest.approx(0.84)
    assert dict(discounts.off) == {"cut": 1.0}


def test_without_revenue_nothing_can_be_told() -> None:
    history, table = drawn(paid_follows_cut=True)
    silent = History(WEEK, KEYS, history.periods, history.values, "units")
    assert measure_discounts(silent, table, KINDS) == Discounts()


def test_what_was_assumed_and_how_many_series_lack_a_price_is_said() -> None:
    price = np.array([[10.0, 10.0], [np.nan, 4.0]])
    grid = PlanGrid(WEEK, KEYS, WEEK.range(pd.Timestamp("2026-01-05"), 2), "units", np.ones((2, 2)), price)
    texts = [notice.text for notice in note_prices(grid, Discounts(0.84, {"cut": 1.0}, 30))]
    assert texts == [
        "Customers paid less than the listed price where 'cut' was on (its depth came off): planned revenue "
        "is at the price paid, not at the list price.",
        "Revenue per unit was 0.84 times the listed price outside promotions; planned revenue follows that.",
        "1 of 2 series have no price in some or all periods: they are planned in units, and money totals "
        "leave those periods out.",
    ]
