"""Runs as if in containers of their own, with process ids and host names that no other knows."""

from __future__ import annotations

import ctypes
import functools
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faults.forked_runs import ForkedRun, run_command
from tests.faults.runs import command, environment

_NEW_NAMESPACES = 0x20000000 | 0x00020000 | 0x04000000 | 0x08000000
"""Process ids, mounts, host name and messages between processes, as <linux/sched.h> numbers them."""
_PRIVATE = 0x4000 | 0x40000
_END_WITH_PARENT = 1


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


class ContainedRun(ForkedRun):
    """A run in a fork of this process, moved into namespaces of its own under that host name."""

    def __init__(
        self, host: str, units: Sequence[Path], output: Path, cache: Path, said: Path, *more: str
    ) -> None:
        if _namespaces() is None or os.geteuid():
            pytest.skip("only root may move a process into namespaces of its own")
        self.said = said
        arguments = command(units, output, cache, *more)
        self.process = multiprocessing.get_context("fork").Process(
            target=_run_contained, args=(arguments, said, host)
        )
        self.process.start()


def _run_contained(arguments: list[str], said: Path, host: str) -> None:
    """The first process of new namespaces is a child of the one that made them."""
    system = ctypes.CDLL(None, use_errno=True)
    _ask(system.unshare(_NEW_NAMESPACES))
    child = os.fork()
    if child:
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)
    _ask(system.prctl(_END_WITH_PARENT, signal.SIGKILL))
    socket.sethostname(host)
    _ask(system.mount(b"none", b"/", None, _PRIVATE, None))
    _ask(system.mount(b"proc", b"/proc", b"proc", 0, None))
    run_command(arguments, said)


def _ask(answer: int) -> None:
    if answer:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
