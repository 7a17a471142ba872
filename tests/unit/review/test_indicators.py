"""Market indicators' measured effect on either side of a comparison, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.forecasting.effects.engine import DriverEffects
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.review.causes import (
    MARKET,
    causes_against_plan,
    causes_against_year_before,
    measure_drivers,
)

PERIODS = pd.date_range("2024-01-01", periods=24, freq="MS")
KEYS = pd.DataFrame({"product": ["A", "B"]})
KINDS = {"index": "market"}


def _measured(unit: str = "log per log", estimate: float = 0.5):
    history = History(Calendar("month"), KEYS, PERIODS, np.full((2, 24), 100.0), "units")
    level = np.full((2, 24), 100.0)
    effects = pd.DataFrame(
        {
            "product": [""],
            "effect": "market",
            "driver": "index",
            "estimate": [estimate],
            "standard_error": [0.1],
            "unit": [unit],
        }
    )
    events = pd.DataFrame(columns=["product", "driver", "start", "end", "net_error"])
    found = DriverEffects(effects, events, level, level, level)
    index = np.full(24, 100.0)
    index[-1] = 121.0
    return measure_drivers(history, found, pd.DataFrame({"period": PERIODS, "index": index}), KINDS)


def _bridge() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "assumption": ["driver:index", "M1", "M2"],
            "period": PERIODS[-1],
            "product": "A",
            "effect": [1.0, 3.0, 50.0],
        }
    )


REGISTER = pd.DataFrame(
    {"id": ["M1", "M2"], "kind": ["market_shift", "market_shift"], "driver": ["index", ""]}
)


def test_an_index_above_its_norm_brought_what_its_elasticity_says_and_the_plan_its_own_share() -> None:
    # Index 121 where 100 is usual, elasticity 0.5: sales are 1.1 times what they were without, so of 100
    # sold 100 - 100 / 1.1 = 9.0909 came from the market, in either product. Planned for A: 1 by the calendar
    # and 3 by the claim that names the index; a claim that names none is measured by nobody.
    found = causes_against_plan(_measured(), PERIODS[-1:], _bridge(), REGISTER, KINDS)
    rows = found[found["cause"] == MARKET].set_index("product")
    assert rows["actual"].tolist() == pytest.approx([100 - 100 / 1.1] * 2)
    assert rows["reference"].tolist() == [4.0, 0.0]
    # One elasticity for both: the error of the sum is 0.1 * ln 1.21 / 1.1 * 200, not less by averaging.
    whole = float(np.sqrt((rows["standard_error"] ** 2).sum()))
    assert whole == pytest.approx(0.1 * np.log(1.21) / 1.1 * 200)


def test_against_the_year_before_the_index_is_set_against_its_own_value_then() -> None:
    found = causes_against_year_before(_measured(), PERIODS[-1:], 12)
    rows = found[found["cause"] == MARKET]
    assert rows["actual"].tolist() == pytest.approx([100 - 100 / 1.1] * 2)
    assert rows["reference"].tolist() == [0.0, 0.0]


def test_an_effect_per_unit_is_taken_on_the_indicator_itself() -> None:
    found = causes_against_plan(
        _measured("log per unit", 0.01), PERIODS[-1:], _bridge().iloc[:0], REGISTER, KINDS
    )
    assert found["actual"].tolist() == pytest.approx([100 * (1 - np.exp(-0.21))] * 2)


def test_an_indicator_without_a_measured_effect_is_no_cause() -> None:
    found = causes_against_plan(
        _measured("log per log", 0.0), PERIODS[-1:], _bridge().iloc[:0], REGISTER, KINDS
    )
    assert not len(found)
