from __future__ import annotations

import numpy as np
import pytest
from sales_histories import seasonal_values

from alignment_lib.forecasting.combining.backtest import choose_origins, run_backtest
from alignment_lib.forecasting.combining.combination import combine, relax_weights
from alignment_lib.forecasting.combining.ensemble import build_learner
from alignment_lib.forecasting.combining.paths import draw_errors, fit_errors
from alignment_lib.forecasting.learning.adjustment import scale_series
from alignment_lib.forecasting.learning.members import (
    FAST_MEMBERS,
    INTERMITTENT_MEMBERS,
    SLOW_MEMBERS,
    forecast_fast,
    forecast_growth,
    forecast_naive,
    forecast_slow,
    prepare,
)


def prepared(values: np.ndarray, season: int = 4) -> object:
    return prepare(scale_series(values, np.zeros(len(values), dtype=int)), season)


def test_every_member_beats_nothing_by_being_finite_and_near_the_series() -> None:
    now = prepared(seasonal_values(4, 40, 4))
    made = {
        **forecast_fast(now, 6, FAST_MEMBERS),
        **forecast_slow(now, 6, SLOW_MEMBERS + INTERMITTENT_MEMBERS)[0],
    }  # type: ignore[arg-type]
    assert set(made) == {*FAST_MEMBERS, *SLOW_MEMBERS, *INTERMITTENT_MEMBERS}
    for name, path in made.items():
        assert path.shape == (4, 6), name
        assert ((path > 0.3) & (path < 3)).all(), name


def test_seasonal_naive_repeats_the_last_season() -> None:
    now = prepared(np.array([[4.0, 1, 2, 3, 8, 2, 4, 6]]))
    assert np.allclose(forecast_naive(now, 6)[0] * 3.75, [8, 2, 4, 6, 8, 2])  # type: ignore[arg-type]


def test_members_that_cannot_be_fitted_are_counted_and_left_out() -> None:
    made, failed = forecast_slow(prepared(np.array([[1.0, 2.0, 3.0, 2.0]])), 3, SLOW_MEMBERS)  # type: ignore[arg-type]
    assert failed.tolist() == [3]
    assert np.isnan(made["ets"]).all()


def test_a_missing_member_gives_its_weight_to_the_others() -> None:
    paths = {"a": np.array([[1.0], [np.nan]]), "b": np.array([[3.0], [5.0]])}
    assert combine({"a": 0.5, "b": 0.5}, paths).tolist() == [[2.0], [5.0]]
    assert relax_weights({"a": 0.25, "b": 0.25, "c": 0.5}, paths) == {"a": 0.5, "b": 0.5}


def test_growth_is_half_believed_and_needs_a_year_and_a_quarter() -> None:
    values = np.vstack([np.repeat([100.0, 144.0], 12), np.repeat([100.0, 900.0], 12)])
    now = prepared(values, 12)
    naive = forecast_naive(now, 3)  # type: ignore[arg-type]
    growth = forecast_growth(now, 3, naive) / naive  # type: ignore[arg-type]
    assert np.allclose(growth, [[1.2] * 3, [np.sqrt(2.0)] * 3])
    short = prepared(values[:, :14], 12)
    assert np.array_equal(forecast_growth(short, 3, naive), naive)  # type: ignore[arg-type]


def test_origins_leave_half_of_the_history_and_end_a_horizon_before_the_wall() -> None:
    origins = choose_origins(np.full(50, 44), 44, 4, 8)
    assert origins.stops[-1] == 36
    assert origins.stops[0] >= 22
    assert len(origins.stops) <= 12
    assert choose_origins(np.full(5, 3), 3, 4, 8).stops == ()


def test_the_learner_needs_a_hundred_series() -> None:
    few = scale_series(seasonal_values(99, 40, 4), np.zeros(99, dtype=int))
    many = scale_series(seasonal_values(100, 40, 4), np.zeros(100, dtype=int))
    assert len(build_learner(few, 4, 8).rows.target) == 0
    learner = build_learner(many, 4, 8)
    assert learner.predict(0, many, 4, 8) is not None


def test_no_training_row_has_its_target_at_or_after_the_cut() -> None:
    scaled = scale_series(seasonal_values(100, 40, 4), np.zeros(100, dtype=int))
    rows = build_learner(scaled, 4, 8).rows
    assert rows.known_at.max() == 39
    assert rows.before(30).known_at.max() == 29


def test_training_rows_before_a_cut_do_not_change_with_what_follows_it() -> None:
    values = seasonal_values(100, 40, 4)
    changed = values.copy()
    changed[:, 30:] = values[:, :10]
    start = np.zeros(100, dtype=int)
    first = build_learner(scale_series(values, start), 4, 8).rows.before(30)
    second = build_learner(scale_series(changed, start), 4, 8).rows.before(30)
    assert np.allclose(first.target, second.target, atol=1e-6)
    assert np.allclose(first.features, second.features, atol=1e-3)


