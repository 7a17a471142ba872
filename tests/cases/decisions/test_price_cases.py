"""Prices and discounts worked by hand: their volume and their price stand under one name, and add up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alignment_lib.planning.plan.bridge import dense
from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.plan.plan import Plan, compute_plan, plan_revenue
from alignment_lib.planning.plan.revenue import PRICE, revenue_blocks
from tests.unit.planning.plan_cases import case_grid, case_register, load_case

CASES = sorted((Path(__file__).parent / "price").glob("*.yaml"))


def _grid(case: dict[str, Any]) -> PlanGrid:
    logs = {name: np.log(1.0 - np.array(off)) for name, off in case.get("takes_off", {}).items()}
    logs |= {name: np.log(np.array(ratio)) for name, ratio in case.get("lists_at", {}).items()}
    regular = np.array(case["regular_price"], dtype=float) if "regular_price" in case else None
    grid = case_grid(case)
    return replace(grid, price_logs=logs, regular_price=regular, last_price=grid.price)


def _plan(case: dict[str, Any]) -> Plan:
    rows = case_register(case) if case["assumptions"] else ()
    return compute_plan(_grid(case), rows, "case")


def _money(plan: Plan) -> dict[str, float]:
    shape = plan.grid.baseline.shape
    return {name: float(dense(block, shape).sum()) for name, block in revenue_blocks(plan)}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_money_of_each_contributor_is_as_its_arithmetic_says(path: Path) -> None:
    case = load_case(path)
    plan = _plan(case)
    money = _money(plan)
    for name, wanted in case["money"].items():
        assert money.pop(name, 0.0) == pytest.approx(wanted, abs=2e-3), name
    money.pop("baseline", None)
    assert sum(abs(left) for left in money.values()) == pytest.approx(0.0, abs=1e-9)
    assert float(plan_revenue(plan).sum()) == pytest.approx(case["revenue"], abs=1e-3)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_money_adds_up_by_contributor_and_by_kind(path: Path) -> None:
    plan = _plan(load_case(path))
    money, whole = _money(plan), float(plan_revenue(plan).sum())
    volume = sum(amount for name, amount in money.items() if not name.startswith(PRICE))
    price = sum(amount for name, amount in money.items() if name.startswith(PRICE))
    assert volume + price == pytest.approx(whole, rel=1e-12)
