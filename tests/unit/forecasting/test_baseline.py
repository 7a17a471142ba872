from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sales_histories import MONTH, QUARTER, history_of, horizon_after, seasonal_values

from alignment_lib.forecasting.baseline import BaselineRun, forecast_baseline, run_baseline
from alignment_lib.forecasting.combining.ensemble import EnsembleSettings
from alignment_lib.forecasting.combining.hierarchy import aggregation_matrix, build_levels
from alignment_lib.forecasting.past.history import History
from alignment_lib.forecasting.series_tables import score_run
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.problems import InputError

HARD = {
    "constant": [7.0] * 40,
    "zeros": [0.0] * 40,
    "three": [np.nan] * 37 + [4.0, 5.0, 6.0],
    "one": [np.nan] * 39 + [4.0],
    "holes": [float(t % 4 + 3) if t % 7 else np.nan for t in range(40)],
    "huge": [1e12 * (t % 4 + 3) for t in range(40)],
    "tiny": [1e-9 * (t % 4 + 3) for t in range(40)],
    "negative": [-5.0 - t % 4 for t in range(40)],
    "stopped": [float(t % 4 + 3) for t in range(32)] + [np.nan] * 8,
    "rare": [float(3 * (t % 5 == 0)) for t in range(40)],
    "jump": [5.0 + t % 3 for t in range(20)] + [500.0 + t % 3 for t in range(20)],
    "nothing": [np.nan] * 40,
}


@pytest.fixture(scope="module")
def small() -> History:
    return history_of(seasonal_values(6, 44, 4), QUARTER)


@pytest.fixture(scope="module")
def many() -> History:
    return history_of(seasonal_values(110, 40, 4, seed=3), QUARTER)


@pytest.fixture(scope="module")
def many_run(many: History) -> BaselineRun:
    """Four quarters of them; read only."""
    return run_baseline(many, horizon_after(many, 4), seed=1, draws=50)


@pytest.mark.parametrize("method", ["auto", "ets", "theta", "naive", "structural"])
def test_hard_series_get_a_finite_forecast_and_a_reason(method: str) -> None:
    history = history_of(np.array(list(HARD.values())), QUARTER, list(HARD))
    made = forecast_baseline(history, horizon_after(history, 8), method=method, seed=1, draws=50)
    assert np.isfinite(made.baseline).all()
    assert np.isfinite(made.samples).all()
    assert np.isfinite(made.naive).all()
    assert set(made.why["product"]) == set(HARD)
    assert (made.why["reason"].str.len() > 10).all()
    row = dict(zip(history.keys["product"], made.baseline, strict=True))
    assert np.allclose(row["constant"], 7.0)
    assert np.array_equal(row["zeros"], np.zeros(8))
    assert np.array_equal(row["stopped"], np.zeros(8))
    assert (row["negative"] < 0).all()
    if method not in ("naive", "structural"):
        assert (row["rare"] > 0).all()  # it sells every fifth quarter and has not been missed yet
    assert (row["huge"] > 1e12).all()
    assert (row["huge"] < 1e13).all()
    assert (row["tiny"] > 1e-9).all()
    if method != "naive":
        assert np.allclose(row["three"], 5.0)


def test_wild_series_leave_every_forecast_inside_its_band_and_spoil_no_other_band() -> None:
    history = history_of(np.array(list(HARD.values())), QUARTER, list(HARD))
    made = forecast_baseline(history, horizon_after(history, 8), seed=1, draws=200)
    low, high = np.quantile(made.samples, [0.025, 0.975], axis=0)
    room = 1e-9 * np.abs(made.baseline)
    assert (low <= made.baseline + room).all()
    assert (high >= made.baseline - room).all()
    place = list(history.keys["product"]).index("three")
    assert (high[place] < 50).all()  # the jump from 5 to 500 of another series is none of its business


