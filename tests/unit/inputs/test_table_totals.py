"""Rows that are sums of others, told by arithmetic."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_lib.inputs.reading.table_totals import find_totals, says_total

MONTHS = ["Jan 2025", "Feb 2025", "Mar 2025", "Apr 2025"]


def table(*rows: str, columns: str = "Region,Product") -> pd.DataFrame:
    names = [*columns.split(","), *MONTHS]
    return pd.DataFrame([row.split(",") for row in rows], columns=names, dtype=object)


def test_a_brand_called_total_stays_and_is_shown():
    found = find_totals(
        table("N,Total,10,12,13,9", "N,Shell,21,25,30,8", "S,Total,1,2,3,4", "S,Shell,7,4,5,6")
    )
    assert (list(found.certain), found.suspects) == ([], ())
    assert [notice.text for notice in found.notices] == [
        "2 rows of Product 'Total' kept: no sum of other rows."
    ]


def test_a_member_that_adds_up_under_its_own_name_is_asked_about():
    found = find_totals(
        table(
            "DE,Tea,103,127,131,99",
            "AT,Tea,20,25,30,18",
            "CH,Tea,11,12,19,13",
            "DACH,Tea,134,164,180,130",
            "FR,Tea,19,28,17,16",
        )
    )
    assert list(found.certain) == []
    (asked,) = found.suspects
    assert (asked.column, asked.value, asked.proposal) == ("Region", "DACH", "leave out")
    assert "equal the sum of the rows beside them" in asked.text


def test_a_total_that_does_not_add_up_is_asked_about():
    found = find_totals(table("N,Tea,10,11,12,13", "S,Tea,20,21,22,23", "Total,,30,32,34,35"))
    assert list(found.certain) == []
    assert "does not equal the sum of its rows" in found.suspects[0].text


def test_subtotals_above_their_rows_give_them_their_label():
    found = find_totals(
        table("North,,15,17,19,5", ",Tea,5,6,7,2", ",Cake,10,11,12,3", "South,,9,8,7,6", ",Tea,9,8,7,6")
    )
    assert list(found.certain) == [0, 3]
    assert [(label, list(rows)) for _, label, rows in found.carried] == [("North", [1, 2]), ("South", [4])]


def test_sums_of_small_counts_are_chance():
    found = find_totals(table("A,x,1,0,1,0", "B,x,0,1,0,1", "C,x,1,1,1,1", "D,x,0,0,1,1"))
    assert (list(found.certain), found.suspects) == ([], ())


def test_totals_by_date_and_the_last_one_go_from_a_list():
    rows = [
        [f"2025-01-{day:02d}", name, str(units)]
        for day in range(1, 6)
        for name, units in (("N", day), ("S", 2 * day), ("Total", 3 * day))
    ]
    found = find_totals(pd.DataFrame([*rows, ["", "Grand total", "45"]], columns=["date", "region", "units"]))
    assert len(found.certain) == 6


@pytest.mark.parametrize(
    "word", ["Summe", "Gesamtergebnis", "Razem", "Итого", "合計", "Sous-total", "North Total"]
)
def test_words_of_totals_are_known_in_many_languages(word):
    assert says_total(word)


@given(
    st.lists(st.lists(st.integers(100, 9_999), min_size=4, max_size=4), min_size=2, max_size=9),
    st.integers(1, 3),
)
@settings(max_examples=60)
def test_subtotals_put_into_any_table_are_found_and_nothing_else_goes(figures, block):
    rows, expected, at = [], [], 0
    for start in range(0, len(figures), block):
        part = figures[start : start + block]
        for number, row in enumerate(part):
            rows.append([f"R{start}", f"P{number}", *map(str, row)])
            at += 1
        rows.append([f"R{start} Total", "", *map(str, np.sum(part, axis=0))])
        expected.append(at)
        at += 1
    rows.append(["Grand Total", "", *map(str, np.sum(figures, axis=0))])
    found = find_totals(pd.DataFrame(rows, columns=["Region", "Product", *MONTHS], dtype=object))
    assert list(found.certain) == [*expected, at]
