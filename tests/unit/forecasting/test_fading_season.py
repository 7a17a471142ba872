"""Seasonal indices of months and quarters: what they find, forget, and leave alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_lib.forecasting.learning.adjustment import adjust_seasonally, pad_start
from alignment_lib.forecasting.seasons.fading_season import fading_indices, local_line

WAVE = np.sin(2 * np.pi * np.arange(12) / 12)


def _series(years: int, season: np.ndarray, slope: float = 0.0) -> np.ndarray:
    values = np.tile(season, years)
    return np.asarray(values + slope * np.arange(len(values)))[None, :]


def test_a_season_beside_a_line_is_found_whole_and_to_both_ends() -> None:
    index, kept, _ = fading_indices(_series(6, WAVE, 0.05), np.array([0]), 12)
    assert index[0] == pytest.approx(WAVE, abs=1e-3)
    assert kept[0] > 0.99


def test_exactly_two_years_have_a_season_and_a_month_less_has_none() -> None:
    z = _series(3, 0.4 * WAVE) + np.random.default_rng(1).normal(0, 0.05, (1, 36))
    index, kept, _ = fading_indices(z[:, :24], np.array([0]), 12)
    assert kept[0] > 0.8
    assert index[0] == pytest.approx(0.4 * WAVE, abs=0.15)
    assert fading_indices(z[:, :23], np.array([0]), 12)[1][0] == 0.0
    late = fading_indices(pad_start(z, np.array([13])), np.array([13]), 12)
    assert late[1][0] == 0.0, "a life of 23 months in a longer grid"


def test_a_season_that_has_moved_is_followed_and_a_steady_one_is_averaged() -> None:
    noise = np.random.default_rng(2).normal(0, 0.05, (1, 144))
    moved = np.concatenate([np.tile(WAVE, 7), np.tile(np.roll(WAVE, 4), 5)])[None, :] + noise
    index, _, _ = fading_indices(moved, np.array([0]), 12)
    assert np.abs(index[0] - np.roll(WAVE, 4)).max() < 0.25, "the plain mean is off by 0.8"
    steady, _, _ = fading_indices(_series(12, WAVE) + noise, np.array([0]), 12)
    last_year = (_series(12, WAVE) + noise)[0, -12:]
    assert np.abs(steady[0] - WAVE).mean() < 0.7 * np.abs(last_year - last_year.mean() - WAVE).mean()


def test_noise_alone_has_next_to_no_season() -> None:
    z = np.random.default_rng(3).normal(0, 1, (200, 60))
    index, _, _ = fading_indices(z, np.zeros(200, dtype=int), 12)
    assert np.sqrt((index**2).mean()) < 0.35


@settings(max_examples=25, deadline=None)
@given(st.integers(8, 80), st.sampled_from([4, 7, 12]), st.integers(0, 2**31), st.integers(1, 300))
def test_a_series_does_not_depend_on_its_company(count: int, season: int, seed: int, company: int) -> None:
    generator = np.random.default_rng(seed)
    start = generator.integers(0, max(count - 4, 1), company)
    z = pad_start(generator.normal(size=(company, count)), start)
    whole, kept, _ = fading_indices(z, start, season)
    alone, kept_alone, _ = fading_indices(z[-1:], start[-1:], season)
    assert alone.tobytes() == whole[-1:].tobytes()
    assert kept_alone[0] == kept[-1]
    assert np.abs(whole.sum(axis=1)).max() < 1e-9
    assert ((kept >= 0) & (kept <= 1)).all()


@pytest.mark.parametrize("size", [0.0, 1.0, 1e15])
def test_constant_series_of_any_size_have_no_season(size: float) -> None:
    made = adjust_seasonally(np.full((2, 48), size), np.array([0, 10]), 12)
    assert np.isfinite(made.level).all()
    assert np.abs(made.index).max() <= 1e-9 * max(size, 1.0)


def test_local_lines_follow_a_bend_and_ignore_what_is_before_the_start() -> None:
    time = np.arange(60.0)
    bent = np.where(time < 30, time, 60 - time)[None, :]
    late = np.where(time < 20, 1e6, time)[None, :]
    assert np.abs(local_line(bent, np.array([0]), 6) - bent).max() < 2.5
    assert local_line(late, np.array([20]), 36)[0, 20:] == pytest.approx(time[20:])
