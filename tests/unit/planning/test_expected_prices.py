"""Revenue per unit over a span, where no calendar says the price."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.planning.plan.expected_prices import expect_prices

WEEKS = np.arange(104)


def test_a_deal_in_the_last_week_is_not_carried_over_the_year() -> None:
    price = np.full((1, 104), 10.0)
    price[0, [30, 60, 103]] = 5.0
    found = expect_prices(price, np.ones((1, 104)), 13, 52)
    assert found.values.mean() > 9.0
    assert sum(found.weights.values()) == pytest.approx(1.0)


def test_a_rise_that_lasts_is_kept() -> None:
    price = np.where(WEEKS >= 60, 12.0, 10.0)[None]
    assert expect_prices(price, np.ones((1, 104)), 13, 52).values.mean() == pytest.approx(12.0, abs=0.7)


def test_weeks_of_deals_count_by_what_they_sell() -> None:
    on = WEEKS % 4 == 0
    price, units = np.where(on, 5.0, 10.0)[None], np.where(on, 40.0, 10.0)[None]
    paid = float((price * units).sum() / units.sum())
    assert expect_prices(price, units, 13, 52).values.mean() == pytest.approx(paid, rel=0.12)


def test_prices_that_follow_the_season_are_expected_to_do_so_again() -> None:
    price = (10.0 + 4.0 * np.sin(2 * np.pi * np.arange(156) / 52))[None]
    found = expect_prices(price, np.ones((1, 156)), 26, 52)
    truth = 10.0 + 4.0 * np.sin(2 * np.pi * np.arange(156, 182) / 52)
    last = np.full(26, price[0, -1])
    assert np.abs(found.values[0] - truth).sum() < 0.6 * np.abs(last - truth).sum()
    assert found.weights["season"] == max(found.weights.values())
    assert found.notice is not None


def test_what_was_never_sold_has_no_price_and_a_short_history_its_mean() -> None:
    price = np.array([[np.nan, np.nan, np.nan], [2.0, np.nan, 4.0]])
    found = expect_prices(price, np.array([[0.0, 0.0, 0.0], [3.0, 0.0, 1.0]]), 2, 12)
    assert np.isnan(found.values[0]).all()
    assert found.values[1] == pytest.approx([2.5, 2.5])
    assert found.notice is None


@given(
    st.lists(st.floats(0.1, 1e6), min_size=1, max_size=40),
    st.integers(1, 20),
    st.sampled_from([4, 12, 52]),
)
def test_prices_stay_among_what_was_paid(prices: list[float], ahead: int, season: int) -> None:
    found = expect_prices(np.array([prices]), np.ones((1, len(prices))), ahead, season).values
    assert found.shape == (1, ahead)
    assert (found >= 0.5 * min(prices) - 1e-9).all()
    assert (found <= 2.0 * max(prices) + 1e-9).all()
