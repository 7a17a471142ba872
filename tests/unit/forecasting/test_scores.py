from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from utilsforecast import losses

from alignment_lib.forecasting.combining.scores import (
    score_backtest,
    score_bands,
    score_draws,
    score_points,
    score_samples,
)


def test_scores_worked_by_hand() -> None:
    # Errors +2 and -4 on 10 and 20; seasonal differences of the history 1 and 3.
    scores = score_points(np.array([[10.0, 20.0]]), np.array([[12.0, 16.0]]), np.array([[1.0, 2.0, 5.0]]), 1)
    assert scores["mase"] == pytest.approx(3.0 / 2.0)
    assert scores["rmsse"] == pytest.approx(np.sqrt(10.0 / 5.0))
    assert scores["wape"] == pytest.approx(20.0)
    assert scores["bias"] == pytest.approx(-100 * 2 / 30)
    assert scores["smape"] == pytest.approx((200 * 2 / 22 + 200 * 4 / 36) / 2)


def test_scores_equal_those_of_utilsforecast() -> None:
    generator = np.random.default_rng(0)
    actual, forecast, history = (generator.uniform(5, 9, (3, n)) for n in (6, 6, 24))
    ours = score_points(actual, forecast, history, 4)
    long = pd.DataFrame({"unique_id": np.repeat([0, 1, 2], 6), "y": actual.ravel(), "m": forecast.ravel()})
    past = pd.DataFrame({"unique_id": np.repeat([0, 1, 2], 24), "y": history.ravel()})
    assert ours["mase"] == pytest.approx(losses.mase(long, ["m"], 4, past)["m"].mean())
    assert ours["rmsse"] == pytest.approx(losses.rmsse(long, ["m"], 4, past)["m"].mean())
    assert ours["smape"] == pytest.approx(200 * losses.smape(long, ["m"])["m"].mean())


def test_points_without_an_actual_are_left_out() -> None:
    scores = score_points(np.array([[10.0, np.nan]]), np.array([[12.0, 99.0]]), np.array([[1.0, 2.0]]), 1)
    assert scores["wape"] == pytest.approx(20.0)


def test_crps_of_two_draws_by_hand() -> None:
    # E|X - y| = (1 + 1) / 2 = 1; E|X - X'| / 2 = (0 + 2 + 2 + 0) / 4 / 2 = 0.5; of an actual of 10: 5 %.
    samples = np.array([9.0, 11.0]).reshape(2, 1, 1)
    assert score_samples(np.array([[10.0]]), samples)["crps"] == pytest.approx(5.0)


def test_bands_count_what_falls_inside() -> None:
    samples = np.linspace(0, 100, 101).reshape(-1, 1, 1).repeat(4, axis=2)
    bands = score_bands(np.array([[5.0, 50.0, 89.0, 95.0]]), samples)
    assert bands["coverage_80"] == 0.5
    assert bands["coverage_95"] == 1.0


def test_a_backtest_is_scored_by_level_and_lag_beside_naive() -> None:
    actual = np.array([[[10.0, 10.0], [20.0, 20.0]]])
    forecasts = {"naive": actual + 4, "combination": actual + np.array([[[1.0, 3.0], [-1.0, 3.0]]])}
    history = np.array([[1.0, 2.0, 3.0], [2.0, 3.0, 4.0]])
    table = score_backtest(
        actual,
        forecasts,
        history,
        1,
        {"total": np.zeros(2, dtype=int), "leaf": np.arange(2)},
        {"next": np.array([0]), "after": np.array([1])},
    ).set_index(["level", "lag", "forecast"])
    assert table.loc[("total", "next", "combination"), "mase"] == 0.0
    assert table.loc[("leaf", "next", "combination"), "mase"] == 1.0
    assert table.loc[("leaf", "after", "combination"), "mase_naive"] == 4.0


def test_a_closed_series_is_left_out_of_both_sides_of_its_levels_sum() -> None:
    actual = np.array([[[10.0, 10.0], [np.nan, np.nan]]])
    forecasts = {"naive": np.full((1, 2, 2), 12.0), "combination": np.full((1, 2, 2), 11.0)}
    history = np.array([[1.0, 2.0, 3.0], [2.0, np.nan, np.nan]])
    groups = {"total": np.zeros(2, dtype=int)}
    table = score_backtest(actual, forecasts, history, 1, groups, {"all": np.arange(2)})
    wape = dict(zip(table["forecast"], table["wape"], strict=True))
    assert wape == {"naive": pytest.approx(20.0), "combination": pytest.approx(10.0)}


def test_bands_are_scored_by_level_and_lag_beside_a_naive_line() -> None:
    actual = np.array([[[10.0, 10.0]]])
    naive = np.array([[[8.0, 10.0]]])
    draws = np.array([9.0, 11.0]).reshape(2, 1, 1).repeat(2, axis=2)
    table = score_draws(
        actual, naive, [draws], {"leaf": np.array([0])}, {"first": np.array([0]), "second": np.array([1])}
    ).set_index("lag")
    assert table.loc["first", "crps"] == pytest.approx(5.0)  # as worked by hand above
    assert table.loc["first", "crps_naive"] == pytest.approx(20.0)
    assert table.loc["second", "crps_naive"] == 0.0
    assert table.loc["first", "pinball_0.1_naive"] == pytest.approx(2.0)  # 0.1 of a gap of 2 on 10
    assert table.loc["first", "coverage_95"] == 1.0
