"""A source replaced while it is read: what is planned is what its hash vouches for, whichever came first."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from alignment_lib.inputs.workspace import load_workspace
from alignment_lib.rounds.preparing import prepared_round
from alignment_lib.rounds.preparing.asked_round import ask_round
from alignment_lib.rounds.preparing.prepared_round import prepare_round
from tests.faults.conftest import Say
from tests.faults.runs import make_unit


def _versions(folder: Path) -> dict[str, bytes]:
    """Two states of the sales table, by the sum of what they hold."""
    lines = (folder / "sales.csv").read_text(encoding="utf-8").splitlines()
    head, body = lines[0], [line.split(",") for line in lines[1:]]
    at = head.split(",").index("units")
    doubled = [[*row[:at], str(float(row[at]) * 2), *row[at + 1 :]] for row in body]
    return {
        name: ("\n".join([head, *(",".join(row) for row in rows)]) + "\n").encode()
        for name, rows in (("once", body), ("twice", doubled))
    }


@pytest.mark.faults(sample=8, full=50)
def test_a_source_replaced_while_it_is_read_is_vouched_for_as_read(
    tmp_path: Path, count: int, say: Say
) -> None:
    folder = make_unit(tmp_path / "unit", 1)
    states = _versions(folder)
    hashes = {hashlib.sha256(data).hexdigest(): name for name, data in states.items()}
    (folder / "sales.csv").write_bytes(states["once"])
    once = load_workspace(folder).tables["sales"]["units"].sum()
    stop = threading.Event()

    def keep_replacing() -> None:
        turn = 0
        while not stop.is_set():
            part = folder / ".sales.part"
            part.write_bytes(states[("once", "twice")[turn % 2]])
            part.replace(folder / "sales.csv")
            turn += 1

    writer = threading.Thread(target=keep_replacing)
    writer.start()
    try:
        read = [load_workspace(folder) for _ in range(count)]
    finally:
        stop.set()
        writer.join()
    wrong = 0
    for workspace in read:
        told = hashes[workspace.input_hashes["sales.csv"]]
        held = "once" if abs(workspace.tables["sales"]["units"].sum() - once) < 1e-9 else "twice"
        wrong += told != held
    say(f"{count} readings while the source is replaced", f"{wrong} whose hash is not of what was read")
    assert wrong == 0


def test_scenarios_that_come_after_the_workspace_was_read_are_not_planned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fitted: Path
) -> None:
    folder = make_unit(tmp_path / "unit", 1)
    read = prepared_round.load_workspace

    def read_and_save(*asked: object, **more: object) -> object:
        found = read(*asked, **more)
        (folder / "scenarios.yaml").write_text(
            "late:\n  reason: too late\n  based_on: consensus\n  off: [A1]\n"
        )
        return found

    monkeypatch.setattr(prepared_round, "load_workspace", read_and_save)
    ready = prepare_round(ask_round(folder, "2026Q1", cache=fitted))
    assert "late" not in ready.scenarios
