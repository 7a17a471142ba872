"""Many units at once: failures stay where they are, results do not depend on who did the work."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.conftest import local_cluster

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


def run(units: list[Path], output: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [str(COMMAND), "plan", *map(str, units), "--round", "2026Q1", "--output", str(output), *more]
    wide = os.environ | {"COLUMNS": "220"}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=600, env=wide)


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
def done_alone(units: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("alone")
    done = run(units, output, "--no-report")
    assert done.returncode == 0, done.stderr
    return output


def test_two_workers_leave_the_same_bytes_as_one(units: list[Path], done_alone: Path, tmp_path: Path) -> None:
    done = run(units, tmp_path, "--jobs", "2", "--no-report")
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path) == contents(done_alone)


def test_a_broken_unit_is_named_and_the_others_finish(units: list[Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(units[0], broken)
    sales = (broken / "sales.csv").read_text().replace("Chair,", "Chair,many", 1)
    (broken / "sales.csv").write_text(sales)
    done = run([units[1], broken, units[2]], tmp_path / "out", "--no-report")
    assert done.returncode == 1
    assert "broken: 1 problem in the input; nothing was written" in done.stderr
    assert "sales.csv, row 2, column units" in done.stderr.replace("\n", " ")
    assert {path.name for path in (tmp_path / "out/2026Q1").iterdir() if path.is_dir()} == {"unit1", "unit2"}
    assert "Traceback" not in done.stderr


def test_a_folder_of_ten_units_of_which_two_are_broken(tmp_path: Path) -> None:
    units = [make_unit(tmp_path / "units" / f"unit{number}", number) for number in range(10)]
    (units[3] / "planning.toml").unlink()
    sales = units[7] / "sales.csv"
    sales.write_text(sales.read_text().replace("Chair,", "Chair,many", 1))
    done = run([tmp_path / "units"], tmp_path / "out", "--jobs", "2")
    assert done.returncode == 1
    reports = {path.parent.name for path in (tmp_path / "out/2026Q1").glob("*/report.html")}
    assert reports == {f"unit{number}" for number in range(10)} - {"unit3", "unit7"}
    told = [line for line in done.stderr.splitlines() if not re.match(r"\d+ of 10", line)]
    assert [line.split(": ")[0] for line in told] == ["unit3", "unit7"]
    assert "planning.toml: found no such file" in told[0]
    assert "sales.csv, row 2, column units: found 'many" in told[1]
    assert "8 done, 2 failed" in done.stdout
    # What every unit is told is said once, with how many it was told to.
    notes = [line for line in done.stdout.splitlines() if line.startswith("note: Backtest")]
    assert [note.partition(" [")[2] for note in notes] == ["unit0 and 7 more]"]


def test_json_lines_follow_every_unit_and_stage(units: list[Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(units[0], broken)
    (broken / "sales.csv").write_text("period,product\n")
    done = run([units[1], broken], tmp_path / "out", "--no-report", "--json", "--jobs", "2")
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


def test_quiet_prints_only_what_failed(units: list[Path], tmp_path: Path) -> None:
    done = run(units[:2], tmp_path / "out", "--no-report", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_pattern_of_ours_is_expanded(units: list[Path], tmp_path: Path) -> None:
    done = run([units[0].parent / "unit[01]"], tmp_path / "out", "--no-report", "--quiet")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "out/2026Q1").iterdir()} == {"unit0", "unit1"}


def test_retry_leaves_finished_units_alone_and_does_the_rest(
    units: list[Path], done_alone: Path, tmp_path: Path
) -> None:
    run(units[:2], tmp_path, "--no-report")
    before = {unit: (tmp_path / "2026Q1" / unit / "run.json").read_bytes() for unit in ("unit0", "unit1")}
    done = run(units, tmp_path, "--no-report", "--retry")
    assert done.returncode == 0, done.stderr
    after = {unit: (tmp_path / "2026Q1" / unit / "run.json").read_bytes() for unit in ("unit0", "unit1")}
    assert after == before
    assert contents(tmp_path) == contents(done_alone)


def test_retry_does_a_unit_again_whose_input_changed(units: list[Path], tmp_path: Path) -> None:
    unit = tmp_path / "unit"
    shutil.copytree(units[0], unit)
    run([unit], tmp_path / "out", "--no-report")
    first = json.loads((tmp_path / "out/2026Q1/unit/manifest.json").read_text())["input_hashes"]
    sales = unit / "sales.csv"
    sales.write_text(sales.read_text().replace("Chair,1", "Chair,2", 1))
    run([unit], tmp_path / "out", "--no-report", "--retry")
    second = json.loads((tmp_path / "out/2026Q1/unit/manifest.json").read_text())["input_hashes"]
    assert first["sales.csv"] != second["sales.csv"]


def test_two_folders_of_one_name_are_refused_before_anything_runs(units: list[Path], tmp_path: Path) -> None:
    shutil.copytree(units[0], tmp_path / "copy" / "unit0")
    done = run([units[0], tmp_path / "copy" / "unit0"], tmp_path / "out")
    assert done.returncode == 2
    told = done.stderr.replace("\n", " ")
    assert "units are named by their folders, and these share a name:" in told
    assert str(units[0]) in told
    assert "rename one, or plan them" in told
    assert not (tmp_path / "out").exists()


def test_a_dask_cluster_leaves_the_same_bytes(units: list[Path], done_alone: Path, tmp_path: Path) -> None:
    before = dict(os.environ)
    with local_cluster() as cluster:
        done = run(units, tmp_path, "--no-report", "--cluster", cluster.scheduler_address)
    assert dict(os.environ) == before
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path) == contents(done_alone)


def test_a_cluster_that_does_not_answer_is_named(units: list[Path], tmp_path: Path) -> None:
    done = run(units[:1], tmp_path, "--no-report", "--cluster", "tcp://127.0.0.1:9")
    assert done.returncode == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in done.stderr.replace("\n", " ")
