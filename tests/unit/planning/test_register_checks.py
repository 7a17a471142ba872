"""Checks of a register against its round, and double counting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from alignment_lib.planning.plan.grid import add_new_series
from alignment_lib.planning.plan.plan import compute_plan
from alignment_lib.planning.register.assumptions import example_assumption
from alignment_lib.planning.register.overlaps import find_overlaps
from alignment_lib.planning.register.register_checks import check_register, check_values
from tests.unit.planning.random_registers import random_grid

DAY = pd.Timestamp("2026-01-05")


def _notices(rows, grid=None, last_year=None) -> dict[str, str]:
    problems, notices = check_register(grid or random_grid(1, zeros=0.0), rows, last_year)
    assert problems == []
    return {notice.code: notice.text for notice in notices}


def _row(name="A1", **changes):
    return example_assumption(**({"id": name, "low": 5.0, "high": 15.0, "start": DAY, "end": DAY} | changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"moved_share": 1.4}, "column moved_share: found A1: 1.4, expected a decimal from 0 to 1"),
        (
            {"pull_forward_share": -0.1},
            "column pull_forward_share: found A1: -0.1, expected a decimal from 0 to 1",
        ),
        (
            {"low": -120.0},
            "column low: found A1: -120 %, expected -100 or more; write -100 for a complete loss",
        ),
        ({"low": 12.0}, "column low: found A1: low 12, expected 10, high 15, expected low ≤ expected ≤ high"),
        (
            {"end": DAY - pd.Timedelta(days=1)},
            "column end: found A1: 2026-01-04, expected an end on or after the start",
        ),
        (
            {"kind": "price_change", "elasticity": -2.0, "low": -100.0},
            "found A1: a price -100 %, expected a price above",
        ),
        ({"expected": float("nan")}, "column expected: found A1: nan, expected a number"),
    ],
)
def test_values_that_cannot_be_meant_are_problems(changes, said) -> None:
    assert any(said in str(problem) for problem in check_values([_row(**changes)]))


def test_a_sound_row_has_neither_problems_nor_notices() -> None:
    assert _notices([_row()]) == {}


def test_dates_outside_the_horizon_are_kept_and_said_to_have_no_effect() -> None:
    late = _row(start=DAY + pd.Timedelta(days=400), end=DAY + pd.Timedelta(days=401))
    assert _notices([late]) == {
        "outside_horizon": "begin after the horizon, which ends before 2026-03-02: no effect (A1)"
    }
    early = _row(start=DAY - pd.Timedelta(days=9), end=DAY - pd.Timedelta(days=8))
    assert _notices([early]) == {
        "ended": "ended before the open periods, which begin on 2026-01-05: no effect (A1)"
    }
    grid = random_grid(1)
    assert compute_plan(grid, [late], "x").effects["A1"].sum() == 0.0


def test_a_scope_that_matches_nothing_is_named() -> None:
    assert _notices([_row(scope={"product": "Tiny"})])["empty_scope"].endswith(
        "matches no series of the plan (A1)"
    )


def test_an_analog_without_sales_is_named_and_the_volume_split_equally() -> None:
    grid = random_grid(1, zeros=0.0)
    launch = _row(kind="new_product", unit="units", title="Tiny", fields={"analog": "Unheard of"})
    larger, _ = add_new_series(grid, [launch])
    assert "an analog without sales" in _notices([launch], larger)["analog_silent"]
    plan = compute_plan(larger, [launch], "x")
    new = (larger.keys["product"] == "Tiny").to_numpy()
    assert new.sum() > 1
    assert plan.plan[new, 0].tolist() == pytest.approx([10.0 / new.sum()] * new.sum())


def test_a_launch_acts_on_the_series_opened_under_its_title() -> None:
    grid = random_grid(1, zeros=0.0)
    launch = _row(kind="new_product", unit="units", expected=70.0, title="Tiny", fields={"analog": "Large"})
    larger, names = add_new_series(grid, [launch])
    assert names == {"A1": "product"}
    plan = compute_plan(larger, [launch], "x")
    tiny = (larger.keys["product"] == "Tiny").to_numpy()
    assert plan.effects["A1"][tiny].sum() == pytest.approx(70.0)
    assert np.abs(plan.effects["A1"][~tiny]).sum() == 0.0
    # The channels share it as they share the analog, at the analog's prices.
    large = grid.baseline[(grid.keys["product"] == "Large").to_numpy()].sum(axis=1)
    np.testing.assert_allclose(plan.effects["A1"][tiny, 0], 70.0 * large / large.sum())
    assert np.isfinite(larger.price[tiny]).all()


def test_a_circle_of_cannibalisation_is_named_and_still_planned() -> None:
    rows = [
        _row("A", scope={"product": "Small"}, moves_from=("Large",), moved_share=0.5),
        _row("B", scope={"product": "Large"}, moves_from=("Small",), moved_share=0.5),
    ]
    told = _notices(rows)["cannibalisation_circle"]
    assert told.startswith("a circle of cannibalisation: Large takes from Small takes from Large")
    plan = compute_plan(random_grid(1), rows, "x")
    total = sum(effect.sum() for effect in plan.effects.values())
    assert total == pytest.approx(plan.plan.sum() - plan.grid.baseline.sum())


def test_two_accepted_rows_that_contradict_are_named() -> None:
    rows = [
        _row("A", kind="market_shift", status="accepted", low=5.0, expected=10.0, high=15.0),
        _row("B", kind="market_shift", status="accepted", low=-15.0, expected=-10.0, high=-5.0),
    ]
    assert _notices(rows)["contradiction"].startswith(
        "A (+10) and B (−10) are both accepted for the same sales"
    )
    assert "contradiction" not in _notices([rows[0], replace(rows[1], status="proposed")])
    assert "contradiction" not in _notices([rows[0], replace(rows[1], high=6.0)])


def test_moves_without_a_share_or_without_a_partner_are_named() -> None:
    told = _notices([_row(moves_from=("Large",), moved_share=0.0)])
    assert told["moves_idle"].endswith("no moved_share beside the partner named (A1)")
    told = _notices([_row(scope={"product": "Large"}, moves_from=("Large",), moved_share=0.5)])
    assert told["moves_alone"].endswith("no partner lies outside the row's own scope (A1)")
    told = _notices(
        [_row(scope={"product": "Small"}, moves_from=("Large",), moved_share=0.7, pull_forward_share=0.5)]
    )
    assert "more is moved and borrowed than the row brings" in told["moves_over_one"]


def test_rejected_rows_are_left_alone() -> None:
    assert check_register(random_grid(1), [_row(status="rejected", moved_share=2.0)]) == ([], [])


def test_a_claim_that_restates_the_calendar_shows_the_overlap_in_units() -> None:
    grid = random_grid(1, zeros=0.0)
    row = _row(scope={"product": "Small"}, end=grid.periods[-1] + pd.Timedelta(days=6))
    (found,) = find_overlaps(grid, [row]).to_dict("records")
    rows = (grid.keys["product"] == "Small").to_numpy()
    assert found["with"] == "driver:deal"
    assert found["overlap"] == pytest.approx(grid.driver_effects["deal"][rows].sum())


def test_two_claims_of_one_kind_share_the_smaller_effect() -> None:
    # 10 % and 4 % of the same week of all series: the 4 % may be counted twice.
    grid = replace(random_grid(1, zeros=0.0), driver_effects={}, driver_kinds={})
    rows = [
        _row("A", end=DAY + pd.Timedelta(days=6)),
        _row("B", expected=4.0, low=1.0, end=DAY + pd.Timedelta(days=6)),
    ]
    table = find_overlaps(grid, rows)
    assert table["overlap"].tolist() == pytest.approx([0.04 * grid.baseline[:, 0].sum()] * 2)
    assert table["share_of_claim"].tolist() == pytest.approx([0.4, 1.0])
    other = replace(
        rows[1], scope={"product": "Small"}, start=DAY + pd.Timedelta(days=7), end=DAY + pd.Timedelta(days=8)
    )
    assert find_overlaps(grid, [rows[0], other]).empty
    assert find_overlaps(grid, [rows[0], replace(rows[1], kind="one_off")]).empty


def test_a_market_claim_in_the_direction_of_the_baselines_trend_is_flagged() -> None:
    grid = replace(random_grid(1, zeros=0.0), driver_effects={}, driver_kinds={})
    row = _row(kind="market_shift", end=grid.periods[-1] + pd.Timedelta(days=6))
    last_year = grid.baseline / 1.05
    (found,) = find_overlaps(grid, [row], last_year).to_dict("records")
    # The baseline is 5 % above last year, 1/21 of itself; the claim is 10 %.
    assert found["overlap"] == pytest.approx(grid.baseline.sum() / 21)
    assert "+5\u202f% against last year" in found["sentence"]
    assert find_overlaps(grid, [replace(row, expected=-10.0)], last_year).empty
    assert find_overlaps(grid, [row], grid.baseline).empty


def test_a_thousand_rows_are_planned_and_checked() -> None:
    from tests.unit.planning.random_registers import random_register

    grid = random_grid(1)
    rows = random_register(5, size=1000)
    plan = compute_plan(grid, rows, "x")
    scale = np.abs(plan.plan).sum() + grid.baseline.sum()
    assert np.isfinite(plan.plan).all()
    problems, notices = check_register(grid, rows, grid.baseline * 0.9)
    assert problems == []
    overlaps = [notice for notice in notices if notice.code == "overlap"]
    assert len(overlaps) == 21
    assert overlaps[-1].text.endswith("further overlaps are not listed here")
    assert (
        abs(sum(effect.sum() for effect in plan.effects.values()) - (plan.plan - grid.baseline).sum())
        < 1e-9 * scale
    )


def test_hostile_text_in_a_register_changes_no_number() -> None:
    grid = random_grid(1)
    nasty = ["=HYPERLINK(1)", "<script>", "x" * 10_000, "😀", "\u202eabc"]
    rows = [_row(text, title=text, owner=text) for text in nasty]
    plain = [_row(f"R{at}") for at in range(len(nasty))]
    np.testing.assert_allclose(compute_plan(grid, rows, "x").plan, compute_plan(grid, plain, "x").plan)
