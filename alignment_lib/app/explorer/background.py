"""Work off the main path: only the newest request is carried out, and a long one can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

__all__ = ["Background"]

Task = Callable[[Callable[[], bool]], None]


class Background:
    """Runs tasks one at a time in a thread of its own; a newer task makes the older ones void.

    Parameters
    ----------
    name : str
        Of the thread.
    pause : float
        Seconds to wait before beginning, in case a newer task comes: a drag asks many times a second.
    tell_fault : callable, optional
        Takes what a task raises: nobody waits for a thread's result. Without one its future holds it.
    """

    def __init__(
        self, name: str, pause: float = 0.0, tell_fault: Callable[[Exception], None] | None = None
    ) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._pause, self._tell_fault = pause, tell_fault
        self._newest = 0
        self._changed = threading.Condition()

    def submit(self, task: Task) -> Future[None]:
        """Carry out `task` unless a newer one comes first.

        The task is given a function that says whether it has become void meanwhile.
        """
        with self._changed:
            self._newest += 1
            number = self._newest
            self._changed.notify_all()
        return self._pool.submit(self._run, task, number)

    def cancel(self) -> None:
        """Make every task void, the running one included."""
        with self._changed:
            self._newest += 1
            self._changed.notify_all()

    def close(self) -> None:
        """Take no more tasks; the running one is told to stop."""
        self.cancel()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self, task: Task, number: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._newest != number, timeout=self._pause)
        if self._newest != number:
            return
        try:
            task(lambda: self._newest != number)
        except Exception as error:
            if self._tell_fault is None:
                raise
            self._tell_fault(error)
