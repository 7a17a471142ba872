from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sales_histories import seasonal_values

from alignment_lib.forecasting.learning.adjustment import Scaled, scale_series
from alignment_lib.forecasting.learning.global_learner import (
    Learner,
    LearnerSettings,
    collect_rows,
)

SETTINGS = LearnerSettings(trees=30, rate=0.1)


@pytest.fixture(scope="module")
def scaled() -> Scaled:
    return scale_series(seasonal_values(120, 40, 4, seed=2), np.zeros(120, dtype=int))


def test_a_fit_at_a_cut_sees_no_target_after_it(scaled: Scaled) -> None:
    changed = scaled.z.copy()
    changed[:, 30:] += np.random.default_rng(0).normal(0, 1, changed[:, 30:].shape)
    learners = [
        Learner(
            collect_rows(Scaled(z, scaled.start, scaled.unit, scaled.is_log), 4, 4, 1, SETTINGS),
            40,
            scaled.start + 9,
            1,
            replace(SETTINGS, least_rows=100),
        )
        for z in (scaled.z, changed)
    ]
    first, second = (learner.predict(10, scaled.until(30), 4, 4) for learner in learners)
    assert first is not None
    assert np.array_equal(first, second)


def test_too_few_series_make_no_learner(scaled: Scaled) -> None:
    few = scaled.rows(np.arange(50))
    rows = collect_rows(few, 4, 4, 1, SETTINGS)
    assert Learner(rows, 40, few.start + 9, 1, SETTINGS).predict(0, few, 4, 4) is None
