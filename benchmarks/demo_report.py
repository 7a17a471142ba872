"""The report of one demo unit, its baseline cached: from the shell, by stage, and the page alone.

``python -m benchmarks.demo_report`` plans the demo five times after a first run that fills the cache, and
prints medians. *Own code* is what ``run.json`` says of the stages before the report, planning and tables
among them; the rest of the time goes to imports, the kernel and the notebook itself.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import nbformat

from alignment_lib.publishing.report.report import render_html
from benchmarks.run_speed import COMMAND, ROOT, time_command

RUNS = 5


def plan(output: Path, cache: Path) -> list[str]:
    """The command."""
    where = ["--output", str(output), "--cache", str(cache), "--quiet"]
    return [COMMAND, "plan", str(ROOT / "data" / "demo"), "--round", "2026Q1", *where]


def read_stages(output: Path) -> dict[str, float]:
    """Seconds by stage, as the run noted them."""
    notes = json.loads((output / "2026Q1" / "demo" / "run.json").read_text(encoding="utf-8"))
    return {str(name): float(seconds) for name, seconds in notes["timings"].items()}


def time_page(notebook: Path) -> float:
    """Median seconds in which the executed notebook becomes the page."""
    executed, seconds = nbformat.read(notebook, as_version=4), []
    for _ in range(RUNS):
        begun = time.perf_counter()
        render_html(executed, "Demo")
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as scratch:
        output, cache = Path(scratch) / "reports", Path(scratch) / "cache"
        subprocess.run(plan(output, cache), check=True)
        runs, stages = [], []
        for _ in range(RUNS):
            runs.append(time_command(plan(output, cache), 1))
            stages.append(read_stages(output))
        page = time_page(output / "2026Q1" / "demo" / "report.ipynb")
    median = {name: statistics.median(one[name] for one in stages) for name in stages[0]}
    own = sum(seconds for name, seconds in median.items() if name != "report")
    print("| what | reach | median seconds |\n| --- | --- | ---: |")
    print(f"| the command, from the shell | ≤ 8 s | {statistics.median(run.seconds for run in runs):.2f} |")
    print(f"| own code: all stages before the report | ≤ 3 s | {own:.2f} |")
    for name, seconds in sorted(median.items()):
        print(f"| stage: {name} | | {seconds:.2f} |")
    print(f"| the page from the executed notebook | ≤ 1 s | {page:.3f} |")
    print(f"\nLargest memory of the command: {max(run.megabytes for run in runs):,.0f} MB.")


if __name__ == "__main__":
    main()
