"""However and wherever a publish or a step ends, the next holder finds it whole or finishes it."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.planning.round.lifecycle import lock_round, sign_round
from alignment_lib.publishing import snapshot_writer
from alignment_lib.publishing.snapshot_writer import publish_round
from alignment_lib.rounds.files import atomic_files, lease, verify_rounds
from alignment_lib.rounds.files.round_hold import hold_round
from alignment_lib.rounds.files.round_ledger import known_rounds, read_ledger
from alignment_lib.rounds.files.round_lock import RoundLocked
from alignment_lib.rounds.files.round_log import append_entries, check_lock, read_log
from alignment_lib.rounds.files.verify_rounds import verify_output
from alignment_lib.rounds.files.versions import find_versions
from alignment_lib.rounds.result import RoundResult

_TOUCHING = (
    (Path, "rename"),
    (Path, "replace"),
    (Path, "unlink"),
    (Path, "mkdir"),
    (shutil, "rmtree"),
    (os, "write"),
    (atomic_files, "_exchange"),
    (atomic_files, "sync_folder"),
    (lease, "_write"),
)
"""Everything that changes what others find."""


def _now() -> datetime:
    return datetime(2026, 1, 5, 9, tzinfo=UTC)


def _later() -> datetime:
    return datetime(2026, 1, 12, 9, tzinfo=UTC)


class _Ending:
    """Ends whoever is about to make the n-th change."""

    def __init__(self, at: int, how: str) -> None:
        self.count, self.at, self.how = 0, at, how

    def before(self, change: Callable[..., Any]) -> Callable[..., Any]:
        def changed(*arguments: Any, **options: Any) -> Any:
            self.count += 1
            if self.count == self.at:
                self.end()
            return change(*arguments, **options)

        return changed

    def end(self) -> None:
        if self.how == "killed":
            os._exit(9)
        raise {"stopped": KeyboardInterrupt(), "full": OSError(28, "No space left on device")}[self.how]


@contextlib.contextmanager
def _ending(at: int, how: str) -> Iterator[_Ending]:
    with pytest.MonkeyPatch.context() as patched:
        ending = _Ending(at, how)
        # Beats would be counted too.
        patched.setattr(lease, "RENEWED_AFTER", 600.0)
        for place, name in _TOUCHING:
            patched.setattr(place, name, ending.before(getattr(place, name)))
        yield ending


def _end(work: Callable[[], object], at: int, how: str) -> bool:
    """Do the work, ended at one of its changes; whether it came to its end before that."""
    if how == "killed":
        child = os.fork()
        if not child:
            with _ending(at, how):
                work()
            os._exit(0)
        return os.waitpid(child, 0)[1] == 0
    with _ending(at, how) as ending, contextlib.suppress(KeyboardInterrupt, OSError):
        work()
    return ending.count < at


def _faults(output: Path) -> list[str]:
    return [fault for one in verify_output(output) for fault in one.faults]


def _sign(folder: Path, function: str) -> None:
    def make(log, snapshot):
        return [
            sign_round(
                log, function=function, by=f"head of {function}", on="2026-01-09", manifest=snapshot.hash
            )
        ]

    append_entries(folder.parent, folder.name, make, _later)


def _lock(folder: Path) -> None:
    def make(log, snapshot):
        return [lock_round(log, by="finance", on="2026-01-12", manifest=snapshot.hash)]

    append_entries(folder.parent, folder.name, make, _later)


@pytest.fixture(scope="module")
def results(make_round: Callable[..., RoundResult]) -> list[RoundResult]:
    return [make_round(seed=seed, lean=True) for seed in (1, 2)]


def _publish(result: RoundResult, output: Path) -> Path:
    return publish_round(result, output, notebook=Path("none"), timings={}, render=False, now=_now)


@pytest.fixture(scope="module")
def begun(results: list[RoundResult], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An output folder with one plan that both sides have signed; and the next plan, beside it."""
    base = tmp_path_factory.mktemp("begun")
    _publish(results[1], base / "next")
    folder = _publish(results[0], base / "out")
    _sign(folder, "marketing")
    _sign(folder, "sales")
    return base


@pytest.fixture
def quick(begun: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next plan is the same each time: copied, not made anew; and nothing waits for the disk."""

    def fill(staging: Path, *_: object) -> None:
        shutil.copytree(begun / "next" / "2026Q1" / "demo", staging, dirs_exist_ok=True)

    monkeypatch.setattr(snapshot_writer, "_fill", fill)
    monkeypatch.setattr(snapshot_writer, "sync_tree", lambda folder: None)
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


def _again(begun: Path, output: Path) -> Path:
    shutil.rmtree(output, ignore_errors=True)
    shutil.copytree(begun / "out", output)
    return output / "2026Q1" / "demo"


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("how", ["killed", "stopped", "full"])
def test_a_publish_ended_anywhere_is_nobodys_fault_and_finished_by_the_next(
    how: str, results: list[RoundResult], begun: Path, tmp_path: Path
) -> None:
    output, at, is_whole = tmp_path / "out", 0, False
    while not is_whole:
        at += 1
        folder = _again(begun, output)
        old = Snapshot(folder).hash
        is_whole = _end(lambda: _publish(results[1], output), at, how)
        assert _faults(output) == [], at
        with hold_round(folder.parent, folder.name):
            pass
        now = Snapshot(folder).hash
        assert known_rounds(read_ledger(output) or ())["2026Q1", "demo"].manifest == now, at
        # Nothing is lost: the plan that stood there stands, or is kept.
        kept = [one.hash for one in find_versions(folder.parent, folder.name)]
        assert kept == ([] if now == old else [old]), at
        assert [path.name for path in folder.parent.iterdir() if path.name.startswith(".")] == [], at
        assert _faults(output) == [], at
    assert at > 10


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("how", ["killed", "stopped", "full"])
def test_a_step_ended_anywhere_is_in_log_ledger_and_lock_or_in_none(
    how: str, results: list[RoundResult], begun: Path, tmp_path: Path
) -> None:
    output, at, is_whole, ends = tmp_path / "out", 0, False, set()
    while not is_whole:
        at += 1
        folder = _again(begun, output)
        is_whole = _end(functools.partial(_lock, folder), at, how)
        assert _faults(output) == [], at
        if at % 2:
            # Whoever plans next does not change what the log says is locked.
            with contextlib.suppress(RoundLocked):
                _publish(results[1], output)
                assert len(read_log(folder.parent, folder.name)) == 2, at
        with hold_round(folder.parent, folder.name):
            pass
        assert _faults(output) == [], at
        ends.add(len(read_log(folder.parent, folder.name)))
        assert check_lock(folder) == []
        if not at % 2 and len(read_log(folder.parent, folder.name)) == 2:
            _lock(folder)
            assert [path.name for path in output.rglob(".*")] == [], at
    assert ends == {2, 3}
    assert at > 5


def test_a_lease_that_was_left_excuses_no_alteration(
    begun: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_rounds, "_PATIENCE", 0.3)
    folder = _again(begun, tmp_path / "out")
    log = folder.with_name("demo.log.jsonl")
    whole = log.read_bytes()
    last = json.loads(whole.splitlines()[-1])["hash"]
    for work in ("", f"publish {Snapshot(folder).hash}", f"step {last}"):
        # As after a kill between the last step and letting go.
        left = {"token": "t", "host": "h", "pid": 1, "machine": "m", "beat": 1, "work": work}
        folder.with_name(".demo~lock").write_text(json.dumps(left))
        assert _faults(tmp_path / "out") == []
        log.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
        assert _faults(tmp_path / "out") != [], work
        log.write_bytes(whole)
