"""Price changes that contradict their title, or leave their price unsaid, are named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.planning.plan.grid import PlanGrid, add_new_series
from alignment_lib.planning.register.assumptions import example_assumption
from alignment_lib.planning.register.price_claims import check_price_claims, direction_of

WEEKS = Calendar("week").range(pd.Timestamp("2026-01-05"), 2)
GRID = PlanGrid(
    Calendar("week"),
    pd.DataFrame({"product": ["A"], "channel": ["web"]}),
    WEEKS,
    "units",
    np.full((1, 2), 100.0),
    price=np.full((1, 2), 10.0),
    last_price=np.full((1, 2), 10.0),
)


def _said(grid: PlanGrid = GRID, **changes: object) -> list[str]:
    row = example_assumption(kind="price_change", **changes)
    return [notice.code for notice in check_price_claims(grid, [row])]


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("List price up 4 %", 1),
        ("Prices raised in spring", 1),
        ("House Blend list price +4 %", 1),
        ("Price cut of 10 %", -1),
        ("List price −5 %", -1),
        ("20 % off", -1),
        ("New price list", 0),
        ("Up here, down there", 0),
    ],
)
def test_titles_say_where_prices_go(title: str, wanted: int) -> None:
    assert direction_of(title) == wanted


def test_a_rise_whose_value_reads_as_a_cut_is_named() -> None:
    assert _said(title="List price up 4 %", expected=-8.0, elasticity=-1.8) == ["title_contradicts"]
    assert _said(title="List price up 4 %", expected=-8.0, fields={"lever": "price"}) == ["title_contradicts"]
    assert _said(title="List price up 4 %", expected=4.0, elasticity=-1.8) == []


def test_a_price_change_of_which_only_the_volume_is_known_is_named_unless_the_calendar_holds_it() -> None:
    assert _said(title="List price up 4 %", expected=-8.0) == ["price_unsaid"]
    over = pd.Timestamp("2025-06-01")
    assert _said(title="List price up 4 %", expected=-8.0, start=over, end=over) == []
    risen = replace(GRID, price=np.full((1, 2), 10.4))
    assert _said(risen, title="List price up 4 %", expected=-8.0) == []
    # Where the plan is in money the claim is of money: there is nothing else to say.
    assert _said(replace(GRID, measure="revenue", price=None), expected=-8.0) == []


def test_a_new_channel_sells_at_the_price_of_the_same_goods_elsewhere() -> None:
    scope = {"product": "A", "channel": "marketplace"}
    row = example_assumption(kind="new_channel", unit="units", expected=50.0, scope=scope)
    grid, _ = add_new_series(GRID, [row])
    assert grid.price is not None
    assert grid.price.tolist() == [[10.0, 10.0], [10.0, 10.0]]
