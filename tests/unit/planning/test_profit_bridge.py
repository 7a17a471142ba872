"""The bridge in profit is exact: every contributor at what its units bring and cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from alignment_lib.planning.money.book import money_cells
from alignment_lib.planning.money.plan_money import plan_money
from alignment_lib.planning.money.profit_bridge import SPEND, profit_bridge, profit_effects
from alignment_lib.planning.plan.plan import compute_plan
from tests.unit.planning.random_registers import random_register
from tests.unit.planning.round_examples import small_horizon
from tests.unit.planning.test_money_draws import book_of, costed


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("measure", ["units", "revenue"])
def test_from_baseline_over_every_contributor_to_plan(seed: int, measure: str) -> None:
    horizon = costed(small_horizon(seed, closed=2))
    prices = horizon.grid.price[:, 0]
    grid = replace(horizon.grid, measure=measure, unit_price=prices)
    rows = random_register(seed, size=8, weeks=12)
    plan = compute_plan(grid, rows, "s")
    money = plan_money(plan)
    effects = profit_effects(plan, money)
    total = sum(sum(parts.values()) for parts in effects.values())
    np.testing.assert_allclose(total[money.known], money.margin[money.known], atol=1e-7, rtol=1e-9)
    horizon = replace(horizon, grid=grid)
    book = book_of(horizon)
    table = profit_bridge(plan, horizon, book, "quarter")
    cells = money_cells(money, book)
    whole = table[(table["span"] == "year") & (table[["product", "channel"]] == "").all(axis=1)]
    steps = whole.set_index("assumption")["effect"]
    assert steps.drop("plan").sum() == pytest.approx(steps["plan"], abs=1e-7)
    assert steps["plan"] == pytest.approx(np.nansum(cells.profit[:, 2:]), abs=1e-6)
    assert steps[SPEND] == pytest.approx(-7.0 * 10)
    shown = table[table["span"] == "year"]
    for name, part in shown[shown["assumption"] == "plan"].groupby("span"):
        by_product = part.loc[part["product"] != "", "effect"].sum()
        assert by_product == pytest.approx(steps["plan"], abs=1e-6), name
