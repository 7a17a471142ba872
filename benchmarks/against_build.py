"""Time and memory of this build against an earlier one, both run in turn on the same machine.

``python -m benchmarks.against_build OLD_TREE [CASE …]`` plans the same workspaces with the code in `OLD_TREE`
(a git worktree of the earlier commit) and with this one, nothing cached, each in a process of its own, and
prints seconds, processor time of the process with its children, and the memory of the largest of them.
Cases: ``oj``, ``weekly`` (10,000 series, two drivers), ``drivers`` (3,880 series, five drivers), ``units``
(50 demo units, one worker and two), ``cluster`` (the same on a Dask cluster of two workers). A case may be
made smaller for a first look: ``weekly=2000``.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.batch_speed import copy_units
from benchmarks.large_units import write_workspace

ROOT = Path(__file__).resolve().parent.parent
COMMAND = "import sys; from alignment_lib.app.command_line import main; sys.exit(main())"
LARGE_ROUND = ("--round", "2026Q1", "--as-of", "2025-12-29")
OJ_ROUND = ("--round", "1992Q3", "--as-of", "1992-07-02")
DRIVERS_OF_WEEKLY, DRIVERS_OF_WIDE = 2, 5
EVERY = {"oj": 0, "weekly": 10_000, "drivers": 3_880, "units": 50, "cluster": 50}


@dataclass(frozen=True)
class Cost:
    """What one run took: seconds by the clock, processor seconds, megabytes of its largest process."""

    seconds: float
    processor: float
    megabytes: float


def plan(tree: Path, workspaces: Sequence[Path], options: Sequence[str]) -> Cost:
    """Plan workspaces with the code of a tree, from an empty cache.

    Raises
    ------
    RuntimeError
        If the run fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", COMMAND, "plan", *map(str, workspaces), *options, "--quiet"]
        command += ["--output", f"{folder}/out", "--cache", f"{folder}/cache"]
        begun = time.perf_counter()
        process = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(tree)}, cwd=folder)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
    if os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"planning with the code of {tree} failed")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def compare(what: str, old: Path, run: Callable[[Path], Cost]) -> None:
    """Print one case: the earlier build, this one, and what this one needs of the earlier."""
    then = run(old)
    _row(f"{what}, earlier build", then)
    now = run(ROOT)
    _row(f"{what}, this build", now)
    shares = (
        now.seconds / then.seconds,
        now.processor / then.processor,
        now.megabytes / then.megabytes,
    )
    _line(f"{what}, this / earlier", *(f"{share:.2f}" for share in shares))


def _row(what: str, cost: Cost) -> None:
    _line(what, f"{cost.seconds:.1f}", f"{cost.processor:.1f}", f"{cost.megabytes:,.0f}")


def _line(*cells: str) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


def measure_oj(old: Path, _: int) -> None:
    """A real unit: 913 series, three drivers."""
    folder = ROOT.parent / "shared/workspaces/oj"
    place = folder if folder.is_dir() else Path("/work/shared/workspaces/oj")
    compare("oj", old, lambda tree: plan(tree, [place], OJ_ROUND))


def measure_synthetic(series: int, drivers: int, old: Path) -> None:
    """One weekly unit with drivers, report included."""
    with tempfile.TemporaryDirectory() as scratch:
        unit = write_workspace(Path(scratch) / "large", series, drivers=drivers)
        what = f"{series:,} weekly series, {drivers} drivers"
        compare(what, old, lambda tree: plan(tree, [unit], [*LARGE_ROUND, "--jobs", "2"]))


def measure_units(old: Path, count: int) -> None:
    """Many demo units with one worker and with two."""
    with tempfile.TemporaryDirectory() as scratch:
        # The earlier build reads its own demo only: settings have been added since.
        units = copy_units(Path(scratch), count, old / "data" / "demo")
        for jobs in ("1", "2"):
            options = ["--round", "2026Q1", "--jobs", jobs]
            run = partial(plan, workspaces=units, options=options)
            compare(f"{count} demo units, workers: {jobs}", old, run)


def measure_cluster(_: Path, count: int) -> None:
    """Many demo units on two workers of this machine: the local pool, and a Dask cluster."""
    with tempfile.TemporaryDirectory() as scratch, _cluster() as address:
        units = copy_units(Path(scratch), count)
        pool = plan(ROOT, units, ["--round", "2026Q1", "--jobs", "2"])
        cluster = plan(ROOT, units, ["--round", "2026Q1", "--jobs", "2", "--cluster", address])
    _row(f"{count} demo units, pool of two", pool)
    _row(f"{count} demo units, Dask cluster of two", cluster)
    _line("cluster / pool", f"{cluster.seconds / pool.seconds:.2f}", "", "")


@contextlib.contextmanager
def _cluster() -> Iterator[str]:
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        yield str(cluster.scheduler_address)


CASES: dict[str, Callable[[Path, int], None]] = {
    "oj": measure_oj,
    "weekly": lambda old, series: measure_synthetic(series, DRIVERS_OF_WEEKLY, old),
    "drivers": lambda old, series: measure_synthetic(series, DRIVERS_OF_WIDE, old),
    "units": measure_units,
    "cluster": measure_cluster,
}


def main(old: Path, cases: Sequence[str]) -> None:
    """Measure the cases and print one table."""
    _line("case", "seconds", "processor seconds", "peak MB")
    _line("---", "---:", "---:", "---:")
    for case in cases or EVERY:
        name, _, size = case.partition("=")
        CASES[name](old, int(size) if size else EVERY[name])


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2:])
