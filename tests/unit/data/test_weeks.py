"""Weeks, quarters and Easter."""

import pandas as pd
from dateutil.easter import easter as known_easter

from data.generator.weeks import AS_OF, easter, quarters_of, week_index, weeks


def test_history_is_three_and_a_half_years_and_the_horizon_four_quarters() -> None:
    labels = pd.Series(quarters_of(weeks()))
    counts = labels.groupby(labels, sort=True).size()
    assert len(counts) == 18
    assert counts.index[0] == "2022Q3"
    assert counts.index[-1] == "2026Q4"
    assert counts["2026Q4"] == 14, "2026 has 53 weeks"
    assert counts.drop("2026Q4").eq(13).all()


def test_the_as_of_date_opens_the_current_round() -> None:
    assert weeks()[week_index(AS_OF)] == AS_OF
    assert quarters_of(weeks()[[week_index(AS_OF) - 1, week_index(AS_OF)]]).tolist() == ["2025Q4", "2026Q1"]


def test_easter_agrees_with_dateutil_for_three_centuries() -> None:
    assert all(easter(year).date() == known_easter(year) for year in range(1900, 2200))
