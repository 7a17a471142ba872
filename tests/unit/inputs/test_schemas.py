"""What the dictionary refuses is located, and what it allows passes."""

from __future__ import annotations

import pyarrow as pa
import pytest

from alignment_lib.inputs.checking.schemas import check_schema
from alignment_lib.inputs.configuration.settings import FormatSettings
from alignment_lib.inputs.dictionary import fields_of, table_names
from alignment_lib.inputs.problems import ProblemLog
from alignment_lib.inputs.tables.parsing import parse_table
from alignment_lib.inputs.tables.raw import RawTable


def check(table: str, rows: str) -> list[str]:
    header, *records = [line.split("|") for line in rows.strip().splitlines()]
    columns = {name: pa.chunked_array([[record[at] for record in records]]) for at, name in enumerate(header)}
    log = ProblemLog()
    fields = fields_of(table, ("product",), ("price",))
    parsed = parse_table(RawTable(f"{table}.csv", "", columns, len(records)), fields, FormatSettings(), log)
    check_schema(parsed, fields, log)
    return [str(problem) for problem in log]


@pytest.mark.parametrize("table", table_names())
def test_the_empty_form_of_every_table_passes(table: str) -> None:
    header = "|".join(field.column for field in fields_of(table, ("product",), ("price",)))
    assert check(table, header) == []


def test_no_value_is_rounded_before_it_is_checked() -> None:
    assert check("capacity", "period|leads\n2025-01-01|-0.4\n") == [
        "capacity.csv, row 2, column leads: found '-0.4', expected 0 or more; correct the value"
    ]


def test_a_value_below_its_range_is_located_and_counted() -> None:
    assert check("capacity", "period|leads\n2025-01-01|5\n2025-02-01|-1\n2025-03-01|-2\n") == [
        "capacity.csv, row 3, column leads (2 rows): found '-1', expected 0 or more; correct the value"
    ]


def test_a_share_above_one_says_how_shares_are_written() -> None:
    assert check("contacts", "lead_id|at|call_quality\nL1|2025-01-06|80\n") == [
        "contacts.csv, row 2, column call_quality: found '80', expected 0 to 1; write a decimal share, "
        "0.9 for 90 %"
    ]


def test_duplicate_ids_name_their_rows() -> None:
    assert check("leads", "lead_id|created|source\nL1|2025-01-06|a\nL2|2025-01-06|a\nL1|2025-01-07|b\n") == [
        "leads.csv, row 2 (2 rows): found rows 2 and 4 with the same lead_id L1, expected one row for "
        "each lead_id; "
        "add the rows up, or remove those that stand there by mistake"
    ]


def test_many_duplicates_of_one_key_are_cut_short() -> None:
    rows = "lead_id|created|source\n" + "L1|2025-01-06|a\n" * 14
    assert check("leads", rows)[0].startswith(
        "leads.csv, row 2 (14 rows): found rows 2, 3, 4, 5, 6, 7, 8, 9, 10 and 11 and others with the "
        "same lead_id L1,"
    )


def test_a_blank_part_of_the_key_counts_as_a_value() -> None:
    found = check("spend", "period|source|amount\n2025-01-01||5\n2025-01-01|web|6\n2025-01-01||7\n")
    assert found == [
        "spend.csv, row 2 (2 rows): found rows 2 and 4 with the same period 2025-01-01, source (blank), "
        "expected one row for "
        "each period, source, campaign; add the rows up, or remove those that stand there by mistake"
    ]


def test_unreadable_keys_are_not_called_alike() -> None:
    found = check("capacity", "period|leads\nx|1\ny|2\n")
    assert len(found) == 1
    assert found[0].startswith("capacity.csv, row 2, column period (2 rows): found 'x', expected a date like")
