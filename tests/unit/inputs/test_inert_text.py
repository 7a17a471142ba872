"""Text for CSV files: no spreadsheet runs any part of it, and numbers stay as they are."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.inputs.tables.inert_text import make_inert, would_run

STARTS = "=+-@＝＋－＠"


@pytest.mark.parametrize("start", STARTS)
def test_an_apostrophe_stands_before_every_formula(start: str) -> None:
    assert make_inert(f"{start}A1") == f"'{start}A1"
    assert make_inert(f"Chair;{start}A1") == f"Chair;'{start}A1"


@pytest.mark.parametrize("blank", ["\t", "\r", "\n", "\0"])
def test_a_blank_in_front_hides_no_formula(blank: str) -> None:
    assert make_inert(f"{blank}=1+1").startswith("'")
    assert "\n=1" not in make_inert("Chair\n=1+1")


@pytest.mark.parametrize("text", ["-12.5", "+3", "-1e9", "Chair", "a = b", "50 % - off", "", "x; y", "A-1"])
def test_numbers_and_plain_words_stay_as_they_are(text: str) -> None:
    assert make_inert(text) == text
    assert not would_run(text)


@given(st.text(alphabet=STARTS + "1A'\";,| \t\r\n\0%"))
def test_no_cell_of_a_written_row_begins_a_formula_whatever_parts_it(text: str) -> None:
    line = io.StringIO()
    csv.writer(line).writerow(["2026-01-05", make_inert(text), "7"])
    cells = [*next(csv.reader([line.getvalue()])), *line.getvalue().split(";")]
    for cell in cells:
        assert not cell.startswith(tuple(STARTS)) or is_number(cell.rstrip())


@given(st.text())
def test_text_made_inert_once_stays_so(text: str) -> None:
    assert make_inert(make_inert(text)) == make_inert(text) or text.startswith(("\t", "\r", "\n", "\0"))


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
