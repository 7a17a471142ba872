"""The same run again, with other numbers of workers and in another folder: the same bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.conftest import Say
from tests.faults.runs import make_unit, plan_apart, snapshot_files


@pytest.mark.faults(sample=1, full=3)
def test_runs_repeat_to_the_byte_whatever_the_workers(
    tmp_path: Path, cache: Path, count: int, say: Say
) -> None:
    units = [make_unit(tmp_path / "units" / f"unit{number}", number) for number in range(count + 1)]
    ways = {"one worker": ["--jobs", "1"], "two, nothing cached": ["--jobs", "2"]}
    if count > 1:
        ways |= {"again, nothing cached": ["--jobs", "1"], "two": ["--jobs", "2"], "four": ["--jobs", "4"]}
    found = {}
    for name, more in ways.items():
        own = tmp_path / "caches" / name if "nothing cached" in name else cache
        done = plan_apart(units, tmp_path / name, own, *more)
        assert done.returncode == 0, done.stderr
        found[name] = {unit.name: snapshot_files(tmp_path / name, unit.name) for unit in units}
        found[name]["index"] = {"index.html": (tmp_path / name / "index.html").read_bytes()}
    files = sum(len(part) for part in found["one worker"].values())
    differing = sum(
        found[name][unit].get(file) != data
        for name in ways
        for unit, part in found["one worker"].items()
        for file, data in part.items()
    )
    say(
        "the same run again and with other worker counts",
        f"{len(units)} units, {len(ways)} ways, {files} files each: {differing} files differ",
    )
    assert differing == 0
