from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hierarchicalforecast.methods import MinTrace

from alignment_lib.forecasting.hierarchy import (
    RECONCILERS,
    aggregation_matrix,
    build_levels,
    fit_reconciler,
    spread_override,
)

NESTED = pd.DataFrame({"state": ["a", "a", "b", "b"], "town": ["p", "q", "r", "s"]})
CROSSED = pd.DataFrame({"shop": ["x", "x", "y", "y"], "brand": ["m", "n", "m", "n"]})


def test_nested_dimensions_give_their_own_level_once() -> None:
    assert [level.dimensions for level in build_levels(NESTED)] == [(), ("state",)]


def test_crossing_dimensions_give_a_level_each() -> None:
    assert [level.dimensions for level in build_levels(CROSSED)] == [(), ("shop",), ("brand",)]


def test_the_matrix_sums_the_leaves_of_each_node() -> None:
    sums = aggregation_matrix(build_levels(CROSSED)) @ np.array([1.0, 2.0, 4.0, 8.0])
    assert sums.tolist() == [15.0, 3.0, 12.0, 5.0, 10.0]


@pytest.mark.parametrize("method", RECONCILERS)
def test_reconciled_leaves_reproduce_node_forecasts_that_already_agree(method: str) -> None:
    matrix = aggregation_matrix(build_levels(CROSSED))
    errors = np.random.default_rng(0).normal(size=(40, 9))
    leaves = np.array([[3.0], [4.0], [5.0], [6.0]])
    made = fit_reconciler(method, matrix, errors).reconcile(matrix @ leaves, leaves)
    assert np.allclose(made, leaves, atol=1e-9)


@pytest.mark.parametrize("method", ["ols", "wls_struct", "wls_var", "mint_shrink"])
def test_reconciliation_equals_that_of_hierarchicalforecast(method: str) -> None:
    generator = np.random.default_rng(1)
    matrix = aggregation_matrix(build_levels(CROSSED))
    summing = np.vstack([matrix.toarray(), np.eye(4)])
    insample = summing @ generator.uniform(5, 10, (4, 60))
    fitted = insample - generator.normal(size=(9, 60)) * np.arange(1, 10)[:, None]
    base = summing @ generator.uniform(5, 10, (4, 3)) + generator.normal(size=(9, 3))
    theirs = MinTrace(method=method).fit_predict(
        S=summing, y_hat=base, y_insample=insample, y_hat_insample=fitted
    )
    errors = (insample - fitted).T
    ours = fit_reconciler(method, matrix, errors).reconcile(base[:5], base[5:])
    # Their covariance is centred and its shrinkage estimated a little differently.
    assert np.allclose(
        summing @ ours, theirs["mean"], rtol=0.03 if method in ("mint_shrink", "wls_var") else 1e-6
    )


def test_an_override_is_spread_pro_rata() -> None:
    values = np.array([[1.0, 2.0], [3.0, 2.0], [9.0, 9.0]])
    made = spread_override(values, np.array([True, True, False]), np.array([8.0, np.nan]))
    assert made.tolist() == [[2.0, 2.0], [6.0, 2.0], [9.0, 9.0]]


def test_an_override_of_a_quarter_keeps_the_profile_within_it() -> None:
    values = np.array([[1.0, 2.0, 3.0, 5.0]])
    made = spread_override(values, np.array([True]), np.array([12.0, np.nan]), np.array([0, 0, 0, 1]))
    assert made.tolist() == [[2.0, 4.0, 6.0, 5.0]]


def test_an_override_of_nothing_is_spread_evenly() -> None:
    made = spread_override(np.zeros((2, 2)), np.array([True, True]), np.array([8.0]), np.array([0, 0]))
    assert made.tolist() == [[2.0, 2.0], [2.0, 2.0]]


def test_draws_are_scaled_by_the_factor_of_their_mean() -> None:
    draws = np.array([[[1.0], [1.0]], [[3.0], [3.0]]])
    made = spread_override(draws, np.array([True, True]), np.array([8.0]))
    assert made.mean(axis=0).sum() == pytest.approx(8.0)
    assert made[1].sum() == pytest.approx(3 * made[0].sum())
