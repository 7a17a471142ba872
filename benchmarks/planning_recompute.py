"""Plan and bridge of 1,000 series x 52 weeks x 20 assumptions: all of it, and after one change.

Run: python benchmarks/planning_recompute.py
"""

from __future__ import annotations

import time
from itertools import product

import numpy as np
import pandas as pd

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.plan.plan import compute_plan
from alignment_lib.planning.plan.session import open_session
from alignment_lib.planning.register.assumptions import Assumption, example_assumption

SERIES, WEEKS, ROWS, REPEATS = 1000, 52, 20, 41


def make_grid(random: np.random.Generator, series: int = SERIES, weeks: int = WEEKS) -> PlanGrid:
    """Stores by products, with a promotion and a price calendar."""
    stores = -(-series // 10)
    keys = pd.DataFrame(list(product((f"S{n:04d}" for n in range(stores)), (f"P{n}" for n in range(10)))))
    keys = keys.iloc[:series].set_axis(["store", "product"], axis=1)
    baseline = random.lognormal(4, 1, (series, weeks))
    effects = {"deal": baseline * (random.random((series, weeks)) < 0.2) * 0.8, "price": baseline * -0.05}
    first = pd.Timestamp("2026-01-05")
    return PlanGrid(
        Calendar("week"),
        keys,
        Calendar("week").range(first, weeks),
        "units",
        baseline,
        price=np.full((series, weeks), 3.0),
        driver_effects=effects,
        driver_kinds={"deal": "promotion", "price": "price"},
    )


def make_register(random: np.random.Generator, rows: int = ROWS, weeks: int = WEEKS) -> list[Assumption]:
    """Every second row of the whole business, others of one product; some cover drivers, move or borrow."""
    register = []
    for number in range(rows):
        start = pd.Timestamp("2026-01-05") + pd.Timedelta(
            days=int(random.integers(0, max(7 * weeks - 60, 1)))
        )
        percent = number % 4 != 3
        register.append(
            example_assumption(
                id=f"A{number:02d}",
                kind=("promotion", "market_shift", "consumer_shift", "one_off")[number % 4],
                unit="percent" if percent else "units",
                expected=float(random.normal(10, 20) if percent else 5000),
                start=start,
                end=start + pd.Timedelta(days=int(random.integers(6, 90))),
                scope={"product": f"P{number % 10}"} if number % 2 == 0 else {},
                moves_from=("P9",) if number % 6 == 0 else (),
                moved_share=0.3 if number % 6 == 0 else 0.0,
                pull_forward_share=0.2 if number % 8 == 0 else 0.0,
            )
        )
    return register


def main() -> None:
    """Print both medians."""
    random = np.random.default_rng(2026)
    grid, register = make_grid(random), make_register(random)
    full = []
    for _ in range(9):
        begun = time.perf_counter()
        compute_plan(grid, register, "full")
        full.append(time.perf_counter() - begun)
    session = open_session(grid, register, [row.id for row in register])
    first = session.plan
    moves: dict[str, list[float]] = {}
    for number in range(REPEATS * len(register)):
        row = register[number % len(register)]
        begun = time.perf_counter()
        session = session.with_value(row.id, row.expected + 0.1 * (number + 1))
        session.totals()
        moves.setdefault(row.id, []).append(time.perf_counter() - begun)
    again = compute_plan(grid, register, "check", dict(session.values))
    assert np.array_equal(again.plan, session.plan.plan)
    medians = {name: np.median(seconds) * 1000 for name, seconds in moves.items()}
    every = np.concatenate(list(moves.values())) * 1000
    print(f"{SERIES} series x {WEEKS} weeks x {ROWS} assumptions, {len(first.blocks)} contributors")
    print(f"full recompute           median {np.median(full) * 1000:6.1f} ms   (reach 150)")
    p95 = np.percentile(every, 95)
    print(f"one change, plan+bridge  median {np.median(every):6.1f} ms   (reach 20), p95 {p95:.1f}")
    print(f"slowest row              median {max(medians.values()):6.1f} ms")


if __name__ == "__main__":
    main()
