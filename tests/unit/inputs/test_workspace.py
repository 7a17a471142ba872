"""A workspace as a whole: canonical tables, hashes, notices."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alignment_lib.inputs.workspace import load_workspace
from tests.conftest import shared_folder
from tests.unit.inputs.workspace_files import CLAIM, CLAIMS, SALES, SETTINGS, load, notes, write_files


def test_sales_are_canonical(tmp_path: Path) -> None:
    sales = load(tmp_path, {}).tables["sales"]
    assert list(sales) == ["period", "channel", "product", "units", "revenue"]
    assert sales["period"].dtype == "datetime64[ns]"
    assert isinstance(sales["channel"].dtype, pd.CategoricalDtype)
    assert sales["units"].dtype == sales["revenue"].dtype == float
    assert sales.index.equals(pd.RangeIndex(6))


def test_the_order_of_rows_in_the_file_does_not_matter(tmp_path: Path) -> None:
    header, *rows = SALES.splitlines()
    shuffled = "\n".join([header, *rows[::-1]])
    first, second = load(tmp_path / "a", {}), load(tmp_path / "b", {"sales.csv": shuffled})
    pd.testing.assert_frame_equal(first.tables["sales"], second.tables["sales"])


def test_sales_need_only_their_measure(tmp_path: Path) -> None:
    text = "\n".join(",".join(line.split(",")[:4]) for line in SALES.splitlines())
    assert "revenue" not in load(tmp_path, {"sales.csv": text}).tables["sales"]


def test_na_is_a_name_like_any_other(tmp_path: Path) -> None:
    sales = load(tmp_path, {"sales.csv": SALES.replace("Web", "NA").replace("Large", "null")}).tables["sales"]
    assert sales["channel"].cat.categories.tolist() == ["NA", "Shop"]
    assert sales["product"].cat.categories.tolist() == ["Small", "null"]


def test_blank_status_and_ramp_have_their_defaults(tmp_path: Path) -> None:
    claims = load(tmp_path, {"assumptions.csv": CLAIMS + CLAIM.replace("proposed", "")}).tables["assumptions"]
    assert claims.loc[0, ["status", "ramp"]].tolist() == ["proposed", "step"]


def test_a_table_that_is_not_there_has_its_columns_and_no_rows(tmp_path: Path) -> None:
    workspace = load(tmp_path, {})
    assert "leads" not in workspace.tables
    leads = workspace.table("leads")
    assert len(leads) == 0
    assert {"lead_id", "created", "channel", "product", "closed_at"} <= set(leads)
    assert workspace.table("sales") is workspace.tables["sales"]
    assert workspace.table("drivers")["period"].dtype == "datetime64[ns]"


def test_a_header_without_rows_is_noted_and_no_problem(tmp_path: Path) -> None:
    workspace = load(tmp_path, {"assumptions.csv": CLAIMS})
    assert notes(workspace)["empty_table"] == ("assumptions.csv holds a header and no rows.", 1)
    assert len(workspace.tables["assumptions"]) == 0


def test_empty_rows_are_noted(tmp_path: Path) -> None:
    workspace = load(tmp_path, {"sales.csv": SALES + ",,,,\n,,,,\n"})
    assert notes(workspace)["blank_rows"] == ("sales.csv: 2 empty rows left out.", 2)


def test_every_file_read_is_hashed(tmp_path: Path) -> None:
    workspace = load(tmp_path, {"assumptions.csv": CLAIMS + CLAIM, "notes.txt": "not read"})
    assert dict(workspace.input_hashes) == {
        name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
        for name in ("assumptions.csv", "planning.toml", "sales.csv")
    }


def test_the_unit_is_named_by_its_folder_unless_told(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "Coffee shops", {})
    assert load_workspace(folder).name == "Coffee shops"
    assert load_workspace(folder, "other").name == "other"


def test_a_relative_folder_has_its_own_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write_files(tmp_path / "unit", {}))
    assert load_workspace(Path()).name == "unit"


def test_declared_forms_hold_for_every_text_table(tmp_path: Path) -> None:
    form = (
        '[format]\ndecimal = ","\nthousands = "."\ndate = "%d.%m.%Y"\ndelimiter = ";"\nencoding = "cp1252"\n'
    )
    sales = "period;channel;product;units;revenue\n01.01.2025;Café;Klein;1.234;5.678,90\n"
    workspace = load(tmp_path, {"planning.toml": SETTINGS + form, "sales.csv": sales.encode("cp1252")})
    row = workspace.tables["sales"].iloc[0]
    assert row.tolist() == [pd.Timestamp("2025-01-01"), "Café", "Klein", 1234.0, 5678.9]


def test_the_real_chain_is_read_without_a_problem() -> None:
    workspace = load_workspace(shared_folder("workspaces/oj_chain"))
    assert workspace.calendar.week_start == 3
    assert {name: len(table) for name, table in workspace.tables.items()} == {
        "sales": 1331,
        "drivers": 1331,
        "assumptions": 4,
    }
    claims = workspace.tables["assumptions"].set_index("id")
    assert claims.loc["A1", "accepted_marketing"] == "brand marketing 1992-06-24"
    assert claims.loc["A1", "accepted_marketing_by"] == "brand marketing"
    assert claims.loc["A1", "accepted_marketing_on"] == pd.Timestamp("1992-06-24")
    assert np.isnan(claims.loc["A2", "moved_share"])
    assert claims.loc["A4", ["ramp", "analog", "brand"]].tolist() == ["linear", "Minute Maid 96 oz", ""]


def test_the_real_stores_are_read_without_a_problem() -> None:
    workspace = load_workspace(shared_folder("workspaces/oj"))
    sales = workspace.tables["sales"]
    assert workspace.calendar.week_start == 3
    assert len(sales) == 106_139
    assert sales[["store", "brand"]].drop_duplicates().shape == (913, 2)
    assert notes(workspace)["gaps"][1] == 3619
    assert sales["store"].cat.categories[0] == "100"
