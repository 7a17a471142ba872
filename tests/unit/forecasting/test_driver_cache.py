"""The cache of forecasts with drivers keeps everything the past showed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.forecasting.driver_cache import load_driver_forecast, store_driver_forecast
from alignment_lib.forecasting.effects.engine import DriverEffects
from alignment_lib.forecasting.forecast import Forecast

KEYS = pd.DataFrame({"product": ["Cake", "Tea"]})
PERIODS = pd.date_range("2026-01-05", periods=3, freq="7D")


def _effects() -> DriverEffects:
    past = np.arange(10.0).reshape(2, 5)
    past[0, 2] = np.nan
    return DriverEffects(
        effects=pd.DataFrame({"driver": ["feature"], "estimate": [0.3]}),
        events=pd.DataFrame({"driver": ["feature"], "start": PERIODS[:1], "gross": [12.0]}),
        cleansed=past,
        without=past + 1.0,
        expected=past + 2.0,
        backtest=pd.DataFrame({"candidate": ["explained"], "chosen": [True]}),
        unused={"index": "never varies"},
    )


def test_what_was_stored_comes_back_whole_with_every_array_of_the_past(tmp_path) -> None:
    baseline = np.ones((2, 3))
    forecast = Forecast(KEYS, PERIODS, baseline, np.ones((4, 2, 3)), baseline, {"feature": 0.5 * baseline})
    store_driver_forecast(tmp_path, "drivers-x", forecast, _effects())
    found = load_driver_forecast(tmp_path, "drivers-x", KEYS, PERIODS)
    assert found is not None
    for name in ("cleansed", "without", "expected"):
        np.testing.assert_array_equal(getattr(found[1], name), getattr(_effects(), name))
    pd.testing.assert_frame_equal(found[1].events, _effects().events, check_freq=False)
    assert found[1].unused == {"index": "never varies"}
    np.testing.assert_array_equal(found[0].driver_effects["feature"], 0.5 * baseline)


def test_a_cache_without_one_of_its_parts_is_not_used(tmp_path) -> None:
    baseline = np.ones((2, 3))
    forecast = Forecast(KEYS, PERIODS, baseline, np.ones((4, 2, 3)), baseline)
    store_driver_forecast(tmp_path, "drivers-x", forecast, _effects())
    for path in tmp_path.rglob("*past*"):
        path.unlink()
    assert load_driver_forecast(tmp_path, "drivers-x", KEYS, PERIODS) is None
