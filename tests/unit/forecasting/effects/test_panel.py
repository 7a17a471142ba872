from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from promoted_histories import Case, common_case, promoted_case, store_keys

from alignment_lib.forecasting.effects.drivers.panel import (
    Panel,
    build_panel,
    grid_drivers,
    product_dimension,
)
from alignment_lib.inputs.periods.calendar import Calendar


def panel_of(case: Case) -> Panel:
    return build_panel(case.history, case.drivers, case.kinds, case.periods)


def texts(panel: Panel, code: str) -> list[str]:
    return [notice.text for notice in panel.notices if notice.code == code]


def flags(periods: int, *on: int) -> np.ndarray:
    values = np.zeros(periods)
    values[list(on)] = 1.0
    return values


def test_a_blank_dimension_means_all_and_a_narrower_scope_overrides_it() -> None:
    keys = store_keys(2, 2)
    grid = Calendar("week").range(pd.Timestamp("2024-01-01"), 2)
    table = pd.DataFrame(
        {
            "period": [grid[0], grid[0], grid[0]],
            "store": ["", "S1", "S1"],
            "product": ["", "", "P0"],
            "promo": [0.1, 0.2, 0.3],
        }
    )
    values, notices = grid_drivers(keys, table, ["promo"], grid)
    assert values["promo"][:, 0].tolist() == [0.1, 0.1, 0.3, 0.2]
    assert np.isnan(values["promo"][:, 1]).all()
    assert notices == []


def test_rows_of_unknown_series_are_counted_and_left_out() -> None:
    grid = Calendar("week").range(pd.Timestamp("2024-01-01"), 1)
    table = pd.DataFrame({"period": [grid[0]], "product": ["P9"], "promo": [1.0]})
    values, notices = grid_drivers(store_keys(1, 2), table, ["promo"], grid)
    assert np.isnan(values["promo"]).all()
    assert notices[0].text == "1 driver rows name series that have no sales; they were left out."


def test_rows_given_twice_are_averaged_and_said_so() -> None:
    grid = Calendar("week").range(pd.Timestamp("2024-01-01"), 1)
    table = pd.DataFrame({"period": [grid[0], grid[0]], "promo": [0.0, 1.0]})
    values, notices = grid_drivers(store_keys(1, 1), table, ["promo"], grid)
    assert values["promo"][0, 0] == 0.5
    assert notices[0].count == 1
    assert "repeat a period and scope; their mean was used" in notices[0].text


@pytest.mark.parametrize(
    ("values", "kind", "reason"),
    [
        (np.zeros(68), "promotion", "never happened in the history"),
        (np.ones(68), "promotion", "is on in every period of the history"),
        (flags(68, 64, 66), "promotion", "never happened in the history"),
        (np.full(68, 4.2), "market", "never varies in the history"),
        (np.full(68, np.nan), "price", "has no values"),
        (np.append(np.full(60, np.nan), np.ones(8)), "market", "starts after the history"),
    ],
)
def test_a_driver_that_says_nothing_is_named_with_the_reason(
    values: np.ndarray, kind: str, reason: str
) -> None:
    panel = panel_of(common_case({"x": values}, {"x": kind}))
    assert panel.unused == {"x": reason}
    assert texts(panel, "driver_unused") == [f"'x': no effect was estimated, because it {reason}."]


def test_of_two_drivers_that_move_together_the_first_carries_both() -> None:
    on = flags(68, 5, 20, 41)
    panel = panel_of(common_case({"a": on, "b": 3 * on}, {"a": "promotion", "b": "promotion"}))
    assert list(panel.kinds) == ["a"]
    assert "moves exactly with 'a', so the two cannot be told apart" in panel.unused["b"]


def test_three_hundred_drivers_on_sixty_weeks_are_cut_to_what_can_be_told_apart() -> None:
    rng = np.random.default_rng(5)
    columns = {f"d{place}": rng.normal(size=68) for place in range(300)}
    panel = panel_of(common_case(columns, dict.fromkeys(columns, "market")))
    assert len(panel.kinds) == 15
    assert len(panel.unused) == 285
    assert (
        "is one of 300 drivers where 60 periods can tell about 15 apart" in texts(panel, "driver_unused")[0]
    )


def test_one_event_is_said_to_be_one() -> None:
    panel = panel_of(common_case({"a": flags(68, 30, 31)}, {"a": "promotion"}))
    assert texts(panel, "driver_once") == [
        "Driver 'a' was on only once in the history; its effect rests on that one event."
    ]


@pytest.mark.parametrize(
    ("kind", "assumed"),
    [("price", "the last regular price"), ("promotion", "no promotion"), ("market", "its seasonal norm")],
)
def test_a_driver_missing_in_the_future_is_named_with_what_was_assumed(kind: str, assumed: str) -> None:
    rng = np.random.default_rng(2)
    given = [0.0, 1.0] if kind == "promotion" else [1.0, 2.0]
    values = np.append(rng.choice(given, 60), np.full(8, np.nan))
    panel = panel_of(common_case({"x": values}, {"x": kind}))
    assert texts(panel, "driver_future") == [
        f"Driver 'x' is not given after the as-of date; {assumed} was assumed for all 8 periods."
    ]
    assert panel.unknown_ahead == {"x"}
    ahead = slice(panel.known, None)
    assert np.allclose(panel.drivers["x"][:, ahead], panel.references["x"][:, ahead])


def test_prices_of_zero_are_missing_prices() -> None:
    values = np.tile([2.0, 0.0, 3.0, 2.0], 17)
    panel = panel_of(common_case({"p": values}, {"p": "price"}))
    assert (panel.drivers["p"] > 0).all()
    assert panel.drivers["p"][0, :4].tolist() == [2.0, 2.0, 3.0, 2.0]
    assert "are zero or less; they were treated as missing prices" in texts(panel, "price_zero")[0]


def test_the_reference_price_is_the_last_regular_one_not_the_last_deal() -> None:
    values = np.full(68, 4.0)
    values[[10, 58, 59]] = 2.0
    panel = panel_of(common_case({"p": values}, {"p": "price"}))
    assert np.allclose(panel.references["p"][:, panel.known :], 4.0)


def test_inputs_are_left_as_they_were() -> None:
    case = promoted_case()
    table, sales = case.drivers.copy(), case.history.values.copy()
    panel_of(case)
    pd.testing.assert_frame_equal(case.drivers, table)
    assert np.array_equal(case.history.values, sales)


@pytest.mark.parametrize(
    ("dimensions", "expected"),
    [
        (["store"], "store"),
        (["region", "Brand"], "Brand"),
        (["family", "line", "sale_type"], "line"),
        (["channel", "sale_type"], "sale_type"),
    ],
)
def test_the_product_is_found_by_name_or_as_the_narrowest_dimension(
    dimensions: list[str], expected: str
) -> None:
    assert product_dimension(pd.DataFrame(columns=dimensions)) == expected
