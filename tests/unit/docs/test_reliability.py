"""The page of faults holds what the tests printed, and nothing is lost when a part is measured again."""

from __future__ import annotations

from pathlib import Path

from docs.reliability import collect_lines, write_page


def test_lines_are_found_in_what_pytest_printed() -> None:
    log = (
        "collected 2 items\n\nFAULT | a kill | 3 kills: 0 lost\n.\nFAULT | full disk | 2 offsets\n.\n2 passed"
    )
    assert collect_lines([log]) == {"a kill": "3 kills: 0 lost", "full disk": "2 offsets"}


def test_a_later_log_replaces_only_its_own_rows(tmp_path: Path) -> None:
    page = tmp_path / "reliability.md"
    write_page({"a kill": "3 kills", "full disk": "2 offsets"}, page)
    write_page({"a kill": "200 kills"}, page)
    rows = [line for line in page.read_text().splitlines() if line.startswith("| ")]
    assert rows[2:] == ["| a kill | 200 kills |", "| full disk | 2 offsets |"]
    assert rows[:2] == ["| fault or attack | what came of it |", "| --- | --- |"]
