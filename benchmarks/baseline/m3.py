"""M3 quarterly and monthly: the engine with the calendar held, its bands, and peers on the same series.

The series of the competition end in different years. Each group that ends together is planned as a
business would be at that date: the learner trains only on values that lay before it, whosever they are.
"""

from __future__ import annotations

import time
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from alignment_lib.forecasting.combining.bands import place_errors
from alignment_lib.forecasting.combining.combination import classify_series
from alignment_lib.forecasting.combining.ensemble import EnsembleSettings, build_learner, forecast_ensemble
from alignment_lib.forecasting.combining.paths import draw_errors, fit_errors
from alignment_lib.forecasting.learning.adjustment import Adjusted, Scaled, adjust_seasonally, scale_series
from alignment_lib.forecasting.learning.global_learner import Learner, LearnerSettings, collect_rows
from alignment_lib.forecasting.learning.members import worker_pool
from alignment_lib.forecasting.past.cleaning import clean_values
from alignment_lib.forecasting.seasons.calendar_effects import measure_calendar
from alignment_lib.inputs.periods.calendar import Calendar

__all__ = ["Competition", "Result", "load_m3", "run_engine", "run_peers", "shorten", "table"]

SEASONS = {"quarterly": 4, "monthly": 12}
_BIG_COHORT = 0.03
_DRAWS = 500
_SETTINGS = EnsembleSettings(sample=60)
"""Series of a class on which slow members are backtested, in each group that ends together."""


@dataclass(frozen=True)
class Competition:
    """Series of one frequency.

    Attributes
    ----------
    train : list of ndarray
    test : ndarray, shape (series, horizon)
    ends : ndarray of int, shape (series,)
        Calendar period after each training part; meaningless where not `dated`.
    dated : ndarray of bool, shape (series,)
    season : int
    """

    train: list[np.ndarray]
    test: np.ndarray
    ends: np.ndarray
    dated: np.ndarray
    season: int

    @property
    def horizon(self) -> int:
        """Periods to forecast."""
        return int(self.test.shape[1])


@dataclass(frozen=True)
class Result:
    """Forecasts in the series' own measure, bands by nominal coverage, seconds."""

    point: np.ndarray
    bands: dict[int, tuple[np.ndarray, np.ndarray]]
    seconds: float


def load_m3(folder: Path, frequency: str) -> Competition:
    """Read one frequency; series in the order of their identifiers."""
    series = pd.read_csv(folder / "m3_series.csv.gz")
    meta = pd.read_csv(folder / "m3_meta.csv").set_index("series_id")
    series = series[series["freq"] == frequency]
    meta = meta[meta["freq"] == frequency].sort_index()
    parts = {
        split: frame.groupby("series_id", sort=True)["value"] for split, frame in series.groupby("split")
    }
    train = [values.to_numpy(dtype=float) for _, values in parts["train"]]
    test = np.array([values.to_numpy(dtype=float) for _, values in parts["test"]])
    season = SEASONS[frequency]
    ends = (meta["start_year"] * season + meta["start_subperiod"] - 1 + meta["n_train"]).to_numpy()
    return Competition(train, test, ends, (meta["start_year"] > 1000).to_numpy(), season)


def shorten(data: Competition, periods: int) -> Competition:
    """The competition as it would have stood earlier: the last training values become the test."""
    horizon = data.horizon
    kept = np.array([len(values) - periods >= 2 * data.season for values in data.train])
    train = [values[: len(values) - periods] for values, keep in zip(data.train, kept, strict=True) if keep]
    ends = [len(values) - periods for values in data.train]
    test = np.array([v[e : e + horizon] for v, e, keep in zip(data.train, ends, kept, strict=True) if keep])
    return Competition(train, test, data.ends[kept] - periods, data.dated[kept], data.season)


