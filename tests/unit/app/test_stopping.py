"""Stopping in order: signals become one interruption, time limits end work and waits."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from alignment_lib.app.batches.stopping import TimeIsUp, limit_time, stoppable


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_wait_once_and_further_ones_change_nothing(number: signal.Signals) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    idle = threading.Event()
    # Begun before, it does not keep SIGINT out.
    threading.Thread(target=idle.wait, daemon=True).start()
    with stoppable("said too late") as unwound:
        threading.Timer(0.1, os.kill, (os.getpid(), number)).start()
        with pytest.raises(KeyboardInterrupt):
            threading.Event().wait(20)
        unwound()
        os.kill(os.getpid(), number)
        time.sleep(0.1)
    idle.set()
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_in_a_thread_nothing_is_changed() -> None:
    told = []

    def run() -> None:
        with stoppable("") as unwound:
            unwound()
            told.append("ran")

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert told == ["ran"]


def test_a_time_limit_ends_a_wait_of_the_main_thread() -> None:
    begun = time.monotonic()
    with pytest.raises(TimeIsUp), limit_time(0.1):
        threading.Event().wait(20)
    assert time.monotonic() - begun < 10
    with limit_time(0.1):
        pass
    time.sleep(0.15)  # The limit went with its block.


def test_a_time_limit_ends_the_work_of_another_thread() -> None:
    told = []

    def run() -> None:
        try:
            with limit_time(0.1):
                while True:
                    time.sleep(0.01)
        except TimeIsUp:
            told.append("late")

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    assert told == ["late"]


def test_without_a_limit_nothing_is_begun() -> None:
    threads = threading.active_count()
    with limit_time(0):
        assert threading.active_count() == threads


def test_who_cannot_be_interrupted_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alignment_lib.app.batches.stopping._GRACE", 0.1)
    given_up = threading.Event()

    def ignore() -> None:
        try:
            time.sleep(5)
        except TimeIsUp:
            assert given_up.wait(10)
            raise

    with pytest.raises(TimeIsUp), limit_time(0.05, given_up.set):
        ignore()


def test_an_interruption_that_a_finaliser_swallows_comes_again(capfd: pytest.CaptureFixture[str]) -> None:
    class Slow:
        def __del__(self) -> None:
            threading.Event().wait(0.5)

    def drop() -> None:
        thing = Slow()
        del thing
        threading.Event().wait(20)

    begun = time.monotonic()
    with pytest.raises(TimeIsUp), limit_time(0.1):
        drop()
    assert time.monotonic() - begun < 10
    assert "Traceback" not in capfd.readouterr().err
