"""Workers: bounded, heard while they work, gone when their parent is."""

from __future__ import annotations

import os

from alignment_lib.app.batches.executors import bounded_workers, open_executor, tell_stage


def test_workers_are_no_more_than_asked_for_or_than_there_is_work() -> None:
    assert bounded_workers(1, 50) == 1
    assert bounded_workers(50, 3) <= 3
    assert bounded_workers(1_000_000, 1_000_000) <= (os.cpu_count() or 1)


def test_work_is_done_elsewhere_and_heard_here() -> None:
    heard: list[tuple[str, str]] = []
    with open_executor(1, hear=lambda unit, stage: heard.append((unit, stage))) as executor:
        executor.submit(tell_stage, "unit", "forecasting").result(timeout=60)
        executor.submit(tell_stage, "Süd\u2028", "x" * 1000).result(timeout=60)
        assert executor.submit(os.getpid).result(timeout=60) != os.getpid()
    assert heard[0] == ("unit", "forecasting")
    assert heard[1][0] == "Süd\u2028"
    assert len(heard) == 2


def test_nobody_need_listen() -> None:
    tell_stage("unit", "forecasting")
