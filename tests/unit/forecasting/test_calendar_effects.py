from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sales_histories import MONTH, QUARTER, seasonal_values

from alignment_lib.forecasting.baseline import forecast_baseline, run_baseline
from alignment_lib.forecasting.effects.drivers.season import count_working_days
from alignment_lib.forecasting.learning.adjustment import adjust_seasonally, scale_series, season_phase
from alignment_lib.forecasting.past.history import History
from alignment_lib.forecasting.seasons.calendar_effects import calendar_panel, measure_calendar
from alignment_lib.inputs.periods.calendar import Calendar

KNOWN, AHEAD = 84, 12
MONTHS = MONTH.range(pd.Timestamp("2018-01-01"), KNOWN + AHEAD)


def history(values: np.ndarray, calendar: Calendar = MONTH, periods: pd.DatetimeIndex = MONTHS) -> History:
    keys = pd.DataFrame({"product": [f"P{row:02d}" for row in range(len(values))]}, dtype=object)
    return History(calendar, keys, periods[: values.shape[1]], values, "units")


def working_days(periods: pd.DatetimeIndex) -> np.ndarray:
    first = periods.to_numpy().astype("datetime64[D]")
    return np.busday_count(first, (periods + pd.offsets.MonthBegin()).to_numpy().astype("datetime64[D]"))


def test_february_of_a_leap_year_has_more_working_days_than_usual() -> None:
    values, names = calendar_panel(MONTH, pd.DatetimeIndex(["2023-02-01", "2024-02-01"]), None)
    assert names == ["working_days"]
    # 20 and 21 working days; the mean of Februaries over 28 years lies between.
    assert values[0, 0] < 0 < values[1, 0]
    assert values[1, 0] - values[0, 0] == pytest.approx(np.log(21 / 20))


def test_easter_moves_between_march_and_april_where_a_country_is_named() -> None:
    values, names = calendar_panel(MONTH, pd.DatetimeIndex(["2024-03-01", "2025-03-01"]), "DE")
    easter = values[:, names.index("easter_before")]
    assert easter[0] > 0.5 > easter[1]  # Easter was on 31 March 2024 and on 20 April 2025


def test_sales_by_working_day_are_forecast_by_working_day() -> None:
    days = working_days(MONTHS)
    noise = np.random.default_rng(0).normal(0, 0.01, (20, len(MONTHS)))
    values = 100 * days / 21 * np.exp(noise)
    known = history(values[:, :KNOWN])
    made = run_baseline(known, MONTHS[KNOWN:], method="damped", seed=1, draws=20)
    error = np.abs(made.forecast.baseline / values[:, KNOWN:] - 1).mean()
    assert error < 0.02
    slope = made.calendar.ahead / calendar_panel(MONTH, MONTHS, None)[0][KNOWN:, 0]
    assert slope.mean() == pytest.approx(1.0, abs=0.1)
    assert "calendar_effects" in {notice.code for notice in made.forecast.notices}


def test_sales_that_ignore_working_days_keep_next_to_none_of_them() -> None:
    generator = np.random.default_rng(3)
    values = 100 * np.exp(generator.normal(0, 0.1, (40, KNOWN)))
    made = run_baseline(history(values), MONTHS[KNOWN:], method="damped", seed=1, draws=20)
    assert np.abs(made.calendar.ahead).mean() < 0.004


def test_an_easter_peak_moves_with_easter() -> None:
    shares, names = calendar_panel(MONTH, MONTHS, "DE")
    easter = shares[:, names.index("easter_before")]
    noise = np.random.default_rng(1).normal(0, 0.02, (10, len(MONTHS)))
    values = 100 * np.exp(0.4 * easter + noise)
    made = forecast_baseline(
        history(values[:, :KNOWN]), MONTHS[KNOWN:], method="damped", holidays="DE", seed=1, draws=20
    )
    spring = [2, 3]
    error = np.abs(made.baseline[:, spring] / values[:, KNOWN:][:, spring] - 1).mean()
    assert error < 0.06
    plain = forecast_baseline(history(values[:, :KNOWN]), MONTHS[KNOWN:], method="damped", seed=1, draws=20)
    assert error < 0.7 * np.abs(plain.baseline[:, spring] / values[:, KNOWN:][:, spring] - 1).mean()


