"""Tiny business units, and runs of the command over them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from tests.commands import run_here

COMMAND = Path(sys.executable).with_name("alignment")
SETTINGS = """\
[business]
name = "Unit {seed}"
currency = "EUR"
[calendar]
grain = "month"
[sales]
{source}dimensions = ["product"]
[plan]
quarters = 1
"""
CLAIM_HEAD = "id,kind,title,owner,function,start,end,unit,low,expected,high,status,rationale,product\n"
CLAIM = (
    "A1,promotion,Spring offer,brand team,marketing,2026-02-01,2026-02-28,percent,0,{},40,proposed,,Chair\n"
)


def sales_table(seed: int) -> pd.DataFrame:
    """Two products over four years of months."""
    months = pd.date_range("2022-01-01", "2025-12-01", freq="MS")
    level = 100 + 20 * np.sin(2 * np.pi * months.month / 12)
    noise = np.random.default_rng(seed)
    parts = [
        pd.DataFrame(
            {"period": months, "product": name, "units": (level + noise.normal(0, 5, len(months))).round()}
        )
        for name in ("Chair", "Table")
    ]
    return pd.concat(parts, ignore_index=True)


def make_unit(folder: Path, seed: int, expected: float = 10.0, source: str = "") -> Path:
    """A monthly workspace with one assumption, whose expected value is given."""
    folder.mkdir(parents=True)
    (folder / "planning.toml").write_text(SETTINGS.format(seed=seed, source=source))
    (folder / "assumptions.csv").write_text(CLAIM_HEAD + CLAIM.format(expected))
    if not source:
        sales_table(seed).to_csv(folder / "sales.csv", index=False, date_format="%Y-%m-%d")
    return folder


def command(units: Sequence[Path], output: Path, cache: Path, *more: str) -> list[str]:
    """The command line that plans these units."""
    asked = ["--round", "2026Q1", "--output", str(output), "--cache", str(cache)]
    return [str(COMMAND), "plan", *map(str, units), *asked, *more]


def environment() -> dict[str, str]:
    """Lines wide enough to be searched; as many threads as the machine would use by itself."""
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    return kept | {"COLUMNS": "400"}


def start(
    units: Sequence[Path], output: Path, cache: Path, *more: str, **options: object
) -> subprocess.Popen[str]:
    """Begin a run."""
    return subprocess.Popen(
        command(units, output, cache, *more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        **options,
    )


def plan(units: Sequence[Path], output: Path, cache: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Plan to the end, in this process."""
    return run_here(command(units, output, cache, *more))


def plan_apart(
    units: Sequence[Path], output: Path, cache: Path, *more: str
) -> subprocess.CompletedProcess[str]:
    """Plan to the end in a process of its own, as from the shell."""
    return run(command(units, output, cache, *more))


def run(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        words,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
        env=environment(),
    )


def snapshot_files(output: Path, unit: str) -> dict[str, bytes]:
    """Every file of a unit's snapshot but the timings, by name."""
    folder = output / "2026Q1" / unit
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "run.json"
    }


_LEFT = re.compile(r"~(new|old)(-\w+)?$|~lock$")


def leftovers(output: Path) -> list[str]:
    """Files and folders of a round that are neither a unit, its log nor a kept version."""
    found = (output / "2026Q1").iterdir() if (output / "2026Q1").is_dir() else []
    return sorted(path.name for path in found if _LEFT.search(path.name))


def wait_until_gone(output: Path, seconds: float = 60) -> None:
    """Wait until nothing is left over; fail, naming what is, where it stays."""
    until = time.monotonic() + seconds
    while leftovers(output) and time.monotonic() < until:
        time.sleep(0.2)
    assert leftovers(output) == []


def children_in(folder: Path, begin: str, word: str) -> list[int]:
    """Processes whose command holds `word`, working in a folder of `folder` whose name begins so."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            line = (entry / "cmdline").read_bytes().decode(errors="replace")
            place = (entry / "cwd").readlink()
            if word in line and place.parent == folder and place.name.startswith(begin):
                found.append(int(entry.name))
        except OSError:
            continue
    return found
