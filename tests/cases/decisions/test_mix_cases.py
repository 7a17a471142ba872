"""Buyers who move to another product pay its price: the same in a plan of units and in one of money."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from alignment_lib.planning.money.customers import CustomerRates, dearer_mix
from alignment_lib.planning.plan.plan import compute_plan, plan_revenue
from alignment_lib.planning.plan.plan_notices import plan_notices
from alignment_lib.planning.register.layout import lay_out_register
from tests.unit.planning.plan_cases import case_grid, case_register, load_case

CASES = sorted((Path(__file__).parent / "mix").glob("*.yaml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_buyers_pay_what_their_new_choice_costs(path: Path) -> None:
    case = load_case(path)
    prices = np.array(case["unit_price"], dtype=float) if "unit_price" in case else None
    plan = compute_plan(replace(case_grid(case), unit_price=prices), case_register(case), "case")
    np.testing.assert_allclose(plan.plan, case["plan"], atol=1e-9)
    assert float(plan_revenue(plan).sum()) == pytest.approx(case["revenue"], abs=1e-9)
    assert {name: round(amount, 6) for name, amount in plan.excess.items()} == case.get("excess", {})
    effects = sum(plan.effects.values())
    np.testing.assert_allclose(plan.grid.baseline + effects, plan.plan, atol=1e-9)


@pytest.mark.parametrize(
    "path", [path for path in CASES if "missing" in load_case(path)], ids=lambda path: path.stem
)
def test_what_the_other_place_does_not_sell_is_said_to_stay(path: Path) -> None:
    case = load_case(path)
    layout = lay_out_register(case_grid(case), case_register(case))
    assert dict(layout.missing) == case["missing"]
    plan = compute_plan(case_grid(case), case_register(case), "case")
    said = [notice.sentence for notice in plan_notices([plan], layout) if notice.code == "unsold"]
    assert said == ["S moves buyers between places: products that only one of them sells stay where they are"]


def test_where_a_unit_price_is_not_known_money_moves_one_to_one() -> None:
    case = load_case(CASES[1])
    grid = replace(case_grid(case), unit_price=np.array([10.0, np.nan]))
    plan = compute_plan(grid, case_register(case), "case")
    np.testing.assert_allclose(plan.plan, [[900.0], [600.0]])


@pytest.mark.parametrize(
    "path", [path for path in CASES if "unit_price" in load_case(path)], ids=lambda path: path.stem
)
def test_customers_who_buy_one_each_are_as_many_as_units_whatever_they_move_to(path: Path) -> None:
    """Plans in money, a unit a customer: what they move to costs more, and is no more customers."""
    case = load_case(path)
    prices = np.array(case["unit_price"], dtype=float)
    grid = replace(case_grid(case), unit_price=prices)
    plan = compute_plan(grid, case_register(case), "case")
    names = [f"cell {row}" for row in range(len(prices))]
    past, revenue = grid.baseline.sum(axis=1), plan_revenue(plan).sum(axis=1)
    sold = past / prices
    rates = CustomerRates(
        "type",
        ("new",),
        np.array([past.sum() / sold.sum()]),
        by={"cell": dict(zip(names, prices.tolist(), strict=True))},
        mix={"cell": dict(zip(names, (past / past.sum()).tolist(), strict=True))},
    )
    mix = dearer_mix(revenue[:, None, None], [("cell", name) for name in names], rates)
    customers = revenue.sum() / rates.new_sizes.mean() / float(np.asarray(mix).item())
    assert customers == pytest.approx((revenue / prices).sum(), abs=1e-9)
    if path.stem.startswith("02"):
        assert customers == pytest.approx(110.0, abs=1e-9)
