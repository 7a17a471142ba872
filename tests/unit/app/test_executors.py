"""Workers: bounded, heard while they work, gone when their parent is."""

from __future__ import annotations

import os
import subprocess
import sys

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


_CLUSTER = """
from distributed import LocalCluster

if __name__ == "__main__":
    with LocalCluster(1, processes=False, protocol="tcp", dashboard_address=None, host="127.0.0.1") as one:
        print(one.scheduler_address, flush=True)
        input()
"""


def test_a_cluster_leaves_the_environment_as_it_was() -> None:
    before = dict(os.environ)
    with subprocess.Popen(
        [sys.executable, "-c", _CLUSTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        with open_executor(1, other.stdout.readline().strip()) as executor:
            assert executor.submit(sum, [1, 2]).result(timeout=60) == 3
        other.stdin.write("\n")
    assert dict(os.environ) == before
