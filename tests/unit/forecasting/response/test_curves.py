"""Carry-over and saturation, worked by hand."""

import numpy as np
import pytest

from alignment_lib.forecasting.response.curves import Curves, carry_over, first_weeks, saturate, stock_before


def test_carry_over_by_hand():
    """100, then 200, then nothing, at 0.4: 60; 0.4·60 + 0.6·200 = 144; 0.4·144 = 57.6."""
    stock = carry_over(np.array([100.0, 200.0, 0.0]), np.array([0.4]))
    assert stock[:, 0] == pytest.approx([60.0, 144.0, 57.6])


def test_money_spent_before_works_on():
    """A stock of 50 before the first week leaves 0.5·50 = 25, then 12.5, without new money."""
    assert carry_over(np.zeros(2), np.array([0.5]), 50.0)[:, 0] == pytest.approx([25.0, 12.5])


def test_even_spend_has_a_stock_of_its_own_height():
    stock = carry_over(np.full(60, 80.0), np.array([0.0, 0.5, 0.9]), 80.0)
    assert stock == pytest.approx(np.full((60, 3), 80.0))


def test_nothing_of_what_was_spent_is_lost():
    """Carried over to the end, the stock of 1 euro adds up to 1 euro."""
    spend = np.append(1.0, np.zeros(400))
    assert carry_over(spend, np.array([0.0, 0.3, 0.9])).sum(axis=0) == pytest.approx([1.0, 1.0, 1.0])


def test_saturation_by_hand():
    """Half of the most at the half; an S of shape 2 at double of it: 4 / (1 + 4) = 0.8."""
    assert saturate(np.array([10.0, 20.0]), 10.0, 2.0) == pytest.approx([0.5, 0.8])
    assert saturate(np.array([5.0]), 10.0, 2.0) == pytest.approx([0.2])


def test_a_concave_curve_brings_ever_less_and_never_less_than_nothing():
    steps = np.diff(saturate(np.linspace(0.0, 100.0, 50), 20.0, 1.0))
    assert (steps > 0).all()
    assert (np.diff(steps) < 0).all()


def test_spend_stopped_brings_what_is_carried():
    """60 at once and 24 a week later are brought by 100 at 0.4 on a line that is nearly straight."""
    curves = Curves(np.array([[0.4]]), np.array([[1e9]]), np.array([[1.0]]), np.array([[1e9]]))
    assert curves.bring(np.array([100.0, 0.0]), 0)[:, 0] == pytest.approx([60.0, 24.0], rel=1e-6)
    spend = np.append(np.zeros(10), 100.0)
    assert curves.caused(spend, 0, np.zeros(11)) == pytest.approx([100.0], rel=1e-6)


def test_the_first_weeks_stand_for_those_before_them():
    assert stock_before(np.append(np.full(8, 10.0), np.full(92, 50.0))) == 10.0
    assert (first_weeks(156), first_weeks(30), first_weeks(5)) == (8, 3, 0)
