"""Which units a command means."""

from __future__ import annotations

from pathlib import Path

import pytest

from alignment_lib.app.batches.unit_folders import NoUnits, TwinUnits, find_units
from alignment_lib.inputs.workspace import name_of_unit


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Three workspaces, one of them without settings, a hidden folder and a file."""
    for name in ("b", "a", "c", ".hidden", "_drafts"):
        (tmp_path / "units" / name).mkdir(parents=True)
        if name != "c":
            (tmp_path / "units" / name / "planning.toml").touch()
    (tmp_path / "units" / "notes.txt").touch()
    return tmp_path / "units"


def names(found: tuple[Path, ...]) -> list[str]:
    return [path.name for path in found]


def test_a_workspace_is_itself(place: Path) -> None:
    assert find_units([place / "a"], place / "out") == (place / "a",)


def test_a_folder_of_workspaces_means_every_folder_in_it_even_one_without_settings(place: Path) -> None:
    assert names(find_units([place], place / "out")) == ["a", "b", "c"]


def test_the_output_is_never_a_unit(place: Path) -> None:
    assert names(find_units([place], place / "b")) == ["a", "c"]


def test_a_pattern_means_the_folders_it_matches(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert names(find_units([place / "[ab]"], place / "out")) == ["a", "b"]
    monkeypatch.chdir(place.parent)
    assert names(find_units([Path("units/*")], place / "out")) == ["_drafts", "a", "b", "c"]


def test_each_unit_is_named_once(place: Path) -> None:
    assert names(find_units([place / "b", place], place / "out")) == ["b", "a", "c"]


def test_a_pattern_without_a_match_is_said(place: Path) -> None:
    with pytest.raises(NoUnits, match="no folder matches"):
        find_units([place / "x*"], place / "out")


def test_a_folder_that_is_not_there_is_left_to_be_reported(place: Path) -> None:
    assert names(find_units([place / "nowhere"], place / "out")) == ["nowhere"]


def test_a_unit_that_is_a_link_bears_the_name_it_was_given(place: Path) -> None:
    link = place.parent / "linked"
    link.symlink_to(place / "a", target_is_directory=True)
    assert names(find_units([link], place / "out")) == ["linked"]
    assert names(find_units([link, place / "a"], place / "out")) == ["linked"]
    assert name_of_unit(link) == "linked"


def test_two_units_of_one_name_are_refused_with_both_places(place: Path) -> None:
    other = place.parent / "elsewhere" / "A"
    other.mkdir(parents=True)
    (other / "planning.toml").touch()
    with pytest.raises(TwinUnits, match="share a name") as refused:
        find_units([place, other], place / "out")
    assert str(place / "a") in str(refused.value)
    assert str(other) in str(refused.value)
    assert refused.value.exit_code == 2
