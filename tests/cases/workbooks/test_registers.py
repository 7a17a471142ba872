"""Shown cases of registers and published workbooks as office programs leave them."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import zipfile
from pathlib import Path

import pytest

from alignment_lib.app.imports.import_overrides import ImportedOverrides, import_overrides
from alignment_lib.inputs.problems import InputError, ProblemLog
from alignment_lib.inputs.spreadsheets.workbooks import open_workbook
from alignment_lib.inputs.workspace import Workspace, load_workspace
from alignment_lib.planning.register.scenario_reading import read_scenarios
from tests.conftest import shared_folder


def copied(name: str, folder: Path) -> Path:
    """A copy named as the unit that the published workbooks were planned from."""
    target = folder / "shop"
    shutil.copytree(shared_folder(f"cases/workbooks/{name}"), target)
    for path in [target, *target.iterdir()]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return target


def bring_back(book: str, folder: Path) -> ImportedOverrides:
    path = shared_folder("cases/workbooks") / book
    day = dt.date(2025, 12, 20)
    return import_overrides(path, folder, by="head of sales", reason="big order", function="sales", on=day)


def expected(workspace: Workspace) -> dict[str, float]:
    return workspace.table("assumptions").set_index("id")["expected"].to_dict()


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def test_a_literal_percent_sign_scales_nothing() -> None:
    table = load_workspace(shared_folder("cases/workbooks/percent/literal_percent_sign")).table("assumptions")
    assert table.loc[table["id"] == "A1", ["low", "expected", "high"]].values.tolist() == [[5.0, 15.0, 30.0]]


@pytest.mark.parametrize("name", ["register_as_ods", "register_as_xls"])
def test_a_register_of_another_office_program_is_read(name: str) -> None:
    workspace = load_workspace(shared_folder(f"cases/workbooks/unread_files/{name}"))
    assert expected(workspace) == {"A1": 15.0, "A2": 2.0}
    assert f"assumptions.{name[-3:]}" in workspace.input_hashes


def test_a_lead_keeps_the_day_of_its_own_clock() -> None:
    workspace = load_workspace(shared_folder("cases/workbooks/offset_times"))
    created = workspace.table("leads")["created"]
    assert created.dt.strftime("%Y-%m-%d %H:%M").tolist() == [
        *("2026-04-01 08:30", "2026-04-01 09:15", "2026-04-01 12:00")
    ]
    assert [notice.text for notice in workspace.notices if notice.code == "time_zones"] == [
        "3 times with an offset (+11:00) keep the day and hour they were written with."
    ]


def test_a_formula_of_the_register_keeps_its_result(tmp_path: Path) -> None:
    folder = copied("override_formula/shop_with_formula", tmp_path)
    before = (folder / "assumptions.xlsx").read_bytes()
    done = bring_back("override_formula/plan_1100_typed.xlsx", folder)
    assert len(done.assumptions) == 1
    workspace = load_workspace(folder)
    table = workspace.table("assumptions").set_index("id")
    assert table.loc["A1", "high"] == 30.0
    assert table.loc[done.assumptions[0], "expected"] == pytest.approx(1100 - 973.6791194240714, abs=1e-9)
    assert table.loc[done.assumptions[0], ["channel", "product"]].tolist() == ["Shop", "Coffee 250 g"]
    old, new = parts(before), parts((folder / "assumptions.xlsx").read_bytes())
    assert {name for name in old if old[name] != new[name]} == {"xl/worksheets/sheet1.xml", "xl/styles.xml"}
    assert b"<f aca=" in new["xl/worksheets/sheet1.xml"]


def test_lists_kept_in_an_extension_are_still_there(tmp_path: Path) -> None:
    folder = copied("override_formula/shop_with_excel_lists", tmp_path)
    sheet = "xl/worksheets/sheet1.xml"
    before = parts((folder / "assumptions.xlsx").read_bytes())[sheet]
    bring_back("override_formula/plan_1100_typed.xlsx", folder)
    data = (folder / "assumptions.xlsx").read_bytes()
    after = parts(data)[sheet]
    assert after.count(b"<x14:dataValidation ") == before.count(b"<x14:dataValidation ") == 8
    assert after.partition(b"<extLst")[2] == before.partition(b"<extLst")[2]
    book = open_workbook(data, "assumptions.xlsx", ProblemLog())
    assert book is not None
    log = ProblemLog()
    cells = book.read("assumptions", log)
    assert cells is not None
    assert cells.height == 4


def test_twenty_per_cent_typed_over_a_claim_in_percent_is_twenty(tmp_path: Path) -> None:
    folder = copied("override_formula/shop_with_excel_lists", tmp_path)
    done = bring_back("percent/override_typed_20_percent.xlsx", folder)
    scenario = read_scenarios(folder / "scenarios.yaml", ["A1", "A2"])[done.scenario]
    assert dict(scenario.values) == {"A1": 20.0}


def test_a_percentage_typed_over_an_amount_is_asked_about(tmp_path: Path) -> None:
    folder = copied("override_formula/shop_with_excel_lists", tmp_path)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(InputError) as refused:
        bring_back("percent/plan_typed_110_percent.xlsx", folder)
    (problem,) = refused.value.problems
    assert problem.place == "plan_typed_110_percent.xlsx, sheet Plan, row 2, column override"
    assert (problem.found, problem.expected) == ("110 %", "an amount, not a percentage")
    assert "1,071.047" in problem.mend
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
