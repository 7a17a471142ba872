"""What came of a round: one tree, one table that adds up, and new sales by cause as a second view."""

from __future__ import annotations

import pandas as pd
import pytest

from alignment_lib.answers.past.variance import causes_table, new_by_cause, variance
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.words.nearest import UnknownWord
from alignment_lib.review.variance import split_variance
from alignment_lib.rounds.view import RoundView

PERIOD = pd.Timestamp("2026-01-01")


def _sales(new: float, repeat: float) -> pd.DataFrame:
    rows = [(PERIOD, "A", "new", new / 10, new), (PERIOD, "A", "repeat", repeat / 10, repeat)]
    return pd.DataFrame(rows, columns=["period", "product", "sale_type", "units", "revenue"])


def _factors(leads: float) -> pd.DataFrame:
    names = ["source", "leads", "quality", "contact", "speed", "win", "order_size", "value"]
    return pd.DataFrame([("web", leads, 0.5, 1.0, 1.0, 1.0, 40.0, leads * 20.0)], columns=names)


def _view(with_funnel: bool) -> RoundView:
    factors = {"actual_factors": _factors(200), "reference_factors": _factors(100)} if with_funnel else {}
    actual, plan = _sales(6_000, 9_000), _sales(4_766, 10_000)
    split = split_variance(actual, plan, ["product", "sale_type"], sale_type="sale_type", **factors)
    table = split.table.assign(round="2026Q1", against="plan", unit="EUR")
    manifest = {"round": "2026Q2", "cycle": "quarter", "measure": "revenue", "currency": "EUR"}
    return RoundView(manifest, {"variance": table}, Calendar("month"))


def test_new_sales_by_cause_are_a_second_view_with_the_same_total() -> None:
    view = _view(with_funnel=True)
    first = str(variance(view).to_html()).casefold()
    second = str(new_by_cause(view, "plan").to_html()).casefold()
    # New sales came to 1,234 more than planned: by lead volume and sales without a lead in the first view,
    # all of it not explained in the second.
    assert "1,234" in first
    assert "1,234" in second
    assert "lead volume" in first
    assert "lead volume" not in second
    assert "not explained" in second
    assert "remainder" in second
    assert "it is not added to the view by funnel." in second


def test_without_a_funnel_new_sales_have_no_second_view() -> None:
    assert not new_by_cause(_view(with_funnel=False), "plan").is_answered


def test_the_table_by_type_adds_up_and_the_sentence_says_the_same() -> None:
    answer = variance(_view(with_funnel=True))
    total = answer.table().iloc[-1]
    assert (total["Plan"], total["Actual"], total["Difference"]) == (14_766.0, 15_000.0, 234.0)
    assert answer.sentence.startswith("2026Q1 came to 15,000 EUR")
    assert "(+234)" in answer.sentence
    shown = causes_table(answer)
    assert shown is not None
    assert shown.rows["effect"].sum() == pytest.approx(234.0)


def test_an_unknown_reference_names_the_nearest_and_a_part_says_why_not() -> None:
    with pytest.raises(UnknownWord, match="plan"):
        variance(_view(with_funnel=True), against="plans")
    with pytest.raises(UnknownWord, match="leave part out"):
        variance(_view(with_funnel=True), part={"product": "A"})


def test_before_a_round_has_closed_the_answer_says_so() -> None:
    view = RoundView({"round": "2026Q2", "cycle": "quarter"}, {}, Calendar("month"))
    assert "No round has closed yet" in variance(view).sentence
