"""Every worked case comes out as its arithmetic says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from alignment_lib.inputs.dictionary import load_dictionary
from alignment_lib.planning.plan.plan import compute_plan, plan_revenue
from tests.unit.planning.plan_cases import CASES, case_grid, case_register, load_case

KINDS = set(next(one for one in load_dictionary()["assumptions"] if one.column == "kind").choices)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_worked_case_comes_out_as_its_arithmetic_says(path: Path) -> None:
    case = load_case(path)
    plan = compute_plan(case_grid(case), case_register(case), "case")
    np.testing.assert_allclose(plan.plan, case["plan"], atol=1e-4)
    for name, wanted in case.get("effects", {}).items():
        np.testing.assert_allclose(plan.effects[name], wanted, atol=1e-4, err_msg=name)
    assert {name: round(amount, 6) for name, amount in plan.owed.items()} == case.get("owed", {})
    assert {name: round(amount, 6) for name, amount in plan.excess.items()} == case.get("excess", {})
    if "revenue" in case:
        np.testing.assert_allclose(plan_revenue(plan), case["revenue"], atol=1e-4)


def test_there_are_at_least_twelve_worked_cases() -> None:
    assert len(CASES) >= 12


def test_every_kind_and_every_ramp_has_a_worked_case() -> None:
    rows = [row for path in CASES for row in load_case(path)["assumptions"]]
    assert {row["kind"] for row in rows} == KINDS
    assert {row.get("ramp", "step") for row in rows} == {"step", "linear", "s-curve", "fade"}
