from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from alignment_lib.forecasting.baseline import forecast_baseline
from alignment_lib.forecasting.learning.adjustment import Scaled, scale_series
from alignment_lib.forecasting.past.history import History
from alignment_lib.forecasting.seasons import dated_peaks
from alignment_lib.forecasting.seasons.dated_peaks import find_dated_peaks
from alignment_lib.forecasting.seasons.week_places import place_weeks
from alignment_lib.forecasting.seasons.week_profiles import find_siblings, measure_profiles, measure_season
from alignment_lib.inputs.periods.calendar import Calendar
from benchmarks.baseline.obvious_sets import load_avocado
from tests.conftest import shared_folder

Rule = Callable[[pd.Timestamp], bool]
YEAR = 52


def mid_august(day: pd.Timestamp) -> bool:
    return (day.month, day.day) == (8, 15)


def last_friday_of_may(day: pd.Timestamp) -> bool:
    return day.month == 5 and day.weekday() == 4 and day.day > 24


def first_saturday_of_october(day: pd.Timestamp) -> bool:
    return day.month == 10 and day.weekday() == 5 and day.day <= 7


def week_37(day: pd.Timestamp) -> bool:
    return day.isocalendar().week == 37


def weeks_from(year: int, count: int) -> pd.DatetimeIndex:
    """Weeks from the Monday on or before 6 January."""
    day = pd.Timestamp(year, 1, 6)
    return pd.date_range(day - pd.Timedelta(days=day.weekday()), periods=count, freq="7D")


def holds(weeks: pd.DatetimeIndex, rule: Rule) -> np.ndarray:
    return np.array([any(rule(day) for day in pd.date_range(week, periods=7)) for week in weeks])


def truth(hit: np.ndarray, factor: float = 2.5) -> np.ndarray:
    season = 0.2 * np.sin(2 * np.pi * np.arange(len(hit)) / 52.18)
    return np.asarray(100 * np.exp(season) * np.where(hit, factor, 1.0))


def noisy(values: np.ndarray, noise: float = 0.05, rows: int = 1) -> np.ndarray:
    drawn = np.random.default_rng(0).normal(0, noise, (rows, len(values)))
    return np.asarray(values * np.exp(drawn))


def scaled_from(weeks: pd.DatetimeIndex, values: np.ndarray) -> Scaled:
    return scale_series(values, np.zeros(len(values), dtype=np.int64), weeks[0].to_datetime64())


def planned(weeks: pd.DatetimeIndex, values: np.ndarray) -> np.ndarray:
    known = values.shape[1]
    past = History(Calendar("week"), pd.DataFrame({"shop": ["S"]}), weeks[:known], values, "units")
    return np.asarray(forecast_baseline(past, weeks[known:], seed=1).baseline[0])


CHANGING = [
    (mid_august, 2020, 3),
    (mid_august, 2021, 4),
    (mid_august, 2018, 5),
    (last_friday_of_may, 2018, 4),
    (last_friday_of_may, 2016, 5),
    (last_friday_of_may, 2020, 5),
    (first_saturday_of_october, 2015, 3),
    (first_saturday_of_october, 2016, 4),
]


@pytest.mark.parametrize(("rule", "year", "years"), CHANGING)
def test_a_peak_by_date_or_weekday_of_a_month_comes_in_its_week(rule: Rule, year: int, years: int) -> None:
    known = YEAR * years
    weeks = weeks_from(year, known + YEAR)
    hit = holds(weeks, rule)
    places, _ = place_weeks(weeks[0].to_datetime64(), np.arange(known))
    assert len(set(places[hit[:known]])) == 2  # it changes its week by number
    whole = truth(hit)
    made = planned(weeks, noisy(whole)[:, :known])
    at = known + int(np.flatnonzero(hit[known:])[0])
    near = slice(at - 2, at + 3)
    assert made[near.start - known : near.stop - known] == pytest.approx(whole[near], rel=0.1)


@pytest.mark.parametrize(("years", "near"), [(2, 0.15), (3, 0.1), (4, 0.1), (5, 0.1)])
def test_a_peak_by_number_of_the_week_and_one_that_came_once_are_left_to_the_profile(
    years: int, near: float
) -> None:
    # Two years are believed a little less: the profile's own rule.
    weeks = weeks_from(2015, YEAR * years)
    by_number, plain = holds(weeks, week_37), np.zeros(YEAR * years, dtype=bool)
    once = plain.copy()
    once[-30] = True
    values = np.vstack([noisy(truth(hit)) for hit in (by_number, plain, once)])
    scaled = scaled_from(weeks, values)
    season = measure_season(scaled)
    assert season.peaks.nnz == 0
    assert season.profile.tobytes() == measure_profiles(scaled).tobytes()
    ahead = season.at(scaled.first_day, np.arange(YEAR * years, YEAR * (years + 1)))
    at = int(np.flatnonzero(holds(weeks_from(2015, YEAR * (years + 1)), week_37)[YEAR * years :])[0])
    beside = (ahead[0, at - 1] + ahead[0, at + 1]) / 2
    assert np.exp(ahead[0, at] - beside) == pytest.approx(2.5, rel=near)


