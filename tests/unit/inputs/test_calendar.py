"""Periods belong to months, quarters and years whole, however the business counts them."""

from __future__ import annotations

import calendar as calendar_names

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_lib.inputs.periods.calendar import Calendar, WeekPattern, YearName
from alignment_lib.inputs.periods.year_starts import parse_year_start

DAY_NAMES, MONTH_NAMES = list(calendar_names.day_name), list(calendar_names.month_name)[1:]


def ruled(
    weekday: str, relation: str, day: int, month: str, pattern: WeekPattern, name: YearName
) -> Calendar:
    """A calendar of weeks whose year begins by a rule."""
    text = f"{weekday} {relation} {day} {month}"
    if relation in ("first", "last"):
        text = f"{relation} {weekday} of {month}"
    rule = parse_year_start(text)
    assert rule is not None
    return Calendar("week", rule.first_month[0], pattern, rule.weekday, text, name)


months = st.integers(1, 12)
weekdays = st.integers(0, 6)
rules = st.sampled_from(["gregorian", "4-4-5", "4-5-4", "5-4-4"])
names = st.sampled_from(["start", "end"])
years = st.integers(1980, 2060)
days = st.dates(pd.Timestamp("1975-01-01").date(), pd.Timestamp("2065-12-31").date()).map(pd.Timestamp)
plain_weeks = st.builds(Calendar, st.just("week"), months, rules, weekdays, st.just(""), names)
ruled_weeks = st.builds(
    ruled,
    st.sampled_from(DAY_NAMES),
    st.sampled_from(["nearest", "on or after", "on or before", "first", "last"]),
    st.integers(1, 28),
    st.sampled_from(MONTH_NAMES),
    st.sampled_from(["4-4-5", "4-5-4", "5-4-4"]),
    names,
)
week_calendars = st.one_of(plain_weeks, ruled_weeks)
whole = st.builds(Calendar, st.sampled_from(["month", "quarter"]), months, year_name=names)
calendars = st.one_of(week_calendars, whole)


def one(day: pd.Timestamp) -> pd.DatetimeIndex:
    return pd.DatetimeIndex([day])


def year_of(calendar: Calendar, year: int) -> pd.DatetimeIndex:
    """All periods of a fiscal year, and one more on either side."""
    start = calendar.year_start(np.array([year]))[0]
    return calendar.between(calendar.shift(start, -1), calendar.shift(start, calendar.season + 1))


@given(calendars, days)
def test_the_period_of_a_day_begins_on_or_before_it_and_ends_after_it(
    calendar: Calendar, day: pd.Timestamp
) -> None:
    first = calendar.floor(one(day))
    assert first[0] <= day < calendar.ends(first)[0]


@given(calendars, days)
def test_a_first_day_is_its_own_floor(calendar: Calendar, day: pd.Timestamp) -> None:
    first = calendar.floor(one(day))
    assert calendar.floor(first).equals(first)


@given(week_calendars, days)
def test_weeks_begin_on_the_chosen_weekday(calendar: Calendar, day: pd.Timestamp) -> None:
    assert calendar.floor(one(day))[0].weekday() == calendar.week_start


@given(calendars, days)
def test_a_period_ends_where_the_next_begins(calendar: Calendar, day: pd.Timestamp) -> None:
    first = calendar.floor(one(day))
    assert calendar.ends(first)[0] == calendar.shift(first[0], 1)


@given(calendars, days, st.integers(-60, 60))
def test_shift_and_count_undo_each_other(calendar: Calendar, day: pd.Timestamp, periods: int) -> None:
    first = calendar.floor(one(day))[0]
    moved = calendar.shift(first, periods)
    assert calendar.count(first, moved) == periods
    assert calendar.shift(moved, -periods) == first
    assert calendar.floor(one(moved))[0] == moved


@given(calendars, days, st.integers(1, 60))
def test_a_range_is_shift_repeated(calendar: Calendar, day: pd.Timestamp, periods: int) -> None:
    first = calendar.floor(one(day))[0]
    expected = [calendar.shift(first, step) for step in range(periods)]
    assert calendar.range(first, periods).tolist() == expected
    assert calendar.between(first, expected[-1]).tolist() == expected


@given(calendars, years)
def test_fiscal_months_never_run_backwards_and_skip_nothing(calendar: Calendar, year: int) -> None:
    steps = np.diff(calendar.fiscal_month(year_of(calendar, year)))
    allowed = {"week": {0, 1}, "month": {1}, "quarter": {3}}[calendar.grain]
    assert set(steps.tolist()) <= allowed


