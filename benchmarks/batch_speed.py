"""Many demo units: how much faster two workers are than one, and what the parent needs for more of them.

``python -m benchmarks.batch_speed [UNITS]`` plans so many copies of the demo workspace (50 by default),
report included and the baseline cached, with one worker and with two, and prints seconds and the parent's
peak memory; a tenth of the units shows how that memory grows.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

COMMAND = str(Path(sys.executable).with_name("alignment"))
DEMO = Path(__file__).resolve().parent.parent / "data" / "demo"


@dataclass(frozen=True)
class Run:
    """One batch: units, workers, seconds and the parent's own peak in megabytes."""

    units: int
    workers: int
    seconds: float
    megabytes: float


def copy_units(folder: Path, count: int, demo: Path = DEMO) -> list[Path]:
    """So many copies of a demo workspace, without its earlier rounds."""
    units = [folder / f"unit{number:03d}" for number in range(count)]
    for unit in units:
        shutil.copytree(demo, unit, ignore=shutil.ignore_patterns("rounds"))
    return units


def run(units: Sequence[Path], output: Path, cache: Path, workers: int) -> Run:
    """Plan the units; the parent's memory is read from the system while it runs."""
    command = [COMMAND, "plan", *map(str, units), "--round", "2026Q1", "--output", str(output)]
    command += ["--cache", str(cache), "--jobs", str(workers), "--quiet"]
    begun, peak = time.perf_counter(), 0
    with subprocess.Popen(command) as process:
        while process.poll() is None:
            peak = max(peak, _peak_kilobytes(process.pid))
            time.sleep(0.1)
    if process.returncode:
        raise RuntimeError(f"planning {len(units)} units failed")
    return Run(len(units), workers, time.perf_counter() - begun, peak / 1024)


def _peak_kilobytes(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/status").read_text().partition("VmHWM:")[2].split()[0])
    except (OSError, IndexError, ValueError):
        return 0


def main(count: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        units, cache = copy_units(folder / "units", count), folder / "cache"
        run(units[:1], folder / "first", cache, 1)
        one = run(units, folder / "one", cache, 1)
        two = run(units, folder / "two", cache, 2)
        few = run(units[: max(2, count // 10)], folder / "few", cache, 2)
    print("| units | workers | seconds | parent's peak MB |\n| ---: | ---: | ---: | ---: |")
    for done in (one, two, few):
        print(f"| {done.units} | {done.workers} | {done.seconds:.1f} | {done.megabytes:.0f} |")
    print(f"\nTwo workers are {one.seconds / two.seconds:.2f} times as fast as one (reach: 1.8).")
    grown = (two.megabytes - few.megabytes) / (two.units - few.units)
    print(f"The parent grows by {grown:.2f} MB a unit.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
