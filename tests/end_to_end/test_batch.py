"""Many units at once: failures stay where they are, results do not depend on who did the work."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.commands import run_here

COMMAND = Path(sys.executable).with_name("alignment")


def make_unit(folder: Path, seed: int) -> Path:
    """A small monthly workspace: two products, four years."""
    folder.mkdir(parents=True)
    (folder / "planning.toml").write_text(
        f'[business]\nname = "Unit {seed}"\ncurrency = "EUR"\n[calendar]\ngrain = "month"\n'
        '[sales]\ndimensions = ["product"]\n[plan]\nquarters = 1\n'
    )
    months = pd.date_range("2022-01-01", "2025-12-01", freq="MS")
    level = 100 + 20 * np.sin(2 * np.pi * months.month / 12)
    noise = np.random.default_rng(seed)
    parts = [
        pd.DataFrame(
            {"period": months, "product": name, "units": (level + noise.normal(0, 5, len(months))).round()}
        )
        for name in ("Chair", "Table")
    ]
    pd.concat(parts).to_csv(folder / "sales.csv", index=False, date_format="%Y-%m-%d")
    return folder


def command(units: list[Path], output: Path, *more: str) -> list[str]:
    return [str(COMMAND), "plan", *map(str, units), "--round", "2026Q1", "--output", str(output), *more]


def run(units: list[Path], output: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return run_here(command(units, output, *more), columns=220)


def run_apart(units: list[Path], output: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(units, output, *more), capture_output=True, text=True, check=False, timeout=600
    )


def contents(output: Path) -> dict[str, bytes]:
    return {
        path.relative_to(output).as_posix(): path.read_bytes()
        for path in sorted((output / "2026Q1").rglob("*"))
        if path.is_file() and path.name != "run.json"
    }


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("units")
    return [make_unit(folder / f"unit{number}", number) for number in range(4)]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fitted baselines, for tests that are not about fitting."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def done_alone(units: list[Path], tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    output = tmp_path_factory.mktemp("alone")
    done = run(units, output, "--no-report", "--cache", str(cache))
    assert done.returncode == 0, done.stderr
    return output


def test_two_workers_leave_the_same_bytes_as_one(units: list[Path], done_alone: Path, tmp_path: Path) -> None:
    done = run_apart(units, tmp_path, "--jobs", "2", "--no-report")
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path) == contents(done_alone)


def test_a_folder_of_ten_units_of_which_two_are_broken(tmp_path: Path, cache: Path) -> None:
    # One history for all, so that it is fitted once.
    units = [make_unit(tmp_path / "units" / f"unit{number}", 0) for number in range(10)]
    (units[3] / "planning.toml").unlink()
    sales = units[7] / "sales.csv"
    sales.write_text(sales.read_text().replace("Chair,", "Chair,many", 1))
    done = run([tmp_path / "units"], tmp_path / "out", "--jobs", "2", "--no-report", "--cache", str(cache))
    assert done.returncode == 1
    whole = {path.parent.name for path in (tmp_path / "out/2026Q1").glob("*/manifest.json")}
    assert whole == {f"unit{number}" for number in range(10)} - {"unit3", "unit7"}
    assert {path.name for path in (tmp_path / "out/2026Q1").iterdir() if path.is_dir()} == whole
    told = [line for line in done.stderr.splitlines() if not re.match(r"\d+ of 10", line)]
    assert [line.split(": ")[0] for line in told] == ["unit3", "unit7"]
    assert "planning.toml: found no such file" in told[0]
    assert "unit7: 1 problem in the input; nothing was written" in told[1]
    assert "sales.csv, row 2, column units: found 'many" in told[1]
    assert "Traceback" not in done.stderr
    assert "8 done, 2 failed" in done.stdout
    # What every unit is told is said once, with how many it was told to.
    notes = [line for line in done.stdout.splitlines() if line.startswith("note: Backtest")]
    assert [note.partition(" [")[2] for note in notes] == ["unit0 and 7 more]"]


def test_json_lines_follow_every_unit_and_stage(units: list[Path], tmp_path: Path, cache: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(units[0], broken)
    (broken / "sales.csv").write_text("period,product\n")
    done = run(
        [units[1], broken], tmp_path / "out", "--no-report", "--json", "--jobs", "2", "--cache", str(cache)
    )
    assert (done.returncode, done.stderr) == (1, "")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    stages = [event["stage"] for event in events if event["event"] == "stage" and event["unit"] == "unit1"]
    assert stages == ["reading inputs", "forecasting", "planning", "writing the tables"]
    ended = {event["unit"]: event for event in events if event["event"] == "unit"}
    assert ended["unit1"]["code"] == 0
    assert ended["broken"]["code"] == 2
    assert ended["broken"]["problems"]
    assert events[-1] | {"elapsed": 0} == {
        "event": "batch",
        "elapsed": 0,
        "units": 2,
        "failed": 1,
        "exit_code": 1,
    }


def test_a_pattern_of_ours_is_expanded_and_quiet_prints_only_what_failed(
    units: list[Path], tmp_path: Path, cache: Path
) -> None:
    asked = ("--no-report", "--quiet", "--cache", str(cache))
    done = run([units[0].parent / "unit[01]"], tmp_path / "out", *asked)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert {path.name for path in (tmp_path / "out/2026Q1").iterdir()} == {"unit0", "unit1"}


def test_retry_leaves_finished_units_alone_and_does_the_rest_and_what_changed(
    units: list[Path], done_alone: Path, tmp_path: Path, cache: Path
) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(units[0], changed)
    asked = ("--no-report", "--cache", str(cache))
    run([units[0], units[1], changed], tmp_path / "out", *asked)
    folder = tmp_path / "out/2026Q1"
    before = {unit: (folder / unit / "run.json").read_bytes() for unit in ("unit0", "unit1")}
    first = json.loads((folder / "changed/manifest.json").read_text())["input_hashes"]
    sales = changed / "sales.csv"
    sales.write_text(sales.read_text().replace("Chair,1", "Chair,2", 1))
    done = run([*units, changed], tmp_path / "out", *asked, "--retry")
    assert done.returncode == 0, done.stderr
    assert {unit: (folder / unit / "run.json").read_bytes() for unit in before} == before
    second = json.loads((folder / "changed/manifest.json").read_text())["input_hashes"]
    assert first["sales.csv"] != second["sales.csv"]
    found = contents(tmp_path / "out")
    assert {name: data for name, data in found.items() if "/changed" not in name} == contents(done_alone)


def test_two_folders_of_one_name_are_refused_before_anything_runs(units: list[Path], tmp_path: Path) -> None:
    shutil.copytree(units[0], tmp_path / "copy" / "unit0")
    done = run([units[0], tmp_path / "copy" / "unit0"], tmp_path / "out")
    assert done.returncode == 2
    told = done.stderr.replace("\n", " ")
    assert "units are named by their folders, and these share a name:" in told
    assert str(units[0]) in told
    assert "rename one, or plan them" in told
    assert not (tmp_path / "out").exists()


def test_a_cluster_that_does_not_answer_is_named(units: list[Path], tmp_path: Path) -> None:
    done = run(units[:1], tmp_path, "--no-report", "--cluster", "tcp://127.0.0.1:9")
    assert done.returncode == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in done.stderr.replace("\n", " ")
