"""The six factors: who speaks to each, and whom to ask."""

from __future__ import annotations

import pandas as pd
import pytest

from alignment_lib.planning.plan.plan import compute_plan
from alignment_lib.planning.register.assumptions import example_assumption
from alignment_lib.planning.register.coverage import FACTORS, factor_coverage
from tests.unit.planning.random_registers import random_grid


def _coverage(rows, **given):
    grid = random_grid(1, zeros=0.0)
    return factor_coverage(rows, compute_plan(grid, rows, "as_proposed"), **given).set_index("factor")


def test_all_six_factors_are_there_and_the_silent_ones_name_whom_to_ask() -> None:
    table = _coverage([])
    assert list(table.index) == list(FACTORS)
    assert table.loc["internet", "ask"] == "not considered; to be asked: e-commerce, digital marketing"
    # The promotion and price calendar speaks to the promotion programme.
    assert table.loc["promotions", "considered"]
    assert table["considered"].sum() == 1


def test_a_factor_shows_its_assumptions_their_effect_and_money_and_the_evidence() -> None:
    rows = [
        example_assumption(id="M", kind="market_shift", end=pd.Timestamp("2026-01-11")),
        example_assumption(id="W", kind="one_off", unit="units", expected=70.0, scope={"channel": "web"}),
        example_assumption(id="X", kind="digital", status="rejected"),
    ]
    evidence = pd.DataFrame({"assumption": ["M", "W"], "verdict": ["supported", "no history"]})
    table = _coverage(rows, evidence=evidence, has_sale_types=True)
    assert table.loc["market", "effect"] > 0
    assert table.loc["market", "revenue"] > table.loc["market", "effect"]
    assert table.loc["market", "evidence"] == "assumptions: 1, supported by history: 1, without history: 0"
    assert table.loc["internet", "assumptions"] == "W"
    assert table.loc["internet", "effect"] == pytest.approx(70.0)
    assert table.loc["sale_types", "considered"]
    assert table.loc["consumer", "ask"].startswith("not considered")