def test_the_same_call_gives_the_same_numbers_and_jobs_change_nothing(
    many: History, many_run: BaselineRun
) -> None:
    first = many_run.forecast
    again = forecast_baseline(many, horizon_after(many, 4), seed=1, draws=50, jobs=2)
    assert np.array_equal(first.baseline, again.baseline)
    assert np.array_equal(first.samples, again.samples)
    assert first.why["member"].eq("global").any()


@settings(max_examples=6, deadline=None)
@given(st.integers(-30, 30))
def test_scaling_the_history_scales_forecast_and_band(power: int) -> None:
    values = seasonal_values(4, 36, 4, seed=9)
    one, big = history_of(values, QUARTER), history_of(values * 2.0**power, QUARTER)
    periods = horizon_after(one, 5)
    first = forecast_baseline(one, periods, seed=1, draws=40)
    second = forecast_baseline(big, periods, seed=1, draws=40)
    assert np.allclose(second.baseline, first.baseline * 2.0**power, rtol=1e-9)
    assert np.allclose(second.samples, first.samples * 2.0**power, rtol=1e-9)


def test_local_forecasts_of_a_series_do_not_depend_on_the_others(small: History) -> None:
    periods = horizon_after(small, 6)
    full = run_baseline(small, periods, method="ets", seed=1, draws=10)
    key = small.keys.iloc[[2]].reset_index(drop=True)
    alone = History(small.calendar, key, small.periods, small.values[[2]], "units")
    part = run_baseline(alone, periods, method="ets", seed=1, draws=10)
    assert np.array_equal(full.forecast.baseline[2], part.forecast.baseline[0])


def test_one_series_more_leaves_the_draws_of_its_neighbours_own_part() -> None:
    values = seasonal_values(3, 5, 4)
    few, more = history_of(values[:2], QUARTER), history_of(values, QUARTER)
    periods = horizon_after(few, 2)
    first = forecast_baseline(few, periods, method="theta", seed=1, draws=30)
    second = forecast_baseline(more, periods, method="theta", seed=1, draws=30)
    assert np.corrcoef(first.samples[:, 0, 0], second.samples[:, 0, 0])[0, 1] > 0.6


def test_nothing_after_the_as_of_date_reaches_the_learner_or_the_forecast(many: History) -> None:
    stop = 34
    wild = many.values.copy()
    wild[:, stop:] *= np.random.default_rng(0).uniform(0.01, 100, wild[:, stop:].shape)
    periods = many.periods[stop:]
    made = [
        forecast_baseline(
            History(many.calendar, many.keys, many.periods[:stop], values[:, :stop], "units"),
            periods,
            seed=2,
            draws=20,
        )
        for values in (many.values, wild)
    ]
    assert np.array_equal(made[0].samples, made[1].samples)


def test_the_backtest_saw_nothing_after_its_origins(many: History, many_run: BaselineRun) -> None:
    run = many_run
    changed = many.values.copy()
    changed[:, -1] *= 3.0
    other = run_baseline(
        History(many.calendar, many.keys, many.periods, changed, "units"),
        horizon_after(many, 4),
        seed=1,
        draws=50,
    )
    first, second = run.ensemble.backtest, other.ensemble.backtest
    assert first.origins == second.origins
    ratio = run.scaled.unit / other.scaled.unit
    for name in ("damped", "naive", "global"):
        a, b = first.forecasts[name][:-1], second.forecasts[name][:-1]
        assert np.allclose(a * ratio[None, :, None], b, rtol=1e-6), name


