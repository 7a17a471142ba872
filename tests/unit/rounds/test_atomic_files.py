"""Files and folders put in place in one step."""

from __future__ import annotations

from pathlib import Path

import pytest

from alignment_lib.rounds.files import atomic_files
from alignment_lib.rounds.files.atomic_files import replace_file, replace_folder, sync_tree


def _folder(path: Path, text: str) -> Path:
    path.mkdir()
    (path / "file.txt").write_text(text)
    return path


def test_a_file_is_replaced_and_no_temporary_one_stays(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    replace_file(page, b"one")
    replace_file(page, b"two")
    assert page.read_bytes() == b"two"
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]


def test_a_file_that_cannot_be_replaced_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "index.html").mkdir()
    with pytest.raises(OSError, match=r"index\.html"):
        replace_file(tmp_path / "index.html", b"one")
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]


@pytest.mark.parametrize("exchange", [True, False])
def test_a_folder_takes_the_place_of_another(
    tmp_path: Path, exchange: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not exchange:
        monkeypatch.setattr(atomic_files, "_exchange", lambda one, other: False)
    new, final = _folder(tmp_path / "new", "new"), _folder(tmp_path / "final", "old")
    sync_tree(new)
    replace_folder(new, final, tmp_path / "retired")
    assert (final / "file.txt").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["final"]


def test_a_folder_is_put_where_none_stood(tmp_path: Path) -> None:
    replace_folder(_folder(tmp_path / "new", "new"), tmp_path / "final", tmp_path / "retired")
    assert (tmp_path / "final" / "file.txt").read_text() == "new"


def test_the_exchange_of_names_that_are_missing_is_an_error_not_a_fallback(tmp_path: Path) -> None:
    _folder(tmp_path / "final", "old")
    with pytest.raises(FileNotFoundError):
        replace_folder(tmp_path / "absent", tmp_path / "final", tmp_path / "retired")
    assert (tmp_path / "final" / "file.txt").read_text() == "old"
