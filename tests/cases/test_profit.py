"""Worked cases of margin and funding: files with the arithmetic beside them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alignment_lib.inputs.configuration.settings import ProfitSettings
from alignment_lib.planning.money.costs import MoneyGrid, lay_out_costs
from alignment_lib.planning.money.plan_money import plan_money
from alignment_lib.planning.plan.plan import compute_plan
from alignment_lib.review.profit_variance import split_profit
from tests.unit.planning.plan_cases import case_grid, case_register, load_case

CASES = sorted((Path(__file__).parent / "profit").glob("0*.yaml"))
COLUMNS = {"period": pd.NaT, "cost": "", "unit_cost": np.nan, "funding": np.nan, "funding_per": "unit"}
COLUMNS |= {"pays_for": "", "paid_by": ""}


def cost_table(rows: list[dict[str, object]], names: list[str]) -> pd.DataFrame:
    """Rows of a costs table in canonical form."""
    table = pd.DataFrame([COLUMNS | dict.fromkeys(names, "") | row for row in rows])
    return table.assign(period=pd.to_datetime(table["period"]))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_worked_case_comes_out_as_its_arithmetic_says(path: Path) -> None:
    case = load_case(path)
    grid = case_grid(case)
    settings = ProfitSettings(others_pay=tuple(case.get("others_pay", ())))
    table = cost_table(case["costs"], grid.dimensions)
    costs = lay_out_costs(table, grid.keys, grid.periods, grid.calendar, settings)
    grid = replace(grid, money=MoneyGrid(costs))
    rows = case_register(case) if case["assumptions"] else ()
    money = plan_money(compute_plan(grid, rows, "case"))
    for name in ("revenue", "cost", "funding", "margin"):
        np.testing.assert_allclose(getattr(money, name), case[name], atol=1e-9, err_msg=name)
    assert money.paid_by_others == pytest.approx(case.get("paid_by_others", 0.0))


def test_the_variance_of_profit_comes_out_as_its_arithmetic_says() -> None:
    case = load_case(Path(__file__).parent / "profit" / "variance.yaml")
    sold, planned = pd.DataFrame(case["sold"]), pd.DataFrame(case["planned"])
    found = split_profit(sold, planned, ["channel"], spend=tuple(case["spend"]))
    assert found.set_index("bar")["effect"].round(4).to_dict() == case["effects"]
