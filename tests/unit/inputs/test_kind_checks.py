"""Each kind of assumption is checked by what it may mean; fields it does not know are said to be idle."""

from __future__ import annotations

from pathlib import Path

import pytest

from alignment_lib.inputs.checking.kind_checks import FIELDS_OF_KINDS
from alignment_lib.inputs.dictionary import load_dictionary
from alignment_lib.inputs.starter import DIMENSIONS, example_rows
from tests.unit.inputs.workspace_files import load, notes, only_problem

KINDS = set(next(one for one in load_dictionary()["assumptions"] if one.column == "kind").choices)

DRIVERS = """
[drivers]
columns = { price = "price", footfall = "market" }
"""


def _claim(**changes: str) -> dict[str, str]:
    row = {
        "id": "A1", "kind": "promotion", "title": "x", "owner": "brand", "function": "marketing",
        "start": "2025-04-01", "end": "2025-04-30", "unit": "percent", "expected": "10",
    } | changes  # fmt: skip
    return {"assumptions.csv": ",".join(row) + "\n" + ",".join(row.values()) + "\n"}


_BUDGET = {"kind": "budget", "unit": "spend", "spend_source": "search ads"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"kind": "price_change", "lever": "visits"},
            "column lever: found 'visits', expected price, or nothing",
        ),
        (
            {"kind": "digital", "lever": "price"},
            "column lever: found 'price', expected visits, conversion or",
        ),
        (
            {"kind": "price_change", "lever": "price", "unit": "units"},
            "column unit: found 'units', expected percent, as the values are percent of price",
        ),
        (
            {"kind": "price_change", "elasticity": "-2", "expected": "-100"},
            "column expected: found '-100', expected a price above zero",
        ),
        ({"kind": "delisting"}, "column expected: found '10', expected zero or less for a delisting"),
        (
            {"kind": "price_change", "elasticity": "-20", "expected": "-99"},
            "column elasticity: found the elasticity -20 beside a change of -99 percent, expected values and "
            "an elasticity that multiply sales by at most 100",
        ),
        (_BUDGET | {"spend_source": ""}, "column spend_source: found '', expected the source of spend whose"),
        (_BUDGET | {"unit": "units"}, "column unit: found 'units', expected spend or percent for a budget"),
        ({"unit": "spend"}, "column unit: found 'spend', expected percent, units or revenue"),
        (_BUDGET | {"spend_from": "search ads"}, "column spend_from: found 'search ads', expected an"),
        (
            _BUDGET | {"spend_from": "social ads", "expected": "-5"},
            "column expected: found '-5', expected money of zero or more where spend_from says whose it is",
        ),
        (
            _BUDGET | {"moves_to": "Large"},
            "column moves_from: found '', expected no moved sales for a budget",
        ),
        (_BUDGET | {"leads_per_money": "-1"}, "column leads_per_money: found '-1', expected 0 or more"),
        ({"expected": "1e12"}, "column expected: found '1e12', expected at most 9,900 percent"),
    ],
)
def test_what_a_kind_cannot_mean_is_a_problem(tmp_path: Path, changes: dict[str, str], said: str) -> None:
    assert f"assumptions.csv, row 2, {said}" in only_problem(tmp_path, _claim(**changes))


@pytest.mark.parametrize(
    ("code", "changes", "said"),
    [
        (
            "field_unused",
            {"kind": "one_off", "depth": "0.2"},
            "without effect for the row's kind: A1 of depth",
        ),
        ("field_unused", {"kind": "promotion", "analog": "Small"}, "A1 of analog"),
        ("field_unused", {"spend_from": "social ads"}, "A1 of spend_from"),
        ("elasticity_untied", {"kind": "market_shift", "elasticity": "0.5"}, "taken as percent of sales: A1"),
        ("launch_percent", {"kind": "new_product", "product": "Tiny"}, "state units or revenue: A1"),
        ("lever_blank", {"kind": "digital"}, "taken as a change of sales: A1"),
    ],
)
def test_what_is_taken_in_the_plainest_way_is_noted(
    tmp_path: Path, code: str, changes: dict[str, str], said: str
) -> None:
    text, count = notes(load(tmp_path, _claim(**changes)))[code]
    assert said in text
    assert count == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "price_change", "lever": "price"},
        {"kind": "consumer_shift", "lever": "order value"},
        {"kind": "promotion", "depth": "0.2", "mechanic": "coupon"},
        {"kind": "delisting", "expected": "-100", "product": "Small", "moves_to": "Large"},
        _BUDGET | {"spend_from": "social ads", "leads_per_money": "0.02"},
    ],
)
def test_sound_rows_are_left_in_peace(tmp_path: Path, changes: dict[str, str]) -> None:
    codes = set(notes(load(tmp_path, _claim(**changes))))
    assert not codes & {"field_unused", "elasticity_untied", "launch_percent", "lever_blank"}


def test_fields_are_known_to_kinds_there_are_and_the_examples_keep_to_them() -> None:
    assert {kind for kinds in FIELDS_OF_KINDS.values() for kind in kinds} <= KINDS
    for row in example_rows(DIMENSIONS):
        for column, kinds in FIELDS_OF_KINDS.items():
            assert not row.get(column) or row["kind"] in kinds


def test_lists_of_names_are_checked_name_by_name(tmp_path: Path) -> None:
    rows = _claim(kind="promotion", product="Small", moves_from="Large; Shop")
    assert load(tmp_path / "a", rows).tables["assumptions"]["moves_from"][0] == "Large; Shop"
    told = only_problem(tmp_path / "b", _claim(moves_from="Large; Lrage"))
    assert "column moves_from: found 'Lrage', expected a name found in the sales table" in told
    assert "did you mean `Large`?" in told
