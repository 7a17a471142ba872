"""The bridge by level: columns that sum, parts that are summed, money by volume and by price."""

from __future__ import annotations

import re

import pandas as pd

from alignment_lib.answers.plan.money_bridge import money_table
from alignment_lib.answers.plan.part_bridge import SPAN, part_table, pick_level
from alignment_lib.answers.tables import Table, render_table

_THIN = "\u202f"
ROWS = pd.DataFrame(
    [
        ("2026Q1", "", "baseline", 300.0, 600.0, 0.0),
        ("2026Q1", "", "A1", 30.0, 60.0, -20.0),
        ("2026Q1", "", "driver:price", 0.0, 0.0, 5.0),
        ("2026Q1", "", "plan", 330.0, 645.0, 0.0),
        ("2026Q1", "Tea", "baseline", 200.0, 400.0, 0.0),
        ("2026Q1", "Tea", "A1", 40.0, 80.0, -20.0),
        ("2026Q1", "Tea", "plan", 240.0, 460.0, 0.0),
        ("2026Q1", "Cake", "baseline", 100.0, 200.0, 0.0),
        ("2026Q1", "Cake", "A1", -10.0, -20.0, 0.0),
        ("2026Q1", "Cake", "plan", 90.0, 180.0, 0.0),
        ("2026Q1", "Old", "baseline", 0.0, 0.0, 0.0),
        ("2026Q1", "Old", "plan", 0.0, 0.0, 0.0),
        ("2026Q2", "", "baseline", 310.0, 620.0, 0.0),
        ("2026Q2", "", "plan", 310.0, 620.0, 0.0),
    ],
    columns=["label", "product", "assumption", "effect", "revenue", "price_revenue"],
).assign(span="quarter")


def _lines(shown: Table | None) -> list[list[str]]:
    assert shown is not None
    text = str(render_table(shown)).replace(_THIN, " ")
    rows = re.findall(r"<tr>(.*?)</tr>", text, re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(?:<span>)?([^<]*)", row) for row in rows]


def _say(name: str) -> str:
    return f"{name} Coupon"


def test_every_column_goes_from_its_baseline_to_its_plan_and_the_columns_add_up() -> None:
    rows = pick_level(ROWS, ["product"], "product", "2026Q1")
    lines = _lines(part_table(rows, "product", _say, "units", "By product"))
    assert lines[0] == ["From baseline to plan", "Tea", "Cake", "Together"]
    assert lines[1:] == [
        ["Baseline", "200", "100", "300"],
        ["A1 Coupon", "40", "\u221210", "30"],
        ["Plan", "240", "90", "330"],
    ]


def test_spans_stand_in_their_order_and_show_what_each_adds() -> None:
    lines = _lines(part_table(pick_level(ROWS, ["product"]), SPAN, _say, "units", "By quarter"))
    assert lines[0] == ["From baseline to plan", "2026Q1", "2026Q2", "Together"]
    assert lines[-1] == ["Plan", "330", "310", "640"]


def test_more_parts_than_fit_are_summed_in_one_column() -> None:
    names = [f"P{number:02}" for number in range(12)]
    parts = [
        (name, step, amount)
        for number, name in enumerate(names)
        for step, amount in (("baseline", 100.0), ("A1", float(number)), ("plan", 100.0 + number))
    ]
    rows = pd.DataFrame(parts, columns=["product", "assumption", "effect"])
    lines = _lines(part_table(rows, "product", _say, "units", "By product"))
    assert lines[0][1:] == [*reversed(names[7:]), "7 others"]
    assert lines[1][-1] == "700"
    assert lines[-1][-1] == str(700 + 0 + 1 + 2 + 3 + 4 + 5 + 6)


def test_money_by_volume_and_by_price_lead_from_the_baseline_to_the_plan() -> None:
    lines = _lines(money_table(pick_level(ROWS, ["product"], label="2026Q1"), _say, "EUR", "In money"))
    assert lines[1:] == [
        ["Baseline, at regular prices", "\u2013", "\u2013", "600"],
        ["A1 Coupon", "+60", "\u221220", "40"],
        ["driver:price Coupon", "0", "+5", "5"],
        ["Plan less baseline", "+60", "\u221215", "45"],
        ["Plan in money", "\u2013", "\u2013", "645"],
    ]


def test_without_prices_there_is_no_bridge_in_money() -> None:
    bare = ROWS.assign(revenue=float("nan"), price_revenue=float("nan"))
    assert money_table(pick_level(bare, ["product"], label="2026Q1"), _say, "EUR", "In money") is None
