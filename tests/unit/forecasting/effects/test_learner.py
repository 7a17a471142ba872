"""Trees read their columns by name."""

from __future__ import annotations

import numpy as np
import pytest

from alignment_lib.forecasting.effects.learner import QUICK, Learner, TreeFeatures, bin_cells, fit_learner

NAMES = ("on:deal", "price:{list, net}", "code:product")


def grown() -> tuple[np.ndarray, TreeFeatures]:
    rng = np.random.default_rng(1)
    values = rng.random((20, 40, 3))
    values[:, :, 2] = np.arange(20)[:, None] % 4
    return values[:, :, 0] + 0.1 * values[:, :, 2], TreeFeatures(values, NAMES, ("code:product",))


def learner_of(target: np.ndarray, features: TreeFeatures) -> Learner:
    binned = bin_cells(np.isfinite(target), features)
    assert binned is not None
    return fit_learner(target, binned, settings=QUICK)


def test_what_trees_said_while_they_grew_is_what_they_predict() -> None:
    target, features = grown()
    target[3, 5] = np.nan
    learner = learner_of(target, features)
    predicted = learner.predict(features)[np.isfinite(target)]
    assert learner.fitted == pytest.approx(predicted, abs=1e-12)


def test_columns_in_another_order_are_found_by_name() -> None:
    target, features = grown()
    learner = learner_of(target, features)
    turned = TreeFeatures(features.values[:, :, ::-1], NAMES[::-1], ("code:product",))
    assert np.array_equal(learner.predict(turned), learner.predict(features))
    assert np.corrcoef(learner.predict(features).ravel(), target.ravel())[0, 1] > 0.9


def test_a_column_that_trees_never_saw_is_refused() -> None:
    target, features = grown()
    learner = learner_of(target, features)
    strange = TreeFeatures(features.values, ("on:deal", "on:other", "code:product"))
    with pytest.raises(ValueError, match=r"on:other, price:\{list, net\}"):
        learner.predict(strange)


@pytest.mark.parametrize("names", [("a", "b"), ("a", "a", "b"), ("a", "b", "c", "d")])
def test_names_that_do_not_match_the_columns_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="3 features under"):
        TreeFeatures(np.zeros((2, 2, 3)), names)
