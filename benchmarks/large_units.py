"""Time and memory of planning one large unit, and how both grow with its number of series.

``python -m benchmarks.large_units [SERIES …]`` writes a weekly workspace of each size into a temporary
folder, plans it in a process of its own from an empty cache, and fits ``a × series^b`` to the seconds and a
line to the peak memory of the largest process. By default 1,000, 10,000 and 30,000 series.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.page import Section, write_section

__all__ = ["Run", "growth", "measure", "memory_line", "write_workspace"]

COMMAND = str(Path(sys.executable).with_name("alignment"))
WEEKS = 130
AHEAD = 14
DRIVERS = {
    "price": "price", "deal": "promotion", "display": "promotion", "leaflet": "promotion", "weather": "market"
}  # fmt: skip
SETTINGS = """\
[business]
name = "Large unit"
currency = "EUR"
[calendar]
grain = "week"
[sales]
dimensions = ["region", "store", "product"]
[plan]
quarters = 1
"""


@dataclass(frozen=True)
class Run:
    """One plan of one size: seconds, megabytes at the peak, and seconds by stage."""

    series: int
    seconds: float
    megabytes: float
    stages: dict[str, float]


def write_workspace(folder: Path, series: int, seed: int = 2026, drivers: int = 0) -> Path:
    """Write a weekly workspace of `series` products in stores of 12 regions, with season and noise.

    Up to five drivers move sales: a price, three kinds of promotion and the weather.
    """
    folder.mkdir(parents=True, exist_ok=True)
    weeks = pd.date_range("2023-07-03", periods=WEEKS, freq="7D")
    rng = np.random.default_rng(seed)
    number = np.arange(series)
    level = rng.gamma(3.0, 20.0, series)[:, None]
    season = 1 + 0.3 * np.sin(2 * np.pi * np.arange(WEEKS) / 52 + rng.uniform(0, 6, series)[:, None])
    names = {
        "region": [f"Region {at % 12:02d}" for at in number],
        "store": [f"Store {at % 300:03d}" for at in number],
        "product": [f"Product {at // 300:04d}" for at in number],
    }
    lifted = np.ones((series, WEEKS))
    if drivers:
        table, moved = _draw_drivers(names, drivers, np.random.default_rng(seed + 1))
        table.to_parquet(folder / "drivers.parquet", index=False)
        lifted = moved[:, :WEEKS]
    units = rng.poisson(level * season * lifted * rng.lognormal(0, 0.2, (series, WEEKS)))
    frame = pd.DataFrame(
        {
            "period": np.tile(weeks, series),
            **{name: np.repeat(words, WEEKS) for name, words in names.items()},
            "units": units.ravel().astype(float),
        }
    )
    frame.to_parquet(folder / "sales.parquet", index=False)
    columns = ", ".join(f'{name} = "{kind}"' for name, kind in list(DRIVERS.items())[:drivers])
    told = f'[drivers]\nsource = "drivers.parquet"\ncolumns = {{ {columns} }}\n' if drivers else ""
    (folder / "planning.toml").write_text(SETTINGS + told, encoding="utf-8")
    return folder


def _draw_drivers(
    names: dict[str, list[str]], count: int, rng: np.random.Generator
) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows of the first `count` drivers over history and horizon, and what they do to sales."""
    series, periods = len(names["product"]), WEEKS + AHEAD
    regular = rng.uniform(2.0, 9.0, (series, 1))
    cut = np.where(rng.random((series, periods)) < 0.08, rng.uniform(0.1, 0.3, (series, periods)), 0.0)
    on = [(rng.random((series, periods)) < share).astype(float) for share in (0.08, 0.05, 0.03)]
    weather = np.broadcast_to(rng.normal(15.0, 8.0, periods), (series, periods))
    values = [regular * (1 - cut), *on, weather]
    logs = [-1.8 * np.log1p(-cut), 0.4 * on[0], 0.3 * on[1], 0.2 * on[2], 0.01 * (weather - 15.0)]
    weeks = pd.date_range("2023-07-03", periods=periods, freq="7D")
    table = pd.DataFrame({"period": np.tile(weeks, series)})
    for name, words in names.items():
        table[name] = np.repeat(words, periods)
    for name, column in list(zip(DRIVERS, values, strict=True))[:count]:
        table[name] = column.ravel().round(2)
    return table, np.exp(np.sum(logs[:count], axis=0))


def measure(series: int, jobs: int = 2, report: bool = True, drivers: int = 0) -> Run:
    """Plan one unit of `series` series in a process of its own; nothing is cached."""
    with tempfile.TemporaryDirectory() as scratch:
        unit = write_workspace(Path(scratch) / "large", series, drivers=drivers)
        output = Path(scratch) / "out"
        command = [COMMAND, "plan", str(unit), "--round", "2026Q1", "--as-of", "2025-12-29", "--quiet"]
        command += ["--output", str(output), "--jobs", str(jobs)] + ([] if report else ["--no-report"])
        begun = time.perf_counter()
        process = subprocess.Popen(command)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        if os.waitstatus_to_exitcode(status):
            raise RuntimeError(f"planning {series:,} series failed")
        stages = json.loads((output / "2026Q1/large/run.json").read_text())["timings"]
    return Run(series, seconds, usage.ru_maxrss / 1024, stages)


def growth(series: list[int], values: list[float]) -> tuple[float, float]:
    """Least-squares fit of ``a × series^b`` on logarithms: ``(a, b)``."""
    slope, start = np.polyfit(np.log(series), np.log(values), 1)
    return math.exp(start), float(slope)


def memory_line(series: list[int], megabytes: list[float]) -> tuple[float, float]:
    """Least-squares line through peak memory: megabytes of no series at all, and kilobytes a series."""
    slope, start = np.polyfit(series, megabytes, 1)
    return float(start), float(slope) * 1000


def describe(runs: list[Run]) -> str:
    """The measurements and the growth fitted to them, in Markdown."""
    names = list(runs[0].stages)
    lines = [
        "| series | seconds | peak MB | " + " | ".join(names) + " |",
        "| ---: | ---: | ---: |" + " ---: |" * len(names),
    ]
    for run in runs:
        stages = " | ".join(f"{run.stages.get(name, 0.0):.1f}" for name in names)
        lines.append(f"| {run.series:,} | {run.seconds:.1f} | {run.megabytes:,.0f} | {stages} |")
    if len(runs) > 1:
        sizes = [run.series for run in runs]
        scale, power = growth(sizes, [run.seconds for run in runs])
        start, each = memory_line(sizes, [run.megabytes for run in runs])
        lines += ["", f"Growth fitted: seconds ≈ {scale:.3g} × series^{power:.2f}."]
        hundred = (start + each * 100) / 1000
        fitted = f"Peak memory fitted: {start:,.0f} MB and {each:.0f} kB a series"
        lines += ["", f"{fitted}; 100,000 series would come to {hundred:.1f} GB (not run)."]
    return "\n".join(lines)


if __name__ == "__main__":
    sizes = [int(word.replace(",", "")) for word in sys.argv[1:]] or [1_000, 10_000, 30_000]
    text = describe([measure(size) for size in sizes])
    write_section(Section("large_units", "One large unit", text)) if not sys.argv[1:] else None
    print(text)
