"""Checks of opportunities: another currency is refused, what is missing is said with its count."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.inputs.workspace_files import load, only_problem

HEAD = "opportunity_id,opened,stage,amount,expected_close,closed_at,outcome,pushes,currency\n"
GOOD = "O1,2024-01-03,offer,100,2024-05-01,,,1,EUR"


def deals(*rows: str, **files: str) -> dict[str, str]:
    return {"opportunities.csv": HEAD + "".join(f"{row}\n" for row in rows), **files}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("O2,2024-01-03,offer,100,,,,0,USD", "row 3, column currency: found 'USD', expected EUR"),
        ("O2,2024-01-03,offer,-1,,,,0,", "row 3, column amount: found '-1', expected 0 or more"),
        ("O2,2024-01-03,offer,1,,,,-2,", "row 3, column pushes: found '-2', expected 0 or more"),
        (
            "O2,2024-01-03,offer,1,,,maybe,0,",
            "column outcome: found 'maybe', expected one of won, lost",
        ),
        ("O1,2024-01-03,offer,1,,,,0,", "O1"),
    ],
)
def test_a_fault_is_named_with_its_place(tmp_path: Path, row: str, said: str) -> None:
    assert said in only_problem(tmp_path, deals(GOOD, row))


def test_what_is_missing_or_contradicts_is_said_with_its_count(tmp_path: Path) -> None:
    rows = (
        GOOD,
        "O2,2024-03-01,offer,5,,2024-02-01,won,0,",
        "O3,2024-03-01,,5,2024-05-01,,,0,",
        "O4,,offer,,,,,0,",
        "O5,2024-03-01,offer,5,,,lost,0,",
        "O6,2024-03-01,offer,5,,2024-04-01,,0,",
    )
    found = {notice.code: notice.count for notice in load(tmp_path, deals(*rows)).notices}
    assert found["opportunity_backwards"] == 1
    assert found["opportunity_without_stage"] == 1
    assert found["opportunity_without_opened"] == 1
    assert found["opportunity_without_amount"] == 1
    assert found["opportunity_undated"] == 1
    assert found["opportunity_open_closed"] == 1


def test_changes_of_unknown_opportunities_are_said(tmp_path: Path) -> None:
    changes = "opportunity_id,at,stage\nO1,2024-01-03,offer\nO9,2024-01-03,offer\n"
    workspace = load(tmp_path, deals(GOOD, **{"opportunity_changes.csv": changes}))
    assert {one.code: one.count for one in workspace.notices}["changes_without_opportunity"] == 1
