from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.forecasting.effects.drivers.season import holiday_features
from alignment_lib.inputs.periods.calendar import Calendar


def column(calendar: Calendar, start: str, periods: int, country: str, name: str) -> np.ndarray:
    values, names = holiday_features(calendar, calendar.range(pd.Timestamp(start), periods), country)
    return np.asarray(values[:, names.index(name)])


@pytest.mark.parametrize(("start", "easter"), [("1991-01-03", "1991-03-31"), ("1992-01-02", "1992-04-19")])
def test_the_week_of_easter_moves_with_easter(start: str, easter: str) -> None:
    calendar = Calendar("week", week_start=3)
    weeks = calendar.range(pd.Timestamp(start), 30)
    expected = weeks == calendar.floor(pd.DatetimeIndex([easter]))[0]
    assert np.array_equal(column(calendar, start, 30, "US", "easter"), expected.astype(float))


def test_before_and_after_easter_are_the_neighbouring_weeks() -> None:
    calendar = Calendar("week")
    of = int(np.argmax(column(calendar, "2024-01-01", 30, "DE", "easter")))
    assert int(np.argmax(column(calendar, "2024-01-01", 30, "DE", "easter_before"))) == of - 1
    assert int(np.argmax(column(calendar, "2024-01-01", 30, "DE", "easter_after"))) == of + 1


def test_orthodox_countries_keep_orthodox_easter() -> None:
    of = int(np.argmax(column(Calendar("week"), "2024-01-01", 30, "GR", "easter")))
    week = Calendar("week").range(pd.Timestamp("2024-01-01"), 30)[of]
    assert week <= pd.Timestamp("2024-05-05") < week + pd.Timedelta(days=7)


def test_months_hold_the_share_of_the_fortnight_before_easter() -> None:
    # Easter 2024 fell on 31 March: all fifteen days lie in March; in 2023 (9 April) nine of fifteen in April.
    whole = column(Calendar("month"), "2024-01-01", 6, "US", "easter_before")
    assert whole.tolist() == pytest.approx([0, 0, 1, 0, 0, 0])
    shares = column(Calendar("month"), "2023-01-01", 6, "US", "easter_before")
    assert shares[2] == pytest.approx(6 / 15)
    assert shares[3] == pytest.approx(9 / 15)


def test_no_country_gives_no_holidays() -> None:
    periods = pd.date_range("2024-01-01", periods=4, freq="7D")
    assert holiday_features(Calendar("week"), periods, None)[0].shape == (4, 0)


def test_an_unknown_country_is_named() -> None:
    periods = pd.date_range("2024-01-01", periods=4, freq="7D")
    with pytest.raises(ValueError, match="found 'Atlantis', expected a code of the holidays package"):
        holiday_features(Calendar("week"), periods, "Atlantis")


def names_of(country: str, grain: str = "week") -> list[str]:
    calendar = Calendar(grain)  # type: ignore[arg-type]
    return holiday_features(calendar, calendar.range(pd.Timestamp("2016-01-04"), 520), country)[1]


def test_pakistan_keeps_no_easter_though_the_25th_of_december_is_free() -> None:
    assert not [name for name in names_of("PK") if "easter" in name or "christmas" in name]


def test_a_feast_is_of_easter_by_its_distance_and_not_by_a_word() -> None:
    assert not [name for name in names_of("DE") if "Good Friday" in name or "Easter" in name]
    assert "Prophet's Birthday" in names_of("PK")


@pytest.mark.parametrize("country", ["SG", "PK", "ID"])
def test_elections_are_no_feasts(country: str) -> None:
    assert not [name for name in names_of(country) if "Election" in name or "Polling" in name]


def test_a_feast_whose_weekday_wanders_acts_by_its_distance_in_days() -> None:
    calendar = Calendar("week")
    periods = calendar.range(pd.Timestamp("2018-01-01"), 480)
    values, names = holiday_features(calendar, periods, "PK")
    before = values[:, names.index("Eid al-Fitr, week before")]
    of = values[:, names.index("Eid al-Fitr")]
    week = {day: int(periods.get_loc(pd.Timestamp(day))) for day in ("2025-03-24", "2025-03-31")}
    # Monday 31 March 2025: half of the days around it lie in the week before.
    shares = np.expm1([of[week["2025-03-24"]], of[week["2025-03-31"]]]) / np.expm1(1.0)
    assert shares == pytest.approx([3 / 7, 4 / 7], abs=0.01)
    assert before[week["2025-03-24"]] > 0.5


def test_days_of_trade_are_there_where_asked_for() -> None:
    calendar = Calendar("week")
    periods = calendar.range(pd.Timestamp("2024-01-01"), 104)
    plain = holiday_features(calendar, periods, "DE")[1]
    assert not [name for name in plain if name.startswith("commercial:")]
    assert "commercial:black_friday" in holiday_features(calendar, periods, None, commercial=True)[1]
