"""Quantiles of rows of draws: found run by run or by selection, always the order statistics themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.planning.odds.quantiles import _by_runs, _by_selection, row_quantiles

SHARES = (0.025, 0.10, 0.50, 0.90, 0.975)


def _selected(draws: np.ndarray, shares: tuple[float, ...]) -> np.ndarray:
    return _by_selection(draws.copy(), np.asarray(shares) * (draws.shape[1] - 1))


@given(
    st.integers(1, 6_000),
    st.sampled_from([np.float32, np.float64]),
    st.sampled_from(["smooth", "rounded", "half zero", "all alike"]),
    st.integers(0, 2**32 - 1),
    st.sets(st.floats(0.0, 1.0), min_size=1, max_size=4).map(lambda found: tuple(sorted(found))),
)
def test_many_draws_give_bit_for_bit_what_selection_gives(
    count: int, kind: type, shape: str, seed: int, shares: tuple[float, ...]
) -> None:
    random = np.random.default_rng(seed)
    draws = random.lognormal(0.0, 0.4, (3, count)).astype(kind)
    if shape == "rounded":
        draws = np.round(draws, 1)
    if shape == "half zero":
        draws[:, random.random(count) < 0.5] = 0.0
    if shape == "all alike":
        draws[:] = draws[:, :1]
    np.testing.assert_array_equal(row_quantiles(draws.copy(), shares), _selected(draws, shares))
    np.testing.assert_array_equal(row_quantiles(draws.copy(), SHARES), _selected(draws, SHARES))


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_draws_in_order_are_noticed_and_selected_after_all(kind: type) -> None:
    # Runs of an ordered row hold different numbers altogether: no window of all of them is sure of anything.
    random = np.random.default_rng(3)
    ordered = np.sort(random.lognormal(0.0, 0.4, (2, 4_000)).astype(kind), axis=1)
    mixed = random.permuted(ordered, axis=1)
    width = 2_000 // ordered.itemsize
    runs = ordered.reshape(2, -1, width)
    assert not _by_runs(ordered, runs, 0.5 * 3_999)[1].any()
    np.testing.assert_array_equal(row_quantiles(ordered.copy(), SHARES), row_quantiles(mixed, SHARES))


def test_a_quantile_between_two_draws_lies_between_them_in_proportion() -> None:
    # 2,001 numbers 0, 1, …, 2000 in any order: the 2.5 % point is 0.025 · 2000 = 50, the 0.01 % point 0.2.
    draws = np.random.default_rng(5).permutation(2_001).astype(float)[None]
    np.testing.assert_allclose(row_quantiles(draws, (0.0001, 0.025, 0.5)).ravel(), [0.2, 50.0, 1000.0])
