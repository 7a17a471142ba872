from __future__ import annotations

import numpy as np
import pytest

from alignment_lib.forecasting.combination import (
    CANDIDATES,
    choose_candidate,
    combine,
    default_candidate,
    relax_weights,
)


@pytest.mark.parametrize("name", sorted(CANDIDATES))
def test_the_weights_of_every_candidate_sum_to_one(name: str) -> None:
    assert sum(CANDIDATES[name].values()) == pytest.approx(1.0)


def test_a_clearly_better_candidate_takes_the_place_of_the_default() -> None:
    generator = np.random.default_rng(0)
    default = generator.uniform(0.8, 1.2, 60)
    errors = {"local": default, "fast": default * generator.uniform(0.85, 0.95, 60)}
    choice = choose_candidate(errors, "local")
    assert choice.candidate == "fast"
    assert "below the 'local' default" in choice.reason


def test_what_chance_explains_leaves_the_default() -> None:
    generator = np.random.default_rng(1)
    default = generator.uniform(0.5, 1.5, 60)
    errors = {"local": default, "fast": default - 0.02 + generator.normal(0, 0.3, 60)}
    choice = choose_candidate(errors, "local")
    assert choice.candidate == "local"
    assert "not better by more than chance" in choice.reason or choice.reason == "lowest backtest error"


def test_a_handful_of_series_never_leaves_the_default() -> None:
    errors = {"local": np.full(9, 1.0), "fast": np.full(9, 0.5)}
    assert choose_candidate(errors, "local").candidate == "local"


def test_a_member_that_could_not_be_fitted_gives_its_weight_to_the_others() -> None:
    paths = {"ets": np.array([[np.nan, 4.0]]), "damped": np.array([[2.0, 2.0]])}
    assert combine({"ets": 0.5, "damped": 0.5}, paths).tolist() == [[2.0, 3.0]]
    assert relax_weights({"ets": 0.25, "global": 0.5, "damped": 0.25}, paths) == {"ets": 0.5, "damped": 0.5}


def test_the_default_leans_on_the_learner_where_there_is_one() -> None:
    assert default_candidate("smooth", True, 4) == "mixture"
    assert default_candidate("seasonal", True, 12) == "broad mixture"
    assert default_candidate("seasonal", False, 4) == "local"
    assert default_candidate("seasonal", False, 52) == "broad local"
    assert default_candidate("short", True, 4) == "fast"
    assert default_candidate("intermittent", True, 12) == "intermittent"
