from __future__ import annotations

import numpy as np
import pytest
from promoted_histories import promoted_case

from alignment_lib.forecasting.effects.backtest_scores import score_plan
from alignment_lib.forecasting.effects.choice import (
    LEVELS,
    MIXTURES,
    backtest_origins,
    choose_model,
)
from alignment_lib.forecasting.effects.drivers.panel import build_panel


def test_scores_worked_by_hand() -> None:
    actual = np.array([[10.0, 20.0], [30.0, np.nan]])
    plan = np.array([[12.0, 15.0], [28.0, 99.0]])
    series, total = score_plan(actual, plan)
    assert series == pytest.approx((2 + 5 + 2) / 60)
    assert total == pytest.approx((0 + 5) / 60)


@pytest.mark.parametrize("known", [1, 5, 9, 20, 60, 200])
def test_origins_leave_a_history_before_and_an_outcome_after(known: int) -> None:
    for origin, length in backtest_origins(known, 13, 52):
        assert 8 <= origin <= known - length
        assert 1 <= length <= 13


def test_a_year_ahead_is_judged_as_far_ahead_as_the_history_lets_it() -> None:
    assert backtest_origins(120, 52, 52) == [(107, 13), (94, 26), (81, 39)]


@pytest.mark.parametrize(("known", "deciding"), [(40, 0), (60, 0), (70, 1), (120, 3)])
def test_backtests_that_start_within_a_year_choose_nothing(known: int, deciding: int) -> None:
    case = promoted_case(known=known)
    choice = choose_model(build_panel(case.history, case.drivers, case.kinds, case.periods), None)
    assert choice.deciding == deciding
    assert len(choice.log_errors) >= deciding
    if not deciding:
        assert (choice.mixture, choice.level) == (next(iter(MIXTURES)), next(iter(LEVELS)))
        assert np.isfinite(choice.table["series_wape"]).all()
    chosen = choice.table.groupby("stage")["chosen"].sum()
    assert chosen[["mixture", "level"]].tolist() == [1, 1]
    assert chosen.get("level beside", 0) == bool(deciding)
