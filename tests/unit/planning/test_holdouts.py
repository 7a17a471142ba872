"""The noise of units and the power of a holdout, held against draws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from alignment_lib.planning.evidence.holdouts import Holdout, UnitNoise, list_holdouts, measure_noise
from alignment_lib.planning.evidence.information import Belief, Stake, worth_of_test


@pytest.mark.parametrize(("units", "held_out"), [(4, 2), (10, 2), (40, 20)])
def test_the_smallest_effect_is_found_four_times_in_five(units: int, held_out: int) -> None:
    rng = np.random.default_rng(7)
    holdout = Holdout(UnitNoise("store", units, 0, 2, 20, 0.1), held_out)
    quiet = rng.normal(0.0, 0.1, (4000, units))
    moved = quiet + np.log1p(holdout.smallest_effect) * (np.arange(units) >= held_out)
    for changes, wanted in ((quiet, 0.05), (moved, 0.80)):
        found = stats.ttest_ind(changes[:, :held_out], changes[:, held_out:], axis=1).pvalue < 0.05
        assert found.mean() == pytest.approx(wanted, abs=0.02)


def test_noise_is_what_a_unit_strays_from_all_others() -> None:
    rng = np.random.default_rng(3)
    level, season = rng.uniform(50, 500, 30)[:, None], 1 + 0.4 * np.sin(np.arange(120) / 8)
    values = level * season * np.exp(rng.normal(0.0, 0.1, (30, 120)))
    found = measure_noise(values, "store", 2, 13)
    assert found is not None
    assert (found.units, found.left_out, found.periods) == (30, 0, 2)
    assert found.deviation == pytest.approx(0.1 * np.sqrt(1 / 2 + 1 / 13), rel=0.1)


def test_units_that_seldom_sell_are_counted_and_left_out() -> None:
    values = np.full((8, 60), 10.0)
    values[0, ::2] = 0.0
    values[1, -20:] = 0.0
    found = measure_noise(values, "store", 1, 1)
    assert found is not None
    assert (found.units, found.left_out) == (6, 2)


@pytest.mark.parametrize("shape", [(3, 60), (20, 6)])
def test_too_few_units_or_spans_tell_no_noise(shape: tuple[int, int]) -> None:
    assert measure_noise(np.full(shape, 5.0), "region", 2, 3) is None


@given(st.integers(4, 400))
def test_each_side_has_two_units_at_least(units: int) -> None:
    for holdout in list_holdouts(UnitNoise("store", units, 0, 1, 10, 0.1)):
        assert 2 <= holdout.held_out <= units - 2


@given(st.floats(0.1, 50), st.floats(0.01, 1e3), st.floats(-100, 100), st.floats(0.01, 1e3))
def test_a_test_is_never_worth_more_than_the_truth_nor_less_than_nothing(
    error: float, test_error: float, pays_from: float, slope: float
) -> None:
    belief, stake = Belief(10.0, error), Stake(slope, pays_from)
    tested, known = worth_of_test(belief, stake, test_error), worth_of_test(belief, stake, 0.0)
    for part, whole in zip(tested, known, strict=True):
        assert 0.0 <= part <= whole * (1 + 1e-9) + 1e-12