def run_engine(data: Competition, *, seed: int = 1, jobs: int = 2, safe: bool = True) -> Result:
    """Forecast every series, group by group where the calendar is held."""
    began = time.perf_counter()
    scaled, classes, ahead = _scale(data)
    horizon, season = data.horizon, data.season
    point = np.full(data.test.shape, np.nan)
    samples: dict[int, np.ndarray] = {}
    earlier: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    with worker_pool(jobs) as pool:
        for rows, learner in _cohorts(data, scaled, seed, safe):
            part = scaled.rows(rows)
            made = forecast_ensemble(
                part,
                classes[rows],
                season,
                horizon,
                pool=pool,
                learner=learner,
                settings=_SETTINGS,
            )
            point[rows] = made.point * part.unit[:, None]
            drawn = _draw(part, made.point, made.errors, made.spreads, made.spread, earlier, seed)
            earlier.append((made.errors, made.spreads, made.spread))
            samples.update(zip(rows.tolist(), np.moveaxis(drawn, 1, 0), strict=True))
    point *= np.exp(ahead)
    stacked = np.stack([samples[row] for row in range(len(point))], axis=1)
    stacked *= scaled.unit[:, None] * np.exp(ahead)
    bands = {cover: _between(stacked, cover) for cover in (80, 95)}
    return Result(point, bands, time.perf_counter() - began)


def _between(samples: np.ndarray, cover: int) -> tuple[np.ndarray, np.ndarray]:
    low, high = np.quantile(samples, [0.5 - cover / 200, 0.5 + cover / 200], axis=0)
    return low, high


def _scale(data: Competition) -> tuple[Scaled, np.ndarray, np.ndarray]:
    """Histories without calendar effects, classes, and the effects over each horizon, in logs."""
    longest = max(len(values) for values in data.train)
    grid = np.full((len(data.train), longest), np.nan)
    for row, values in enumerate(data.train):
        grid[row, longest - len(values) :] = values
    cleaned = clean_values(grid, data.season)
    values = np.where(np.isfinite(cleaned.values), cleaned.values, 0.0)
    scaled = scale_series(values, cleaned.start)
    adjusted = adjust_seasonally(scaled.z, scaled.start, data.season)
    classes = classify_series(cleaned, adjusted.shrink, data.season)
    usable = scaled.is_log & np.isin(classes, ("smooth", "seasonal"))
    past, ahead = _calendar_effects(data, adjusted, usable)
    return scale_series(values * np.exp(-past), cleaned.start), classes, ahead


