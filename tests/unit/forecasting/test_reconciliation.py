from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sales_histories import QUARTER, history_of, horizon_after, seasonal_values

from alignment_lib.forecasting.baseline import forecast_baseline, run_baseline
from alignment_lib.forecasting.combining.backtest import Origins
from alignment_lib.forecasting.combining.hierarchy import (
    RECONCILERS,
    affordable_reconcilers,
    aggregation_matrix,
    build_levels,
)
from alignment_lib.forecasting.combining.reconciliation import _periods
from alignment_lib.forecasting.forecast import Forecast
from alignment_lib.forecasting.past.history import History


@pytest.fixture(scope="module")
def crossed() -> History:
    """Two shops by four brands that share much of their movement."""
    generator = np.random.default_rng(5)
    shared = np.cumsum(generator.normal(0, 0.05, 48))
    values = seasonal_values(8, 48, 4, seed=6) * np.exp(shared)
    keys = pd.DataFrame({"shop": np.repeat(["x", "y"], 4), "brand": list("abcd") * 2}, dtype=object)
    return History(QUARTER, keys, QUARTER.range(pd.Timestamp("2010-01-01"), 48), values, "units")


def reconciliation_notice(forecast: Forecast) -> str:
    return next(notice.text for notice in forecast.notices if notice.code == "reconciliation")


@pytest.mark.parametrize("method", RECONCILERS)
def test_a_named_way_of_reconciling_is_used_and_said(crossed: History, method: str) -> None:
    made = run_baseline(crossed, horizon_after(crossed, 4), seed=1, draws=20, reconcile=method)
    said = reconciliation_notice(made.forecast)
    if method == "mint_shrink" and made.reconciled.method != method:
        assert "mint_shrink needs more past errors" in said
    else:
        assert said == f"Reconciled by {method}: the method asked for."
    assert np.isfinite(made.forecast.baseline).all()


def test_pulling_to_the_levels_above_changes_the_leaves(crossed: History) -> None:
    periods = horizon_after(crossed, 4)
    plain = forecast_baseline(crossed, periods, seed=1, draws=20, reconcile="bottom_up")
    pulled = forecast_baseline(crossed, periods, seed=1, draws=20, reconcile="wls_var")
    assert np.abs(pulled.baseline / plain.baseline - 1).max() > 1e-4
    assert np.abs(pulled.baseline / plain.baseline - 1).max() < 0.5


@pytest.mark.parametrize("method", ["bottom_up", "wls_var"])
def test_any_path_through_the_levels_gives_the_same_total_of_baseline_and_of_every_draw(
    crossed: History, method: str
) -> None:
    made = forecast_baseline(crossed, horizon_after(crossed, 4), seed=1, draws=20, reconcile=method)
    for values in (made.baseline, *made.samples):
        total = values.sum(axis=0)
        for level in build_levels(crossed.keys):
            node = aggregation_matrix([level]) @ values
            assert np.allclose(node.sum(axis=0), total, rtol=1e-9, atol=0)


def test_without_levels_the_forecast_says_that_there_was_nothing_to_reconcile() -> None:
    history = history_of(seasonal_values(1, 40, 4), QUARTER)
    made = forecast_baseline(history, horizon_after(history, 4), seed=1, draws=20, reconcile="ols")
    assert "ols needs levels above the series" in reconciliation_notice(made)


def test_the_backtest_compares_every_way_at_every_level(crossed: History) -> None:
    run = run_baseline(crossed, horizon_after(crossed, 4), seed=1, draws=20)
    table = run.reconciled.scores
    assert {"total", "shop", "brand", "leaf"} == set(table["level"])
    assert {"bottom_up", "ols", "wls_struct", "wls_var"} <= set(table["method"])
    means = table.groupby("method")["rmsse"].mean()
    assert run.reconciled.method == "bottom_up" or means[run.reconciled.method] < means["bottom_up"]


def test_overlapping_origins_are_no_further_observations() -> None:
    origins = Origins((30, 31, 32), 12, (0, 1, 2))
    assert _periods(origins, np.array([0, 1, 2])) == 14
    assert "mint_shrink" in affordable_reconcilers(3, 10, 14)
    assert "mint_shrink" not in affordable_reconcilers(4, 10, 14)
