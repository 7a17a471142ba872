"""A round's folder: whole, the same bytes for the same inputs, and intact whatever happens to a run."""

from __future__ import annotations

import json
import os
import resource
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from alignment_lib.inputs.snapshot_tables import SNAPSHOT_TABLES
from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.publishing.report.report import ReportError
from alignment_lib.publishing.snapshot_writer import find_previous, publish_round
from alignment_lib.rounds.files.folder_names import NameRefused
from alignment_lib.rounds.files.round_hold import RoundBusy, hold_round
from alignment_lib.rounds.files.round_lock import RoundLocked, lock_marker
from alignment_lib.rounds.result import RoundResult
from tests.unit.report_tables import with_more_tables


def _publish(result: RoundResult, output: Path, **options: object) -> Path:
    return publish_round(result, output, notebook=Path("none"), timings={}, render=False, **options)  # type: ignore[arg-type]


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != "run.json"}


def test_every_file_of_the_contract_is_there_and_vouched_for(published: Path) -> None:
    names = {path.name for path in published.iterdir()}
    wanted = {
        "report.html",
        "report.ipynb",
        "plan.xlsx",
        "manifest.json",
        "manifest.sha256",
        "run.json",
        "history.parquet",
        "why.parquet",
    }
    assert names == wanted | {table.file for table in SNAPSHOT_TABLES.values() if table.always}
    snapshot = Snapshot(published)
    assert snapshot.altered_files() == []
    assert set(snapshot.manifest["files"]) == names - {"manifest.json", "manifest.sha256", "run.json"}
    assert len(snapshot.read("plan")) == 2808
    assert {name: len(snapshot.read(name)) for name in ("funnel", "record", "evidence")} == {
        "funnel": 9,
        "record": 2,
        "evidence": 6,
    }
    assert published.parent.name == "2026Q1"
    assert [path.name for path in published.parent.iterdir()] == ["demo"]


def test_no_clock_reading_and_no_path_stands_in_the_hashed_files(published: Path) -> None:
    manifest = (published / "manifest.json").read_text()
    assert json.loads((published / "run.json").read_text())["timings"]["planning"] == 1.0
    assert "timings" not in manifest
    for name in ("manifest.json", "report.ipynb", "report.html"):
        text = (published / name).read_text(encoding="utf-8")
        assert str(published.parents[2]) not in text
        assert "~new" not in text
        assert pd.Timestamp.now().strftime("%Y-%m-%d") not in text


def test_a_second_run_gives_the_same_bytes(
    published: Path, tmp_path: Path, notebook: Path, make_round: Callable[..., RoundResult]
) -> None:
    again = publish_round(
        with_more_tables(make_round()), tmp_path, notebook=notebook, timings={"planning": 7.0}
    )
    assert _bytes(again) == _bytes(published)


def test_the_bridge_in_the_files_sums_to_plan_less_baseline(published: Path) -> None:
    plan, bridge = Snapshot(published).read("plan"), Snapshot(published).read("bridge")
    keys = ["scenario", "period", "product", "channel", "sale_type"]
    gap = plan.set_index(keys)[["plan", "baseline"]].diff(axis=1).iloc[:, 1] * -1
    effects = bridge.groupby(keys)["effect"].sum().reindex(gap.index).fillna(0.0)
    assert (gap - effects).abs().max() < 1e-9


def test_a_run_replaces_an_unlocked_round_whole(
    tmp_path: Path, make_round: Callable[..., RoundResult]
) -> None:
    folder = _publish(make_round(seed=1, lean=True), tmp_path)
    (folder / "stray.txt").write_text("left by hand")
    first = Snapshot(folder).hash
    _publish(make_round(seed=2, lean=True), tmp_path)
    assert Snapshot(folder).hash != first
    assert not (folder / "stray.txt").exists()
    assert sorted(path.name for path in (tmp_path / "2026Q1").iterdir()) == ["demo", "demo~versions"]


def test_a_locked_round_is_left_as_it_is(tmp_path: Path, make_round: Callable[..., RoundResult]) -> None:
    folder = _publish(make_round(seed=1, lean=True), tmp_path)
    before = _bytes(folder)
    lock_marker(folder.parent, "demo").write_text("")
    with pytest.raises(RoundLocked, match="round 2026Q1 of demo is locked"):
        _publish(make_round(seed=2, lean=True), tmp_path)
    assert _bytes(folder) == before


def test_a_held_round_is_refused(tmp_path: Path, make_round: Callable[..., RoundResult]) -> None:
    (tmp_path / "2026Q1").mkdir()
    with hold_round(tmp_path / "2026Q1", "demo"), pytest.raises(RoundBusy, match=f"process {os.getpid()}"):
        _publish(make_round(lean=True), tmp_path)


