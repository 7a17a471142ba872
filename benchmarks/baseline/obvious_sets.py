"""The sets on which the engine is set beside what is obvious: months, quarters and weeks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Calendar
from benchmarks.baseline.competitions import load_groups
from benchmarks.baseline.obvious import Cell, cells_of, last_origins, obvious_table
from benchmarks.baseline.retail_cuts import load_retail
from benchmarks.baseline.tourism import load_tourism
from benchmarks.baseline.weeks import load_departments, load_orange_juice

__all__ = ["SETS", "load_avocado", "measure_sets"]

_ORIGINS = 4
_SUMS = (
    "TotalUS",
    "California",
    "GreatLakes",
    "Midsouth",
    "Northeast",
    "Plains",
    "SouthCentral",
    "Southeast",
    "West",
)


def load_avocado(folder: Path) -> History:
    """Market by type, without the regions that are sums of markets."""
    table = pd.read_csv(folder / "avocado_weekly.csv.gz", parse_dates=["week"])
    table = table[~table["region"].isin(_SUMS)]
    grid = table.pivot_table(index=["region", "type"], columns="week", values="total_volume").sort_index()
    grid = grid.reindex(columns=pd.date_range(grid.columns[0], grid.columns[-1], freq="7D"))
    keys = grid.index.to_frame(index=False)
    # The table dates a week by its Sunday; the business's week is the one that begins the day after.
    weeks = pd.DatetimeIndex(grid.columns) + pd.Timedelta(days=1)
    return History(Calendar("week"), keys, weeks, grid.to_numpy(), "units")


def _of_history(history: History, horizon: int, gap: int, jobs: int | Executor) -> Iterator[Cell]:
    stops = last_origins(history.values.shape[1], horizon, _ORIGINS, gap)
    yield from cells_of(history, horizon, stops, jobs=jobs)


def _of_competition(path: Path, frequency: str, gap: int, jobs: int | Executor) -> Iterator[Cell]:
    """Every group at its own end and at three dates before it; series measured in their own means."""
    for number, group in enumerate(load_groups(path, frequency)):
        past, horizon = group.history, group.test.shape[1]
        offset = pd.DateOffset(months=12 // past.calendar.season)
        periods = pd.date_range(past.periods[0], periods=len(past.periods) + horizon, freq=offset)
        whole = replace(past, periods=periods, values=np.hstack([past.values, group.test]))
        stops = last_origins(len(periods), horizon, _ORIGINS, gap)
        yield from cells_of(whole, horizon, stops, jobs=jobs, alike=True, name=str(number))


SETS: dict[str, Callable[[Path, int | Executor], Iterator[Cell]]] = {
    "aus_retail": lambda data, jobs: _of_history(load_retail(data / "aus_retail"), 12, 12, jobs),
    "avocado": lambda data, jobs: _of_history(load_avocado(data / "avocado"), 13, 13, jobs),
    "walmart half": lambda data, jobs: _of_history(load_departments(data / "walmart_half"), 13, 6, jobs),
    "oj": lambda data, jobs: _of_history(load_orange_juice(data / "oj_promo"), 13, 8, jobs),
    "tourism_au": lambda data, jobs: _of_history(_whole(data / "tourism_au"), 8, 2, jobs),
    "m3 monthly": lambda data, jobs: _of_competition(_m3(data), "monthly", 6, jobs),
    "m3 quarterly": lambda data, jobs: _of_competition(_m3(data), "quarterly", 2, jobs),
    "tourism half monthly": lambda data, jobs: _of_competition(_half(data), "monthly", 6, jobs),
    "tourism half quarterly": lambda data, jobs: _of_competition(_half(data), "quarterly", 2, jobs),
}
"""Each set's cells by its name, from the folder of all data and the processes to use."""


def _whole(folder: Path) -> History:
    data = load_tourism(folder)
    return data.until(data.values.shape[1])


def _m3(data: Path) -> Path:
    return data / "m3" / "m3_series.csv.gz"


def _half(data: Path) -> Path:
    return data / "tourism_competition_half" / "series.csv.gz"


def measure_sets(data: Path, names: tuple[str, ...] = tuple(SETS), jobs: int | Executor = 2) -> pd.DataFrame:
    """One row a set and level, as `obvious_table`."""
    tables = []
    for name in names:
        table = obvious_table(SETS[name](data, jobs))
        table.insert(0, "set", name)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)
