"""The verdict comes before any number."""

import re
from dataclasses import replace

import numpy as np
import pytest

from alignment_lib.forecasting.response.base import scatter_counts
from alignment_lib.forecasting.response.data import Experiment
from alignment_lib.forecasting.response.fitting import fit_response
from alignment_lib.forecasting.response.health import Response, measure_response
from alignment_lib.forecasting.response.tested import Compared, widen_test
from tests.unit.forecasting.response.made import make_world, true_return

STILL = np.full(130, 600.0)


@pytest.fixture(scope="module")
def found() -> Response:
    """Two channels that moved and one that never did."""
    return measure_response(make_world(third=STILL), 200, seed=1)


def said(response: Response, channel: str) -> str:
    return " ".join(check.sentence for check in response.health.checks if check.channel == channel)


def test_a_channel_that_never_moved_is_refused_and_the_others_are_not(found):
    assert [found.health.of(name) for name in ("search", "social", "radio")] == ["pass", "pass", "fail"]
    assert not found.is_known("radio")
    assert "History cannot tell what radio brings" in said(found, "radio")


def test_where_the_verdict_is_fail_no_sentence_says_a_figure():
    """Neither of a channel that fails, tested or not, nor of a model that fails as a whole."""
    world = make_world(third=STILL)
    test = Experiment("T1", 0, 60, 67, 1.0, 40.0, 0.02)
    wrong = measure_response(replace(world, experiments=(test,)), 100, seed=1)
    assert wrong.health.of("search") == "fail"
    assert "T1 and the model without it" in said(wrong, "search")
    for response in (wrong, measure_response(world, 100, seed=1)):
        for check in response.health.checks:
            if check.channel and response.health.of(check.channel) == "fail":
                assert not re.search(r"\d", check.sentence.replace("T1", "")), check.sentence


def test_returns_of_moved_channels_are_found(found):
    for at in (0, 1):
        low, high = np.quantile(found.fit.returns(at), [0.02, 0.98])
        assert low <= true_return(found.data, at) <= high


def test_no_return_is_negative(found):
    assert min(found.fit.returns(at).min() for at in range(3)) >= 0.0


def test_spend_helps_to_see_ahead(found):
    assert found.backtest.gain > 0.3


def test_equal_seeds_give_equal_draws(found):
    again = fit_response(make_world(third=STILL), 200, seed=1)
    np.testing.assert_array_equal(found.fit.curves.most, again.curves.most)


def test_money_in_another_currency_brings_as_much(found):
    """A return is per unit of money: 128 times the amount is 1/128 of it, and nothing else changes.

    A power of two: rounding would let a draw fall on another point of the grid now and then.
    """
    data = make_world(third=STILL)
    cents = fit_response(replace(data, spend=data.spend * 128.0), 200, seed=1)
    assert cents.returns(0) * 128.0 == pytest.approx(found.fit.returns(0), rel=1e-6)


def test_money_that_only_follows_the_season_cannot_be_told_from_it():
    season = 600.0 * (1.0 + 0.5 * np.cos(2.0 * np.pi * np.arange(130) / 52.0))
    response = measure_response(make_world(third=season), 20)
    assert "moved with the season alone" in said(response, "radio")


def test_two_channels_that_move_together_are_both_refused():
    data = make_world()
    twin = data.spend[:, 0] * 0.5 * np.exp(np.random.default_rng(1).normal(0.0, 0.02, 130))
    response = measure_response(make_world(third=twin), 20)
    assert [response.health.of(name) for name in ("search", "social", "radio")] == ["fail", "pass", "fail"]
    assert "history cannot tell their effects apart" in said(response, "search")


def test_an_experiment_speaks_for_a_channel_that_never_moved():
    test = Experiment("T1", 2, 100, 109, 1.0, 0.20, 0.02)
    data = replace(make_world(third=STILL), experiments=(test,))
    response = measure_response(data, 20)
    assert response.health.of("radio") == "review"
    assert "known from experiments alone" in said(response, "radio")


def test_an_experiment_narrows_what_history_leaves_open():
    data = make_world(noise=60.0)
    wide = fit_response(data, 200).returns(1)
    truth = true_return(data, 1)
    effect = truth * data.spend[100:110, 1].sum()
    lift = effect / (data.outcomes[100:110].sum() - effect)
    test = Experiment("T1", 1, 100, 109, 1.0, lift, 0.05 * lift)
    narrow = fit_response(replace(data, experiments=(test,)), 200).returns(1)
    assert narrow.std() / narrow.mean() < 0.5 * wide.std() / wide.mean()
    assert abs(narrow.mean() - truth) < abs(wide.mean() - truth)


def test_an_experiment_that_contradicts_history_is_said():
    test = Experiment("T1", 0, 100, 109, 1.0, 3.0, 0.05)
    response = measure_response(replace(make_world(), experiments=(test,)), 20)
    assert response.health.of("search") == "fail"
    assert "they disagree" in said(response, "search")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (make_world().until(77), "78 are needed"),
        (replace(make_world(), spend=np.zeros((130, 2))), "No money was spent"),
        (replace(make_world(), outcomes=np.zeros((130, 1))), "nothing ever came of it"),
    ],
)
def test_where_there_is_nothing_to_learn_from_nothing_is_fitted(data, words):
    response = measure_response(data)
    assert response.fit is None
    assert response.health.of() == "fail"
    assert words in said(response, "")


def test_a_test_without_a_lot_counts_as_far_as_it_agrees():
    test = Experiment("T", 0, 90, 99, 1.0, 1.0, 0.1, by_lot=False)
    far = Compared(measured=50.0, error=2.5, modelled=20.0, spread=5.0, total=100.0)
    assert far.away == pytest.approx(30.0 / np.hypot(2.5, 5.0))
    # 30² − 2.5² − 5² are added to 2.5²; a lift of one doubles what came, so the error is four hundredths.
    assert widen_test(test, far).error == pytest.approx(np.sqrt(900.0 - 25.0) * 0.04)
    near = Compared(measured=24.0, error=2.5, modelled=20.0, spread=5.0, total=100.0)
    assert widen_test(test, near).error == pytest.approx(0.1)
    assert widen_test(replace(test, by_lot=True), far).error == 0.1


def test_weeks_far_above_the_usual_scatter_by_the_chance_of_their_count():
    expected = np.full(100, 2.0)
    expected[50] = 36.0
    scale = scatter_counts(expected, 1.5)
    assert scale[50] == pytest.approx(4.0)
    assert np.delete(scale, 50).tolist() == [1.0] * 99
    assert scatter_counts(1000.0 * expected, 1500.0)[50] == 1.0
