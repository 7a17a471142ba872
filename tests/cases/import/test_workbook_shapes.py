"""Shown cases of workbooks as people and programs leave them: each gives its right value, or asks."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from alignment_lib.app.imports.import_data import ImportOutcome, import_data
from alignment_lib.inputs.problems import InputError
from tests.conftest import shared_folder


def bring_in(source: Path, folder: Path) -> ImportOutcome:
    """What a user does who agrees with every proposal."""
    first = import_data(source, folder, apply_now=True)
    if first.written:
        return first
    text = first.mapping_file.read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith(('  "', "doubts", "]"))]
    first.mapping_file.write_text("\n".join(kept), encoding="utf-8")
    return import_data(source, folder)


def sales(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "sales.csv")


def said(outcome: ImportOutcome) -> str:
    return "\n".join(notice.sentence for notice in outcome.notices)


@pytest.mark.parametrize("name", ["good", "dim_A1", "dim_A1_D301", "dim_A1_E101"])
def test_a_wrong_extent_hides_no_cell(tmp_path: Path, name: str) -> None:
    bring_in(shared_folder("cases/import/g_dimension") / f"{name}.xlsx", tmp_path / "unit")
    table = sales(tmp_path / "unit")
    assert table["units"].sum() == 596
    assert table["revenue"].sum() == pytest.approx(2920.4, abs=1e-9)


def test_formulas_without_results_are_refused_at_their_first_cell(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        bring_in(shared_folder("cases/import/f_formula") / "orders.xlsx", tmp_path / "unit")
    (problem,) = refused.value.problems
    assert problem.place == "orders.xlsx, sheet Sheet, row 2, column F"
    assert (problem.found, problem.count) == ("a formula without a result", 300)
    assert not (tmp_path / "unit").exists()


@pytest.mark.parametrize("name", ["pivot.csv", "pivot_merged.xlsx"])
def test_labels_of_an_outline_are_carried_down_and_said(tmp_path: Path, name: str) -> None:
    done = bring_in(shared_folder("cases/import/c_outline") / name, tmp_path / "unit")
    assert sales(tmp_path / "unit").groupby("region")["units"].sum().to_dict() == {"North": 132, "South": 62}
    assert "took" in said(done)


@pytest.mark.parametrize("name", ["cover_first", "hidden_first"])
def test_the_sheet_that_holds_the_table_is_found_and_named(tmp_path: Path, name: str) -> None:
    done = bring_in(shared_folder("cases/import/x_workbook_shapes") / f"{name}.xlsx", tmp_path / "unit")
    assert sales(tmp_path / "unit")["units"].sum() == 184
    assert f"found in sheet '{'Data' if name == 'cover_first' else '2025'}'" in said(done)
    assert ("Hidden sheets left out: 'old'" in said(done)) == (name == "hidden_first")


def test_a_hidden_sheet_is_read_where_it_is_named(tmp_path: Path) -> None:
    source = shared_folder("cases/import/x_workbook_shapes") / "hidden_first.xlsx"
    done = import_data(source, tmp_path / "unit", sheet="old")
    assert "a hidden sheet was read" in said(done)
    with pytest.raises(InputError, match="the sheets 'old', '2025', expected a sheet '2024'"):
        import_data(source, tmp_path / "other", sheet="2024")


def test_hidden_rows_are_read_and_said(tmp_path: Path) -> None:
    done = bring_in(shared_folder("cases/import/x_workbook_shapes") / "hidden_rows.xlsx", tmp_path / "unit")
    assert sales(tmp_path / "unit")["units"].sum() == 276
    assert "2 hidden rows read as well (4, 7)" in said(done)


def test_two_heading_rows_are_read_as_one(tmp_path: Path) -> None:
    source = shared_folder("cases/import/x_workbook_shapes") / "two_header_rows.xlsx"
    done = bring_in(source, tmp_path / "unit")
    assert "Two heading rows were read as one: Jan 2025 Units, Jan 2025 Revenue." in said(done)
    assert sales(tmp_path / "unit")["units"].sum() == 132


def test_quarters_between_months_are_not_added_to_them(tmp_path: Path) -> None:
    source = shared_folder("cases/import/x_workbook_shapes") / "quarters_between.xlsx"
    bring_in(source, tmp_path / "unit")
    assert sales(tmp_path / "unit")["units"].sum() == 156
