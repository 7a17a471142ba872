from __future__ import annotations

import numpy as np
import pytest

from alignment_lib.forecasting.combining.combination import (
    CANDIDATES,
    combine,
    default_candidate,
    relax_weights,
)


@pytest.mark.parametrize("name", sorted(CANDIDATES))
def test_the_weights_of_every_candidate_sum_to_one(name: str) -> None:
    assert sum(CANDIDATES[name].values()) == pytest.approx(1.0)


def test_a_member_that_could_not_be_fitted_gives_its_weight_to_the_others() -> None:
    paths = {"ets": np.array([[np.nan, 4.0]]), "damped": np.array([[2.0, 2.0]])}
    assert combine({"ets": 0.5, "damped": 0.5}, paths).tolist() == [[2.0, 3.0]]
    assert relax_weights({"ets": 0.25, "global": 0.5, "damped": 0.25}, paths) == {"ets": 0.5, "damped": 0.5}


def test_each_series_may_have_weights_of_its_own() -> None:
    paths = {"naive": np.array([[1.0], [1.0]]), "recent": np.array([[3.0], [3.0]])}
    weights = {"naive": np.array([[1.0], [0.25]]), "recent": np.array([[0.0], [0.75]])}
    assert combine(weights, paths).tolist() == [[1.0], [2.5]]


def test_the_default_leans_on_the_learner_where_there_is_one() -> None:
    assert default_candidate("smooth", True, 4) == "mixture"
    assert default_candidate("seasonal", True, 12) == "broad mixture"
    assert default_candidate("seasonal", False, 4) == "local"
    assert default_candidate("seasonal", False, 52) == "half growth"
    assert default_candidate("short", True, 4) == "fast"
    assert default_candidate("intermittent", True, 12) == "intermittent"
