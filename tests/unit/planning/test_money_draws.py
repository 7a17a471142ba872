"""Draws of money are the draws of the plan at the price and cost of each cell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from alignment_lib.inputs.configuration.settings import ProfitSettings
from alignment_lib.planning.money.book import MoneyBook, money_cells, money_levels
from alignment_lib.planning.money.costs import MoneyGrid, lay_out_costs
from alignment_lib.planning.money.plan_money import plan_money
from alignment_lib.planning.money.price_paths import PricePaths
from alignment_lib.planning.odds.drawing import draw_values
from alignment_lib.planning.odds.money_draws import draw_money
from alignment_lib.planning.odds.simulation import simulate_plan
from alignment_lib.planning.plan.horizon import Horizon
from alignment_lib.planning.plan.plan import compute_plan
from alignment_lib.planning.register.assumptions import example_assumption
from alignment_lib.planning.round.money_tables import money_odds, money_rows, plan_in_money
from tests.cases.test_profit import cost_table
from tests.unit.planning.random_registers import random_register
from tests.unit.planning.round_examples import small_horizon

COSTS = [
    {"product": "Small", "unit_cost": 1.0},
    {"product": "Large", "unit_cost": 2.0},
    {"pays_for": "A1", "funding": 90.0, "funding_per": "action"},
]
TARGETS = pd.DataFrame(
    [["2026Q1", "margin", "Small", "web", 100.0], ["2026Q1", "revenue", "", "", 1000.0]],
    columns=["label", "measure", "product", "channel", "target"],
)


def costed(horizon: Horizon, rows: list[dict[str, object]] = COSTS) -> Horizon:
    grid = horizon.grid
    table = cost_table(rows, grid.dimensions)
    costs = lay_out_costs(table, grid.keys, grid.periods, grid.calendar, ProfitSettings())
    return replace(horizon, grid=replace(grid, money=MoneyGrid(costs)))


def book_of(horizon: Horizon, prices: PricePaths | None = None) -> MoneyBook:
    closed = {name: np.ones(horizon.closed.shape) for name in ("revenue", "cost", "funding")}
    periods = horizon.spans.matrix.shape[1]
    return MoneyBook(("revenue", "margin", "profit"), closed, np.full(periods, 7.0), 0.1, TARGETS, prices)


def test_at_one_price_and_no_cost_money_is_drawn_as_the_plan_is() -> None:
    horizon = small_horizon(3)
    horizon = costed(replace(horizon, grid=replace(horizon.grid, price=np.ones(horizon.grid.baseline.shape))))
    rows = [replace(row, kind="promotion") for row in random_register(3, weeks=12)]
    plan = compute_plan(horizon.grid, rows, "s")
    values = draw_values(rows, 400, 1)
    odds = simulate_plan(plan, horizon.samples, values, horizon.levels, horizon.spans)
    levels, spans = horizon.levels.matrix[odds.kept], horizon.spans.matrix
    money = draw_money(plan, plan_money(plan), horizon.samples, values, levels, spans, 400)
    np.testing.assert_allclose(money.revenue, odds.sums, rtol=1e-6, atol=1e-6)


def test_a_drawn_price_moves_volume_and_price_in_the_same_draw() -> None:
    horizon = costed(small_horizon(4, spread=0.0))
    row = example_assumption(
        id="P", kind="price_change", elasticity=-2.0, expected=5.0, low=0.0, high=10.0,
        start=horizon.grid.periods[0], end=horizon.grid.periods[-1] + pd.Timedelta(days=6),
    )  # fmt: skip
    grid = replace(horizon.grid, driver_effects={}, driver_kinds={})
    plan = compute_plan(grid, [row], "s")
    drawn = {"P": np.array([0.0, 5.0, 10.0])}
    spans, levels = np.ones((1, len(grid.periods))), horizon.levels.matrix[:1]
    found = draw_money(plan, plan_money(plan), grid.baseline[None], drawn, levels, spans, 3)
    base = float((grid.baseline * grid.price).sum())
    factors = [(1 + change) ** -2.0 * (1 + change) for change in (0.0, 0.05, 0.10)]
    np.testing.assert_allclose(found.revenue[0, 0], [base * one for one in factors], rtol=1e-5)


def test_departures_of_prices_multiply_revenue_and_leave_cost_alone() -> None:
    horizon = costed(small_horizon(5, spread=0.0))
    plan = compute_plan(horizon.grid, [], "s")
    logs = np.full((2, *plan.plan.shape), np.log(1.1))
    logs[1] = 0.0
    samples = horizon.grid.baseline[None].repeat(2, axis=0)
    spans, levels = np.ones((1, plan.plan.shape[1])), horizon.levels.matrix[:1]
    money = plan_money(plan)
    found = draw_money(plan, money, samples, {}, levels, spans, 2, PricePaths(logs), 3)
    plain = draw_money(plan, money, samples, {}, levels, spans, 2)
    assert sorted((found.revenue / plain.revenue)[0, 0].round(6)) == [1.0, 1.1]
    np.testing.assert_array_equal(found.cost, plain.cost)


@pytest.mark.parametrize("closed", [0, 3])
def test_the_parts_add_up_and_every_measure_is_the_one_before_less_something(closed: int) -> None:
    horizon = costed(small_horizon(6, closed=closed))
    rows = [replace(row, kind="promotion") for row in random_register(6, weeks=12)]
    plan, book = compute_plan(horizon.grid, rows, "s"), book_of(horizon)
    cells = money_cells(plan_money(plan), book)
    known = np.isfinite(cells.margin)
    assert known.any()
    assert not known.all()
    np.testing.assert_allclose(cells.spend.sum(axis=0), 7.0, atol=1e-9)
    whole = cells.revenue - cells.cost - cells.funding - cells.overhead - cells.spend
    np.testing.assert_allclose(cells.profit, whole, atol=1e-9)
    planned = plan_in_money(plan, horizon, book, draw_values(rows, 400, 1), 400, 1)
    table = money_odds(plan, planned, horizon, TARGETS)
    broad = table[(table["span"] == "year") & (table["channel"] == "")]
    for _, part in broad.groupby("measure"):
        total = part.loc[part["product"] == "", "plan"].iloc[0]
        assert part.loc[part["product"] != "", "plan"].sum() == pytest.approx(total, abs=1e-6)
    frame = money_rows(plan, planned, horizon.labels)
    total = table[(table["span"] == "year") & (table[["product", "channel"]] == "").all(axis=1)]
    for measure, want in zip(total["measure"], total["plan"], strict=True):
        assert frame[measure].sum() == pytest.approx(want, abs=1e-6)


def test_every_target_in_money_has_its_odds_at_any_part() -> None:
    horizon = costed(small_horizon(7))
    plan, book = compute_plan(horizon.grid, [], "s"), book_of(horizon)
    planned = plan_in_money(plan, horizon, book, {}, 400, 1)
    found = money_odds(plan, planned, horizon, TARGETS)
    asked = found[found["target"].notna()]
    # A part of two dimensions has a level of its own.
    assert asked[["measure", "product", "channel"]].values.tolist() == [
        ["revenue", "", ""],
        ["margin", "Small", "web"],
    ]
    assert asked["probability"].between(0, 1).all()


def test_levels_are_all_sales_each_value_and_each_part_asked_for() -> None:
    horizon = small_horizon(7)
    levels = money_levels(horizon.levels, TARGETS)
    assert len(levels.keys) == 1 + 3 + 2 + 1
    assert levels.matrix[-1].sum() == 1
