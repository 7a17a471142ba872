"""Speed and memory on many monthly series, and what the many-series mode costs in accuracy."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import resource
import time

import numpy as np
import pandas as pd

from alignment_lib.forecasting.baseline import run_baseline
from alignment_lib.forecasting.combining.ensemble import EnsembleSettings
from alignment_lib.forecasting.combining.scores import score_points
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Calendar

__all__ = ["measure_growth"]

_PERIODS, _HORIZON = 60, 12


def draw_history(count: int, seed: int = 7) -> tuple[History, np.ndarray]:
    """Seasonal random walks of very different sizes, and what came after them."""
    generator = np.random.default_rng(seed)
    length = _PERIODS + _HORIZON
    trend = np.cumsum(generator.normal(0.002, 0.04, (count, length)), axis=1)
    phase = 2 * np.pi * (np.arange(length) + generator.integers(0, 12, (count, 1))) / 12
    season = generator.uniform(0, 0.3, (count, 1)) * np.sin(phase)
    noise = generator.normal(0, 0.08, (count, length))
    values = np.exp(generator.normal(5, 1.5, (count, 1)) + trend + season + noise)
    keys = pd.DataFrame({"product": [f"P{i:05d}" for i in range(count)]})
    periods = Calendar("month").range(pd.Timestamp("2020-01-01"), length)
    history = History(Calendar("month"), keys, periods[:_PERIODS], values[:, :_PERIODS], "units")
    return history, values[:, _PERIODS:]


def _measure(task: tuple[int, int, int]) -> dict[str, float | str]:
    count, jobs, limit = task
    history, actual = draw_history(count)
    periods = Calendar("month").range(pd.Timestamp("2025-01-01"), _HORIZON)
    began = time.perf_counter()
    run = run_baseline(history, periods, seed=1, jobs=jobs, settings=EnsembleSettings(slow_limit=limit))
    seconds = time.perf_counter() - began
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    made = score_points(actual, run.forecast.baseline, history.values, 12)
    naive = score_points(actual, run.forecast.naive, history.values, 12)
    chosen = ", ".join(sorted({choice.candidate for choice in run.ensemble.choices.values()}))
    return {
        "series": count,
        "mode": "many series" if limit < count else "full",
        "seconds": seconds,
        "series a second": count / seconds,
        "GB, main process": own / 1e6,
        "GB, largest worker": workers / 1e6,
        "MASE": made["mase"],
        "MASE of seasonal naive": naive["mase"],
        "combination": chosen,
    }


def measure_growth(counts: tuple[int, ...] = (1_000, 3_000, 10_000), jobs: int = 2) -> pd.DataFrame:
    """One row per number of series and mode, each measured in a process of its own.

    The many-series mode leaves out slow members that the sample backtest does not find worth it; up to
    3,000 series the full mode is measured beside it.
    """
    records = []
    context = multiprocessing.get_context("spawn")
    tasks = [(count, jobs, 0) for count in counts]
    tasks += [(count, jobs, count) for count in counts if count <= 3_000]
    for task in tasks:
        receiver, sender = context.Pipe(duplex=False)
        worker = context.Process(target=_report, args=(sender, task))
        worker.start()
        records.append(receiver.recv())
        worker.join()
    return pd.DataFrame(records)


def _report(sender: multiprocessing.connection.Connection, task: tuple[int, int, int]) -> None:
    sender.send(_measure(task))
