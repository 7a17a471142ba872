"""Columns are matched by the words of their headings and by what they hold."""

from __future__ import annotations

import pandas as pd
import pytest

from alignment_lib.inputs.proposing.column_contents import describe_columns
from alignment_lib.inputs.proposing.column_matching import match_columns
from alignment_lib.inputs.proposing.export_kinds import guess_kind
from alignment_lib.inputs.words.column_words import SURE, load_roles, plain_words, score_heading

VALUES = {
    "date": ["2025-01-06", "2025-01-07 10:15"],
    "number": ["12.50", "7"],
    "text": ["web", "fair"],
    "key": ["A1", "A2"],
    "role": ["inside sales", "field sales"],
    "stage": ["Closed Won", "Proposal"],
    "flag": ["yes", "no"],
}


def contents_of(**columns: list[str]):
    return describe_columns(
        pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in columns.items()})
    )


@pytest.mark.parametrize("kind", list(load_roles()))
def test_every_sure_heading_is_its_own_role(kind):
    for role in load_roles()[kind]:
        for words in role.sure:
            assert score_heading(" ".join(words), role) >= SURE, (role.name, words)


@pytest.mark.parametrize("kind", list(load_roles()))
def test_a_table_with_the_contracts_own_names_is_matched_whole(kind):
    roles = load_roles()[kind]
    table = {role.name: VALUES[role.holds] for role in roles}
    found = match_columns(contents_of(**table), kind)
    assert {role: match.column for role, match in found.items()} == {role.name: role.name for role in roles}


@pytest.mark.parametrize(
    ("heading", "kind", "role"),
    [
        ("close_value", "opportunities", "amount"),
        ("engage_date", "opportunities", "opened"),
        ("InvoiceDate", "order_lines", "date"),
        ("UnitPrice", "order_lines", "unit_price"),
        ("weekly_sales_usd", "order_lines", "revenue"),
        ("Amount spent (EUR)", "spend", "amount"),
        ("Order Lines/Quantity", "order_lines", "units"),
        ("Deal - Expected close date", "opportunities", "expected_close"),
        ("NETTOBETRAG", "order_lines", "revenue"),
        ("Einstandspreis", "costs", "unit_cost"),
    ],
)
def test_headings_are_read_by_their_words(heading, kind, role):
    wanted = next(entry for entry in load_roles()[kind] if entry.name == role)
    assert score_heading(heading, wanted) >= SURE


@pytest.mark.parametrize(
    ("heading", "kind", "role"),
    [
        ("Created by", "leads", "created"),
        ("Cost per conversion", "spend", "amount"),
        ("Tax amount", "order_lines", "revenue"),
        ("Unit price", "order_lines", "units"),
        ("Delivery date", "order_lines", "date"),
        ("Amount currency", "leads", "amount"),
        ("Shipping price", "order_lines", "unit_price"),
    ],
)
def test_headings_that_mean_something_else_are_not_taken(heading, kind, role):
    wanted = next(entry for entry in load_roles()[kind] if entry.name == role)
    assert score_heading(heading, wanted) == 0


def test_contents_decide_where_the_heading_alone_would_not():
    found = match_columns(contents_of(Status=["2025-01-01", "2025-01-02"], Stage=["Won", "Lost"]), "leads")
    assert found["status"].column == "Stage"
    assert "created" not in match_columns(contents_of(Created=["Ann", "Bob"]), "leads")


def test_two_columns_that_could_both_be_meant_are_rivals():
    found = match_columns(contents_of(**{"Amount": ["1", "2"], "Amount (2)": ["3", "4"]}), "leads")
    assert found["amount"].rivals == ("Amount (2)",)
    assert not found["amount"].is_sure


def test_words_of_headings():
    assert plain_words("weekly_sales_usd") == ("weekly", "sales", "usd")
    assert plain_words("CloseDateUTC") == ("close", "date", "utc")
    assert plain_words("Größe") == ("grosse",)
    assert plain_words("'; DROP TABLE x --") == ("drop", "table", "x")
    assert plain_words("") == ()


@pytest.mark.parametrize("heading", ["", " ", "(", "()", "/", "a/", "-", "\x00", "💥", "=1+1", "x" * 5_000])
def test_odd_headings_name_nothing_and_break_nothing(heading):
    for roles in load_roles().values():
        for role in roles:
            assert 0 <= score_heading(heading, role) < SURE


def test_the_kind_is_told_from_columns_and_words():
    lines = contents_of(Date=VALUES["date"], Item=["Tea", "Tea"], Qty=["1", "2"])
    spend = contents_of(Day=VALUES["date"], Campaign=["a", "b"], Cost=["1", "2"], Clicks=["3", "4"])
    costs = contents_of(SKU=["a", "b"], **{"Standard cost": ["1.2", "2.1"]})
    assert [guess_kind(found).name for found in (lines, spend, costs)] == ["order_lines", "spend", "costs"]
    assert guess_kind(lines).lacking == ()
