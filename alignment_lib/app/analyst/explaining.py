"""A figure explained with its workspace at hand: the rows of each file, and the snapshot it stands in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from alignment_lib.answers.answer import Answer
from alignment_lib.answers.part_words import read_part
from alignment_lib.answers.past.explain import explain_from
from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.rounds.round_life import choose_round
from alignment_lib.rounds.source_rows import SourceRows, find_unit_folder
from alignment_lib.rounds.view import RoundView, view_snapshot

__all__ = ["explain_snapshot", "explain_view"]


def explain_view(
    view: RoundView,
    part: str | Mapping[str, str],
    folder: Path | None,
    snapshot: str = "",
    **asked: str,
) -> Answer:
    """Where a figure comes from.

    Parameters
    ----------
    view : RoundView
        The round.
    part : str or mapping of str to str
        As words, or member by dimension.
    folder : Path or None
        The workspace whose rows are looked up.
    snapshot : str
        Hash of the manifest it was published with; blank where it was not.
    **asked
        ``measure, span, scenario``; blank where nothing is said.
    """
    read = read_part(view, part) if isinstance(part, str) else part
    sources = SourceRows(view.manifest["input_hashes"], folder)
    said = {key: value for key, value in asked.items() if value}
    found = explain_from(view, sources, part=read, **said)
    if not snapshot or not found.is_answered:
        return found
    return replace(found, sentence=f"{found.sentence} Snapshot {snapshot}.")


def explain_snapshot(
    output: Path, round_name: str, part: str, *, unit: str, workspace: Path | None, **asked: str
) -> Answer:
    """The same of a round that was published into an output folder.

    Raises
    ------
    AlignmentError
        A round that is not as it was published; no such round, part, span or measure.
    """
    chosen = choose_round(output, round_name, unit)
    snapshot = Snapshot(chosen.folder / chosen.unit)
    altered = [file for file in snapshot.altered_files() if file.endswith(".parquet")]
    if altered:
        snapshot.read_bytes(altered[0])
    view = view_snapshot(snapshot.folder)
    near = (output.parent, output.parent / "data", Path(), Path("data"), output.parent.parent)
    places = [workspace] if workspace else [*(place / chosen.unit for place in near), *near]
    folder = workspace or find_unit_folder(chosen.unit, view.manifest["input_hashes"], places)
    return explain_view(view, part, folder, snapshot.hash, **asked)