@given(calendars, years)
def test_every_period_lies_in_exactly_one_month_quarter_and_year(calendar: Calendar, year: int) -> None:
    start, end = calendar.year_start(np.array([year, year + 1]))
    periods = calendar.between(start, calendar.shift(end, -1))
    assert set(calendar.label(periods, "year")) == {f"{year}"}
    pieces = [calendar.months_span(12 * year + month, 1) for month in range(12)]
    assert [day for piece in pieces for day in piece] == periods.tolist()
    assert calendar.months_span(12 * year, 12).equals(periods)


@given(calendars, years, st.integers(0, 3))
def test_a_quarter_is_the_union_of_its_three_months(calendar: Calendar, year: int, quarter: int) -> None:
    first = 12 * year + 3 * quarter
    whole = calendar.months_span(first, 3)
    pieces = [calendar.months_span(first + month, 1) for month in range(3)]
    assert whole.tolist() == [day for piece in pieces for day in piece]
    assert set(calendar.label(whole, "quarter")) == {f"{year}Q{quarter + 1}"}


@given(months, weekdays, years)
def test_a_4_4_5_quarter_has_four_four_and_five_weeks(start: int, weekday: int, year: int) -> None:
    calendar = Calendar("week", start, "4-4-5", weekday)
    counts = [len(calendar.months_span(12 * year + month, 1)) for month in range(12)]
    extra = calendar.weeks_in_year(year) - 52
    assert extra in (0, 1)
    assert counts == [4, 4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5 + extra]


@given(months, weekdays, rules)
@settings(max_examples=20)
def test_a_fifty_third_week_comes_every_five_or_six_years(start: int, weekday: int, rule: str) -> None:
    calendar = Calendar("week", start, rule, weekday)  # type: ignore[arg-type]
    long_years = [year for year in range(1975, 2065) if calendar.weeks_in_year(year) == 53]
    assert set(np.diff(long_years).tolist()) <= {5, 6}
    assert {calendar.weeks_in_year(year) for year in range(1975, 2065)} == {52, 53}


@given(plain_weeks, years)
def test_a_fiscal_year_of_weeks_begins_within_three_days_of_its_month(calendar: Calendar, year: int) -> None:
    start = calendar.year_start(np.array([year]))[0]
    calendar_year = year - (calendar.fiscal_year_start > 1 and calendar.year_name == "end")
    first = pd.Timestamp(calendar_year, calendar.fiscal_year_start, 1)
    assert -3 <= (start - first).days <= 3


@given(months, weekdays, days)
def test_a_gregorian_week_belongs_to_the_month_of_its_fourth_day(
    start: int, weekday: int, day: pd.Timestamp
) -> None:
    calendar = Calendar("week", start, "gregorian", weekday)
    week = calendar.floor(one(day))
    assert calendar.label(week, "month")[0] == f"{week[0] + pd.Timedelta(days=3):%Y-%m}"


@given(st.integers(1976, 2060), months)
def test_a_month_by_name_is_the_month_labelled_so(year: int, month: int) -> None:
    calendar = Calendar("week", 7, "4-4-5")
    span = calendar.months_span(calendar.fiscal_of_month(year, month), 1)
    assert set(calendar.label(span, "month")) == {f"{year}-{month:02d}"}


def test_iso_weeks_of_2026_are_fifty_three() -> None:
    # ISO 8601: 2026 begins on a Thursday and has week 53; Monday 2025-12-29 opens its week 1.
    calendar = Calendar("week")
    assert calendar.weeks_in_year(2026) == 53
    assert calendar.year_start(np.array([2026]))[0] == pd.Timestamp("2025-12-29")


@given(st.integers(1980, 2060))
def test_monday_weeks_follow_iso_8601_years(year: int) -> None:
    start = Calendar("week").year_start(np.array([year]))[0]
    assert (start.isocalendar().year, start.isocalendar().week) == (year, 1)


def test_a_fiscal_year_is_named_for_the_year_it_ends_in() -> None:
    calendar = Calendar("month", fiscal_year_start=7)
    periods = pd.DatetimeIndex(["2025-06-01", "2025-07-01", "2026-06-01"])
    assert calendar.label(periods, "year").tolist() == ["2025", "2026", "2026"]
    assert calendar.label(periods, "quarter").tolist() == ["2025Q4", "2026Q1", "2026Q4"]
    assert calendar.label(periods, "month").tolist() == ["2025-06", "2025-07", "2026-06"]


