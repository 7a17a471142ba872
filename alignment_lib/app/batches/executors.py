"""Where units are worked on: here, in processes of this machine, or on a Dask cluster.

All three are used through the standard library's executor interface, so the work and its results are the
same whichever is chosen. A worker says what it is doing by `tell_stage`; who opened the executor hears it.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from typing import Any, TypeAlias

from alignment_lib.app.batches.stopping import obey_parent
from alignment_lib.app.batches.worker_versions import differing_workers
from alignment_lib.inputs.problems import AlignmentError

__all__ = ["ClusterUnreachable", "Hear", "bounded_workers", "open_executor", "tell_stage"]

Hear: TypeAlias = Callable[[str, str], None]
"""Told ``(unit, stage)`` as a worker goes on."""

_MEMORY_PER_WORKER = 1_500_000_000
"""Bytes a unit of a thousand weekly series needs at its peak, report included."""
_LONGEST_MESSAGE = 400
_TOPIC = "alignment-stages"
_channel: list[Connection] = []
"""The worker's way to its parent. Messages are short enough to be written at once, so no lock is needed that
a killed worker could leave closed."""


class ClusterUnreachable(AlignmentError):
    """No scheduler answers at the given address, or the cluster extra is not installed."""

    exit_code = 2


def bounded_workers(wanted: int, units: int) -> int:
    """Workers to use: no more than asked for, than units, than cores, or than memory carries.

    >>> bounded_workers(4, 1)
    1
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    by_memory = max(1, memory // _MEMORY_PER_WORKER) if memory else wanted
    return max(1, min(wanted, units, os.cpu_count() or 1, by_memory))


@contextmanager
def open_executor(workers: int, cluster: str = "", hear: Hear | None = None) -> Iterator[Executor]:
    """An executor for whole units, or for the parts of one.

    Parameters
    ----------
    workers : int
        Processes of this machine to use.
    cluster : str
        Address of a Dask scheduler such as ``tcp://127.0.0.1:8786``; its workers must see the same folders.
    hear : callable, optional
        Told what workers say by `tell_stage`, in this process.

    Raises
    ------
    ClusterUnreachable
        If nothing answers there within ten seconds, or a worker has other versions than this process.
    """
    opened = _dask_executor(cluster, hear) if cluster else _local_executor(workers, hear)
    with opened as executor:
        yield executor


def tell_stage(unit: str, stage: str) -> None:
    """Say from inside a worker what it is doing; unheard where nobody listens."""
    if _channel:
        with contextlib.suppress(OSError):
            _channel[0].send_bytes(f"{unit}\n{stage}".encode()[:_LONGEST_MESSAGE])
        return
    with contextlib.suppress(ImportError, ValueError):
        from distributed import get_worker

        get_worker().log_event(_TOPIC, [unit, stage])


@contextmanager
def _local_executor(workers: int, hear: Hear | None) -> Iterator[Executor]:
    # Forked children inherit threads' locks in an unknown state; spawned ones start clean.
    context = get_context("spawn")
    listening, speaking = context.Pipe(duplex=False)
    listener = threading.Thread(
        target=_listen, args=(listening, hear or (lambda unit, stage: None)), daemon=True
    )
    listener.start()
    try:
        with ProcessPoolExecutor(
            workers, mp_context=context, initializer=_begin_worker, initargs=(speaking,)
        ) as pool:
            try:
                yield pool
            except BaseException:
                # Stopped: what has not begun never does.
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    finally:
        speaking.send_bytes(b"")
        listener.join(timeout=10)
        speaking.close()
        listening.close()


def _listen(listening: Connection, hear: Hear) -> None:
    while said := listening.recv_bytes():
        unit, _, stage = said.decode(errors="replace").partition("\n")
        hear(unit, stage)


def _begin_worker(speaking: Connection) -> None:
    """Speak to the parent; end when it asks for that, and with it, however it ends."""
    obey_parent()
    _channel[:] = [speaking]
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def _dask_executor(address: str, hear: Hear | None) -> Iterator[Executor]:
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
        differing = differing_workers(client)
        if differing:
            raise ClusterUnreachable(
                f"refused: {'; '.join(differing)}; install the same versions where the workers run"
            )
        if hear is not None:
            client.subscribe_topic(_TOPIC, _relay(hear))
        # A unit whose worker dies is given to another: publishing a unit twice leaves the same files.
        yield client.get_executor(pure=False, retries=2)


def _relay(hear: Hear) -> Callable[[Any], None]:
    def relay(event: Any) -> None:
        unit, stage = event[1]
        hear(unit, stage)

    return relay
