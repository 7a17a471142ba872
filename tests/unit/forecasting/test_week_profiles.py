from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.forecasting.learning.adjustment import scale_series
from alignment_lib.forecasting.seasons.week_places import place_weeks
from alignment_lib.forecasting.seasons.week_profiles import find_siblings, measure_profiles

FIRST = np.datetime64("2021-01-04")


def sales(
    profile: np.ndarray, weeks: int, noise: float, seed: int = 0, first: np.datetime64 = FIRST
) -> np.ndarray:
    """Sales by week around 100 that follow the profiles given, one row each."""
    places, _ = place_weeks(first, np.arange(weeks))
    drawn = np.random.default_rng(seed).normal(0, noise, (len(profile), weeks))
    return np.asarray(100 * np.exp(profile[:, places] + drawn))


def measured(values: np.ndarray, keys: pd.DataFrame | None = None, start: int = 0) -> np.ndarray:
    scaled = scale_series(values, np.full(len(values), start), FIRST)
    return measure_profiles(scaled, None if keys is None else find_siblings(keys))


def shops(count: int) -> pd.DataFrame:
    return pd.DataFrame({"shop": [f"S{row:02d}" for row in range(count)], "line": ["A", "B"] * (count // 2)})


def wave(share: float) -> np.ndarray:
    return np.asarray(share * np.sin(2 * np.pi * np.arange(52) / 52))


def test_a_sale_that_returns_in_its_week_stays_sharp() -> None:
    profile = np.zeros((2, 52))
    profile[1, 36] = np.log(2.5)
    found = measured(sales(profile, 260, 0.03))
    assert found[1, 36] - found[1].mean() == pytest.approx(np.log(2.5), abs=0.12)
    assert np.abs(np.delete(found[1], 36)).max() < 0.12
    assert np.abs(found[0]).max() < 0.1


def test_what_happened_once_is_no_season() -> None:
    values = sales(np.zeros((1, 52)), 156, 0.05)
    values[0, 88] *= 2.5
    assert np.abs(measured(values)).max() < 0.25


def test_siblings_teach_each_other_a_season_that_none_could_show_alone() -> None:
    profile = np.repeat((wave(0.3) + np.where(np.arange(52) == 46, 0.8, 0.0))[None], 40, axis=0)
    values = sales(profile, 104, 0.4)
    truth = profile - profile.mean(axis=1, keepdims=True)
    alone = np.abs(measured(values) - truth).mean()
    shared = np.abs(measured(values, shops(40)) - truth).mean()
    assert shared < 0.6 * alone


def test_lines_keep_seasons_of_their_own() -> None:
    profile = np.stack([wave(0.4) if row % 2 == 0 else -wave(0.4) for row in range(20)])
    found = measured(sales(profile, 156, 0.2), shops(20))
    assert np.corrcoef(found[0], wave(1.0))[0, 1] > 0.9
    assert np.corrcoef(found[1], wave(1.0))[0, 1] < -0.9


def test_noise_alone_leaves_hardly_a_season() -> None:
    found = measured(sales(np.zeros((60, 52)), 156, 0.3), shops(60))
    assert np.sqrt((found**2).mean()) < 0.08


def test_a_year_and_a_bit_is_believed_in_part() -> None:
    profile = np.repeat(wave(0.4)[None], 6, axis=0)
    found = measured(sales(profile, 60, 0.1), shops(6))
    share = (found * profile).sum() / (profile**2).sum()
    assert 0.3 < share < 1.0


def test_a_profile_does_not_depend_on_the_size_of_sales_nor_on_the_order_of_series() -> None:
    profile = np.repeat(wave(0.3)[None], 8, axis=0)
    values = sales(profile, 130, 0.2)
    found = measured(values, shops(8))
    assert np.allclose(measured(values * 1e6, shops(8)), found, atol=1e-9)
    turned = measured(values[::-1], shops(8)[::-1].reset_index(drop=True))
    assert np.allclose(turned[::-1], found, atol=1e-9)


def test_fewer_weeks_than_a_year_and_empty_units_raise_nothing() -> None:
    assert np.isfinite(measured(sales(np.zeros((3, 52)), 9, 0.2))).all()
    assert measured(np.full((1, 104), 5.0)) == pytest.approx(0.0, abs=1e-9)
    late = sales(np.zeros((2, 52)), 60, 0.2)
    assert np.isfinite(measured(late, start=59)).all()
