"""The same round with other numbers of threads and other kernels of linear algebra: the same plan."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest
from threadpoolctl import threadpool_info

from tests.conftest import ROOT
from tests.faults.conftest import Say
from tests.faults.runs import COMMAND, environment, make_unit

Files = dict[str, bytes]


def driver_unit(folder: Path) -> Path:
    """A monthly unit with a promotion calendar."""
    unit = make_unit(folder, 1)
    with (unit / "planning.toml").open("a") as settings:
        settings.write('[drivers]\ncolumns = { deal = "promotion" }\n')
    months = pd.date_range("2022-01-01", "2026-03-01", freq="MS")
    calendar = pd.DataFrame({"period": months, "deal": (months.month % 5 == 3).astype(int)})
    calendar.to_csv(unit / "drivers.csv", index=False, date_format="%Y-%m-%d")
    return unit


def plan_with(unit: Path, output: Path, cache: Path, threads: int, kernel: str) -> Files:
    """Plan the unit in a process with so many threads and that kernel; its files, the timings left out."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    own = (
        environment() | dict.fromkeys(names, str(threads)) | ({"OPENBLAS_CORETYPE": kernel} if kernel else {})
    )
    asked = ["plan", str(unit), "--round", "2026Q1", "--no-report", "--keep", "0"]
    words = [str(COMMAND), *asked, "--output", str(output), "--cache", str(cache)]
    done = subprocess.run(words, env=own, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stderr
    folder = output / "2026Q1" / unit.name
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "run.json"}


def kernels() -> list[str]:
    """The kernel this processor gets by itself, and one that rounds otherwise."""
    own = {one.get("architecture") for one in threadpool_info() if one.get("internal_api") == "openblas"}
    other = next((name for name in ("Haswell", "Prescott") if name not in own), "")
    return ["", other] if own and other else [""]


@pytest.mark.faults(sample=1, full=3)
def test_neither_cores_nor_processors_change_the_plan(tmp_path: Path, count: int, say: Say) -> None:
    unit = driver_unit(tmp_path / "unit")
    if count > 1:
        unit = Path(shutil.copytree(ROOT / "data" / "demo", tmp_path / "demo"))
    threads = (2, 1, 4)[: max(2, count)]
    first = plan_with(unit, tmp_path / "out", tmp_path / "cold", threads[0], "")
    differing, moved, runs = set(), set(), 1
    for number in threads[1:]:
        # Another folder: nothing stands there that could be kept.
        again = plan_with(unit, tmp_path / f"out{number}", tmp_path / f"cold{number}", number, "")
        differing |= {name for name in first if again.get(name) != first[name]}
        runs += 1
    for kernel in kernels()[1:]:
        for number in threads[:count]:
            for cache in ("cold", f"cold-{kernel}-{number}"):
                again = plan_with(unit, tmp_path / "out", tmp_path / cache, number, kernel)
                moved |= {name for name in first if again.get(name) != first[name]}
                runs += 1
    say(
        "1, 2 and 4 threads, two kernels of linear algebra (OPENBLAS_CORETYPE), cold and cached",
        f"{runs} runs of a unit with drivers, {os.cpu_count()} cores: {len(differing)} of {len(first)} files "
        f"differ with the number of threads; planned again under the other kernel, {len(moved)} files of the "
        "published plan change (figures equal to a ten-millionth of the largest of their column)",
    )
    assert not differing
    assert not moved
