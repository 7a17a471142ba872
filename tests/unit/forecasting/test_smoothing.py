from __future__ import annotations

import numpy as np
import pytest
from statsforecast.models import Theta

from alignment_lib.forecasting.learning.adjustment import Adjusted, adjust_seasonally, scale_series
from alignment_lib.forecasting.learning.members import to_relative
from alignment_lib.forecasting.learning.smoothing import (
    aggregated,
    damped,
    exponential_level,
    fit_line,
    theta,
)


def plain(values: list[float]) -> Adjusted:
    return adjust_seasonally(np.array([values], dtype=float), np.array([0]), 1)


def test_the_line_of_a_series_that_starts_late_sees_only_its_own_life() -> None:
    end, slope = fit_line(np.array([[9.0, 9.0, 1.0, 3.0, 5.0]]), np.array([2]))
    assert (end[0], slope[0]) == (5.0, 2.0)


def test_smoothing_by_hand() -> None:
    # Level 10; error 4, level 12; error -2, level 11. Squared errors 16 + 4.
    level, loss = exponential_level(np.array([[10.0, 14.0, 10.0]]), np.array([0.5]))
    assert (level[0, 0], loss[0, 0]) == (11.0, 20.0)


@pytest.mark.parametrize("member", [theta, damped, lambda a, h: aggregated(a, h, 1)])
def test_every_member_carries_a_constant_on(member: object) -> None:
    assert np.allclose(member(plain([5.0] * 20), 6), 5.0)  # type: ignore[operator]


def test_theta_of_a_straight_line_rises_by_at_least_half_its_slope() -> None:
    path = theta(plain([float(t) for t in range(30)]), 4)[0]
    assert np.allclose(np.diff(path), 0.5)


def test_theta_is_near_the_theta_of_statsforecast() -> None:
    generator = np.random.default_rng(5)
    values = 50 + np.cumsum(generator.normal(0.3, 1.0, 60))
    ours = theta(plain(values.tolist()), 8)[0]
    theirs = Theta(season_length=1).forecast(y=values, h=8)["mean"]
    assert np.abs(ours / theirs - 1).max() < 0.01


def test_padding_before_a_late_start_changes_nothing() -> None:
    values = np.random.default_rng(1).normal(10, 1, 25)
    padded = np.concatenate([np.full(7, values[0]), values])
    alone = adjust_seasonally(values[None], np.array([0]), 1)
    late = adjust_seasonally(padded[None], np.array([7]), 1)
    assert np.allclose(theta(alone, 5), theta(late, 5))
    assert np.allclose(damped(alone, 5), damped(late, 5))


def test_a_clear_season_is_found_and_noise_is_shrunk_away() -> None:
    generator = np.random.default_rng(3)
    season = np.tile([0.3, -0.1, -0.3, 0.1], 10)
    clear = adjust_seasonally((season + generator.normal(0, 0.02, 40))[None], np.array([0]), 4)
    noise = adjust_seasonally(generator.normal(0, 1, (200, 40)), np.zeros(200, dtype=int), 4)
    assert np.allclose(clear.index[0], [0.3, -0.1, -0.3, 0.1], atol=0.03)
    assert clear.shrink[0] > 0.98
    assert noise.shrink.mean() < 0.6


def test_a_weekly_season_is_found_from_two_years() -> None:
    time = np.arange(110)
    values = 0.4 * np.sin(2 * np.pi * time / 52) + np.random.default_rng(0).normal(0, 0.1, 110)
    adjusted = adjust_seasonally(values[None], np.array([0]), 52)
    ahead = adjusted.season_ahead(13)[0]
    assert np.abs(ahead - 0.4 * np.sin(2 * np.pi * np.arange(110, 123) / 52)).max() < 0.1


def test_scaling_is_undone_exactly_enough() -> None:
    values = np.array([[1e12, 2e12, 1.5e12], [1e-9, 3e-9, 2e-9], [-5.0, 3.0, 0.0]])
    scaled = scale_series(values, np.zeros(3, dtype=int))
    assert scaled.is_log.tolist() == [True, True, False]
    back = to_relative(scaled.z, scaled.is_log) * scaled.unit[:, None]
    assert np.allclose(back, values, rtol=1e-12)
