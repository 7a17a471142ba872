"""Containers that share a folder: nothing is mixed, and what a killed one held the next one takes over."""

from __future__ import annotations

import contextlib
import random
import re
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from alignment_lib.rounds.files.lease import TAKEN_OVER_AFTER
from alignment_lib.rounds.files.verify_rounds import verify_output
from tests.faults.conftest import Say
from tests.faults.containers import ContainedRun, start_contained
from tests.faults.runs import leftovers, make_unit, snapshot_files

Pair = dict[str, tuple[Path, dict[str, bytes]]]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Pair:
    """Two states of one unit, each with the tables that an undisturbed run leaves."""
    from alignment_lib.app.batches.batch import run_unit
    from alignment_lib.app.batches.request import BatchRequest

    folder, found = tmp_path_factory.mktemp("tables"), {}
    for name, expected in (("before", 10.0), ("after", 25.0)):
        unit = make_unit(folder / name / "unit", 1, expected)
        # In this process, so that forks of it begin with the libraries loaded.
        request = BatchRequest((unit,), folder / name / "out", "2026Q1", cache=cache, render=False)
        assert run_unit(request, unit).code == 0
        found[name] = unit, snapshot_files(folder / name / "out", "unit")
    return found


@pytest.mark.faults(sample=1, full=50)
def test_of_two_containers_at_once_one_wins_and_nothing_is_mixed(
    pair: Pair, tmp_path: Path, cache: Path, count: int, rng: random.Random, say: Say
) -> None:
    tally = [0, 0, 0]
    for turn in range(count):
        output, runs = tmp_path / f"out{turn % 5}", {}
        for name in ("before", "after"):
            runs[name] = start_contained(f"box-{name}", [pair[name][0]], output, cache)
            time.sleep(rng.uniform(0.0, 1.0))
        words = {name: "".join(process.communicate(timeout=900)) for name, process in runs.items()}
        ended = {name: (int(process.returncode), words[name]) for name, process in runs.items()}
        tally = [one + more for one, more in zip(tally, _judge(output, ended, pair), strict=True)]
    _say_and_check(say, "with reports", count, tally)


@pytest.mark.faults(sample=2, full=50)
def test_of_two_containers_at_once_on_tables_one_wins(
    tables: Pair, tmp_path: Path, cache: Path, count: int, rng: random.Random, say: Say
) -> None:
    tally, whole = [0, 0, 0], 1.0
    for turn in range(count):
        output, runs, begun = tmp_path / f"out{turn % 5}", {}, time.monotonic()
        for name in ("before", "after"):
            said = tmp_path / f"said-{name}.txt"
            runs[name] = ContainedRun(f"box-{name}", [tables[name][0]], output, cache, said, "--no-report")
            time.sleep(rng.uniform(0.0, whole))
        ended = {name: run.end() for name, run in runs.items()}
        # The second begins at any moment of the first, now and then after its end.
        whole = min(whole, time.monotonic() - begun)
        tally = [one + more for one, more in zip(tally, _judge(output, ended, tables), strict=True)]
    _say_and_check(say, "tables only", count, tally)


def _judge(output: Path, ended: Mapping[str, tuple[int, str]], wanted: Pair) -> tuple[int, int, int]:
    """Whether one was refused, whether both won in turn, whether the round is mixed."""
    winners = [name for name, (code, _) in ended.items() if code == 0]
    assert sorted(code for code, _ in ended.values()) in ([0, 3], [0, 0]), ended
    for name in set(ended) - set(winners):
        assert re.search(rf"being written by process \d+ on box-{winners[0]}", ended[name][1]), ended
    assert leftovers(output) == []
    assert [fault for one in verify_output(output) for fault in one.faults] == []
    mixed = snapshot_files(output, "unit") not in [wanted[name][1] for name in winners]
    return len(ended) - len(winners), int(len(winners) == 2), int(mixed)


def _say_and_check(say: Say, what: str, count: int, tally: list[int]) -> None:
    refused, after, mixed = tally
    say(
        f"two runs in namespaces of their own (process ids, host names), one output folder, {what}",
        f"{count} pairs at random offsets: {refused} times one won and the other named its holder (exit 3), "
        f"{after} times one began after the other had ended, {mixed} mixed",
    )
    assert mixed == 0
    assert refused + after == count


@pytest.mark.faults(sample=1, full=20)
def test_what_a_killed_container_held_the_next_takes_over_under_another_host_name(
    tables: Pair, tmp_path: Path, cache: Path, count: int, rng: random.Random, say: Say
) -> None:
    held, taken, longest, output = 0, 0, 0.0, tmp_path / "out"
    for turn in range(count):
        unit, wanted = tables[("before", "after")[turn % 2]]
        said = tmp_path / "said.txt"
        first = ContainedRun(f"killed-{turn}", [unit], output, cache, said, "--no-report")
        lock = output / "2026Q1" / ".unit~lock"
        while not lock.exists():
            assert first.process.is_alive(), first.end()
            time.sleep(0.01)
        time.sleep(rng.uniform(0.0, 0.5))
        first.kill()
        held += lock.exists()
        begun = time.monotonic()
        second = ContainedRun(f"next-{turn}", [unit], output, cache, said, "--no-report")
        # Until the killed one's lease has gone it is in the way.
        while f"killed-{turn}" in _text(lock):
            assert time.monotonic() < begun + 300
            time.sleep(0.01)
        longest = max(longest, time.monotonic() - begun)
        code, words = second.end()
        assert code == 0, words
        taken += snapshot_files(output, "unit") == wanted and leftovers(output) == []
        assert [fault for one in verify_output(output) for fault in one.faults] == []
    say(
        "kill -9 in a container, next run in another under another host name",
        f"{count} kills, {held} of them with the round held: {taken} taken over; the longest wait, the next "
        f"run's own start and planning included, {longest:.1f} s",
    )
    assert taken == count
    assert longest < 60 + TAKEN_OVER_AFTER


def _text(file: Path) -> str:
    """What a file says that another process may remove."""
    with contextlib.suppress(FileNotFoundError):
        return file.read_text()
    return ""
