"""Finding a workspace's files, and reading every kind to the same table."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from alignment_lib.inputs.configuration.settings import FormatSettings, Source
from alignment_lib.inputs.configuration.settings_reader import parse_settings
from alignment_lib.inputs.problems import ProblemLog
from alignment_lib.inputs.tables.readers import locate_tables, read_raw
from tests.unit.inputs.workspace_files import (
    CLAIM,
    CLAIMS,
    SALES,
    SETTINGS,
    load,
    only_problem,
    write_files,
    write_xlsx,
)


def typed_sales() -> pd.DataFrame:
    frame = pd.read_csv(__import__("io").StringIO(SALES))
    return frame.assign(period=pd.to_datetime(frame["period"]))


def test_files_named_as_tables_are_picked_up(tmp_path: Path) -> None:
    write_files(
        tmp_path, {"assumptions.csv": CLAIMS, "leads.csv.gz": gzip.compress(b"lead_id"), "spent.csv": "x"}
    )
    write_xlsx(tmp_path / "targets.xlsx", {"targets": [["round"]]})
    log = ProblemLog()
    found = locate_tables(tmp_path, parse_settings(SETTINGS), log)
    assert {table: source.file for table, source in found.items()} == {
        "sales": "sales.csv",
        "assumptions": "assumptions.csv",
        "leads": "leads.csv.gz",
        "targets": "targets.xlsx",
    }
    assert log.problems == []


def test_two_files_for_one_table_are_a_problem_that_names_both(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "assumptions.xlsx", {"assumptions": [["id"]]})
    assert only_problem(tmp_path, {"assumptions.csv": CLAIMS + CLAIM}) == (
        "assumptions.csv: found the files assumptions.csv and assumptions.xlsx, expected one assumptions "
        "table; "
        "remove one, or name it in planning.toml: [tables] assumptions"
    )


def test_two_sales_files_are_a_problem(tmp_path: Path) -> None:
    assert only_problem(tmp_path, {"sales.csv.gz": gzip.compress(SALES.encode())}) == (
        "sales.csv: found the files sales.csv and sales.csv.gz, expected one sales table; "
        "remove one, or name it in planning.toml: [sales] source"
    )


def test_a_declared_file_settles_which_of_two_is_meant(tmp_path: Path) -> None:
    files = {"sales.csv.gz": gzip.compress(b"nonsense"), "planning.toml": SETTINGS + 'source = "sales.csv"\n'}
    assert len(load(tmp_path, files).tables["sales"]) == 6


def test_drivers_that_are_declared_must_be_there(tmp_path: Path) -> None:
    settings = SETTINGS + '[drivers]\ncolumns = { price = "price" }\n'
    assert only_problem(tmp_path, {"planning.toml": settings}) == (
        "drivers.csv: found no drivers table in the folder, expected a file drivers.csv, .csv.gz, .xlsx, "
        ".xlsm, .ods, .xls or .parquet; "
        "add it, or name it in planning.toml under [drivers] source"
    )


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    settings = SETTINGS + 'source = "sales.xlsb"\n'
    assert only_problem(tmp_path, {"planning.toml": settings, "sales.xlsb": "x"}) == (
        "sales.xlsb: found a file of another kind, expected .csv .csv.gz .xlsx .xlsm .ods .xls .parquet; "
        "export it as one of these"
    )


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text(SALES)
    folder = write_files(tmp_path / "unit", {"planning.toml": SETTINGS + 'source = "linked.csv"\n'})
    (folder / "linked.csv").symlink_to(outside)
    assert only_problem(folder, {"planning.toml": SETTINGS + 'source = "linked.csv"\n'}) == (
        "linked.csv: found a link that leads out of the workspace, expected a file inside it; "
        "copy the file into the folder"
    )


def test_a_picked_up_link_that_leads_out_is_refused_as_well(tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text(CLAIMS + CLAIM)
    folder = write_files(tmp_path / "unit", {})
    (folder / "assumptions.csv").symlink_to(outside)
    assert "found a link that leads out of the workspace" in only_problem(folder, {})


def test_a_sheet_of_a_text_file_is_a_problem(tmp_path: Path) -> None:
    settings = SETTINGS + 'source = { file = "sales.csv", sheet = "2025" }\n'
    assert only_problem(tmp_path, {"planning.toml": settings}) == (
        "sales.csv: found a sheet '2025' of a file without sheets, expected a sheet only for a workbook; "
        "remove the sheet"
    )


def test_every_kind_of_file_gives_the_same_table(tmp_path: Path) -> None:
    frame = typed_sales()
    expected = load(tmp_path / "csv", {}).tables["sales"]
    packed = write_files(tmp_path / "gz", {"sales.csv.gz": gzip.compress(SALES.encode())})
    (packed / "sales.csv").unlink()
    book = write_files(tmp_path / "xlsx", {})
    (book / "sales.csv").unlink()
    frame.to_excel(book / "sales.xlsx", index=False)
    parquet = write_files(tmp_path / "parquet", {})
    (parquet / "sales.csv").unlink()
    frame.astype({"channel": "category"}).to_parquet(parquet / "sales.parquet")
    from alignment_lib.inputs.workspace import load_workspace

    for folder in (packed, book, parquet):
        pd.testing.assert_frame_equal(load_workspace(folder).tables["sales"], expected)


def read_parquet(path: Path) -> tuple[object, list[str]]:
    log = ProblemLog()
    table = read_raw(path.parent, "sales", Source(file=path.name), FormatSettings(), log)
    return table, [str(problem) for problem in log]


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    ("frequency", "first"), [("M", "2026-02-01"), ("W-SUN", "2026-02-02"), ("Q-MAR", "2026-01-01")]
)
def test_periods_of_pandas_are_their_first_days(
    frequency: str, first: str, known: bool, tmp_path: Path
) -> None:
    path = tmp_path / "sales.parquet"
    periods = pd.PeriodIndex(["2026-02-05", None], freq=frequency)
    pd.DataFrame({"period": periods, "units": 1}).to_parquet(path)
    kind = pq.read_schema(path).field("period").type
    if not known:
        pa.unregister_extension_type("pandas.period")
    try:
        table, problems = read_parquet(path)
    finally:
        if not known:
            pa.register_extension_type(kind)
    assert problems == []
    assert [str(day)[:10] for day in table.columns["period"].to_pylist()] == [first, "None"]


def test_a_damaged_parquet_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "sales.parquet").write_bytes(b"PAR1 nothing")
    assert read_parquet(tmp_path / "sales.parquet") == (
        None,
        [
            "sales.parquet: found a file that is not Parquet, or damaged, expected a Parquet file; write "
            "it again"
        ],
    )


def test_nested_and_doubled_parquet_columns_are_named(tmp_path: Path) -> None:
    path = tmp_path / "sales.parquet"
    columns = [pa.array([[1]]), pa.array([1]), pa.array([2])]
    pq.write_table(pa.Table.from_arrays(columns, names=["nested", "twice", "twice"]), path)
    _, problems = read_parquet(path)
    assert problems == [
        "sales.parquet, column nested: found a column of type list<element: int64>, expected text, "
        "numbers, dates or "
        "flags; write plain columns",
        "sales.parquet, column twice: found 'twice' twice, expected text, numbers, dates or flags; write "
        "plain columns",
    ]


def test_a_parquet_file_of_too_many_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sales.parquet"
    pq.write_table(pa.table({f"c{at}": [1] for at in range(1001)}), path)
    table, problems = read_parquet(path)
    assert table is None
    assert problems == [
        "sales.parquet: found 0.0 GB in 1,001 columns, expected at most 4 GB and 1,000 columns; split "
        "the file"
    ]


@pytest.mark.parametrize("name", ["SALES.CSV", "Sales.Parquet"])
def test_the_case_of_a_suffix_does_not_matter(tmp_path: Path, name: str) -> None:
    folder = write_files(tmp_path, {"planning.toml": SETTINGS + f'source = "{name}"\n'})
    (folder / "sales.csv").unlink()
    frame = typed_sales()
    if name.endswith("CSV"):
        frame.to_csv(folder / name, index=False)
    else:
        frame.to_parquet(folder / name)
    from alignment_lib.inputs.workspace import load_workspace

    assert len(load_workspace(folder).tables["sales"]) == 6
