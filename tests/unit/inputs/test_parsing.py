"""Columns by their dictionary type: one problem per kind of fault, counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.inputs.configuration.settings import FormatSettings
from alignment_lib.inputs.dictionary import fields_of
from alignment_lib.inputs.problems import ProblemLog
from alignment_lib.inputs.tables.parsing import ParsedTable, empty_table, parse_table
from alignment_lib.inputs.tables.raw import PercentCell, RawTable


def text(*words: str) -> pa.ChunkedArray:
    return pa.chunked_array([list(words)], pa.string())


def cells(*values: Any) -> np.ndarray:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def parse(
    table: str, columns: dict[str, Any], category: Sequence[str] = (), form: FormatSettings | None = None
) -> tuple[ParsedTable, ProblemLog]:
    log = ProblemLog()
    rows = len(next(iter(columns.values())))
    raw = RawTable(f"{table}.csv", "", columns, rows)
    fields = fields_of(table, ("product",), ("price",))
    return parse_table(raw, fields, form or FormatSettings(), log, category), log


def messages(log: ProblemLog) -> list[str]:
    return [str(problem) for problem in log]


CONTACT = {"lead_id": text("L1", "L2", "L3"), "at": text("2025-01-06", "2025-01-07", "2025-01-08")}


def test_absent_optional_columns_are_there_and_missing() -> None:
    parsed, log = parse(
        "leads", {"lead_id": text("L1"), "created": text("2025-01-06"), "source": text("web")}
    )
    assert messages(log) == []
    assert list(parsed.frame) == [field.column for field in fields_of("leads", ("product",))]
    assert parsed.frame.loc[0, "handler"] == ""
    assert np.isnan(parsed.frame.loc[0, "amount"])
    assert pd.isna(parsed.frame.loc[0, "closed_at"])
    assert parsed.frame["closed_at"].dtype == "datetime64[ns]"


def test_an_empty_table_has_the_types_it_would_have() -> None:
    frame = empty_table(fields_of("assumptions", ("product",)))
    assert len(frame) == 0
    assert frame["accepted_sales_on"].dtype == "datetime64[ns]"
    assert frame["accepted_sales_by"].dtype == object
    assert frame["expected"].dtype == float


@pytest.mark.parametrize(
    ("word", "value"), [("yes", 1), ("No", 0), ("TRUE", 1), ("false", 0), ("1", 1), ("0", 0)]
)
def test_flags_are_yes_or_no_in_a_few_spellings(word: str, value: int) -> None:
    parsed, log = parse("contacts", CONTACT | {"reached": text(word, "", "yes")})
    assert messages(log) == []
    assert parsed.frame["reached"].tolist()[0] == value
    assert np.isnan(parsed.frame["reached"][1])


def test_workbook_flags_are_read() -> None:
    parsed, _ = parse("contacts", CONTACT | {"reached": cells(True, False, None)})
    assert parsed.frame["reached"].tolist()[:2] == [1, 0]


def test_any_other_flag_is_a_problem() -> None:
    _, log = parse("contacts", CONTACT | {"reached": text("yes", "maybe", "maybe")})
    assert messages(log) == [
        "contacts.csv, row 3, column reached (2 rows): found 'maybe', expected yes or no; write yes or no"
    ]


def test_a_word_outside_a_choice_offers_the_nearest() -> None:
    leads = {
        "lead_id": text("L1"),
        "created": text("2025-01-06"),
        "source": text("web"),
        "outcome": text("wonn"),
    }
    _, log = parse("leads", leads)
    assert messages(log) == [
        "leads.csv, row 2, column outcome: found 'wonn', expected one of won, lost; did you mean `won`?"
    ]


def test_more_than_ten_wrong_words_are_counted_in_the_last() -> None:
    words = [f"w{at:02d}" for at in range(14)]
    leads = {
        "lead_id": text(*words),
        "created": text(*["2025-01-06"] * 14),
        "source": text(*["web"] * 14),
        "outcome": text(*words),
    }
    _, log = parse("leads", leads)
    assert len(log.problems) == 10
    assert messages(log)[0].startswith("leads.csv, row 2, column outcome: found 'w00'")
    assert messages(log)[-1].startswith(
        "leads.csv, row 11, column outcome (5 rows): found 'w09' and 4 other words"
    )


def test_required_cells_must_not_be_empty() -> None:
    _, log = parse("contacts", {"lead_id": text("L1", "", " "), "at": text("2025-01-06", "", "2025-01-08")})
    assert messages(log) == [
        "contacts.csv, row 3, column lead_id (2 rows): found an empty cell, expected a text; fill it in, "
        "or remove the row",
        "contacts.csv, row 3, column at: found an empty cell, expected a datetime; fill it in, or remove "
        "the row",
    ]


def test_spaces_around_text_are_left_off_and_counted() -> None:
    parsed, log = parse("contacts", CONTACT | {"handler": text("Desk", " Desk", "Desk ")})
    assert parsed.frame["handler"].tolist() == ["Desk"] * 3
    assert [(notice.code, notice.text, notice.count) for notice in log.notices] == [
        ("spaces", "contacts.csv: spaces around text left off in 2 cells.", 2)
    ]


def test_categories_are_sorted_and_na_stays_a_word() -> None:
    drivers = {"period": text("2025-01-01", "2025-01-01", "2025-01-01"), "product": text("b", "NA", "a")}
    parsed, log = parse("drivers", drivers | {"price": text("1", "2", "3")}, category=["product"])
    assert messages(log) == []
    assert parsed.frame["product"].cat.categories.tolist() == ["NA", "a", "b"]
    assert parsed.frame["product"].tolist() == ["b", "NA", "a"]


def test_whole_numbers_are_asked_for_counts() -> None:
    _, log = parse("funnel", {"period": text("2025-01-01", "2025-02-01"), "leads": text("12", "12.5")})
    assert messages(log) == [
        "funnel.csv, row 3, column leads: found '12.5', expected a whole number; write a whole number"
    ]


def test_a_percentage_cell_is_read_as_shown() -> None:
    claim = {
        "id": cells("A1"),
        "kind": cells("promotion"),
        "title": cells("T"),
        "owner": cells("o"),
        "function": cells("marketing"),
        "start": cells(dt.datetime(2025, 1, 1)),
        "end": cells(dt.datetime(2025, 1, 31)),
        "unit": cells("percent"),
        "expected": cells(PercentCell(0.9)),
        "high": cells(95),
        "moved_share": cells(PercentCell(0.9)),
        "depth": cells(PercentCell(0.25)),
    }
    parsed, log = parse("assumptions", claim)
    assert messages(log) == []
    assert parsed.frame.loc[0, ["expected", "high", "moved_share", "depth"]].tolist() == [90, 95, 0.9, 0.25]
    assert parsed.percent["expected"].tolist() == [True]
    assert "high" not in parsed.percent


def test_acceptances_are_taken_apart_into_role_and_date() -> None:
    brief = {"campaign": text("a", "b"), "agreed_by_sales": text("head of sales 2025-01-14", "")}
    parsed, log = parse("briefs", brief | {"regular_customers_informed": text("240 2025-01-20", "")})
    assert messages(log) == []
    frame = parsed.frame
    assert frame["agreed_by_sales"].tolist() == ["head of sales 2025-01-14", ""]
    assert frame["agreed_by_sales_by"].tolist() == ["head of sales", ""]
    assert frame["agreed_by_sales_on"].astype(str).tolist() == ["2025-01-14", "NaT"]
    assert frame["regular_customers_informed_count"][0] == 240
    assert np.isnan(frame["regular_customers_informed_count"][1])
    assert frame["regular_customers_informed_on"][0] == pd.Timestamp("2025-01-20")


@pytest.mark.parametrize("words", ["yes", "2025-01-14", "head of sales", "head of sales 14.01.2025"])
def test_an_acceptance_without_role_or_date_is_a_problem(words: str) -> None:
    _, log = parse("briefs", {"campaign": text("a"), "agreed_by_sales": text(words)})
    assert messages(log) == [
        f"briefs.csv, row 2, column agreed_by_sales: found '{words}', expected role and date, like "
        "'head of sales 2026-02-18'; write both, the date last"
    ]


def test_a_count_must_come_before_its_date() -> None:
    _, log = parse("briefs", {"campaign": text("a"), "regular_customers_informed": text("many 2025-01-20")})
    assert messages(log)[0].startswith(
        "briefs.csv, row 2, column regular_customers_informed: found 'many 2025-01-20'"
    )


def test_offsets_of_times_are_kept_beside_them() -> None:
    times = text("2025-01-06T09:00+01:00", "2025-01-07 09:00", "2025-01-08")
    parsed, _ = parse("contacts", CONTACT | {"at": times})
    assert parsed.offsets["at"][0] == 60.0
    assert np.isnan(parsed.offsets["at"][1:]).all()


def test_different_faults_in_one_column_are_told_apart() -> None:
    capacity = {"period": text(*["2025-01-01"] * 4), "leads": text("12 kg", "1,5", "2,5", "x")}
    _, log = parse("capacity", capacity)
    assert [problem.row for problem in log] == [2, 3, 5]
    assert [problem.count for problem in log] == [1, 2, 1]


def test_a_declared_form_is_used_in_every_column() -> None:
    form = FormatSettings(decimal=",", thousands=".", date="%d.%m.%Y")
    parsed, log = parse("capacity", {"period": text("31.01.2025"), "leads": text("1.234,5")}, form=form)
    assert messages(log) == []
    assert parsed.frame["period"][0] == pd.Timestamp("2025-01-31")
    assert parsed.frame["leads"][0] == 1234.5


def test_a_hundred_thousand_faults_make_one_problem() -> None:
    count = 100_000
    capacity = {"period": text(*["2025-01-01"] * count), "leads": text(*[f"{at} kg" for at in range(count)])}
    _, log = parse("capacity", capacity)
    assert [(problem.row, problem.count) for problem in log] == [(2, count)]


@given(st.lists(st.text(max_size=8), min_size=1, max_size=20))
def test_text_is_kept_but_for_spaces_around_it(words: list[str]) -> None:
    columns = {
        "lead_id": text(*["L"] * len(words)),
        "at": text(*["2025-01-06"] * len(words)),
        "handler": text(*words),
    }
    parsed, _ = parse("contacts", columns)
    assert parsed.frame["handler"].tolist() == [word.strip() for word in words]
