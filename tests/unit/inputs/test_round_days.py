from __future__ import annotations

import pandas as pd
import pytest

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.periods.round_days import (
    find_year_before,
    round_title,
    say_round_days,
    sum_where_whole,
)

WEEKS = Calendar("week")


def test_a_quarter_of_twelve_weeks_says_what_it_is_compared_with() -> None:
    before = find_year_before(WEEKS, WEEKS.months_span(12 * 2027, 3), "quarter")
    assert before.is_restated
    assert before.sentence == ("Year before: the 12 weeks from 5 January to 29 March 2026, 52 weeks earlier.")
    assert (before.name, len(before.named)) == ("2026Q1", 13)


@pytest.mark.parametrize("grain", ["month", "quarter"])
def test_whole_months_are_compared_with_those_of_that_name(grain: str) -> None:
    calendar = Calendar(grain, 4)  # type: ignore[arg-type]
    before = find_year_before(calendar, calendar.months_span(12 * 2027, 3), "quarter")
    assert not before.is_restated
    assert before.sentence == ""


def test_after_a_year_of_53_weeks_the_comparison_is_moved_on_by_one() -> None:
    retail = Calendar("week", 2, "4-5-4", 6, "Sunday nearest 1 February", "start")
    before = find_year_before(retail, retail.months_span(12 * 2024, 3), "quarter")
    assert before.compared[0] == retail.shift(before.named[0], 1)
    assert before.is_restated


def test_a_year_of_53_weeks_is_compared_week_by_week() -> None:
    retail = Calendar("week", 2, "4-5-4", 6, "Sunday nearest 1 February", "start")
    before = find_year_before(retail, retail.months_span(12 * 2023, 12), "year")
    assert (len(before.compared), len(before.named)) == (53, 52)


def test_the_name_is_enough_where_the_year_begins_with_january() -> None:
    assert round_title(WEEKS, "2026Q1") == "2026Q1"
    assert round_title(Calendar("month", 7), "2026Q1") == "2026Q1 (1 July to 30 September 2025)"
    assert say_round_days(WEEKS, "2026-03") == "2 March to 29 March 2026"


def test_a_sum_of_which_a_period_lacks_is_no_sum() -> None:
    periods = WEEKS.range(pd.Timestamp("2026-01-05"), 3)
    history = pd.DataFrame({"period": periods[:2], "value": [1.0, 2.0]})
    assert sum_where_whole(history, periods[:2]) == 3.0
    assert pd.isna(sum_where_whole(history, periods))
