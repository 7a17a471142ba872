"""The views of a difference on the page: new sales by cause are a second one with the same total."""

from __future__ import annotations

import pandas as pd

from alignment_lib.publishing.review_page import show_causes_of_new, show_tree
from alignment_lib.review.variance import split_variance

PERIOD = pd.Timestamp("2026-01-01")


def _sales(new: float, repeat: float) -> pd.DataFrame:
    rows = [(PERIOD, "A", "new", new / 10, new), (PERIOD, "A", "repeat", repeat / 10, repeat)]
    return pd.DataFrame(rows, columns=["period", "product", "sale_type", "units", "revenue"])


def _factors(leads: float) -> pd.DataFrame:
    names = ["source", "leads", "quality", "contact", "speed", "win", "order_size", "value"]
    return pd.DataFrame([("web", leads, 0.5, 1.0, 1.0, 1.0, 40.0, leads * 20.0)], columns=names)


def _variance(with_funnel: bool):
    factors = {"actual_factors": _factors(200), "reference_factors": _factors(100)} if with_funnel else {}
    actual, plan = _sales(6_000, 9_000), _sales(4_766, 10_000)
    return split_variance(actual, plan, ["product", "sale_type"], sale_type="sale_type", **factors)


def test_new_sales_by_cause_are_a_second_page_with_the_same_total() -> None:
    variance = _variance(with_funnel=True)
    first = str(show_tree(variance, "2026Q1", "EUR", "one")).casefold()
    second = str(show_causes_of_new(variance, "2026Q1", "EUR", "two")).casefold()
    # New sales came to 1,234 more than planned: by lead volume and sales without a lead on the first
    # page, all of it not explained on the second.
    assert "1,234" in first
    assert "1,234" in second
    assert "lead volume" in first
    assert "lead volume" not in second
    assert "not explained" in second
    assert "remainder" in second
    assert "it is not added to the view by funnel." in second


def test_without_a_funnel_new_sales_have_no_second_page() -> None:
    assert show_causes_of_new(_variance(with_funnel=False), "2026Q1", "EUR", "two") is None
