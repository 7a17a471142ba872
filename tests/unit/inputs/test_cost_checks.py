"""Checks of costs: every fault with its place, and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.inputs.workspace_files import CLAIM, CLAIMS, SETTINGS, load, only_problem, problems_of

HEAD = "period,channel,product,cost,unit_cost,funding,funding_per,pays_for,paid_by,currency\n"
PROMOTED = SETTINGS + '[drivers]\ncolumns = { price = "price", deal = "promotion" }\n'


def costs(*rows: str, **files: str) -> dict[str, str]:
    return {"costs.csv": HEAD + "".join(f"{row}\n" for row in rows), **files}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",,Small,,-1,,,,,", "row 2, column unit_cost: found '-1', expected 0 or more"),
        (",,Small,,1,,,,,USD", "column currency: found 'USD', expected EUR, as in planning.toml"),
        (
            ",,Small,,,0.5,,A9,,",
            "column pays_for: found 'A9', expected the id of an assumption or a promotion",
        ),
        (",,Small,,,0.5,,,,", "column pays_for: found no action for a funding"),
        (",,Small,,1,0.5,,A1,,", "column funding: found '0.5', expected a unit_cost or a funding, not both"),
        (",,Small,,,,,,,", "column unit_cost: found neither of them, expected a unit_cost, or a funding"),
        (",,Small,,1,,,A1,,", "column pays_for: found 'A1', expected nothing beside a unit_cost"),
        (",,Small,,,1,week,A1,,", "column funding_per: found 'week', expected one of unit, action"),
        (",,Small,,,1,,price,,", "column pays_for: found 'price', expected the id of an assumption"),
    ],
)
def test_a_fault_is_named_with_its_place(tmp_path: Path, row: str, said: str) -> None:
    drivers = "period,price,deal\n2025-01-01,4.9,0\n"
    claims = {"assumptions.csv": CLAIMS + CLAIM, "drivers.csv": drivers}
    files = costs(row, **claims, **{"planning.toml": PROMOTED})
    assert said in only_problem(tmp_path, files)


def test_two_costs_of_one_cell_are_a_fault(tmp_path: Path) -> None:
    text = only_problem(tmp_path, costs(",Shop,Small,,1,,,,,", ",Shop,Small,,2,,,,,"))
    assert "rows 2 and 3 with the same" in text


def test_two_scopes_as_wide_as_each_other_are_a_fault_where_they_differ(tmp_path: Path) -> None:
    text = only_problem(tmp_path, costs(",Shop,,,1,,,,,", ",,Small,,2,,,,,"))
    assert text.startswith(
        "costs.csv, row 2, column unit_cost (2 rows): found rows 2 and 3 with different costs for channel "
        "Shop, product Small, expected one cost for one series; add a row that names all of it"
    )


def test_a_narrower_scope_or_another_kind_of_cost_is_none(tmp_path: Path) -> None:
    rows = (",Shop,,,1,,,,,", ",,Small,,2,,,,,", ",Shop,Small,,3,,,,,", ",Shop,,freight,9,,,,,")
    assert len(load(tmp_path, costs(*rows)).tables["costs"]) == 4


def test_what_the_settings_name_must_stand_in_the_table(tmp_path: Path) -> None:
    settings = SETTINGS + '[profit]\ncosts = ["good"]\nothers_pay = ["maker"]\n'
    found = problems_of(tmp_path, costs(",,Small,goods,1,,,,,", **{"planning.toml": settings}))
    assert [str(one) for one in found] == [
        "planning.toml, column profit.costs: found 'good', expected a name in the column cost of costs.csv; "
        "did you mean `goods`?",
        "planning.toml, column profit.others_pay: found 'maker', expected a name in the column paid_by of "
        "costs.csv; correct the name",
    ]


def test_funding_is_for_each_unit_where_left_blank(tmp_path: Path) -> None:
    files = costs(",,,,,0.5,,A1,,", **{"assumptions.csv": CLAIMS + CLAIM})
    assert load(tmp_path, files).tables["costs"]["funding_per"].tolist() == ["unit"]
