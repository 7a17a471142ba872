"""The report's kernel of a worker: begun once, cleared between units, closed with the worker.

A kernel takes longer to load what reports need than a small unit takes to be planned.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import cache
from multiprocessing.util import Finalize

from alignment_lib.app.batches.stopping import before_leaving
from alignment_lib.publishing.report.report_kernel import ReportKernel

__all__ = ["lend_kernel"]

_kept: list[ReportKernel] = []


@contextlib.contextmanager
def lend_kernel(*, keep: bool) -> Iterator[ReportKernel]:
    """A kernel for one unit: with `keep` the one that the unit before has left, or is left for the next.

    One whose report failed, that has died or cannot be cleared is closed, never lent again.
    """
    kernel = _kept.pop() if keep and _kept else None
    if kernel is not None and not kernel.is_alive():
        kernel.close()
        kernel = None
    with contextlib.ExitStack() as closing:
        kernel = closing.enter_context(kernel or ReportKernel())
        yield kernel
        if keep and kernel.clear():
            closing.pop_all()
            _keep(kernel)


def _keep(kernel: ReportKernel) -> None:
    _end_with_process()
    _kept.append(kernel)


@cache
def _end_with_process() -> None:
    Finalize(None, _close, exitpriority=10)
    before_leaving(_abandon)


def _close() -> None:
    while _kept:
        _kept.pop().close()


def _abandon() -> None:
    """End it without a word, from a handler of signals."""
    while _kept:
        _kept.pop().kill()