@pytest.mark.parametrize("years", [2, 3, 5])
def test_a_peak_that_came_once_does_not_return(years: int) -> None:
    weeks = weeks_from(2015, YEAR * (years + 1))
    plain = np.zeros(len(weeks), dtype=bool)
    once = plain.copy()
    once[YEAR * years - 30] = True
    made = planned(weeks, noisy(truth(once))[:, : YEAR * years])
    without = planned(weeks, noisy(truth(plain))[:, : YEAR * years])
    assert (made < 1.1 * without).all()
    assert (made > 0.85 * without).all()


def test_two_years_stay_with_the_number_of_the_week() -> None:
    weeks = weeks_from(2020, 2 * YEAR)
    assert find_dated_peaks(scaled_from(weeks, noisy(truth(holds(weeks, mid_august))))).nnz == 0


def test_noise_shows_hardly_ever_a_dated_peak() -> None:
    weeks = weeks_from(2018, 3 * YEAR)
    draws = np.random.default_rng(1).standard_t(4, (1_000, 3 * YEAR))
    found = find_dated_peaks(scaled_from(weeks, 100 * np.exp(0.1 * draws)))
    assert (found.getnnz(axis=1) > 0).mean() < 0.01


def test_siblings_show_together_what_none_shows_alone() -> None:
    weeks = weeks_from(2018, 5 * YEAR)
    scaled = scaled_from(weeks, noisy(truth(holds(weeks, mid_august), 1.35), 0.2, rows=40))
    siblings = find_siblings(pd.DataFrame({"shop": [f"S{row:02d}" for row in range(40)]}))
    assert (find_dated_peaks(scaled).getnnz(axis=1) > 0).mean() < 0.2
    together = np.asarray(find_dated_peaks(scaled, siblings.codes).sum(axis=1)).ravel()
    assert together.mean() == pytest.approx(np.log(1.35), abs=0.05)
    assert (together > 0.1).all()


def test_a_member_that_does_not_follow_its_group_keeps_no_peak() -> None:
    weeks = weeks_from(2018, 5 * YEAR)
    values = noisy(truth(holds(weeks, mid_august)), 0.05, rows=12)
    values[0] = noisy(truth(np.zeros(5 * YEAR, dtype=bool)))
    siblings = find_siblings(pd.DataFrame({"shop": [f"S{row:02d}" for row in range(12)]}))
    sizes = np.asarray(find_dated_peaks(scaled_from(weeks, values), siblings.codes).sum(axis=1)).ravel()
    assert abs(sizes[0]) < 0.1
    assert sizes[1:] == pytest.approx(np.log(2.5), abs=0.1)


def test_a_series_of_its_own_does_not_depend_on_its_company(monkeypatch: pytest.MonkeyPatch) -> None:
    weeks = weeks_from(2018, 5 * YEAR)
    scaled = scaled_from(weeks, noisy(truth(holds(weeks, last_friday_of_may)), 0.05, rows=7))
    whole = find_dated_peaks(scaled).toarray()
    assert whole.any(axis=1).all()
    monkeypatch.setattr(dated_peaks, "_ROWS", 2)
    assert find_dated_peaks(scaled).toarray().tobytes() == whole.tobytes()
    assert find_dated_peaks(scaled.rows(slice(3, 4))).toarray().tobytes() == whole[3:4].tobytes()


def test_weeks_of_no_calendar_and_few_weeks_show_nothing() -> None:
    weeks = weeks_from(2020, 3 * YEAR)
    values = noisy(truth(holds(weeks, mid_august)))
    assert find_dated_peaks(scale_series(values, np.zeros(1, dtype=np.int64))).nnz == 0
    assert find_dated_peaks(scaled_from(weeks, values[:, :9])).nnz == 0
    assert find_dated_peaks(scaled_from(weeks, np.full((1, 3 * YEAR), 5.0))).nnz == 0


def test_ordinary_sales_of_two_and_three_years_keep_their_profile() -> None:
    history = load_avocado(shared_folder("data/avocado"))
    for known in (104, 130, 143):
        scaled = scaled_from(history.periods, history.values[:, :known])
        assert find_dated_peaks(scaled, find_siblings(history.keys).codes).nnz == 0
