"""Splits are exact, free of order, sign-flipping and additive; two blocks agree with Oaxaca and Blinder."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alignment_lib.review.splits import split_factors, split_two_blocks

CELLS = st.integers(1, 6).flatmap(
    lambda rows: st.tuples(*[arrays(float, (rows, 5), elements=st.floats(0, 1e4) | st.just(0.0))] * 2)
)


@settings(max_examples=500, deadline=None)
@given(CELLS)
def test_the_parts_add_up_to_the_difference(cells: tuple[np.ndarray, np.ndarray]) -> None:
    before, after = cells
    effects = split_factors(before, after)
    size = np.maximum(before.prod(axis=1), after.prod(axis=1)) + 1e-300
    gap = effects.sum(axis=1) - (after.prod(axis=1) - before.prod(axis=1))
    assert (np.abs(gap) <= 1e-9 * size + 1e-290).all()


@settings(max_examples=200, deadline=None)
@given(CELLS)
def test_swapping_the_ends_flips_the_signs(cells: tuple[np.ndarray, np.ndarray]) -> None:
    before, after = cells
    size = np.maximum(before.prod(axis=1), after.prod(axis=1))[:, None]
    both = split_factors(before, after) + split_factors(after, before)
    assert (np.abs(both) <= 1e-9 * size + 1e-290).all()


@given(CELLS, st.permutations(range(5)))
def test_the_order_of_the_factors_does_not_matter(
    cells: tuple[np.ndarray, np.ndarray], order: list[int]
) -> None:
    before, after = cells
    plain = split_factors(before, after)[:, order]
    shuffled = split_factors(before[:, order], after[:, order])
    size = np.maximum(before.prod(axis=1), after.prod(axis=1))[:, None]
    assert (np.abs(plain - shuffled) <= 1e-9 * size + 1e-290).all()


def test_a_split_by_hand() -> None:
    # 100 x 0.2 x 50 = 1,000 becomes 120 x 0.1 x 60 = 720. L = (720 - 1000) / ln(0.72) = 852.35;
    # times ln 1.2, ln 0.5, ln 1.2 = 0.18232, -0.69315, 0.18232.
    effects = split_factors(np.array([[100, 0.2, 50]]), np.array([[120, 0.1, 60]]))[0]
    assert effects == pytest.approx([155.401, -590.803, 155.401], abs=1e-3)
    assert effects.sum() == pytest.approx(-280)


def test_a_factor_that_falls_to_zero_carries_the_whole_loss() -> None:
    assert split_factors(np.array([[100, 0.2, 50]]), np.array([[120, 0.0, 50]]))[0].tolist() == [0, -1000, 0]


def test_an_unknown_factor_counts_as_unchanged() -> None:
    # No wins, so no order size: the loss of 1,000 is the win rate's.
    effects = split_factors(np.array([[100, 0.2, 50]]), np.array([[100, 0.0, np.nan]]))[0]
    assert effects.tolist() == [0, -1000, 0]


def test_two_blocks_are_the_mean_over_both_orders() -> None:
    value = {(): 10.0, ("q",): 16.0, ("h",): 12.0, ("h", "q"): 20.0}
    means = dict.fromkeys("qh", 0.0)
    for order in permutations("qh"):
        seen: tuple[str, ...] = ()
        for block in order:
            after = tuple(sorted((*seen, block)))
            means[block] += (value[after] - value[tuple(sorted(seen))]) / 2
            seen = after
    quality, handling = split_two_blocks(*(np.array(value[key]) for key in ((), ("q",), ("h",), ("h", "q"))))
    assert (quality, handling) == (means["q"], means["h"])


def test_the_linear_case_is_oaxaca_and_blinder_with_equal_weights() -> None:
    # Quality is who the leads were (x), handling what was made of them (the coefficients).
    import statsmodels.api as sm
    from statsmodels.stats.oaxaca import OaxacaBlinder

    rng = np.random.default_rng(5)
    group = np.r_[np.ones(300), np.zeros(200)]
    x = sm.add_constant(np.column_stack([rng.normal(size=500) + 0.5 * group, rng.normal(size=500)]))
    y = x @ [1.0, 0.8, -0.3] + group * (0.5 + 0.4 * x[:, 1]) + rng.normal(size=500)
    slope = {side: np.linalg.lstsq(x[group == side], y[group == side], rcond=None)[0] for side in (0, 1)}
    mean = {side: x[group == side].mean(axis=0) for side in (0, 1)}
    cells = [mean[quality] @ slope[handling] for quality, handling in ((0, 0), (1, 0), (0, 1), (1, 1))]
    quality, handling = split_two_blocks(*(np.array(cell) for cell in cells))
    model = OaxacaBlinder(y, np.column_stack([x, group]), 3, hasconst=True, swap=False)
    # Without swapping the first group is the 0s: the published gap is group 0 less group 1.
    unexplained, explained, gap = model.two_fold(two_fold_type="reimers").params
    np.testing.assert_allclose(
        [quality, handling, quality + handling], [-explained, -unexplained, -gap], rtol=1e-9
    )
