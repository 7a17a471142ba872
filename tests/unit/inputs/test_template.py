"""The Excel template, and a workspace to start from."""

from __future__ import annotations

import hashlib
import io
import time
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from alignment_lib.inputs.dictionary import fields_of
from alignment_lib.inputs.new_workspace import write_new_workspace
from alignment_lib.inputs.periods.rounds import apply_wall, next_round, parse_round
from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.spreadsheets.template import build_template, write_template
from alignment_lib.inputs.starter import DIMENSIONS, example_rows, starting_rows
from alignment_lib.inputs.workspace import load_workspace
from tests.unit.inputs.workspace_files import SETTINGS, load, write_files

SCOPE = {"channel": ["Shop", "Web"], "product": ["Small", "Large"]}


def sheet(name: str = "assumptions", data: bytes | None = None):  # type: ignore[no-untyped-def]
    return load_workbook(io.BytesIO(data or build_template(SCOPE)))[name]


def test_the_header_holds_the_dictionary_and_each_column_is_commented() -> None:
    header = sheet()[1]
    fields = {field.column: field for field in fields_of("assumptions", tuple(SCOPE))}
    assert {cell.value for cell in header} == set(fields)
    for cell in header:
        field = fields[cell.value]
        assert field.description in cell.comment.text
        assert f"Example: {field.example}" in cell.comment.text


def test_columns_stand_in_the_order_in_which_a_claim_is_thought_of() -> None:
    names = [cell.value for cell in sheet()[1]]
    assert names[:11] == [
        *("id", "title", "kind", "channel", "product", "start", "end", "unit", "expected", "low", "high")
    ]


def test_headers_are_locked_and_cells_to_fill_in_are_not() -> None:
    table = sheet()
    assert table.protection.sheet
    assert all(cell.protection.locked for cell in table[1])
    spans = [item for item in table.column_dimensions.values() if not item.protection.locked]
    unlocked = {column for item in spans for column in range(item.min, item.max + 1)}
    assert unlocked == set(range(1, len(table[1]) + 1))


def test_choices_and_dimensions_have_drop_downs_from_ranges() -> None:
    book = load_workbook(io.BytesIO(build_template(SCOPE)))
    letters = {cell.value: cell.column_letter for cell in book["assumptions"][1]}
    rules = {str(rule.sqref): rule for rule in book["assumptions"].data_validations.dataValidation}
    expected = {
        field.column: list(field.choices) for field in fields_of("assumptions") if field.choices
    } | SCOPE
    for column, words in expected.items():
        rule = rules[f"{letters[column]}2:{letters[column]}501"]
        assert rule.type == "list"
        cells = book["lists"][rule.formula1.removeprefix("lists!")]
        assert [row[0].value for row in cells] == words
        assert rule.errorStyle == ("warning" if column in SCOPE else None)


def test_dates_and_shares_are_checked_while_typing() -> None:
    table = sheet()
    letters = {cell.value: cell.column_letter for cell in table[1]}
    rules = {str(rule.sqref): rule for rule in table.data_validations.dataValidation}
    share = rules[f"{letters['moved_share']}2:{letters['moved_share']}501"]
    assert (share.type, float(share.formula1), float(share.formula2)) == ("decimal", 0, 1)
    assert rules[f"{letters['start']}2:{letters['start']}501"].type == "date"


def test_the_help_sheet_explains_every_column() -> None:
    rows = list(sheet("help").iter_rows(min_row=2, values_only=True))
    assert {row[0]: row[-1] for row in rows} == {
        field.column: field.description for field in fields_of("assumptions", tuple(SCOPE))
    }


def test_the_same_content_gives_the_same_bytes_at_any_time() -> None:
    first = build_template(SCOPE, starting_rows())
    time.sleep(1.1)  # a workbook's clock counts seconds
    assert build_template(SCOPE, starting_rows()) == first


def test_the_examples_pass_every_check(tmp_path: Path) -> None:
    settings = SETTINGS + '[tables]\nassumptions = { file = "assumptions.xlsx", sheet = "examples" }\n'
    folder = write_files(tmp_path, {"planning.toml": settings})
    write_template(folder / "assumptions.xlsx", SCOPE)
    claims = load_workspace(folder).tables["assumptions"]
    assert claims["id"].tolist() == [row["id"] for row in example_rows(SCOPE)]
    assert claims["expected"].tolist() == [90, 2, 900, 4, 10000, 5000]


def test_an_unfilled_template_is_a_register_without_rows(tmp_path: Path) -> None:
    write_template(write_files(tmp_path, {}) / "assumptions.xlsx", SCOPE)
    workspace = load(tmp_path, {})
    assert len(workspace.tables["assumptions"]) == 0


def test_what_is_filled_in_comes_back(tmp_path: Path) -> None:
    rows = [row | {"channel": "Web", "product": ""} for row in starting_rows()]
    write_template(write_files(tmp_path, {}) / "assumptions.xlsx", SCOPE, rows)
    claims = load(tmp_path, {}).tables["assumptions"]
    assert claims["id"].tolist() == ["A1", "A2"]
    assert claims["start"].astype(str).tolist() == ["2026-03-01", "2026-01-01"]
    assert claims["accepted_sales_by"].tolist() == ["head of sales", ""]


