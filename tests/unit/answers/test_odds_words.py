"""Odds are said so that they and the plan do not deny each other, and are no surer than the past can be."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest

from alignment_lib.answers.odds_words import OddsWords, years_known
from alignment_lib.answers.plan.answer_now import answer_now
from alignment_lib.publishing.report import report_front
from alignment_lib.rounds.view import RoundView, view_tables

PLAIN = OddsWords(0.4, 94.0, 100.0, 98.0, 5.0)


def _said(words: OddsWords) -> str:
    return words.say("106 units").replace("\u202f", " ")


def test_odds_on_the_plan_s_side_of_the_target_need_no_reason() -> None:
    assert _said(PLAIN) == "40 %"
    assert _said(replace(PLAIN, plan=106.0, probability=0.6)) == "60 %"
    assert _said(replace(PLAIN, probability=math.nan)) == "–"


def test_a_plan_below_its_target_with_good_odds_says_why_in_the_same_sentence() -> None:
    assert _said(replace(PLAIN, probability=0.66)) == (
        "66 %, although the plan is below it: the plan adds up what is likeliest, sales can gain on that "
        "more than they can lose, and the middle of the odds is 106 units"
    )
    assert "sales can lose on that more than they can gain" in _said(
        replace(PLAIN, plan=102.0, probability=0.3)
    )
    assert "the plan is at it" in _said(replace(PLAIN, plan=100.0, probability=0.3))


@pytest.mark.parametrize("probability", [0.97, 0.03, 1.0, 0.0])
def test_few_years_make_no_sure_odds_without_a_word(probability: float) -> None:
    words = replace(PLAIN, probability=probability, plan=101.0 if probability > 0.5 else 99.0, years=2.1)
    assert _said(words).endswith("2.1 years of sales are too few to be so sure")
    assert "too few" not in _said(replace(words, years=3.0))
    assert "too few" not in _said(replace(words, probability=0.95))
    assert "too few" not in _said(replace(words, years=math.nan))


def test_years_run_to_the_as_of_date() -> None:
    assert years_known(pd.DatetimeIndex([]), pd.Timestamp("2026-01-01")) != 1
    assert math.isnan(years_known(pd.DatetimeIndex([]), pd.Timestamp("2026-01-01")))


def test_the_first_screen_says_it(report_data: RoundView) -> None:
    tables = dict(report_data.tables)
    whole = tables["odds"]
    tables["odds"] = whole.assign(probability=whole["probability"].where(whole["probability"].isna(), 0.66))
    history = tables["history"]
    tables["history"] = history[history["period"] >= report_data.as_of - pd.Timedelta(days=700)]
    said = answer_now(view_tables(report_data.manifest, tables)).sentence
    assert "66\u202f%, although the plan is below it" in said
    tables["odds"] = whole.assign(probability=whole["probability"].where(whole["probability"].isna(), 0.01))
    page = str(report_front.answer_section(view_tables(report_data.manifest, tables)))
    assert page.count("1.9 years of sales are too few to be so sure") >= 2
