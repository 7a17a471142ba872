"""Australian tourism: the reconciled baseline through the product's entry, against MinT on AutoETS bases."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from alignment_lib.forecasting.baseline import forecast_baseline
from alignment_lib.forecasting.combining.hierarchy import aggregation_matrix, build_levels
from alignment_lib.forecasting.forecast import Forecast
from alignment_lib.forecasting.learning.members import worker_pool
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Calendar
from benchmarks.baseline.m3 import _peer_map

__all__ = ["Tourism", "coverage_by_origin", "load_tourism", "score_tourism"]

_SEASON = 4
_HORIZON = 8


@dataclass(frozen=True)
class Tourism:
    """Leaves of the hierarchy: state, region in it, purpose across."""

    keys: pd.DataFrame
    periods: pd.DatetimeIndex
    values: np.ndarray

    def until(self, stop: int) -> History:
        """The history up to, not including, column `stop`."""
        return History(Calendar("quarter"), self.keys, self.periods[:stop], self.values[:, :stop], "units")


def load_tourism(folder: Path) -> Tourism:
    """Read the leaves on a grid."""
    table = pd.read_csv(folder / "tourism_au_quarterly.csv.gz")
    table["period"] = pd.PeriodIndex(table["quarter"], freq="Q").to_timestamp()
    names = ["state", "region", "purpose"]
    grid = table.pivot_table(
        index=names, columns="period", values="trips_thousand", aggfunc="sum"
    ).sort_index()
    return Tourism(grid.index.to_frame(index=False), pd.DatetimeIndex(grid.columns), grid.to_numpy())


def score_tourism(data: Tourism, seed: int = 1, jobs: int = 2) -> tuple[pd.DataFrame, dict[str, float]]:
    """RMSSE by level over the last 8 quarters, and seconds of each method."""
    stop = data.values.shape[1] - _HORIZON
    history = data.until(stop)
    began = time.perf_counter()
    ours = forecast_baseline(history, data.periods[stop:], seed=seed, jobs=jobs, draws=200)
    seconds = {"engine": time.perf_counter() - began}
    began = time.perf_counter()
    peers = _mint_peers(history, jobs)
    seconds["AutoETS bases and hierarchicalforecast"] = time.perf_counter() - began
    made = {"engine": ours.baseline, **peers, "seasonal naive": ours.naive}
    rows = {name: _rmsse_by_level(data, leaf, stop) for name, leaf in made.items()}
    table = pd.DataFrame(rows).T
    table.insert(0, "mean of levels", table.mean(axis=1))
    return table.rename_axis("method").reset_index(), seconds


def _rmsse_by_level(data: Tourism, leaves: np.ndarray, stop: int) -> dict[str, float]:
    out = {}
    for level in build_levels(data.keys):
        name, matrix = " x ".join(level.dimensions) or "total", aggregation_matrix([level])
        out[name] = _rmsse(matrix @ data.values, matrix @ leaves, stop)
    out["leaf"] = _rmsse(data.values, leaves, stop)
    return out


def _rmsse(values: np.ndarray, forecast: np.ndarray, stop: int) -> float:
    scale = ((values[:, _SEASON:stop] - values[:, : stop - _SEASON]) ** 2).mean(axis=1)
    loss = ((values[:, stop : stop + _HORIZON] - forecast) ** 2).mean(axis=1)
    return float(np.sqrt(loss[scale > 0] / scale[scale > 0]).mean())


def _mint_peers(history: History, jobs: int) -> dict[str, np.ndarray]:
    """Bottom-up and MinT-shrink of hierarchicalforecast on AutoETS forecasts and residuals of every node."""
    from hierarchicalforecast.methods import MinTrace

    above = aggregation_matrix(build_levels(history.keys))
    nodes, leaves = above.shape
    summing = np.vstack([above.toarray(), np.eye(leaves)])
    values = summing @ history.values
    tasks = [("AutoETS", row, _SEASON, _HORIZON) for row in values]
    with worker_pool(jobs) as pool:
        base = np.array(_peer_map(pool, tasks))[:, 0]
        mapped = pool.map(fitted_ets, list(values), chunksize=20) if pool else map(fitted_ets, values)
        fitted = np.array(list(mapped))
    out = {"AutoETS bottom-up": base[nodes:]}
    mint = MinTrace(method="mint_shrink").fit_predict(
        S=summing, y_hat=base, y_insample=values, y_hat_insample=fitted
    )
    out["AutoETS MinT-shrink"] = mint["mean"][nodes:]
    return out


def fitted_ets(values: np.ndarray) -> np.ndarray:
    """In-sample one-step forecasts of AutoETS."""
    from statsforecast.models import AutoETS

    made = AutoETS(season_length=_SEASON).forecast(y=values, h=1, fitted=True)
    return np.asarray(made["fitted"])


def coverage_by_origin(data: Tourism, origins: int = 12, seed: int = 1, jobs: int = 2) -> pd.DataFrame:
    """Coverage of the 80 % and 95 % bands over the last origins, all levels pooled and the total alone."""
    levels = build_levels(data.keys)
    matrix = aggregation_matrix(levels)
    inside: dict[str, list[np.ndarray]] = {"80": [], "95": [], "total 80": [], "total 95": []}
    for back in range(origins):
        stop = data.values.shape[1] - _HORIZON - back
        made: Forecast = forecast_baseline(
            data.until(stop), data.periods[stop : stop + _HORIZON], seed=seed, jobs=jobs, draws=300
        )
        actual = data.values[:, stop : stop + _HORIZON]
        full = np.vstack([matrix @ actual, actual])
        draws = np.stack([np.vstack([matrix @ draw, draw]) for draw in made.samples])
        for cover in (80, 95):
            low, high = np.quantile(draws, [0.5 - cover / 200, 0.5 + cover / 200], axis=0)
            hit = (full >= low) & (full <= high)
            inside[str(cover)].append(hit)
            inside[f"total {cover}"].append(hit[:1])
    records = []
    for name, hits in inside.items():
        stacked = np.concatenate(hits)
        share, count = float(stacked.mean()), stacked.size
        # Steps of one origin and neighbouring origins overlap: the honest count of the total is the origins.
        trials = count if " " not in name else origins
        half = 1.96 * np.sqrt(max(share * (1 - share), 1e-9) / trials)
        records.append({"band": name, "covered %": 100 * share, "points": count, "± (95 %)": 100 * half})
    return pd.DataFrame(records)
