"""Two runs on one round: one wins, the other says who holds it; nothing is ever mixed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.faults.conftest import Say
from tests.faults.forked_runs import ForkedRun
from tests.faults.runs import leftovers, make_unit, snapshot_files, start

Pair = dict[str, tuple[Path, dict[str, bytes]]]


@pytest.mark.faults(sample=1, full=10)
def test_of_two_runs_at_once_one_wins_and_the_other_says_who_holds_it(
    pair: Pair, tmp_path: Path, cache: Path, count: int, say: Say
) -> None:
    tally = [0, 0, 0]
    for turn in range(count):
        output = tmp_path / f"out{turn % 5}"
        runs = {name: start([pair[name][0]], output, cache) for name in ("before", "after")}
        told = {name: process.communicate(timeout=900)[1] for name, process in runs.items()}
        ended = {name: (one.pid, one.returncode, told[name]) for name, one in runs.items()}
        wanted = {name: pair[name][1] for name in runs}
        tally = [one + other for one, other in zip(tally, judge(output, ended, wanted), strict=True)]
    _say_and_check(say, "two runs on one round at once, from the shell with reports", count, tally)


@pytest.mark.faults(sample=4, full=90)
def test_of_two_runs_at_once_on_tables_one_wins(tmp_path: Path, cache: Path, count: int, say: Say) -> None:
    from alignment_lib.app.batches.batch import run_unit
    from alignment_lib.app.batches.request import BatchRequest

    units = {
        name: make_unit(tmp_path / name / "unit", 1, value) for name, value in (("a", 10.0), ("b", 25.0))
    }
    wanted = {}
    for name, unit in units.items():
        request = BatchRequest((unit,), tmp_path / f"sound{name}", "2026Q1", cache=cache, render=False)
        assert run_unit(request, unit).code == 0
        wanted[name] = snapshot_files(tmp_path / f"sound{name}", "unit")
    tally = [0, 0, 0]
    for turn in range(count):
        output = tmp_path / f"out{turn % 5}"
        runs = {
            name: ForkedRun([unit], output, cache, tmp_path / f"said-{name}.txt", "--no-report")
            for name, unit in units.items()
        }
        ended = {name: (one.pid, *one.end()) for name, one in runs.items()}
        tally = [one + other for one, other in zip(tally, judge(output, ended, wanted), strict=True)]
    _say_and_check(say, "two runs on one round at once, tables only", count, tally)


def judge(
    output: Path, ended: dict[str, tuple[int, int, str]], wanted: dict[str, dict[str, bytes]]
) -> tuple[int, int, int]:
    """Whether one was refused, whether both won in turn, whether the round is mixed."""
    codes = {name: code for name, (_, code, _) in ended.items()}
    assert sorted(codes.values()) in ([0, 3], [0, 0]), ended
    winners = [name for name, code in codes.items() if code == 0]
    mixed = snapshot_files(output, "unit") not in [wanted[name] for name in winners]
    assert leftovers(output) == []
    losers = [name for name, code in codes.items() if code == 3]
    for loser in losers:
        holder = re.search(r"being written by process (\d+) on \S+", ended[loser][2])
        assert holder is not None, ended[loser]
        assert int(holder[1]) == ended[winners[0]][0]
    return len(losers), int(len(winners) == 2), int(mixed)


def _say_and_check(say: Say, fault: str, count: int, tally: list[int]) -> None:
    refused, after, mixed = tally
    say(
        fault,
        f"{count} pairs: {refused} times one won and the other named its holder (exit 3), "
        f"{after} times one began after the other had ended, {mixed} mixed",
    )
    assert mixed == 0
    assert refused + after == count
