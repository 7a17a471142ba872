"""The split that brings most, against what can be worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.forecasting.response.curves import Curves
from alignment_lib.planning.budget.spending import BudgetError, complete_budget, lay_out_channels
from alignment_lib.planning.budget.splitting import find_frontier, least_for, least_for_odds, most_within

NAMES = ("search", "social")


def channels(bounds=None, shape=1.0, known=(True, True), most=(100.0, 100.0), half=(10.0, 40.0)):
    curves = Curves(
        np.zeros((1, 2)), np.array([half]), np.full((1, 2), shape), np.array([most])
    )  # no carry-over: every week stands for itself
    free = dict.fromkeys(NAMES, (0.0, 500.0)) if bounds is None else bounds
    return lay_out_channels(curves, NAMES, np.zeros((20, 2)), np.full((10, 2), 10.0), free, known)


def test_marginal_returns_are_equal_at_the_best_split():
    """Most·half / (half + x)²: with halves 10 and 40, (40 + y) / (10 + x) = 2; of 35 a week 15 + 20 = 35."""
    split = find_frontier(channels()).at(350.0)
    assert split.money.sum() == pytest.approx(350.0)
    assert split.money / 10.0 == pytest.approx(
        [(35.0 + 40.0 - 20.0) / 3.0, (2.0 * 35.0 + 20.0 - 40.0) / 3.0], rel=0.02
    )


def test_of_two_s_curves_one_is_fed_and_not_both_starved():
    """With too little money for two S-curves, halves are worth less than all in one."""
    split = find_frontier(channels(shape=4.0, half=(30.0, 31.0))).at(330.0)
    assert split.money == pytest.approx([330.0, 0.0], abs=5.0)


def test_a_channel_that_history_cannot_tell_stays_as_usual():
    split = find_frontier(channels(known=(True, False))).at(200.0)
    assert split.money == pytest.approx([100.0, 100.0])
    assert split.said == "Held as usual, for history cannot tell what it brings: social."


def test_a_budget_below_what_is_committed_is_refused():
    frontier = find_frontier(channels({"search": (120.0, 200.0), "social": (50.0, 90.0)}))
    with pytest.raises(
        BudgetError, match="A budget of 150 is less than the 170 that must be spent at least: search"
    ):
        frontier.at(150.0)


def test_which_bound_binds_is_said():
    split = find_frontier(channels({"search": (0.0, 40.0), "social": (0.0, 500.0)})).at(300.0)
    assert split.money == pytest.approx([40.0, 260.0])
    assert split.said == "The upper bound of search binds."
    over = find_frontier(channels({"search": (0.0, 40.0), "social": (0.0, 50.0)})).at(300.0)
    assert over.said == "210 are left over: every channel is at its upper bound."


def test_bounds_that_exclude_each_other_are_refused():
    with pytest.raises(BudgetError, match="search: at least 300 and at most 200 exclude each other"):
        channels({"search": (300.0, 200.0)})


def test_least_money_for_what_is_wanted():
    frontier = find_frontier(channels())
    split = least_for(frontier, 900.0)
    assert split.brought.mean() == pytest.approx(900.0, rel=0.01)
    assert split.money.sum() <= frontier.at(split.money.sum() * 1.02).money.sum()
    capped = least_for(frontier, 900.0, cap=500.0)
    assert capped.brought.mean() == pytest.approx(500.0, rel=0.02)
    assert capped.said.startswith("Of 900 wanted 500 can be handled")
    with pytest.raises(BudgetError, match="cannot be had of spend: with every channel at its upper bound"):
        least_for(frontier, 5000.0)


def test_money_that_brings_less_than_it_costs_is_not_spent():
    split = most_within(find_frontier(channels()), 900.0, worth=1.0)
    assert split.money.sum() < 700.0
    assert "are better not spent" in split.said


def test_least_money_for_odds():
    rng = np.random.default_rng(3)
    most = np.abs(rng.normal(100.0, 20.0, (200, 2)))
    curves = Curves(np.zeros((200, 2)), np.full((200, 2), 20.0), np.ones((200, 2)), most)
    free = dict.fromkeys(NAMES, (0.0, 500.0))
    frontier = find_frontier(
        lay_out_channels(curves, NAMES, np.zeros((5, 2)), np.full((10, 2), 10.0), free, (True, True))
    )
    likely = least_for_odds(frontier, 900.0, 0.8)
    assert (likely.brought >= 900.0).mean() >= 0.8
    assert likely.money.sum() > least_for(frontier, 900.0).money.sum()
    with pytest.raises(BudgetError, match="cannot be had with"):
        least_for_odds(frontier, 3000.0, 0.9)


def test_carried_over_money_works_before_any_is_spent():
    curves = Curves(np.full((1, 2), 0.8), np.full((1, 2), 10.0), np.ones((1, 2)), np.full((1, 2), 10.0))
    ready = lay_out_channels(curves, NAMES, np.full((30, 2), 50.0), np.full((10, 2), 10.0), {}, (True, True))
    assert ready[0].bring(0.0)[0, 0] == pytest.approx(10.0 * 40.0 / 50.0, rel=1e-6)


@given(total=st.floats(0.0, 1000.0), upper=st.floats(20.0, 400.0))
def test_a_split_spends_its_total_within_its_bounds(total, upper):
    frontier = find_frontier(channels({"search": (0.0, upper), "social": (0.0, 300.0)}))
    split = frontier.at(total)
    assert split.money.sum() == pytest.approx(min(total, upper + 300.0), abs=1e-6)
    assert (split.money >= -1e-9).all()
    assert split.money[0] <= upper + 1e-6


def test_half_made_budgets_are_completed_and_say_how():
    ready = channels()
    money, total, said = complete_budget(ready, 500.0, {"search": 200.0})
    assert (money, total) == ({"search": 200.0, "social": 300.0}, 500.0)
    assert said == "300 left of the total is spread over social as usual."
    assert complete_budget(ready, None, {"search": 50.0})[1] == 150.0
    assert complete_budget(ready, None, {})[0] == {"search": 100.0, "social": 100.0}
    with pytest.raises(BudgetError, match="The channels given take 600 of a total of 500"):
        complete_budget(ready, 500.0, {"search": 600.0})
    with pytest.raises(BudgetError, match="No channel is called radio"):
        complete_budget(ready, 500.0, {"radio": 1.0})


def test_committed_money_is_spent_in_its_own_weeks():
    """No carry-over, half 10, most 100; 60 is committed in week 1: 60 in all bring 100 · 60 / 70, no more."""
    curves = Curves(np.zeros((1, 1)), np.array([[10.0]]), np.ones((1, 1)), np.array([[100.0]]))
    held = np.zeros((3, 1))
    held[0] = 60.0
    usual = np.full((3, 1), 30.0)
    parts = (curves, ("search",), np.zeros((5, 1)), usual)
    [one] = lay_out_channels(*parts, {"search": (0.0, 300.0)}, (True,), held)
    assert one.low == 60.0
    assert one.bring(60.0)[:, 0][:3] == pytest.approx([100.0 * 60.0 / 70.0, 0.0, 0.0])
    # What is free runs where usual money is not committed: 60 more is 30 a week in weeks 2 and 3.
    assert one.bring(120.0)[:, 0][:3] == pytest.approx([100.0 * 60.0 / 70.0, 75.0, 75.0])
    with pytest.raises(BudgetError, match="search: at most 40 is less than the 60 that is committed"):
        lay_out_channels(*parts, {"search": (0.0, 40.0)}, (True,), held)


def test_the_bound_that_stands_in_the_way_is_named():
    frontier = find_frontier(channels({"search": (0.0, 40.0), "social": (0.0, 50.0)}))
    with pytest.raises(BudgetError, match=r"every channel at its upper bound \(search 40, social 50\)"):
        least_for(frontier, 5000.0)