def test_draws_cohere_at_every_level_and_surround_the_baseline() -> None:
    values = seasonal_values(8, 40, 4, seed=6)
    keys = pd.DataFrame({"shop": np.repeat(["x", "y"], 4), "brand": list("abcd") * 2}, dtype=object)
    history = History(QUARTER, keys, QUARTER.range(pd.Timestamp("2010-01-01"), 40), values, "units")
    made = forecast_baseline(history, horizon_after(history, 4), seed=1, draws=400)
    for level in build_levels(keys):
        matrix = aggregation_matrix([level])
        for draw in made.samples[:3]:
            by_hand = np.array([draw[level.codes == g].sum(axis=0) for g in range(len(level.keys))])
            assert np.allclose(matrix @ draw, by_hand, rtol=1e-12)
    middle = np.median(made.samples, axis=0)
    assert np.abs(middle / made.baseline - 1).max() < 0.03
    assert (made.samples >= 0).all()


def test_what_moves_together_in_the_past_moves_together_in_the_draws() -> None:
    generator = np.random.default_rng(4)
    shared = np.cumsum(generator.normal(0, 0.08, 60))
    own = np.cumsum(generator.normal(0, 0.08, (2, 60)), axis=1)
    values = 100 * np.exp(np.vstack([shared, shared + generator.normal(0, 0.005, 60), own]))
    history = history_of(values, QUARTER)
    samples = forecast_baseline(
        history, horizon_after(history, 4), method="damped", seed=1, draws=500
    ).samples
    assert np.corrcoef(samples[:, 0, 1], samples[:, 1, 1])[0, 1] > 0.5


def test_bands_hold_on_series_drawn_from_a_known_process() -> None:
    values = seasonal_values(120, 52, 4, seed=8)
    history = history_of(values[:, :44], QUARTER)
    made = forecast_baseline(history, horizon_after(history, 8), seed=1, draws=300)
    low, high = np.quantile(made.samples, [0.1, 0.9], axis=0)
    inside = ((values[:, 44:] >= low) & (values[:, 44:] <= high)).mean()
    assert 0.72 <= inside <= 0.9


def test_weekly_history_of_two_years_is_forecast_with_its_season() -> None:
    weeks = Calendar("week", week_start=3)
    generator = np.random.default_rng(2)
    time = np.arange(132)
    values = 100 * np.exp(0.5 * np.sin(2 * np.pi * time / 52) + generator.normal(0, 0.1, (12, 132)))
    keys = pd.DataFrame({"brand": [f"B{i:02d}" for i in range(12)]}, dtype=object)
    periods = weeks.range(pd.Timestamp("1990-06-14"), 132)
    history = History(weeks, keys, periods[:119], values[:, :119], "units")
    made = forecast_baseline(history, periods[119:], seed=1, draws=20)
    error = np.abs(made.baseline - values[:, 119:]).mean()
    assert error < 0.9 * np.abs(made.naive - values[:, 119:]).mean()


@pytest.mark.parametrize("weeks", [60, 110])
def test_a_yearly_wave_seen_once_or_twice_is_no_growth(weeks: int) -> None:
    time = np.arange(weeks + 52)
    noise = np.random.default_rng(0).normal(0, 2, (3, weeks + 52))
    rows = np.array([[1.0], [3.0], [2.0]]) * (100 + 30 * np.sin(2 * np.pi * time / 52) + noise)
    history = history_of(rows[:, :weeks], Calendar("week"))
    made = forecast_baseline(history, horizon_after(history, 52), seed=1, draws=20).baseline
    assert np.allclose(made.mean(axis=1), rows[:, weeks:].mean(axis=1), rtol=0.05)
    assert (made.max(axis=1) < 1.05 * rows.max(axis=1)).all()


def test_few_series_learn_alone_and_the_forecast_says_so(small: History) -> None:
    made = forecast_baseline(small, horizon_after(small, 4), seed=1, draws=10)
    assert "no_learner" in {notice.code for notice in made.notices}
    assert not made.why["member"].eq("global").any()


def test_weights_of_a_series_sum_to_one(many_run: BaselineRun) -> None:
    assert np.allclose(many_run.forecast.why.groupby("product")["weight"].sum(), 1.0)


def test_an_unknown_method_is_refused_with_the_names_allowed(small: History) -> None:
    with pytest.raises(InputError, match="found 'prophet', expected one of auto, structural, ets"):
        forecast_baseline(small, horizon_after(small, 4), method="prophet", seed=1)


