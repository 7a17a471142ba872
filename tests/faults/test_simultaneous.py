"""Two runs on one round: one wins, the other says who holds it; nothing is ever mixed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.faults.conftest import Say
from tests.faults.runs import leftovers, snapshot_files, start

Pair = dict[str, tuple[Path, dict[str, bytes]]]


@pytest.mark.faults(sample=1, full=100)
def test_of_two_runs_at_once_one_wins_and_the_other_says_who_holds_it(
    pair: Pair, tmp_path: Path, cache: Path, count: int, say: Say
) -> None:
    refused = after = mixed = 0
    for turn in range(count):
        output = tmp_path / f"out{turn % 5}"
        runs = {name: start([pair[name][0]], output, cache) for name in ("before", "after")}
        told = {name: process.communicate(timeout=900)[1] for name, process in runs.items()}
        codes = {name: process.returncode for name, process in runs.items()}
        assert sorted(codes.values()) in ([0, 3], [0, 0]), told
        winners = [name for name, code in codes.items() if code == 0]
        found = snapshot_files(output, "unit")
        mixed += found not in [pair[name][1] for name in winners]
        assert leftovers(output) == []
        for loser in [name for name, code in codes.items() if code == 3]:
            holder = re.search(r"being written by process (\d+) on \S+", told[loser])
            assert holder is not None, told[loser]
            assert int(holder[1]) == runs[winners[0]].pid
            refused += 1
        after += len(winners) == 2
    say(
        "two runs on one round at once",
        f"{count} pairs: {refused} times one won and the other named its holder (exit 3), "
        f"{after} times one began after the other had ended, {mixed} mixed",
    )
    assert mixed == 0
    assert refused + after == count