def test_slow_members_are_backtested_on_the_sample_only() -> None:
    scaled = scale_series(seasonal_values(6, 40, 4), np.zeros(6, dtype=int))
    origins = choose_origins(np.full(6, 40), 40, 4, 4)
    made = run_backtest(scaled, 4, origins, ("dot",), np.array([1, 4]), None, None)
    known = np.isfinite(made.forecasts["dot"]).all(axis=2)
    assert np.flatnonzero(known.any(axis=0)).tolist() == [1, 4]
    assert np.flatnonzero(known.any(axis=1)).tolist() == list(origins.scored)


@pytest.mark.parametrize("count", [1, 200])
def test_drawn_errors_have_the_spread_of_past_errors(count: int) -> None:
    generator = np.random.default_rng(1)
    steps = np.sqrt(np.arange(1, 5))
    errors = generator.normal(0, 0.1, (12, count, 4)) * steps
    model = fit_errors(errors, np.full((12, count), 0.1), np.full(count, 0.1), 4)
    drawn = draw_errors(model, np.arange(count), 1, 1000)
    low, high = np.quantile(drawn, [0.1, 0.9], axis=0)
    ratio = (high - low).mean(axis=0) / (2 * 1.2816 * 0.1 * steps)
    assert (np.abs(ratio - 1) < (0.12 if count > 1 else 0.6)).all()


def test_draws_come_in_opposite_pairs_so_that_their_middle_is_the_baseline() -> None:
    errors = np.random.default_rng(1).normal(0, 0.1, (12, 3, 4))
    model = fit_errors(errors, np.full((12, 3), 0.1), np.full(3, 0.1), 4)
    drawn = draw_errors(model, np.arange(3), 1, 100)
    assert np.allclose(drawn[:50], -drawn[50:])


def test_errors_beyond_the_backtest_go_on_growing() -> None:
    errors = np.random.default_rng(1).normal(0, 0.1, (12, 50, 4)) * np.sqrt(np.arange(1, 5))
    model = fit_errors(errors, np.full((12, 50), 0.1), np.full(50, 0.1), 16)
    assert np.allclose(model.scale[:, 15] / model.scale[:, 3], 2.0)


@pytest.mark.parametrize("name", SLOW_MEMBERS)
def test_slow_members_answer_alike_whatever_unit_the_sales_are_written_in(name: str) -> None:
    from statsforecast import models

    generator = np.random.default_rng(3)
    values = np.cumsum(generator.normal(0.3, 1, (3, 40)), axis=1) + 50 + generator.normal(0, 1, (3, 40))
    now = prepared(values, season=1)
    made = forecast_slow(now, 6, (name,))[0][name] * now.scaled.unit[:, None]  # type: ignore[attr-defined]
    library = {
        "ets": models.AutoETS(season_length=1, model="ZZN"),
        "ces": models.AutoCES(season_length=1, model="N"),
        "dot": models.DynamicOptimizedTheta(season_length=1),
    }[name]
    for row, series in enumerate(values):
        full = library.forecast(y=series * 1000, h=6)["mean"] / 1000
        np.testing.assert_allclose(made[row], full, rtol=2e-3)


@pytest.mark.parametrize("wanders", [True, False])
def test_sums_of_draws_spread_as_sums_of_past_errors_did(wanders: bool) -> None:
    generator = np.random.default_rng(2)
    errors = generator.normal(0, 0.1, (12, 60, 13))
    if wanders:
        errors = errors.cumsum(axis=2) / np.sqrt(np.arange(1, 14))
    model = fit_errors(errors, np.full((12, 60), 0.1), np.full(60, 0.1), 13)
    drawn = draw_errors(model, np.arange(60), 1, 400)
    ratio = drawn.mean(axis=2).std() / errors.mean(axis=2).std()
    assert 0.8 < ratio < 1.3
    assert (model.restless > 0.7) is not wanders


def test_a_pure_wave_of_three_years_is_carried_on_by_every_member() -> None:
    wave = 100 + 20 * np.sin(2 * np.pi * np.arange(36) / 12)
    now = prepared(wave[None], season=12)
    made = forecast_slow(now, 12, SLOW_MEMBERS)[0]  # type: ignore[arg-type]
    for name, path in made.items():
        np.testing.assert_allclose(path[0] * now.scaled.unit, wave[:12], rtol=0.03, err_msg=name)  # type: ignore[attr-defined]


def test_a_life_that_begins_with_its_first_sale_says_nothing_of_the_wait_for_it() -> None:
    values = np.zeros((1, 120))
    values[0, [0, 70, 100]] = 4.0
    made = forecast_slow(prepared(values, 52), 4, ("croston",))[0]["croston"]  # type: ignore[arg-type]
    # Two sales in the 119 weeks since the first; an interval of one week would make it four a fortnight.
    unit = scale_series(values, np.zeros(1, dtype=int)).unit[0]
    assert made[0, 0] * unit == pytest.approx(2 * 4 / 119, rel=0.5)
