"""Rounds: names, periods, horizon, and the first period not known."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.inputs.configuration.settings import Settings
from alignment_lib.inputs.configuration.settings_reader import parse_settings
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.periods.rounds import (
    coming_round,
    is_round_name,
    next_round,
    parse_round,
    say_under_way,
    split_round_name,
)
from alignment_lib.inputs.problems import AlignmentError, InputError
from tests.unit.inputs.workspace_files import SETTINGS

MONTHS = Calendar("month")
CHAIN = Calendar("week", week_start=3)


def planning(cycle: str = "quarter", quarters: int = 4) -> Settings:
    return parse_settings(SETTINGS + f'[plan]\ncycle = "{cycle}"\nquarters = {quarters}\n')


calendars = st.one_of(
    st.builds(
        Calendar,
        st.just("week"),
        st.integers(1, 12),
        st.sampled_from(["gregorian", "4-4-5"]),
        st.integers(0, 6),
    ),
    st.builds(Calendar, st.sampled_from(["month", "quarter"]), st.integers(1, 12)),
)
names = st.one_of(
    st.builds("{}Q{}".format, st.integers(1990, 2040), st.integers(1, 4)),
    st.integers(1990, 2040).map(str),
)


def test_the_chains_third_quarter_of_1992() -> None:
    found = parse_round("1992Q3", planning(quarters=1), CHAIN, pd.Timestamp("1992-07-02"))
    assert found.cycle == "quarter"
    assert found.start == found.first_open == pd.Timestamp("1992-07-02")
    assert found.horizon.tolist() == pd.date_range("1992-07-02", periods=13, freq="7D").tolist()
    assert found.cycle_periods.equals(found.horizon)


def test_a_month_a_quarter_and_a_year() -> None:
    month = parse_round("2026-03", planning(), MONTHS)
    quarter = parse_round("2026Q1", planning(), MONTHS)
    year = parse_round("2026", planning(quarters=1), MONTHS)
    assert [len(found.cycle_periods) for found in (month, quarter, year)] == [1, 3, 12]
    assert [len(found.horizon) for found in (month, quarter, year)] == [12, 12, 12]
    assert month.start == pd.Timestamp("2026-03-01")
    assert month.horizon[-1] == pd.Timestamp("2027-02-01")


def test_fiscal_names_follow_the_fiscal_year() -> None:
    calendar = Calendar("month", fiscal_year_start=7)
    assert parse_round("2026Q1", planning(), calendar).start == pd.Timestamp("2025-07-01")
    assert parse_round("2026", planning(), calendar).start == pd.Timestamp("2025-07-01")
    assert parse_round("2026-03", planning(), calendar).start == pd.Timestamp("2026-03-01")


@given(calendars, names)
def test_every_period_of_a_round_bears_its_name_and_its_neighbours_do_not(
    calendar: Calendar, name: str
) -> None:
    found = parse_round(name, planning(), calendar)
    outer = calendar.between(calendar.shift(found.start, -1), calendar.shift(found.cycle_periods[-1], 1))
    labels = calendar.label(outer, found.cycle)
    assert set(labels[1:-1]) == {name}
    assert name not in (labels[0], labels[-1])


@given(calendars, names, st.integers(1, 8))
def test_the_horizon_begins_with_the_round_and_holds_it(calendar: Calendar, name: str, quarters: int) -> None:
    found = parse_round(name, planning(quarters=quarters), calendar)
    count = max(len(found.cycle_periods), 1)
    assert found.horizon[:count].equals(found.cycle_periods[:count])
    assert found.horizon.equals(calendar.between(found.horizon[0], found.horizon[-1]))
    whole = set(calendar.label(found.horizon, "quarter"))
    assert len(whole) == max(quarters, 4 if found.cycle == "year" else 1)


@given(calendars, names)
def test_by_default_a_round_is_planned_on_its_first_day(calendar: Calendar, name: str) -> None:
    found = parse_round(name, planning(), calendar)
    assert found.as_of == found.start == found.first_open


@given(calendars, st.integers(-400, 80))
def test_the_first_open_period_is_the_one_that_holds_the_as_of_date(calendar: Calendar, days: int) -> None:
    start = parse_round("2020Q2", planning(), calendar).start
    as_of = start + pd.Timedelta(days=days)
    found = parse_round("2020Q2", planning(), calendar, as_of)
    before = calendar.shift(found.first_open, -1)
    periods = pd.DatetimeIndex([before, found.first_open])
    assert (calendar.ends(periods) <= as_of).tolist() == [True, False]
    assert found.first_open <= as_of < calendar.shift(found.first_open, 1)


def test_an_as_of_date_inside_the_round_leaves_its_closed_periods_known() -> None:
    found = parse_round("2026", planning(), MONTHS, pd.Timestamp("2026-05-20 14:30"))
    assert found.as_of == pd.Timestamp("2026-05-20")
    assert found.first_open == pd.Timestamp("2026-05-01")
    assert found.start == pd.Timestamp("2026-01-01")


@pytest.mark.parametrize(
    "name",
    [
        *("", "2026Q5", "2026Q0", "2026q1", "2026-00", "2026-13", "2026-3", "26Q1", " 2026Q1", "2026Q1\n"),
        *("2026/Q1", "../2026", "２０２６", "2026Q１", "1899", "2200", "2026Q1.", "2026Q1\0", "2026-03-01"),
        "x" * 300,
    ],
)
def test_any_other_name_is_refused(name: str) -> None:
    assert not is_round_name(name)
    with pytest.raises(AlignmentError) as caught:
        split_round_name(name, MONTHS)
    assert caught.value.exit_code == 2
    shown = repr(name if len(name) <= 40 else name[:37] + "...")
    assert str(caught.value) == (
        f"round: found {shown}, expected a quarter such as 2026Q1, a month such as 2026-03, or a year "
        "such as 2026; "
        "write the round's name in one of these forms"
    )


@given(st.text(max_size=10))
def test_only_names_that_are_safe_as_folders_pass(name: str) -> None:
    if is_round_name(name):
        assert set(name) <= set("0123456789Q-")


def test_a_month_of_quarterly_sales_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        parse_round("2026-03", planning(), Calendar("quarter"))
    assert str(caught.value) == (
        "round: found the month 2026-03, expected a round no finer than the grain `quarter`; plan a "
        "quarter or a year"
    )


@pytest.mark.parametrize("as_of", [pd.NaT, pd.Timestamp("1800-01-01")])
def test_an_impossible_as_of_date_is_refused(as_of: pd.Timestamp) -> None:
    with pytest.raises(InputError, match="expected a day from 1900 to 2199; write it as 2026-01-31"):
        parse_round("2026Q1", planning(), MONTHS, as_of)


def test_the_last_day_of_a_round_may_still_plan_it() -> None:
    assert parse_round("2026Q1", planning(), MONTHS, pd.Timestamp("2026-03-31")).first_open == pd.Timestamp(
        "2026-03-01"
    )
    with pytest.raises(InputError, match="when round 2026Q1 had ended, expected a day before 2026-04-01"):
        parse_round("2026Q1", planning(), MONTHS, pd.Timestamp("2026-04-01"))


@pytest.mark.parametrize(
    ("cycle", "last", "name"),
    [
        ("quarter", "2025-12-01", "2026Q1"),
        ("quarter", "2026-01-01", "2026Q1"),
        ("month", "2025-12-01", "2026-01"),
        ("year", "2025-12-01", "2026"),
    ],
)
def test_the_next_round_holds_the_period_after_the_last_sale(cycle: str, last: str, name: str) -> None:
    assert next_round(MONTHS, planning(cycle), pd.Timestamp(last)) == name


@given(calendars, names)
def test_rounds_of_a_kind_follow_each_other_without_a_gap(calendar: Calendar, name: str) -> None:
    found = parse_round(name, planning(), calendar)
    settings = planning(found.cycle)
    following = parse_round(next_round(calendar, settings, found.cycle_periods[-1]), settings, calendar)
    assert following.start == calendar.shift(found.cycle_periods[-1], 1)


def test_a_cycle_under_way_is_seen_from_the_end_of_what_is_known() -> None:
    settings = planning("quarter")
    found = coming_round(settings, MONTHS, pd.Timestamp("2025-11-01"))
    assert (found.name, f"{found.as_of:%F}", f"{found.first_open:%F}") == (
        "2025Q4",
        "2025-12-01",
        "2025-12-01",
    )
    assert say_under_way(found, MONTHS)[0].text == (
        "2025Q4 is under way: 2 of 3 months are known and stand as sold, the rest is planned."
    )
    whole = coming_round(settings, MONTHS, pd.Timestamp("2025-12-01"))
    assert (whole.name, f"{whole.as_of:%F}") == ("2026Q1", "2026-01-01")
    assert say_under_way(whole, MONTHS) == []
    asked = coming_round(settings, MONTHS, pd.Timestamp("2025-11-01"), pd.Timestamp("2025-11-15"))
    assert f"{asked.first_open:%F}" == "2025-11-01"
