"""Names that become folders: what passes, what is refused and what the refusal says."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.rounds.files.folder_names import (
    NameRefused,
    check_round_name,
    check_unit_name,
    is_unit_name,
)


@pytest.mark.parametrize("name", ["oj_chain", "Unit 7", "north-west.2", "Zürich", "東京", "a" * 100])
def test_ordinary_names_pass(name: str) -> None:
    assert check_unit_name(name) == name


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("", "it is empty"),
        ("   ", "it is empty"),
        ("..", "it begins or ends with a dot"),
        (".hidden", "it begins or ends with a dot"),
        ("trailing.", "it begins or ends with a dot"),
        (" lead", "it begins or ends with a dot or a space"),
        ("../up", "it holds '/'"),
        ("/etc/passwd", "it holds '/'"),
        ("C:\\temp", "it holds ':'"),
        ("a\\b", "it holds '\\\\'"),
        ("nul\x00l", "it holds '\\x00'"),
        ("line\nbreak", "it holds '\\n'"),
        ("a" * 101, "it is longer than 100 characters"),
        ("東" * 90, "it is longer than 100 characters"),
        ("CON", "device on Windows"),
        ("con.txt", "device on Windows"),
        ("Lpt1", "device on Windows"),
        ("north.review", "what ends in .review stands beside the plan of another unit"),
        ("north.Meeting", "what ends in .meeting stands beside"),
        ("north.locked", "what ends in .locked stands beside"),
        ("north.log.jsonl", "what ends in .log.jsonl stands beside"),
        ("\uff23\uff2f\uff2e", "look-alike characters"),
        ("m\u0430rket", "alphabets that look alike"),
        ("a\u202eb", "it holds '\\u202e'"),
        ("unit~new", "it holds '~'"),
        ("tab\tname", "it holds '\\t'"),
        ("<b>", "it holds '<'"),
        ("\ud800", "it holds '\\ud800'"),
    ],
)
def test_hostile_names_are_refused_with_the_reason(name: str, fault: str) -> None:
    with pytest.raises(NameRefused) as refused:
        check_unit_name(name)
    assert fault in str(refused.value)
    assert refused.value.exit_code == 2
    assert str(refused.value).isascii()


@given(st.text(min_size=1, max_size=120))
def test_a_name_that_passes_stays_inside_its_folder(name: str) -> None:
    if is_unit_name(name):
        assert Path("/output/2026Q1", name).parent == Path("/output/2026Q1")
        assert not name.startswith(".")
        assert "~" not in name


@pytest.mark.parametrize("name", ["2026", "2026Q1", "2026-03"])
def test_round_names_of_the_contract_pass(name: str) -> None:
    assert check_round_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "..", "2026Q5", "2026-13", "2026Q1\n", "../2026", "2026Q1/x", "\u0662\u0660\u0662\u0666"]
)
def test_other_round_names_are_refused(name: str) -> None:
    with pytest.raises(NameRefused, match="write 2026, 2026Q1 or 2026-03"):
        check_round_name(name)
