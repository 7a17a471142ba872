"""Values typed into a published workbook come back as claims and a scenario, with who and why."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from alignment_lib.app.imports.import_overrides import OverridesRefused, import_overrides
from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.workspace import load_workspace
from alignment_lib.planning.register.scenario_reading import read_scenarios
from alignment_lib.publishing.workbook_export import export_workbook
from alignment_lib.rounds.result import RoundResult

ON = dt.date(2025, 12, 20)
SETTINGS = """
[business]
name = "Shop"
currency = "EUR"
[calendar]
grain = "month"
[sales]
dimensions = ["product"]
measure = "units"
"""
SALES = "period,product,units\n" + "".join(
    f"2025-{month:02d}-01,{name},{100 + month}\n" for name in ("Coffee", "Tea") for month in range(1, 13)
)
REGISTER = (
    "id,kind,title,owner,function,start,end,unit,expected,status,rationale,evidence,recorded,product\n"
    "A1,promotion,Coupon,brand,marketing,2026-02-01,2026-02-28,percent,20,proposed,As in spring,,,Coffee"
)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "planning.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "sales.csv").write_text(SALES, encoding="utf-8")
    (folder / "assumptions.csv").write_text(REGISTER, encoding="utf-8")
    return folder


def _publish(folder: Path) -> Path:
    """A workbook as a round of this workspace leaves it."""
    workspace = load_workspace(folder)
    months = pd.date_range("2026-01-01", periods=3, freq="MS")
    plan = pd.DataFrame(
        {
            "round": "2026Q1",
            "scenario": "consensus",
            "period": [*months, *months],
            "product": ["Coffee"] * 3 + ["Tea"] * 3,
            "baseline": 110.0,
            "plan": [110.0, 120.5, 115.0, 90.0, 91.0, 92.0],
        }
    )
    result = RoundResult(
        unit="shop",
        business="Shop",
        currency="EUR",
        measure="units",
        round="2026Q1",
        cycle="quarter",
        as_of=pd.Timestamp("2026-01-01"),
        dimensions=("product",),
        headline="consensus",
        parameters={},
        tables={},
    )
    tables = {"plan": plan, "assumptions": workspace.tables["assumptions"]}
    path = folder.parent / "plan.xlsx"
    path.write_bytes(export_workbook(result, tables))
    return path


def _type(path: Path, **cells: object) -> None:
    """Type into marked columns: ``Plan_3=(130, "reason")`` for row 3 of the plan sheet."""
    book = openpyxl.load_workbook(path)
    for place, typed in cells.items():
        name, row = place.split("_")
        sheet = book[name]
        headings = [cell.value for cell in sheet[1]]
        value, why = typed if isinstance(typed, tuple) else (typed, None)
        sheet.cell(int(row), headings.index("override") + 1).value = value
        sheet.cell(int(row), headings.index("why") + 1).value = why
    book.save(path)


def _bring(path: Path, folder: Path, **options: object) -> object:
    given = {"by": "head of finance", "reason": "budget talks", "function": "finance", "on": ON} | options
    return import_overrides(path, folder, **given)  # type: ignore[arg-type]


def test_a_plan_typed_over_becomes_a_proposed_claim_of_the_difference(workspace: Path) -> None:
    path = _publish(workspace)
    _type(path, Plan_3=(130.5, "big order"), Plan_7=80)
    done = _bring(path, workspace)
    assert done.assumptions == ("O2026Q1-01", "O2026Q1-02")
    text = (workspace / "assumptions.csv").read_text(encoding="utf-8")
    assert text.startswith(REGISTER + "\n")
    rows = load_workspace(workspace).tables["assumptions"].set_index("id")
    first, second = rows.loc["O2026Q1-01"], rows.loc["O2026Q1-02"]
    assert (first["expected"], first["unit"], first["kind"]) == (10.0, "units", "one_off")
    assert (first["start"], first["end"]) == (pd.Timestamp("2026-02-01"), pd.Timestamp("2026-02-28"))
    assert (first["owner"], first["function"], first["status"]) == ("head of finance", "finance", "proposed")
    assert first["rationale"] == "big order (budget talks)"
    assert first["evidence"] == "130.5 typed over a plan of 120.5 (consensus)"
    assert first["recorded"] == pd.Timestamp(ON)
    assert (second["product"], second["expected"], second["rationale"]) == ("Tea", -12.0, "budget talks")


@pytest.fixture
def wide(tmp_path: Path) -> tuple[Path, Path]:
    """A workspace of weeks with two dimensions, and the workbook of its first two months."""
    folder = tmp_path / "wide"
    folder.mkdir()
    settings = SETTINGS.replace('"month"', '"week"').replace('["product"]', '["product", "channel"]')
    (folder / "planning.toml").write_text(settings, encoding="utf-8")
    weeks = pd.date_range("2025-06-30", periods=26, freq="7D")
    names = [("Coffee", "web"), ("Coffee", "shop"), ("Tea", "web")]
    lines = [f"{week:%Y-%m-%d},{one},{two},100" for one, two in names for week in weeks]
    (folder / "sales.csv").write_text("\n".join(["period,product,channel,units", *lines]), encoding="utf-8")
    ahead = pd.date_range("2025-12-29", periods=9, freq="7D")
    rows = [("2026Q1", "consensus", week, one, two, 10.0, 12.0) for one, two in names for week in ahead]
    columns = ["round", "scenario", "period", "product", "channel", "baseline", "plan"]
    result = RoundResult(
        unit="wide",
        business="Wide",
        currency="EUR",
        measure="units",
        round="2026Q1",
        cycle="quarter",
        as_of=pd.Timestamp("2025-12-29"),
        dimensions=("product", "channel"),
        headline="consensus",
        parameters={"calendar": {"grain": "week"}, "first_open": "2026-01-05"},
        tables={},
    )
    path = tmp_path / "plan.xlsx"
    path.write_bytes(export_workbook(result, {"plan": pd.DataFrame(rows, columns=columns)}))
    return folder, path


def test_a_month_of_a_part_typed_over_becomes_one_claim_on_all_its_series(wide: tuple[Path, Path]) -> None:
    folder, path = wide
    sheet = pd.read_excel(path, sheet_name="Plan by month")
    assert sheet[["month", "product", "plan"]].values.tolist() == [
        ["2026-01", "Coffee", 96.0],
        ["2026-01", "Tea", 48.0],
        ["2026-02", "Coffee", 96.0],
        ["2026-02", "Tea", 48.0],
    ]
    _type(path, **{"Plan by month_2": (100.0, "larger range")})
    _bring(path, folder)
    row = load_workspace(folder).tables["assumptions"].set_index("id").loc["O2026Q1-01"]
    assert (row["expected"], row["product"], row["channel"] or "") == (4.0, "Coffee", "")
    # The week that was closed when the round was planned is no part of it.
    assert (row["start"], row["end"]) == (pd.Timestamp("2026-01-05"), pd.Timestamp("2026-02-01"))
    assert row["rationale"] == "larger range (budget talks)"


def test_a_month_and_a_period_of_it_typed_over_are_asked_about(wide: tuple[Path, Path]) -> None:
    folder, path = wide
    _type(path, **{"Plan by month_2": 100.0, "Plan_3": 20.0})
    with pytest.raises(InputError, match="one of the two"):
        _bring(path, folder)
    assert not (folder / "assumptions.csv").exists()


def test_a_value_typed_over_a_claim_becomes_a_scenario_with_who_and_why(workspace: Path) -> None:
    path = _publish(workspace)
    _type(path, Assumptions_2=(12.5, "half the coupons"))
    before = (workspace / "assumptions.csv").read_bytes()
    done = _bring(path, workspace)
    assert (done.scenario, done.values, done.assumptions) == ("overrides 2026Q1", 1, ())
    found = read_scenarios(workspace / "scenarios.yaml", ["A1"])["overrides 2026Q1"]
    assert found.values == {"A1": 12.5}
    assert found.based_on == "consensus"
    assert found.reason == "head of finance: budget talks (half the coupons)"
    assert (workspace / "assumptions.csv").read_bytes() == before


def test_a_second_workbook_adds_to_what_the_first_brought(workspace: Path) -> None:
    path = _publish(workspace)
    _type(path, Plan_2=111, Assumptions_2=15)
    _bring(path, workspace)
    again = _bring(path, workspace)
    assert again.assumptions == ("O2026Q1-02",)
    assert again.scenario == "overrides 2026Q1"


def test_every_value_that_is_no_number_is_named_by_its_cell_and_nothing_is_written(workspace: Path) -> None:
    path = _publish(workspace)
    _type(path, Plan_2="110 units", Plan_4=True, Plan_5=90, Assumptions_2="a lot")
    before = {item.name: item.read_bytes() for item in workspace.iterdir()}
    with pytest.raises(InputError) as refused:
        _bring(path, workspace)
    places = [problem.place for problem in refused.value.problems]
    assert places == [
        "plan.xlsx, sheet Plan, row 2, column override",
        "plan.xlsx, sheet Plan, row 4, column override",
        "plan.xlsx, sheet Assumptions, row 2, column override",
    ]
    assert {item.name: item.read_bytes() for item in workspace.iterdir()} == before


def test_what_equals_the_published_plan_is_counted_and_left_alone(workspace: Path) -> None:
    path = _publish(workspace)
    _type(path, Plan_2=110, Plan_3=121)
    done = _bring(path, workspace)
    assert (len(done.assumptions), done.unchanged) == (1, 1)
    with pytest.raises(OverridesRefused, match="nothing stands in the marked columns"):
        _bring(_publish(workspace), workspace)


def test_what_has_been_sold_cannot_be_typed_over(workspace: Path) -> None:
    path = _publish(workspace)
    _type(path, Plan_2=111)
    book = openpyxl.load_workbook(path)
    for row in book["Contents"].iter_rows():
        if row[0].value == "As of":
            row[1].value = "2026-02-01"
    book.save(path)
    with pytest.raises(OverridesRefused, match="2026-01-01 had ended"):
        _bring(path, workspace)


def test_a_workbook_of_another_unit_is_refused(workspace: Path) -> None:
    path = _publish(workspace)
    _type(path, Plan_2=111)
    other = workspace.with_name("other")
    shutil.copytree(workspace, other)
    with pytest.raises(InputError) as refused:
        _bring(path, other)
    assert "unit shop" in str(refused.value.problems[0])
    assert refused.value.problems[0].expected == "other"


def test_neither_role_nor_reason_may_be_blank(workspace: Path) -> None:
    with pytest.raises(OverridesRefused, match="--by"):
        _bring(_publish(workspace), workspace, by=" ")
    with pytest.raises(OverridesRefused, match="--reason"):
        _bring(_publish(workspace), workspace, reason="")


def test_a_register_that_could_not_be_read_afterwards_is_put_back(workspace: Path) -> None:
    path = _publish(workspace)
    _type(path, Plan_2=111)
    before = (workspace / "assumptions.csv").read_bytes()
    with pytest.raises(InputError) as refused:
        _bring(path, workspace, function="nobody")
    assert any("function" in problem.place for problem in refused.value.problems)
    assert (workspace / "assumptions.csv").read_bytes() == before


def test_a_workspace_without_a_register_gets_one(workspace: Path) -> None:
    path = _publish(workspace)
    (workspace / "assumptions.csv").unlink()
    _type(path, Plan_2=111)
    assert _bring(path, workspace).file == "assumptions.csv"
    assert load_workspace(workspace).tables["assumptions"]["id"].tolist() == ["O2026Q1-01"]


def test_a_register_in_excel_keeps_its_rows_and_takes_the_new_ones(workspace: Path) -> None:
    register = pd.DataFrame([dict(zip(*(line.split(",") for line in REGISTER.splitlines()), strict=True))])
    register["expected"] = register["expected"].astype(float)
    for name in ("start", "end"):
        register[name] = pd.to_datetime(register[name])
    register.to_excel(workspace / "assumptions.xlsx", sheet_name="assumptions", index=False)
    (workspace / "assumptions.csv").unlink()
    path = _publish(workspace)
    _type(path, Plan_2=(111, "@SUM of orders"))
    assert _bring(path, workspace).file == "assumptions.xlsx"
    rows = load_workspace(workspace).tables["assumptions"].set_index("id")
    assert rows.loc["A1", "title"] == "Coupon"
    assert rows.loc["O2026Q1-01", "expected"] == 1.0
    sheet = openpyxl.load_workbook(workspace / "assumptions.xlsx")["assumptions"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}


def test_a_date_typed_over_is_named(workspace: Path) -> None:
    path = _publish(workspace)
    book = openpyxl.load_workbook(path)
    sheet = book["Plan"]
    sheet.cell(2, [cell.value for cell in sheet[1]].index("period") + 1).value = "soon"
    book.save(path)
    _type(path, Plan_2=5)
    with pytest.raises(InputError) as refused:
        _bring(path, workspace)
    assert refused.value.problems[0].place == "plan.xlsx, sheet Plan, row 2, column period"