@given(st.integers(1980, 2060), st.integers(1, 12), st.integers(1, 12))
def test_fiscal_quarters_agree_with_pandas(year: int, month: int, start: int) -> None:
    day = pd.Timestamp(year, month, 1)
    ending = ["DEC", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV"][start - 1]
    period = pd.Period(day, freq=f"Q-{ending}")
    label = Calendar("month", start).label(one(day), "quarter")[0]
    assert label == f"{period.qyear}Q{period.quarter}"


@given(st.integers(1980, 2060), st.integers(1, 12), st.integers(1, 12))
def test_quarters_begin_in_the_fiscal_months(year: int, month: int, start: int) -> None:
    calendar = Calendar("quarter", start)
    first = calendar.floor(one(pd.Timestamp(year, month, 15)))[0]
    assert first.day == 1
    assert (first.month - start) % 3 == 0
    assert calendar.ends(one(first))[0] == first + pd.DateOffset(months=3)


@pytest.mark.parametrize("grain", ["week", "month", "quarter"])
def test_no_days_have_no_periods(grain: str) -> None:
    calendar = Calendar(grain)  # type: ignore[arg-type]
    none = pd.DatetimeIndex([])
    assert len(calendar.floor(none)) == len(calendar.label(none, "quarter")) == len(calendar.ends(none)) == 0


@pytest.mark.parametrize(("grain", "season"), [("week", 52), ("month", 12), ("quarter", 4)])
def test_a_year_has_so_many_periods(grain: str, season: int) -> None:
    assert Calendar(grain).season == season  # type: ignore[arg-type]


@given(ruled_weeks, years)
def test_a_year_that_begins_by_a_rule_begins_on_its_weekday(calendar: Calendar, year: int) -> None:
    start, end = calendar.year_start(np.array([year, year + 1]))
    assert start.weekday() == calendar.week_start
    assert (end - start).days in (364, 371)


@given(ruled_weeks, years)
def test_a_year_bears_its_first_months_year_or_its_last_ones(calendar: Calendar, year: int) -> None:
    start, end = calendar.year_start(np.array([year, year + 1]))
    middle = pd.Timedelta(days=16)
    named = start + middle if calendar.year_name == "start" else end - middle
    assert named.year == year


def test_the_retail_calendar_of_the_nrf_is_as_published() -> None:
    # The trade's year ends on the Saturday nearest 31 January, so it begins on the Sunday nearest 1 February.
    retail = Calendar("week", 2, "4-5-4", 6, "Sunday nearest 1 February", "start")
    starts = retail.year_start(np.arange(2021, 2028)).strftime("%Y-%m-%d").tolist()
    published = ["2021-01-31", "2022-01-30", "2023-01-29", "2024-02-04", "2025-02-02", "2026-02-01"]
    assert starts == [*published, "2027-01-31"]
    assert [year for year in range(2006, 2030) if retail.weeks_in_year(year) == 53] == [
        2006,
        2012,
        2017,
        2023,
        2028,
    ]
    months = [len(retail.months_span(retail.fiscal_of_month(2026, month), 1)) for month in range(2, 13)]
    assert months == [4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5]
    quarter = retail.months_span(12 * 2026 + 9, 3)
    assert quarter[0] == pd.Timestamp("2026-11-01")
    assert retail.ends(quarter)[-1] == pd.Timestamp("2027-01-31")


def test_the_sunday_nearest_the_31st_is_taken_at_its_word() -> None:
    # 31 January 2024 is a Wednesday: the Sunday before is three days off, the one after four.
    retail = Calendar("week", 2, "4-5-4", 6, "Sunday nearest 31 January", "start")
    starts = retail.year_start(np.array([2024, 2026])).strftime("%Y-%m-%d").tolist()
    assert starts == ["2024-01-28", "2026-02-01"]


def test_a_year_from_april_may_bear_the_year_it_begins_in() -> None:
    calendar = Calendar("month", 4, year_name="start")
    periods = pd.DatetimeIndex(["2026-03-01", "2026-04-01", "2027-03-01"])
    assert calendar.label(periods, "quarter").tolist() == ["2025Q4", "2026Q1", "2026Q4"]
    assert calendar.label(periods, "month").tolist() == ["2026-03", "2026-04", "2027-03"]


def test_a_year_from_the_last_saturday_of_august() -> None:
    calendar = Calendar("week", 9, "4-4-5", 5, "last Saturday of August")
    assert calendar.year_start(np.array([2027]))[0] == pd.Timestamp("2026-08-29")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Sunday nearest 31 January",
            "the Sunday nearest to January 31",
            "sunday closest to 31st of January",
        ),
        *("Last Saturday in August", "first Monday of Jul", "Monday on or after 1 October"),
    ],
)
def test_a_rule_is_read_as_people_write_it(text: str) -> None:
    assert parse_year_start(text) is not None


@pytest.mark.parametrize(
    "text",
    ["", "February", "Sunday", "Sunday nearest 31 February", "Funday nearest 3 May", "5th Monday of May"],
)
def test_what_is_no_rule_is_none(text: str) -> None:
    assert parse_year_start(text) is None


def test_the_chains_third_quarter_of_1992_begins_on_its_first_july_thursday() -> None:
    calendar = Calendar("week", week_start=3)
    quarter = calendar.months_span(12 * 1992 + 6, 3)
    assert quarter.tolist() == pd.date_range("1992-07-02", periods=13, freq="7D").tolist()
