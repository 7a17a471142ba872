"""Periods that hold only part of what they will, found at either end by sums and by days."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.periods.unfinished_periods import find_unfinished, find_unfinished_days
from tests.conftest import shared_folder

MONTH, WEEK = Calendar("month"), Calendar("week")


def seasonal(series: int = 4, periods: int = 60, season: int = 12, noise: float = 0.05) -> np.ndarray:
    """Sales with a season and a little noise."""
    draw = np.random.default_rng(5).normal(0, noise, (series, periods))
    wave = 0.3 * np.sin(2 * np.pi * np.arange(periods) / season)
    return 100 * np.exp(wave + draw) * np.arange(1, series + 1)[:, None]


def ends_found(values: np.ndarray, season: int = 12) -> list[str]:
    periods = pd.date_range("2015-01-01", periods=values.shape[1], freq="7D")
    return [one.end for one in find_unfinished(periods, values, season)]


@given(share=st.floats(0.02, 0.6), size=st.floats(1e-3, 1e12), last=st.booleans())
@settings(max_examples=30, deadline=None)
def test_a_cut_period_is_found_at_either_end_whatever_the_unit(share: float, size: float, last: bool) -> None:
    values = seasonal() * size
    values[:, -1 if last else 0] *= share
    assert ends_found(values) == ["last" if last else "first"]


@pytest.mark.parametrize("season", [4, 12, 52])
def test_whole_periods_are_left_alone_at_every_origin(season: int) -> None:
    values = seasonal(periods=4 * season, season=season)
    assert all(not ends_found(values[:, :stop], season) for stop in range(season, 4 * season + 1))


def test_one_product_that_falls_alone_is_no_cut_period() -> None:
    values = seasonal()
    values[3, -1] *= 0.05
    assert not ends_found(values)


def test_the_weak_month_of_every_year_is_not_unfinished() -> None:
    values = seasonal(periods=61)
    values[:, ::12] *= 0.3
    assert not ends_found(values)


def test_nothing_is_said_of_less_than_a_year_of_steps() -> None:
    values = seasonal(periods=14)
    values[:, -1] *= 0.3
    assert not ends_found(values)


def test_a_total_of_zero_in_the_last_period_is_unfinished() -> None:
    values = seasonal()
    values[:, -1] = 0.0
    assert ends_found(values) == ["last"]


def test_a_list_of_lines_that_ends_in_midweek_is_unfinished() -> None:
    lines = pd.bdate_range("2025-01-06", "2025-12-17")
    assert [one.end for one in find_unfinished_days(lines, WEEK)] == ["last"]
    assert find_unfinished_days(pd.bdate_range("2025-01-06", "2025-12-19"), WEEK) == ()


def test_a_list_that_begins_in_mid_month_has_an_unfinished_first_month() -> None:
    lines = pd.bdate_range("2023-01-19", "2025-12-31")
    found = find_unfinished_days(lines, MONTH)
    assert [(one.end, one.period) for one in found] == [("first", pd.Timestamp("2023-01-01"))]


def test_a_shop_that_sells_once_a_week_is_not_cut() -> None:
    days = pd.date_range("2024-01-01", periods=90, freq="7D")
    assert find_unfinished_days(days, WEEK) == ()


def test_the_month_of_the_case_is_found_and_the_whole_one_is_not() -> None:
    folder = shared_folder("cases/history/r_partial_month")
    for name, expected in (("partial", ["last"]), ("whole", [])):
        table = pd.read_csv(folder / name / "sales.csv", parse_dates=["period"])
        grid = table.pivot_table(index="product", columns="period", values="units")
        found = find_unfinished(pd.DatetimeIndex(grid.columns), grid.to_numpy(float), 12)
        assert [one.end for one in found] == expected
