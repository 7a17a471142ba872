"""What every test may ask for: the real data beside the project, and workspaces to plan."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def shared_folder(name: str) -> Path:
    """A folder of the real data; absent, the test is skipped with its reason, but fails in CI."""
    folder = SHARED / name
    if not folder.is_dir():
        reason = f"the real data {name} is not beside the project"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


MakeOnce = Callable[[str, Callable[[Path], object]], Path]


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> MakeOnce:
    """Makes a folder that all tests of a run only read: once, whichever worker needs it first."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def make(name: str, fill: Callable[[Path], object]) -> Path:
        folder, unfinished = shared / f"once-{name}", shared / f"making-{name}"
        with (shared / f"once-{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                shutil.rmtree(unfinished, ignore_errors=True)
                unfinished.mkdir()
                fill(unfinished)
                unfinished.rename(folder)
        return folder

    return make


@pytest.fixture(scope="session")
def fitted(made_once: MakeOnce) -> Path:
    """Fitted baselines shared by all tests that are not about fitting; code and data are their key."""
    return made_once("fitted", lambda folder: None)


@pytest.fixture
def oj_chain(tmp_path: Path) -> Path:
    """A copy of the real chain workspace that a test may change."""
    target = tmp_path / "oj_chain"
    shutil.copytree(shared_folder("workspaces/oj_chain"), target)
    for path in [target, *target.iterdir()]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return target


@contextmanager
def local_cluster(workers: int = 2) -> Iterator[Any]:
    """A Dask cluster of this machine, and the environment as it was afterwards.

    Dask sets thread limits and one hash seed for its workers in this very process and leaves them there:
    whatever is started later would agree on the order of sets.
    """
    from distributed import LocalCluster

    before = dict(os.environ)
    try:
        with LocalCluster(workers, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as cluster:
            yield cluster
    finally:
        os.environ.clear()
        os.environ.update(before)
