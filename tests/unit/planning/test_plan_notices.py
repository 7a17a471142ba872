"""What plans did by a stated rule is said once, with the scenarios it concerns."""

from __future__ import annotations

from dataclasses import replace

from alignment_lib.planning.plan.plan import compute_plan
from alignment_lib.planning.plan.plan_notices import plan_notices
from alignment_lib.planning.register.assumptions import example_assumption
from alignment_lib.planning.register.layout import lay_out_register
from tests.unit.planning.round_examples import small_horizon

ROWS = [example_assumption(id="B1")]


def _plans(*amounts: dict[str, float]):
    grid = small_horizon(2).grid
    names = ("consensus", "as_proposed", "bold")
    plans = [
        replace(compute_plan(grid, ROWS, name), excess=found, owed={})
        for name, found in zip(names, amounts, strict=True)
    ]
    return plans, lay_out_register(grid, ROWS)


def _said(*amounts: dict[str, float]) -> list[str]:
    return [notice.text for notice in plan_notices(*_plans(*amounts))]


def test_one_amount_in_every_scenario_needs_no_scenario_named() -> None:
    assert _said({"A1": 22.0}, {"A1": 22.3}, {"A1": 22.0}) == [
        "A1 would take 22 units more than there is; its effect was cut by as much"
    ]


def test_amounts_that_differ_stand_in_one_sentence_with_their_scenarios() -> None:
    (text,) = _said({"A1": 22.0}, {"A1": 84.0}, {"A1": 84.0})
    assert text.startswith("A1 would take 22 units (consensus); 84 (as_proposed, bold) more than there is")


def test_a_claim_that_does_so_in_one_scenario_only_names_it() -> None:
    assert _said({}, {}, {"A1": 5.0}) == [
        "A1 would take 5 units (bold) more than there is; its effect was cut by as much"
    ]


def test_beyond_ten_claims_the_smaller_ones_are_summed_and_counted() -> None:
    plans, layout = _plans({f"A{n:02}": float(n) for n in range(1, 14)}, {"A01": 4.0}, {})
    notices = plan_notices(plans, layout)
    assert len(notices) == 11
    # By their largest amounts: A01 asks for 4 in one scenario, so A02, A03 and A04 are left.
    assert notices[-1].text == "3 more claims were cut by up to 9 units"
    assert notices[-1].count == 3


def test_no_plans_no_notices() -> None:
    assert plan_notices([], _plans({}, {}, {})[1]) == []
