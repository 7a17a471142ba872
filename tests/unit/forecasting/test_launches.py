from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.forecasting.launches import (
    KAHN_ACCURACY,
    analog_curve,
    bass_curve,
    bass_share,
    fit_bass,
    launch_band,
)


def test_the_peak_of_a_bass_curve_lies_where_the_formula_says() -> None:
    # Bass 1969, eq. 9: T* = ln(q / p) / (p + q), here 6.19 periods.
    fine = np.linspace(0, 30, 30_001)
    slope = np.diff(bass_share(0.03, 0.38, fine))
    assert fine[np.argmax(slope)] == pytest.approx(np.log(0.38 / 0.03) / 0.41, abs=0.01)


def test_a_curve_without_noise_is_fitted_exactly() -> None:
    fitted = fit_bass(bass_curve(0.02, 0.15, 5000.0, 0, 40), periods_a_year=52)
    assert fitted.fitted
    assert fitted.innovation == pytest.approx(0.02, rel=1e-2)
    assert fitted.imitation == pytest.approx(0.15, rel=1e-2)
    assert fitted.market == pytest.approx(5000.0, rel=1e-2)
    assert np.allclose(fitted.sales(40, 5), bass_curve(0.02, 0.15, 5000.0, 40, 5), rtol=0.05)


def test_fewer_than_five_points_take_the_stated_defaults_with_wide_bands() -> None:
    curve = fit_bass([3.0, 4.0, 6.0, 7.0], periods_a_year=12)
    assert not curve.fitted
    assert (curve.innovation * 12, curve.imitation * 12) == pytest.approx((0.03, 0.38))
    assert curve.sales(0, 4).sum() == pytest.approx(20.0)
    assert curve.log_error == 0.9
    assert "from 4 points: p 0.03 and q 0.38 a year were assumed, with wide bands" in curve.notices[0].text


def test_no_sales_and_no_market_is_an_error_that_says_what_is_needed() -> None:
    with pytest.raises(
        ValueError, match="neither sales since launch nor a market size, expected one of them"
    ):
        fit_bass([0.0, 0.0], periods_a_year=52)


@given(st.floats(0.001, 0.5), st.floats(0.0, 1.0), st.integers(1, 100))
def test_adopters_are_never_negative_nor_more_than_the_market(p: float, q: float, periods: int) -> None:
    sales = bass_curve(p, q, 1000.0, 0, periods)
    assert (sales >= -1e-9).all()
    assert sales.sum() <= 1000.0 + 1e-6


def test_analogs_are_aligned_at_launch_weighted_and_scaled() -> None:
    histories = np.array([[np.nan, 10.0, 20.0, 30.0], [40.0, 40.0, 40.0, 40.0]])
    curve, error = analog_curve(histories, [1, 0], [3.0, 1.0], periods=3, scale=2.0)
    assert curve.tolist() == [35.0, 50.0, 65.0]
    assert (error > 0).all()


def test_scaling_an_analog_curve_is_linear() -> None:
    histories = np.array([[5.0, 9.0, 12.0], [4.0, 9.0, 16.0]])
    one, _ = analog_curve(histories, [0, 0], [1.0, 1.0], periods=3)
    many, _ = analog_curve(histories, [0, 0], [1.0, 1.0], periods=3, scale=2.5)
    assert np.allclose(many, 2.5 * one)


def test_analogs_without_weight_are_refused() -> None:
    with pytest.raises(ValueError, match="expected at least one positive weight"):
        analog_curve(np.ones((1, 3)), [0], [0.0], periods=3)


@pytest.mark.parametrize("kind", sorted(KAHN_ACCURACY))
def test_the_mean_absolute_log_error_within_kahns_band_is_kahns(kind: str) -> None:
    low, high = launch_band(np.array([100.0]), kind)
    deviation = np.log(high[0] / 100.0) / 1.2815515655446004
    assert deviation * np.sqrt(2 / np.pi) == pytest.approx(1 - KAHN_ACCURACY[kind], rel=1e-9)
    assert low[0] * high[0] == pytest.approx(100.0**2)


def test_an_unknown_launch_type_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match="found 'rocket', expected one of cost improvement"):
        launch_band(np.array([1.0]), "rocket")
