"""Whole-process times of the commands people wait for.

Each row is the median of several runs of the command in a process of its own, with the largest memory any
of them used. Run alone: ``python -m benchmarks.run_speed``.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.page import Section, write_section

COMMAND = str(Path(sys.executable).with_name("alignment"))
ROOT = Path(__file__).resolve().parent.parent
ROUND = ("--round", "1992Q3", "--as-of", "1992-07-02", "--quiet")


@dataclass(frozen=True)
class Timing:
    """Median seconds, peak memory in megabytes and the number of runs."""

    seconds: float
    megabytes: float
    runs: int


def time_command(command: Sequence[str], runs: int) -> Timing:
    """Run a command several times; the memory is that of its largest process."""
    seconds, peak = [], 0.0
    for _ in range(runs):
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        _, status, usage = os.wait4(process.pid, 0)
        seconds.append(time.perf_counter() - begun)
        peak = max(peak, usage.ru_maxrss / 1024)
        if os.waitstatus_to_exitcode(status):
            raise RuntimeError(f"{command}: {process.stderr.read().decode() if process.stderr else ''}")
    return Timing(statistics.median(seconds), peak, runs)


def _plan(workspace: str, folder: Path) -> list[str]:
    return [
        COMMAND,
        "plan",
        str(ROOT.parent / "shared/workspaces" / workspace),
        *ROUND,
        "--output",
        str(folder),
    ]


def measure() -> Section:
    """What was run, what was hoped for, seconds and memory."""
    rows: list[tuple[str, str, Timing]] = []
    rows.append(
        ("import alignment_lib", "≤ 0.3 s", time_command([sys.executable, "-c", "import alignment_lib"], 5))
    )
    rows.append(("alignment --help", "≤ 0.5 s", time_command([COMMAND, "--help"], 5)))
    for name, reach in (("oj_chain", "≤ 20 s"), ("oj", "≤ 60 s, ≤ 1,500 MB")):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            first = time_command(_plan(name, folder), 1)
            rows.append((f"plan {name}, all files, nothing cached", reach, first))
            again = time_command(_plan(name, folder), 3)
            rows.append((f"plan {name} again, baseline cached", "≤ 20 s", again))
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
    lines = ["| command | reach | median seconds | peak MB | runs |", "| --- | --- | ---: | ---: | ---: |"]
    lines += [
        f"| {what} | {reach} | {timing.seconds:.2f} | {timing.megabytes:,.0f} | {timing.runs} |"
        for what, reach, timing in rows
    ]
    return Section("run_speed", "Commands people wait for", "\n".join(lines))


if __name__ == "__main__":
    section = measure()
    write_section(section)
    print(section.text)
