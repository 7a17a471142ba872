from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hierarchicalforecast.methods import MinTrace

from alignment_lib.forecasting.combining import hierarchy
from alignment_lib.forecasting.combining.hierarchy import (
    RECONCILERS,
    aggregation_matrix,
    build_levels,
    fit_reconciler,
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


@pytest.mark.parametrize("method", ["ols", "wls_struct", "wls_var"])
def test_a_pull_kept_as_two_matrices_changes_the_leaves_alike(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(2)
    matrix = aggregation_matrix(build_levels(CROSSED))
    errors = generator.normal(size=(40, 9)) * np.arange(1, 10)
    nodes, leaves = generator.uniform(5, 10, (5, 3)), generator.uniform(5, 10, (4, 3))
    whole = fit_reconciler(method, matrix, errors)
    monkeypatch.setattr(hierarchy, "_DENSE_PULL", 0)
    apart = fit_reconciler(method, matrix, errors)
    assert isinstance(apart.pull, tuple)
    assert isinstance(whole.pull, np.ndarray)
    np.testing.assert_allclose(apart.reconcile(nodes, leaves), whole.reconcile(nodes, leaves), rtol=1e-12)
