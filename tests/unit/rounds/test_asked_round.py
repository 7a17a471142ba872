"""A round asked for in words."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from alignment_lib.rounds.preparing.asked_round import ask_round


def test_words_become_a_request() -> None:
    request = ask_round("unit", "2026Q1", "2026-01-15")
    assert (request.round, request.as_of) == ("2026Q1", pd.Timestamp("2026-01-15"))


def test_a_year_that_papermill_hands_over_as_a_number_is_a_round() -> None:
    assert ask_round("unit", 2026).round == "2026"  # type: ignore[arg-type]


def test_a_day_that_another_reader_made_a_date_is_a_day() -> None:
    request = ask_round("unit", "2026Q1", dt.date(2026, 1, 15))  # type: ignore[arg-type]
    assert request.as_of == pd.Timestamp("2026-01-15")
    assert ask_round("unit", None, None).round == ""  # type: ignore[arg-type]
