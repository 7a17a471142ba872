"""A cluster that loses a worker still finishes, with the same bytes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import local_cluster
from tests.faults.conftest import Say
from tests.faults.runs import make_unit, plan, snapshot_files, start, wait_until_gone
from tests.faults.test_kills import wait_for_units


@pytest.fixture(scope="module")
def cluster() -> Iterator[object]:
    with local_cluster() as one:
        yield one


@pytest.mark.faults(sample=1, full=5)
def test_a_dask_worker_killed_changes_nothing(
    cluster: object, tmp_path: Path, cache: Path, count: int, say: Say
) -> None:
    from distributed import Client

    # One history for all, each with a claim of its own: fitted once, told apart by every file.
    many = 6 if count > 1 else 3
    units = [make_unit(tmp_path / "units" / f"unit{at}", 1, 10.0 + at) for at in range(many)]
    assert plan(units, tmp_path / "local", cache, "--no-report").returncode == 0
    wanted = {unit.name: snapshot_files(tmp_path / "local", unit.name) for unit in units}
    address = cluster.scheduler_address  # type: ignore[attr-defined]
    for turn in range(count):
        output = tmp_path / f"out{turn}"
        process = start(units, output, cache, "--no-report", "--cluster", address)
        wait_for_units(process, output, 1)
        with Client(address) as client:
            pids = client.run(os.getpid)
            os.kill(pids[sorted(pids)[turn % len(pids)]], signal.SIGKILL)
        _, told = process.communicate(timeout=600)
        assert process.returncode == 0, told
        assert {unit.name: snapshot_files(output, unit.name) for unit in units} == wanted
        # The cluster may still repeat a unit whose answer was lost with the worker.
        wait_until_gone(output)
    say(
        "a Dask worker killed in a run", f"{count} kills over {many} units: {count} runs completed, identical"
    )


@pytest.mark.faults(sample=82, full=300)
def test_the_fit_of_one_large_unit_is_shared_out_with_the_same_bytes(
    cluster: object, tmp_path: Path, count: int, say: Say
) -> None:
    from benchmarks.large_units import write_workspace

    unit = write_workspace(tmp_path / "large", count)
    outputs = {}
    ways = {"one": [], "cluster": ["--cluster", cluster.scheduler_address]}  # type: ignore[attr-defined]
    ways |= {"two": ["--jobs", "2"]} if count > 100 else {}
    for name, more in ways.items():
        done = plan([unit], tmp_path / name, tmp_path / f"cache-{name}", "--no-report", *more)
        assert done.returncode == 0, done.stderr
        outputs[name] = snapshot_files(tmp_path / name, "large")
    same = all(files == outputs["one"] for files in outputs.values())
    say(
        "one unit fitted here, by two processes, by a cluster",
        f"{count} series, {len(ways)} ways: bytes identical: {same}",
    )
    assert same
