"""Weekly department sales of the odd stores (Walmart), without drivers, beside what is simple.

Peers: last year's same week, and twenty lines of NumPy: a profile of all known years shrunk half to the
median profile of the department, the level of 13 weeks, averaged with last year's week times growth^0.75.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd

from alignment_lib.forecasting.baseline import forecast_baseline
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Calendar

__all__ = ["load_departments", "load_orange_juice", "score_departments"]

_SEASON, _LEVEL = 52, 13
_ORIGINS = ((104, 39), (130, 13))
_SEEDS = (1, 2)


def load_departments(folder: Path) -> History:
    """Store by department; a week that ends on a Friday begins on the Saturday before."""
    table = pd.read_parquet(folder / "weekly.parquet")
    table["period"] = pd.to_datetime(table["week_end_date"]) - pd.Timedelta(days=6)
    return _grid(table, ["store", "dept"], "weekly_sales_usd", "revenue", 5)


def load_orange_juice(folder: Path) -> History:
    """Store by brand, ounces."""
    table = pd.read_csv(folder / "oj_weekly.csv.gz", parse_dates=["week_start"])
    return _grid(table.rename(columns={"week_start": "period"}), ["store", "brand"], "move", "units", 3)


def _grid(table: pd.DataFrame, dimensions: list[str], value: str, measure: str, week_start: int) -> History:
    wide = table.pivot_table(index=dimensions, columns="period", values=value, aggfunc="sum").sort_index()
    weeks = pd.date_range(wide.columns.min(), wide.columns.max(), freq="7D")
    keys = wide.index.to_frame(index=False).astype(str)
    values = wide.reindex(columns=weeks).to_numpy(dtype=float)
    return History(Calendar("week", week_start=week_start), keys, weeks, values, measure)


def score_departments(folder: Path) -> pd.DataFrame:
    """WAPE of series and of their sum by origin and method; the engine with two seeds, with its time."""
    whole = load_departments(folder)
    records = []
    for known, steps in _ORIGINS:
        rows = np.isfinite(whole.values[:, :known]).any(axis=1)
        keys = whole.keys[rows].reset_index(drop=True)
        seen, actual = whole.values[rows, :known], whole.values[rows, known : known + steps]
        past = History(whole.calendar, keys, whole.periods[:known], seen, whole.measure)
        ahead = whole.periods[known : known + steps]
        for seed in _SEEDS:
            began = time.process_time()
            made = forecast_baseline(past, ahead, seed=seed).baseline
            spent = time.process_time() - began
            records.append((known, steps, f"engine, seed {seed}", *_wape(actual, made), spent))
        last = np.nan_to_num(seen)[:, known - _SEASON : known - _SEASON + steps]
        records.append((known, steps, "last year's same week", *_wape(actual, last), np.nan))
        plain = _twenty_lines(np.nan_to_num(seen), keys["dept"].to_numpy(), last)
        records.append((known, steps, "twenty lines of NumPy", *_wape(actual, plain), np.nan))
    return pd.DataFrame(records, columns=["known", "ahead", "method", "series", "total", "seconds"])


def _wape(actual: np.ndarray, made: np.ndarray) -> tuple[float, float]:
    known = np.isfinite(actual)
    gap = np.where(known, made - np.where(known, actual, 0.0), 0.0)
    size = float(np.abs(actual[known]).sum())
    return float(np.abs(gap).sum()) / size, float(np.abs(gap.sum(axis=0)).sum()) / size


def _twenty_lines(values: np.ndarray, groups: np.ndarray, last: np.ndarray) -> np.ndarray:
    count, steps = values.shape[1], last.shape[1]
    held = np.maximum(values, 0.0)
    years = count // _SEASON
    blocks = held[:, count - years * _SEASON :].reshape(len(held), years, _SEASON)
    mean = blocks.mean(axis=2, keepdims=True)
    profile = np.where(mean > 0, blocks / np.where(mean > 0, mean, 1.0), 1.0).mean(axis=1)
    for group in np.unique(groups):
        mine = groups == group
        profile[mine] = 0.5 * profile[mine] + 0.5 * np.median(profile[mine], axis=0)
    place = np.arange(count - _LEVEL, count + steps) - (count - years * _SEASON)
    season = np.maximum(profile[:, place % _SEASON], 0.05)
    level = (held[:, -_LEVEL:] / season[:, :_LEVEL]).mean(axis=1, keepdims=True)
    recent = held[:, -_LEVEL:].sum(axis=1)
    before = held[:, count - _SEASON - _LEVEL : count - _SEASON].sum(axis=1)
    growth = np.where((recent > 0) & (before > 0), recent / np.where(before > 0, before, 1.0), 1.0)
    grown = last * np.clip(growth, 0.5, 2.0)[:, None] ** 0.75
    return np.asarray(0.5 * level * season[:, _LEVEL:] + 0.5 * grown)
