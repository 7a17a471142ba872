"""Containers that share a folder: nothing is mixed, and what a killed one held the next one takes over."""

from __future__ import annotations

import random
import re
import signal
import time
from pathlib import Path

import pytest

from alignment_lib.rounds.files.lease import TAKEN_OVER_AFTER
from alignment_lib.rounds.files.verify_rounds import verify_output
from tests.faults.conftest import Say
from tests.faults.containers import start_contained
from tests.faults.runs import leftovers, snapshot_files

Pair = dict[str, tuple[Path, dict[str, bytes]]]


@pytest.mark.faults(sample=1, full=50)
def test_of_two_containers_at_once_one_wins_and_nothing_is_mixed(
    pair: Pair, tmp_path: Path, cache: Path, count: int, rng: random.Random, say: Say
) -> None:
    refused = after = mixed = 0
    for turn in range(count):
        output = tmp_path / f"out{turn % 5}"
        runs = {}
        for name in ("before", "after"):
            runs[name] = start_contained(f"box-{name}", [pair[name][0]], output, cache)
            time.sleep(rng.uniform(0.0, 1.0))
        told = {name: process.communicate(timeout=900) for name, process in runs.items()}
        codes = {name: process.returncode for name, process in runs.items()}
        assert sorted(codes.values()) in ([0, 3], [0, 0]), told
        winners = [name for name, code in codes.items() if code == 0]
        mixed += snapshot_files(output, "unit") not in [pair[name][1] for name in winners]
        for name in set(codes) - set(winners):
            refused += 1
            assert re.search(rf"being written by process \d+ on box-{winners[0]}", told[name][1]), told
        after += len(winners) == 2
        assert leftovers(output) == []
        assert [fault for one in verify_output(output) for fault in one.faults] == []
    say(
        "two runs in namespaces of their own (process ids, host names), one output folder, with reports",
        f"{count} pairs at random offsets: {refused} times one won and the other named its holder (exit 3), "
        f"{after} times one began after the other had ended, {mixed} mixed",
    )
    assert mixed == 0
    assert refused + after == count


@pytest.mark.faults(sample=1, full=20)
def test_what_a_killed_container_held_the_next_takes_over_under_another_host_name(
    pair: Pair, tmp_path: Path, cache: Path, count: int, rng: random.Random, say: Say
) -> None:
    held, taken, longest, output = 0, 0, 0.0, tmp_path / "out"
    for turn in range(count):
        unit, wanted = pair[("before", "after")[turn % 2]]
        first = start_contained(f"killed-{turn}", [unit], output, cache)
        lock = output / "2026Q1" / ".unit~lock"
        while not lock.exists():
            assert first.poll() is None, first.communicate()
            time.sleep(0.01)
        time.sleep(rng.uniform(0.0, 1.0))
        first.send_signal(signal.SIGKILL)
        first.communicate()
        held += lock.exists()
        begun = time.monotonic()
        second = start_contained(f"next-{turn}", [unit], output, cache)
        # Until the killed one's lease has gone it is in the way.
        while lock.exists() and f"killed-{turn}" in lock.read_text():
            assert time.monotonic() < begun + 300
            time.sleep(0.01)
        longest = max(longest, time.monotonic() - begun)
        told = second.communicate(timeout=900)
        assert second.returncode == 0, told
        taken += snapshot_files(output, "unit") == wanted and leftovers(output) == []
        assert [fault for one in verify_output(output) for fault in one.faults] == []
    say(
        "kill -9 in a container, next run in another under another host name",
        f"{count} kills, {held} of them with the round held: {taken} taken over; the longest wait, the next "
        f"run's own start and planning included, {longest:.1f} s",
    )
    assert taken == count
    assert longest < 60 + TAKEN_OVER_AFTER
