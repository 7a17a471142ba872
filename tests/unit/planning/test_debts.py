"""Borrowed volume across rounds: every unit is repaid once, whichever rounds planned its sale."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alignment_lib.planning.plan.debts import EarlierOwed, collect_debts, note_debts, place_debts
from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.plan.plan import compute_plan, owed_table
from alignment_lib.planning.register.assumptions import example_assumption
from tests.unit.planning.random_registers import FIRST, random_grid

WEEK = pd.Timedelta(days=7)


def _part(grid: PlanGrid, first: int, last: int) -> PlanGrid:
    """The grid of a round that plans only some of the weeks."""
    cut = slice(first, last)
    return replace(
        grid,
        periods=grid.periods[cut],
        baseline=grid.baseline[:, cut],
        price=grid.price[:, cut],
        driver_effects={name: effect[:, cut] for name, effect in grid.driver_effects.items()},
    )


def _plain_grid(seed: int) -> PlanGrid:
    """Even sales, so that every week can give what is asked of it and nothing is cut."""
    grid = random_grid(seed, weeks=20, zeros=0.0)
    baseline = np.random.default_rng(seed).uniform(50, 70, grid.baseline.shape)
    return replace(grid, baseline=baseline, driver_effects={}, driver_kinds={})


@settings(max_examples=100, deadline=None)
@example(seed=0, start=11, days=35, share=0.5, cut_at=3)  # repaid partly after the last week
@given(
    seed=st.integers(0, 10**6),
    start=st.integers(0, 11),
    days=st.integers(1, 40),
    share=st.floats(0.0, 0.9),
    cut_at=st.integers(1, 3),
)
def test_two_rounds_one_after_the_other_repay_what_one_long_round_repays(
    seed: int, start: int, days: int, share: float, cut_at: int
) -> None:
    grid = _plain_grid(seed)
    row = example_assumption(
        start=FIRST + start * WEEK, end=FIRST + start * WEEK + pd.Timedelta(days=days), expected=30.0,
        pull_forward_share=share,
    )  # fmt: skip
    whole = compute_plan(grid, [row], "x")
    cut = 4 * cut_at
    first = compute_plan(_part(grid, 0, cut), [row], "x")
    later = _part(grid, cut, 20)
    debts = collect_debts([EarlierOwed(FIRST, owed_table(first))], later.periods[0])
    placed, lost = place_debts(later, debts)
    second = compute_plan(replace(later, owed_before=placed), [row], "x")
    # What is repaid after the last week stays owed, as it does in the one long round.
    after_all = debts["owed"][(debts["period"] > later.periods[-1]).to_numpy(dtype=bool)].sum()
    assert lost == pytest.approx(after_all, abs=1e-9)
    np.testing.assert_allclose(np.hstack([first.plan, second.plan]), whole.plan, rtol=1e-9, atol=1e-9)
    effect = second.effects.get("A1", np.zeros(second.plan.shape))
    np.testing.assert_allclose(effect, whole.effects["A1"][:, cut:], rtol=1e-9, atol=1e-9)


def test_a_round_that_overlaps_the_last_one_takes_over_only_what_has_been_sold() -> None:
    # Weeks 0-11 planned first, then weeks 4-15: both hold the claim of weeks 2-5 and its repayment.
    grid = _plain_grid(1)
    row = example_assumption(
        start=FIRST + 2 * WEEK, end=FIRST + 6 * WEEK - pd.Timedelta(days=1), pull_forward_share=0.5
    )
    earlier = compute_plan(_part(grid, 0, 12), [row], "x")
    now = _part(grid, 4, 16)
    debts = collect_debts([EarlierOwed(FIRST, owed_table(earlier))], now.periods[0])
    placed, _ = place_debts(now, debts)
    after = compute_plan(replace(now, owed_before=placed), [row], "x")
    np.testing.assert_allclose(after.plan[:, :8], earlier.plan[:, 4:], rtol=1e-9)


def test_of_several_rounds_the_last_that_planned_the_sale_counts() -> None:
    def owed(amount: float) -> pd.DataFrame:
        weeks = [FIRST, FIRST + WEEK]
        return pd.DataFrame(
            {"assumption": "P", "borrowed": weeks, "period": FIRST + 2 * WEEK, "owed": [amount, 10 * amount]}
        )

    rounds = [EarlierOwed(FIRST + WEEK, owed(2.0)[1:]), EarlierOwed(FIRST, owed(1.0))]
    debts = collect_debts(rounds, FIRST + 2 * WEEK)
    # The first week was sold under the first round (1), the second under the second (20).
    assert sorted(debts["owed"]) == [1.0, 20.0]
    assert collect_debts([], FIRST).empty


def test_every_repayment_is_the_claims_own_volume_within_and_beyond_the_horizon() -> None:
    grid = _plain_grid(3)
    row = example_assumption(
        start=FIRST + 16 * WEEK, end=FIRST + 18 * WEEK - pd.Timedelta(days=1), pull_forward_share=0.4
    )
    plan = compute_plan(grid, [row], "x")
    table = owed_table(plan)
    assert set(table["borrowed"]) == {FIRST + 16 * WEEK, FIRST + 17 * WEEK}
    assert table.loc[table["beyond"], "owed"].sum() == pytest.approx(plan.owed["A1"])
    own = plan.own.parts[0][1].sum()
    assert table["owed"].sum() == pytest.approx(0.4 * own)
    by_period = table[~table["beyond"]].groupby("period")["owed"].sum()
    np.testing.assert_allclose(by_period, -plan.effects["A1"][:, 18:].sum(axis=0))


def test_debts_are_said_and_those_without_a_place_are_counted() -> None:
    grid = _plain_grid(1)
    debts = pd.DataFrame(
        {"assumption": "P", "period": [FIRST, FIRST - WEEK, FIRST], "product": ["Small", "Small", "Gone"],
         "channel": "web", "owed": [5.0, 3.0, 2.0]}
    )  # fmt: skip
    placed, lost = place_debts(grid, debts)
    assert placed["P"].sum() == -5.0
    assert lost == 5.0
    told = [notice.text for notice in note_debts(grid, debts)]
    assert told[0] == "P borrowed 5 units in an earlier round; they come off here"
    assert told[1].startswith("5 units borrowed in earlier rounds meet no series or open period")
    assert note_debts(grid, debts[:0]) == []