@pytest.mark.parametrize("unit", ["../out", "/abs", "..", "CON", "a\x00b", "x" * 300])
def test_no_file_is_written_for_a_hostile_unit_name(
    unit: str, tmp_path: Path, make_round: Callable[..., RoundResult]
) -> None:
    with pytest.raises(NameRefused):
        _publish(make_round(unit=unit, lean=True), tmp_path / "output")
    assert list(tmp_path.rglob("*")) == []


def test_a_report_that_fails_leaves_the_previous_round_and_nothing_else(
    tmp_path: Path, make_round: Callable[..., RoundResult]
) -> None:
    folder = _publish(make_round(seed=1, lean=True), tmp_path)
    before = _bytes(folder)
    with pytest.raises(ReportError, match=r"none\.ipynb cannot be read"):
        publish_round(make_round(seed=2, lean=True), tmp_path, notebook=Path("none.ipynb"), timings={})
    assert _bytes(folder) == before
    assert [path.name for path in (tmp_path / "2026Q1").iterdir()] == ["demo"]


def test_what_a_crash_between_two_renames_left_is_put_right(
    tmp_path: Path, make_round: Callable[..., RoundResult]
) -> None:
    folder = _publish(make_round(seed=1, lean=True), tmp_path)
    before = _bytes(folder)
    folder.rename(folder.with_name(".demo~old"))
    (folder.parent / ".demo~new").mkdir()
    lock_marker(folder.parent, "demo").write_text("")
    with pytest.raises(RoundLocked):
        _publish(make_round(seed=2, lean=True), tmp_path)
    lock_marker(folder.parent, "demo").unlink()
    with pytest.raises(ReportError):
        publish_round(make_round(seed=2, lean=True), tmp_path, notebook=Path("none.ipynb"), timings={})
    assert _bytes(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["demo"]


def test_a_full_disk_leaves_the_previous_round(
    tmp_path: Path, make_round: Callable[..., RoundResult]
) -> None:
    folder = _publish(make_round(seed=1, lean=True), tmp_path)
    before = _bytes(folder)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, hard))
        with pytest.raises(OSError, match="File too large"):
            _publish(make_round(seed=2), tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert _bytes(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["demo"]


def test_the_round_before_is_found_among_rounds_of_the_same_length(tmp_path: Path) -> None:
    for name in ("2025Q3", "2025Q4", "2026Q1", "2026Q2", "2025-12", "2025"):
        (tmp_path / name / "demo").mkdir(parents=True)
        (tmp_path / name / "demo" / "manifest.json").write_text("{}")
    assert find_previous(tmp_path, "2026Q1", "demo") == tmp_path / "2025Q4" / "demo"
    assert find_previous(tmp_path, "2026-01", "demo") == tmp_path / "2025-12" / "demo"
    assert find_previous(tmp_path, "2025Q3", "demo") is None
    assert find_previous(tmp_path, "2026Q1", "other") is None
    assert find_previous(tmp_path / "absent", "2026Q1", "demo") is None


def test_the_round_before_is_recalled_and_named_in_the_manifest(
    tmp_path: Path, make_round: Callable[..., RoundResult]
) -> None:
    result = make_round(lean=True)
    before = _publish(replace(result, round="2025Q4"), tmp_path)
    folder = _publish(result, tmp_path, previous=before)
    note = Snapshot(folder).manifest["previous"]
    assert note == {
        "round": "2025Q4",
        "comparable": True,
        "scenario": "consensus",
        "measure": "units",
        "manifest": Snapshot(before).hash,
    }
    recalled = pd.read_parquet(folder / "previous.parquet")
    plan = result.tables["plan"].query("scenario == 'consensus'").groupby("period")["plan"].sum()
    assert recalled["plan"].tolist() == pytest.approx(plan.tolist(), abs=1e-9)


def test_an_altered_earlier_round_is_not_believed_but_does_not_stop_this_one(
    tmp_path: Path, make_round: Callable[..., RoundResult]
) -> None:
    result = make_round(lean=True)
    before = _publish(replace(result, round="2025Q4"), tmp_path)
    content = bytearray((before / "plan.parquet").read_bytes())
    content[len(content) // 2] ^= 1
    (before / "plan.parquet").write_bytes(bytes(content))
    note = Snapshot(_publish(result, tmp_path, previous=before)).manifest["previous"]
    assert note["comparable"] is False
    assert "2025Q4/demo/plan.parquet: found bytes that differ from those published" in note["reason"]


def test_an_earlier_round_in_another_measure_is_not_compared(
    tmp_path: Path, make_round: Callable[..., RoundResult]
) -> None:
    result = make_round(lean=True)
    before = _publish(replace(result, round="2025Q4", measure="revenue"), tmp_path)
    note = Snapshot(_publish(result, tmp_path, previous=before)).manifest["previous"]
    assert note["reason"] == "it counted revenue, this round counts units"
