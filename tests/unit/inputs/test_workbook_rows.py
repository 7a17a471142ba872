"""Rows added to a workbook: read back as written, everything else byte for byte as it was."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_lib.inputs.problems import ProblemLog
from alignment_lib.inputs.spreadsheets.sheets import SheetCells
from alignment_lib.inputs.spreadsheets.workbook_rows import append_rows, header_of
from alignment_lib.inputs.spreadsheets.workbooks import open_workbook

HEADER = ["id", "start", "expected", "title"]


def book(prepared: int = 0, rows: int = 2) -> bytes:
    """A register with a formula, a list and rows that are prepared with a look but hold nothing."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        sheet, look = made.add_worksheet("assumptions"), made.add_format({"num_format": "@"})
        sheet.write_row(0, 0, HEADER)
        for at in range(1, rows + 1):
            sheet.write_string(at, 0, f"A{at}")
            sheet.write_formula(at, 2, "=1+1", None, 2)
        for at in range(rows + 1, rows + 1 + prepared):
            sheet.write_blank(at, 0, None, look)
        sheet.data_validation(1, 3, 500, 3, {"validate": "list", "source": ["a", "b"]})
        made.add_worksheet("lists").write_string(0, 0, "kept")
    return out.getvalue()


def read(data: bytes) -> tuple[SheetCells, str]:
    log = ProblemLog()
    opened = open_workbook(data, "t.xlsx", log)
    assert opened is not None
    cells = opened.read("assumptions", log)
    assert cells is not None, log.problems
    return cells, opened.parts["assumptions"]


def extended(data: bytes, *rows: dict[str, object]) -> bytes:
    cells, part = read(data)
    made = append_rows(data, part, cells, rows)
    assert made is not None
    return made


@pytest.mark.parametrize("prepared", [0, 1, 5])
def test_rows_stand_below_the_last_filled_one(prepared: int) -> None:
    day = dt.date(2026, 3, 1)
    data = extended(
        book(prepared),
        {"id": "O1", "start": day, "expected": -12.5, "title": "=1+1"},
        {"id": "O2", "start": day, "expected": 3.0, "title": "a & b <c>"},
    )
    cells, _ = read(data)
    assert header_of(cells) == HEADER
    assert [cells.cell(4, at) for at in range(4)] == ["O1", dt.datetime(2026, 3, 1), -12.5, "=1+1"]
    assert [cells.cell(5, at) for at in range(4)] == ["O2", dt.datetime(2026, 3, 1), 3.0, "a & b <c>"]
    assert (cells.height, cells.marks.formulas, cells.cell(2, 2)) == (5, 2, 2.0)
    other = openpyxl.load_workbook(io.BytesIO(data))["assumptions"]
    assert other["D4"].data_type == "s"
    assert other["D4"].quotePrefix
    assert len(other.data_validations.dataValidation) == 1


def test_all_other_parts_stay_byte_for_byte() -> None:
    before, after = book(), extended(book(), {"id": "O1", "expected": 1.0})
    with zipfile.ZipFile(io.BytesIO(before)) as old, zipfile.ZipFile(io.BytesIO(after)) as new:
        assert old.namelist() == new.namelist()
        changed = {name for name in old.namelist() if old.read(name) != new.read(name)}
    assert changed == {"xl/worksheets/sheet1.xml", "xl/styles.xml"}


def test_looks_are_added_once() -> None:
    once = extended(book(), {"id": "O1", "expected": 1.0})
    twice = extended(once, {"id": "O2", "expected": 2.0})
    with zipfile.ZipFile(io.BytesIO(once)) as old, zipfile.ZipFile(io.BytesIO(twice)) as new:
        assert old.read("xl/styles.xml") == new.read("xl/styles.xml")
    assert read(twice)[0].height == 5


@settings(max_examples=25)
@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20), st.floats(-1e12, 1e12)
)
def test_what_is_added_comes_back(title: str, expected: float) -> None:
    cells, _ = read(extended(book(rows=1), {"id": "O1", "expected": expected, "title": title}))
    assert cells.cell(3, 2) == expected
    assert cells.cell(3, 3) == (title.strip() or None)
