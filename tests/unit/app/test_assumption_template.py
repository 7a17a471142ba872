"""The sheet for assumptions made anew: today's names in its lists, the register's rows in its table."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from alignment_lib.app.assumption_template import make_template
from alignment_lib.inputs.new_workspace import write_new_workspace
from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.workspace import load_workspace


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    return write_new_workspace(tmp_path / "unit")


def words(path: Path) -> set[object]:
    return {cell.value for row in openpyxl.load_workbook(path)["lists"].iter_rows() for cell in row}


def test_lists_hold_the_names_that_are_sold_now_and_rows_stay(unit: Path, tmp_path: Path) -> None:
    sales = (unit / "sales.csv").read_text(encoding="utf-8")
    (unit / "sales.csv").write_text(sales.replace("Coffee 500 g", "Coffee 1 kg"), encoding="utf-8")
    before = load_workspace(unit).table("assumptions")
    made = make_template(unit, tmp_path / "anew.xlsx")
    assert (made.rows, made.notes) == (2, ())
    assert "Coffee 1 kg" in words(made.path)
    assert "Coffee 500 g" not in words(made.path)
    (unit / "assumptions.xlsx").write_bytes(made.path.read_bytes())
    after = load_workspace(unit).table("assumptions")
    pd.testing.assert_frame_equal(after, before)


def test_a_register_that_cannot_be_read_is_left_aside_and_said(unit: Path, tmp_path: Path) -> None:
    (unit / "assumptions.xlsx").unlink()
    (unit / "assumptions.csv").write_text("id,kind\nA1,nonsense\n", encoding="utf-8")
    made = make_template(unit, tmp_path / "anew.xlsx")
    assert made.rows == 0
    assert made.notes[0].startswith("the register's rows were not carried over: ")


def test_a_sheet_that_is_there_is_never_overwritten(unit: Path) -> None:
    before = (unit / "assumptions.xlsx").read_bytes()
    with pytest.raises(InputError, match="a register is never overwritten; name another file with --output"):
        make_template(unit, None)
    assert (unit / "assumptions.xlsx").read_bytes() == before
