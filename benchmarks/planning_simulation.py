"""Simulation at the sizes the plan must bear: time, and memory beyond the data.

Run: python -m benchmarks.planning_simulation [small|large|linear]; by default all three, each in a process of
its own, so that the memory of one is not read as another's.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

import numpy as np

from alignment_lib.planning.odds.drawing import draw_values
from alignment_lib.planning.odds.simulation import simulate_plan
from alignment_lib.planning.plan.levels import find_levels, find_spans
from alignment_lib.planning.plan.plan import compute_plan
from benchmarks.planning_recompute import make_grid, make_register


def run(series: int, weeks: int, draws: int, paths: int, repeats: int) -> tuple[float, float]:
    """Median seconds, and the largest resident memory in MB beyond the data."""
    random = np.random.default_rng(7)
    grid = make_grid(random, series, weeks)
    register = [
        row.__class__(**{**row.__dict__, "low": row.expected - 10, "high": row.expected + 10})
        for row in make_register(random, 20, weeks)
    ]
    samples = np.empty((paths, series, weeks), dtype=np.float32)
    for path in range(paths):
        samples[path] = grid.baseline * random.lognormal(0, 0.3, (series, weeks))
    plan = compute_plan(grid, register, "bench")
    levels, spans = find_levels(grid.keys), find_spans(grid.calendar, grid.periods)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = []
    for _ in range(repeats):
        begun = time.perf_counter()
        values = draw_values(register, draws, 2026)
        odds = simulate_plan(plan, samples, values, levels, spans)
        seconds.append(time.perf_counter() - begun)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    error = odds.standard_errors()[2, 0, -1] / odds.quantiles[2, 0, -1]
    print(
        f"{draws} draws ({paths} paths) x {series} series x {weeks} weeks: {np.median(seconds):6.2f} s, "
        f"peak {after:.0f} MB, beyond the data {after - before:.0f} MB; standard error of P50 {error:.2%}"
    )
    return float(np.median(seconds)), after - before


SIZES = {
    "small": "reach: 0.6 s, 150 MB beyond the data",
    "large": "reach: 20 s, 1,500 MB in all",
    "linear": "reach: time in proportion to the series",
}


def main(size: str = "") -> None:
    """Print the rows of one size, or of all."""
    if not size:
        for one, reach in SIZES.items():
            print(f"{one} ({reach})", flush=True)
            subprocess.run([sys.executable, "-m", "benchmarks.planning_simulation", one], check=True)
    elif size == "small":
        run(200, 13, 10_000, 10_000, 5)
    elif size == "large":
        run(10_000, 13, 2_000, 2_000, 1)
    else:
        for series in (1_000, 2_000, 4_000, 8_000):
            run(series, 13, 2_000, 500, 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
