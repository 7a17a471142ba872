"""Draws, quantiles, odds of a target."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.planning.odds import drawing
from alignment_lib.planning.odds.cell_draws import Paths
from alignment_lib.planning.odds.drawing import Correlation, draw_values
from alignment_lib.planning.odds.quantiles import quantile_errors, row_quantiles
from alignment_lib.planning.odds.sensitivity import variance_share
from alignment_lib.planning.odds.simulation import draw_sums, levels_with_targets, odds_table, simulate_plan
from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.plan.plan import compute_plan
from alignment_lib.planning.register.assumptions import example_assumption
from alignment_lib.planning.register.launch_bands import launch_range
from tests.unit.planning.random_registers import random_register
from tests.unit.planning.round_examples import no_targets, small_horizon

DRAWS = 400


@given(st.floats(-90, 50), st.floats(0.1, 100), st.floats(0, 1))
def test_a_range_is_met_at_its_ten_and_ninety_percent_points(low: float, width: float, place: float) -> None:
    row = example_assumption(unit="units", low=low, expected=low + width * place, high=low + width)
    drawn = draw_values([row], 20_000, 1)["A1"]
    assert (drawn < low).mean() == pytest.approx(0.1, abs=0.01)
    assert (drawn > low + width).mean() == pytest.approx(0.1, abs=0.01)


def test_no_percent_draw_falls_below_a_complete_loss() -> None:
    rows = [
        example_assumption(id="A", low=-95.0, expected=-60.0, high=40.0),
        example_assumption(id="B", low=-100.0, expected=-98.0, high=-90.0),
    ]
    drawn = draw_values(rows, 20_000, 1)
    assert drawn["A"].min() > -100.0
    assert drawn["B"].min() == -100.0
    np.testing.assert_allclose(np.quantile(drawn["A"], [0.1, 0.9]), [-95.0, 40.0], atol=4.0)


def test_a_share_that_changes_hands_stays_between_none_and_all() -> None:
    row = example_assumption(
        kind="consumer_shift", moves_from=("shop",), moves_to=("web",), low=2.0, expected=50.0, high=99.0
    )
    drawn = draw_values([row], 5_000, 1)["A1"]
    assert drawn.min() > 0
    assert drawn.max() < 100


def test_the_draws_of_a_row_do_not_depend_on_the_other_rows() -> None:
    first = example_assumption(id="A", low=0.0, high=20.0)
    # The ends of its distribution take more steps to find.
    second = example_assumption(id="B", expected=0.4, low=0.0, high=20.0)
    alone, together = draw_values([first], 100, 7)["A"], draw_values([second, first], 100, 7)
    np.testing.assert_array_equal(alone, together["A"])
    assert abs(np.corrcoef(together["A"], together["B"])[0, 1]) < 0.3


def test_draws_kept_from_plan_to_plan_are_those_drawn_anew_and_cannot_be_written_to(monkeypatch) -> None:
    rows = [example_assumption(id=f"A{number}", low=0.0, high=20.0 + number) for number in range(5)]
    together = Correlation("owner", 0.5)
    first = [draw_values(rows, 50, seed, given) for seed in (1, 2) for given in (None, together)]
    monkeypatch.setattr(drawing, "_DRAWN", {})
    monkeypatch.setattr(drawing, "_MOST_KEPT", 100)
    anew = [draw_values(rows, 50, seed, given) for seed in (1, 2) for given in (None, together)]
    for kept, drawn in zip(first, anew, strict=True):
        for name, values in kept.items():
            np.testing.assert_array_equal(values, drawn[name])
    assert len(drawing._DRAWN) == 2
    with pytest.raises(ValueError, match="read-only"):
        first[0]["A1"][0] = 1.0


def test_a_row_without_a_range_is_certain_but_a_launch_gets_the_error_of_its_type() -> None:
    plain = example_assumption(id="A")
    launch = example_assumption(
        id="B", kind="new_product", unit="units", expected=1000.0, fields={"mechanic": "new to world"}
    )
    drawn = draw_values([plain, launch], 20_000, 3)
    assert np.ptp(drawn["A"]) == 0
    low, _, high = launch_range(launch)
    np.testing.assert_allclose(np.quantile(drawn["B"], [0.1, 0.9]), [low, high], rtol=0.05)
    assert high / 1000.0 > launch_range(replace(launch, fields={"mechanic": "cost improvement"}))[2] / 1000.0


def test_assumptions_of_one_owner_move_together_when_asked() -> None:
    rows = [example_assumption(id=name, owner="brand", low=0.0, high=20.0) for name in "AB"]
    rows.append(example_assumption(id="C", owner="sales", low=0.0, high=20.0))
    drawn = draw_values(rows, 20_000, 5, Correlation("owner", 0.6))
    scores = {name: pd.Series(values).rank() for name, values in drawn.items()}
    assert scores["A"].corr(scores["B"]) == pytest.approx(0.58, abs=0.03)
    assert abs(scores["A"].corr(scores["C"])) < 0.03
    np.testing.assert_allclose(np.quantile(drawn["A"], [0.1, 0.9]), [0.0, 20.0], atol=0.5)
    with pytest.raises(ValueError, match=r"a correlation of 1\.2 is not between 0 and 1"):
        Correlation("kind", 1.2)


@given(st.integers(2, 200), st.integers(0, 1000))
def test_selected_quantiles_equal_sorted_ones(count: int, seed: int) -> None:
    draws = np.random.default_rng(seed).normal(size=(3, count))
    shares = [0.025, 0.1, 0.5, 0.9, 0.975]
    np.testing.assert_allclose(
        row_quantiles(draws.copy(), shares), np.quantile(draws, shares, axis=1), atol=1e-12
    )


def test_the_stated_error_of_a_quantile_is_what_repetition_shows() -> None:
    random = np.random.default_rng(4)
    many = random.normal(size=(400, 1000))
    spread = np.quantile(many, 0.9, axis=1).std()
    stated = quantile_errors(many, [0.9], 1000)[0].mean()
    assert stated == pytest.approx(spread, rel=0.15)


def _certain(horizon):
    return replace(horizon, samples=np.repeat(horizon.grid.baseline[None], 8, axis=0))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_without_any_spread_every_quantile_is_the_plan(seed: int) -> None:
    horizon = _certain(small_horizon(seed % 50))
    plan = compute_plan(horizon.grid, random_register(seed, weeks=12), "x")
    odds = simulate_plan(plan, horizon.samples, {}, horizon.levels, horizon.spans)
    scale = 1e-5 * (1 + np.abs(plan.plan).max())
    for cells in odds.cells:
        np.testing.assert_allclose(cells, plan.plan, atol=scale)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.floats(-0.3, 0.3))
def test_a_draw_is_the_plan_worked_out_at_the_drawn_values(seed: int, shift: float) -> None:
    # One row drawn at one other value in every draw: the simulation must give that value's plan, but for
    # what donors cannot give, which it settles once; rows that move nothing are therefore exact.
    horizon = _certain(small_horizon(seed % 50))
    rows = [replace(row, moved_share=0.0, pull_forward_share=0.0) for row in random_register(seed, weeks=12)]
    rows = [row for row in rows if row.unit != "percent" or row.expected > -100]
    rows = [replace(row, expected=abs(row.expected)) if row.unit != "percent" else row for row in rows]
    grid = replace(horizon.grid, driver_kinds={})
    name = rows[0].id
    other = rows[0].expected * (1 + shift)
    plan = compute_plan(grid, rows, "x")
    wanted = compute_plan(grid, rows, "x", {name: other})
    drawn = np.full(8, other)
    drawn[0] = rows[0].expected
    odds = simulate_plan(plan, horizon.samples, {name: drawn}, horizon.levels, horizon.spans)
    np.testing.assert_allclose(odds.cells[2], wanted.plan, atol=2e-5 * (1 + np.abs(wanted.plan).max()))


def test_sums_over_levels_and_spans_agree_with_the_cells_drawn() -> None:
    horizon = small_horizon(3)
    rows = random_register(3, weeks=12)
    rows = [replace(row, low=row.expected - 5, high=row.expected + 5) for row in rows]
    plan = compute_plan(horizon.grid, rows, "x")
    drawn = draw_values(rows, DRAWS, 1)
    odds = simulate_plan(plan, horizon.samples, drawn, horizon.levels, horizon.spans)
    quick = draw_sums(plan, Paths(horizon.samples), drawn, horizon.levels.matrix[[0]], horizon.spans.matrix)
    np.testing.assert_array_equal(odds.sums[0], quick[0])
    year = (horizon.spans.table["span"] == "year").to_numpy()
    quarter = (horizon.spans.table["span"] == "quarter").to_numpy()
    np.testing.assert_array_equal(odds.sums[:, year].sum(axis=1), odds.sums[:, quarter].sum(axis=1))
    channels = [
        at
        for at, key in enumerate(horizon.levels.keys["channel"])
        if key and not horizon.levels.keys["product"][at]
    ]
    np.testing.assert_array_equal(odds.sums[channels].sum(axis=0), odds.sums[0])


def test_more_draws_than_paths_use_every_path_in_turn() -> None:
    horizon = small_horizon(5, paths=50)
    plan = compute_plan(horizon.grid, [], "x")
    few = simulate_plan(plan, horizon.samples, {}, horizon.levels, horizon.spans)
    many = simulate_plan(plan, horizon.samples, {}, horizon.levels, horizon.spans, draws=200)
    np.testing.assert_allclose(np.tile(few.sums, 4), many.sums)
    assert many.paths == 50


def test_the_probability_of_a_target_is_the_share_of_draws_that_reach_it_with_sold_weeks_counted() -> None:
    horizon = small_horizon(6, closed=4)
    plan = compute_plan(horizon.grid, [], "x")
    whole = float(horizon.closed.sum() + plan.plan.sum())
    leaf = horizon.grid.keys.iloc[2]
    targets = pd.DataFrame(
        [
            {"label": "2026Q1", "product": "", "channel": "", "target": whole * 0.5},
            {"label": "2026Q1", "product": leaf["product"], "channel": leaf["channel"], "target": 1e9},
            {"label": "2026", "product": "", "channel": "web", "target": 0.0},
        ]
    )
    keep = levels_with_targets(horizon.levels, targets)
    odds = simulate_plan(plan, horizon.samples, {}, horizon.levels, horizon.spans, keep)
    table = odds_table(plan, odds, horizon.levels, horizon.spans, targets, horizon.closed)
    asked = table[table["target"].notna()].sort_values("target")
    assert asked["probability"].tolist() == [1.0, 1.0, 0.0]
    total = table[(table["span"] == "quarter") & (table["product"] == "") & (table["channel"] == "")].iloc[0]
    assert total["p10"] < total["p50"] < total["p90"]
    assert total["plan"] == pytest.approx(whole)
    assert table["probability"].isna().sum() == len(table) - 3


def test_draws_that_were_not_kept_are_not_made_up() -> None:
    horizon = small_horizon(6)
    plan = compute_plan(horizon.grid, [], "x")
    odds = simulate_plan(plan, horizon.samples, {}, horizon.levels, horizon.spans)
    with pytest.raises(KeyError, match="were not kept"):
        odds.draws_of(len(horizon.levels.keys) - 1, 0)
    assert no_targets(horizon).empty


def test_the_share_of_variance_is_that_of_a_known_sum() -> None:
    random = np.random.default_rng(1)
    a, b, c = random.normal(size=(3, 40_000))
    total = 3 * a + 2 * b + c
    shares = [variance_share(total, part) for part in (a, b, c)]
    np.testing.assert_allclose(shares, [9 / 14, 4 / 14, 1 / 14], atol=0.02)
    assert variance_share(total, random.normal(size=40_000)) < 0.002


def _sums_without_error(plan, row: int) -> np.ndarray:
    samples = np.repeat(plan.grid.baseline[None], 4, axis=0)
    levels = sparse.csr_matrix(np.eye(len(plan.grid.keys))[[row]])
    return draw_sums(plan, Paths(samples), {}, levels, np.eye(plan.plan.shape[1]))[0]


def test_losses_of_sales_that_never_came_are_given_back_in_every_draw_too() -> None:
    # A gains 900 % of 10, all of it to be taken from B, which has 5 to give; a second claim halves A. The
    # product is 50: by the log mean L = 40 / ln 5 = 24.8534 the gain is L ln 10 = 57.2270 and the loss
    # L ln 0.5 = -17.2270. B gives 5, so A is left with 10 + 5 - 17.2270 = -2.2270: the loss is cut by 2.2270,
    # A is planned at nothing, and is nothing in every draw. R keeps draws from being cut off at zero.
    grid = PlanGrid(
        Calendar("week"),
        pd.DataFrame({"product": ["A", "B", "R"]}),
        Calendar("week").range(pd.Timestamp("2026-01-05"), 1),
        "units",
        np.array([[10.0], [5.0], [-3.0]]),
    )
    week = {"start": pd.Timestamp("2026-01-05"), "end": pd.Timestamp("2026-01-11"), "scope": {"product": "A"}}
    gain = example_assumption(id="G", expected=900.0, moves_from=("B",), moved_share=1.0, **week)
    loss = example_assumption(id="L", kind="market_shift", expected=-50.0, **week)
    plan = compute_plan(grid, [gain, loss], "case")
    np.testing.assert_allclose(plan.plan[:, 0], [0.0, 0.0, -3.0], atol=1e-9)
    assert plan.excess["L"] == pytest.approx(2.2270, abs=1e-4)
    for row in range(3):
        np.testing.assert_allclose(_sums_without_error(plan, row)[0], plan.plan[row, 0], atol=1e-5)
    random = np.random.default_rng(3)
    samples = grid.baseline * np.exp(random.normal(0, 0.2, (4000, 3, 1)) - 0.02)
    whole = draw_sums(plan, Paths(samples), {}, sparse.csr_matrix(np.eye(3)), np.ones((1, 1)))
    assert np.ptp(whole[0]) == 0.0
    assert whole[0].mean() == pytest.approx(plan.plan[0, 0], abs=1e-6)
