"""CSV files: text as it stands, rows as an editor counts them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.inputs.configuration.settings import FormatSettings
from alignment_lib.inputs.problems import ProblemLog
from alignment_lib.inputs.tables import text_files
from alignment_lib.inputs.tables.raw import RawTable
from alignment_lib.inputs.tables.text_files import read_csv


def read(
    path: Path, content: str | bytes, form: FormatSettings | None = None
) -> tuple[RawTable | None, list[str]]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    log = ProblemLog()
    table = read_csv(path.read_bytes(), path.name, form or FormatSettings(), log)
    return table, [str(problem) for problem in log]


def rows_of(table: RawTable | None) -> list[tuple[str, ...]]:
    assert table is not None
    return [tuple(column[at].as_py() for column in table.columns.values()) for at in range(table.rows)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "t.csv"


def test_everything_is_text_and_na_is_a_word(path: Path) -> None:
    table, problems = read(path, "region,units\nNA,007\nnull,1e5\n,\nN/A,TRUE\n")
    assert problems == []
    assert rows_of(table) == [("NA", "007"), ("null", "1e5"), ("N/A", "TRUE")]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_plain_file_counts_rows_from_the_header(path: Path, ending: str) -> None:
    table, _ = read(path, ending.join(["a,b", "1,2", "3,4", "5,6"]))
    assert table is not None
    assert [table.row_of(at) for at in range(3)] == [2, 3, 4]


def test_blank_lines_are_counted(path: Path) -> None:
    table, _ = read(path, "a,b\n\n1,2\n\n\n3,4\n")
    assert table is not None
    assert rows_of(table) == [("1", "2"), ("3", "4")]
    assert [table.row_of(at) for at in range(2)] == [3, 6]


def test_quoted_line_breaks_are_counted(path: Path) -> None:
    table, _ = read(path, 'a,b\n"x\ny\nz",2\n3,"4"\n5,6\n')
    assert table is not None
    assert rows_of(table) == [("x\ny\nz", "2"), ("3", "4"), ("5", "6")]
    assert [table.row_of(at) for at in range(3)] == [2, 5, 6]


def test_blank_lines_that_make_up_for_quoted_breaks_are_still_counted(path: Path) -> None:
    table, _ = read(path, 'a,b\n"x\ny",2\n3,4\n')
    assert table is not None
    assert [table.row_of(at) for at in range(2)] == [2, 4]


def test_a_quoted_header_with_a_line_break_shifts_the_rows(path: Path) -> None:
    table, _ = read(path, '"a\nb",c\n1,2\n')
    assert table is not None
    assert list(table.columns) == ["a\nb", "c"]
    assert table.row_of(0) == 3


def test_rows_of_blank_cells_are_left_out_and_counted(path: Path) -> None:
    table, problems = read(path, "a,b\n1,2\n,\n3,4\n,\n")
    assert problems == []
    assert table is not None
    assert table.blank_rows == 2
    assert rows_of(table) == [("1", "2"), ("3", "4")]
    assert [table.row_of(at) for at in range(2)] == [2, 4]


def test_empty_columns_without_a_name_fall_away(path: Path) -> None:
    table, problems = read(path, "a,,\n1,,\n2,,\n")
    assert problems == []
    assert table is not None
    assert list(table.columns) == ["a"]


def test_a_filled_column_without_a_name_is_a_fault(path: Path) -> None:
    _, problems = read(path, "a,,c\n1,2,3\n")
    assert problems == [
        "t.csv, row 1, column B: found no name above column B, expected a name in the header row; "
        "name the column, or clear it"
    ]


def test_a_name_that_stands_twice_is_a_fault(path: Path) -> None:
    _, problems = read(path, "a,b,a \n1,2,3\n")
    assert problems == [
        "t.csv, row 1, column a: found 'a' twice in the header, expected each name once; rename or "
        "remove one of the two"
    ]


def test_rows_of_another_width_are_located_and_counted(path: Path) -> None:
    table, problems = read(path, "a,b\n1,2\n\n3,4,5\n6\n7,8\n")
    assert problems == [
        "t.csv, row 4 (2 rows): found 3 cells, expected 2, as in the header; put text that holds the "
        "delimiter in "
        "quotation marks, or remove the extra cells"
    ]
    assert table is not None
    assert [table.row_of(at) for at in range(2)] == [2, 6]


def test_a_row_cut_short_is_located(path: Path) -> None:
    _, problems = read(path, "a,b\n1,2\n3\n")
    assert problems == [
        "t.csv, row 3: found 1 cell, expected 2, as in the header; write the missing cells, empty where "
        "nothing is known"
    ]


def test_another_delimiter_is_recognised_and_named(path: Path) -> None:
    table, problems = read(path, "period;store\n2025-01-01;2\n")
    assert table is None
    assert problems == [
        "t.csv, row 1: found columns parted by semicolon: 'period;store', expected columns parted by comma; "
        'declare delimiter = ";" under [format] in planning.toml'
    ]


def test_a_declared_delimiter_is_used(path: Path) -> None:
    table, problems = read(path, 'a;b\n"1;5";2,5\n', FormatSettings(delimiter=";"))
    assert (rows_of(table), problems) == ([("1;5", "2,5")], [])


def test_a_byte_order_mark_is_accepted(path: Path) -> None:
    table, problems = read(path, "\ufeffa,b\n1,2\n")
    assert problems == []
    assert table is not None
    assert list(table.columns) == ["a", "b"]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "latin-1"])
def test_a_declared_encoding_is_used(path: Path, encoding: str) -> None:
    table, problems = read(path, "a,b\nCafé,2\n".encode(encoding), FormatSettings(encoding=encoding))
    assert (rows_of(table), problems) == ([("Café", "2")], [])


def test_another_encoding_is_placed_at_its_line(path: Path) -> None:
    _, problems = read(path, b"a,b\n1,2\nCaf\xe9,3\n")
    assert problems[0].startswith("t.csv, row 3: found a byte (0xE9) that is not utf-8, expected utf-8 text;")


def test_binary_data_is_refused(path: Path) -> None:
    _, problems = read(path, b"a,b\n\x00\x01,2\n")
    assert problems == [
        "t.csv: found zero bytes: this is not a text file, expected a CSV text file; export the table "
        "again as CSV"
    ]


def test_a_quotation_mark_that_is_never_closed_is_named(path: Path) -> None:
    _, problems = read(path, 'a,b\n"1,2\n3,4\n')
    assert len(problems) == 1
    assert "look for a quotation mark that is never closed" in problems[0] or "found 1 cell," in problems[0]


def test_packed_files_read_the_same(path: Path, tmp_path: Path) -> None:
    packed = tmp_path / "t.csv.gz"
    table, problems = read(packed, gzip.compress(b'a,b\n"x\ny",2\n3,4\n'))
    assert problems == []
    assert rows_of(table) == [("x\ny", "2"), ("3", "4")]
    assert table is not None
    assert table.row_of(1) == 4


@pytest.mark.parametrize(
    "data", [b"not gzip", gzip.compress(b"a,b\n1,2\n" * 100, mtime=0)[:-9]], ids=["other", "cut short"]
)
def test_a_damaged_packed_file_is_named(tmp_path: Path, data: bytes) -> None:
    _, problems = read(tmp_path / "t.csv.gz", data)
    assert problems == ["t.csv.gz: found a damaged gzip file, expected a whole .csv.gz; pack the file again"]


def test_a_packed_bomb_is_refused_before_it_fills_memory(tmp_path: Path) -> None:
    _, problems = read(tmp_path / "t.csv.gz", gzip.compress(b"a,b\n" + b"0" * 120_000_000))
    assert problems == [
        "t.csv.gz: found a file that unpacks to more than 100 times its size, expected a packed table; "
        "save it unpacked, or as Parquet"
    ]


def test_a_file_above_the_limit_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_files, "MAX_TEXT_BYTES", 10)
    _, problems = read(path, "a,b\n1,2\n3,4\n")
    assert problems[0].startswith("t.csv: found more data than can be read at once")


def test_a_pivot_of_a_thousand_columns_is_refused(path: Path) -> None:
    header = ",".join(f"m{at}" for at in range(1001))
    _, problems = read(path, f"{header}\n{header}\n")
    assert problems == [
        "t.csv, row 1: found 1,001 columns, expected at most 1,000; one row per period and series, not a "
        "pivot"
    ]


cell = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=6)


@given(st.lists(st.tuples(cell, cell), min_size=1, max_size=8))
def test_whatever_a_csv_writer_writes_is_read_back_with_its_row(
    tmp_path_factory: pytest.TempPathFactory, records: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    quoted = ["a,b"] + [
        ",".join('"' + text.replace('"', '""') + '"' for text in record) for record in records
    ]
    table, problems = read(path, "\n".join(quoted))
    kept = [record for record in records if any(record)]
    assert problems == []
    assert rows_of(table) == kept
    assert table is not None
    line, lines = 2, []
    for record in records:
        lines += [line] if any(record) else []
        line += 1 + sum(text.count("\n") for text in record)
    assert [table.row_of(at) for at in range(table.rows)] == lines
