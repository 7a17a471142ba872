"""A disk that fills up leaves the previous report as it was, and one clear line."""

from __future__ import annotations

import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import Say
from tests.faults.runs import leftovers, plan, snapshot_files, start

Pair = dict[str, tuple[Path, dict[str, bytes]]]


@pytest.mark.faults(sample=1, full=20)
def test_a_file_that_cannot_grow_leaves_the_previous_report(
    pair: Pair, tmp_path: Path, cache: Path, count: int, say: Say
) -> None:
    unit, wanted = pair["after"]
    output = tmp_path / "out"
    shutil.copytree(pair["before"][0].with_name("out"), output)
    largest = max(map(len, wanted.values()))
    lines = []
    for offset in range(count):
        limit = max(1, largest * offset // count)
        process = start(
            [unit],
            output,
            cache,
            preexec_fn=lambda limit=limit: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        )
        _, told = process.communicate(timeout=600)
        assert process.returncode == 1, told
        assert snapshot_files(output, "unit") == pair["before"][1]
        assert leftovers(output) == []
        lines += [line for line in told.splitlines() if line.strip()]
        assert "Traceback" not in told
        assert "unforeseen" not in told, told
    say(
        "no file may grow past an offset",
        f"{count} offsets up to {largest:,} bytes: previous report byte-identical, exit 1, "
        f"{len(lines)} lines said in all",
    )
    assert len(lines) == count


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own in memory; absent where this process may not mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    options = ["-t", "tmpfs", "-o", "size=64m", "alignment-faults", str(place)]
    if shutil.which("mount") is None or subprocess.run(["mount", *options], capture_output=True).returncode:
        pytest.skip("this process may not mount a file system; the file-size limit stands in")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.faults(sample=1, full=20)
def test_a_full_disk_leaves_the_previous_report(
    pair: Pair, small_disk: Path, cache: Path, count: int, say: Say
) -> None:
    unit, wanted = pair["after"]
    output = small_disk / "out"
    shutil.copytree(pair["before"][0].with_name("out"), output)
    needed = sum(map(len, wanted.values()))
    used = int(subprocess.check_output(["du", "-sB1", str(output)], text=True).split()[0])
    lines = []
    for offset in range(count):
        size = used + 4096 * 3 + needed * 9 // 10 * offset // count
        resize = ["mount", "-o", f"remount,size={size}", str(small_disk)]
        subprocess.run(resize, check=True, capture_output=True)
        done = plan([unit], output, cache)
        assert done.returncode == 1, done.stderr
        assert snapshot_files(output, "unit") == pair["before"][1]
        assert leftovers(output) == []
        assert "the disk is full" in done.stderr or "no room" in done.stderr, done.stderr
        lines += [line for line in done.stderr.splitlines() if line.strip()]
    say(
        "disk full (a small file system in memory)",
        f"{count} offsets: previous report byte-identical, exit 1, {len(lines)} lines said in all",
    )
    assert len(lines) == count
