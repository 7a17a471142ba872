"""Scores of the models without drivers as an answer; a round read from its files says where to ask."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.past.backtest import tell_backtest


def test_scores_are_told_in_total_and_series_by_series() -> None:
    names = ["mase", "rmsse", "smape", "wape", "bias"]
    row = dict.fromkeys(names, 10.0) | {f"{name}_naive": 12.0 for name in names}
    rows = [{"level": level, "lag": "all", "forecast": "combination", **row} for level in ("total", "leaf")]
    answer = tell_backtest(pd.DataFrame(rows))
    assert answer.sentence.replace("\u202f", " ") == (
        "On earlier dates it was off in total by 10.0 % of sales (last year's: 12.0 %) and series by series "
        "by 10.0 % of sales (last year's: 12.0 %)."
    )
    assert answer.frame["wape"].tolist() == [0.1, 0.1]
    assert "too short for a backtest" in tell_backtest(pd.DataFrame()).missing
