"""Fault tests: each has a small count for every test run and its full one under ``make faults``.

The numbers stand in the marker: ``@pytest.mark.faults(sample=3, full=200)``. Each test prints one line,
``FAULT | what was done | what came of it``, from which `docs.reliability` writes its page, and before it
the seed of its chance: ``SEED=… python -m pytest …`` tries the very same again.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import MakeOnce
from tests.faults.runs import make_unit, plan, snapshot_files

Say = Callable[[str, str], None]


@pytest.fixture
def count(request: pytest.FixtureRequest) -> int:
    """How often the fault is tried: the full count under ``pytest -m faults``, else the sample."""
    marker = request.node.get_closest_marker("faults")
    return int(marker.kwargs["full" if request.config.option.markexpr == "faults" else "sample"])


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> str:
    """Where a test's chance begins: ``make faults SEED=…`` replays a run, else the same each time."""
    return f"{os.environ.get('SEED') or 2026} {request.node.name}"


@pytest.fixture
def rng(seed: str) -> random.Random:
    """Chance, the same in every run of a test under one seed."""
    return random.Random(seed)


@pytest.fixture
def say(request: pytest.FixtureRequest, seed: str) -> Say:
    """Print the line of the figure; and the seed, so that a test that fails can be replayed."""

    def line(fault: str, result: str) -> None:
        _print(f"FAULT | {fault} | {result}")

    _print(f"SEED | {request.node.nodeid} | SEED={seed.partition(' ')[0]}")
    return line


def _print(text: str) -> None:
    sys.stdout.write(f"\n{text}\n")
    sys.stdout.flush()


@pytest.fixture(scope="session")
def cache(fitted: Path) -> Path:
    """Fitted baselines shared by all tests."""
    return fitted


@pytest.fixture(scope="session")
def pair(made_once: MakeOnce, cache: Path) -> dict[str, tuple[Path, dict[str, bytes]]]:
    """Two states of one unit, each with the files that an undisturbed run leaves."""

    def fill(folder: Path) -> None:
        for name, expected in (("before", 10.0), ("after", 25.0)):
            unit = make_unit(folder / name / "unit", 1, expected)
            done = plan([unit], folder / name / "out", cache)
            assert done.returncode == 0, done.stderr

    folder = made_once("pair", fill)
    found = {
        name: (folder / name / "unit", snapshot_files(folder / name / "out", "unit"))
        for name in ("before", "after")
    }
    assert found["before"][1]["plan.parquet"] != found["after"][1]["plan.parquet"]
    return found
