"""Numbers are read strictly by the declared form."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.inputs.configuration.settings import FormatSettings
from alignment_lib.inputs.tables.numbers import LARGEST, Numbers, explain_number, parse_numbers
from alignment_lib.inputs.tables.raw import PercentCell

POINT = FormatSettings()
GERMAN = FormatSettings(decimal=",", thousands=".")
SWISS = FormatSettings(thousands="'")
FRENCH = FormatSettings(decimal=",", thousands=" ")


def parse(texts: list[str], form: FormatSettings = POINT) -> Numbers:
    return parse_numbers(pa.chunked_array([texts], pa.string()), form)


def cells(*values: Any) -> np.ndarray:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


@pytest.mark.parametrize(
    ("text", "form", "value"),
    [
        ("12", POINT, 12.0),
        ("-12.5", POINT, -12.5),
        ("+3", POINT, 3.0),
        (".5", POINT, 0.5),
        ("7.", POINT, 7.0),
        ("1e-9", POINT, 1e-9),
        ("1E12", POINT, 1e12),
        (" 12 ", POINT, 12.0),
        ("1.234,56", GERMAN, 1234.56),
        ("1.234", GERMAN, 1234.0),
        ("12,5", GERMAN, 12.5),
        ("1.234.567", GERMAN, 1234567.0),
        ("1'234.5", SWISS, 1234.5),
        ("1 234,5", FRENCH, 1234.5),
        ("1\u00a0234,5", FRENCH, 1234.5),
        ("1\u202f234", FRENCH, 1234.0),
    ],
)
def test_a_number_in_the_declared_form_is_read(text: str, form: FormatSettings, value: float) -> None:
    numbers = parse([text], form)
    assert numbers.values.tolist() == [value]
    assert not numbers.bad.any()


@pytest.mark.parametrize(
    ("text", "form"),
    [
        *[
            (text, POINT)
            for text in ("x", "1,5", "1,234", "1.2.3", "nan", "NaN", "inf", "-inf", "NA", "1e999", "--1")
        ],
        *[
            (text, POINT)
            for text in ("0x1F", "1_000", "٣", "１２", "1 2", "12%", "€5", "1e", ".", "-", "TRUE", "=1+1")
        ],
        *[(text, GERMAN) for text in ("1.5", "12.34", "1.23.456", "1,5,5", "1.234.56")],
        *[(text, SWISS) for text in ("1'23", "1,234")],
    ],
)
def test_anything_else_is_a_fault_and_never_a_number(text: str, form: FormatSettings) -> None:
    numbers = parse([text], form)
    assert numbers.bad.tolist() == [True]
    assert np.isnan(numbers.values[0])


def test_blanks_are_missing_and_no_fault() -> None:
    numbers = parse(["1", "", "  ", "4"])
    assert not numbers.bad.any()
    assert np.isnan(numbers.values).tolist() == [False, True, True, False]


def test_faults_leave_their_neighbours_alone() -> None:
    numbers = parse(["1", "x", "3"])
    assert numbers.bad.tolist() == [False, True, False]
    assert numbers.values[[0, 2]].tolist() == [1, 3]


@given(st.lists(st.floats(-LARGEST, LARGEST), min_size=1))
def test_every_number_written_out_comes_back_exactly(values: list[float]) -> None:
    numbers = parse([repr(value) for value in values])
    assert numbers.values.tolist() == values
    assert not numbers.bad.any()


@given(st.floats(-1e12, 1e12).map(lambda value: round(value, 2)))
def test_the_same_number_is_read_in_every_declared_form(value: float) -> None:
    english = f"{value:,.2f}"
    german = english.replace(",", " ").replace(".", ",").replace(" ", ".")
    assert parse([english], FormatSettings(thousands=",")).values[0] == value
    assert parse([german], GERMAN).values[0] == value
    assert parse([german.replace(".", " ")], FRENCH).values[0] == value


@given(st.text(max_size=12))
def test_text_is_either_a_number_python_knows_or_a_fault(text: str) -> None:
    numbers = parse([text])
    if not numbers.bad[0] and text.strip():
        assert numbers.values[0] == float(text)


def test_workbook_cells_are_taken_as_they_are() -> None:
    numbers = parse_numbers(cells(1, 2.5, None, "3", PercentCell(0.9), ""), POINT)
    assert numbers.values[[0, 1, 3, 4]].tolist() == [1, 2.5, 3, 0.9]
    assert np.isnan(numbers.values[[2, 5]]).all()
    assert numbers.percent.tolist() == [False, False, False, False, True, False]
    assert not numbers.bad.any()


def test_real_numbers_of_a_workbook_do_not_depend_on_the_declared_form() -> None:
    assert parse_numbers(cells(1234.5, "1.234,5"), GERMAN).values.tolist() == [1234.5, 1234.5]


@pytest.mark.parametrize("cell", [True, dt.datetime(2025, 1, 1), "x", dt.time(12, 0), float("inf")])
def test_a_workbook_cell_that_is_no_number_is_a_fault(cell: Any) -> None:
    assert parse_numbers(cells(1, cell), POINT).bad.tolist() == [False, True]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, None, 3], pa.int64()),
        ([1.0, None, 3.0], pa.float32()),
        ([Decimal("1.00"), None, Decimal("3.00")], pa.decimal128(10, 2)),
    ],
)
def test_typed_columns_are_taken_as_they_are(values: list[Any], kind: pa.DataType) -> None:
    numbers = parse_numbers(pa.chunked_array([pa.array(values, kind)]), POINT)
    assert numbers.values[[0, 2]].tolist() == [1, 3]
    assert np.isnan(numbers.values[1])
    assert not numbers.bad.any()


def test_a_typed_column_of_another_kind_is_a_fault_where_it_has_values() -> None:
    numbers = parse_numbers(pa.chunked_array([pa.array([True, None])]), POINT)
    assert numbers.bad.tolist() == [True, False]
    assert not parse_numbers(pa.chunked_array([pa.nulls(2)]), POINT).bad.any()


def test_infinity_in_a_typed_column_is_a_fault() -> None:
    numbers = parse_numbers(pa.chunked_array([pa.array([1.0, np.inf])]), POINT)
    assert numbers.bad.tolist() == [False, True]
    assert np.isnan(numbers.values[1])


@pytest.mark.parametrize(
    ("text", "form", "mend"),
    [
        (
            "1.234,56",
            POINT,
            'declare decimal = "," and thousands = "." under [format] in planning.toml, or write 1234.56',
        ),
        ("1,234.56", POINT, 'declare thousands = "," under [format] in planning.toml, or write 1234.56'),
        ("1,234,567", POINT, 'declare thousands = "," under [format] in planning.toml, or write 1234567'),
        (
            "1 234,5",
            POINT,
            'declare decimal = "," and thousands = " " under [format] in planning.toml, or write 1234.5',
        ),
        ("1'234.50", POINT, 'declare thousands = "\'" under [format] in planning.toml, or write 1234.50'),
        ("12,5", POINT, 'declare decimal = "," under [format] in planning.toml'),
        (
            "1,234",
            POINT,
            'say what the mark is under [format] in planning.toml: decimal = "," or thousands = ","',
        ),
        ("12.5", FormatSettings(decimal=","), 'declare decimal = "." under [format] in planning.toml'),
        ("90 %", POINT, "write the figure without the % sign (90 in a percent column, 0.9 in a share)"),
        ("€ 12.50", POINT, "write the figure alone, without currency or unit"),
        ("12 kg", POINT, "write the figure alone, without currency or unit"),
        ("n/a", POINT, "write digits only, or leave the cell empty where the value is not known"),
    ],
)
def test_the_way_to_mend_fits_what_was_written(text: str, form: FormatSettings, mend: str) -> None:
    assert explain_number(text, form)[1] == mend


def test_what_is_expected_is_shown_in_the_declared_form() -> None:
    assert explain_number("x", GERMAN)[0] == "a number written like 1234,56 or 1.234,56"


@pytest.mark.parametrize("value", [1.1e18, -1e300, 1e308])
def test_what_no_business_counts_is_a_fault_in_every_kind_of_table(value: float) -> None:
    typed = parse_numbers(pa.chunked_array([pa.array([1.0, value])]), POINT)
    cells = parse_numbers(np.array([1.0, value], dtype=object), POINT)
    text = parse_numbers(pa.chunked_array([pa.array(["1", repr(value)])]), POINT)
    assert [one.bad.tolist() for one in (typed, cells, text)] == [[False, True]] * 3
    assert "between \u22121e+18 and 1e+18" in explain_number(repr(value), POINT)[0]
