"""Nothing in the folder goes unread in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.workspace import load_workspace
from tests.unit.inputs.workspace_files import CLAIM, CLAIMS, SALES, load, only_problem, write_files


def said(folder: Path, files: dict[str, str | bytes]) -> dict[str, str]:
    return {notice.code: notice.text for notice in load(folder, files).notices}


@pytest.mark.parametrize("name", ["Assumptions.csv", "ASSUMPTIONS.CSV", "assumptions.Csv"])
def test_a_table_is_found_whatever_the_case_of_its_name(tmp_path: Path, name: str) -> None:
    workspace = load(tmp_path, {name: CLAIMS + CLAIM})
    assert len(workspace.table("assumptions")) == 1
    assert name in workspace.input_hashes


def test_two_files_that_differ_in_case_are_two_tables(tmp_path: Path) -> None:
    text = only_problem(tmp_path, {"assumptions.csv": CLAIMS + CLAIM, "Assumptions.csv": CLAIMS})
    assert "the files Assumptions.csv and assumptions.csv, expected one assumptions table" in text


@pytest.mark.parametrize(
    "name",
    [
        *("assumptions (1).xlsx", "Assumptions_v2.csv", "assumptions - Kopie.xlsx", "assumptions final.csv"),
        *(
            "assumptions.numbers",
            "assumptions.tsv",
            "assumptions copy.ods",
            "assumptions 2.xlsb",
            "assumptions",
            "assumptions.csv.bak",
            "assumptions v1.2.xlsx",
        ),
    ],
)
def test_a_file_that_speaks_of_a_table_and_is_not_read_is_named(tmp_path: Path, name: str) -> None:
    assert said(tmp_path, {name: "x"})["unread_table"] == (
        f"{name} is not read, the run has no assumptions table; to read it name it in planning.toml under "
        "[tables] assumptions."
    )


def test_other_tables_that_nobody_reads_are_listed(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"export {at}.csv": "x" for at in range(7)}
    text = said(tmp_path, files | {"notes.md": "x", ".hidden.csv": "x", "README.txt": "x"})["unread_files"]
    assert text.startswith("7 files of the folder that nobody reads: 'export 0.csv'")
    assert "and 2 more" in text
    assert "notes" not in text


def test_a_plain_folder_says_nothing(tmp_path: Path) -> None:
    assert said(tmp_path, {"README.md": "x", "scenarios.yaml": "", ".gitignore": "x"}) == {}


@pytest.mark.parametrize("lock", ["~$sumptions.csv", ".~lock.assumptions.csv#"])
def test_a_register_that_is_open_in_an_office_program_is_said(tmp_path: Path, lock: str) -> None:
    text = said(tmp_path, {"assumptions.csv": CLAIMS + CLAIM, lock: "x"})["open_file"]
    assert text == (
        f"assumptions.csv is open in an office program ({lock}): what is not saved there yet is not read."
    )


def test_a_link_that_leads_nowhere_stops_the_run(tmp_path: Path) -> None:
    write_files(tmp_path, {})
    (tmp_path / "assumptions.csv").symlink_to("/mnt/share/assumptions.csv")
    (tmp_path / ".#sales.csv").symlink_to("someone@somewhere.1234")
    with pytest.raises(InputError) as caught:
        load_workspace(tmp_path)
    assert str(caught.value) == (
        "assumptions.csv: found a link to '/mnt/share/assumptions.csv', which is not there, expected a file; "
        "mount the share it leads to, or remove the link"
    )


def test_a_file_that_may_not_be_read_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(tmp_path, {"sales.csv": SALES})
    whole = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "sales.csv":
            raise PermissionError(13, "Permission denied")
        return whole(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(InputError, match=r"a file that cannot be read \(Permission denied\)"):
        load_workspace(tmp_path)
