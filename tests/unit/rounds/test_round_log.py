"""The log beside a snapshot: whole after every step, never believed when altered, and the lock it puts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.planning.round.lifecycle import LifeError, lock_round, sign_round
from alignment_lib.publishing.snapshot_writer import publish_round
from alignment_lib.rounds.files.round_hold import RoundBusy, hold_round
from alignment_lib.rounds.files.round_ledger import LEDGER
from alignment_lib.rounds.files.round_lock import RoundLocked, lock_marker
from alignment_lib.rounds.files.round_log import (
    RoundMissing,
    append_entries,
    check_lock,
    log_path,
    read_log,
    round_status,
)
from alignment_lib.rounds.result import RoundResult


@pytest.fixture
def folder(tmp_path: Path, make_round: Callable[..., RoundResult]) -> Path:
    """A published snapshot without a report."""
    return publish_round(make_round(lean=True), tmp_path, notebook=Path("none"), timings={}, render=False)


def _sign(folder: Path, function: str, by: str = "") -> None:
    def make(log, snapshot):
        role = by or f"head of {function}"
        return [sign_round(log, function=function, by=role, on="2026-01-09", manifest=snapshot.hash)]

    append_entries(folder.parent, folder.name, make)


def _lock(folder: Path) -> None:
    def make(log, snapshot):
        return [lock_round(log, by="finance", on="2026-01-12", manifest=snapshot.hash)]

    append_entries(folder.parent, folder.name, make)


def _locked(folder: Path) -> Path:
    _sign(folder, "marketing")
    _sign(folder, "sales")
    _lock(folder)
    return folder


def test_a_round_is_signed_by_both_sides_and_locked_with_a_stamp(folder: Path) -> None:
    states = [round_status(folder, "proposed")]
    for step in (lambda: _sign(folder, "marketing"), lambda: _sign(folder, "sales"), lambda: _lock(folder)):
        step()
        states.append(round_status(folder, "proposed"))
    assert states == ["proposed", "proposed", "signed", "locked"]
    stamp = json.loads(lock_marker(folder.parent, folder.name).read_text())
    assert stamp["manifest"] == Snapshot(folder).hash
    assert stamp["entry"] == read_log(folder.parent, folder.name)[-1].hash
    assert (stamp["by"], stamp["on"]) == ("finance", "2026-01-12")
    assert check_lock(folder) == []


def test_nothing_is_written_to_a_locked_round(folder: Path, make_round: Callable[..., RoundResult]) -> None:
    _locked(folder)
    before = log_path(folder.parent, folder.name).read_bytes()
    for step in (lambda: _sign(folder, "sales", "x"), lambda: _lock(folder)):
        with pytest.raises(LifeError, match="locked on 2026-01-12 by finance") as error:
            step()
        assert error.value.exit_code == 3
    with pytest.raises(RoundLocked, match="is locked since 2026-01-12, by finance, and is never changed"):
        publish_round(
            make_round(seed=9, lean=True), folder.parents[1], notebook=Path("x"), timings={}, render=False
        )
    assert log_path(folder.parent, folder.name).read_bytes() == before


def test_a_lock_whose_marker_a_crash_kept_back_is_put_right_by_the_next_step(folder: Path) -> None:
    _locked(folder)
    lock_marker(folder.parent, folder.name).unlink()
    assert round_status(folder, "proposed") == "locked"
    assert "is missing, though the log says the round is locked" in check_lock(folder)[0]
    with pytest.raises(LifeError, match="locked on 2026-01-12"):
        _sign(folder, "sales", "x")
    assert check_lock(folder) == []


@pytest.mark.parametrize("harm", ["cut", "altered", "not ours"])
def test_a_log_that_is_not_whole_is_named_with_its_file_and_nothing_is_added(folder: Path, harm: str) -> None:
    _sign(folder, "marketing")
    path = log_path(folder.parent, folder.name)
    text = path.read_text()
    path.write_bytes(
        {
            "cut": text[:-30].encode(),
            "altered": text.replace("2026-01-09", "2026-01-08").encode(),
            "not ours": b"\xff\xfe\n",
        }[harm]
    )
    harmed = path.read_bytes()
    told = {
        "cut": "line 1 of the log, the last, was cut short",
        "altered": "line 1 of the log does not follow",
    }
    with pytest.raises(LifeError, match=told.get(harm, "not a log of ours")) as error:
        _sign(folder, "sales")
    assert path.name in str(error.value)
    assert error.value.exit_code == 2
    assert path.read_bytes() == harmed
    assert round_status(folder, "proposed") == "log unreadable"
    assert check_lock(folder) == [str(error.value)]


def test_a_plan_that_is_not_as_it_was_published_is_not_signed(folder: Path) -> None:
    plan = folder / "plan.parquet"
    plan.write_bytes(plan.read_bytes()[:-1] + b"x")
    with pytest.raises(InputError, match="bytes that differ from those published"):
        _sign(folder, "sales")
    assert not log_path(folder.parent, folder.name).exists()


def test_a_locked_plan_that_was_exchanged_is_found(
    folder: Path, make_round: Callable[..., RoundResult]
) -> None:
    _locked(folder)
    marker = lock_marker(folder.parent, folder.name)
    stamp = marker.read_text()
    marker.unlink()
    publish_round(
        make_round(seed=9, lean=True), folder.parents[1], notebook=Path("x"), timings={}, render=False
    )
    marker.write_text(stamp)
    assert "is not the plan that was locked" in check_lock(folder)[0]
    marker.write_text(
        stamp.replace('"by"', '"of"').replace(read_log(folder.parent, folder.name)[-1].hash, "0")
    )
    assert "does not bear the stamp" in check_lock(folder)[0]
    log_path(folder.parent, folder.name).unlink()
    assert "the ledger knows 3 lines of this log, 0 are there" in check_lock(folder)[0]
    (folder.parents[1] / LEDGER).unlink()
    assert "no lock stands in its log" in check_lock(folder)[0]


def test_a_round_that_was_never_planned_or_is_being_written_is_said_so(folder: Path) -> None:
    with pytest.raises(RoundMissing, match="no plan of north for 2026Q1"):
        append_entries(folder.parent, "north", lambda log, snapshot: [])
    with hold_round(folder.parent, folder.name), pytest.raises(RoundBusy, match=f"process {os.getpid()}"):
        _sign(folder, "sales")


def test_of_many_who_sign_at_once_each_signature_stands_once_in_a_whole_chain(folder: Path) -> None:
    code = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from alignment_lib.planning.round.lifecycle import LifeError, sign_round
        from alignment_lib.rounds.files.round_hold import RoundBusy
        from alignment_lib.rounds.files.round_log import append_entries
        folder, function, by = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
        def make(log, snapshot):
            return [sign_round(log, function=function, by=by, on="2026-01-09", manifest=snapshot.hash)]
        try:
            append_entries(folder.parent, folder.name, make)
        except (RoundBusy, LifeError) as error:
            sys.exit(error.exit_code)
        """
    )
    runs = [
        subprocess.Popen([sys.executable, "-c", code, str(folder), function, f"head of {function}"])
        for function in ("marketing", "sales") * 3
    ]
    codes = [run.wait(timeout=120) for run in runs]
    log = read_log(folder.parent, folder.name)
    signed = [entry.function for entry in log]
    assert len(signed) == len(set(signed)) == codes.count(0) >= 1
    assert set(codes) <= {0, 2, 3}
