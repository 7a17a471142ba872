"""The workbook for finance: real numbers, inert text, the same bytes."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from alignment_lib.publishing import workbook_export
from alignment_lib.publishing.workbook_export import export_workbook
from alignment_lib.rounds.result import RoundResult

_FORMULAS = [
    "=1+1",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1",
    "|calc",
    "%0A=1",
    '=HYPERLINK("http://x.example","y")',
    "http://x.example/",
    "12",
    "-12.5",
    "{=1}",
    "nul\x00l",
    "\ud800",
    "a" * 40_000,
]


def _load(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def _with_titles(result: RoundResult, titles: list[str]) -> RoundResult:
    register = pd.concat([result.tables["assumptions"]] * 3, ignore_index=True).head(len(titles))
    return replace(result, tables={**result.tables, "assumptions": register.assign(title=titles)})


def test_the_workbook_has_the_sheets_of_the_contract_with_frozen_filtered_headers(
    make_round: Callable[..., RoundResult],
) -> None:
    result = make_round(lean=True)
    book = _load(export_workbook(result, result.tables))
    assert book.sheetnames == [
        "Summary",
        "Contents",
        "Plan by month",
        "Plan",
        "Bridge",
        "Odds",
        "Assumptions",
        "Evidence",
        "Definitions",
    ]
    for name in book.sheetnames[2:]:
        assert book[name].freeze_panes == "A2", name
        assert book[name].auto_filter.ref.startswith("A1:"), name
        assert book[name].page_setup.orientation == "landscape", name


def test_numbers_and_dates_come_back_as_they_went_in(make_round: Callable[..., RoundResult]) -> None:
    result = make_round(lean=True)
    sheet = _load(export_workbook(result, result.tables))["Plan"]
    read = pd.DataFrame(
        sheet.iter_rows(min_row=2, values_only=True), columns=[cell.value for cell in sheet[1]]
    )
    plan = result.tables["plan"]
    wanted = plan[plan["scenario"] == "consensus"].reset_index(drop=True)
    assert read.columns.tolist()[-2:] == ["override", "why"]
    assert read[["override", "why"]].isna().all(axis=None)
    read = read[wanted.columns]
    pd.testing.assert_frame_equal(read, wanted, check_dtype=False, rtol=1e-12)
    assert sheet["C2"].is_date
    assert sheet["H2"].data_type == "n"


def test_no_text_is_a_formula_or_a_link(make_round: Callable[..., RoundResult]) -> None:
    result = _with_titles(make_round(lean=True), _FORMULAS)
    content = export_workbook(result, result.tables)
    sheet = _load(content)["Assumptions"]
    cells = [row[2] for row in sheet.iter_rows(min_row=2)]
    assert [cell.data_type for cell in cells] == ["s"] * len(_FORMULAS)
    shown = [cell.value for cell in cells]
    assert shown[:4] == _FORMULAS[:4]
    assert shown[11:13] == ["12", "-12.5"]
    assert shown[14:16] == ["nul\ufffdl", "\ufffd"]
    assert len(shown[16]) == 32_000
    assert all(cell.quotePrefix for cell in cells[:9])
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if "worksheets/sheet" in name]
        links = [parts.read(name).decode() for name in parts.namelist() if name.endswith(".rels")]
    assert not any("<f>" in sheet or "<f " in sheet for sheet in sheets)
    assert not any("x.example" in link for link in links)


def test_a_negative_number_stays_a_number(make_round: Callable[..., RoundResult]) -> None:
    result = make_round(lean=True)
    bridge = result.tables["bridge"].query("scenario == 'consensus'").head(1).assign(effect=-12.5)
    sheet = _load(export_workbook(result, {"bridge": bridge}))["Bridge"]
    assert [cell.value for cell in sheet[2]][-1] == -12.5


def test_the_same_round_gives_the_same_bytes_whenever_it_is_written(
    make_round: Callable[..., RoundResult],
) -> None:
    result = make_round(lean=True)
    first = export_workbook(result, result.tables)
    # Zip entries carry times in steps of two seconds.
    time.sleep(2.1)
    assert export_workbook(result, result.tables) == first


def test_a_table_too_long_for_a_sheet_is_summed_and_says_so(
    make_round: Callable[..., RoundResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook_export, "_MOST_ROWS", 60)
    result = make_round(lean=True)
    book = _load(export_workbook(result, result.tables))
    plan = result.tables["plan"].query("scenario == 'consensus'")
    assert book["Plan"].max_row == 1 + 2
    total = sum(row[-2] for row in book["Plan"].iter_rows(min_row=2, values_only=True))
    assert total == pytest.approx(plan["plan"].sum())
    contents = {row[0]: row[1] for row in book["Contents"].iter_rows(values_only=True)}
    assert "Summed over the horizon: 104 rows are too many for a sheet." in contents["Plan"]


def test_the_first_sheet_answers_and_draws_and_the_book_prints_on_few_pages(
    make_round: Callable[..., RoundResult],
) -> None:
    result = make_round()
    content = export_workbook(result, result.tables)
    sheet = _load(content)["Summary"]
    said = [str(cell.value) for cell in sheet["A"]]
    assert said[1].startswith("The plan for 2026Q1 is 32,073 units")
    row = said.index("Plan and target") + 1
    headings = [cell.value for cell in sheet[row]]
    plan = result.tables["plan"].query("scenario == 'consensus'")
    inside = plan[plan["period"] < "2026-03-30"]["plan"].sum()
    assert sheet.cell(row + 1, headings.index("Plan") + 1).value == pytest.approx(inside)
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert sum(name.startswith("xl/charts/chart") for name in book.namelist()) == 2
    for page in _load(content).worksheets:
        assert page.page_setup.fitToWidth in (None, 1)
        assert page.sheet_properties.pageSetUpPr.fitToPage
        rows = page.print_area.split("$")[-1] if page.print_area else page.max_row
        assert int(rows) <= 200, page.title


def test_a_round_without_assumptions_still_opens(make_round: Callable[..., RoundResult]) -> None:
    result = make_round(lean=True)
    book = _load(export_workbook(result, {"plan": result.tables["plan"]}))
    assert book["Assumptions"]["A1"].value == "Nothing to show in this round."


def test_libreoffice_opens_it_and_finds_the_same_numbers(published: Path, tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        if os.environ.get("CI") == "true":
            pytest.fail("LibreOffice is missing")
        pytest.skip("LibreOffice is not installed")
    shutil.copy(published / "plan.xlsx", tmp_path)
    done = subprocess.run(
        [
            office,
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,4",
            "--outdir",
            str(tmp_path),
            str(tmp_path / "plan.xlsx"),
        ],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0
    assert "error" not in done.stderr.lower()
    (converted,) = tmp_path.glob("*.csv")
    read = pd.read_csv(converted)
    plan = pd.read_parquet(published / "plan.parquet").query("scenario == 'consensus'")
    assert len(read) == len(plan) == 936
    assert pd.to_numeric(read["plan"].astype(str).str.replace(",", "")).sum() == pytest.approx(
        plan["plan"].sum(), rel=1e-4
    )


def test_the_bridge_by_level_leaves_out_members_that_are_too_many_for_a_sheet(
    make_round: Callable[..., RoundResult],
) -> None:
    result = make_round(lean=True)
    shops = pd.DataFrame({"product": "", "channel": [f"s{number}" for number in range(20_001)]})
    goods = pd.DataFrame({"product": ["Tea", "Cake"], "channel": ""})
    whole = pd.DataFrame({"product": [""], "channel": [""]})
    rows = pd.concat([shops, goods, whole], ignore_index=True)
    rows = rows.assign(sale_type="", assumption="plan", effect=1.0)
    book = _load(export_workbook(result, {**result.tables, "level_bridge": rows}))
    assert book["Bridge by level"].max_row == 1 + 2 + 1
    said = [str(row[1].value) for row in book["Contents"].iter_rows()]
    assert any("Without the members of channel, too many for a sheet." in text for text in said)
