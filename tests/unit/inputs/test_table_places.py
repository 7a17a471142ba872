"""Where a table stands: titles, two heading rows, labels of an outline; what no rule covers is a doubt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.reading.exports import Export, read_export
from alignment_lib.inputs.reading.table_places import carry_labels, find_heading


def grid(text: str) -> list[list[str]]:
    return [line.split("|") for line in text.strip().splitlines()]


def column(*cells: str) -> np.ndarray:
    made = np.empty(len(cells), dtype=object)
    made[:] = cells
    return made


def export(folder: Path, text: str, name: str = "t.csv") -> Export:
    (folder / name).write_text(text, encoding="utf-8")
    return read_export(folder / name)


def test_titles_stand_above_the_heading() -> None:
    found = find_heading(grid("Report|||\n||| \nRegion|Product|Units|Net\nNorth|Tea|1|2\nNorth|Tea|1|2"))
    assert found is not None
    assert (found.first, found.last, found.names[0]) == (2, 2, "Region")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "R|P|Jan||Feb|\n||Units|Net|Units|Net\nA|B|1|2|3|4\nA|C|1|2|3|4",
            "R,P,Jan Units,Jan Net,Feb Units,Feb Net",
        ),
        ("|2024||2025|\nR|Jan|Feb|Jan|Feb\nA|1|2|3|4\nB|1|2|3|4", "R,2024 Jan,2024 Feb,2025 Jan,2025 Feb"),
        ("|2025||\nR|Jan|Feb|Mar\nA|1|2|3\nB|1|2|3", "R,2025 Jan,2025 Feb,2025 Mar"),
        (
            "R|P|Q1|||||||\n||a|b|c|d|e|f|g|h\nA|B|1|2|3|4|5|6|7|8\nA|C|1|2|3|4|5|6|7|8",
            "R,P,Q1 a,Q1 b,Q1 c,Q1 d,Q1 e,Q1 f,Q1 g,Q1 h",
        ),
    ],
)
def test_two_heading_rows_are_one(text: str, names: str) -> None:
    found = find_heading(grid(text))
    assert found is not None
    assert ",".join(found.names) == names


@pytest.mark.parametrize(
    "text",
    [
        "My shop||\nRegion|Product|Units\nNorth|Tea|1\nSouth|Tea|2",
        "Region||Units\nNorth|x|1\nSouth|y|2\nSouth|z|2",
        "id|name|note\n1|a|\n2|b|c\n3||d",
    ],
)
def test_one_heading_row_stays_one(text: str) -> None:
    found = find_heading(grid(text))
    assert found is not None
    assert found.first == found.last


def test_labels_of_nested_outlines_are_carried_down() -> None:
    columns = [column("N", "", "", "S", ""), column("A", "", "B", "A", "B"), column("x", "y", "x", "x", "y")]
    carried = carry_labels(columns, [False, False, False])
    assert [list(one) for one in columns[:2]] == [["N", "N", "N", "S", "S"], ["A", "", "B", "A", "B"]]
    assert (carried.filled, carried.loose) == ({0: 3}, {1: 1})


def test_totals_of_an_outline_take_no_label() -> None:
    columns = [column("N", "", "N Total", "S", "", "S Total"), column("A", "B", "", "A", "B", "")]
    carried = carry_labels([*columns], [False, False])
    assert carried.filled == {0: 2}


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        (("Web", "", "Shop", "Web", ""), ("a", "b", "c", "d", "e")),  # a label returns: rows simply lack it
        (("", "N", "", "S", ""), ("a", "b", "c", "d", "e")),  # the table begins without one
        (("N", "", "S", "", ""), ("a", "", "c", "d", "e")),  # the innermost label lacks as well
    ],
)
def test_blanks_that_follow_no_outline_are_left_and_asked(
    outer: tuple[str, ...], inner: tuple[str, ...]
) -> None:
    columns = [column(*outer), column(*inner), column(*("1" for _ in outer))]
    carried = carry_labels(columns, [False, False, True])
    assert list(columns[0]) == list(outer)
    assert 0 in carried.loose


@given(st.lists(st.tuples(st.sampled_from(["", "A", "B", "C"]), st.sampled_from(["", "x", "y"])), min_size=1))
def test_carrying_changes_nothing_but_blanks(rows: list[tuple[str, str]]) -> None:
    before = [column(*(row[at] for row in rows)) for at in range(2)]
    columns = [one.copy() for one in before]
    carried = carry_labels(columns, [False, False])
    for at in range(2):
        changed = columns[at] != before[at]
        assert int(changed.sum()) == carried.filled.get(at, 0)
        assert not before[at][changed].any()


def test_rows_of_other_lengths_lose_no_cell(tmp_path: Path) -> None:
    found = export(tmp_path, "Report of May\n\nRegion,Product,Units\nNorth,Tea,1\nSouth,Tea,2\nThe end\n")
    assert found.table["Units"].tolist()[:2] == ["1", "2"]
    with pytest.raises(InputError, match="row 3: found more cells than the 3 of the heading"):
        export(tmp_path, "Region,Product,Units\nNorth,Tea,1\nSouth,Tea,2,a note\n" + "East,Tea,3\n" * 200)


def test_text_that_is_named_as_a_workbook_is_read_as_text(tmp_path: Path) -> None:
    found = export(tmp_path, "Region\tUnits\nNorth\t1\nSouth\t2\n", "report.xls")
    assert found.columns == ["Region", "Units"]


def test_a_web_page_named_as_a_workbook_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a web page named as a workbook"):
        export(tmp_path, "<html><table><tr><td>1</td></tr></table></html>", "report.xls")


def test_other_sheets_with_tables_are_asked_about(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for year, rows in (("2024", 3), ("2025", 5)):
        sheet = book.create_sheet(year)
        for row in [["Region", "Product", "Units"], *[["North", "Tea", at] for at in range(rows)]]:
            sheet.append(row)
    book.save(tmp_path / "t.xlsx")
    found = read_export(tmp_path / "t.xlsx")
    assert (found.sheet, len(found.table)) == ("2025", 5)
    assert any("tables stand in '2024' (3 rows) as well" in doubt for doubt in found.doubts)
    named = read_export(tmp_path / "t.xlsx", "2024")
    assert (len(named.table), named.doubts) == (3, ())


def test_a_merged_figure_is_counted_once_and_asked_about(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [["Region", "Units", "Net"], ["North", 5, 7], ["South", None, 8], ["East", 1, 9]]:
        sheet.append(row)
    sheet.merge_cells("B2:B3")
    book.save(tmp_path / "t.xlsx")
    found = read_export(tmp_path / "t.xlsx")
    assert found.table["Units"].tolist() == ["5", "", "1"]
    assert any(doubt.startswith("B2 is one figure over 2 rows of merged cells") for doubt in found.doubts)


def test_the_digest_is_of_what_was_read(tmp_path: Path) -> None:
    import hashlib

    text = "Region,Units\nNorth,1\nSouth,2\n"
    assert export(tmp_path, text).digest == hashlib.sha256(text.encode()).hexdigest()
