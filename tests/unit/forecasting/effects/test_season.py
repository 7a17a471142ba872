from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.forecasting.effects.season import holiday_features
from alignment_lib.inputs.calendar import Calendar


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
