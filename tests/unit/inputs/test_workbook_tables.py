"""Workbooks: real numbers and dates as they are, faults named by cell."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from alignment_lib.inputs.problems import ProblemLog
from alignment_lib.inputs.spreadsheets.workbook_tables import read_workbook
from alignment_lib.inputs.tables.raw import PercentCell, RawTable
from tests.unit.inputs.workspace_files import write_xlsx


def read(path: Path, sheet: str = "") -> tuple[RawTable | None, list[str]]:
    log = ProblemLog()
    table = read_workbook(path.read_bytes(), path.name, "leads", sheet, log)
    return table, [str(problem) for problem in log]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "t.xlsx"


def test_cells_keep_their_types(path: Path) -> None:
    day = dt.datetime(2025, 1, 6, 9, 30)
    rows = [
        ["a", "b", "c", "d", "e"],
        ["NA", 1, 2.5, day, True],
        [" x ", None, (0.9, "0%"), dt.date(2025, 1, 6), ""],
    ]
    table, problems = read(write_xlsx(path, {"leads": rows}))
    assert problems == []
    assert table is not None
    assert [list(column) for column in table.columns.values()] == [
        ["NA", "x"],
        [1, None],
        [2.5, 0.9],
        [day, dt.datetime(2025, 1, 6)],
        [True, None],
    ]
    assert isinstance(table.columns["c"][1], PercentCell)
    assert not isinstance(table.columns["c"][0], PercentCell)


def test_empty_rows_are_left_out_and_counted_in_the_row_numbers(path: Path) -> None:
    table, _ = read(write_xlsx(path, {"leads": [["a"], ["x"], [None], [None], ["y"], [None]]}))
    assert table is not None
    assert (table.rows, table.blank_rows) == (2, 2)
    assert [table.row_of(at) for at in range(2)] == [2, 5]


def test_the_sheet_named_as_the_table_is_taken(path: Path) -> None:
    table, _ = read(write_xlsx(path, {"notes": [["x"], [1]], "leads": [["a"], [2]]}))
    assert table is not None
    assert (table.sheet, list(table.columns)) == ("leads", ["a"])


def test_the_only_sheet_is_taken_whatever_its_name(path: Path) -> None:
    table, _ = read(write_xlsx(path, {"Sheet1": [["a"], [2]]}))
    assert table is not None
    assert table.sheet == "Sheet1"


def test_a_declared_sheet_is_taken(path: Path) -> None:
    table, _ = read(write_xlsx(path, {"leads": [["x"], [1]], "2025": [["a"], [2]]}), sheet="2025")
    assert table is not None
    assert list(table.columns) == ["a"]


def test_a_sheet_without_cells_is_empty(path: Path) -> None:
    _, problems = read(write_xlsx(path, {"leads": []}))
    assert problems == [
        "t.xlsx, sheet leads: found an empty sheet, expected a header row and data; fill in the table"
    ]


def test_a_table_that_does_not_begin_in_the_first_row_is_named(path: Path) -> None:
    _, problems = read(write_xlsx(path, {"leads": [[None], ["a"], [1]]}))
    assert problems == [
        "t.xlsx, sheet leads, row 1: found an empty first row, expected the header in row 1; delete the "
        "rows above it"
    ]


def test_merged_data_cells_are_named_and_counted(path: Path) -> None:
    book = load_workbook(write_xlsx(path, {"leads": [["a", "b"], ["x", 1], [None, 2], ["y", 3], [None, 4]]}))
    book["leads"].merge_cells("A2:A3")
    book["leads"].merge_cells("A4:A5")
    book.save(path)
    _, problems = read(path)
    assert problems == [
        "t.xlsx, sheet leads, row 2, column A (2 rows): found merged cells A2:A3 among the data, "
        "expected every cell on "
        "its own; unmerge them and write a value into each cell"
    ]


def test_a_formula_that_was_never_worked_out_is_named(path: Path) -> None:
    _, problems = read(write_xlsx(path, {"leads": [["a", "b"], [1, "=A2*2"], [2, "=A3*2"]]}))
    assert problems == [
        "t.xlsx, sheet leads, row 2, column B (2 rows): found a formula without a result, expected a value; "
        "open the workbook in a spreadsheet and save it, or paste the values"
    ]


def test_an_error_value_is_named_even_among_text(path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("leads")
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_row(1, 0, ["x", "y"])
        sheet.write_formula(2, 1, "=1/0", None, "#DIV/0!")
    table, problems = read(path)
    assert table is not None
    assert problems == [
        "t.xlsx, sheet leads, row 3, column B: found the error value #DIV/0!, expected a value; mend the "
        "formula, or "
        "write the value"
    ]


def test_a_formula_with_its_result_reads_as_the_result(path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("leads")
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_number(1, 0, 1)
        sheet.write_formula(1, 1, "=A2*2", None, 2)
    table, problems = read(path)
    assert problems == []
    assert table is not None
    assert list(table.columns["b"]) == [2]


def test_a_header_that_stands_twice_is_named(path: Path) -> None:
    _, problems = read(write_xlsx(path, {"leads": [["a", "a"], [1, 2]]}))
    assert problems == [
        "t.xlsx, sheet leads, row 1, column a: found 'a' twice in the header, expected each name once; "
        "rename or remove one of the two"
    ]


@pytest.mark.parametrize("data", [b"", b"id,kind\n", b"PK\x03\x04 cut short"])
def test_a_file_that_is_no_workbook_is_named(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    _, problems = read(path)
    assert problems == [
        "t.xlsx: found a file that is not an .xlsx workbook, expected an .xlsx file; "
        'save it as "Excel workbook (.xlsx)" without a password'
    ]


def test_a_zip_that_is_no_workbook_is_named(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("hello.xml", "<a/>")
    _, problems = read(path)
    assert problems == [
        "t.xlsx: found a damaged workbook, expected an .xlsx file; save it again from your spreadsheet"
    ]


def test_a_workbook_with_a_broken_sheet_is_named(path: Path) -> None:
    write_xlsx(path, {"leads": [["a"], [1]]})
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"][:-40]
    with zipfile.ZipFile(path, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)
    _, problems = read(path)
    assert problems == [
        "t.xlsx: found a damaged workbook, expected an .xlsx file; save it again from your spreadsheet"
    ]


def test_a_zip_bomb_is_refused_unopened(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    _, problems = read(path)
    assert problems == [
        "t.xlsx: found a workbook that unpacks to 60 MB, expected at most 500 MB; save the table as "
        "CSV or Parquet"
    ]


def test_xml_entities_are_refused(path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("xl/workbook.xml", bomb)
    _, problems = read(path)
    assert problems == [
        "t.xlsx: found XML entities, expected a workbook as a spreadsheet saves it; save it again"
    ]


def test_one_cell_in_the_last_corner_does_not_fill_memory(path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "leads"
    sheet["A1"], sheet["A2"], sheet["XFD2"] = "a", 1, 2
    book.save(path)
    table, problems = read(path)
    assert table is None
    assert problems == [
        "t.xlsx, sheet leads: found cells beyond column 1,000, expected at most 1,000 columns; "
        "clear what stands to the right of the table"
    ]