def test_a_structural_forecast_reports_its_diagnostics(small: History) -> None:
    made = forecast_baseline(small, horizon_after(small, 4), method="structural", seed=1, draws=10)
    assert made.why["reason"].str.contains("structural: local linear trend and season").all()
    assert made.why["reason"].str.contains(r"p \d\.\d\d").all()


def test_the_cache_gives_back_the_same_forecast_and_never_a_corrupt_one(
    small: History, tmp_path: object
) -> None:
    periods = horizon_after(small, 4)
    first = forecast_baseline(small, periods, method="theta", seed=1, draws=20, cache=tmp_path)  # type: ignore[arg-type]
    files = [file for file in tmp_path.glob("*.parquet") if "-" not in file.name]  # type: ignore[attr-defined]
    assert len(files) == 1
    stored = forecast_baseline(small, periods, method="theta", seed=1, draws=20, cache=tmp_path)  # type: ignore[arg-type]
    assert np.array_equal(first.samples, stored.samples)
    assert first.notices == stored.notices
    pd.testing.assert_frame_equal(first.why, stored.why, check_dtype=False)
    files[0].write_bytes(files[0].read_bytes()[:-200] + b"x" * 200)
    mended = forecast_baseline(small, periods, method="theta", seed=1, draws=20, cache=tmp_path)  # type: ignore[arg-type]
    assert np.array_equal(first.samples, mended.samples)


def test_another_seed_history_or_method_never_meets_a_stored_forecast(
    small: History, tmp_path: object
) -> None:
    periods = horizon_after(small, 4)
    options = {"draws": 20, "cache": tmp_path}
    forecast_baseline(small, periods, method="theta", seed=1, **options)  # type: ignore[arg-type]
    forecast_baseline(small, periods, method="damped", seed=1, **options)  # type: ignore[arg-type]
    forecast_baseline(small, periods, method="theta", seed=2, **options)  # type: ignore[arg-type]
    changed = History(small.calendar, small.keys, small.periods, small.values + 1e-9, "units")
    forecast_baseline(changed, periods, method="theta", seed=1, **options)  # type: ignore[arg-type]
    assert len(list(tmp_path.glob("*-why.*.parquet"))) == 4  # type: ignore[attr-defined]


def test_the_backtest_is_scored_beside_the_naive_forecast(many: History, many_run: BaselineRun) -> None:
    scores = score_run(many_run, many).set_index(["level", "lag", "forecast"])
    assert (
        scores.loc[("leaf", "all", "combination"), "mase"]
        < scores.loc[("leaf", "all", "combination"), "mase_naive"]
    )


def test_monthly_horizons_longer_than_the_backtest_are_still_bounded() -> None:
    history = history_of(seasonal_values(5, 40, 12), MONTH)
    made = forecast_baseline(history, horizon_after(history, 24), seed=1, draws=100)
    width = np.quantile(made.samples, 0.9, axis=0) - np.quantile(made.samples, 0.1, axis=0)
    assert (width[:, -1] >= 0.8 * width[:, 0]).all()
    assert (width < 20 * made.baseline).all()


def test_a_trial_of_a_large_unit_stands_at_every_third_origin_and_nothing_else_changes(
    small: History,
) -> None:
    """What is only compared may be weighed at fewer origins; small units and what is planned never are."""
    periods = horizon_after(small, 4)
    large = len(small.keys) - 1

    def origins(is_trial: bool, limit: int) -> tuple[int, ...]:
        chosen = EnsembleSettings(is_trial=is_trial, slow_limit=limit)
        return run_baseline(small, periods, seed=1, draws=0, settings=chosen).ensemble.backtest.origins.stops

    every = origins(False, large)
    assert origins(True, large) == every[::-1][::3][::-1] != every
    assert origins(True, large + 1) == every
