from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from promoted_histories import WEEK, Case, common_case, promoted_case, store_keys

from alignment_lib.forecasting.effects.drivers.panel import build_panel
from alignment_lib.forecasting.effects.engine import measure_past
from alignment_lib.forecasting.effects.measured import Measured, measure_effects
from alignment_lib.forecasting.effects.tables import effects_table
from alignment_lib.forecasting.past.history import History


def measured_of(case: Case) -> Measured:
    measured = measure_effects(build_panel(case.history, case.drivers, case.kinds, case.periods), None)
    assert measured is not None
    return measured


def row_of(table: pd.DataFrame, driver: str, effect: str, product: str = "") -> pd.Series:
    found = table[(table["driver"] == driver) & (table["effect"] == effect) & (table["product"] == product)]
    assert len(found) == 1
    return found.iloc[0]


def test_known_uplift_and_elasticity_are_found_within_their_intervals() -> None:
    table = effects_table(measured_of(promoted_case(stores=6)))
    uplift, elasticity = row_of(table, "promo", "uplift"), row_of(table, "price", "elasticity")
    assert uplift["low"] < 0.5 < uplift["high"]
    assert elasticity["low"] < -2.0 < elasticity["high"]
    assert uplift["standard_error"] < 0.05
    assert uplift["percent"] == pytest.approx(np.expm1(uplift["estimate"]))


def test_one_promotion_agrees_with_a_poisson_regression_of_statsmodels() -> None:
    rng = np.random.default_rng(9)
    on = (rng.random(150) < 0.15).astype(float)
    sales = rng.poisson(400 * np.exp(0.4 * on)).astype(float)
    grid = WEEK.range(pd.Timestamp("2022-01-03"), 158)
    keys = pd.DataFrame({"product": ["P0"]}, dtype=object)
    table = pd.DataFrame({"period": grid, "promo": np.append(on, np.zeros(8))})
    case = Case(
        History(WEEK, keys, grid[:150], sales[None, :], "units"), table, {"promo": "promotion"}, grid[150:]
    )
    row = row_of(effects_table(measured_of(case)), "promo", "uplift", "P0")
    peer = sm.GLM(sales, sm.add_constant(on), family=sm.families.Poisson()).fit()
    assert row["estimate"] == pytest.approx(peer.params[1], abs=0.02)
    # Trend, season and the weeks after are estimated along with it, so the error may only be the larger one.
    assert 0.9 * peer.bse[1] < row["standard_error"] < 2.5 * peer.bse[1]


def test_pull_forward_and_cannibalisation_shares_are_recovered() -> None:
    rng = np.random.default_rng(12)
    keys = store_keys(8, 2)
    known = 160
    grid = WEEK.range(pd.Timestamp("2021-01-04"), known + 8)
    on = np.zeros((16, known + 8))
    for row in range(0, 16, 2):
        for start in range(8 + row, known, 22):
            on[row, start : start + 2] = 1.0
    base = np.full((16, known), 400.0)
    gross = base * (np.exp(0.7 * on[:, :known]) - 1)
    sales = base + gross
    for row in range(0, 16, 2):
        for start in np.flatnonzero(np.diff(on[row, :known]) > 0) + 1:
            sales[row, start + 2 : start + 3] -= 0.3 * gross[row, start : start + 2].sum()
    sales[1::2] -= 0.2 * gross[::2]
    sales = rng.poisson(sales.clip(1)).astype(float)
    table = keys.loc[np.repeat(np.arange(16), known + 8)].reset_index(drop=True)
    table["period"], table["promo"] = np.tile(grid.to_numpy(), 16), on.ravel()
    case = Case(
        History(WEEK, keys, grid[:known], sales, "units"), table, {"promo": "promotion"}, grid[known:]
    )
    effects = effects_table(measured_of(case))
    assert row_of(effects, "promo", "pull_forward_share")["estimate"] == pytest.approx(0.3, abs=0.06)
    assert row_of(effects, "", "cannibalisation_share", "P0")["estimate"] == pytest.approx(0.2, abs=0.05)


def test_a_product_with_one_event_borrows_from_the_others() -> None:
    case = promoted_case(stores=2, products=5, uplift=0.5)
    drivers = case.drivers.copy()
    mine = drivers["product"].eq("P4")
    drivers.loc[mine, "promo"] = 0.0
    drivers.loc[mine & drivers["period"].eq(case.history.periods[40]), "promo"] = 1.0
    rare = Case(case.history, drivers, case.kinds, case.periods)
    table = effects_table(measured_of(rare))
    row, often = row_of(table, "promo", "uplift", "P4"), row_of(table, "promo", "uplift", "P0")
    assert row["events"] == 1
    assert "one event only" in row["note"]
    assert row["pooled_share"] > often["pooled_share"]


def test_a_price_that_seems_to_raise_sales_is_shrunk_to_the_pool_and_said_so() -> None:
    case = promoted_case(stores=3, products=4, elasticity=-2.0)
    logs = np.log(case.drivers["price"].to_numpy().reshape(12, -1)[:, :120] / 2.0)
    wrong = case.history.keys["product"].eq("P3").to_numpy()
    values = case.history.values.copy()
    values[wrong] *= np.exp(6.0 * logs[wrong])
    table = effects_table(
        measured_of(
            Case(
                History(WEEK, case.history.keys, case.history.periods, values, "units"),
                case.drivers,
                case.kinds,
                case.periods,
            )
        )
    )
    row = row_of(table, "price", "elasticity", "P3")
    assert "has a senseless sign; the mean of all products stands instead" in row["note"]
    assert row["estimate"] < 0


def test_gross_less_moves_is_net_for_every_event_and_cleansed_history_has_no_uplift_left() -> None:
    case = promoted_case(stores=4)
    panel = build_panel(case.history, case.drivers, case.kinds, case.periods)
    past = measure_past(panel, None)
    moved = past.events["gross"] - past.events["pull_forward"] - past.events["cannibalised"]
    assert np.allclose(moved, past.events["net"])
    promoted = panel.drivers["promo"][:, : panel.known] > 0
    before = np.log(case.history.values[promoted].mean() / case.history.values[~promoted].mean())
    after = np.log(past.cleansed[promoted].mean() / past.cleansed[~promoted].mean())
    assert before > 0.35
    assert abs(after) < 0.08


def test_an_event_without_effect_is_not_established_and_a_large_one_is() -> None:
    on = np.zeros(128)
    on[[20, 50, 80, 100]] = 1.0
    nothing = common_case({"promo": on}, {"promo": "promotion"}, known=120)
    verdicts = measure_past(
        build_panel(nothing.history, nothing.drivers, nothing.kinds, nothing.periods), None
    ).events["verdict"]
    assert (verdicts == "not established").mean() > 0.6
    values = nothing.history.values * np.where(on[:120] > 0, 2.5, 1.0)
    large = History(WEEK, nothing.history.keys, nothing.history.periods, values, "units")
    verdicts = measure_past(build_panel(large, nothing.drivers, nothing.kinds, nothing.periods), None).events[
        "verdict"
    ]
    assert (verdicts == "established").all()


def test_without_drivers_there_is_nothing_to_measure() -> None:
    case = common_case({"promo": np.zeros(68)}, {"promo": "promotion"})
    assert measure_effects(build_panel(case.history, case.drivers, case.kinds, case.periods), None) is None
