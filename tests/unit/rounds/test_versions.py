"""Earlier versions of an unlocked round: kept whole, the oldest dropped, none where nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from alignment_lib.inputs.snapshots import Snapshot, find_rounds
from alignment_lib.publishing.index import write_index
from alignment_lib.publishing.snapshot_writer import publish_round
from alignment_lib.rounds.files.versions import find_versions
from alignment_lib.rounds.result import RoundResult


@pytest.fixture
def publish(tmp_path: Path, make_round: Callable[..., RoundResult]) -> Callable[..., Path]:
    """Publishes the round drawn with a seed."""

    def run(seed: int, keep: int = 5) -> Path:
        result = make_round(seed=seed, lean=True)
        return publish_round(result, tmp_path, notebook=Path("x"), timings={}, render=False, keep=keep)

    return run


def test_the_plan_that_stood_before_is_kept_whole_and_verifiable(publish: Callable[..., Path]) -> None:
    hashes = [Snapshot(publish(seed)).hash for seed in (1, 2, 3)]
    folder = publish(3)
    kept = find_versions(folder.parent, folder.name)
    assert [version.folder.name for version in kept] == ["0002", "0001"]
    assert [version.hash for version in kept] == [hashes[1], hashes[0]]
    assert all(version.altered_files() == [] for version in kept)


def test_a_run_with_the_same_result_leaves_no_version(publish: Callable[..., Path]) -> None:
    for _ in range(3):
        folder = publish(1)
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_only_as_many_versions_are_kept_as_asked_for(publish: Callable[..., Path]) -> None:
    for seed in (1, 2, 3, 4):
        folder = publish(seed, keep=2)
    assert [one.folder.name for one in find_versions(folder.parent, folder.name)] == ["0003", "0002"]
    publish(5, keep=0)
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    # Numbers go on where versions are kept again.
    publish(6, keep=1)
    assert [one.folder.name for one in find_versions(folder.parent, folder.name)] == ["0001"]


def test_versions_are_neither_rounds_nor_units(publish: Callable[..., Path], tmp_path: Path) -> None:
    publish(1)
    folder = publish(2)
    assert [one.folder for one in find_rounds([tmp_path])] == [folder]
    assert "versions" not in write_index(tmp_path).read_text()
