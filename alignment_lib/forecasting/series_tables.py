"""Tables behind the history and baseline pages: one series at a time, and all of them ranked."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.forecasting.baseline import BaselineRun
from alignment_lib.forecasting.hierarchy import build_levels
from alignment_lib.forecasting.history import History
from alignment_lib.forecasting.scores import score_backtest

__all__ = ["rank_series", "score_run", "tabulate_backtest", "tabulate_rules", "tabulate_series"]


def tabulate_rules(run: BaselineRun) -> pd.DataFrame:
    """What was found in the history and by which rule: ``code, text, count``."""
    return pd.DataFrame(
        [(notice.code, notice.text, notice.count) for notice in run.forecast.notices],
        columns=["code", "text", "count"],
    )


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
    unit = run.scaled.unit[row]
    paths = {**run.ensemble.backtest.forecasts, "combination": run.reconciled.past_point}
    blocks = []
    for place, stop in enumerate(origins.stops):
        periods = history.periods[stop : stop + origins.steps]
        for name, path in paths.items():
            if np.isfinite(path[place, row]).all():
                block = {"origin": history.periods[stop], "period": periods, "forecast": name}
                block["value"] = path[place, row] * unit
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
    past, actual = run.reconciled.past_point, run.ensemble.backtest.actual
    unit = run.scaled.unit
    naive = run.ensemble.backtest.forecasts.get("naive", np.full(actual.shape, np.nan))
    table = history.keys.assign(
        **{
            "class": run.classes,
            "value": np.nansum(run.cleaned.original[:, -season:], axis=1),
            "error": _mean_gap(actual, past) * unit,
            "naive_error": _mean_gap(actual, naive) * unit,
        }
    )
    table["error_value"] = table["error"] * season
    return table.sort_values("error_value", ascending=False, kind="stable").reset_index(drop=True)


def _mean_gap(actual: np.ndarray, forecast: np.ndarray) -> np.ndarray:
    gap = np.abs(actual - forecast)
    known = np.isfinite(gap)
    seen = known.sum(axis=(0, 2))
    return np.where(seen > 0, np.where(known, gap, 0.0).sum(axis=(0, 2)) / np.maximum(seen, 1), np.nan)


def score_run(run: BaselineRun, history: History) -> pd.DataFrame:
    """Backtest scores by level and lag (next quarter, fourth quarter, all), seasonal naive beside them.

    The lag of four quarters is there only where the backtest reaches so far.
    """
    backtest = run.ensemble.backtest
    if not backtest.origins.stops:
        return pd.DataFrame()
    unit = run.scaled.unit[None, :, None]
    stops, steps = backtest.origins.stops, backtest.origins.steps
    actual = np.stack([run.cleaned.original[:, stop : stop + steps] for stop in stops])
    forecasts = {
        "combination": run.reconciled.past_point * unit,
        "naive": backtest.forecasts["naive"] * unit,
    }
    groups = {" x ".join(level.dimensions) or "total": level.codes for level in build_levels(history.keys)}
    groups["leaf"] = np.arange(len(history.keys))
    quarter = {"week": 13, "month": 3, "quarter": 1}[history.calendar.grain]
    lags = {"next quarter": np.arange(min(quarter, steps)), "all": np.arange(steps)}
    if steps >= 4 * quarter:
        lags["fourth quarter"] = np.arange(3 * quarter, 4 * quarter)
    past = np.where(np.isfinite(run.cleaned.original), run.cleaned.original, np.nan)
    return score_backtest(actual, forecasts, past, history.calendar.season, groups, lags)
