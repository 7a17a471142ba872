"""Every bad input that the foundation names, with the message the user reads."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from alignment_lib.inputs.periods.rounds import apply_wall, parse_round
from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.workspace import load_workspace
from tests.unit.inputs.workspace_files import (
    CLAIM,
    CLAIMS,
    SALES,
    SETTINGS,
    load,
    notes,
    only_problem,
    problems_of,
    write_files,
    write_xlsx,
)


def test_a_declared_file_that_is_missing_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    settings = SETTINGS + 'source = "sale.csv"\n'
    assert only_problem(tmp_path, {"planning.toml": settings}) == (
        "sale.csv: found no such file, expected the sales table named in planning.toml; did you mean "
        "`sales.csv`?"
    )


def test_a_workspace_without_sales_says_which_file_to_add(tmp_path: Path) -> None:
    (tmp_path / "planning.toml").write_text(SETTINGS)
    with pytest.raises(InputError) as caught:
        load_workspace(tmp_path)
    assert str(caught.value) == (
        "sales.csv: found no sales table in the folder, expected a file sales.csv, .csv.gz, .xlsx, "
        ".xlsm, .ods, .xls or .parquet; "
        "add it, or name it in planning.toml under [sales] source"
    )


def test_an_unknown_column_is_named_with_the_nearest_known_one(tmp_path: Path) -> None:
    claims = CLAIMS.replace("product", "productt") + CLAIM
    assert only_problem(tmp_path, {"assumptions.csv": claims}) == (
        "assumptions.csv, row 1, column productt: found the unknown column 'productt', expected one of id, "
        "kind, title, "
        "owner, function, start, end, unit, expected, low, high, status, rationale, evidence, recorded, "
        "accepted_marketing, accepted_sales, ramp, mechanic, depth, elasticity, moves_from, moves_to, "
        "moved_share, "
        "pull_forward_share, analog, replaces, driver, lever, spend_source, spend_from, leads_per_money, "
        "test_cost, "
        "channel, product; did you mean `product`?"
    )


def test_a_missing_column_is_named_with_what_it_holds(tmp_path: Path) -> None:
    sales = SALES.replace("period,", "").replace("2025-", "").replace("01-01,", "").replace("02-01,", "")
    message = only_problem(tmp_path, {"sales.csv": sales.replace("03-01,", "")})
    assert message == (
        "sales.csv, row 1, column period: found no column `period`, expected a column `period`: first "
        "day of the "
        "period; add the column"
    )


def test_a_missing_measure_is_named(tmp_path: Path) -> None:
    sales = "\n".join(",".join(line.split(",")[:3]) for line in SALES.splitlines())
    assert only_problem(tmp_path, {"sales.csv": sales}).startswith(
        "sales.csv, row 1, column units: found no column `units`, expected a column `units`: units sold "
        "in the period"
    )


def test_a_missing_driver_column_is_named(tmp_path: Path) -> None:
    settings = SETTINGS + '[drivers]\ncolumns = { price = "price", deal = "promotion" }\n'
    drivers = "period,price\n2025-01-01,4.9\n"
    assert only_problem(tmp_path, {"planning.toml": settings, "drivers.csv": drivers}).startswith(
        "drivers.csv, row 1, column deal: found no column `deal`, expected a column `deal`: one column "
        "for each driver"
    )


def test_text_in_a_number_column_is_located_and_counted(tmp_path: Path) -> None:
    sales = SALES.replace(",12,", ",a dozen,").replace(",6,", ",six,")
    assert only_problem(tmp_path, {"sales.csv": sales}) == (
        "sales.csv, row 3, column units (2 rows): found 'a dozen', expected a number written like 1234.56; "
        "write digits only, or leave the cell empty where the value is not known"
    )


def test_an_undeclared_decimal_comma_says_what_to_declare(tmp_path: Path) -> None:
    sales = SALES.replace("58.8", '"1.234,56"')
    assert only_problem(tmp_path, {"sales.csv": sales}) == (
        "sales.csv, row 3, column revenue: found '1.234,56', expected a number written like 1234.56; declare "
        'decimal = "," and thousands = "." under [format] in planning.toml, or write 1234.56'
    )


def test_two_date_forms_in_one_column_are_both_shown(tmp_path: Path) -> None:
    sales = SALES.replace("2025-03-01,Shop", "01.03.2025,Shop").replace("2025-02-01,Web", "01.02.2025,Web")
    assert only_problem(tmp_path, {"sales.csv": sales}) == (
        "sales.csv, row 4, column period (2 rows): found two date forms in one column, '2025-01-01' and "
        "'01.03.2025', "
        "expected one form, a date like 2025-01-31; write all dates of the column in the same form"
    )


def test_an_undeclared_date_form_says_what_to_declare(tmp_path: Path) -> None:
    sales = SALES.replace("2025-01-01", "01.01.2025").replace("2025-02-01", "01.02.2025")
    sales = sales.replace("2025-03-01", "01.03.2025")
    assert only_problem(tmp_path, {"sales.csv": sales}) == (
        "sales.csv, row 2, column period (6 rows): found '01.01.2025', expected a date like 2025-01-31; "
        'declare date = "%d.%m.%Y" under [format] in planning.toml'
    )


def test_duplicate_keys_name_their_rows(tmp_path: Path) -> None:
    sales = SALES + "2025-02-01,Shop,Small,3,14.7\n2025-03-01,Web,Large,1,8.9\n2025-03-01,Web,Large,2,9.9\n"
    assert only_problem(tmp_path, {"sales.csv": sales}) == (
        "sales.csv, row 3 (5 rows): found rows 3 and 8 with the same period 2025-02-01, channel Shop, "
        "product Small, "
        "and 1 more such group, expected one row for each period, channel, product; add the rows up, or "
        "remove those "
        "that stand there by mistake"
    )


def test_a_gap_is_counted_and_no_error(tmp_path: Path) -> None:
    sales = SALES.replace("2025-02-01,Shop,Small,12,58.8\n", "")
    assert notes(load(tmp_path, {"sales.csv": sales}))["gaps"] == (
        "sales.csv: 1 period missing between first and last row, in 1 of 2 series; a missing row "
        "is not read as a zero by itself.",
        1,
    )


def test_negative_units_are_kept_and_counted_as_returns(tmp_path: Path) -> None:
    workspace = load(tmp_path, {"sales.csv": SALES.replace(",12,", ",-12,")})
    text = "sales.csv: negative units in 1 row, read as returns."
    assert notes(workspace)["returns"] == (text, 1)
    assert workspace.tables["sales"]["units"].min() == -12


def test_an_end_before_its_start_is_shown_with_both_dates(tmp_path: Path) -> None:
    claims = CLAIMS + CLAIM.replace("2025-04-30", "2025-03-30")
    assert only_problem(tmp_path, {"assumptions.csv": claims}) == (
        "assumptions.csv, row 2, column end: found the end 2025-03-30 before the start 2025-04-01, "
        "expected an end on "
        "or after the start; correct one of the two dates"
    )


@pytest.mark.parametrize(
    ("values", "column", "found"),
    [
        ("15,10,20", "low", "low 15 above expected 10"),
        ("5,30,20", "high", "expected 30 above high 20"),
    ],
)
def test_a_crossing_range_is_shown(tmp_path: Path, values: str, column: str, found: str) -> None:
    claims = CLAIMS + CLAIM.replace("5,10,20", values)
    assert only_problem(tmp_path, {"assumptions.csv": claims}) == (
        f"assumptions.csv, row 2, column {column}: found {found}, expected low, expected and high in "
        "rising order; "
        "order the three: 10 % point, most likely value, 90 % point"
    )


def test_a_scope_that_names_nothing_sold_offers_the_nearest_name(tmp_path: Path) -> None:
    claims = CLAIMS + CLAIM.replace("proposed,,", "proposed,,Smalll")
    assert only_problem(tmp_path, {"assumptions.csv": claims}) == (
        "assumptions.csv, row 2, column product: found 'Smalll', expected a product of the sales table, or "
        "nothing for "
        "all; did you mean `Small`?"
    )


def test_an_as_of_date_before_the_history_is_refused(tmp_path: Path) -> None:
    workspace = load(tmp_path, {})
    early = parse_round("2025Q1", workspace.settings, workspace.calendar, pd.Timestamp("2025-01-31"))
    with pytest.raises(InputError) as caught:
        apply_wall(workspace, early)
    assert str(caught.value) == (
        "as-of date: found 2025-01-31, before the history, expected 2025-02-01 or later, when the first "
        "period, "
        "2025-01-01, has ended; choose a later round or as-of date"
    )


def test_a_round_that_ended_before_the_as_of_date_is_refused(tmp_path: Path) -> None:
    workspace = load(tmp_path, {})
    with pytest.raises(InputError) as caught:
        parse_round("2025Q1", workspace.settings, workspace.calendar, pd.Timestamp("2025-04-01"))
    assert str(caught.value) == (
        "as-of date: found 2025-04-01, when round 2025Q1 had ended, expected a day before 2025-04-01; "
        "choose a later round, or an earlier as-of date"
    )


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
def test_an_empty_file_is_named(tmp_path: Path, content: str) -> None:
    assert only_problem(tmp_path, {"sales.csv": content}) == (
        "sales.csv: found an empty file, expected a header row and data; export the table again"
    )


def test_a_header_without_sales_is_named(tmp_path: Path) -> None:
    assert only_problem(tmp_path, {"sales.csv": SALES.splitlines()[0] + "\n"}) == (
        "sales.csv: found a header without data, expected at least one row of data; export the table again"
    )


def test_a_file_of_another_encoding_says_how_to_save_it(tmp_path: Path) -> None:
    assert only_problem(
        tmp_path, {"sales.csv": SALES.replace("Web,Large", "Café,Large").encode("cp1252")}
    ) == (
        'sales.csv, row 5: found a byte (0xE9) that is not utf-8, expected utf-8 text; save it as "CSV '
        'UTF-8" in '
        "your spreadsheet, or declare the encoding it has in planning.toml, for example [format] "
        'encoding = "cp1252"'
    )


def test_utf_16_text_is_recognised(tmp_path: Path) -> None:
    message = only_problem(tmp_path, {"sales.csv": SALES.encode("utf-16")})
    assert message.startswith(
        'sales.csv, row 1: found UTF-16 text (Excel\'s "Unicode Text"), expected utf-8 text;'
    )


def test_merged_header_cells_are_named(tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "assumptions.xlsx", {"assumptions": [["id", "kind", None], ["A1", "promotion"]]}
    )
    book = load_workbook(path)
    book["assumptions"].merge_cells("B1:C1")
    book.save(path)
    assert only_problem(tmp_path, {}) == (
        "assumptions.xlsx, sheet assumptions, row 1, column B: found merged cells B1:C1 in the header, "
        "expected every "
        "cell on its own; unmerge them and write a value into each cell"
    )


def test_a_missing_sheet_is_named_with_the_sheets_there_are(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "plan.xlsx", {"Ideas": [["id"]], "Old": [["id"]]})
    declared = SETTINGS + '[tables]\nassumptions = { file = "plan.xlsx", sheet = "Claims" }\n'
    assert only_problem(tmp_path, {"planning.toml": declared}) == (
        "plan.xlsx, sheet Claims: found the sheets 'Ideas', 'Old', expected a sheet 'Claims'; "
        "correct the sheet in planning.toml, or name the sheet so"
    )
    undeclared = SETTINGS + '[tables]\nassumptions = "plan.xlsx"\n'
    assert only_problem(tmp_path, {"planning.toml": undeclared}) == (
        "plan.xlsx: found the sheets 'Ideas', 'Old', expected a sheet 'assumptions', or one sheet only; "
        "rename one "
        'sheet to assumptions, or write { file = "plan.xlsx", sheet = "…" } in planning.toml'
    )


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    found = problems_of(
        tmp_path,
        {
            "sales.csv": SALES.replace(",12,", ",x,").replace("2025-01-01,Web", "2025-01-31,Web"),
            "assumptions.csv": CLAIMS + CLAIM.replace("promotion", "pormo") + CLAIM,
            "leads.csv": "lead_id,created\nL1,yesterday\n",
            "targets.csv": "round,measure,target\n2026Q9,units,100\n",
            "spend.csv.gz": gzip.compress(b"period,amount\n2025-01-01,-5\n"),
        },
    )
    assert [problem.place for problem in found] == [
        "sales.csv, row 3, column units",
        "assumptions.csv, row 2, column kind",
        "assumptions.csv, row 2",
        "leads.csv, row 1, column source",
        "leads.csv, row 2, column created",
        "spend.csv.gz, row 2, column amount",
        "sales.csv, row 5, column period",
        "targets.csv, row 2, column round",
    ]


def test_a_folder_without_settings_says_what_to_add(tmp_path: Path) -> None:
    write_files(tmp_path, {})
    (tmp_path / "planning.toml").unlink()
    with pytest.raises(InputError) as caught:
        load_workspace(tmp_path)
    assert str(caught.value) == (
        f"planning.toml: found no such file in {tmp_path}, expected the workspace's settings; "
        "add a planning.toml; `alignment new` writes one to start from"
    )


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_workspace(tmp_path / "nowhere")
    assert str(caught.value).endswith("found no such folder, expected a workspace folder; check the path")
