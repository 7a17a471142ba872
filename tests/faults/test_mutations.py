"""Input files damaged at random: read or explained, never a traceback, a hang or half an output."""

from __future__ import annotations

import gzip
import random
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from alignment_lib.app.batch import BatchRequest, run_unit
from alignment_lib.inputs.problems import AlignmentError, InputError
from alignment_lib.inputs.template import write_new_workspace
from alignment_lib.inputs.workspace import load_workspace
from alignment_lib.planning.scenarios import read_scenarios
from tests.faults.conftest import Say
from tests.faults.runs import make_unit
from tests.unit.inputs.test_mutated_files import LEADS, mutate

PLANNED_OF = 50
"""Of so many files one is also planned, where it can still be read."""


@dataclass
class Tally:
    """What came of a set of damaged files."""

    refused: int = 0
    read: int = 0
    planned: int = 0
    slowest: float = 0.0
    wrong: tuple[str, ...] = ()


def make_workspace(folder: Path, form: str) -> dict[str, bytes]:
    """A workspace with a file of every kind; returns the files to damage."""
    if form == "xlsx":
        write_new_workspace(folder)
        (folder / "leads.csv").write_bytes(LEADS)
        names = ["planning.toml", "sales.csv", "leads.csv", "assumptions.xlsx"]
    else:
        make_unit(folder, 1)
        (folder / "scenarios.yaml").write_text("bold:\n  change:\n    A1: {expected: 20}\n")
        (folder / "targets.csv").write_text("round,measure,target\n2026Q1,units,700\n")
        sales = pd.read_csv(folder / "sales.csv", parse_dates=["period"])
        (folder / "sales.csv").unlink()
        if form == "gz":
            data = sales.to_csv(index=False, date_format="%Y-%m-%d").encode()
            (folder / "sales.csv.gz").write_bytes(gzip.compress(data, mtime=0))
        else:
            sales.to_parquet(folder / "sales.parquet", index=False)
        names = ["planning.toml", "assumptions.csv", "scenarios.yaml", "targets.csv"]
        names.append("sales.csv.gz" if form == "gz" else "sales.parquet")
    return {name: (folder / name).read_bytes() for name in names}


def damage(folder: Path, seed: int, count: int, form: str) -> Tally:
    """Damage one file after another and read the workspace each time."""
    rng = random.Random(seed)
    files = make_workspace(folder / "unit", form)
    unit, tally, wrong = folder / "unit", Tally(), []
    for turn in range(count):
        name = rng.choice(sorted(files))
        data = mutate(files[name], rng)
        for _ in range(rng.choice((0, 0, 1, 3))):
            data = mutate(data, rng) if data else data
        (unit / name).write_bytes(data)
        begun = time.process_time()
        try:
            workspace = load_workspace(unit)
            ids = list(workspace.table("assumptions")["id"])
            read_scenarios(unit / "scenarios.yaml", ids)
            tally.read += 1
            if turn % PLANNED_OF == 0:
                wrong += plan_one(folder, unit, f"{form} {seed} {turn} {name}")
                tally.planned += 1
        except InputError as error:
            tally.refused += 1
            if not all(p.file and p.found and p.expected and p.mend for p in error.problems):
                wrong.append(f"{form} {seed} {turn} {name}: a problem without its words")
        except AlignmentError:
            tally.refused += 1
        except Exception as error:
            wrong.append(f"{form} {seed} {turn} {name}: {type(error).__name__}: {error}")
        tally.slowest = max(tally.slowest, time.process_time() - begun)
        (unit / name).write_bytes(files[name])
    left = {path.name for path in unit.iterdir()} - {*files, "README.md"}
    tally.wrong = (*wrong, *(f"{form} {seed}: {name} was left in the workspace" for name in left))
    return tally


def plan_one(folder: Path, unit: Path, place: str) -> list[str]:
    """Plan a damaged workspace that can be read; whatever was left behind or unforeseen."""
    output = folder / "out"
    request = BatchRequest((unit,), output, cache=folder / "cache", render=False)
    outcome = run_unit(request, unit)
    rounds = [path for path in output.iterdir() if path.is_dir()] if output.is_dir() else []
    half = [item.name for one in rounds for item in one.iterdir() if item.name.endswith(("~new", "~lock"))]
    found = [f"{place}: left {half}"] if half else []
    return found + ([f"{place}: {outcome.message}"] if "unforeseen" in outcome.message else [])


@pytest.mark.faults(sample=90, full=10_000)
def test_damaged_inputs_are_read_or_explained(tmp_path: Path, count: int, say: Say) -> None:
    forms = ("xlsx", "gz", "parquet")
    parts = [(form, 2026) for form in forms]
    each = -(-count // len(parts))
    found = []
    for form, seed in parts:
        folder = tmp_path / f"{form}{seed}"
        folder.mkdir()
        found.append(damage(folder, seed, each, form))
    wrong = [line for tally in found for line in tally.wrong]
    slowest = max(tally.slowest for tally in found)
    say(
        "damaged input files",
        f"{each * len(parts):,} files: {sum(t.refused for t in found):,} refused with their place, "
        f"{sum(t.read for t in found):,} still readable, {sum(t.planned for t in found)} of them planned; "
        f"{len(wrong)} tracebacks or half outputs, slowest {slowest:.1f} s",
    )
    assert wrong == []
    assert slowest < 10
