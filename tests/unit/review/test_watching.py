"""Sales as they come in against a plan's own draws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_lib.review.watching import (
    BASELINE,
    explain_departure,
    find_boundary,
    foresee_end,
    watch_claims,
)


def _draws(seed: int, lines: int = 1, periods: int = 13, count: int = 400) -> np.ndarray:
    rng = np.random.default_rng(seed)
    level = rng.normal(1.0, 0.03, (1, 1, count))
    return 100.0 * np.exp(rng.normal(0.0, 0.05, (lines, periods, count))) * level


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.01, 0.05, 0.2]))
def test_no_more_of_the_draws_than_stated_ever_leave_the_bounds(seed: int, rate: float) -> None:
    draws = _draws(seed, 1, 6, 199)[0]
    found = find_boundary(draws, rate)
    sums = draws.cumsum(axis=0)
    left = ((sums < found.low[:, None]) | (sums > found.high[:, None])).any(axis=0)
    assert left.sum() <= rate * 200


def test_a_right_plan_is_left_as_often_as_stated_whatever_its_draws() -> None:
    alarms = []
    for seed in range(300):
        draws = _draws(seed, 1, 8, 200)[0]
        found = find_boundary(draws[:, 1:], 0.05)
        alarms.append((found.side(draws[:, 0].cumsum()) != 0).any())
    # 300 rounds at 1 in 20: 15 expected, more than 27 of them once in a thousand.
    assert sum(alarms) <= 27


def test_claims_of_a_right_plan_leave_it_as_seldom_as_stated() -> None:
    left = 0
    for seed in range(100):
        draws, shapes = _two_lines(seed)
        found = watch_claims(draws[:, :, 1:], draws[:, :, 0], {"A": shapes["A"]}, 0.05)
        left += found["A"] != 0
    # 5 expected of 100 at most, more than 12 of them once in a thousand.
    assert left <= 12


def test_too_few_draws_never_say_that_a_plan_has_been_left() -> None:
    found = find_boundary(_draws(1, 1, 4, 30)[0], 0.05)
    assert (found.side(np.array([0.0, 1e9])) == 0).all()


def test_sums_without_any_spread_are_left_by_anything_else() -> None:
    found = find_boundary(np.full((3, 100), 7.0), 0.05)
    assert found.side(np.array([7.0, 14.0])).tolist() == [0, 0]
    assert found.side(np.array([7.0, 13.0, 22.0])).tolist() == [0, -1, 1]


def test_a_claim_that_did_not_come_leaves_the_plan_on_its_side() -> None:
    draws, shapes = _two_lines(5)
    sold = draws.mean(axis=2)
    claims = {"A": shapes["A"], "small": 0.001 * shapes["A"]}
    assert watch_claims(draws, sold, claims, 0.05) == {"A": 0, "small": 0}
    assert watch_claims(draws, sold - shapes["A"], claims, 0.05)["A"] == -1
    assert watch_claims(draws, sold + shapes["A"], claims, 0.05)["A"] == 1
    # What is too small for anything to be told of it never leaves, whatever comes.
    assert watch_claims(draws, sold - shapes["A"], claims, 0.05)["small"] == 0


def test_what_was_sold_moves_where_the_round_will_end() -> None:
    draws = _draws(3)[0]
    sold = np.full(6, 90.0)
    ends = foresee_end(draws, sold)
    assert np.median(ends) < np.median(draws.sum(axis=0)) - 60.0
    assert ends.std() < draws.sum(axis=0).std()
    assert foresee_end(draws, np.full(13, 90.0)) == pytest.approx(np.full(400, 1170.0))
    assert foresee_end(draws, np.empty(0)) == pytest.approx(draws.sum(axis=0))


def _two_lines(seed: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """All sales, and the half of them that a claim of a third from the third period on is about."""
    parts = _draws(seed, 2, 6)
    effect = np.array([0.0, 0.0, 33.0, 33.0, 33.0, 33.0])
    parts[1] += effect[:, None]
    draws = np.stack([parts.sum(axis=0), parts[1]])
    return draws, {
        BASELINE: np.stack([np.full(6, 200.0), np.full(6, 100.0)]),
        "A": np.stack([effect, effect]),
    }


def test_a_fall_of_the_baseline_is_told_from_a_claim_that_did_not_come() -> None:
    draws, shapes = _two_lines(5)
    right = draws.mean(axis=2)
    for cause, share in ((BASELINE, -0.12), ("A", -1.0)):
        found = explain_departure(draws, right + share * shapes[cause], shapes)
        at = found.names.index(cause)
        assert found.chance[at] > 0.9
        assert found.size[at] == pytest.approx(share, abs=1e-9)
    assert found.chance.sum() == pytest.approx(1.0)


def test_a_cause_that_could_not_have_gone_so_far_is_not_named() -> None:
    draws, shapes = _two_lines(6)
    sold = draws.mean(axis=2) - 30.0
    shapes = {BASELINE: shapes[BASELINE], "A": np.full((2, 6), 0.1)}
    assert explain_departure(draws, sold, shapes).chance[0] > 0.99


def test_nothing_is_told_where_nothing_varies() -> None:
    found = explain_departure(
        np.ones((1, 2, 50)), np.ones((1, 2)), {BASELINE: np.ones((1, 2)), "A": np.ones((1, 2))}
    )
    assert np.isinf(found.error).all()
    assert found.chance.tolist() == [0.5, 0.5]
