"""Customers who buy again: cohorts as far as they have lived, types of sale span by span."""

from __future__ import annotations

import re

import pandas as pd

from alignment_lib.answers.past.customers import cohort_table, type_table
from alignment_lib.answers.tables import Table, render_table


def _lines(shown: Table) -> list[list[str]]:
    text = str(render_table(shown)).replace("\u202f", " ")
    rows = re.findall(r"<tr>(.*?)</tr>", text, re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(?:<span>)?([^<]*)", row) for row in rows]


def test_cohorts_show_only_what_they_have_lived_and_together_only_those_that_did() -> None:
    days = pd.to_datetime(
        ["2025-07-01", "2025-07-01", "2025-07-01", "2025-10-01", "2025-10-01", "2026-01-01"]
    )
    cohorts = pd.DataFrame(
        {
            "cohort": days,
            "age": [0, 1, 2, 0, 1, 0],
            "customers": [10, 10, 10, 30, 30, 5],
            "active": [10, 4, 2, 30, 6, 5],
            "revenue": [100.0, 30.0, 20.0, 300.0, 60.0, 50.0],
        }
    )
    cohorts["repeat_rate"] = cohorts["active"] / cohorts["customers"]
    lines = _lines(cohort_table(cohorts, "EUR"))
    assert [line[1:4] for line in lines[1:4]] == [
        ["10", "40 %", "20 %"],
        ["30", "20 %", "\u2013"],
        ["5", "\u2013", "\u2013"],
    ]
    # Together after one span: (4 + 6) of (10 + 30); after two: 2 of 10. Later money: 110 of 560.
    assert lines[-1] == ["All cohorts", "45", "25 %", "20 %", "560", "20 %"]


def test_types_of_sale_add_up_span_by_span() -> None:
    days = pd.to_datetime(["2025-10-01", "2025-10-01", "2026-01-01"])
    types = pd.DataFrame(
        {"period": days, "sale_type": ["new", "repeat", "new"], "revenue": [60.0, 40.0, 7.0]}
    )
    lines = _lines(type_table(types.assign(purchases=[6, 4, 1], customers=[6, 4, 1]), "EUR"))
    assert [line[1:] for line in lines[1:]] == [
        ["60", "40", "100", "10"],
        ["7", "0", "7", "1"],
        ["67", "40", "107", "11"],
    ]
