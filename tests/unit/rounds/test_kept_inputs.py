"""What a round read is kept: tokens for ids, within its limit, erased on request, made again to the byte."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from alignment_lib.app.command_line import app
from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.inputs.workspace import load_workspace
from alignment_lib.rounds.kept.kept_inputs import find_kept, forget_kept, kept_rounds, load_kept
from alignment_lib.rounds.kept.made_again import NotKept, read_again
from alignment_lib.rounds.kept.tokens import hide_ids
from alignment_lib.rounds.preparing.prepared_round import PlanRequest
from tests.unit.rounds.kept_workspace import plan, restate, write_business


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("kept")
    assert plan(write_business(home / "tea"), "2025Q4", home / "out").code == 0
    return home


@pytest.fixture
def planned(made: Path, tmp_path: Path) -> Path:
    """A copy of the business with a round planned, for a test of its own."""
    shutil.copytree(made, tmp_path / "copy")
    return tmp_path / "copy"


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "run.json"}


def test_a_round_is_made_again_to_the_byte(planned: Path) -> None:
    before = _files(planned / "out/2025Q4/tea")
    restate(planned / "tea")
    (planned / "tea/leads.csv").unlink()
    outcome = plan(planned / "tea", "2025Q4", planned / "again", as_read=True, rounds=planned / "out")
    assert outcome.code == 0
    assert _files(planned / "again/2025Q4/tea") == before


def test_what_is_kept_is_what_was_read(planned: Path) -> None:
    folder = planned / "tea"
    kept = find_kept(folder, Snapshot(planned / "out/2025Q4/tea").manifest)
    assert kept is not None
    again, read = load_kept(kept, folder, "tea"), load_workspace(folder)
    assert (again.settings, again.calendar, again.all_hashes) == (
        read.settings,
        read.calendar,
        read.all_hashes,
    )
    pd.testing.assert_frame_equal(again.tables["sales"], read.tables["sales"])
    assert again.notices == read.notices


def test_no_id_is_kept(planned: Path) -> None:
    held = b"".join(path.read_bytes() for path in (planned / "tea/.alignment").rglob("*") if path.is_file())
    tables = [pd.read_parquet(path) for path in (planned / "tea/.alignment").rglob("*.parquet")]
    text = held + "".join(frame.to_csv() for frame in tables).encode()
    assert b"Smith" not in text
    assert b"Lead-" not in text


def test_one_customer_bears_one_token_everywhere() -> None:
    tables = {
        "leads": pd.DataFrame({"lead_id": ["b", "a"], "customer": ["Ann", ""]}),
        "transactions": pd.DataFrame({"customer": ["Bob", "Ann"]}),
    }
    hidden = hide_ids(tables, b"key")
    assert hidden["leads"]["customer"].tolist() == [hidden["transactions"]["customer"][1], ""]
    assert hidden["leads"]["lead_id"].rank().tolist() == [2, 1]
    assert hide_ids(tables, b"other")["leads"]["lead_id"].tolist() != hidden["leads"]["lead_id"].tolist()


def test_the_store_is_for_its_owner_and_not_for_version_control(planned: Path) -> None:
    store = planned / "tea/.alignment"
    assert (store / ".gitignore").read_text() == "*\n"
    assert store.stat().st_mode & 0o077 == 0
    assert (store / "key").stat().st_mode & 0o077 == 0


def test_the_same_run_twice_keeps_one(planned: Path) -> None:
    assert plan(planned / "tea", "2025Q4", planned / "out").code == 0
    assert [one.round for one in kept_rounds(planned / "tea")] == ["2025Q4"]


def test_the_oldest_goes_where_the_limit_is_reached(planned: Path) -> None:
    folder = planned / "tea"
    (first,) = kept_rounds(folder)
    settings = folder / "planning.toml"
    settings.write_text(settings.read_text() + f"[kept]\nmegabytes = {1.5 * first.size / 1e6}\n")
    outcome = plan(folder, "2026Q1", planned / "out")
    assert "what 2025Q4 read is no longer kept, to stay within [kept] megabytes" in " ".join(outcome.warnings)
    assert [one.round for one in kept_rounds(folder)] == ["2026Q1"]


def test_what_is_above_the_limit_is_not_kept_and_said(planned: Path) -> None:
    folder = planned / "tea"
    settings = folder / "planning.toml"
    settings.write_text(settings.read_text() + "[kept]\nmegabytes = 0.001\n")
    outcome = plan(folder, "2026Q1", planned / "out")
    assert outcome.code == 0
    assert "is not kept: [kept] megabytes allows 0" in " ".join(outcome.warnings)
    assert [one.round for one in kept_rounds(folder)] == ["2025Q4"]


def test_nothing_is_kept_where_nothing_is_to_be(tmp_path: Path) -> None:
    folder = write_business(tmp_path / "tea")
    settings = folder / "planning.toml"
    settings.write_text(settings.read_text() + "[kept]\nmegabytes = 0\n")
    assert plan(folder, "2025Q4", tmp_path / "out").code == 0
    assert not (folder / ".alignment").exists()


def test_a_workspace_that_cannot_be_written_is_planned_all_the_same(tmp_path: Path) -> None:
    folder = write_business(tmp_path / "tea")
    folder.chmod(0o500)
    outcome = plan(folder, "2025Q4", tmp_path / "out")
    folder.chmod(0o700)
    assert outcome.code == 0
    assert "the workspace is read-only: what this round read is not kept" in outcome.warnings
    assert not (folder / ".alignment").exists()


def test_a_store_in_the_way_is_said(tmp_path: Path) -> None:
    folder = write_business(tmp_path / "tea")
    (folder / ".alignment").write_text("not a folder")
    outcome = plan(folder, "2025Q4", tmp_path / "out")
    assert outcome.code == 0
    assert "what this round read could not be kept in .alignment" in " ".join(outcome.warnings)


def test_forget_erases_one_round_or_all(planned: Path) -> None:
    folder = planned / "tea"
    assert plan(folder, "2026Q1", planned / "out").code == 0
    result = CliRunner().invoke(app, ["forget", str(folder), "--round", "2025Q4"])
    assert "forgotten: what 2025Q4 read" in result.output
    assert [one.round for one in kept_rounds(folder)] == ["2026Q1"]
    assert [one.round for one in forget_kept(folder)] == ["2026Q1"]
    assert not (folder / ".alignment").exists()
    assert (folder / "sales.csv").is_file()
    assert "nothing is kept here" in CliRunner().invoke(app, ["forget", str(folder)]).output


def test_what_cannot_be_made_again_says_why(planned: Path) -> None:
    folder, out = planned / "tea", planned / "out"
    with pytest.raises(NotKept, match="must lie published in"):
        read_again(PlanRequest(folder, "2024Q1", rounds=out, as_read=True))
    with pytest.raises(NotKept, match="a round named by --round"):
        read_again(PlanRequest(folder, rounds=out, as_read=True))
    (kept,) = kept_rounds(folder)
    (kept.folder / "record.json").write_text("[]")
    with pytest.raises(InputError, match="record"):
        read_again(PlanRequest(folder, "2025Q4", rounds=out, as_read=True))
    forget_kept(folder)
    with pytest.raises(NotKept, match="is not kept in"):
        read_again(PlanRequest(folder, "2025Q4", rounds=out, as_read=True))
