"""Saves into a workspace: one after the other, by a lease that holds between hosts too."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from alignment_lib.planning.register.scenario_reading import read_scenarios
from alignment_lib.planning.register.scenarios import Scenario
from alignment_lib.rounds.files import lease, saving
from alignment_lib.rounds.files.atomic_files import FileProtected
from alignment_lib.rounds.files.lease import LeaseHeld
from alignment_lib.rounds.files.saving import hold_saves
from alignment_lib.rounds.live.scenario_files import save_scenario


def test_of_many_who_save_at_once_nobody_s_scenario_is_lost(tmp_path: Path) -> None:
    gate = threading.Barrier(6)

    def save(number: int) -> None:
        gate.wait()
        save_scenario(tmp_path, Scenario(f"mine {number}", based_on="consensus", reason="why not"), ["A1"])

    threads = [threading.Thread(target=save, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(read_scenarios(tmp_path / "scenarios.yaml", ["A1"])) == {f"mine {at}" for at in range(6)}
    assert [path.name for path in tmp_path.iterdir()] == ["scenarios.yaml"]


def test_a_save_from_another_host_is_waited_for_and_then_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "_PATIENCE", 0.0)
    monkeypatch.setattr(lease, "TAKEN_OVER_AFTER", 5.0)
    beats = iter(range(10**6))

    def beat() -> None:
        said = {"token": "t", "host": "elsewhere", "pid": 7, "machine": "another 1", "beat": next(beats)}
        (tmp_path / "new").write_text(json.dumps(said))
        (tmp_path / "new").replace(tmp_path / ".saving~lock")

    beat()
    later = threading.Timer(0.3, beat)
    later.start()
    with pytest.raises(LeaseHeld, match="written to by process 7 on elsewhere"), hold_saves(tmp_path):
        pass
    later.join()


def test_two_workspaces_that_lead_to_one_file_are_held_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "_PATIENCE", 0.0)
    for name in ("north", "south", "shared"):
        (tmp_path / name).mkdir()
    (tmp_path / "shared" / "scenarios.yaml").touch()
    for name in ("north", "south"):
        (tmp_path / name / "scenarios.yaml").symlink_to(tmp_path / "shared" / "scenarios.yaml")
    with hold_saves(tmp_path / "north", "scenarios.yaml"):
        with pytest.raises(LeaseHeld), hold_saves(tmp_path / "south", "scenarios.yaml"):
            pass
        with hold_saves(tmp_path / "south"):
            pass


def test_a_workspace_into_which_nothing_was_saved_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="refused"), hold_saves(tmp_path / "new"):
        raise ValueError("refused")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(FileProtected, match="make it a folder"), hold_saves(tmp_path / "file"):
        pass
