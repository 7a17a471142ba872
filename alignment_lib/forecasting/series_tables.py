"""Tables behind the history and baseline pages: one series at a time, and all of them ranked."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.forecasting.baseline import BaselineRun
from alignment_lib.forecasting.combining.bands import draw_past
from alignment_lib.forecasting.combining.hierarchy import build_levels
from alignment_lib.forecasting.combining.scores import score_backtest, score_draws
from alignment_lib.forecasting.past.history import History

__all__ = ["rank_series", "score_run", "tabulate_backtest", "tabulate_series"]


def tabulate_series(run: BaselineRun, history: History, row: int) -> pd.DataFrame:
    """One series over history and horizon: ``period, original, cleaned, baseline, naive`` and the band.

    The band is ``p2_5, p10, p50, p90, p97_5`` of the draws; NaN where a column does not apply.
    """
    past = pd.DataFrame(
        {
            "period": history.periods,
            "original": run.cleaned.original[row],
            "cleaned": run.cleaned.values[row],
        }
    )
    levels = {"p2_5": 0.025, "p10": 0.1, "p50": 0.5, "p90": 0.9, "p97_5": 0.975}
    forecast = run.forecast
    ahead = pd.DataFrame(
        {
            "period": forecast.periods,
            "baseline": forecast.baseline[row],
            "naive": forecast.naive[row],
            **{name: np.quantile(forecast.samples[:, row], level, axis=0) for name, level in levels.items()},
        }
    )
    return pd.concat([past, ahead], ignore_index=True)


def tabulate_backtest(run: BaselineRun, history: History, row: int) -> pd.DataFrame:
    """What each member said of one series at every origin: ``origin, period, forecast, value, actual``."""
    origins = run.ensemble.backtest.origins
    factor = _past_units(run)[:, row]
    paths = {**run.ensemble.backtest.forecasts, "combination": run.reconciled.past_point}
    blocks = []
    for place, stop in enumerate(origins.stops):
        periods = history.periods[stop : stop + origins.steps]
        for name, path in paths.items():
            if np.isfinite(path[place, row]).all():
                block = {"origin": history.periods[stop], "period": periods, "forecast": name}
                block["value"] = path[place, row] * factor[place]
                blocks.append(
                    pd.DataFrame({**block, "actual": run.cleaned.original[row, stop : stop + origins.steps]})
                )
    columns = ["origin", "period", "forecast", "value", "actual"]
    return pd.concat(blocks, ignore_index=True) if blocks else pd.DataFrame(columns=columns)


def rank_series(run: BaselineRun, history: History) -> pd.DataFrame:
    """Series by error times value: where a better forecast would be worth most.

    Returns
    -------
    DataFrame
        The dimensions, ``class, value`` (sales of the last season), ``error`` and ``naive_error`` (mean
        absolute error a period in the measure), ``error_value`` (error over a season), largest first.
    """
    season = history.calendar.season
    factor = _past_units(run)
    past, actual = run.reconciled.past_point * factor, run.ensemble.backtest.actual * factor
    naive = run.ensemble.backtest.forecasts.get("naive", np.full(actual.shape, np.nan)) * factor
    table = history.keys.assign(
        **{
            "class": run.classes,
            "value": np.nansum(run.cleaned.original[:, -season:], axis=1),
            "error": _mean_gap(actual, past),
            "naive_error": _mean_gap(actual, naive),
        }
    )
    table["error_value"] = table["error"] * season
    return table.sort_values("error_value", ascending=False, kind="stable").reset_index(drop=True)


def _mean_gap(actual: np.ndarray, forecast: np.ndarray) -> np.ndarray:
    gap = np.abs(actual - forecast)
    known = np.isfinite(gap)
    seen = known.sum(axis=(0, 2))
    return np.where(seen > 0, np.where(known, gap, 0.0).sum(axis=(0, 2)) / np.maximum(seen, 1), np.nan)


def _past_units(run: BaselineRun) -> np.ndarray:
    """What one unit of each series' scale was worth at every origin and step, calendar effects included."""
    origins = run.ensemble.backtest.origins
    if not origins.stops:
        return np.ones((0, len(run.scaled.unit), 1))
    effects = [run.calendar.past[:, stop : stop + origins.steps] for stop in origins.stops]
    return np.asarray(run.scaled.unit[None, :, None] * np.exp(np.stack(effects)))


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
