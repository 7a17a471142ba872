"""A price change in percent of price: its elasticity stated, measured, or unknown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from alignment_lib.planning.evidence.estimated_elasticity import fill_elasticities
from alignment_lib.planning.plan.plan import compute_plan, plan_revenue
from alignment_lib.planning.register.assumptions import example_assumption
from tests.unit.planning.random_registers import random_grid

ROW = example_assumption(
    kind="price_change", expected=10.0, scope={"product": "Small"}, fields={"lever": "price"}
)


def _grid():
    grid = random_grid(1, zeros=0.0)
    return replace(grid, driver_effects={}, last_price=grid.price)


def _effects(**changes) -> pd.DataFrame:
    rows = [
        {"product": "Small", "channel": "", "estimate": -2.0, "standard_error": 0.3, "events": 4},
        {"product": "", "channel": "", "estimate": -1.5, "standard_error": 0.2, "events": 9},
    ]
    common = {
        "driver": "price",
        "effect": "elasticity",
        "usual": 0.1,
        "unit": "log per log",
        "pooled_share": 0.2,
    }
    return pd.DataFrame([row | common | changes for row in rows])[
        ["product", "channel", "driver", "effect", "estimate", "standard_error", "usual", "events", "unit",
         "pooled_share"]
    ]  # fmt: skip


def test_the_elasticity_measured_in_the_scope_is_taken_and_said() -> None:
    (row,), (notice,) = fill_elasticities([ROW], _effects(), _grid())
    assert row.elasticity == -2.0
    assert notice.text == (
        "A1 names no elasticity: −2.00 measured in its scope is taken "
        "(standard error 0.30, 4 past price changes)"
    )
    plan = compute_plan(_grid(), [row], "x")
    small = (plan.grid.keys["product"] == "Small").to_numpy()
    day = plan.grid.baseline[small, 0] / 7
    # One day of the week at a price 10 % up: volume times 1.1 ** -2.
    np.testing.assert_allclose(plan.effects["A1"][small, 0], day * (1.1**-2 - 1))


@pytest.mark.parametrize("effects", [None, _effects()[:0], _effects(driver="other")])
def test_without_a_measured_elasticity_volume_stays_and_revenue_follows_the_price(effects) -> None:
    (row,), (notice,) = fill_elasticities([ROW], effects, _grid())
    assert notice.code == "elasticity_unknown"
    plan = compute_plan(_grid(), [row], "x")
    np.testing.assert_allclose(plan.plan, plan.grid.baseline)
    money, before = plan_revenue(plan), plan.grid.baseline * plan.grid.price
    small = (plan.grid.keys["product"] == "Small").to_numpy()
    np.testing.assert_allclose(money[small, 0], before[small, 0] * (1 + 0.1 / 7))


@pytest.mark.parametrize(
    "row", [replace(ROW, elasticity=-1.0), replace(ROW, fields={}), replace(ROW, kind="promotion")]
)
def test_a_claim_that_asks_for_none_is_left_alone(row) -> None:
    assert fill_elasticities([row], _effects(), _grid()) == ((row,), [])
