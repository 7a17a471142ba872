"""Prices of the horizon and of the past: what a series costs without a deal."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.planning.plan.grid import PlanGrid
from alignment_lib.planning.plan.prices import regular_prices

WEEK = Calendar("week")
KEYS = pd.DataFrame({"product": ["A", "B", "C"]}, dtype=object)
PAST = WEEK.range(pd.Timestamp("2025-06-02"), 30)
KINDS = {"price": "price", "deal": "promotion"}


def _grid() -> PlanGrid:
    periods = WEEK.range(WEEK.shift(PAST[-1], 1), 4)
    return PlanGrid(WEEK, KEYS, periods, "units", np.full((3, 4), 10.0))


def _drivers() -> pd.DataFrame:
    """A costs 10, and 8 in the last two weeks; B rose from 4 to 5 for good; of C nothing is given."""
    first = np.where(np.arange(30) >= 28, 8.0, 10.0)
    second = np.where(np.arange(30) >= 15, 5.0, 4.0)
    return pd.DataFrame(
        {
            "period": np.tile(PAST.to_numpy(), 2),
            "product": np.repeat(["A", "B"], 30),
            "price": np.concatenate([first, second]),
            "deal": 0.0,
        }
    )


def test_a_deal_in_the_last_weeks_is_stepped_over_and_a_lasting_rise_is_taken_up() -> None:
    found = regular_prices(_grid(), _drivers(), KINDS, PAST)
    assert found is not None
    assert found[:2] == pytest.approx([10.0, 5.0])
    assert np.isnan(found[2])


def test_a_price_of_nothing_and_a_gap_say_nothing() -> None:
    drivers = _drivers()
    drivers.loc[drivers.index[[20, 29]], "price"] = [0.0, np.nan]
    found = regular_prices(_grid(), drivers, KINDS, PAST)
    assert found is not None
    assert found[0] == pytest.approx(10.0)


def test_without_a_price_calendar_there_is_no_regular_price() -> None:
    assert regular_prices(_grid(), None, KINDS, PAST) is None
    assert regular_prices(_grid(), _drivers(), {"deal": "promotion"}, PAST) is None