def test_text_that_looks_like_a_formula_stays_text() -> None:
    hostile = ["=1+1", '=HYPERLINK("http://x")', "@SUM(A1)", "http://example.org"]
    data = build_template({"product": hostile}, [{"id": "=2+2", "title": "+1"}])
    book = load_workbook(io.BytesIO(data))
    assert book["assumptions"]["A2"].data_type == "s"
    letters = {cell.value: cell.column_letter for cell in book["lists"][1]}
    listed = [book["lists"][f"{letters['product']}{line}"] for line in range(2, 6)]
    assert [cell.value for cell in listed] == hostile
    assert {cell.data_type for cell in listed} == {"s"}
    assert not any(cell.hyperlink for cell in listed)


def test_a_template_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "assumptions.xlsx"
    path.write_bytes(b"filled in")
    with pytest.raises(InputError) as caught:
        write_template(path, SCOPE)
    assert str(caught.value) == (
        f"{path}: found a file that is there already, expected a new file: a template is never overwritten; "
        "move it away, or name another file"
    )
    assert path.read_bytes() == b"filled in"
    assert [item.name for item in tmp_path.iterdir()] == ["assumptions.xlsx"]


def test_a_new_workspace_runs_as_it_stands(tmp_path: Path) -> None:
    folder = write_new_workspace(tmp_path / "my-company")
    assert {path.name for path in folder.iterdir()} == {
        "planning.toml",
        "README.md",
        "sales.csv",
        "assumptions.xlsx",
    }
    workspace = load_workspace(folder)
    assert workspace.notices == ()
    assert workspace.dimensions == tuple(DIMENSIONS)
    name = next_round(workspace.calendar, workspace.settings, workspace.tables["sales"]["period"].max())
    assert name == "2026Q1"
    cut = apply_wall(workspace, parse_round(name, workspace.settings, workspace.calendar))
    assert cut.notices == ()
    assert cut.tables["assumptions"]["status"].tolist() == ["accepted", "proposed"]


def test_a_new_workspace_is_the_same_every_time(tmp_path: Path) -> None:
    hashes = [
        {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in write_new_workspace(tmp_path / name).iterdir()
        }
        for name in ("a", "b")
    ]
    assert hashes[0] == hashes[1]


def test_an_empty_folder_is_filled_and_a_workspace_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "unit"
    folder.mkdir()
    write_new_workspace(folder)
    (folder / "sales.csv").write_text("mine")
    with pytest.raises(InputError) as caught:
        write_new_workspace(folder)
    assert str(caught.value) == (
        f"{folder}: found a workspace already, expected a folder without planning.toml; "
        f"run alignment check {folder}, or choose another folder"
    )
    assert (folder / "sales.csv").read_text() == "mine"
    assert [item.name for item in tmp_path.iterdir()] == ["unit"]


def test_the_settings_fit_a_sales_table_of_the_users_own(tmp_path: Path) -> None:
    folder = tmp_path / "bikes"
    folder.mkdir()
    days = pd.date_range("2023-01-02", periods=130, freq="7D").strftime("%Y-%m-%d")
    rows = [f"{day};{name};{10 + at % 7}" for name in ("Alfa", "Beta") for at, day in enumerate(days)]
    (folder / "Sales.csv").write_text("period;model;revenue\n" + "\n".join(rows), encoding="utf-8")
    (folder / "notes.txt").write_text("mine")
    before = (folder / "Sales.csv").read_bytes()
    write_new_workspace(folder)
    assert (folder / "Sales.csv").read_bytes() == before
    assert {path.name for path in folder.iterdir()} == {
        *("Sales.csv", "notes.txt", "planning.toml", "README.md", "assumptions.xlsx")
    }
    workspace = load_workspace(folder)
    assert (workspace.dimensions, workspace.settings.sales.measure) == (("model",), "revenue")
    assert workspace.calendar.grain == "week"
    lists = load_workbook(folder / "assumptions.xlsx")["lists"]
    letter = next(cell.column_letter for cell in lists[1] if cell.value == "model")
    assert [lists[f"{letter}{line}"].value for line in (2, 3)] == ["Alfa", "Beta"]


def test_a_sales_table_that_is_an_export_is_sent_to_the_import(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text("Order date,Channel,Quantity,Net amount\n2025-01-02,Web,1,9.9\n")
    with pytest.raises(InputError, match="alignment import"):
        write_new_workspace(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["sales.csv"]


def test_a_file_in_the_way_and_a_missing_parent_are_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="found a file of that name, expected a folder"):
        write_new_workspace(tmp_path / "file")
    with pytest.raises(
        InputError, match="found no folder around it, expected an existing parent; make it first"
    ):
        write_new_workspace(tmp_path / "no" / "where")


def test_the_settings_shown_in_comments_are_settings(tmp_path: Path) -> None:
    from alignment_lib.inputs.configuration.settings_reader import parse_settings
    from alignment_lib.inputs.starter import texts

    lines = texts()["planning.toml"].splitlines()
    shown = [line.removeprefix("# ") if line.startswith("# [") or "=" in line else line for line in lines]
    text = "\n".join(shown).replace('sale_type = "sale_type"', 'sale_type = "product"')
    settings = parse_settings(text)
    assert settings.format.date == "%d.%m.%Y"
    assert settings.drivers_by_name["temperature"].kind == "market"
