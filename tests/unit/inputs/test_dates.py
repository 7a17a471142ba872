"""Dates and times are read strictly by the declared form."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.inputs.tables.dates import (
    Dates,
    date_form,
    explain_dates,
    parse_date,
    parse_dates,
    parse_datetimes,
)

GERMAN = "%d.%m.%Y"


def text_column(*texts: str) -> pa.ChunkedArray:
    return pa.chunked_array([list(texts)], pa.string())


def cells(*values: Any) -> np.ndarray:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def shown(dates: Dates) -> list[str]:
    return [str(value)[:19] for value in dates.values]


def test_iso_days_are_read_blanks_are_missing_and_the_rest_is_a_fault() -> None:
    dates = parse_dates(text_column("2025-01-31", "", " 2025-02-01 ", "31.01.2025", "2025-02-30"), "iso")
    assert shown(dates) == ["2025-01-31T00:00:00", "NaT", "2025-02-01T00:00:00", "NaT", "NaT"]
    assert dates.bad.tolist() == [False, False, False, True, True]


@pytest.mark.parametrize(
    "text", ["2025-1-31", "20250131", "2025-W05-5", "2025-01-31T00:00", "1492-01-01", "2500-01-01"]
)
def test_what_looks_like_iso_but_is_not_a_day_in_range_is_a_fault(text: str) -> None:
    assert parse_dates(text_column(text), "iso").bad.tolist() == [True]


def test_a_declared_form_is_the_only_one_read() -> None:
    dates = parse_dates(text_column("31.01.2025", "2025-01-31"), GERMAN)
    assert shown(dates)[0] == "2025-01-31T00:00:00"
    assert dates.bad.tolist() == [False, True]


@given(st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)))
def test_a_day_written_out_comes_back_in_any_form(day: dt.date) -> None:
    for form in ("%Y-%m-%d", GERMAN, "%m/%d/%Y", "%d %b %Y"):
        assert parse_date(day.strftime(form), "iso" if form == "%Y-%m-%d" else form) == day


@given(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2199, 12, 31)))
def test_a_moment_written_out_comes_back(moment: dt.datetime) -> None:
    dates = parse_datetimes(text_column(moment.isoformat(), moment.isoformat(" ")), "iso")
    assert dates.values.tolist() == [np.datetime64(moment, "ns").item()] * 2
    assert not dates.bad.any()


def test_moments_with_a_zone_become_utc_and_are_marked() -> None:
    dates = parse_datetimes(
        text_column("2025-01-06T09:30:00+01:00", "2025-01-06 09:30Z", "2025-01-06 09:30", "2025-01-06"), "iso"
    )
    assert shown(dates) == [
        "2025-01-06T08:30:00",
        "2025-01-06T09:30:00",
        "2025-01-06T09:30:00",
        "2025-01-06T00:00:00",
    ]
    assert dates.offsets[:2].tolist() == [60.0, 0.0]
    assert np.isnan(dates.offsets[2:]).all()


@pytest.mark.parametrize(
    "text", ["yesterday", "2025-01-06 25:00", "06.01.2025 09:30", "1736155800", "2025-13-01 00:00"]
)
def test_a_moment_in_any_other_form_is_a_fault(text: str) -> None:
    dates = parse_datetimes(text_column("2025-01-06", text), "iso")
    assert dates.bad.tolist() == [False, True]
    assert np.isnat(dates.values[1])


def test_a_day_in_the_declared_form_may_stand_among_moments() -> None:
    dates = parse_datetimes(text_column("06.01.2025", "2025-01-06 10:00", "x", ""), GERMAN)
    assert shown(dates)[:2] == ["2025-01-06T00:00:00", "2025-01-06T10:00:00"]
    assert dates.bad.tolist() == [False, False, True, False]


def test_real_dates_of_a_workbook_are_taken_as_they_are() -> None:
    dates = parse_dates(cells(dt.datetime(2025, 1, 31), "2025-02-01", None), "iso")
    assert shown(dates) == ["2025-01-31T00:00:00", "2025-02-01T00:00:00", "NaT"]
    assert not dates.bad.any()


@pytest.mark.parametrize(
    "cell", [45688, 45688.5, True, dt.time(9, 0), dt.datetime(2025, 1, 31, 9, 30), "soon"]
)
def test_a_workbook_cell_that_is_no_day_is_a_fault(cell: Any) -> None:
    dates = parse_dates(cells(dt.datetime(2025, 1, 31), cell), "iso")
    assert dates.bad.tolist() == [False, True]
    assert np.isnat(dates.values[1])


def test_moments_of_a_workbook_keep_their_time() -> None:
    dates = parse_datetimes(cells(dt.datetime(2025, 1, 31, 9, 30), "2025-01-31 10:00+01:00"), "iso")
    assert shown(dates) == ["2025-01-31T09:30:00", "2025-01-31T09:00:00"]
    assert np.isnan(dates.offsets[0])
    assert dates.offsets[1] == 60.0


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (pa.date32(), dt.date(2025, 1, 31)),
        (pa.timestamp("ms"), dt.datetime(2025, 1, 31)),
        (pa.timestamp("ns"), dt.datetime(2025, 1, 31)),
    ],
)
def test_typed_days_are_taken_as_they_are(kind: pa.DataType, value: Any) -> None:
    dates = parse_dates(pa.chunked_array([pa.array([value, None], kind)]), "iso")
    assert shown(dates) == ["2025-01-31T00:00:00", "NaT"]
    assert not dates.bad.any()


def test_typed_moments_with_a_zone_become_utc() -> None:
    seven = np.array(["2025-01-31T07:00"], dtype="M8[us]").astype(np.int64)  # Arrow keeps UTC inside
    column = pa.array(seven, pa.timestamp("us", tz="+02:00"))
    dates = parse_datetimes(pa.chunked_array([column]), "iso")
    assert shown(dates) == ["2025-01-31T07:00:00"]
    assert dates.offsets.tolist() == [120.0]


def test_typed_moments_far_out_of_range_are_faults() -> None:
    column = pa.array(
        [dt.datetime(1, 1, 1), dt.datetime(9999, 1, 1), dt.datetime(2025, 1, 1)], pa.timestamp("us")
    )
    assert parse_datetimes(pa.chunked_array([column]), "iso").bad.tolist() == [True, True, False]


def test_a_typed_column_of_numbers_holds_no_dates() -> None:
    assert parse_dates(pa.chunked_array([pa.array([20250131, None])]), "iso").bad.tolist() == [True, False]
    assert not parse_dates(pa.chunked_array([pa.nulls(2)]), "iso").bad.any()


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2025-01-31", "iso"),
        ("31.01.2025", "%d.%m.%Y"),
        ("31.1.25", "%d.%m.%y"),
        ("1/31/2025", "%d/%m/%Y or %m/%d/%Y"),
        ("2025/01/31", "%Y/%m/%d"),
        ("20250131", "%Y%m%d"),
        ("31 Jan 2025", "%d %b %Y"),
        ("45688", "a spreadsheet's day number"),
        ("2025-01-31 10:00", "a date with a time"),
        ("", ""),
    ],
)
def test_forms_are_recognised_for_messages(text: str, form: str) -> None:
    assert date_form(text) == form


@pytest.mark.parametrize(
    ("bad", "good", "found", "mend"),
    [
        (
            ["1/31/2025"],
            "",
            "'1/31/2025'",
            'declare date = "%d/%m/%Y" or date = "%m/%d/%Y" under [format] in planning.toml',
        ),
        (["45688"], "", "'45688', a spreadsheet's day number", "format the cells as dates and export again"),
        (["2025-01-31 10:00"], "", "'2025-01-31 10:00'", "write the day alone"),
        (["soon", "later"], "2025-01-31", "'soon'", "write a day that exists, or leave the cell empty"),
        (["2025-02-30"], "2025-01-31", "'2025-02-30'", "write a day that exists"),
        (
            ["31.01.2025", "soon", "30.01.2025"],
            "2025-01-31",
            "two date forms in one column, '2025-01-31' and '31.01.2025'",
            "write all dates of the column in the same form",
        ),
    ],
)
def test_a_fault_is_explained_by_the_commonest_form(bad: list[str], good: str, found: str, mend: str) -> None:
    shown_found, expected, shown_mend = explain_dates(bad, good, "iso", with_time=False)
    assert (shown_found, shown_mend[: len(mend)]) == (found, mend)
    assert "a date like 2025-01-31" in expected


def test_a_declared_form_is_named_as_expected() -> None:
    found, expected, mend = explain_dates(["2025-01-31"], "31.01.2025", GERMAN, with_time=True)
    assert found == "two date forms in one column, '31.01.2025' and '2025-01-31'"
    assert expected == "one form, a date of the form %d.%m.%Y or a time like 2025-01-31 14:30"
    assert mend == "write all dates of the column in the same form"
