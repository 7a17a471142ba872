"""Files that stand beside a published round: its review, its meeting, how it is watched."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from alignment_lib.publishing.index import write_index
from alignment_lib.rounds.files.atomic_files import replace_folder, sync_tree, write_durably
from alignment_lib.rounds.files.folder_names import check_round_name, check_unit_name
from alignment_lib.rounds.files.round_hold import hold_round
from alignment_lib.rounds.files.staging import staged

__all__ = ["publish_beside"]


def publish_beside(
    files: Mapping[str, bytes], output: Path, round_name: str, unit: str, kind: str
) -> tuple[Path, ...]:
    """Write files to ``output/<round>/<unit>.<kind>/`` in one step, and the index anew; their paths."""
    folder = output / check_round_name(round_name)
    final = folder / f"{check_unit_name(unit)}.{kind}"
    folder.mkdir(parents=True, exist_ok=True)
    with hold_round(folder, final.name) as hold, staged(final, hold) as (staging, retired):
        for name, content in sorted(files.items()):
            write_durably(staging / name, content)
        sync_tree(staging)
        hold.check()
        replace_folder(staging, final, retired)
    write_index(output)
    return tuple(final / name for name in sorted(files))
