"""A run killed at any moment leaves what stood before or the new round whole; the next run succeeds."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import threading
import time
from pathlib import Path

import pytest

from tests.faults.conftest import Say
from tests.faults.forked_runs import ForkedRun
from tests.faults.runs import leftovers, make_unit, plan, plan_apart, snapshot_files, start

Pair = dict[str, tuple[Path, dict[str, bytes]]]


@pytest.mark.faults(sample=1, full=30)
def test_a_run_killed_at_a_random_moment_leaves_whole_files(
    pair: Pair, tmp_path: Path, cache: Path, count: int, rng: random.Random, say: Say
) -> None:
    output, wrong, whole = tmp_path / "out", [], 0.0
    standing: dict[str, bytes] = {}
    for turn in range(count + 1):
        unit, wanted = pair[("before", "after")[turn % 2]]
        if turn:
            process = start([unit], output, cache)
            time.sleep(rng.uniform(0.0, whole))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            wrong += what_is_broken(output, (standing, wanted), turn)
        begun = time.monotonic()
        done = plan_apart([unit], output, cache)
        whole = max(whole, time.monotonic() - begun) if turn < 3 else whole
        standing = snapshot_files(output, "unit")
        if done.returncode or standing != wanted or leftovers(output):
            wrong.append(f"run after kill {turn}: exit {done.returncode}, {leftovers(output)}, {done.stderr}")
    say("kill -9 at a random moment of a run from the shell, with its report", _told(count, wrong))
    assert wrong == []


@pytest.mark.faults(sample=5, full=170)
def test_a_run_killed_at_a_random_moment_of_its_work_leaves_whole_tables(
    tmp_path: Path, cache: Path, count: int, rng: random.Random, say: Say
) -> None:
    from alignment_lib.app.batches.batch import run_unit
    from alignment_lib.app.batches.request import BatchRequest

    units = [make_unit(tmp_path / name / "unit", 1, value) for name, value in (("a", 10.0), ("b", 25.0))]
    sound = []
    for number, unit in enumerate(units):
        request = BatchRequest((unit,), tmp_path / f"sound{number}", "2026Q1", cache=cache, render=False)
        assert run_unit(request, unit).code == 0
        sound.append(snapshot_files(tmp_path / f"sound{number}", "unit"))
    output, said, wrong, whole = tmp_path / "out", tmp_path / "said.txt", [], 0.0
    standing: dict[str, bytes] = {}
    for turn in range(count + 1):
        unit, wanted = units[turn % 2], sound[turn % 2]
        if turn:
            run = ForkedRun([unit], output, cache, said, "--no-report")
            time.sleep(rng.uniform(0.0, whole))
            run.kill()
            wrong += what_is_broken(output, (standing, wanted), turn)
        begun = time.monotonic()
        code, told = ForkedRun([unit], output, cache, said, "--no-report").end()
        whole = max(whole, time.monotonic() - begun) if turn < 3 else whole
        standing = snapshot_files(output, "unit")
        if code or standing != wanted or leftovers(output):
            wrong.append(f"run after kill {turn}: exit {code}, {leftovers(output)}, {told}")
    say("kill -9 at a random moment of a run's work, tables only", _told(count, wrong))
    assert wrong == []


def what_is_broken(output: Path, whole: tuple[dict[str, bytes], ...], turn: int) -> list[str]:
    """What a kill left that is neither of the whole rounds, nor a whole index."""
    wrong = []
    if snapshot_files(output, "unit") not in whole:
        wrong.append(f"kill {turn}: a snapshot that is neither the old one nor the new one")
    index = output / "index.html"  # Made where there are reports.
    if index.exists() and not index.read_text().rstrip().endswith("</html>"):
        wrong.append(f"kill {turn}: a half index")
    return wrong


def _told(count: int, wrong: list[str]) -> str:
    return (
        f"{count} kills, each followed by a run to the end: {len(wrong)} unreadable, half or mixed files and "
        "failed next runs; the previous round or the new one stood whole each time"
    )


def wait_for_units(process: object, output: Path, number: int) -> list[str]:
    """Units with a manifest, once there are as many or the run has ended."""
    while True:
        done = sorted(path.parent.name for path in output.glob("2026Q1/*/manifest.json"))
        done = [name for name in done if not name.startswith(".")]
        if len(done) >= number or process.poll() is not None:  # type: ignore[attr-defined]
            return done
        time.sleep(0.02)


@pytest.mark.faults(sample=4, full=50)
def test_retry_after_a_kill_does_only_what_was_not_finished(
    tmp_path: Path, cache: Path, count: int, say: Say
) -> None:
    # One history for all, each with a claim of its own: fitted once, told apart by every file.
    units = [make_unit(tmp_path / "units" / f"unit{at:02d}", 1, 1.0 + at / 2) for at in range(count)]
    unbroken = plan(units, tmp_path / "unbroken", cache, "--no-report", "--jobs", "2")
    assert unbroken.returncode == 0, unbroken.stderr
    wanted = {unit.name: snapshot_files(tmp_path / "unbroken", unit.name) for unit in units}
    shares = (0.1, 0.5, 0.9) if count >= 10 else (0.5,)
    again = finished = 0
    for share in shares:
        output = tmp_path / f"out{share}"
        process = start(units, output, cache, "--no-report", "--jobs", "2")
        wait_for_units(process, output, round(share * count))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        time.sleep(1.0)  # Workers see that their parent is gone and leave.
        done = [path.parent.name for path in output.glob("2026Q1/[!.]*/manifest.json")]
        notes = {name: (output / "2026Q1" / name / "run.json").read_bytes() for name in done}
        retried = plan(units, output, cache, "--no-report", "--jobs", "2", "--retry")
        assert retried.returncode == 0, retried.stderr
        finished += len(done)
        again += sum((output / "2026Q1" / name / "run.json").read_bytes() != notes[name] for name in done)
        assert {unit.name: snapshot_files(output, unit.name) for unit in units} == wanted
        # A unit killed between its last step and letting go keeps a lock that names a process long gone.
        assert [name for name in leftovers(output) if not name.endswith("~lock")] == []
    percents = ", ".join(f"{share:.0%}" for share in shares)
    say(
        f"kill at {percents} of {count} units, then --retry",
        f"{again} of {finished} finished units run again; results identical to an unbroken run",
    )
    assert again == 0


@pytest.mark.faults(sample=1, full=10)
def test_workers_end_with_a_killed_parent(tmp_path: Path, cache: Path, count: int, say: Say) -> None:
    units = [make_unit(tmp_path / "units" / f"unit{at}", 1, 1.0 + at) for at in range(3)]
    left = 0
    for turn in range(count):
        process = start(units, tmp_path / f"out{turn}", cache, "--no-report", "--jobs", "2")
        reader = threading.Thread(target=process.communicate)
        while len(workers := workers_of(process.pid)) < 2:
            assert process.poll() is None, "the batch ended before it was met at work"
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        reader.start()
        for _ in range(100):
            alive = [pid for pid in workers if Path(f"/proc/{pid}").exists() and not is_zombie(pid)]
            if not alive:
                break
            time.sleep(0.1)
        left += len(alive)
        reader.join()
    say("parent of a batch killed", f"{count} kills: {left} workers left behind")
    assert left == 0


def workers_of(pid: int) -> list[int]:
    """Processes of a batch's pool."""
    found = []
    with contextlib.suppress(OSError):
        for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            with contextlib.suppress(OSError):
                if b"spawn_main" in Path(f"/proc/{word}/cmdline").read_bytes():
                    found.append(int(word))
    return found


def is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.faults(sample=1, full=10)
def test_a_worker_killed_in_a_batch_costs_no_unit(
    tmp_path: Path, cache: Path, count: int, rng: random.Random, say: Say
) -> None:
    units = [make_unit(tmp_path / "units" / f"unit{at}", 1, 1.0 + at) for at in range(4)]
    killed = failed = 0
    for turn in range(count):
        output = tmp_path / f"out{turn}"
        process = start(units, output, cache, "--no-report", "--jobs", "2", "--json")
        wait_for_units(process, output, 1)
        workers = workers_of(process.pid)
        if workers:
            os.kill(rng.choice(workers), signal.SIGKILL)
            killed += 1
        out, err = process.communicate(timeout=600)
        events = [json.loads(line) for line in out.splitlines()]
        failed += events[-1]["failed"]
        assert process.returncode == 0, (
            err,
            [str(e.get("message")) + str(e.get("problems")) for e in events if e.get("code")],
        )
        assert leftovers(output) == []
    say("a worker of a batch killed", f"{killed} kills: {failed} units failed, the rest finished")
    assert (killed, failed) == (count, 0)
