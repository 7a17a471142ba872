"""Swings: the plan at both ends of a row's range, worked out only where the row can change anything."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_lib.planning.odds.drawing import draw_values
from alignment_lib.planning.odds.sensitivity import sensitivity_table
from alignment_lib.planning.plan.horizon import Horizon
from alignment_lib.planning.plan.nearby import NearbyPlans
from alignment_lib.planning.plan.plan import compute_plan
from alignment_lib.planning.plan.session import open_session
from alignment_lib.planning.register.claims import lay_out_claims
from alignment_lib.planning.register.layout import lay_out_register
from tests.unit.planning.random_registers import FIRST, random_grid, random_register
from tests.unit.planning.round_examples import netting_returns, small_horizon


def _with_ranges(seed: int) -> list:
    rows = [replace(row, low=row.expected - 10.0, high=row.expected + 10.0) for row in random_register(seed)]
    before = FIRST - pd.Timedelta(weeks=9)
    # One row has ended before the first period; the others act in it.
    return [replace(rows[0], start=before, end=before + pd.Timedelta(weeks=4)), *rows[1:]]


def _horizon(seed: int, closed: int, negative: bool) -> Horizon:
    horizon = small_horizon(seed, closed=closed, paths=8)
    return netting_returns(horizon) if negative else horizon


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 3), st.booleans())
def test_each_end_is_the_plan_worked_out_anew_in_every_span(seed: int, closed: int, negative: bool) -> None:
    horizon, rows = _horizon(seed, closed, negative), _with_ranges(seed)
    found = sensitivity_table(horizon, lay_out_register(horizon.grid, rows), rows)
    table = found.set_index(["assumption", "label"])
    ended = rows[0].id
    assert all(claim.is_idle for claim in lay_out_claims(horizon.grid, rows[0])[0])
    assert (table.loc[ended, "swing"] == 0.0).all()
    for row in rows:
        for column, value in (("at_low", row.low), ("plan", row.expected), ("at_high", row.high)):
            plan = compute_plan(horizon.grid, rows, "x", {row.id: value}).plan
            sums = horizon.with_closed(plan).sum(axis=0) @ horizon.spans.matrix.T
            expected = table.loc[row.id, column].reindex(horizon.spans.table["label"])
            np.testing.assert_allclose(expected, sums, rtol=1e-9, atol=1e-7)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_a_plan_nearby_is_the_plan_of_the_session(seed: int, negative: bool) -> None:
    horizon, rows = _horizon(seed, 0, negative), random_register(seed, size=9)
    layout = lay_out_register(horizon.grid, rows)
    near = NearbyPlans(layout, {row.id: row.expected for row in rows})
    session = open_session(horizon.grid, rows, [row.id for row in rows])
    for row in rows:
        for value in (row.expected * 0.4 - 3.0, row.expected * 1.7 + 3.0):
            anew = session.with_value(row.id, value).plan.plan
            np.testing.assert_allclose(near.at(row.id, value), anew, rtol=1e-9, atol=1e-7)


def test_the_largest_swing_of_each_span_stands_first() -> None:
    horizon, rows = _horizon(5, 2, False), _with_ranges(5)
    drawn = draw_values(rows, 40, 1)
    totals = np.random.default_rng(1).normal(size=(len(horizon.spans.table), 40))
    table = sensitivity_table(horizon, lay_out_register(horizon.grid, rows), rows, totals, drawn)
    for _, part in table.groupby("label"):
        assert (part["swing"].diff().dropna() <= 0).all()
        assert part["variance_share"].between(0, 1).all()


def test_a_row_that_ended_before_the_first_period_moves_and_borrows_nothing() -> None:
    grid, rows = random_grid(3), _with_ranges(3)
    rows[0] = replace(rows[0], moved_share=0.5, moves_from=("Giant",), pull_forward_share=0.3)
    with_it, without = compute_plan(grid, rows, "x"), compute_plan(grid, rows[1:], "x")
    np.testing.assert_array_equal(with_it.plan, without.plan)
    assert not with_it.effects[rows[0].id].any()
