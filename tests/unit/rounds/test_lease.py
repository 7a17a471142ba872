"""Leases: told at once who holds one, taken over when its holder has ended, wherever that ran."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from alignment_lib.rounds.files import lease
from alignment_lib.rounds.files.lease import LeaseHeld, has_ended, hold_lease


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".unit~lock"


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beats and patience of fractions of a second."""
    monkeypatch.setattr(lease, "RENEWED_AFTER", 0.05)
    monkeypatch.setattr(lease, "TAKEN_OVER_AFTER", 0.6)
    monkeypatch.setattr(lease, "_SETTLED_AFTER", 0.1)


def _write(path: Path, **more: object) -> dict[str, object]:
    found = {"token": "t", "host": "elsewhere", "pid": 1, "machine": "another 1", "beat": 1} | more
    path.write_text(json.dumps(found).ljust(511) + "\n")
    return found


def test_a_holder_of_this_machine_that_ended_is_followed_at_once(path: Path) -> None:
    with hold_lease(path):
        mine = json.loads(path.read_text())
    assert not path.exists()
    # As after kill -9, under another host name and another number: the file is there and nobody locks it.
    _write(path, machine=mine["machine"], host="an-earlier-container", pid=1)
    begun = time.monotonic()
    assert has_ended(path)
    with hold_lease(path) as hold:
        assert hold.was_interrupted
        assert not has_ended(path)
    assert time.monotonic() - begun < 1
    assert not path.exists()


@pytest.mark.usefixtures("hasty")
def test_a_holder_elsewhere_is_taken_over_once_its_beat_has_stopped(path: Path) -> None:
    _write(path)
    assert not has_ended(path)
    begun = time.monotonic()
    with hold_lease(path) as hold:
        assert time.monotonic() - begun >= 0.6
        assert hold.was_interrupted
        assert json.loads(path.read_text())["token"] == hold.token


@pytest.mark.usefixtures("hasty")
def test_a_holder_elsewhere_that_lives_is_named_and_keeps_its_lease(path: Path) -> None:
    first = _write(path)
    ended = threading.Event()

    def beat() -> None:
        count = 1
        while not ended.wait(0.05):
            count += 1
            _write(path, beat=count)

    other = threading.Thread(target=beat)
    other.start()
    try:
        with pytest.raises(LeaseHeld, match="process 1 on elsewhere"), hold_lease(path):
            pass
    finally:
        ended.set()
        other.join()
    assert json.loads(path.read_text())["token"] == first["token"]


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("words", ['{"pid": 1', '{"pid": 1, "host": "old", "started": "boot 1"}', "[]", ""])
def test_a_file_that_says_nothing_of_a_beat_is_taken_over_too(path: Path, words: str) -> None:
    path.write_text(words)
    with hold_lease(path) as hold:
        assert hold.was_interrupted


@pytest.mark.usefixtures("hasty")
def test_without_locks_of_the_system_beats_alone_keep_others_out(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "_lock", lambda descriptor: None)
    with hold_lease(path), pytest.raises(LeaseHeld), hold_lease(path):
        pass
    assert not path.exists()


@pytest.mark.usefixtures("hasty")
def test_of_two_who_take_over_at_once_without_locks_only_one_has_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "_lock", lambda descriptor: None)
    _write(path)
    gate, done, told = threading.Barrier(4), threading.Barrier(4), []

    def attempt() -> None:
        gate.wait()
        try:
            with hold_lease(path):
                told.append("held")
                done.wait()
        except LeaseHeld:
            told.append("busy")
            done.wait()

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["busy"] * 3 + ["held"]


def test_who_stood_still_while_another_took_over_is_told_and_leaves_the_other_alone(path: Path) -> None:
    with hold_lease(path) as hold:
        assert hold.taken_by() is None
        _write(path)
        other = hold.taken_by()
        assert other is not None
        assert (other.pid, other.host) == (1, "elsewhere")
    assert path.exists()


def test_patience_waits_for_a_short_hold(path: Path) -> None:
    held = threading.Event()

    def hold() -> None:
        with hold_lease(path):
            held.set()
            time.sleep(0.3)

    other = threading.Thread(target=hold)
    other.start()
    held.wait()
    with hold_lease(path, patience=10) as mine:
        assert not mine.was_interrupted
    other.join()
