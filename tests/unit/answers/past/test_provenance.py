"""What the figures stand on: every input, parameter, version and notice, and what was cleaned."""

from __future__ import annotations

import pytest

from alignment_lib.answers.past.provenance import provenance
from alignment_lib.inputs.words.nearest import UnknownWord
from alignment_lib.rounds.view import RoundView, view_tables


def test_nothing_the_manifest_names_is_left_out(report_data: RoundView) -> None:
    frame, manifest = provenance(report_data).frame, report_data.manifest
    counts = frame["kind"].value_counts().to_dict()
    assert counts.get("notice", 0) == len(manifest["warnings"])
    assert counts.get("input", 0) == len(manifest["input_hashes"])
    assert counts["version"] == len(manifest["versions"])
    assert counts["parameter"] == len(manifest["parameters"])
    assert dict(frame[frame["kind"] == "input"][["name", "value"]].values) == manifest["input_hashes"]


def test_a_history_that_needed_no_cleaning_is_said_to(report_data: RoundView) -> None:
    history = report_data.table("history")
    clean = history.assign(cleaned=history["value"])
    data = view_tables(report_data.manifest, {**report_data.tables, "history": clean})
    said = "None of the 3,276 cells of the history was changed before it was forecast."
    assert said in provenance(data).sentence
    assert "Sales are known up to 28 December 2025" in provenance(data).sentence


def test_a_part_is_refused(report_data: RoundView) -> None:
    with pytest.raises(UnknownWord, match="round as a whole"):
        provenance(report_data, part={"product": "Tea"})