def test_the_week_of_christmas_is_forecast_where_it_falls() -> None:
    weeks = Calendar("week")
    periods = weeks.range(pd.Timestamp("2019-12-30"), 6 * 52 + 1)
    start, end = periods.to_numpy(), (periods + pd.Timedelta(days=7)).to_numpy()
    holds = np.zeros(len(periods))
    for year in range(2019, 2027):
        day = np.datetime64(f"{year}-12-25")
        holds += (start <= day) & (day < end)
    noise = np.random.default_rng(2).normal(0, 0.05, (8, len(periods)))
    values = 100 * np.exp(-0.8 * holds + noise)
    known = 5 * 52
    keys = pd.DataFrame({"product": [f"P{row}" for row in range(8)]}, dtype=object)
    past = History(weeks, keys, periods[:known], values[:, :known], "units")
    made = forecast_baseline(past, periods[known:], method="damped", holidays="US", seed=1, draws=20)
    week = int(np.flatnonzero(holds[known:])[0])
    assert made.baseline[:, week].mean() == pytest.approx(100 * np.exp(-0.8), rel=0.15)


def test_quarters_carry_feasts_but_no_working_days() -> None:
    periods = QUARTER.range(pd.Timestamp("2018-01-01"), 28)
    assert calendar_panel(QUARTER, periods, None)[1] == []
    assert calendar_panel(QUARTER, periods, "DE")[1] == ["easter_before"]


def test_a_year_of_53_weeks_moves_the_season_by_none() -> None:
    weeks = np.arange(52 * 12)
    phase = season_phase(weeks, 52)
    middle = 2 * np.pi * ((weeks * 7 + 3.5) % 365.2425) / 365.2425
    # The place stays within two weeks of the date all through twelve years, instead of drifting.
    apart = np.angle(np.exp(1j * (2 * np.pi * (phase + 0.5) / 52 - middle)))
    assert np.abs(apart).max() < 2 * 2 * np.pi / 52


def test_siblings_only_say_how_likely_an_effect_is() -> None:
    values = seasonal_values(6, KNOWN, 12, seed=4) * (working_days(MONTHS[:KNOWN]) / 21)
    start = np.zeros(6, dtype=int)
    scaled = scale_series(values, start)
    every = np.ones(6, dtype=bool)

    def measure(rows: np.ndarray) -> np.ndarray:
        part = adjust_seasonally(scaled.z[rows], start[rows], 12)
        return measure_calendar(part, every[rows], MONTH, MONTHS[:KNOWN], MONTHS[KNOWN:], "DE").ahead

    together, alone = measure(np.arange(6)), measure(np.array([2]))[0]
    # Working days move these months by 5 %; what five siblings add to one's own history is a tenth of it.
    assert np.abs(together[2] - alone).max() < 0.005
    halves = [measure(np.arange(0, 6, 2)), measure(np.arange(1, 6, 2))]
    assert np.abs(np.exp(together[[0, 2, 4]]).mean() / np.exp(halves[0]).mean() - 1) < 0.005
    backwards = measure(np.arange(6)[::-1])[::-1]
    assert np.allclose(together, backwards, rtol=1e-9, atol=1e-12)


def test_nothing_after_the_history_enters_what_was_measured() -> None:
    values = seasonal_values(4, KNOWN, 12, seed=5)
    short = run_baseline(history(values), MONTHS[KNOWN : KNOWN + 3], method="theta", seed=1, draws=10)
    long = run_baseline(history(values), MONTHS[KNOWN:], method="theta", seed=1, draws=10)
    assert np.array_equal(short.calendar.past, long.calendar.past)
    assert np.allclose(short.forecast.baseline, long.forecast.baseline[:, :3], rtol=1e-12)


