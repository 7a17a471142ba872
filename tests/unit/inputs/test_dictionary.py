"""One dictionary that schemas, checks, template and documentation read."""

from __future__ import annotations

from pathlib import Path

import pytest

from alignment_lib.inputs.checking.schemas import check_schema
from alignment_lib.inputs.configuration.settings import FormatSettings
from alignment_lib.inputs.dictionary import (
    Field,
    fields_of,
    load_dictionary,
    reserved_names,
    table_names,
    write_dictionary_markdown,
)
from alignment_lib.inputs.problems import ProblemLog
from alignment_lib.inputs.tables.dates import parse_date
from alignment_lib.inputs.tables.parsing import parse_table
from alignment_lib.inputs.tables.raw import RawTable

ROOT = Path(__file__).resolve().parents[3]
EVERY = [field for fields in load_dictionary().values() for field in fields]
TYPES = {"date", "datetime", "number", "integer", "text", "choice", "flag"}


def test_every_table_of_the_contract_is_there() -> None:
    assert table_names() == (
        *("sales", "drivers", "assumptions", "leads", "contacts", "opportunities"),
        *("opportunity_changes", "spend", "costs", "capacity", "funnel"),
        *(
            "transactions",
            "briefs",
            "research",
            "experiments",
            "forecasts",
            "targets",
            "decisions",
            "workgroups",
        ),
    )


@pytest.mark.parametrize("field", EVERY, ids=lambda field: f"{field.table}.{field.column}")
def test_every_column_is_described_typed_and_exemplified(field: Field) -> None:
    assert field.type in TYPES
    assert field.description[0].isupper() or not field.description[0].isalpha()
    assert field.description.endswith(".")
    assert field.example
    assert bool(field.choices) == (field.type == "choice")
    assert "person" not in field.description or "never" in field.description


@pytest.mark.parametrize("table", table_names())
def test_the_examples_of_a_table_pass_its_own_checks(table: str) -> None:
    import pyarrow as pa

    fields = fields_of(table, ("product",), ("price",))
    columns = {field.column: pa.chunked_array([[field.example]]) for field in fields}
    log = ProblemLog()
    parsed = parse_table(RawTable(f"{table}.csv", "", columns, 1), fields, FormatSettings(), log)
    check_schema(parsed, fields, log)
    assert [str(problem) for problem in log] == []


def test_shares_are_decimals_from_nought_to_one() -> None:
    shares = [field for field in EVERY if field.column.endswith("_share")]
    assert {field.column for field in shares} == {"moved_share", "pull_forward_share"}
    assert all((field.unit, field.minimum, field.maximum) == ("share", 0, 1) for field in shares)


def test_dimensions_and_drivers_are_written_out_in_place() -> None:
    assert [field.column for field in fields_of("sales", ("store", "brand"))] == [
        *("period", "store", "brand", "units", "revenue")
    ]


def test_a_dimension_that_a_table_has_anyway_is_that_column() -> None:
    names = [field.column for field in fields_of("leads", ("device", "product"))]
    assert names.count("device") == 1
    assert "product" in names


def test_reserved_names_are_the_columns_of_tables_with_dimensions() -> None:
    assert {"period", "units", "id", "target", "created"} <= reserved_names()
    assert not {"source", "campaign", "device", "customer", "stage", "script"} & reserved_names()


def test_a_column_stands_once_per_table() -> None:
    assert len({(field.table, field.column) for field in EVERY}) == len(EVERY)


def test_example_dates_exist() -> None:
    assert all(parse_date(field.example, "iso") for field in EVERY if field.type == "date")


def test_the_documentation_page_is_what_the_dictionary_says() -> None:
    page = ROOT / "docs" / "data-dictionary.md"
    assert page.read_text(encoding="utf-8").startswith(write_dictionary_markdown())


def test_a_bar_in_a_cell_does_not_break_the_page() -> None:
    rows = [line for line in write_dictionary_markdown().splitlines() if line.startswith("| `")]
    assert len(rows) == len(EVERY)
    assert {line.replace("\\|", "").count("|") for line in rows} == {8}
