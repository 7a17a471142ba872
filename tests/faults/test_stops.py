"""A batch stopped at any moment ends at once and accounts for every unit; --retry completes it."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from alignment_lib.rounds.files.verify_rounds import verify_output
from tests.faults.conftest import Say
from tests.faults.runs import leftovers, make_unit, plan, plan_apart, snapshot_files, start

SOON = 5.0
EARLY = 30.0


def break_unit(unit: Path, way: int) -> None:
    """One of eight ways in which a workspace cannot be planned."""
    sales, settings, claims = unit / "sales.csv", unit / "planning.toml", unit / "assumptions.csv"
    (
        lambda: sales.unlink(),
        lambda: sales.write_text("period,product,units\n2022-13-01,Chair,5\n"),
        lambda: sales.write_bytes(b"\xff\xfe\x00broken"),
        lambda: settings.write_text("[business\n"),
        lambda: settings.write_text(settings.read_text().replace("month", "fortnight")),
        lambda: claims.write_text(claims.read_text().replace("percent", "miracle")),
        lambda: sales.write_text("period,product,units\n"),
        lambda: settings.write_text(
            settings.read_text().replace(
                "[sales]\n", '[sales]\nsource = { url = "sqlite:///no.db", query = "SELECT 1" }\n'
            )
        ),
    )[way]()


@pytest.mark.faults(sample=3, full=60)
def test_a_batch_stopped_at_a_random_moment_accounts_for_every_unit(
    tmp_path: Path, cache: Path, count: int, rng: random.Random, say: Say
) -> None:
    assert sqlite3  # One of the broken units names a database.
    units = [make_unit(tmp_path / "units" / f"unit{at:02d}", 1, 1.0 + at / 2) for at in range(count)]
    broken = units[:: max(1, count // 8)][:8] if count > 8 else units[:1]
    for way, unit in enumerate(broken):
        break_unit(unit, way)
    sound = [unit for unit in units if unit not in broken]
    whole = plan_apart(units, tmp_path / "whole", cache, "--no-report", "--jobs", "2")
    assert whole.returncode == 1, whole.stderr
    wanted = {unit.name: snapshot_files(tmp_path / "whole", unit.name) for unit in sound}
    stops, turn, slowest, finished, again = (20 if count > 8 else 1), 0, 0.0, 0, 0
    longest = EARLY
    while turn < stops:
        output = tmp_path / f"out{turn}-{again}"
        process = start(units, output, cache, "--no-report", "--jobs", "2", "--json", start_new_session=True)
        time.sleep(rng.uniform(0.5, longest))
        sent = time.monotonic()
        # As a terminal does: to the whole group; every third time as a scheduler does, to the one process.
        if turn % 3 != 2 and process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.terminate()
        out, err = process.communicate(timeout=60)
        assert "Traceback" not in err, err
        if '"event": "batch"' not in out or process.returncode != 5:
            # It had not yet come to the command, or had done everything: tried at another moment.
            assert process.returncode in (1, 5, -signal.SIGINT, -signal.SIGTERM), err
            again, longest = again + 1, longest * (0.9 if process.returncode == 1 else 1)
            continue
        turn, slowest = turn + 1, max(slowest, time.monotonic() - sent)
        there = {unit.name for unit in sound if (output / "2026Q1" / unit.name / "manifest.json").exists()}
        finished += len(there)
        told = [json.loads(line) for line in out.splitlines()]
        codes = {one["unit"]: one["code"] for one in told if one["event"] == "unit"}
        assert set(codes) == {unit.name for unit in units}
        assert {name for name, code in codes.items() if code == 0} == there
        assert all(codes[unit.name] in (0, 5) for unit in sound), codes
        assert [fault for one in verify_output(output) if there for fault in one.faults] == []
        assert all(snapshot_files(output, name) == wanted[name] for name in there)
    done = plan(units, output, cache, "--no-report", "--jobs", "2", "--retry")
    assert done.returncode == 1
    same = {unit.name: snapshot_files(output, unit.name) for unit in sound} == wanted
    say(
        f"{count} units of which {len(broken)} are broken, stopped by SIGINT or SIGTERM",
        f"{stops} stops at random moments of the first {EARLY:.0f} s: every unit done, failed or named as "
        f"not done ({finished} done before), slowest end {slowest:.1f} s; {again} further signals "
        f"came before the work or after it; --retry completes to the same bytes: {same}",
    )
    assert same
    assert leftovers(output) == []
    assert slowest <= SOON
