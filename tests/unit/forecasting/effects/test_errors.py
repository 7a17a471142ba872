from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from promoted_histories import promoted_case

from alignment_lib.forecasting.effects.drivers.panel import build_panel
from alignment_lib.forecasting.effects.engine import forecast_with_drivers
from alignment_lib.forecasting.effects.errors import (
    PastErrors,
    draw_ratios,
    keep_clean,
    out_of_stock,
    past_errors,
    split_path,
)
from alignment_lib.forecasting.effects.model import build_design, fit_explained
from alignment_lib.forecasting.effects.pooled import PooledSettings, smooth_level
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Calendar

SEASON, PERIODS = 52, 156


def white_noise(series: int = 6, size: float = 0.2, seed: int = 3) -> PastErrors:
    """Series of three products around a level of 0."""
    residual = np.random.default_rng(seed).normal(0.0, size, (series, PERIODS))
    return PastErrors(residual, np.zeros_like(residual), np.arange(series) // 2, SEASON)


def launched(past: PastErrors, row: int, first: int, ramp: float = 0.0) -> PastErrors:
    """The same with one series that starts in period `first`, `ramp` below its level at first."""
    residual = past.residual.copy()
    residual[row] -= ramp * np.exp(-(np.arange(PERIODS) - first) / 10.0)
    residual[row, :first] = np.nan
    return PastErrors(residual, past.level, past.product, past.season)


def spread(past: PastErrors, errors: tuple[np.ndarray, ...] = (), draws: int = 400) -> np.ndarray:
    """Standard deviation of log ratios by series."""
    weights = np.ones(len(past.residual))
    ratios = draw_ratios(past, errors, weights, horizon=13, draws=draws, seed=1)
    return np.asarray(np.log(ratios).std(axis=(0, 2)))


def spread_of_total(past: PastErrors, errors: tuple[np.ndarray, ...]) -> float:
    weights = np.ones(len(past.residual))
    ratios = draw_ratios(past, errors, weights, horizon=13, draws=400, seed=1)
    return float(np.log(ratios.mean(axis=1)).std())


def test_ratios_have_mean_one_and_the_shape_asked_for() -> None:
    ratios = draw_ratios(white_noise(), (), np.ones(6), horizon=80, draws=50, seed=4)
    assert ratios.shape == (50, 6, 80)
    assert np.allclose(ratios.mean(axis=0), 1.0, atol=1e-9)


def test_the_same_seed_gives_the_same_draws() -> None:
    past = launched(white_noise(), 2, 140)
    first, again = (draw_ratios(past, (), np.ones(6), horizon=13, draws=20, seed=9) for _ in range(2))
    assert np.array_equal(first, again)


def test_without_backtests_errors_are_a_fifth_wider_than_the_paths_of_the_fit() -> None:
    assert spread(white_noise(size=0.2)).mean() == pytest.approx(0.24, rel=0.1)


def test_weeks_before_a_launch_and_its_ramp_do_not_widen_a_grown_series() -> None:
    plain = spread(white_noise())
    late = spread(launched(white_noise(), 2, 60, ramp=2.0))
    assert late[2] == pytest.approx(plain[2], rel=0.25)


def test_a_launch_under_way_is_as_uncertain_as_its_siblings_at_least() -> None:
    wide = spread(launched(white_noise(), 2, PERIODS - 16))
    assert wide[2] > 0.9 * wide[3]


def test_a_launch_under_way_misses_in_proportion_to_what_earlier_launches_missed() -> None:
    past = launched(launched(white_noise(), 4, 60, ramp=3.0), 2, PERIODS - 16)
    calm = launched(launched(white_noise(), 4, 60, ramp=0.0), 2, PERIODS - 16)
    assert spread(past)[2] > 1.5 * spread(calm)[2]
    assert spread(past)[4] == pytest.approx(spread(calm)[4], rel=0.3)


def test_a_product_launched_whole_borrows_paths_from_another() -> None:
    residual = white_noise().residual.copy()
    residual[4:, : PERIODS - 16] = np.nan
    past = PastErrors(residual, np.zeros_like(residual), np.arange(6) // 2, SEASON)
    assert (spread(past)[4:] > 0.15).all()


def test_backtests_that_missed_the_total_widen_the_total_more_than_the_rest() -> None:
    past = white_noise()
    shared = tuple(np.broadcast_to(np.full(13, size), (6, 13)).copy() for size in (0.3, -0.3, 0.3))
    quiet = tuple(past.residual[:, start : start + 13] for start in (143, 130, 117))
    missed = tuple(one + other for one, other in zip(quiet, shared, strict=True))
    assert spread_of_total(past, missed) > 1.8 * spread_of_total(past, quiet)
    assert spread(past, missed).mean() < 1.6 * spread(past, quiet).mean()


def test_backtest_errors_of_launches_and_of_stock_outs_are_left_out() -> None:
    past = launched(white_noise(), 2, PERIODS - 20)
    past.residual[0, PERIODS - 5] = np.nan
    latest, before = keep_clean(past, [np.ones((6, 13)), np.ones((6, 13))], [PERIODS - 13, PERIODS - 26])
    assert np.isnan(latest[2]).all()
    assert np.isnan(latest[0]).sum() == 1
    assert np.isnan(before[2]).all()
    assert np.isfinite(before[[0, 1, 3, 4, 5]]).all()


def test_a_series_that_often_sells_nothing_is_never_out_of_stock() -> None:
    sales = np.array([[20.0, 0.0, 20.0, 0.0] * 10, [20.0] * 38 + [0.0, 20.0], [2.0] * 38 + [0.0, 2.0]])
    fitted = np.log1p(np.array([[20.0], [20.0], [2.0]]) * np.ones(40))
    assert out_of_stock(np.log1p(sales), fitted).sum(axis=1).tolist() == [0, 1, 0]


def test_a_stock_out_leaves_neither_a_path_nor_a_dent_in_the_level() -> None:
    case = promoted_case()
    design = build_design(build_panel(case.history, case.drivers, case.kinds, case.periods), "US")
    pooled = PooledSettings()
    fit = fit_explained(design, pooled)
    logs, residual = design.logs.copy(), fit.residual.copy()
    residual[4, 70:72] -= logs[4, 70:72]
    logs[4, 70:72] = 0.0
    path, _ = smooth_level(residual, design.panel.product, pooled)
    dented = replace(fit, residual=residual, path=path, fitted=fit.fitted + path - fit.path)
    whole = past_errors(design, fit, pooled)
    found = past_errors(replace(design, logs=logs), dented, pooled)
    assert np.argwhere(np.isnan(found.residual)).tolist() == [[4, 70], [4, 71]]
    assert (dented.path[4, 71:75] < fit.path[4, 71:75] - 0.2).all()
    assert np.abs(found.level - whole.level).max() < 0.1


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 10_000), series=st.integers(1, 8), products=st.integers(1, 4))
def test_parts_add_up_and_the_narrower_ones_cancel_in_the_wider(
    seed: int, series: int, products: int
) -> None:
    rng = np.random.default_rng(seed)
    path, weights = rng.normal(size=(series, 5)), rng.uniform(0.1, 3.0, series)
    product = rng.integers(0, products, series)
    total, shared, own = split_path(path, weights, product)
    assert np.allclose(total + shared + own, path, atol=1e-9)
    assert np.allclose(weights @ (shared + own), 0.0, atol=1e-9)
    for number in np.unique(product):
        inside = product == number
        assert np.allclose(weights[inside] @ own[inside], 0.0, atol=1e-9)


