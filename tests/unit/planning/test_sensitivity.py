"""Swings: the plan at both ends of a row's range, worked out only where the row can change anything."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_lib.planning.odds.sensitivity import sensitivity_table
from alignment_lib.planning.plan.plan import compute_plan
from alignment_lib.planning.register.claims import lay_out_claims
from alignment_lib.planning.register.layout import lay_out_register
from tests.unit.planning.random_registers import FIRST, random_grid, random_register


def _with_ranges(seed: int) -> list:
    rows = [replace(row, low=row.expected - 10.0, high=row.expected + 10.0) for row in random_register(seed)]
    before = FIRST - pd.Timedelta(weeks=9)
    # One row has ended before the first period; the others act in it.
    return [replace(rows[0], start=before, end=before + pd.Timedelta(weeks=4)), *rows[1:]]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_each_end_is_the_plan_at_that_value(seed: int) -> None:
    grid, rows = random_grid(seed), _with_ranges(seed)
    table = sensitivity_table(lay_out_register(grid, rows), rows, np.zeros(10), {}).set_index("assumption")
    ended = rows[0].id
    assert all(claim.is_idle for claim in lay_out_claims(grid, rows[0])[0])
    assert table.loc[ended, "swing"] == 0.0
    for row in rows:
        for end, value in (("at_low", row.low), ("at_high", row.high)):
            plan = compute_plan(grid, rows, "x", {row.id: value})
            moved = sum(float(block.sum()) for _, block in plan.moved.blocks.values())
            assert table.loc[row.id, end] == pytest.approx(float(grid.baseline.sum()) + moved, rel=1e-9)


def test_a_row_that_ended_before_the_first_period_moves_and_borrows_nothing() -> None:
    grid, rows = random_grid(3), _with_ranges(3)
    rows[0] = replace(rows[0], moved_share=0.5, moves_from=("Giant",), pull_forward_share=0.3)
    with_it, without = compute_plan(grid, rows, "x"), compute_plan(grid, rows[1:], "x")
    np.testing.assert_array_equal(with_it.plan, without.plan)
    assert not with_it.effects[rows[0].id].any()
