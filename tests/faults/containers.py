"""Runs as if in containers of their own, with process ids and host names that no other knows."""

from __future__ import annotations

import functools
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faults.runs import command, environment


@functools.cache
def _namespaces() -> tuple[str, ...] | None:
    """How namespaces are made here, as root or as one inside; None where neither is allowed."""
    if shutil.which("unshare") is None:
        return None
    for more in ((), ("--user", "--map-root-user")):
        begin = ("unshare", *more, "--pid", "--uts", "--ipc", "--fork", "--kill-child", "--mount-proc")
        done = subprocess.run([*begin, "true"], capture_output=True, check=False)
        if done.returncode == 0:
            return begin
    return None


def start_contained(
    host: str, units: Sequence[Path], output: Path, cache: Path, *more: str
) -> subprocess.Popen[str]:
    """Begin a run in namespaces of its own under that host name; skips where the system allows none."""
    begin = _namespaces()
    if begin is None:
        pytest.skip("this system lets nobody make process namespaces")
    inside = 'hostname "$1" && shift && exec "$@"'
    return subprocess.Popen(
        [*begin, "sh", "-c", inside, "sh", host, *command(units, output, cache, *more)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
