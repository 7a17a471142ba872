from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_lib.forecasting.seasons.calendar_slopes import Priors, estimate_effects

WEEKS, YEAR = 312, 52


def priors(features: int) -> Priors:
    shape = (features, 1)
    return Priors(np.zeros(shape), np.full(shape, 0.5), np.full(shape, 0.2))


def yearly(place: int) -> np.ndarray:
    column = np.zeros(WEEKS)
    column[place::YEAR] = 1.0
    return column


def noise(series: int, size: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, size, (series, WEEKS))


def measure(level: np.ndarray, features: np.ndarray) -> np.ndarray:
    return estimate_effects(level, np.zeros(len(level), dtype=int), features, priors(features.shape[1]))


def test_an_effect_is_found_at_its_size() -> None:
    level = 0.7 * yearly(20) + noise(3, 0.03)
    slopes = measure(level, np.column_stack([yearly(20), yearly(21)]))
    assert slopes[:, 0] == pytest.approx(0.7, abs=0.05)
    assert np.abs(slopes[:, 1]).max() < 0.03


@pytest.mark.parametrize("beside", [-2, -1, 1, 2])
def test_a_spike_that_no_feature_knows_says_nothing_of_the_weeks_beside_it(beside: int) -> None:
    level = 1.1 * yearly(20) + noise(5, 0.03)
    slopes = measure(level, np.column_stack([yearly(20 + beside), yearly(40)]))
    assert np.abs(slopes).max() < 0.03


def test_a_feast_that_holds_the_peak_in_some_years_only_is_not_what_happened() -> None:
    wandering = np.zeros(WEEKS)
    wandering[[20, 72, 123, 175, 227, 279]] = 1.0  # the peak's week in two years, the one before in four
    slopes = measure(0.7 * yearly(20) + noise(3, 0.03), np.column_stack([wandering, yearly(40)]))
    assert np.abs(slopes).max() < 0.05


def test_chance_makes_no_effect() -> None:
    slopes = measure(noise(200, 0.1), np.column_stack([yearly(place) for place in range(5, 50, 5)]))
    assert np.abs(slopes).mean() < 0.01


def test_what_all_share_is_believed_of_each() -> None:
    truth = 0.15
    level = truth * yearly(20) + noise(150, 0.15)
    slopes = measure(level, yearly(20)[:, None])
    # The stated prior, centred at nought, counts for ten of the series.
    assert slopes.mean() == pytest.approx(truth, abs=0.03)
    alone = np.array([measure(level[[row]], yearly(20)[:, None])[0, 0] for row in range(20)])
    assert np.abs(slopes[:20, 0] - truth).mean() < np.abs(alone - truth).mean()


@given(scale=st.floats(-3, 3), shift=st.floats(-5, 5))
@settings(max_examples=20, deadline=None)
def test_a_level_or_a_straight_trend_changes_nothing(scale: float, shift: float) -> None:
    level, features = 0.5 * yearly(10) + noise(2, 0.05), yearly(10)[:, None]
    moved = level + shift + scale * np.linspace(0, 1, WEEKS)
    assert np.allclose(measure(moved, features), measure(level, features), atol=1e-6)


def test_a_feature_that_never_moved_has_no_slope() -> None:
    features = np.column_stack([yearly(20), np.zeros(WEEKS)])
    slopes = measure(noise(2, 0.1), features)
    assert (slopes[:, 1] == 0).all()
    assert np.isfinite(slopes).all()


def test_more_features_than_values_give_numbers() -> None:
    features = np.random.default_rng(1).normal(size=(12, 30))
    level = np.random.default_rng(2).normal(size=(3, 12))
    slopes = estimate_effects(level, np.array([0, 6, 11]), features, priors(30))
    assert np.isfinite(slopes).all()