def test_each_country_has_its_own_feasts_and_weekends() -> None:
    codes = np.array(["IL", "IL", "DE", "DE", None, None], dtype=object)
    days = {code: count_working_days(MONTH, MONTHS, code) for code in ("IL", "DE", None)}
    noise = np.random.default_rng(2).normal(0, 0.01, (6, len(MONTHS)))
    values = np.array([100 * days[code] / 21 for code in codes]) * np.exp(noise)
    start, every = np.zeros(6, dtype=int), np.ones(6, dtype=bool)
    scaled = scale_series(values[:, :KNOWN], start)
    part = adjust_seasonally(scaled.z, start, 12)
    found = measure_calendar(part, every, MONTH, MONTHS[:KNOWN], MONTHS[KNOWN:], codes)
    assert set(found.table["country"]) == {"IL", "DE", ""}
    for row, code in enumerate(codes):
        panel, names = calendar_panel(MONTH, MONTHS, code)
        moved = panel[KNOWN:, names.index("working_days")]
        assert np.polyfit(moved, found.ahead[row], 1)[0] == pytest.approx(1.0, abs=0.15)
    (notice,) = found.notices
    assert "public holidays of DE, IL" in notice.text


@pytest.mark.parametrize(("code", "factor"), [("SA", 1.6), ("TR", 0.7), ("MY", 1.3)])
def test_the_month_of_the_fast_moves_with_the_moon(code: str, factor: float) -> None:
    ends = ("2021-05-13", "2022-05-02", "2023-04-21", "2024-04-10", "2025-03-30", "2026-03-20")
    fast = pd.DatetimeIndex(
        [pd.Timestamp(day) - pd.Timedelta(days=lag) for day in ends for lag in range(1, 30)]
    )
    weeks = Calendar("week").range(pd.Timestamp("2022-01-03"), 208 + 13)
    share = np.array([fast.isin(pd.date_range(week, periods=7)).sum() for week in weeks]) / 7
    noise = np.random.default_rng(4).normal(0, 0.04, (4, 208))
    truth = 200 * (1 + (factor - 1) * share)
    known = history(truth[:208] * np.exp(noise), Calendar("week"), weeks)
    made = run_baseline(known, weeks[208:], seed=1, draws=20, holidays=code)
    error = np.abs(made.forecast.baseline.mean(axis=0) / truth[208:] - 1)
    assert error.mean() < 0.05
    assert error.max() < 0.15


def shop(seed: int, weeks: pd.DatetimeIndex) -> np.ndarray:
    """Nine series with a smooth year of plus and minus 60 % and no feast at all."""
    generator = np.random.default_rng(seed)
    wave = 1 + 0.6 * np.sin(2 * np.pi * (np.arange(len(weeks)) / 52.18 + generator.random()))
    noise = generator.normal(0, generator.choice([0.05, 0.1, 0.2, 0.3]), (9, len(weeks)))
    return 100 * np.exp(generator.normal(0, 1, (9, 1)) + noise) * wave


@pytest.mark.parametrize("code", [None, "US", "DE"])
def test_shops_without_feasts_are_told_of_none(code: str | None) -> None:
    calendar = Calendar("week")
    weeks = calendar.range(pd.Timestamp("2023-01-02"), 156)
    start, every = np.zeros(9, dtype=int), np.ones(9, dtype=bool)
    told = 0
    for seed in range(40):
        part = adjust_seasonally(scale_series(shop(seed, weeks), start).z, start, 52)
        found = measure_calendar(part, every, calendar, weeks, calendar.range(weeks[-1], 53)[1:], code)
        told += int(found.table["shown"].any())
    assert told <= 2


def test_days_that_move_sales_are_named_and_no_others() -> None:
    calendar = Calendar("week")
    weeks = calendar.range(pd.Timestamp("2023-01-02"), 156)
    ahead = calendar.range(weeks[-1], 53)[1:]
    panel, names = calendar_panel(calendar, weeks.append(ahead), "DE")
    sales = 100 * np.exp(np.random.default_rng(5).normal(0, 0.05, (9, 156)))
    moved = sales * np.exp(panel[:156, names.index("commercial:black_friday")])
    start, every = np.zeros(9, dtype=int), np.ones(9, dtype=bool)
    part = adjust_seasonally(scale_series(moved, start).z, start, 52)
    found = measure_calendar(part, every, calendar, weeks, ahead, "DE")
    assert found.table.loc[found.table["shown"], "feature"].tolist() == ["commercial:black_friday"]
    assert "put back over the horizon: black friday (public holidays of DE)." in found.notices[0].text
