"""Every combination of switches comes to what planning that combination comes to."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_lib.planning.odds import cell_draws
from alignment_lib.planning.odds import combinations as module
from alignment_lib.planning.odds.combinations import Combinations, Question, work_out_combinations
from alignment_lib.planning.odds.drawing import draw_values
from alignment_lib.planning.odds.simulation import odds_table, simulate_plan
from alignment_lib.planning.plan.plan import build_plan
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.layout import lay_out_register
from tests.unit.planning.random_registers import random_register
from tests.unit.planning.round_examples import netting_returns, no_targets, small_horizon

ROUND, PATHS = "2026Q1", 60


def _ranged(rows: list[Assumption]) -> tuple[Assumption, ...]:
    return tuple(
        replace(row, low=row.expected - 5.0, high=row.expected + 5.0) if row.expected > -80 else row
        for row in rows
    )


def _work_out(seed: int, closed: int = 0) -> tuple[Combinations, Question, object, object]:
    horizon = small_horizon(seed, closed=closed, paths=PATHS)
    if seed % 2:
        horizon = netting_returns(horizon)
    rows = _ranged(random_register(seed, size=7, weeks=12))
    layout = lay_out_register(horizon.grid, rows)
    ids = [row.id for row in rows]
    target = float(horizon.with_closed(horizon.grid.baseline).sum())
    question = Question(rows, frozenset(ids[:3]), tuple(ids[1:6]), ROUND, target, 5)
    return work_out_combinations(horizon, layout, question), question, horizon, layout


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 3))
def test_each_combination_equals_the_plan_of_those_rows_and_its_odds(seed: int, closed: int) -> None:
    found, question, horizon, layout = _work_out(seed, closed)
    names = list(found.switches["assumption"])
    quarter = np.flatnonzero((horizon.spans.table["span"] == "quarter").to_numpy())
    at = int(quarter[0])
    start = sum(2**at for at, name in enumerate(names) if name in question.on)
    for number in {0, 2 ** len(names) - 1, seed % 2 ** len(names), start}:
        chosen = set(question.on - set(names)) | {n for i, n in enumerate(names) if number >> i & 1}
        rows = [row for row in question.rows if row.id in chosen]
        plan = build_plan(layout, {row.id: row.expected for row in rows}, "direct")
        odds = simulate_plan(
            plan, horizon.samples, draw_values(rows, PATHS, question.seed), horizon.levels, horizon.spans
        )
        part = found.table[found.table["combination"] == number]
        direct = horizon.spans.matrix[quarter] @ horizon.with_closed(plan.plan).sum(axis=0)
        np.testing.assert_allclose(part["plan"], direct, rtol=1e-9, atol=1e-6)
        targets = no_targets(horizon)
        targets.loc[0] = [ROUND, *[""] * len(horizon.grid.dimensions), question.target]
        table = odds_table(plan, odds, horizon.levels, horizon.spans, targets, horizon.closed)
        published = table[table["target"].notna()].iloc[0]
        row = part[part["p50"].notna()].iloc[0]
        for name in ("p10", "p50", "p90", "probability"):
            assert row[name] == published[name]
        if number == start:
            assert np.array_equal(found.draws, odds.draws_of(0, at) + math.fsum(horizon.closed.ravel()))


def test_switches_start_as_in_the_plan_one_starts_from_and_every_combination_has_every_span() -> None:
    found, question, horizon, _ = _work_out(3)
    assert found.switches["on"].tolist() == [name in question.on for name in found.switches["assumption"]]
    quarters = int((horizon.spans.table["span"] == "quarter").sum())
    assert len(found.table) == 2 ** len(found.switches) * quarters
    assert found.table.loc[found.table["start"] == horizon.grid.periods[0], "p50"].notna().all()


def test_without_a_target_there_is_no_probability() -> None:
    horizon = small_horizon(2, paths=PATHS)
    rows = _ranged(random_register(2, size=2, weeks=12))
    question = Question(rows, frozenset(), tuple(row.id for row in rows), ROUND, float("nan"), 5)
    found = work_out_combinations(horizon, lay_out_register(horizon.grid, rows), question)
    assert found.table["probability"].isna().all()


def test_a_switch_that_would_take_too_many_plans_is_passed_by_and_the_rest_stay_exact(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_MOST_PLANS", 4)
    found, question, horizon, layout = _work_out(11)
    assert 1 <= len(found.switches) < len(question.switches)
    on = {name for name in found.switches["assumption"] if name in question.on}
    number = sum(2**at for at, name in enumerate(found.switches["assumption"]) if name in on)
    plan = build_plan(
        layout, {row.id: row.expected for row in question.rows if row.id in question.on}, "direct"
    )
    part = found.table[found.table["combination"] == number]
    assert part["plan"].sum() == pytest.approx(horizon.with_closed(plan.plan).sum(), rel=1e-9)


def test_series_drawn_in_parts_come_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, *_ = _work_out(3, closed=1)
    monkeypatch.setattr(cell_draws, "_CHUNK", 1)
    monkeypatch.setattr(cell_draws, "_MOST_HELD", 1)
    parts, *_ = _work_out(3, closed=1)
    np.testing.assert_array_equal(parts.draws, whole.draws)
    assert whole.table["p50"].notna().any()
    pd.testing.assert_frame_equal(parts.table, whole.table, check_exact=True)
