"""One loop draws every cell: the same to the bit whatever is drawn with it, floored cell by cell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from alignment_lib.planning.odds import cell_draws
from alignment_lib.planning.odds.cell_draws import Paths
from alignment_lib.planning.odds.drawing import draw_values
from alignment_lib.planning.odds.simulation import draw_sums, simulate_plan
from alignment_lib.planning.plan.plan import compute_plan
from alignment_lib.planning.register.assumptions import example_assumption
from tests.unit.planning.random_registers import random_register
from tests.unit.planning.round_examples import netting_returns, small_horizon

PATHS = 60


def _plan(seed: int, closed: int, nets: bool):
    horizon = small_horizon(seed, closed=closed, paths=PATHS)
    horizon = netting_returns(horizon) if nets else horizon
    rows = [replace(row, low=row.expected - 9, high=row.expected + 9) for row in random_register(seed, 7, 12)]
    return horizon, compute_plan(horizon.grid, rows, "x"), draw_values(rows, PATHS, 3)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 2), st.booleans(), st.sampled_from([1, 300, 5000]))
def test_odds_do_not_depend_on_how_draws_are_cut_into_chunks(
    seed: int, closed: int, nets: bool, chunk: int
) -> None:
    horizon, plan, values = _plan(seed, closed, nets)
    whole = simulate_plan(plan, horizon.samples, values, horizon.levels, horizon.spans)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cell_draws, "_CHUNK", chunk)
        parts = simulate_plan(plan, horizon.samples, values, horizon.levels, horizon.spans)
    for name in ("cells", "quantiles", "sums"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(parts, name))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.booleans())
def test_every_part_and_span_asked_alone_is_that_of_the_whole(seed: int, nets: bool, hold: bool) -> None:
    horizon, plan, values = _plan(seed, 1, nets)
    keep = np.arange(horizon.levels.matrix.shape[0])
    whole = simulate_plan(plan, horizon.samples, values, horizon.levels, horizon.spans, keep)
    paths = Paths(horizon.samples, hold=hold)
    for level in keep:
        alone = draw_sums(plan, paths, values, horizon.levels.matrix[[level]], horizon.spans.matrix)
        np.testing.assert_array_equal(alone[0], whole.sums[level])
    # Parts add up to the whole in every draw, exactly.
    leaves = whole.sums[-len(horizon.grid.keys) :]
    np.testing.assert_array_equal(leaves.sum(axis=0), whole.sums[0])


def test_a_cell_is_floored_at_zero_unless_it_or_its_sample_lies_below_it() -> None:
    # A loss of 15 a week on a baseline of 10 that is sampled at 12, -3, 30: the first is floored, the second
    # was below zero by itself, the third is left with 15. The line planned at -4 stays what is drawn.
    horizon = small_horizon(1, paths=3)
    baseline = np.full_like(horizon.grid.baseline, 10.0)
    baseline[1] = -4.0
    samples = np.full((3, *baseline.shape), 12.0)
    samples[1], samples[2], samples[:, 1] = -3.0, 30.0, 1.0
    grid = replace(horizon.grid, baseline=baseline, driver_effects={})
    days = {"start": grid.periods[0], "end": grid.periods[-1] + np.timedelta64(6, "D")}
    weeks, count = len(grid.periods), len(grid.keys)
    loss = example_assumption(id="A", kind="one_off", unit="units", expected=-1.0, **days)
    plan = compute_plan(grid, [loss], "x")
    values = {"A": np.array([-15.0, -15.0, -15.0 + 1e-9]) * weeks * count}
    one = sparse.csr_matrix(np.eye(count)[:2])
    drawn = draw_sums(plan, Paths(samples), values, one, np.eye(weeks))
    share = float(plan.effects["A"][0, 0]) * weeks * count / -1.0
    np.testing.assert_allclose(
        drawn[0, 0], [max(12 - 15 * share, 0), -3 - 15 * share, 30 - 15 * share], rtol=1e-6
    )
    other = float(plan.effects["A"][1, 0]) * weeks * count / -1.0
    np.testing.assert_allclose(drawn[1, 0], 1.0 - 15.0 * other, rtol=1e-6)
