"""What measured driver effects say of claims, worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.planning.evidence.driver_readings import (
    claim_events,
    read_market,
    read_price,
    read_promotion,
)
from alignment_lib.planning.register.driver_cover import covered_drivers, named_drivers
from tests.unit.planning.past_cases import START, claim, effect_row, event_row, grid_of, past_of

TEA = effect_row("feature", "uplift", "Tea", 0.30, 0.05)
ALL = effect_row("feature", "uplift", "", 0.20, 0.03, events=12)
ELASTIC = effect_row("price", "elasticity", "Tea", -2.0, 0.25, events=6, usual=0.1)


def test_a_promotion_is_read_at_its_products_own_uplift() -> None:
    # exp(0.30) - 1 = 34.99 %; its error by the delta method exp(0.30) x 0.05 = 6.75 %.
    found = read_promotion(grid_of(), claim(), past_of([TEA, ALL]))
    assert found.estimate == pytest.approx(34.985881)
    assert found.error == pytest.approx(6.749294)
    assert found.events == 4
    assert found.words == "4 past events of feature on Tea"


def test_a_product_never_promoted_takes_the_pool_with_the_spread_between_products() -> None:
    # Spread between products 0.05 / sqrt(0.25) = 0.10; error sqrt(0.03^2 + 0.10^2) = 0.10440.
    other = effect_row("feature", "uplift", "Bread", 0.10, 0.05)
    found = read_promotion(grid_of(), claim(scope={"product": "Cake"}), past_of([TEA, other, ALL]))
    assert found.estimate == pytest.approx(100 * np.expm1(0.20))
    assert found.error == pytest.approx(100 * np.exp(0.20) * np.hypot(0.03, 0.10))
    assert found.words == "no past event of feature on Cake, but 12 elsewhere"
    assert found.events == 12


def test_products_in_scope_are_weighed_by_their_sales_and_share_the_pools_error() -> None:
    # Tea sells 150 a week, Cake 200: shares 3/7 and 4/7; the mean factor is theirs, not that of the mean.
    cake = effect_row("feature", "uplift", "Cake", 0.10, 0.05)
    found = read_promotion(grid_of(), claim(scope={}), past_of([TEA, cake, ALL]))
    factor = 3 / 7 * np.exp(0.30) + 4 / 7 * np.exp(0.10)
    assert found.estimate == pytest.approx(100 * (factor - 1))
    own = 0.05**2 - 0.03**2
    error = np.sqrt(0.03**2 + (3 / 7) ** 2 * own + (4 / 7) ** 2 * own)
    assert found.error == pytest.approx(100 * factor * error)


def test_several_mechanics_add_in_logs() -> None:
    cut = effect_row("price_cut", "uplift", "Tea", 2.0, 0.2, usual=0.15)
    row = claim(fields={"evidence": "drivers: feature, price_cut", "depth": 0.2})
    found = read_promotion(grid_of(), row, past_of([TEA, ALL, cut]))
    # A depth of 20 % rather than the usual 15 %: 2.0 x 0.2 = 0.40, so 0.70 in all.
    assert found.estimate == pytest.approx(100 * np.expm1(0.70))
    assert found.error == pytest.approx(100 * np.exp(0.70) * np.hypot(0.05, 0.2 * 0.2))
    assert "feature with price cut" in found.words


def test_the_calendars_strength_stands_before_the_rows_depth() -> None:
    cut = effect_row("price_cut", "uplift", "Tea", 2.0, 0.2, usual=0.15)
    drivers = pd.DataFrame(
        {
            "period": [START, START, START + pd.Timedelta(days=70)],
            "product": ["Tea", "Cake", "Tea"],
            "price_cut": [0.10, 0.50, 0.50],
        }
    )
    row = claim(fields={"mechanic": "price_cut", "depth": 0.2})
    found = read_promotion(grid_of(), row, past_of([cut], drivers=drivers))
    assert found.estimate == pytest.approx(100 * np.expm1(0.20))


def test_events_differ_more_than_their_scatter_and_that_widens_the_reading() -> None:
    quiet = [event_row(f"2025-0{month}-03", 130, 100, 30) for month in range(1, 5)]
    wild = [
        event_row(f"2025-0{month}-03", actual, 100, 30) for month, actual in enumerate((70, 250, 90, 230), 1)
    ]
    calm = read_promotion(grid_of(), claim(), past_of([TEA, ALL], quiet))
    loose = read_promotion(grid_of(), claim(), past_of([TEA, ALL], wild))
    assert calm.error == pytest.approx(6.749294)
    assert loose.error > 3 * calm.error
    assert (calm.events, len(calm.past)) == (4, 4)
    assert calm.past[0].effect == pytest.approx(100 * (130.5 / 100.5 - 1))


def test_events_that_do_not_beat_their_placebos_are_not_established() -> None:
    weak = [event_row(f"2025-0{month}-03", 104, 100, 4, verdict="not established") for month in range(1, 5)]
    found = read_promotion(grid_of(), claim(), past_of([TEA, ALL], weak))
    assert found.placebo == "not established"
    assert not any(event.is_established for event in found.past)


def test_a_promotion_that_names_no_mechanic_is_set_beside_promotions_of_any_kind() -> None:
    cut = effect_row("price_cut", "uplift", "Tea", 2.0, 0.0, usual=0.2)
    found = read_promotion(grid_of(), claim(fields={}), past_of([TEA, cut]))
    # Equal numbers of events: the mean of 0.30 and 0.40, apart by 0.05 each.
    assert found.estimate == pytest.approx(100 * np.expm1(0.35))
    assert "promotions of any kind on Tea" in found.words


def test_a_mechanic_that_is_no_driver_has_no_history_and_covers_nothing() -> None:
    row = claim(fields={"mechanic": "television"})
    found = read_promotion(grid_of(), row, past_of([TEA, ALL]))
    assert not found.speaks
    assert found.words == "no event of television among its drivers (0 past events)"
    assert covered_drivers(row, grid_of().driver_kinds) == ()
    assert not len(claim_events(grid_of(), row, past_of([TEA], [event_row("2025-03-03", 130, 100, 30)])))


def test_without_any_measured_driver_nothing_is_said() -> None:
    assert not read_promotion(grid_of(), claim(), past_of()).speaks
    assert not read_price(grid_of(), claim(kind="price_change"), past_of()).speaks
    assert not read_market(grid_of(), claim(kind="market_shift"), past_of()).speaks


def test_a_price_claim_is_read_at_the_measured_elasticity() -> None:
    # +10 % on price at -2.0: 1.1^-2 - 1 = -17.36 %; error 0.8264 x ln 1.1 x 0.25 = 1.969 %.
    row = claim(kind="price_change", expected=10.0, elasticity=-1.5, fields={})
    found = read_price(grid_of(), row, past_of([ELASTIC]))
    assert found.estimate == pytest.approx(-17.355372)
    assert found.error == pytest.approx(1.969219, rel=1e-5)
    assert found.events == 6
    assert "6 past price changes (an elasticity of −2.0 give or take 0.2" in found.words


def test_a_claim_about_volume_takes_the_change_its_title_states() -> None:
    row = claim(kind="price_change", expected=-8.0, title="Tea list price +4 %", fields={})
    found = read_price(grid_of(), row, past_of([ELASTIC]))
    assert found.estimate == pytest.approx(100 * (1.04**-2 - 1))
    assert "at the +4\u202f% its title states" in found.words


def test_else_the_calendars_change_of_the_regular_price() -> None:
    periods = pd.date_range("2025-10-06", periods=17, freq="7D")
    price = np.where(periods < START, 2.0, 2.2)
    price[3] = 1.5  # a cut of one week does not count
    drivers = pd.DataFrame({"period": periods, "product": "Tea", "price": price})
    row = claim(kind="price_change", expected=-15.0, fields={})
    found = read_price(grid_of(), row, past_of([ELASTIC], drivers=drivers))
    assert found.estimate == pytest.approx(100 * (1.1**-2 - 1))


def test_a_price_claim_that_states_no_change_is_told_what_it_would_take() -> None:
    row = claim(kind="price_change", expected=-8.0, title="Dearer", fields={})
    found = read_price(grid_of(), row, past_of([ELASTIC]))
    assert not found.speaks
    assert found.events == 6
    # (1 - 0.08)^(1 / -2) - 1 = +4.3 %.
    assert "(−8\u202f% of sales would take +4.3\u202f%)" in found.words


def test_an_indicators_elasticity_is_read_at_the_claimed_change() -> None:
    market = effect_row("index", "market", "", 0.6, 0.1, events=104)
    row = claim(kind="market_shift", scope={}, expected=5.0, elasticity=0.8, fields={"driver": "index"})
    found = read_market(grid_of(), row, past_of([market]))
    assert found.estimate == pytest.approx(100 * (1.05**0.6 - 1))
    assert found.words == "104 past weeks of index"


def test_an_indicator_that_is_no_ratio_is_read_per_unit_at_its_last_level() -> None:
    market = effect_row("index", "market", "", 0.02, 0.005, events=104, unit="log per unit")
    drivers = pd.DataFrame({"period": pd.date_range("2025-01-06", periods=52, freq="7D"), "index": 20.0})
    row = claim(kind="market_shift", scope={}, expected=10.0, elasticity=1.0, fields={"driver": "index"})
    found = read_market(grid_of(), row, past_of([market], drivers=drivers))
    # 10 % of 20 is 2 units, at 0.02 each.
    assert found.estimate == pytest.approx(100 * np.expm1(0.04))


def test_a_claims_events_are_those_of_its_mechanic_and_scope() -> None:
    events = [
        event_row("2025-03-03", 130, 100, 30),
        event_row("2025-02-03", 120, 100, 20, product="Cake"),
        event_row("2025-01-06", 120, 100, 20, driver="price_cut"),
    ]
    found = claim_events(grid_of(), claim(), past_of([TEA], events))
    assert found["start"].tolist() == [pd.Timestamp("2025-03-03")]
    assert not len(claim_events(grid_of(), claim(kind="one_off"), past_of([TEA], events)))


def test_a_mechanic_names_its_driver_and_a_claim_without_one_covers_all_of_its_kind() -> None:
    kinds = grid_of().driver_kinds
    assert named_drivers(claim(fields={"mechanic": "Feature and price cut"}), kinds) == (
        "feature",
        "price_cut",
    )
    assert covered_drivers(claim(fields={"mechanic": "feature"}), kinds) == ("feature",)
    assert covered_drivers(claim(fields={}), kinds) == ("feature", "price_cut")
    assert covered_drivers(claim(unit="units"), kinds) == ()
