"""Processor time of the consequences of every open decision, and of the next tests, odds included.

Run: ``python -m benchmarks.decisions_speed [SERIES]``. The demo as it is, and a unit of 1,000 series with
twenty open decisions in a round with a target. Its forecast is last year's periods: what decisions take does
not depend on it, unless a driver calendar is to be asked about again.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from alignment_lib.rounds.live.consequences import consequences
from alignment_lib.rounds.live.next_tests import next_tests
from alignment_lib.rounds.preparing.asked_round import ask_round
from alignment_lib.rounds.preparing.prepared_round import prepare_round
from alignment_lib.rounds.round_work import RoundWork
from benchmarks.large_units import write_workspace
from data.generator.written import DEMO_FOLDER

DECISIONS = 20


def open_large(folder: Path, series: int) -> Path:
    """A large unit with open decisions and a target."""
    unit = write_workspace(folder / "large", series)
    settings = unit / "planning.toml"
    settings.write_text(settings.read_text() + '[forecast]\nmethod = "naive"\n')
    kinds = ("promotion", "market_shift", "digital", "one_off")
    rows = [
        {
            "id": f"A{number:02d}",
            "kind": kinds[number % 4],
            "title": f"Claim {number}",
            "owner": "marketing",
            "function": "marketing",
            "start": "2026-01-05",
            "end": "2026-03-29",
            "unit": "units" if number % 4 == 3 else "percent",
            "low": 1.0 + number,
            "expected": 5.0 + number,
            "high": 9.0 + number,
            "status": "proposed",
            "region": f"Region {number % 12:02d}",
            "lever": "conversion" if number % 4 == 2 else "",
        }
        for number in range(DECISIONS)
    ]
    pd.DataFrame(rows).to_csv(unit / "assumptions.csv", index=False)
    target = {"round": ["2026Q1"], "measure": ["units"], "target": [float(series) * 60 * 13]}
    pd.DataFrame(target).to_csv(unit / "targets.csv", index=False)
    return unit


def timed(work: Callable[[], Any]) -> float:
    """Processor seconds of some work."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def measure(workspace: Path, name: str) -> str:
    """One line: decisions, and processor seconds the first time and again."""
    request = ask_round(workspace, "2026Q1", "2025-12-29")
    work = RoundWork(prepare_round(request), request)
    live, _ = work.live, work.weighed
    first, again = timed(lambda: consequences(live)), timed(lambda: consequences(live))
    tests = timed(lambda: next_tests(live))
    count = consequences(live)["assumption"].nunique()
    took = f"first {first:5.2f} s  again {again:5.2f} s  next tests {tests:5.2f} s"
    return f"{name:14s} {count:3d} open decisions  {took}"


def main() -> None:
    """Measure both units."""
    series = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    print(measure(DEMO_FOLDER, "demo"))
    with tempfile.TemporaryDirectory() as folder:
        print(measure(open_large(Path(folder), series), f"{series:,} series"))


if __name__ == "__main__":
    main()