@pytest.mark.parametrize("kind", ["market", "promotion"])
def test_bands_hold_what_a_driver_may_do_that_is_not_known_ahead(kind: str) -> None:
    rng = np.random.default_rng(4)
    values = np.where(rng.random(133) < 0.3, 1.0, 0.0) if kind == "promotion" else rng.normal(0, 1, 133)
    grid = Calendar("week").range(pd.Timestamp("2022-01-03"), 133)
    keys = pd.DataFrame({"product": [f"P{number}" for number in range(6)]}, dtype=object)
    sales = np.round(200 * np.exp(0.4 * values + rng.normal(0, 0.05, (6, 133))))
    history = History(Calendar("week"), keys, grid[:120], sales[:, :120], "units")
    widths = []
    for shown in (133, 120):
        drivers = pd.DataFrame({"period": grid, "x": np.where(np.arange(133) < shown, values, np.nan)})
        forecast, _ = forecast_with_drivers(
            history, drivers, {"x": kind}, grid[120:], holidays=None, seed=1, draws=200
        )
        total = forecast.samples.sum(axis=(1, 2)) / forecast.baseline.sum()
        widths.append(float(np.subtract(*np.quantile(total, [0.9, 0.1]))))
    assert widths[1] > 1.5 * widths[0]


def test_draws_worked_out_in_parts_are_those_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = draw_ratios(white_noise(), (), np.ones(6), horizon=13, draws=20, seed=9)
    monkeypatch.setattr("alignment_lib.forecasting.effects.errors.WIDE_PART", 2)
    parted = draw_ratios(white_noise(), (), np.ones(6), horizon=13, draws=20, seed=9)
    assert np.array_equal(parted, whole)