def _calendar_effects(
    data: Competition, adjusted: Adjusted, usable: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Calendar effects of the dated series, those of one date together, as a business would find them."""
    count = adjusted.level.shape[1]
    past, ahead = np.zeros((len(usable), count)), np.zeros((len(usable), data.horizon))
    calendar = Calendar("quarter" if data.season == 4 else "month")
    months = 12 // data.season
    for end in np.unique(data.ends[data.dated]):
        rows = np.flatnonzero(data.dated & (data.ends == end))
        first = pd.Timestamp(int(end) // data.season, int(end) % data.season * months + 1, 1)
        periods = pd.date_range(end=first - pd.DateOffset(months=months), periods=count, freq=f"{months}MS")
        future = pd.date_range(first, periods=data.horizon, freq=f"{months}MS")
        part = Adjusted(
            adjusted.level[rows],
            adjusted.index[rows],
            adjusted.shrink[rows],
            adjusted.start[rows],
            adjusted.spread[rows],
        )
        found = measure_calendar(part, usable[rows], calendar, periods, future, None)
        past[rows], ahead[rows] = found.past, found.ahead
    return past, ahead


def _cohorts(
    data: Competition, scaled: Scaled, seed: int, safe: bool
) -> list[tuple[np.ndarray, Learner | None]]:
    """Groups planned together with their learner, the earliest first; undated series learn alone."""
    if not safe:
        return [(np.arange(len(data.train)), build_learner(scaled, data.season, data.horizon))]
    settings = LearnerSettings()
    dated = np.flatnonzero(data.dated)
    first = data.ends - np.array([len(values) for values in data.train])
    rows = collect_rows(scaled.rows(dated), data.season, data.horizon, seed, settings, first[dated])
    born = first[dated] + 2 * data.season + 1
    cuts = _cuts(data.ends[dated], data.season)
    mine = cuts[np.searchsorted(cuts, data.ends, side="right") - 1]
    groups: list[tuple[np.ndarray, Learner | None]] = []
    for cut in cuts:
        members = np.flatnonzero(data.dated & (mine == cut))
        groups.append((members, Learner(rows, int(cut), born, seed, settings)))
    if not data.dated.all():
        groups.append((np.flatnonzero(~data.dated), None))
    return groups


def _cuts(ends: np.ndarray, season: int) -> np.ndarray:
    """Dates at which groups are planned: every large group at its own end, small ones up to a year early."""
    dates, counts = np.unique(ends, return_counts=True)
    cuts = {int(date) for date, count in zip(dates, counts, strict=True) if count >= _BIG_COHORT * len(ends)}
    for date in dates:
        before = [cut for cut in cuts if cut <= date]
        if not before or date - max(before) >= season:
            cuts.add(int(date))
    return np.array(sorted(cuts))


def _draw(
    part: Scaled,
    point: np.ndarray,
    errors: np.ndarray,
    spreads: np.ndarray,
    spread: np.ndarray,
    earlier: list[tuple[np.ndarray, np.ndarray, np.ndarray]],
    seed: int,
) -> np.ndarray:
    """Draws for one group, its band calibrated on it and on the groups that ended before it."""
    count, horizon = point.shape
    alike = [block for block in earlier if block[0].shape[::2] == errors.shape[::2]]
    if len(errors) and count < 300:
        errors = np.concatenate([errors, *(block[0] for block in alike)], axis=1)
        spreads = np.concatenate([spreads, *(block[1] for block in alike)], axis=1)
        spread = np.concatenate([spread, *(block[2] for block in alike)])
    model = fit_errors(errors, spreads, spread, horizon)
    own = type(model)(model.scores[:, :count], model.scale[:count], model.shape)
    return place_errors(draw_errors(own, np.arange(count), seed, _DRAWS), point, part.is_log)


def run_peers(data: Competition, jobs: int = 2) -> dict[str, Result]:
    """Seasonal naive, AutoETS with its own bands, and the median of AutoETS, AutoCES and DOT."""
    with worker_pool(jobs) as pool:
        made: dict[str, Result] = {}
        paths: dict[str, np.ndarray] = {}
        for name in ("SeasonalNaive", "AutoETS", "AutoCES", "DynamicOptimizedTheta"):
            began = time.perf_counter()
            tasks = [(name, values, data.season, data.horizon) for values in data.train]
            rows = list(_peer_map(pool, tasks))
            table_ = np.array(rows)
            paths[name] = table_[:, 0]
            bands = {80: (table_[:, 1], table_[:, 2]), 95: (table_[:, 3], table_[:, 4])}
            bands = bands if name == "AutoETS" else {}
            made[name] = Result(paths[name], bands, time.perf_counter() - began)
    names = ("AutoETS", "AutoCES", "DynamicOptimizedTheta")
    middle = np.median([paths[name] for name in names], axis=0)
    made["median of ETS, CES, DOT"] = Result(middle, {}, sum(made[name].seconds for name in names))
    return made


def _peer_map(pool: Executor | None, tasks: list[tuple[str, np.ndarray, int, int]]) -> list[np.ndarray]:
    if pool is None:
        return [fit_peer(task) for task in tasks]
    return list(pool.map(fit_peer, tasks, chunksize=20))


def fit_peer(task: tuple[str, np.ndarray, int, int]) -> np.ndarray:
    """One statsforecast model of one series: point and, for AutoETS, its bands; shape (5, horizon)."""
    from statsforecast import models

    name, values, season, horizon = task
    model = getattr(models, name)(season_length=season)
    if name != "AutoETS":
        return np.repeat(np.asarray(model.forecast(y=values, h=horizon)["mean"])[None], 5, axis=0)
    made = model.forecast(y=values, h=horizon, level=[80, 95])
    return np.array([made[key] for key in ("mean", "lo-80", "hi-80", "lo-95", "hi-95")])


def table(data: Competition, results: dict[str, Result]) -> pd.DataFrame:
    """One row per method: sMAPE, MASE, coverage of both bands over all horizons and the last, mean width."""
    scale = np.array([np.abs(v[data.season :] - v[: -data.season]).mean() for v in data.train])
    records = []
    for name, made in results.items():
        gap = np.abs(data.test - made.point)
        size = np.abs(data.test) + np.abs(made.point)
        record: dict[str, object] = {
            "method": name,
            "sMAPE": float((200 * gap / size).mean()),
            "MASE": float((gap.mean(axis=1) / scale)[scale > 0].mean()),
        }
        for cover, (low, high) in made.bands.items():
            inside = (data.test >= low) & (data.test <= high)
            record[f"cover {cover}"] = float(inside.mean() * 100)
            record[f"last {cover}"] = float(inside[:, -1].mean() * 100)
            record[f"width {cover}"] = float(((high - low).mean(axis=1) / scale)[scale > 0].mean())
        record["seconds"] = made.seconds
        records.append(record)
    return pd.DataFrame(records)
