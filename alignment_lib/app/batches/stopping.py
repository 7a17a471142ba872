"""Stopping: one Ctrl+C or SIGTERM ends a run in order, and no unit works longer than its time.

While `stoppable` is open SIGINT is kept from the main thread, and so from every process begun meanwhile: a
Ctrl+C reaches the whole group of a terminal, but only this process acts on it. It sends SIGTERM to the
processes it has begun, which leave what they were at and clean up, and unwinds by `KeyboardInterrupt`.
"""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from multiprocessing import resource_tracker
from types import FrameType
from typing import ClassVar, NoReturn, TypeVar

__all__ = ["STOPPED", "TimeIsUp", "before_leaving", "limit_time", "obey_parent", "stoppable", "work"]

Result = TypeVar("Result")

STOPPED = 5
"""Exit code of a run that was stopped, and of each unit that was not done."""
_UNWOUND_AFTER = 2.0
"""Seconds a worker may take to leave what it is at."""
_ENDED_AFTER = 4.0
"""Seconds after which a run that cannot unwind is ended all the same."""
_ONCE_MORE = 0.02
"""Seconds until an interruption that a finaliser swallowed is tried again."""
_GRACE = 5.0
"""Seconds past its limit after which a unit's worker is ended, should it not let itself be interrupted."""
_is_posix = sys.platform != "win32"


class TimeIsUp(BaseException):
    """A unit has reached its time limit; no handler of ordinary errors may swallow it."""


class _Worker:
    """What a worker process knows of itself."""

    is_at_work = False
    is_ending = False
    last: ClassVar[list[Callable[[], None]]] = []


@contextlib.contextmanager
def stoppable(last_words: str) -> Iterator[Callable[[], None]]:
    """Turn Ctrl+C, SIGTERM and SIGHUP into one `KeyboardInterrupt` for the length of the block.

    Parameters
    ----------
    last_words : str
        Said where the run does not come to its end within four seconds.

    Yields
    ------
    callable
        Says that the run has unwound and only finishes: further signals change nothing then.
    """
    if threading.current_thread() is not threading.main_thread() or not _is_posix:
        yield lambda: None
        return
    ender = threading.Timer(_ENDED_AFTER, _leave, (last_words,))
    ender.daemon = True

    def stop(number: int, frame: FrameType | None) -> None:
        for one in asked:
            signal.signal(one, signal.SIG_IGN)
        _end_children()
        ender.start()
        _raise(KeyboardInterrupt)

    # A thread begun before may still be given SIGINT, past the mask.
    asked = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    before = {one: signal.signal(one, stop) for one in asked}
    # Begun later, it would let SIGINT through again to the thread that begins it.
    resource_tracker.ensure_running()
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    closed = threading.Event()
    listener = threading.Thread(target=_relay_interrupt, args=(closed,), daemon=True)
    listener.start()
    try:
        yield ender.cancel
    finally:
        ender.cancel()
        closed.set()
        if listener.ident is not None and listener.is_alive():
            signal.pthread_kill(listener.ident, signal.SIGINT)
        listener.join(timeout=1)
        # A second Ctrl+C waits at the mask; it is let go of unheard.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for one, handler in before.items():
            signal.signal(one, handler)


def _relay_interrupt(closed: threading.Event) -> None:
    """Hand on the first Ctrl+C."""
    signal.sigwait({signal.SIGINT})
    if not closed.is_set():
        os.kill(os.getpid(), signal.SIGTERM)


def _leave(last_words: str) -> None:
    for child in multiprocessing.active_children():
        child.kill()
    os.write(2, f"{last_words}\n".encode())
    os._exit(STOPPED)


def _end_children() -> None:
    """Ask every process begun by this one to end."""
    for child in multiprocessing.active_children():
        with contextlib.suppress(OSError, ValueError):
            child.terminate()


def obey_parent() -> None:
    """In a worker: leave what is at hand when asked to end, and end in any case."""

    def stop(number: int, frame: FrameType | None) -> None:
        if not _Worker.is_at_work:
            _exit_idle()
        if not _Worker.is_ending:
            _Worker.is_ending = True
            ender = threading.Timer(_UNWOUND_AFTER, os._exit, (STOPPED,))
            ender.daemon = True
            ender.start()
            _raise(KeyboardInterrupt)

    if _is_posix:
        signal.signal(signal.SIGTERM, stop)


def before_leaving(call: Callable[[], None]) -> None:
    """In a worker: have something done should it be ended while it waits for work."""
    _Worker.last.append(call)


def _exit_idle() -> NoReturn:
    for call in _Worker.last:
        with contextlib.suppress(Exception):
            call()
    os._exit(STOPPED)


def work(function: Callable[..., Result], *arguments: object) -> Result:
    """Carry out one piece of work in a worker; one that was asked to end does no more."""
    _Worker.is_at_work = True
    try:
        return function(*arguments)
    finally:
        _Worker.is_at_work = False
        if _Worker.is_ending:
            os._exit(STOPPED)


@contextlib.contextmanager
def limit_time(seconds: float, give_up: Callable[[], None] | None = None) -> Iterator[None]:
    """Raise `TimeIsUp` in this thread once the block has taken so long; 0 sets no limit.

    Parameters
    ----------
    seconds : float
        The limit.
    give_up : callable, optional
        Called from another thread five seconds later, where the block has not let itself be interrupted.
    """
    if not seconds:
        yield
        return
    timers = [threading.Timer(seconds + _GRACE, give_up)] if give_up is not None else []
    is_main = threading.current_thread() is threading.main_thread()
    if _is_posix and is_main:
        # A signal also ends a wait.
        signal.signal(signal.SIGALRM, _raise_here)
        signal.setitimer(signal.ITIMER_REAL, seconds)
    else:
        timers.append(threading.Timer(seconds, _raise_in, (threading.get_ident(),)))
    for timer in timers:
        timer.daemon = True
        timer.start()
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()
        if _is_posix and is_main:
            signal.setitimer(signal.ITIMER_REAL, 0)


def _raise_here(number: int, frame: FrameType | None) -> None:
    _raise(TimeIsUp)


def _raise(interruption: type[BaseException]) -> NoReturn:
    """Interrupt the main thread; and once more where a finaliser is at work, which swallows interruptions."""
    before = sys.unraisablehook

    def again(unraisable: sys.UnraisableHookArgs) -> None:
        if unraisable.exc_type is not interruption:
            before(unraisable)
        elif threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGALRM, once_more)
            signal.setitimer(signal.ITIMER_REAL, _ONCE_MORE)

    def once_more(number: int, frame: FrameType | None) -> None:
        raise interruption

    sys.unraisablehook = again
    raise interruption


def _raise_in(thread: int) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(TimeIsUp))
