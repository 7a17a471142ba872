from __future__ import annotations

import tomllib

import pandas as pd
import pytest

from alignment_lib.app.imports.proposed_country import propose_country


def propose(columns: dict[str, list[str]], dimensions: tuple[str, ...] = ()) -> str | None:
    table = pd.DataFrame(columns)
    found = propose_country(table, table, dimensions)
    return found.setting if found else None


@pytest.mark.parametrize(
    ("columns", "setting"),
    [
        ({"Date": ["x"], "Amount": ["£3.00"]}, '"GB"'),
        ({"Date": ["x"], "Amount": ["₹3"]}, '"IN"'),
        ({"Datum": ["x"], "Menge": ["3"], "Betrag": ["CHF 3"]}, '"CH"'),
        ({"Datum": ["x"], "Umsatz": ["3 €"], "Filiale": ["A"]}, '"DE"'),
        ({"Date": ["x"], "Quantité": ["3"], "Ventes": ["4 €"]}, '"FR"'),
        ({"Date": ["x"], "Amount": ["3"], "Currency": ["USD"]}, '"US"'),
        ({"Land": ["Österreich", "Österreich"], "Menge": ["3", "4"]}, '"AT"'),
    ],
)
def test_currency_language_and_columns_speak_for_a_country(
    columns: dict[str, list[str]], setting: str
) -> None:
    assert propose(columns) == setting


@pytest.mark.parametrize(
    "columns",
    [
        {"Date": ["x"], "Amount": ["3.00"]},
        {"Date": ["x", "y"], "Amount": ["$3", "£4"]},
        {"Date": ["x"], "Amount": ["3 €"]},
        {"product": ["IT", "HR"], "Amount": ["3", "4"]},
        {"Week": ["x"], "Channel": ["Shop"], "Product": ["Lock"], "Quantity": ["5"], "Net sales": ["3450.0"]},
    ],
)
def test_nothing_is_proposed_where_nothing_speaks_for_one(columns: dict[str, list[str]]) -> None:
    assert propose(columns, tuple(name for name in columns if name == "product")) is None


def test_a_dimension_of_several_countries_is_proposed_as_the_column() -> None:
    columns = {"Country": ["Germany", "France", "UK"], "Amount": ["3", "4", "5"]}
    assert propose(columns, ("Country",)) == '{ column = "Country" }'


def test_the_line_says_nothing_until_its_mark_is_taken_away() -> None:
    table = pd.DataFrame({"Country": ["DE", "FR"]})
    found = propose_country(table, table, ["Country"])
    assert found is not None
    assert tomllib.loads(found.line) == {}
    assert tomllib.loads(found.line.removeprefix("# ")) == {"holidays": {"column": "Country"}}
    assert found.sentence.startswith("Doubtful: decide")
