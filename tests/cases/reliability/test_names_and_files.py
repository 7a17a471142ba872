"""Shown cases of names that look alike, of totals among what is sold, and of files by another name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from alignment_lib.app.imports.import_data import import_data
from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.workspace import load_workspace
from tests.conftest import shared_folder


def with_decision(name: str, folder: Path, decision: str) -> Path:
    target = folder / name
    shutil.copytree(shared_folder(f"cases/reliability/look_alike_names/{name}"), target)
    settings = (target / "planning.toml").read_text(encoding="utf-8")
    for path in [target, *target.iterdir()]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    (target / "planning.toml").write_text(f"{settings}\n[names]\n{decision}\n", encoding="utf-8")
    return target


def test_one_shop_in_two_spellings_is_found_and_joined_only_by_decision(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        load_workspace(shared_folder("cases/reliability/look_alike_names/nfd"))
    (problem,) = refused.value.problems
    assert problem.found == (
        "names that look alike: 'Caf\u00e9' (36 rows) and "
        "'Cafe\u0301' with U+0301 COMBINING ACUTE ACCENT (12 rows)"
    )
    joined = load_workspace(with_decision("nfd", tmp_path, '"Caf\u00e9" = "join"')).table("sales")
    assert joined["product"].value_counts().to_dict() == {"Caf\u00e9": 48, "Table": 48}
    apart = load_workspace(with_decision("nfd", tmp_path / "apart", '"Cafe\u0301" = "apart"')).table("sales")
    assert apart["product"].nunique() == 3


def test_a_product_that_is_the_total_is_found_and_left_out_only_by_decision(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        load_workspace(shared_folder("cases/reliability/look_alike_names/total_rows"))
    (problem,) = refused.value.problems
    assert (problem.found, problem.count) == ("the product 'Total', which is the sum of the others", 48)
    workspace = load_workspace(with_decision("total_rows", tmp_path, '"total" = "leave out"'))
    assert sorted(workspace.table("sales")["product"].unique()) == ["Caf\u00e9", "Table"]
    assert [notice.count for notice in workspace.notices if notice.code == "names_left_out"] == [48]
    kept = load_workspace(with_decision("total_rows", tmp_path / "kept", '"Total" = "keep"'))
    assert kept.table("sales")["product"].nunique() == 3


def test_an_import_asks_about_the_same_names(tmp_path: Path) -> None:
    lines = [f"2025-01-{day:02d},Caf\u00e9,1" for day in range(1, 20)] + ["2025-02-01,Cafe\u0301,1"] * 20
    (tmp_path / "orders.csv").write_text(
        "Date,Product,Quantity\n" + "\n".join(lines) + "\n", encoding="utf-8"
    )
    done = import_data(tmp_path / "orders.csv", tmp_path / "unit", apply_now=True)
    (doubt,) = [doubt for doubt in done.mapping.doubts if "look alike" in doubt]
    assert "(19 rows)" in doubt
    assert "'Cafe\u0301' with U+0301 COMBINING ACUTE ACCENT (20 rows)" in doubt
    assert not done.written


def test_a_register_is_read_whatever_the_case_of_its_name() -> None:
    workspace = load_workspace(shared_folder("cases/reliability/silent_register/unit_Assumptions.csv"))
    assert workspace.table("assumptions")["expected"].tolist() == [10.0]
    assert "Assumptions.csv" in workspace.input_hashes
