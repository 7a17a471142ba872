"""Scores of a baseline run's backtest by level and lag."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.forecasting.baseline import BaselineRun
from alignment_lib.forecasting.combining.bands import draw_past
from alignment_lib.forecasting.combining.hierarchy import build_levels
from alignment_lib.forecasting.combining.scores import score_backtest, score_draws
from alignment_lib.forecasting.past.history import History

__all__ = ["score_run"]


def score_run(run: BaselineRun, history: History, *, seed: int = 0, draws: int = 100) -> pd.DataFrame:
    """Backtest scores by level and lag (next quarter, fourth quarter, all), seasonal naive beside them.

    The lag of four quarters is there only where the backtest reaches so far. Scores of the band stand on
    the rows of the combination: each origin's band is made from the errors of the other origins.
    """
    backtest = run.ensemble.backtest
    if not backtest.origins.stops:
        return pd.DataFrame()
    factor = _past_units(run)
    stops, steps = backtest.origins.stops, backtest.origins.steps
    actual = np.stack([run.cleaned.original[:, stop : stop + steps] for stop in stops])
    naive = backtest.forecasts["naive"] * factor
    forecasts = {"combination": run.reconciled.past_point * factor, "naive": naive}
    groups = {" x ".join(level.dimensions) or "total": level.codes for level in build_levels(history.keys)}
    groups["leaf"] = np.arange(len(history.keys))
    quarter = {"week": 13, "month": 3, "quarter": 1}[history.calendar.grain]
    lags = {"next quarter": np.arange(min(quarter, steps)), "all": np.arange(steps)}
    if steps >= 4 * quarter:
        lags["fourth quarter"] = np.arange(3 * quarter, 4 * quarter)
    table = score_backtest(actual, forecasts, run.cleaned.original, history.calendar.season, groups, lags)
    if len(stops) < 2:
        return table
    point = run.forecast.baseline / (run.scaled.unit[:, None] * np.exp(run.calendar.ahead))
    drawn = draw_past(history.keys, run.scaled, run.ensemble, run.reconciled, point, seed, draws)
    floor = np.nanmin(np.where(np.isfinite(run.cleaned.original), run.cleaned.original, 0.0), axis=1) >= 0
    held = (
        np.where(floor[:, None], np.maximum(part, 0.0), part) * unit
        for part, unit in zip(drawn, factor, strict=True)
    )
    bands = score_draws(actual, naive, held, groups, lags).assign(forecast="combination")
    return table.merge(bands, how="left", on=["level", "lag", "forecast"])


def _past_units(run: BaselineRun) -> np.ndarray:
    """What one unit of each series' scale was worth at every origin and step, calendar effects included."""
    origins = run.ensemble.backtest.origins
    if not origins.stops:
        return np.ones((0, len(run.scaled.unit), 1))
    effects = [run.calendar.past[:, stop : stop + origins.steps] for stop in origins.stops]
    return np.asarray(run.scaled.unit[None, :, None] * np.exp(np.stack(effects)))
