"""Is the engine anywhere worse than what is obvious: last year's same period, over and over?

One function takes any history. At each origin the engine is set beside seasonal naive and the period a year
before by date, for the leaves and for their sum. The engine is worse where its error exceeds the better of
the two by more than two paired standard errors: over series at the leaves, over origins at the total.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from alignment_lib.forecasting.baseline import forecast_baseline
from alignment_lib.forecasting.past.history import History

__all__ = ["OBVIOUS", "Cell", "cells_of", "last_origins", "obvious_table"]

OBVIOUS = ("seasonal naive", "last year's period")
"""What the engine must not lose to; ``with growth`` is shown beside them."""
_ERRORS = 2.0
"""Paired standard errors beyond which a difference counts."""
_FEW_DRAWS = 20


@dataclass(frozen=True)
class Cell:
    """Absolute errors of every method on the same series (or total), one row for each, and what was sold.

    Attributes
    ----------
    level : str
        ``leaf`` or ``total``.
    errors : dict of str to ndarray, shape (rows,)
        Sums of absolute errors over the horizon.
    size : ndarray, shape (rows,)
        Sums of absolute actuals.
    row : ndarray
        What a row stands for: series at the leaves, origin at the total.
    """

    level: str
    errors: dict[str, np.ndarray]
    size: np.ndarray
    row: np.ndarray


def last_origins(count: int, horizon: int, origins: int, gap: int) -> list[int]:
    """Columns at which to plan: the last leaves the horizon to be scored, the others `gap` periods apart.

    >>> last_origins(40, 12, 4, 2)
    [22, 24, 26, 28]
    """
    return [count - horizon - gap * back for back in reversed(range(origins))]


def cells_of(
    history: History,
    horizon: int,
    stops: Sequence[int],
    *,
    seed: int = 1,
    jobs: int | Executor = 2,
    holidays: str | None = None,
    alike: bool = False,
    name: str = "",
) -> Iterator[Cell]:
    """Errors at every origin; cells of several histories, each with a `name`, can be one table.

    Parameters
    ----------
    history : History
        The whole of it; at each origin only the columns before it are known.
    horizon : int
        Periods ahead.
    stops : sequence of int
        Columns from which to plan, at least four.
    seed, jobs, holidays
        As for `forecast_baseline`.
    alike : bool
        Whether each series is measured in its own mean up to the origin: for series of different measures.
    """
    for stop in stops:
        seen = history.values[:, :stop]
        actual = history.values[:, stop : stop + horizon]
        known = np.isfinite(actual).all(axis=1) & np.isfinite(seen).any(axis=1)
        past = _until(history, known, stop)
        ahead = history.periods[stop : stop + horizon]
        ours = forecast_baseline(past, ahead, seed=seed, draws=_FEW_DRAWS, jobs=jobs, holidays=holidays)
        paths = {"engine": ours.baseline, **_obvious_paths(past, ahead)}
        unit = np.nanmean(np.abs(past.values), axis=1) if alike else np.ones(len(past.keys))
        scale = 1.0 / np.where(unit > 0, unit, 1.0)[:, None]
        truth = actual[known] * scale
        gaps = {method: path * scale - truth for method, path in paths.items()}
        series = np.array([f"{name}|{place}" for place in np.flatnonzero(known)])
        leaf = {method: np.abs(gap).sum(axis=1) for method, gap in gaps.items()}
        yield Cell("leaf", leaf, np.abs(truth).sum(axis=1), series)
        total = {method: np.abs(gap.sum(axis=0)).sum(keepdims=True) for method, gap in gaps.items()}
        yield Cell("total", total, np.abs(truth.sum(axis=0)).sum(keepdims=True), np.array([f"{name}|{stop}"]))


def _until(history: History, rows: np.ndarray, stop: int) -> History:
    keys = history.keys[rows].reset_index(drop=True)
    values = history.values[rows, :stop]
    begins = int(np.isfinite(values).any(axis=0).argmax())
    values, periods = values[:, begins:], history.periods[begins:stop]
    return replace(history, keys=keys, periods=periods, values=values, price=None, notices=())


def _obvious_paths(past: History, ahead: pd.DatetimeIndex) -> dict[str, np.ndarray]:
    """Seasonal naive; the period nearest to the same date a year before; and that with the year's growth."""
    values = pd.DataFrame(past.values).ffill(axis=1).fillna(0.0).to_numpy()
    count, season = values.shape[1], past.calendar.season
    step = np.arange(1, len(ahead) + 1)
    places = count - 1 + step - season * -(-step // season)
    naive = values[:, places] if count >= season else np.repeat(values[:, -1:], len(step), axis=1)
    yearly = np.column_stack([_year_before(values, past.periods, date) for date in ahead])
    recent, before = values[:, -season:].sum(axis=1), values[:, -2 * season : -season].sum(axis=1)
    grows = (count >= 2 * season) & (before > 0) & (recent > 0)
    growth = np.where(grows, recent / np.where(grows, before, 1.0), 1.0)
    grown = yearly * np.clip(growth, 0.5, 2.0)[:, None]
    return {"seasonal naive": naive, "last year's period": yearly, "with growth": grown}


def _year_before(values: np.ndarray, periods: pd.DatetimeIndex, date: pd.Timestamp) -> np.ndarray:
    """Values of the period nearest to the date as many whole years before as are needed to be known."""
    half = (periods[-1] - periods[0]) / max(len(periods) - 1, 1) / 2
    years = 1
    while date - pd.DateOffset(years=years) > periods[-1] + half:
        years += 1
    wanted = date - pd.DateOffset(years=years)
    if wanted < periods[0] - half:
        return np.asarray(values[:, -1])
    return np.asarray(values[:, int(np.abs(periods - wanted).argmin())])


def obvious_table(cells: Iterator[Cell] | Sequence[Cell]) -> pd.DataFrame:
    """One row a level: WAPE of each method, the gap to the better obvious one with its error, the verdict."""
    kept = list(cells)
    records = []
    for level in ("leaf", "total"):
        mine = [cell for cell in kept if cell.level == level]
        methods = list(mine[0].errors)
        frame = pd.DataFrame({name: np.concatenate([cell.errors[name] for cell in mine]) for name in methods})
        size = float(np.concatenate([cell.size for cell in mine]).sum())
        frame = frame.groupby(np.concatenate([cell.row for cell in mine])).sum()
        better = min(OBVIOUS, key=lambda name: (float(frame[name].sum()), name))
        gap = (frame["engine"] - frame[better]).to_numpy()
        noise = float(np.sqrt(len(gap)) * np.std(gap, ddof=1)) / size if len(gap) > 1 else np.nan
        mean = float(gap.sum()) / size
        record: dict[str, object] = {"level": level, "rows": len(gap)}
        record |= {name: float(frame[name].sum()) / size for name in methods}
        record |= {"better": better, "gap": mean, "± 1 s.e.": noise, "worse": bool(mean > _ERRORS * noise)}
        records.append(record)
    return pd.DataFrame(records)
