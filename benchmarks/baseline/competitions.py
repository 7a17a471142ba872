"""Competition series through the product's own entry: each group that ends together is planned at its end."""

from __future__ import annotations

import time
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from alignment_lib.forecasting.baseline import forecast_baseline
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Calendar
from benchmarks.baseline.m3 import SEASONS, _peer_map

__all__ = ["Group", "load_groups", "score_groups", "shorten_groups"]

_DRAWS = 400


@dataclass(frozen=True)
class Group:
    """Series whose training parts end in the same period, and what came after.

    Attributes
    ----------
    history : History
    test : ndarray, shape (series, horizon)
    """

    history: History
    test: np.ndarray


def load_groups(path: Path, frequency: str) -> list[Group]:
    """Read one frequency of a table ``series_id, freq, t, period, split, value``; the earliest end first.

    Periods before the year 1000 are no dates: such series are taken as if they had ended together.
    """
    table = pd.read_csv(path)
    table = table[table["freq"] == frequency]
    season = SEASONS[frequency]
    grain, freq = ("quarter", "QS") if season == 4 else ("month", "MS")
    parts: dict[str, list[tuple[str, np.ndarray, np.ndarray]]] = {}
    for name, rows in table.groupby("series_id", sort=True):
        train, test = rows[rows["split"] == "train"], rows[rows["split"] == "test"]
        end = str(train["period"].iloc[-1])
        end = end if int(end[:4]) > 1000 else "2000Q4" if season == 4 else "2000-12"
        parts.setdefault(end, []).append((str(name), train["value"].to_numpy(), test["value"].to_numpy()))
    groups = []
    for end, members in sorted(parts.items()):
        longest = max(len(train) for _, train, _ in members)
        values = np.full((len(members), longest), np.nan)
        for row, (_, train, _) in enumerate(members):
            values[row, longest - len(train) :] = train
        last = pd.Period(end, freq="Q" if season == 4 else "M").start_time
        periods = pd.date_range(end=last, periods=longest, freq=freq)
        keys = pd.DataFrame({"series": [name for name, _, _ in members]})
        history = History(Calendar(grain), keys, periods, values, "units")
        groups.append(Group(history, np.array([test for _, _, test in members], dtype=float)))
    return groups


def shorten_groups(groups: list[Group], back: int) -> list[Group]:
    """The groups as they stood `back` periods earlier: the last training values become the test."""
    out = []
    for group in groups:
        horizon, history = group.test.shape[1], group.history
        stop = history.values.shape[1] - back
        season = history.calendar.season
        if stop < 2 * season or back < horizon:
            continue
        kept = np.isfinite(history.values[:, :stop]).sum(axis=1) >= 2 * season
        values = history.values[kept, :stop]
        keys = history.keys[kept].reset_index(drop=True)
        test = history.values[kept, stop : stop + horizon]
        if kept.any():
            past = History(history.calendar, keys, history.periods[:stop], values, "units")
            out.append(Group(past, test))
    return out


def score_groups(
    groups: list[Group], *, peers: bool = True, seed: int = 1, jobs: int | Executor = 2
) -> pd.DataFrame:
    """MASE on the seasonal scale of each training part, coverage of the 80 % band, seconds.

    The peers are CES and DOT of statsforecast on each series as it is, their mean, and seasonal naive.
    """
    paths: dict[str, list[np.ndarray]] = {"engine": [], "seasonal naive": []}
    inside, seconds = [], {"engine": 0.0}
    for group in groups:
        began = time.perf_counter()
        history, horizon = group.history, group.test.shape[1]
        offset = pd.DateOffset(months=12 // history.calendar.season)
        ahead = pd.date_range(history.periods[-1] + offset, periods=horizon, freq=offset)
        made = forecast_baseline(history, ahead, seed=seed, draws=_DRAWS, jobs=jobs)
        seconds["engine"] += time.perf_counter() - began
        low, high = np.quantile(made.samples, [0.1, 0.9], axis=0)
        inside.append((group.test >= low) & (group.test <= high))
        paths["engine"].append(made.baseline)
        paths["seasonal naive"].append(made.naive)
    known = [row[np.isfinite(row)] for group in groups for row in group.history.values]
    season = groups[0].history.calendar.season
    if peers:
        horizon = groups[0].test.shape[1]
        for name, model in (("CES", "AutoCES"), ("DOT", "DynamicOptimizedTheta")):
            began = time.perf_counter()
            tasks = [(model, values, season, horizon) for values in known]
            pool = None if isinstance(jobs, int) else jobs
            paths[name] = [np.array(_peer_map(pool, tasks))[:, 0]]
            seconds[name] = time.perf_counter() - began
        paths["mean of CES and DOT"] = [(paths["CES"][0] + paths["DOT"][0]) / 2]
    test = np.concatenate([group.test for group in groups])
    scale = np.array([np.abs(row[season:] - row[:-season]).mean() for row in known])
    records = []
    for name, parts in paths.items():
        gap = np.abs(test - np.concatenate(parts)).mean(axis=1)
        record: dict[str, object] = {"method": name, "MASE": float((gap / scale)[scale > 0].mean())}
        if name == "engine":
            record["cover 80"] = 100 * float(np.concatenate(inside).mean())
        records.append(record | {"seconds": seconds.get(name, np.nan)})
    return pd.DataFrame(records)
