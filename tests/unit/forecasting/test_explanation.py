from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sales_histories import MONTH, history_of, horizon_after, seasonal_values

from alignment_lib.forecasting.baseline import BaselineRun, run_baseline
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Calendar


def weekly(values: np.ndarray) -> BaselineRun:
    weeks = pd.date_range("2022-01-03", periods=values.shape[1], freq="7D")
    keys = pd.DataFrame({"product": [f"P{row}" for row in range(len(values))]}, dtype=object)
    history = History(Calendar("week"), keys, weeks, values, "units")
    return run_baseline(history, pd.date_range(weeks[-1], periods=14, freq="7D")[1:], seed=1, draws=10)


@pytest.fixture(scope="module")
def months() -> BaselineRun:
    history = history_of(seasonal_values(5, 60, 12), MONTH)
    return run_baseline(history, horizon_after(history, 6), seed=1, draws=10)


def test_every_candidate_is_listed_and_the_obvious_ones_stand_first(months: BaselineRun) -> None:
    tried = months.forecast.candidates
    for _, each in tried.groupby("class"):
        assert each["candidate"].tolist()[:5] == ["naive", "growth", "recent", "half naive", "half growth"]
        assert each["weight"].sum() == pytest.approx(1.0)
        assert {"broad local", "fast"} <= set(each["candidate"])


def test_weights_of_a_series_sum_to_one_and_stand_in_the_table(months: BaselineRun) -> None:
    assert months.forecast.why.groupby("product")["weight"].sum().to_numpy() == pytest.approx(1.0)
    assert months.forecast.why["reason"].str.contains("weighed by backtest").all()


def test_where_last_year_is_what_we_have_it_is_said(months: BaselineRun) -> None:
    # Every month wanders on from its own value a year ago: nothing better is to be had.
    steps = np.random.default_rng(4).normal(0, 0.4, (20, 8, 12))
    history = history_of(100 * np.exp(steps.cumsum(axis=1)).reshape(20, 96), MONTH)
    made = run_baseline(history, horizon_after(history, 6), seed=1, draws=10).forecast
    said = {notice.code: notice for notice in made.notices}
    assert made.why["member"].eq("naive").all()
    assert said["naive_is_what_we_have"].count == 20
    assert "naive_is_what_we_have" not in {notice.code for notice in months.forecast.notices}


def test_a_year_and_a_bit_says_what_is_not_known() -> None:
    run = weekly(seasonal_values(4, 60, 52))
    text = next(one.text for one in run.forecast.notices if one.code == "season_seen_once")
    assert "8 weeks of the year have been seen twice" in text
    mixed = seasonal_values(4, 120, 52)
    mixed[0, :50] = np.nan
    notice = next(one for one in weekly(mixed).forecast.notices if one.code == "season_seen_once")
    assert notice.count == 1
    assert "beside them" in notice.text
    codes = {one.code for one in weekly(seasonal_values(4, 120, 52)).forecast.notices}
    assert "season_seen_once" not in codes


def test_a_stored_forecast_keeps_what_was_tried(tmp_path) -> None:
    from alignment_lib.forecasting.baseline import forecast_baseline

    history = history_of(seasonal_values(3, 40, 12), MONTH)
    periods = horizon_after(history, 3)
    first = forecast_baseline(history, periods, seed=1, draws=10, cache=tmp_path)
    stored = forecast_baseline(history, periods, seed=1, draws=10, cache=tmp_path)
    pd.testing.assert_frame_equal(first.candidates, stored.candidates)
