"""One run at a time per round and unit; stale locks are told from live ones."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from alignment_lib.rounds.files.round_hold import RoundBusy, hold_round
from alignment_lib.rounds.files.round_lock import RoundLocked, check_unlocked, lock_marker

_HOLDER = """
import sys, time
from pathlib import Path
from alignment_lib.rounds.files.round_hold import hold_round
with hold_round(Path(sys.argv[1]), "unit"):
    print("held", flush=True)
    time.sleep(60)
"""


def _start_holder(folder: Path) -> subprocess.Popen[str]:
    holder = subprocess.Popen([sys.executable, "-c", _HOLDER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_a_second_run_is_told_who_holds_the_round_and_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "2026Q1"
    folder.mkdir()
    holder = _start_holder(folder)
    try:
        with pytest.raises(RoundBusy) as busy, hold_round(folder, "unit"):
            pass
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    message = str(busy.value)
    assert (
        f"round 2026Q1 of unit is being written by process {holder.pid} on {socket.gethostname()}" in message
    )
    assert busy.value.exit_code == 3
    with hold_round(folder, "unit"):
        assert (folder / ".unit~lock").exists()
    assert list(folder.iterdir()) == []


def test_another_unit_of_the_round_is_free(tmp_path: Path) -> None:
    with hold_round(tmp_path, "one"), hold_round(tmp_path, "two"):
        assert sorted(path.name for path in tmp_path.iterdir()) == [".one~lock", ".two~lock"]


def test_of_many_at_once_exactly_one_gets_the_round(tmp_path: Path) -> None:
    gate, done, outcomes = threading.Barrier(12), threading.Barrier(12), []

    def attempt() -> None:
        gate.wait()
        try:
            with hold_round(tmp_path, "unit"):
                outcomes.append("held")
                done.wait()
        except RoundBusy:
            outcomes.append("busy")
            done.wait()

    threads = [threading.Thread(target=attempt) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["busy"] * 11 + ["held"]


def test_a_locked_round_is_refused_and_says_what_to_do(tmp_path: Path) -> None:
    check_unlocked(tmp_path, "unit")
    lock_marker(tmp_path, "unit").write_text("")
    with pytest.raises(RoundLocked, match="is locked and is never changed; plan the next round") as refused:
        check_unlocked(tmp_path, "unit")
    assert refused.value.exit_code == 3
