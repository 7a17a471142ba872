from __future__ import annotations

import numpy as np
import pytest

from alignment_lib.forecasting.effects.choice import backtest_origins, score_plan


def test_scores_worked_by_hand() -> None:
    actual = np.array([[10.0, 20.0], [30.0, np.nan]])
    plan = np.array([[12.0, 15.0], [28.0, 99.0]])
    series, total = score_plan(actual, plan)
    assert series == pytest.approx((2 + 5 + 2) / 60)
    assert total == pytest.approx((0 + 5) / 60)


@pytest.mark.parametrize("known", [1, 5, 9, 20, 60, 200])
def test_origins_leave_a_history_before_and_an_outcome_after(known: int) -> None:
    origins, length = backtest_origins(known, 13, 52)
    assert all(8 <= origin <= known - length for origin in origins)
    assert length >= 1
