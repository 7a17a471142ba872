"""What promotions and prices moved, on either side: by hand, with errors that add up to each event's own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.forecasting.effects.engine import DriverEffects
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.review.cause_values import value_causes
from alignment_lib.review.causes import (
    causes_against_plan,
    causes_against_year_before,
    elasticities_of,
    measure_drivers,
)

PERIODS = pd.date_range("2024-01-01", periods=24, freq="MS")
KEYS = pd.DataFrame({"product": ["A", "A", "B"], "channel": ["shop", "web", "shop"]})
LAST = PERIODS[-3:]


def _history() -> History:
    return History(Calendar("month"), KEYS, PERIODS, np.full((3, 24), 100.0), "units")


def _effects() -> DriverEffects:
    """In the last month a coupon brought 20 of A's 100 in the shop and 30 on the web; B lost 10 to it."""
    cleansed = np.full((3, 24), 100.0)
    cleansed[:, -1] = [80.0, 70.0, 110.0]
    effects = pd.DataFrame(
        {
            "product": ["", "A"],
            "channel": ["", ""],
            "effect": "elasticity",
            "driver": "price",
            "estimate": [-1.0, -2.0],
            "standard_error": [0.2, 0.5],
        }
    )
    events = pd.DataFrame(
        {
            "product": ["A"],
            "channel": [""],
            "driver": ["coupon"],
            "start": [LAST[-1]],
            "end": [LAST[-1]],
            "net_error": [7.0],
        }
    )
    return DriverEffects(effects, events, cleansed, cleansed, np.full((3, 24), 100.0))


def _drivers(price_of_a: float = 10.0) -> pd.DataFrame:
    """List prices of 10; A's changes with the last quarter."""
    rows = [
        {"period": day, "product": name, "price": price_of_a if name == "A" and day in LAST else 10.0}
        for day in PERIODS
        for name in ("A", "B")
    ]
    return pd.DataFrame(rows)


KINDS = {"price": "price", "coupon": "promotion"}
REGISTER = pd.DataFrame({"id": ["P1", "C1"], "kind": ["promotion", "market_shift"]})
BRIDGE = pd.DataFrame(
    {
        "assumption": ["driver:coupon", "P1", "C1", "driver:price"],
        "period": LAST[-1],
        "product": "A",
        "channel": "shop",
        "effect": [12.0, 13.0, 99.0, -4.0],
    }
)


def _sums(table: pd.DataFrame, column: str) -> dict[str, float]:
    return {str(name): float(value) for name, value in table.groupby("cause")[column].sum().items()}


def test_promotions_against_the_plan_by_hand() -> None:
    measured = measure_drivers(_history(), _effects(), _drivers(), KINDS)
    table = causes_against_plan(measured, LAST, BRIDGE, REGISTER, KINDS)
    # Actual: 20 + 30 for A, -10 for B. Planned: the calendar's 12 and the claim's 13; a market claim is no
    # promotion. Prices did not change; the plan counted on -4.
    assert _sums(table, "actual") == pytest.approx({"promotion": 40, "price": 0})
    assert _sums(table, "reference") == pytest.approx({"promotion": 25, "price": -4})


def test_an_event_s_error_is_shared_over_its_cells_so_that_the_squares_add_up() -> None:
    measured = measure_drivers(_history(), _effects(), _drivers(), KINDS)
    table = causes_against_plan(measured, LAST, BRIDGE, REGISTER, KINDS)
    errors = table.loc[table["product"] == "A"].groupby("channel")["standard_error"].max()
    # 7 squared, shared 20 to 30: 19.6 and 29.4.
    assert errors["shop"] == pytest.approx(np.sqrt(49 * 0.4))
    assert errors["web"] == pytest.approx(np.sqrt(49 * 0.6))
    assert np.sqrt((table["standard_error"] ** 2).sum()) == pytest.approx(7.0)


def test_a_price_rise_acts_by_the_measured_elasticity_of_the_product() -> None:
    measured = measure_drivers(_history(), _effects(), _drivers(price_of_a=11.0), KINDS)
    table = causes_against_plan(measured, LAST, BRIDGE.iloc[:0], REGISTER, KINDS)
    price = table[(table["cause"] == "price") & (table["period"] == LAST[-1])]
    # The regular price is a trailing quantile; what it says of the last month is taken as it is.
    ratio = measured.prices[0, -1] / measured.prices[0, -4]
    assert ratio > 1
    # Sold 100 at the higher price; at the old one 100 x ratio^2 would have been: 100 (1 - ratio^2).
    assert price["actual"].tolist() == pytest.approx([100 * (1 - ratio**2)] * 2)
    # One elasticity: its error 0.5 times the slope 100 ln(ratio) ratio^2, common to all of A's cells.
    gaps = np.log(measured.prices[0, -3:] / measured.prices[0, -4])
    slope = 2 * (100 * np.abs(gaps) * np.exp(2 * gaps)).sum()
    whole = table[table["cause"] == "price"]
    assert np.sqrt((whole["standard_error"] ** 2).sum()) == pytest.approx(0.5 * slope)


def test_against_the_year_before_the_same_months_stand_beside_each_other() -> None:
    effects = _effects()
    effects.cleansed[0, 11] = 60.0
    measured = measure_drivers(_history(), effects, _drivers(), KINDS)
    table = causes_against_year_before(measured, LAST, 12)
    promotion = table[table["cause"] == "promotion"]
    assert promotion["actual"].sum() == pytest.approx(40)
    assert promotion["reference"].sum() == pytest.approx(40)
    assert set(promotion["period"]) == {LAST[-1]}


def test_the_narrowest_elasticity_that_speaks_of_a_series_counts() -> None:
    estimate, error = elasticities_of(KEYS, _effects().effects)
    assert estimate.tolist() == [-2.0, -2.0, -1.0]
    assert error.tolist() == [0.5, 0.5, 0.2]
    assert elasticities_of(KEYS, pd.DataFrame())[0].tolist() == [0.0, 0.0, 0.0]


def test_money_is_units_at_the_mean_price_of_both_sides() -> None:
    effects = pd.DataFrame(
        {"period": PERIODS[0], "product": ["A", "B"], "cause": "promotion", "actual": [10.0, 5.0],
         "reference": [4.0, 0.0], "standard_error": [2.0, 0.0]}
    )  # fmt: skip
    actual = pd.DataFrame({"period": PERIODS[0], "product": ["A"], "units": [10.0], "revenue": [80.0]})
    plan = actual.assign(revenue=120.0)
    table = value_causes(effects, actual, plan, ["product"])
    # 8 a unit and 12 a unit: 10. B has no price and drops out.
    assert table[["actual", "reference", "standard_error"]].to_numpy().tolist() == [[100.0, 40.0, 20.0]]
    swapped = value_causes(effects, plan, actual, ["product"])
    assert swapped["actual"].tolist() == table["actual"].tolist()
