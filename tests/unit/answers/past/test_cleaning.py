"""What was treated in a history: every rule with its count, each value beside its replacement."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.answers.past.cleaning import cleaning
from alignment_lib.forecasting.past.cleaning import RULES, clean_history, count_rules, list_treatments
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.rounds.view import RoundView

MANIFEST = {"round": "2026Q1", "cycle": "quarter", "as_of": "2026-01-01", "scenario": "consensus"}
MANIFEST |= {"measure": "units", "currency": "EUR", "dimensions": ["product"], "parameters": {}}


def _view(values: list[float]) -> RoundView:
    calendar = Calendar("month")
    periods = pd.date_range("2024-01-01", periods=len(values), freq="MS")
    history = History(calendar, pd.DataFrame({"product": ["Tea"]}), periods, np.array([values]), "units")
    cleaned = clean_history(history)
    tables = {"cleaning": count_rules(cleaned), "treatments": list_treatments(history, cleaned)}
    return RoundView(MANIFEST, tables, calendar)


def test_every_rule_stands_there_and_a_filled_hole_beside_nothing() -> None:
    view = _view([20.0, 21, 19, 20, 22, 0, 21, 20, 19, np.nan, 21, 20])
    rules = cleaning(view)
    assert rules.frame["rule"].tolist() == list(RULES)
    assert rules.frame.set_index("rule")["periods"][["gap", "stock_out", "outlier"]].tolist() == [1, 1, 0]
    values = cleaning(view, by="value")
    assert values.sentence.startswith("2 values of the history were treated")
    assert set(values.frame["rule"]) == {"gap", "stock_out"}
    assert values.table()["as read"].isna().sum() == 1


def test_nothing_treated_is_said_and_an_old_snapshot_says_what_would_fill_it() -> None:
    assert cleaning(_view([20.0] * 12), by="value").sentence == "No value of the history was treated."
    assert "al.open_round" in cleaning(RoundView(MANIFEST, {}, Calendar("month"))).missing
