"""Where units are worked on: here, in processes of this machine, or on a Dask cluster.

All three are used through the standard library's executor interface, so the work and its results are the
same whichever is chosen.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from alignment_lib.inputs.problems import AlignmentError

__all__ = ["ClusterUnreachable", "bounded_workers", "open_executor"]

_MEMORY_PER_WORKER = 1_500_000_000
"""Bytes a unit of a thousand weekly series needs at its peak, report included."""


class ClusterUnreachable(AlignmentError):
    """No scheduler answers at the given address, or the cluster extra is not installed."""

    exit_code = 2


class _Here(Executor):
    """Runs each call at once, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def bounded_workers(wanted: int, units: int) -> int:
    """Workers to use: no more than asked for, than units, than cores, or than memory carries.

    >>> bounded_workers(4, 1)
    1
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    by_memory = max(1, memory // _MEMORY_PER_WORKER) if memory else wanted
    return max(1, min(wanted, units, os.cpu_count() or 1, by_memory))


@contextmanager
def open_executor(workers: int, cluster: str = "") -> Iterator[Executor]:
    """An executor for whole units.

    Parameters
    ----------
    workers : int
        Processes to use; 1 means this process.
    cluster : str
        Address of a Dask scheduler such as ``tcp://127.0.0.1:8786``; its workers must see the same folders.

    Raises
    ------
    ClusterUnreachable
        If nothing answers there within ten seconds.
    """
    if cluster:
        with _dask_executor(cluster) as executor:
            yield executor
    elif workers <= 1:
        yield _Here()
    else:
        # Forked children inherit threads' locks in an unknown state; spawned ones start clean.
        with ProcessPoolExecutor(max_workers=workers, mp_context=get_context("spawn")) as executor:
            yield executor


@contextmanager
def _dask_executor(address: str) -> Iterator[Executor]:
    try:
        from distributed import Client
    except ImportError:
        raise ClusterUnreachable(
            "a cluster needs the extra: pip install 'alignment-workbook[cluster]'"
        ) from None
    try:
        client = Client(address, timeout=10, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        text = " ".join(str(error).split())[:200]
        raise ClusterUnreachable(f"no Dask scheduler answers at {address}: {text}") from None
    with client:
        # A unit whose worker dies is given to another: publishing a unit twice leaves the same files.
        yield client.get_executor(pure=False, retries=2)
