"""How workspaces and exports write figures and dates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.inputs.configuration.settings import FormatSettings
from alignment_lib.inputs.tables.numbers import explain_number, parse_numbers
from alignment_lib.inputs.words.export_dates import find_date_forms, read_moments
from alignment_lib.inputs.words.export_numbers import find_currency_marks, find_number_forms, parse_figures
from alignment_lib.inputs.words.heading_words import read_heading
from alignment_lib.inputs.words.month_words import month_numbers
from alignment_lib.inputs.words.period_headings import find_across


def texts(*words: str) -> pd.Series:
    return pd.Series(words, dtype=object)


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (("1,23,456.50", "₹ 2,500.00"), [123_456.5, 2_500.0]),
        (("1’234.50", "CHF 1'000.–"), [1_234.5, 1_000.0]),
        (("1.234,50", "12,00-", "5,-"), [1_234.5, -12.0, 5.0]),
        (("(12.00)", "$(3.50)", "-$5.00", "$-6.25", "1,000.00"), [-12.0, -3.5, -5.0, -6.25, 1_000.0]),
        (("−12.50", "--", "n/a"), [-12.5, np.nan, np.nan]),
        (("kr 1 234,50", "1 000 zł"), [1_234.5, 1_000.0]),
        (("R$ 10,50", "12.345,00"), [10.5, 12_345.0]),
    ],
)
def test_figures_are_read_as_their_countries_write_them(words, values):
    form = find_number_forms(texts(*words))[0]
    np.testing.assert_allclose(parse_figures(texts(*words), *form), values)


@pytest.mark.parametrize(
    "word", ["12 pcs", "1,2,3", "5%", "1.2.3", "x", "K5", "5M", "--5", "R12", "TOP5", "PEN12"]
)
def test_what_is_no_figure_is_read_in_no_form(word):
    assert find_number_forms(texts("1", word)) == []


@given(st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: round(value, 2)))
def test_a_figure_comes_back_whatever_way_it_was_written(value):
    plain = f"{abs(value):,.2f}"
    ways = {
        (".", ","): [plain, f"$ {plain}", f"{plain} EUR"],
        (",", "."): [plain.translate(str.maketrans(",.", ".,"))],
        (".", "'"): [plain.replace(",", "’")],
        (",", " "): [plain.translate(str.maketrans(",.", "\u202f,"))],
    }
    for form, words in ways.items():
        signed = (
            [f"-{word}" for word in words] + [f"({word})" for word in words] + [f"{word}-" for word in words]
        )
        given = texts(*(signed if value < 0 else words))
        np.testing.assert_allclose(parse_figures(given, *form), value)


def test_currencies_are_told_by_mark_and_code():
    assert find_currency_marks(texts("€10", "5 USD", "7", "kr 8", "(R$ 9)")).tolist() == [
        "€",
        "USD",
        "",
        "kr",
        "R$",
    ]


@pytest.mark.parametrize(
    ("words", "form", "first"),
    [
        (("1/13/2024, 2:05 PM",), "%m/%d/%Y", "2024-01-13 14:05:00"),
        (("12/31/2024 12:15 AM",), "%m/%d/%Y", "2024-12-31 00:15:00"),
        (("2025-01-01 09:00:00 +0100",), "%Y-%m-%d", "2025-01-01 09:00:00"),
        (("13 de enero de 2024",), "%d %b %Y", "2024-01-13 00:00:00"),
        (("2024年1月13日",), "%Y-%m-%d", "2024-01-13 00:00:00"),
        (("2025W07", "2025-W08"), "iso week", "2025-02-10 00:00:00"),
        (("202507", "202549"), "year and week", "2025-02-10 00:00:00"),
        (("202512", "202601"), "%Y%m", "2025-12-01 00:00:00"),
        (("44928", "44929.5"), "day number", "2023-01-02 00:00:00"),
    ],
)
def test_dates_are_read_in_the_form_all_of_them_share(words, form, first):
    assert find_date_forms(texts(*words)) == [form]
    assert str(read_moments(texts(*words), form).values[0]) == first


def test_a_code_that_could_be_a_month_or_a_week_has_two_forms():
    assert find_date_forms(texts("202501", "202502")) == ["year and week", "%Y%m"]


def test_a_week_that_a_year_does_not_have_is_no_date():
    assert find_date_forms(texts("2025-W53")) == []


def test_listopad_is_the_month_of_the_language_around_it():
    assert month_numbers(["listopad"]) == {}
    assert month_numbers(["listopad", "wrzesień"])["listopad"] == 11
    assert month_numbers(["listopad", "prosinac"])["listopad"] == 10


@pytest.mark.parametrize(
    ("headings", "grain", "first"),
    [
        (["Mär 2024", "May 2024", "2024-06"], "month", "2024-03-01"),
        (["janv. 24", "févr. 24", "août 24"], "month", "2024-01-01"),
        (["01/06/2025", "01/13/2025"], "week", "2025-01-06"),
        (["KW 1/2025", "KW 02/2025"], "week", "2024-12-30"),
        (["1. Quartal 2024", "2. Quartal 2024"], "quarter", "2024-01-01"),
        (["2024 Q1", "T2 2024"], "quarter", "2024-01-01"),
        (["31.01.2024", "29.02.2024"], "month", "2024-01-31"),
    ],
)
def test_headings_are_read_in_any_form_and_language(headings, grain, first):
    across = find_across(["Region", *headings])
    assert (across.grain, len(across.periods)) == (grain, len(headings))
    assert f"{next(iter(across.periods.values())):%Y-%m-%d}" == first


@pytest.mark.parametrize("heading", ["Region", "Market", "Sales", "Mayor", "Product", "Quantity", "Store 12"])
def test_words_that_only_begin_like_a_month_are_none(heading):
    assert read_heading(heading, month_numbers([heading])) is None or not find_across([heading, "x"]).periods


@pytest.mark.parametrize(
    ("form", "word", "value"),
    [
        (FormatSettings(thousands=","), "1,23,456.50", 123_456.5),
        (FormatSettings(thousands="'"), "1’234.50", 1_234.5),
        (FormatSettings(), "−12.5", -12.5),
        (FormatSettings(negative="trailing"), "12.50-", -12.5),
        (FormatSettings(negative="brackets", thousands=","), "(1,250.00)", -1_250.0),
        (FormatSettings(nothing=("--",)), "--", np.nan),
    ],
)
def test_a_workspace_reads_what_it_declares(form, word, value):
    found = parse_numbers(pa.chunked_array([pa.array(["1", word])]), form)
    assert not found.bad.any()
    np.testing.assert_allclose(found.values[1], value)


@pytest.mark.parametrize(
    ("word", "mend"),
    [
        ("12.50-", 'negative = "trailing"'),
        ("(12.50)", 'negative = "brackets"'),
        ("--", 'nothing = ["--"]'),
        ("1,23,456.50", 'thousands = ","'),
    ],
)
def test_a_figure_that_is_not_declared_is_named_with_its_mend(word, mend):
    assert parse_numbers(pa.chunked_array([pa.array([word])]), FormatSettings()).bad.all()
    assert mend in explain_number(word, FormatSettings())[1]
