"""One reader for all workbooks: every cell as it is, marks beside it, no extent believed."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.inputs.problems import ProblemLog
from alignment_lib.inputs.spreadsheets.sheet_marks import canonical_sheet, scan_sheet
from alignment_lib.inputs.spreadsheets.sheets import SheetCells, Span
from alignment_lib.inputs.spreadsheets.workbooks import open_workbook
from alignment_lib.inputs.tables.raw import PercentCell

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"


def read(data: bytes, sheet: str = "", file: str = "t.xlsx") -> tuple[SheetCells | None, list[str]]:
    log = ProblemLog()
    book = open_workbook(data, file, log)
    cells = None if book is None else book.read(sheet or book.sheets[0].name, log)
    return cells, [str(problem) for problem in log]


def cells_of(data: bytes, sheet: str = "") -> SheetCells:
    cells, problems = read(data, sheet)
    assert cells is not None, problems
    return cells


def with_sheet(xml: str, name: str = SHEET) -> bytes:
    """A workbook whose first sheet is this XML."""
    made, out = io.BytesIO(), io.BytesIO()
    openpyxl.Workbook().save(made)
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(out, "w") as target:
        for part in source.namelist():
            target.writestr(part, xml if part == name else source.read(part))
    return out.getvalue()


def sheet_xml(rows: str, head: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}">{head}<sheetData>{rows}</sheetData></worksheet>'


def ods(rows: str, columns: str = "", styles: str = "") -> bytes:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text", "style")
    )
    calc = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    content = (
        f"<office:document-content {spaces} {calc}><office:automatic-styles>{styles}"
        '</office:automatic-styles><office:body><office:spreadsheet><table:table table:name="x">'
        f"{columns}{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("META-INF/manifest.xml", manifest)
        package.writestr("content.xml", content)
    return out.getvalue()


def cell(kind: str, attributes: str = "", text: str = "") -> str:
    body = f"<text:p>{text}</text:p>" if text else ""
    return f'<table:table-cell office:value-type="{kind}" {attributes}>{body}</table:table-cell>'


VALUES = st.one_of(
    st.none(),
    st.integers(-(10**9), 10**9),
    st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: float(f"{value:.12g}")),
    st.booleans(),
    st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2150, 1, 1)).map(
        lambda day: day.replace(microsecond=0)
    ),
    st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=1, max_size=8),
)


@given(st.lists(st.lists(VALUES, min_size=1, max_size=5), min_size=1, max_size=6))
def test_every_cell_reads_as_another_program_reads_it(rows: list[list[object]]) -> None:
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet, day = book.add_worksheet("x"), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for row, values in enumerate(rows):
            for column, value in enumerate(values):
                if isinstance(value, str):
                    sheet.write_string(row, column, value)
                elif isinstance(value, dt.datetime):
                    sheet.write_datetime(row, column, value, day)
                else:
                    sheet.write(row, column, value)
    other = openpyxl.load_workbook(io.BytesIO(out.getvalue()), data_only=True)["x"]
    cells = cells_of(out.getvalue())
    for line in other.iter_rows():
        for one in line:
            expected = one.value.strip() or None if isinstance(one.value, str) else one.value
            assert cells.cell(one.row, one.column - 1) == expected


MARKED = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>a &amp; b</t></is></c><c r="B1" s="1"><v>0.5</v></c></row>'
    '<row r="3" hidden="1"><c r="A3"><f>B1*2</f><v></v></c><c r="C3" t="str"><f>""</f><v></v></c></row>'
    '<row r="4"><c r="A4" s="1"/><c r="B4" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="C4" s="1"><v>0.25</v></c>'
    "</row>"
)
HEAD = '<cols><col min="2" max="2" hidden="1"/></cols>'
TAIL = '<mergeCells count="1"><mergeCell ref="A4:A5"/></mergeCells>'


def variants() -> list[str]:
    """The same sheet as other programs write it: prefixes, other order, other quotes, no references."""
    plain = sheet_xml(MARKED, HEAD).replace("</sheetData>", f"</sheetData>{TAIL}")
    prefixed = re.sub(r"<(/?)(\w)", r"<\1x:\2", plain).replace("xmlns=", "xmlns:x=")
    turned = re.sub(r'<c r="(\w+)" s="1"', r'<c s="1" r="\1"', plain)
    quotes = re.sub(r"<c r=\"(\w+)\"", r"<c r='\1'", plain)
    spread = plain.replace("<c ", "<c\n  ").replace("<row", "<!-- a note --><row")
    return [plain, prefixed, turned, quotes, spread]


@pytest.mark.parametrize("number", range(5))
def test_marks_do_not_depend_on_how_the_sheet_is_written(number: int) -> None:
    found = scan_sheet(canonical_sheet(variants()[number].encode()), {1: "0%"}, uncalculated=False)
    assert found.marks.hidden_rows == (3,)
    assert found.marks.hidden_columns == (1,)
    assert found.marks.merged == (Span(4, 5, 0, 0),)
    assert found.marks.unworked == ((3, 0),)
    assert found.marks.errors == ((4, 1, "#DIV/0!"),)
    assert found.marks.formulas == 3
    assert sorted(map(tuple, found.formats["0%"].tolist())) == [(1, 1), (4, 0), (4, 2)]


def test_cells_without_references_stand_where_they_are_counted() -> None:
    rows = '<row><c s="1"><v>0.5</v></c><c><v>2</v></c></row><row><c/><c s="1"><v>0.25</v></c></row>'
    found = scan_sheet(canonical_sheet(sheet_xml(rows).encode()), {1: "0%"}, uncalculated=False)
    assert sorted(map(tuple, found.formats["0%"].tolist())) == [(1, 0), (2, 1)]


@pytest.mark.parametrize("extent", ["A1", "A1:B1", "A1:XFD1048576", "C3:D4"])
def test_what_the_sheet_says_of_its_extent_is_not_believed(extent: str) -> None:
    rows = (
        '<row r="1"><c r="A1"><v>1</v></c><c r="D1"><v>2</v></c></row><row r="9"><c r="B9"><v>3</v></c></row>'
    )
    cells = cells_of(with_sheet(sheet_xml(rows, f'<dimension ref="{extent}"/>')))
    assert (cells.height, len(cells.columns)) == (9, 4)
    assert [cells.cell(1, 0), cells.cell(1, 3), cells.cell(9, 1)] == [1, 2, 3]


def test_percentages_are_told_by_the_format_alone() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for row, code in enumerate(["0%", '0"%"', "0.0%;-0.0%", "0", '#,##0.00 "EUR"']):
            sheet.write_number(row, 0, 0.15, book.add_format({"num_format": code}))
        sheet.write_string(5, 0, "15%", book.add_format({"num_format": "0%"}))
    cells = cells_of(out.getvalue())
    assert [isinstance(value, PercentCell) for value in cells.columns[0]] == [
        True,
        False,
        True,
        False,
        False,
        False,
    ]
    assert cells.marks.currencies["EUR"].tolist() == [[5, 0]]
    assert cells.marks.percents.tolist() == [[1, 0], [3, 0]]


def test_zeros_of_formulas_count_only_where_a_program_calculated() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_worksheet().write_formula(0, 0, "=2*3")
    assert cells_of(out.getvalue()).marks.unworked == ((1, 0),)
    rows = '<row r="1"><c r="A1"><f>1-1</f><v>0</v></c></row>'
    assert scan_sheet(canonical_sheet(sheet_xml(rows).encode()), {}, uncalculated=False).marks.unworked == ()


def test_hidden_sheets_are_told() -> None:
    book = openpyxl.Workbook()
    book.create_sheet("gone").sheet_state = "veryHidden"
    out = io.BytesIO()
    book.save(out)
    opened = open_workbook(out.getvalue(), "t.xlsx", ProblemLog())
    assert opened is not None
    assert [(sheet.name, sheet.hidden) for sheet in opened.sheets] == [("Sheet", False), ("gone", True)]


def test_a_cell_far_below_does_not_fill_memory() -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="CV1048576"><v>2</v></c></row>'
    cells, problems = read(with_sheet(sheet_xml(rows)))
    assert cells is None
    assert problems == [
        "t.xlsx, sheet Sheet: found cells as far as CV1048576, expected a table of at most 50,000,000 cells; "
        "clear what stands below the table, or save it as CSV or Parquet"
    ]


def test_empty_cells_far_away_are_no_cells() -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
    assert cells_of(with_sheet(sheet_xml(rows))).height == 1


def test_a_part_that_unpacks_to_more_than_it_states_is_refused() -> None:
    data = bytearray(with_sheet(sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>')))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as package:
        size = package.getinfo(SHEET).file_size
    at = data.rfind(SHEET.encode()) - 46 + 24  # the size in the central directory
    assert int.from_bytes(data[at : at + 4], "little") == size
    data[at : at + 4] = (size - 20).to_bytes(4, "little")
    cells, problems = read(bytes(data))
    assert cells is None
    assert len(problems) == 1


def test_open_documents_give_values_and_marks() -> None:
    rows = (
        "<table:table-row>"
        + cell("percentage", 'office:value="0.15"', "15%")
        + cell("currency", 'office:currency="EUR" office:value="3"', "3")
        + cell("date", 'office:date-value="2025-01-06T08:30:00"', "x")
        + cell("string", "", "caf\u00e9")
        + '</table:table-row><table:table-row table:number-rows-repeated="2" table:visibility="filter">'
        + cell("float", 'office:value="2" table:number-columns-repeated="2"', "2")
        + '<table:table-cell table:formula="of:=[.A1]"/>'
        + cell("string", 'calcext:value-type="error" table:formula="of:=1/0"', "#DIV/0!")
        + '</table:table-row><table:table-row table:number-rows-repeated="1048000"><table:table-cell '
        'table:number-columns-repeated="16384"/></table:table-row>'
    )
    cells = cells_of(ods(rows, '<table:table-column table:visibility="collapse"/>'))
    assert [cells.cell(1, at) for at in range(4)] == [0.15, 3.0, dt.datetime(2025, 1, 6, 8, 30), "caf\u00e9"]
    assert isinstance(cells.cell(1, 0), PercentCell)
    assert [cells.cell(3, at) for at in range(4)] == [2.0, 2.0, None, None]
    marks = cells.marks
    assert (marks.hidden_rows, marks.hidden_columns) == ((2, 3), (0,))
    assert (marks.unworked, marks.errors) == (((2, 2), (3, 2)), ((2, 3, "#DIV/0!"), (3, 3, "#DIV/0!")))
    assert marks.currencies["EUR"].tolist() == [[1, 1]]


def test_words_of_an_open_document_are_kept_apart_by_tabs_and_breaks() -> None:
    comment = "<office:annotation><text:p>asked<text:tab/>twice</text:p></office:annotation>"
    parts = [
        *(
            "Green<text:tab/>tea",
            "Green<text:line-break/>tea",
            '<text:span>Green<text:s text:c="2"/></text:span>tea',
        ),
        *("Green</text:p><text:p>tea<text:tab/>", "Green<text:tab/></text:p>" + comment + "<text:p>tea"),
    ]
    cells = cells_of(
        ods(f"<table:table-row>{''.join(cell('string', '', part) for part in parts)}</table:table-row>")
    )
    words = ["Green\ttea", "Green\ntea", "Green  tea", "Green\ntea", "Green\t\ntea"]
    assert [cells.cell(1, at) for at in range(5)] == words


def test_an_open_document_that_repeats_cells_without_end_is_refused() -> None:
    row = '<table:table-row table:number-rows-repeated="1048576">'
    many = cell("float", 'office:value="1" table:number-columns-repeated="900"', "1")
    cells, problems = read(ods(f"{row}{many}</table:table-row>"))
    assert cells is None
    assert "expected a table of at most 50,000,000 cells" in problems[0]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "locked with a password"),
        (b"\xd0\xcf\x11\xe0 and no more", "a damaged workbook"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "a web page named as a workbook"),
    ],
)
def test_what_only_looks_like_a_workbook_is_named(data: bytes, words: str) -> None:
    cells, problems = read(data)
    assert cells is None
    assert words in problems[0]


def test_entities_in_an_open_document_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    _, problems = read(out.getvalue())
    assert "found XML entities" in problems[0]


def test_text_keeps_its_kind(tmp_path: Path) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_numbers": False}) as book:
        book.add_worksheet().write_row(0, 0, ["007", " x ", "", "1"])
    cells = cells_of(out.getvalue())
    assert [column[0] for column in cells.columns] == ["007", "x", None, "1"]
    assert all(isinstance(column, np.ndarray) for column in cells.columns)
