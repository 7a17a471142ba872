from __future__ import annotations

import numpy as np
import pytest

from alignment_lib.forecasting.effects.levels import Joined, last_year, local_smoothers
from alignment_lib.forecasting.effects.pooled import PooledSettings, fit_pooled, join_level
from alignment_lib.forecasting.effects.slopes import fit_lines


def test_what_both_years_left_returns_at_their_mean_worked_by_hand() -> None:
    left = np.zeros((1, 8))
    left[0, [1, 5]] = 0.2, 0.4
    path = last_year(left, 4, 2)
    assert path[8:].tolist() == pytest.approx([0.0, 0.3])
    assert path[5] == pytest.approx(0.2)


def test_without_a_year_nothing_returns() -> None:
    assert (last_year(np.ones((3, 30)), 52, 10) == 0).all()


def test_smoothers_are_used_on_series_with_a_year_only() -> None:
    residual = np.random.default_rng(1).normal(0, 0.1, (2, 80))
    residual[1, :60] = np.nan
    path, usable = local_smoothers(residual, 52, 5)
    assert usable.tolist() == [True, False]
    assert np.isfinite(path).all()


def test_what_joins_the_level_leaves_slopes_and_so_effects_untouched() -> None:
    rng = np.random.default_rng(2)
    features = rng.normal(size=(3, 120, 2))
    logs = 4 + features @ np.array([0.5, -0.3]) + rng.normal(0, 0.1, (3, 120))
    lines = fit_lines(logs, features, np.arange(3), PooledSettings())
    fit = fit_pooled(logs, lines, np.arange(3), PooledSettings())
    joined = join_level(fit, Joined(last_year=0.6, smoothers=0.5))
    other = features[:, :13] + 1.0
    effect = fit.explained(other) - fit.explained(features[:, :13])
    assert np.array_equal(joined.explained(other) - joined.explained(features[:, :13]), effect)
    assert not np.allclose(joined.ahead(13), fit.ahead(13))
    back = join_level(joined, Joined())
    assert np.allclose(back.fitted, fit.fitted)
