"""Peers of the plan with drivers: seasonal naive, DOT without drivers, LightGBM with lags and drivers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from alignment_lib.forecasting.effects.drivers.panel import build_panel
from alignment_lib.forecasting.past.history import History

__all__ = ["forecast_dot", "forecast_gradient_boosting", "forecast_seasonal_naive"]


def forecast_seasonal_naive(history: History, horizon: int) -> np.ndarray:
    """Sales of the same week a year before; the series' last value where that week is unknown."""
    season, known = history.calendar.season, len(history.periods)
    values = pd.DataFrame(history.values.T).ffill().bfill().fillna(0.0).to_numpy().T
    places = [known - season + step % season if known >= season else known - 1 for step in range(horizon)]
    return np.asarray(values[:, places])


def _long(history: History) -> pd.DataFrame:
    """Known sales in rows; gaps inside a series carry the last value forward, as lags need a whole grid."""
    values = pd.DataFrame(history.values.T).ffill().to_numpy().T
    row, column = np.nonzero(np.isfinite(values))
    return pd.DataFrame({"unique_id": row, "ds": column, "y": values[row, column]})


def forecast_dot(history: History, horizon: int) -> np.ndarray:
    """DynamicOptimizedTheta of statsforecast, without drivers."""
    from statsforecast import StatsForecast
    from statsforecast.models import DynamicOptimizedTheta

    model = StatsForecast([DynamicOptimizedTheta(season_length=history.calendar.season)], freq=1, n_jobs=2)
    table = model.forecast(h=horizon, df=_long(history))
    plan = table.pivot(index="unique_id", columns="ds", values="DynamicOptimizedTheta")
    return np.asarray(plan.reindex(range(len(history.keys))).fillna(0.0).to_numpy().clip(0))


def forecast_gradient_boosting(
    history: History,
    drivers: pd.DataFrame,
    kinds: Mapping[str, str],
    periods: pd.DatetimeIndex,
    loss: str,
) -> np.ndarray:
    """LightGBM through mlforecast: lags 1 2 3 4 8 13 26 52, means over 4 13 26, week, month, the drivers.

    600 trees, 63 leaves, learning rate 0.05; the dimensions as categories; `loss` is ``"log"`` (squared
    error on log(sales + 1)) or ``"tweedie"``. Gaps in drivers are filled as our own engine fills them.
    """
    import lightgbm
    from mlforecast import MLForecast
    from mlforecast.lag_transforms import RollingMean
    from mlforecast.target_transforms import GlobalSklearnTransformer
    from sklearn.preprocessing import FunctionTransformer

    panel = build_panel(history, drivers, kinds, periods)
    settings = {"n_estimators": 600, "num_leaves": 63, "learning_rate": 0.05, "n_jobs": 2, "verbose": -1}
    if loss == "tweedie":
        settings["objective"] = "tweedie"
    log = GlobalSklearnTransformer(FunctionTransformer(np.log1p, np.expm1, check_inverse=False))
    model = MLForecast(
        {"gbm": lightgbm.LGBMRegressor(**settings)},
        freq=1,
        lags=[1, 2, 3, 4, 8, 13, 26, 52],
        lag_transforms={1: [RollingMean(4), RollingMean(13), RollingMean(26)]},
        target_transforms=[log] if loss == "log" else None,
    )
    outside = pd.DataFrame({
        "unique_id": np.repeat(np.arange(len(panel.keys)), len(panel.periods)),
        "ds": np.tile(np.arange(len(panel.periods)), len(panel.keys)),
        "week": np.tile(panel.periods.isocalendar().week.to_numpy(dtype=float), len(panel.keys)),
        "month": np.tile(panel.periods.month.to_numpy(dtype=float), len(panel.keys)),
        **{name: values.ravel() for name, values in panel.drivers.items()},
    })  # fmt: skip
    known = _long(history).merge(outside, on=["unique_id", "ds"])
    known["y"] = known["y"].clip(lower=0)
    for name in history.dimensions:
        codes = history.keys[name].astype(str).astype("category")
        known[name] = codes.iloc[known["unique_id"]].to_numpy()
        known[name] = known[name].astype(codes.dtype)
    model.fit(known, static_features=history.dimensions)
    future = outside[outside["ds"].ge(panel.known) & outside["unique_id"].isin(known["unique_id"])]
    table = model.predict(len(periods), X_df=future)
    plan = table.pivot(index="unique_id", columns="ds", values="gbm")
    return np.asarray(plan.reindex(range(len(history.keys))).fillna(0.0).to_numpy().clip(0))
