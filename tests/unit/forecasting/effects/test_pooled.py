from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from alignment_lib.forecasting.effects.pooled import PooledFit, PooledSettings, bias_factors, fit_pooled
from alignment_lib.forecasting.effects.slopes import fit_lines

LOOSE = PooledSettings(
    half_life=1e9, ridge_all=1e-6, ridge_product=1e-6, ridge_series=1e-6, product_rate=0, series_rate=0
)


def drawn(series: int = 6, periods: int = 80, seed: int = 4) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(series, periods, 2))
    slopes = np.array([0.5, -1.0]) + rng.normal(0, 0.1, (series, 2))
    logs = 4 + np.einsum("ntf,nf->nt", features, slopes) + rng.normal(0, 0.1, (series, periods))
    return logs, features, np.arange(series) % 2


def fitted(
    logs: np.ndarray, features: np.ndarray, product: np.ndarray, settings: PooledSettings
) -> PooledFit:
    return fit_pooled(logs, fit_lines(logs, features, product, settings), product, settings)


def test_features_read_in_parts_from_a_file_give_the_slopes_of_the_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    logs, features, product = drawn(series=40)
    whole = fitted(logs, features, product, PooledSettings())
    monkeypatch.setattr("alignment_lib.forecasting.effects.slopes.WIDE_PART", 8)
    monkeypatch.setattr("alignment_lib.forecasting.large_arrays._KEPT_BYTES", 0)
    parted = fitted(logs, features, product, PooledSettings())
    assert np.allclose(parted.slopes, whole.slopes, rtol=1e-12, atol=1e-12)
    assert np.allclose(parted.fitted, whole.fitted, rtol=1e-12, atol=1e-12)


def test_without_pooling_each_series_gets_its_least_squares_slopes_as_in_statsmodels() -> None:
    logs, features, product = drawn()
    fit = fitted(logs, features, product, LOOSE)
    for row in range(len(logs)):
        peer = sm.OLS(logs[row], sm.add_constant(features[row])).fit()
        assert fit.slopes[row] == pytest.approx(peer.params[1:], abs=1e-5)


def test_with_endless_pooling_all_series_share_the_fixed_effects_slopes() -> None:
    logs, features, product = drawn()
    fit = fitted(
        logs,
        features,
        product,
        PooledSettings(half_life=1e9, ridge_all=1e-9, ridge_product=1e9, ridge_series=1e9),
    )
    centered = features - features.mean(axis=1, keepdims=True)
    peer = sm.OLS((logs - logs.mean(axis=1, keepdims=True)).ravel(), centered.reshape(-1, 2)).fit()
    assert fit.slopes[0] == pytest.approx(peer.params, abs=1e-5)
    assert np.allclose(fit.slopes, fit.slopes[0], atol=1e-5)


def test_unknown_periods_do_not_touch_the_fit() -> None:
    logs, features, product = drawn()
    hole = logs.copy()
    hole[0, :20] = np.nan
    fit = fitted(hole, features, product, LOOSE)
    peer = sm.OLS(logs[0, 20:], sm.add_constant(features[0, 20:])).fit()
    assert fit.slopes[0] == pytest.approx(peer.params[1:], abs=1e-5)
    assert np.isnan(fit.residual[0, :20]).all()


def test_a_series_without_any_sales_leans_on_its_product() -> None:
    logs, features, product = drawn()
    logs[0] = np.nan
    fit = fitted(logs, features, product, PooledSettings())
    assert np.isfinite(fit.slopes).all()
    assert fit.slopes[0] == pytest.approx([0.5, -1.0], abs=0.2)


def test_bias_is_the_ratio_of_sums_when_nothing_is_shrunk() -> None:
    sales = np.array([[12.0, 12.0], [30.0, 30.0]])
    logs = np.log(np.array([[10.0, 10.0], [20.0, 20.0]]) + 1)
    factors = bias_factors(sales, logs, np.array([0, 1]), 52, shrink=0.0)
    assert factors == pytest.approx([1.2, 1.5])
